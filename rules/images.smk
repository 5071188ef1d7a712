"""From image files, or from the phantom and a generator, to arrays with a table of what each image is."""


rule phantom:
    """Simulate the chest CT slices of the embedded benchmark."""
    output:
        images="<results>/phantom/real.npy",
        table="<results>/phantom/real.parquet",
    log:
        "<logs>/phantom.log",
    benchmark:
        "<benchmarks>/phantom.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000, per_mb=20),
        runtime=growing(10, per_mb=0.1),
    params:
        code=VERSIONS.code("phantom.py"),
        seed=SETTINGS["seed"],
        images=SETTINGS["images"],
        phantom=SETTINGS["phantom"],
    script:
        "../scripts/phantom.py"


rule folder_images:
    """Read, check and resize the image files of a data set; split the labelled ones by patient."""
    input:
        unpack(lambda wildcards: sources(wildcards.dataset)),
    output:
        real="<results>/{dataset}/images/real.npy",
        real_table="<results>/{dataset}/images/real.parquet",
        generated="<results>/{dataset}/images/generated.npy",
        generated_table="<results>/{dataset}/images/generated.parquet",
        grey_levels="<results>/{dataset}/images/grey_levels.parquet",
        skipped="<results>/{dataset}/images/skipped.csv",
    log:
        "<logs>/{dataset}/images.log",
    benchmark:
        "<benchmarks>/{dataset}/images.tsv"
    wildcard_constraints:
        dataset=PLAN.dataset_pattern(source="folder"),
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000, per_mb=20),
        runtime=growing(10, per_mb=0.1),
    params:
        code=VERSIONS.code("folder_images.py"),
        seed=SETTINGS["seed"],
        images=SETTINGS["images"],
        dataset=lookup(within=SETTINGS["datasets"], dpath="{dataset}"),
        no_files=lambda wildcards: PLAN.no_files[wildcards.dataset],
        split_into=PLAN.split_into,
        content=lambda wildcards: CONTENTS.version(PLAN.input_files(wildcards.dataset)),
    script:
        "../scripts/folder_images.py"


rule controlled_images:
    """Split real images by patient, train a generator on one part only, and sample it."""
    input:
        unpack(lambda wildcards: sources(wildcards.dataset)),
    output:
        real="<results>/{dataset}/images/real.npy",
        real_table="<results>/{dataset}/images/real.parquet",
        generated="<results>/{dataset}/images/generated.npy",
        generated_table="<results>/{dataset}/images/generated.parquet",
        grey_levels="<results>/{dataset}/images/grey_levels.parquet",
        skipped="<results>/{dataset}/images/skipped.csv",
    log:
        "<logs>/{dataset}/images.log",
    benchmark:
        "<benchmarks>/{dataset}/images.tsv"
    wildcard_constraints:
        dataset=PLAN.dataset_pattern(source="controlled"),
    conda:
        "../envs/genprint.yaml"
    threads: lookup(within=SETTINGS["datasets"], dpath="{dataset}/generator/threads", default=1)
    resources:
        mem_mb=growing(1000, per_mb=20),
        runtime=growing(10, per_mb=0.1),
        gpu=lambda wildcards: int(
            SETTINGS["datasets"][wildcards.dataset]["generator"].get("device", "cpu")
            != "cpu"
        ),
    params:
        code=VERSIONS.code("controlled_images.py", "datasets"),
        seed=SETTINGS["seed"],
        images=SETTINGS["images"],
        dataset=lookup(within=SETTINGS["datasets"], dpath="{dataset}"),
        no_files=lambda wildcards: PLAN.no_files[wildcards.dataset],
        split_into=PLAN.split_into,
        content=lambda wildcards: CONTENTS.version(PLAN.input_files(wildcards.dataset)),
    script:
        "../scripts/controlled_images.py"
