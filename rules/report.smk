"""What people look at: figures, one page with everything, and what it cost."""

CHARTS = ["auc", "roc", "histogram", "heatmap"]
GALLERIES = ["images", "nearest", "similarity", "noise", "enhancement"]
DATASETS_WITH_RUNS = list(dict.fromkeys(run.dataset for run in PLAN.runs))
# Noise and enhancement are shown on the first data set whose images may be shown.
PICTURED = [name for name in DATASETS_WITH_RUNS if may_be_shown(name)]
PICTURED_VARIANTS = list(
    dict.fromkeys(run.variant for run in PLAN.runs if run.dataset in PICTURED[:1])
)
LIMITS = ["limits"] if SETTINGS["limits"] else []
FIGURES = CHARTS + LIMITS + (GALLERIES if PICTURED else [])


rule decisions:
    """Choose the run of a data set that is looked at closely, and note what it decides about every candidate."""
    input:
        unpack(judged_runs),
        selection="<results>/{dataset}/selection.parquet",
    output:
        decisions="<results>/{dataset}/decisions.parquet",
    log:
        "<logs>/{dataset}/decisions.log",
    benchmark:
        "<benchmarks>/{dataset}/decisions.tsv"
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=memory("collection"),
        runtime=minutes("collection"),
    params:
        code=code("decisions.py"),
        seed=SETTINGS["seed"],
        runs=runs_of,
        rule=SETTINGS["tables"]["score_rule"],
        threshold_rule=SETTINGS["tables"]["threshold_rule"],
    script:
        "../scripts/decisions.py"


rule charts:
    """Draw what the tables and the scores say: no image of anyone is in these figures."""
    input:
        ablation="<results>/tables/ablation.parquet",
        decisions=expand("<results>/{name}/decisions.parquet", name=DATASETS_WITH_RUNS),
    output:
        auc=figure("auc", "Results"),
        roc=figure("roc", "Results"),
        histogram=figure("histogram", "Results"),
        heatmap=figure("heatmap", "Results"),
    log:
        "<logs>/charts.log",
    benchmark:
        "<benchmarks>/charts.tsv"
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=memory("collection"),
        runtime=minutes("collection"),
    params:
        code=code("charts.py"),
        seed=SETTINGS["seed"],
        score_rule=SETTINGS["tables"]["score_rule"],
        band={name: SETTINGS["significance"][name] for name in ("resamples", "level")},
    script:
        "../scripts/charts.py"


rule pseudonyms:
    """Name every real image anew; the table translates back and stays with the owner of the images."""
    input:
        images=image_tables("real"),
        skipped=expand("<results>/{name}/images/skipped.csv", name=DATASETS),
    output:
        names="<results>/pseudonyms.csv",
    log:
        "<logs>/pseudonyms.log",
    benchmark:
        "<benchmarks>/pseudonyms.tsv"
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=memory("collection"),
        runtime=minutes("collection"),
    params:
        code=code("pseudonyms.py"),
    script:
        "../scripts/pseudonyms.py"


rule galleries:
    """Draw images, real ones among them, of those data sets whose images may be shown."""
    input:
        real=expand("<results>/{name}/images/real.npy", name=PICTURED),
        real_tables=expand("<results>/{name}/images/real.parquet", name=PICTURED),
        generated=expand("<results>/{name}/images/generated.npy", name=PICTURED),
        generated_tables=expand(
            "<results>/{name}/images/generated.parquet", name=PICTURED
        ),
        decisions=expand("<results>/{name}/decisions.parquet", name=PICTURED),
        variants=shown_images(),
        pseudonyms=pseudonyms(),
    output:
        images=figure("images", "Images"),
        nearest=figure("nearest", "Images"),
        similarity=figure("similarity", "Images"),
        noise=figure("noise", "Images"),
        enhancement=figure("enhancement", "Images"),
    log:
        "<logs>/galleries.log",
    benchmark:
        "<benchmarks>/galleries.tsv"
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=memory("collection"),
        runtime=minutes("collection"),
    params:
        code=code("galleries.py", *method_modules("similarities")),
        datasets=PICTURED,
        variants=PICTURED_VARIANTS,
        noise=variants_with(PICTURED[:1], noise=True),
        enhancement=variants_with(PICTURED[:1], noise=False),
        similarities=image_methods(),
        pairs=2,
    script:
        "../scripts/galleries.py"


rule figures:
    """Draw every figure that may be shown."""
    input:
        expand("<results>/figures/{name}.png", name=FIGURES),
    localrule: True


rule report:
    """Put everything that was found on one page."""
    input:
        tables=expand("<results>/tables/{table}.parquet", table=TABLES + LIMITS),
        decisions=expand("<results>/{name}/decisions.parquet", name=DATASETS_WITH_RUNS),
        charts=expand("<results>/figures/{name}.svg", name=CHARTS + LIMITS),
        galleries=expand(
            "<results>/figures/{name}.png", name=GALLERIES if PICTURED else []
        ),
        captions=captions(FIGURES),
        skipped=expand("<results>/{name}/images/skipped.csv", name=DATASETS),
        pseudonyms=pseudonyms(),
    output:
        page=report(
            "<results>/report.html",
            caption="../report/report.rst",
            category="Results",
            labels={"figure": "everything on one page"},
        ),
        controls="<results>/tables/controls.csv",
        at_risk="<results>/tables/at-risk.csv",
    log:
        "<logs>/report.log",
    benchmark:
        "<benchmarks>/report.tsv"
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=memory("collection"),
        runtime=minutes("collection"),
    params:
        code=code("report.py"),
        all_code=all_code,
        settings=told_settings(),
        dropped=PLAN.dropped,
        runs=len(PLAN.runs),
        at_risk=SETTINGS["report"]["at_risk"],
    script:
        "../scripts/report.py"


rule run_times:
    """Add up what the jobs cost, by stage; apart from the page, which is the same whenever it is made."""
    input:
        rules.report.output,
    output:
        page="<results>/run-times.html",
        csv="<results>/run-times.csv",
    log:
        "<logs>/run_times.log",
    benchmark:
        "<benchmarks>/run_times.tsv"
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=memory("collection"),
        runtime=minutes("collection"),
    params:
        code=code("run_times.py"),
        benchmark=SETTINGS["benchmark"],
        datasets=list(DATASETS),
        benchmarks=f"benchmarks/{SETTINGS['benchmark']}",
    script:
        "../scripts/run_times.py"
