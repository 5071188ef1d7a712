"""What people look at: figures, and one page with everything."""

# Variants are shown on the first data set that has runs.
PICTURED = list(
    dict.fromkeys(
        run.variant for run in PLAN.runs if run.dataset == PLAN.runs[0].dataset
    )
)


rule figures:
    """Draw the images, their variants, and the AUC of every run beside its control."""
    input:
        ablation="<results>/tables/ablation.csv",
        real=expand("<results>/{name}/images/real.npy", name=DATASETS),
        real_tables=image_tables("real"),
        generated=expand("<results>/{name}/images/generated.npy", name=DATASETS),
        variants=pictured_variants(),
    output:
        auc="<results>/figures/auc.png",
        images="<results>/figures/images.png",
        variants="<results>/figures/variants.png",
    log:
        "<logs>/figures.log",
    benchmark:
        "<benchmarks>/figures.tsv"
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code("figures.py"),
        datasets=list(DATASETS),
        variants=PICTURED,
        score_rule=SETTINGS["tables"]["score_rule"],
    script:
        "../scripts/figures.py"


rule report:
    """Put tables, figures and everything that was left out on one page."""
    input:
        tables=expand("<results>/tables/{table}.csv", table=TABLES),
        figures=rules.figures.output,
        skipped=expand("<results>/{name}/images/skipped.csv", name=DATASETS),
    output:
        report="<results>/report.html",
    log:
        "<logs>/report.log",
    benchmark:
        "<benchmarks>/report.tsv"
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code("report.py"),
        settings=SETTINGS,
        dropped=PLAN.dropped,
        runs=len(PLAN.runs),
    script:
        "../scripts/report.py"
