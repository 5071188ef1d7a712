"""Which of several real sets trained the generator of an image: subtask 2 of 2025, apart from the benchmark."""

IDENTIFIED = PLAN.identified()


rule identify:
    """Put every generated image to the real set that it is nearest to, and ask the same of real images first."""
    input:
        unpack(identified_files),
    output:
        predictions="<results>/identify/predictions.csv",
        csv="<results>/identify/accuracy.csv",
        md="<results>/identify/accuracy.md",
    log:
        "<logs>/identify.log",
    benchmark:
        "<benchmarks>/identify.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000, per_mb=40),
        runtime=growing(20, per_mb=1),
    params:
        code=VERSIONS.code_of_methods("identify.py", PLAN.methods("encoders")),
        seed=SETTINGS["seed"],
        images=SETTINGS["images"],
        patterns=IDENTIFIED,
        content=lambda wildcards: CONTENTS.version(
            [file for files in list_files(IDENTIFIED).values() for file in files]
        ),
        groups=(SETTINGS["identify"] or {}).get("groups"),
        encoder=SETTINGS["encoders"].get((SETTINGS["identify"] or {}).get("encoder")),
        device=SETTINGS["pairs"]["device"],
        permutations=SETTINGS["significance"]["permutations"],
    script:
        "../scripts/identify.py"
