"""The similarity of all pairs, in blocks."""


rule similarity_block:
    """Compare all pairs of one block of a pairing."""
    input:
        unpack(compared),
        calibration=feature_calibration,
    output:
        pairs="<results>/{dataset}/similarity/{variant}/{encoder}/{similarity}/{pairing}/{block}.parquet",
    log:
        "<logs>/{dataset}/similarity/{variant}/{encoder}/{similarity}/{pairing}/{block}.log",
    benchmark:
        "<benchmarks>/{dataset}/similarity/{variant}/{encoder}/{similarity}/{pairing}/{block}.tsv"
    conda:
        "../envs/similarity.yaml"
    threads: SETTINGS["pairs"]["threads"]
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=similarity_code,
        seed=SETTINGS["seed"],
        similarity=similarity_settings,
        block=SETTINGS["pairs"]["block"],
        top=SETTINGS["pairs"]["top"],
        device=SETTINGS["pairs"]["device"],
    script:
        "../scripts/similarity.py"


rule similarity:
    """Compute the similarities of all pairs of all runs."""
    input:
        all_blocks(),
    localrule: True
