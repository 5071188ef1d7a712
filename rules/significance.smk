"""Uncertainty of all runs of a data set: intervals, permutation tests, and the best combinations."""


rule significance:
    """Test every combination of a data set against chance, and pick the best on either half."""
    input:
        unpack(PLAN.evaluated),
    output:
        significance="<results>/{dataset}/significance.parquet",
        selection="<results>/{dataset}/selection.parquet",
    log:
        "<logs>/{dataset}/significance.log",
    benchmark:
        "<benchmarks>/{dataset}/significance.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("significance.py"),
        seed=SETTINGS["seed"],
        significance=SETTINGS["significance"],
    script:
        "../scripts/significance.py"
