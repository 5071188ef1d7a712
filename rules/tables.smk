"""The papers' tables and the ablation."""


rule tables:
    """Write the tables of both papers and the ablation as csv, Markdown and LaTeX."""
    input:
        metrics=PLAN.files("metrics"),
        sets=PLAN.files("sets"),
        significance=PLAN.dataset_files("significance.parquet"),
        selection=PLAN.dataset_files("selection.parquet"),
        statistics=PLAN.statistics(),
        real=PLAN.dataset_files("images/real.parquet", SETTINGS["datasets"]),
        generated=PLAN.dataset_files("images/generated.parquet", SETTINGS["datasets"]),
        blind=PLAN.dataset_files("blind.parquet"),
        fidelity=PLAN.dataset_files("fidelity.parquet"),
        grey_levels=PLAN.dataset_files("images/grey_levels.parquet"),
        copies=COPIES.judged("copies"),
        spikes=COPIES.judged("spikes"),
        run_files=PLAN.dataset_files("run_files.parquet", PUBLICATION.decided_datasets),
        limits="<results>/limits/limits.parquet" if SETTINGS["limits"] else [],
        reported=[
            workflow.source_path(f"../config/reported/{name}.csv")
            for name in PUBLICATION.reported
        ],
    output:
        parquet=expand("<results>/tables/{table}.parquet", table=TABLES),
        csv=[table(name) for name in TABLES],
        md=expand("<results>/tables/{table}.md", table=TABLES),
        tex=expand("<results>/tables/{table}.tex", table=TABLES),
    log:
        "<logs>/tables.log",
    benchmark:
        "<benchmarks>/tables.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("tables.py"),
        seed=SETTINGS["seed"],
        names=TABLES,
        noise=PUBLICATION.noise,
        settings=PUBLICATION.table_settings(),
    script:
        "../scripts/tables.py"
