"""The similarity of pairs, in blocks: of all pairs, or of those of a shortlist."""


# The images of a small data set are compared in one job, as starting a job costs more than the work.
ruleorder: similarity_run > similarity_block


rule similarity_run:
    """Compare all pairs of both pairings that a run is scored by, where all images fit into one block."""
    input:
        unpack(PLAN.compared),
        calibration=PLAN.constants,
    output:
        real_generated="<results>/{dataset}/similarity/<run_of_all_pairs>/real-generated/0-0.parquet",
        real_real="<results>/{dataset}/similarity/<run_of_all_pairs>/real-real/0-0.parquet",
    log:
        "<logs>/{dataset}/similarity/<run_of_all_pairs>.log",
    benchmark:
        "<benchmarks>/{dataset}/similarity/<run_of_all_pairs>.tsv"
    wildcard_constraints:
        dataset=PLAN.dataset_pattern(one_block=True),
    conda:
        "../envs/genprint.yaml"
    threads: SETTINGS["pairs"]["threads"]
    resources:
        mem_mb=NEEDS.memory("similarity"),
        runtime=NEEDS.minutes("similarity"),
        gpu=GPU,
    params:
        code=VERSIONS.code("similarity.py", "similarities"),
        seed=SETTINGS["seed"],
        similarity=lookup(within=SETTINGS["similarities"], dpath="{similarity}"),
        pairings=SCORED,
        block=SETTINGS["pairs"]["block"],
        top=SETTINGS["pairs"]["top"],
        device=SETTINGS["pairs"]["device"],
    script:
        "../scripts/similarity.py"


rule similarity_block:
    """Compare all pairs of one block of a pairing."""
    input:
        unpack(PLAN.compared),
        calibration=PLAN.constants,
    output:
        pairs="<results>/{dataset}/similarity/<run_of_all_pairs>/{pairing}/{block}.parquet",
    log:
        "<logs>/{dataset}/similarity/<run_of_all_pairs>/{pairing}/{block}.log",
    benchmark:
        "<benchmarks>/{dataset}/similarity/<run_of_all_pairs>/{pairing}/{block}.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: SETTINGS["pairs"]["threads"]
    resources:
        mem_mb=NEEDS.memory("similarity"),
        runtime=NEEDS.minutes("similarity"),
        gpu=GPU,
    params:
        code=VERSIONS.code("similarity.py", "similarities"),
        seed=SETTINGS["seed"],
        similarity=lookup(within=SETTINGS["similarities"], dpath="{similarity}"),
        pairings=lambda wildcards: [wildcards.pairing],
        block=SETTINGS["pairs"]["block"],
        top=SETTINGS["pairs"]["top"],
        device=SETTINGS["pairs"]["device"],
    script:
        "../scripts/similarity.py"


rule similarity_shortlisted:
    """Compare those pairs of one block of a pairing that another similarity has found most alike."""
    input:
        unpack(PLAN.compared),
        calibration=PLAN.constants,
        shortlist=PLAN.shortlist,
    output:
        pairs="<results>/{dataset}/similarity/<run_of_shortlist>/{pairing}/{block}.parquet",
    log:
        "<logs>/{dataset}/similarity/<run_of_shortlist>/{pairing}/{block}.log",
    benchmark:
        "<benchmarks>/{dataset}/similarity/<run_of_shortlist>/{pairing}/{block}.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: SETTINGS["pairs"]["threads"]
    resources:
        mem_mb=NEEDS.memory("shortlist"),
        runtime=NEEDS.minutes("shortlist"),
        gpu=GPU,
    params:
        code=VERSIONS.code("shortlist.py", "similarities"),
        seed=SETTINGS["seed"],
        similarity=lookup(within=SETTINGS["similarities"], dpath="{similarity}"),
        block=SETTINGS["pairs"]["block"],
        device=SETTINGS["pairs"]["device"],
    script:
        "../scripts/shortlist.py"


rule similarity:
    """Compute the similarities of all runs."""
    input:
        PLAN.all_blocks(),
    localrule: True
