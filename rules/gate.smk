"""The verdicts for machines, and a target that fails where something must not be published."""


rule verdict:
    """Write the verdicts for machines."""
    input:
        verdicts="<results>/tables/verdicts.parquet",
    output:
        "<results>/verdict.json",
    log:
        "<logs>/verdict.log",
    benchmark:
        "<benchmarks>/verdict.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("verdict.py"),
        all_code=VERSIONS.everything,
        seed=SETTINGS["seed"],
        benchmark=SETTINGS["benchmark"],
        datasets={
            name: {"source": dataset["source"]}
            for name, dataset in SETTINGS["datasets"].items()
        },
    script:
        "../scripts/verdict.py"


rule gate:
    """Fail where a verdict keeps generated images from being published; it leaves no file, so it always runs."""
    input:
        rules.verdict.output,
    log:
        "<logs>/gate.log",
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("gate.py"),
        fail_on=SETTINGS["gate"]["fail_on"],
    script:
        "../scripts/gate.py"
