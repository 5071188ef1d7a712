"""The papers' tables, the ablation, the figures, and the run files for images without labels."""

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
UNLABELLED = [
    run for run in PLAN.runs if "unknown" in DATASETS[run.dataset].get("roles", {})
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
        reported=reported_files(),
    output:
        csv=expand("<results>/tables/{table}.csv", table=TABLES),
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
        mem_mb=4000,
        runtime=60,
    params:
        code=code("tables.py"),
        names=TABLES,
        settings=SETTINGS,
    script:
        "../scripts/tables.py"


rule submissions:
    """Write decisions on images without labels, in the form the challenge asks for."""
    input:
        submission_files(),
    localrule: True


rule submission:
    """Decide on every image without a label, and write the run file."""
    input:
        images="<results>/{dataset}/images/real.parquet",
        scores="<results>/{dataset}/scores/{variant}/{encoder}/{similarity}.parquet",
        thresholds="<results>/{dataset}/thresholds/{variant}/{encoder}/{similarity}.parquet",
    output:
        "<results>/submissions/{dataset}/{variant}/{encoder}/{similarity}.csv",
    log:
        "<logs>/{dataset}/submissions/{variant}/{encoder}/{similarity}.log",
    benchmark:
        "<benchmarks>/{dataset}/submissions/{variant}/{encoder}/{similarity}.tsv"
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("submission.py"),
        tables=SETTINGS["tables"],
        submissions=SETTINGS["submissions"],
    script:
        "../scripts/submission.py"
