"""Scores, thresholds and metrics of one run, and the statistics of its similarities."""


rule evaluation:
    """Score every real image by every rule, choose thresholds on the calibration half, and measure."""
    input:
        unpack(PLAN.evidence),
        real="<results>/{dataset}/images/real.parquet",
        generated="<results>/{dataset}/images/generated.parquet",
        thresholds=PLAN.thresholds,
    output:
        scores="<results>/{dataset}/scores/<run>.parquet",
        thresholds="<results>/{dataset}/thresholds/<run>.parquet",
        metrics="<results>/{dataset}/metrics/<run>.parquet",
        nearest="<results>/{dataset}/nearest/<run>.parquet",
        sets="<results>/{dataset}/sets/<run>.parquet",
    log:
        "<logs>/{dataset}/evaluation/<run>.log",
    benchmark:
        "<benchmarks>/{dataset}/evaluation/<run>.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        mem_mb=NEEDS.memory("evaluation"),
        runtime=NEEDS.minutes("evaluation"),
    params:
        code=VERSIONS.code("evaluation.py"),
        seed=SETTINGS["seed"],
        identical=lambda wildcards: PLAN.facts("similarities", wildcards.similarity)[
            "IDENTICAL"
        ],
        learnt=PLAN.learnt,
        scores=SETTINGS["scores"],
        thresholds=SETTINGS["thresholds"],
        permutations=SETTINGS["significance"]["permutations"],
        top=PLAN.nearest,
    script:
        "../scripts/evaluation.py"


rule statistics:
    """Mean, minimum and maximum of the similarities of a run, by pairing and label."""
    input:
        unpack(PLAN.all_pairings),
        real="<results>/{dataset}/images/real.parquet",
        generated="<results>/{dataset}/images/generated.parquet",
    output:
        statistics="<results>/{dataset}/statistics/<run>.parquet",
    log:
        "<logs>/{dataset}/statistics/<run>.log",
    benchmark:
        "<benchmarks>/{dataset}/statistics/<run>.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        mem_mb=growing(650, per_mb=0),
        runtime=growing(10, per_mb=0.01),
    params:
        code=VERSIONS.code("pair_statistics.py"),
        seed=SETTINGS["seed"],
    script:
        "../scripts/pair_statistics.py"
