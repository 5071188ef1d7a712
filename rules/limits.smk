"""Limits of detection: the smallest leak that each method finds on a set of real images."""

LIMITS = SETTINGS["limits"] or {}


rule limit_trials:
    """Try every method at every level of a ladder, on some splits of the patients."""
    input:
        unpack(lambda wildcards: sources(LIMITS["dataset"])),
    output:
        trials="<results>/limits/{ladder}/{splits}/trials.parquet",
        releases="<results>/limits/{ladder}/{splits}/releases.parquet",
        samples="<results>/limits/{ladder}/{splits}/samples.npz",
    log:
        "<logs>/limits/{ladder}/{splits}.log",
    benchmark:
        "<benchmarks>/limits/{ladder}/{splits}.tsv"
    wildcard_constraints:
        ladder="[a-z0-9-]+",
        splits="[0-9]+-[0-9]+",
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        mem_mb=NEEDS.memory("trials"),
        runtime=NEEDS.minutes("trials"),
    params:
        code=VERSIONS.ladder,
        seed=SETTINGS["seed"],
        images=SETTINGS["images"],
        dataset=lambda wildcards: PLAN.examined_dataset(LIMITS["dataset"]),
        split_into=lambda wildcards: PLAN.parts(LIMITS["dataset"]),
        content=lambda wildcards: CONTENTS.version(PLAN.input_files(LIMITS["dataset"])),
        ladder=lambda wildcards: LIMITS["ladders"][wildcards.ladder],
        methods=lambda wildcards: PLAN.examined(LIMITS["dataset"]),
        settings=lambda wildcards: PLAN.examined_settings(LIMITS["dataset"]),
        score_rules=LIMITS.get("score_rules"),
        permutations=LIMITS.get("permutations"),
        nearest=SETTINGS["copies"]["nearest"] if LIMITS.get("copies") else None,
    script:
        "../scripts/limit_trials.py"


rule limit_tables:
    """Fit power against leak, find the smallest leak that is found reliably, and draw both."""
    input:
        trials=PLAN.trials("trials.parquet"),
        releases=PLAN.trials("releases.parquet"),
    output:
        **printed("limits", "power", "withheld"),
        power="<results>/limits/power.parquet",
        limits="<results>/limits/limits.parquet",
        withheld="<results>/limits/withheld.parquet",
        png=png("limits", "Results"),
        svg="<results>/figures/limits.svg",
    log:
        "<logs>/limits.log",
    benchmark:
        "<benchmarks>/limits.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        **COLLECTING,
    params:
        code=VERSIONS.code("limit_tables.py"),
        seed=SETTINGS["seed"],
        ladders=LIMITS.get("ladders"),
        power=LIMITS.get("power"),
        false_alarms=LIMITS.get("false_alarms"),
        resamples=LIMITS.get("resamples"),
    script:
        "../scripts/limit_tables.py"


rule limits:
    """Find the limits of detection that the configuration asks for."""
    input:
        limit_files,
    localrule: True
