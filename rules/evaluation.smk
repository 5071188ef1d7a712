"""Scores, thresholds and metrics of one run, and the statistics of its similarities."""


rule evaluation:
    """Score every real image by every rule, choose thresholds on the calibration half, and measure."""
    input:
        unpack(evidence),
        real="<results>/{dataset}/images/real.parquet",
        generated="<results>/{dataset}/images/generated.parquet",
        thresholds=calibrated_thresholds,
    output:
        scores="<results>/{dataset}/scores/{variant}/{encoder}/{similarity}.parquet",
        thresholds="<results>/{dataset}/thresholds/{variant}/{encoder}/{similarity}.parquet",
        metrics="<results>/{dataset}/metrics/{variant}/{encoder}/{similarity}.parquet",
        nearest="<results>/{dataset}/nearest/{variant}/{encoder}/{similarity}.parquet",
    log:
        "<logs>/{dataset}/evaluation/{variant}/{encoder}/{similarity}.log",
    benchmark:
        "<benchmarks>/{dataset}/evaluation/{variant}/{encoder}/{similarity}.tsv"
    conda:
        "../envs/evaluation.yaml"
    threads: 1
    resources:
        mem_mb=memory("evaluation", of=run_size),
        runtime=minutes("evaluation", of=run_size),
    params:
        code=code("evaluation.py"),
        seed=SETTINGS["seed"],
        identical=identical,
        scores=SETTINGS["scores"],
        thresholds=SETTINGS["thresholds"],
        top=pairs_kept,
    script:
        "../scripts/evaluation.py"


rule statistics:
    """Mean, minimum and maximum of the similarities of a run, by pairing and label."""
    input:
        unpack(all_pairings),
        real="<results>/{dataset}/images/real.parquet",
        generated="<results>/{dataset}/images/generated.parquet",
    output:
        statistics="<results>/{dataset}/statistics/{variant}/{encoder}/{similarity}.parquet",
    log:
        "<logs>/{dataset}/statistics/{variant}/{encoder}/{similarity}.log",
    benchmark:
        "<benchmarks>/{dataset}/statistics/{variant}/{encoder}/{similarity}.tsv"
    conda:
        "../envs/evaluation.yaml"
    threads: 1
    resources:
        mem_mb=memory("statistics"),
        runtime=minutes("statistics"),
    params:
        code=code("pair_statistics.py"),
        seed=SETTINGS["seed"],
    script:
        "../scripts/pair_statistics.py"
