"""The similarity of pairs, in blocks: of all pairs, or of those of a shortlist."""


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
        similarity=similarities_with(shortlist=False),
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
    wildcard_constraints:
        similarity=similarities_with(shortlist=False),
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


rule similarity_shortlisted:
    """Compare those pairs of one block of a pairing that another similarity has found most alike."""
    input:
        unpack(compared),
        calibration=feature_calibration,
        shortlist=shortlist_block,
    output:
        pairs="<results>/{dataset}/similarity/{variant}/{encoder}/{similarity}/{pairing}/{block}.parquet",
    log:
        "<logs>/{dataset}/similarity/{variant}/{encoder}/{similarity}/{pairing}/{block}.log",
    benchmark:
        "<benchmarks>/{dataset}/similarity/{variant}/{encoder}/{similarity}/{pairing}/{block}.tsv"
    wildcard_constraints:
        similarity=similarities_with(shortlist=True),
    conda:
        "../envs/similarity.yaml"
    threads: SETTINGS["pairs"]["threads"]
    resources:
        mem_mb=memory("shortlist", of=run_size),
        runtime=minutes("shortlist", of=run_size),
        gpu=GPU,
    params:
        code=shortlist_code,
        seed=SETTINGS["seed"],
        similarity=similarity_settings,
        block=SETTINGS["pairs"]["block"],
        device=SETTINGS["pairs"]["device"],
    script:
        "../scripts/shortlist.py"


rule similarity:
    """Compute the similarities of all runs."""
    input:
        all_blocks(),
    localrule: True
