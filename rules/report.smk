"""What people look at: figures, one page with everything, and what it cost."""

PICTURED = PUBLICATION.pictured
FIGURES = PUBLICATION.charts + PUBLICATION.galleries


rule decisions:
    """Choose the run of a data set that is looked at closely, and note what it decides about every candidate."""
    input:
        unpack(PLAN.judged),
        selection="<results>/{dataset}/selection.parquet",
    output:
        decisions="<results>/{dataset}/decisions.parquet",
    log:
        "<logs>/{dataset}/decisions.log",
    benchmark:
        "<benchmarks>/{dataset}/decisions.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("decisions.py"),
        seed=SETTINGS["seed"],
        runs=lambda wildcards: [
            list(run[1:]) for run in PLAN.runs_on(wildcards.dataset)
        ],
        rule=SETTINGS["tables"]["score_rule"],
        threshold_rule=SETTINGS["tables"]["threshold_rule"],
    script:
        "../scripts/decisions.py"


rule charts:
    """Draw what the tables and the scores say: no image of anyone is in these figures."""
    input:
        ablation="<results>/tables/ablation.parquet",
        decisions=PLAN.dataset_files("decisions.parquet"),
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
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("charts.py"),
        seed=SETTINGS["seed"],
        score_rule=SETTINGS["tables"]["score_rule"],
        band={name: SETTINGS["significance"][name] for name in ("resamples", "level")},
    script:
        "../scripts/charts.py"


rule pseudonyms:
    """Name every real image anew; the table translates back and stays with the owner of the images."""
    input:
        images=PLAN.dataset_files("images/real.parquet", SETTINGS["datasets"]),
        skipped=PLAN.dataset_files("images/skipped.csv", SETTINGS["datasets"]),
    output:
        names="<results>/pseudonyms.csv",
    log:
        "<logs>/pseudonyms.log",
    benchmark:
        "<benchmarks>/pseudonyms.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("pseudonyms.py"),
    script:
        "../scripts/pseudonyms.py"


rule galleries:
    """Draw images, real ones among them, of those data sets whose images may be shown."""
    input:
        real=PLAN.dataset_files("images/real.npy", PICTURED),
        real_tables=PLAN.dataset_files("images/real.parquet", PICTURED),
        generated=PLAN.dataset_files("images/generated.npy", PICTURED),
        generated_tables=PLAN.dataset_files("images/generated.parquet", PICTURED),
        decisions=PLAN.dataset_files("decisions.parquet", PICTURED),
        variants=PUBLICATION.variant_images(),
        pseudonyms=PUBLICATION.pseudonyms,
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
        "../envs/genprint.yaml"
    threads: 1
    resources:
        mem_mb=growing(800, per_mb=0.1),
        runtime=growing(10, per_mb=0.01),
    params:
        code=VERSIONS.code_of_methods("galleries.py", PLAN.methods("similarities")),
        datasets=PICTURED,
        variants=PUBLICATION.variants(),
        noise=PUBLICATION.variants(noise=True),
        enhancement=PUBLICATION.variants(noise=False),
        similarities=PUBLICATION.image_similarities(),
        pairs=2,
    script:
        "../scripts/galleries.py"


rule sheet:
    """Draw some of the images that a trial made, beside those that its generator was trained on."""
    input:
        samples="<results>/{trials}/samples.npz",
    output:
        png="<results>/{trials}/samples.png",
    log:
        "<logs>/{trials}/sheet.log",
    benchmark:
        "<benchmarks>/{trials}/sheet.tsv"
    wildcard_constraints:
        trials="(limits|memorisation)/.+",
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("sheet.py"),
    script:
        "../scripts/sheet.py"


rule figures:
    """Draw every figure that may be shown."""
    input:
        expand(
            "<results>/figures/{name}.png",
            name=FIGURES,
        ),
    localrule: True


rule report:
    """Put everything that was found on one page."""
    input:
        tables=expand(
            "<results>/tables/{table}.parquet",
            table=[*TABLES, *copies.TABLES, *PUBLICATION.limit_tables],
        ),
        decisions=PLAN.dataset_files("decisions.parquet"),
        blind=PLAN.dataset_files("blind.parquet"),
        grey_levels=PLAN.dataset_files("images/grey_levels.parquet"),
        charts=expand("<results>/figures/{name}.svg", name=PUBLICATION.charts),
        galleries=expand("<results>/figures/{name}.png", name=PUBLICATION.galleries),
        captions=[workflow.source_path(f"../report/{name}.rst") for name in FIGURES],
        skipped=PLAN.dataset_files("images/skipped.csv", SETTINGS["datasets"]),
        pseudonyms=PUBLICATION.pseudonyms,
        run_files=PLAN.dataset_files("run_files.parquet", PUBLICATION.decided_datasets),
    output:
        page=report(
            "<results>/report.html",
            caption="../report/report.rst",
            category="Results",
            labels={"figure": "everything on one page"},
        ),
        controls="<results>/tables/controls.csv",
        at_risk="<results>/tables/at-risk.csv",
        patients_at_risk="<results>/tables/patients-at-risk.csv",
        run_files="<results>/tables/run-files.csv",
    log:
        "<logs>/report.log",
    benchmark:
        "<benchmarks>/report.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("report.py"),
        all_code=VERSIONS.everything,
        settings=PUBLICATION.page_settings(),
        dropped=PLAN.plan.dropped,
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
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("run_times.py"),
        benchmark=SETTINGS["benchmark"],
        datasets=list(SETTINGS["datasets"]),
        benchmarks=FOLDERS["benchmarks"],
    script:
        "../scripts/run_times.py"
