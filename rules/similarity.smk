"""The similarity of all pairs, in blocks."""


# The images of a small data set are compared in one job, as starting a job costs more than the work.
ruleorder: similarity_run > similarity_block


rule similarity_run:
    """Compare all pairs of both pairings that a run is scored by, where all images fit into one block."""
    input:
        unpack(compared_by_run),
        calibration=feature_calibration,
    output:
        real_generated="<results>/{dataset}/similarity/{variant}/{encoder}/{similarity}/real-generated/0-0.parquet",
        real_real="<results>/{dataset}/similarity/{variant}/{encoder}/{similarity}/real-real/0-0.parquet",
    log:
        "<logs>/{dataset}/similarity/{variant}/{encoder}/{similarity}.log",
    benchmark:
        "<benchmarks>/{dataset}/similarity/{variant}/{encoder}/{similarity}.tsv"
    wildcard_constraints:
        dataset=datasets_of_one_block(),
    conda:
        "../envs/similarity.yaml"
    threads: SETTINGS["pairs"]["threads"]
    resources:
        mem_mb=memory("similarity"),
        runtime=minutes("similarity"),
        gpu=GPU,
    params:
        code=similarity_code,
        seed=SETTINGS["seed"],
        similarity=similarity_settings,
        pairings=[REAL_GENERATED, REAL_REAL],
        block=SETTINGS["pairs"]["block"],
        top=SETTINGS["pairs"]["top"],
        device=SETTINGS["pairs"]["device"],
    script:
        "../scripts/similarity.py"


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
        mem_mb=memory("similarity"),
        runtime=minutes("similarity"),
        gpu=GPU,
    params:
        code=similarity_code,
        seed=SETTINGS["seed"],
        similarity=similarity_settings,
        pairings=pairings_of_block,
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
