"""Uncertainty of all runs of a data set: intervals, permutation tests, and the best combinations."""


rule significance:
    """Test every combination of a data set against chance, and pick the best."""
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
        learnt=lambda wildcards: [
            PLAN.learnt(run) for run in PLAN.runs_on(wildcards.dataset)
        ],
    script:
        "../scripts/significance.py"


rule blind:
    """Tell whether labels can be read from the real images alone, and how alike generated images are to them."""
    input:
        real="<results>/{dataset}/images/real.npy",
        table="<results>/{dataset}/images/real.parquet",
        generated="<results>/{dataset}/images/generated.npy",
    output:
        blind="<results>/{dataset}/blind.parquet",
        fidelity="<results>/{dataset}/fidelity.parquet",
    log:
        "<logs>/{dataset}/blind.log",
    benchmark:
        "<benchmarks>/{dataset}/blind.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        mem_mb=growing(900, per_mb=2),
        runtime=growing(10, per_mb=0.1),
    params:
        code=VERSIONS.code("blind.py"),
        seed=SETTINGS["seed"],
    script:
        "../scripts/blind.py"
