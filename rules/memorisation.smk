"""What generators memorise of few patients, by number of patients, by training, and by kind of generator."""

MEMORISATION = SETTINGS["memorisation"] or {}


rule memorisation_trials:
    """Train a generator on a number of patients, search its releases for copies, and try every method on them."""
    input:
        unpack(lambda wildcards: sources(wildcards.dataset)),
    output:
        trials="<results>/memorisation/{dataset}/{generator}/{patients}/{number}/trials.parquet",
        releases="<results>/memorisation/{dataset}/{generator}/{patients}/{number}/releases.parquet",
        samples="<results>/memorisation/{dataset}/{generator}/{patients}/{number}/samples.npz",
    log:
        "<logs>/memorisation/{dataset}/{generator}/{patients}/{number}.log",
    benchmark:
        "<benchmarks>/memorisation/{dataset}/{generator}/{patients}/{number}.tsv"
    wildcard_constraints:
        generator="[a-z0-9-]+",
        patients="[0-9]+",
        number="[0-9]+",
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        mem_mb=NEEDS.memory("trials"),
        runtime=NEEDS.minutes("trials"),
    params:
        code=VERSIONS.memorisation,
        seed=SETTINGS["seed"],
        images=SETTINGS["images"],
        dataset=lambda wildcards: PLAN.examined_dataset(wildcards.dataset),
        split_into=PLAN.split_into,
        content=lambda wildcards: CONTENTS.version(PLAN.input_files(wildcards.dataset)),
        generator=lambda wildcards: MEMORISATION["generators"][wildcards.generator],
        methods=lambda wildcards: PLAN.examined(wildcards.dataset),
        settings=lambda wildcards: PLAN.examined_settings(wildcards.dataset),
        score_rule=MEMORISATION.get("score_rule"),
        nearest=SETTINGS["copies"]["nearest"],
    script:
        "../scripts/memorisation_trials.py"


rule memorisation_tables:
    """Sum up over seeds what was memorised and what the methods saw of it, and draw both."""
    input:
        trials=PLAN.memorisation_trials("trials.parquet"),
        releases=PLAN.memorisation_trials("releases.parquet"),
    output:
        **printed("memorisation"),
        memorisation="<results>/memorisation/memorisation.parquet",
        methods="<results>/memorisation/methods.parquet",
        png=png("memorisation", "Results"),
        svg="<results>/figures/memorisation.svg",
    log:
        "<logs>/memorisation.log",
    benchmark:
        "<benchmarks>/memorisation.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("memorisation_tables.py"),
        seed=SETTINGS["seed"],
        generators=MEMORISATION.get("generators"),
    script:
        "../scripts/memorisation_tables.py"


rule memorisation:
    """Measure what the generators of the configuration memorise."""
    input:
        memorisation_files,
    localrule: True
