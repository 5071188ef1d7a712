"""The papers' tables and the ablation."""

TABLES = [
    "verdicts",
    "selection",
    "2024-table-1",
    "2024-table-2",
    "2024-table-3",
    "2025-table-1",
    "2025-table-2",
    "2025-table-3",
    "ablation",
]


rule tables:
    """Write the tables of both papers and the ablation as csv, Markdown and LaTeX."""
    input:
        metrics=runs_files("metrics"),
        significance=dataset_files("significance"),
        selection=dataset_files("selection"),
        statistics=statistics_files(),
        real=image_tables("real"),
        generated=image_tables("generated"),
        limits=limits_file(),
        reported=reported_files(),
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
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=memory("collection"),
        runtime=minutes("collection"),
    params:
        code=code("tables.py"),
        seed=SETTINGS["seed"],
        names=TABLES,
        noise=noise_variants(),
        settings=told_settings(),
    script:
        "../scripts/tables.py"
