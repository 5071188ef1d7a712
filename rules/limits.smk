"""Limits of detection: the smallest leak that each method finds on a set of real images."""


rule limit_trials:
    """Try every method at every level of a ladder, on some splits of the patients."""
    input:
        unpack(examined_images),
    output:
        trials="<results>/limits/{ladder}/{splits}.parquet",
    log:
        "<logs>/limits/{ladder}/{splits}.log",
    benchmark:
        "<benchmarks>/limits/{ladder}/{splits}.tsv"
    wildcard_constraints:
        ladder="[a-z0-9-]+",
        splits="[0-9]+-[0-9]+",
    conda:
        "../envs/limits.yaml"
    threads: 1
    resources:
        mem_mb=memory("trials", of=ladder_size),
        runtime=minutes("trials", of=ladder_size),
    params:
        code=ladder_code,
        seed=SETTINGS["seed"],
        images=SETTINGS["images"],
        dataset=limits_dataset(),
        ladder=ladder_settings,
        methods=examined_methods,
        settings=examined_settings,
        score_rules=limits_setting("score_rules"),
        permutations=limits_setting("permutations"),
    script:
        "../scripts/limit_trials.py"


rule limit_tables:
    """Fit power against leak, find the smallest leak that is found reliably, and draw both."""
    input:
        trials=trial_files(),
    output:
        power="<results>/limits/power.parquet",
        limits="<results>/limits/limits.parquet",
        parquet=expand("<results>/tables/{table}.parquet", table=["limits", "power"]),
        csv=expand("<results>/tables/{table}.csv", table=["limits", "power"]),
        md=expand("<results>/tables/{table}.md", table=["limits", "power"]),
        tex=expand("<results>/tables/{table}.tex", table=["limits", "power"]),
        png=png("limits", "Results"),
        svg="<results>/figures/limits.svg",
    log:
        "<logs>/limits.log",
    benchmark:
        "<benchmarks>/limits.tsv"
    conda:
        "../envs/limits.yaml"
    threads: 1
    resources:
        mem_mb=memory("collection"),
        runtime=minutes("collection"),
    params:
        code=code("limit_tables.py"),
        seed=SETTINGS["seed"],
        ladders=limits_setting("ladders"),
        power=limits_setting("power"),
        false_alarms=limits_setting("false_alarms"),
        resamples=limits_setting("resamples"),
    script:
        "../scripts/limit_tables.py"


rule limits:
    """Find the limits of detection that the configuration asks for."""
    input:
        limits_asked_for,
    localrule: True
