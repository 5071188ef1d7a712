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
        "../envs/images.yaml"
    threads: 1
    resources:
        mem_mb=memory("images"),
        runtime=minutes("images"),
    params:
        code=code("phantom.py"),
        seed=SETTINGS["seed"],
        images=SETTINGS["images"],
        phantom=SETTINGS["phantom"],
    script:
        "../scripts/phantom.py"


rule folder_images:
    """Read, check and resize the image files of a data set; split the labelled ones into halves."""
    input:
        unpack(folder_files),
    output:
        real="<results>/{dataset}/images/real.npy",
        real_table="<results>/{dataset}/images/real.parquet",
        generated="<results>/{dataset}/images/generated.npy",
        generated_table="<results>/{dataset}/images/generated.parquet",
        skipped="<results>/{dataset}/images/skipped.csv",
    log:
        "<logs>/{dataset}/images.log",
    benchmark:
        "<benchmarks>/{dataset}/images.tsv"
    wildcard_constraints:
        dataset=datasets_from("folder"),
    conda:
        "../envs/images.yaml"
    threads: 1
    resources:
        mem_mb=memory("images"),
        runtime=minutes("images"),
    params:
        code=code("folder_images.py"),
        seed=SETTINGS["seed"],
        images=SETTINGS["images"],
        dataset=dataset_settings,
    script:
        "../scripts/folder_images.py"


rule controlled_images:
    """Split real images by patient, train a generator on one part only, and sample it."""
    input:
        unpack(controlled_files),
    output:
        real="<results>/{dataset}/images/real.npy",
        real_table="<results>/{dataset}/images/real.parquet",
        generated="<results>/{dataset}/images/generated.npy",
        generated_table="<results>/{dataset}/images/generated.parquet",
        skipped="<results>/{dataset}/images/skipped.csv",
    log:
        "<logs>/{dataset}/images.log",
    benchmark:
        "<benchmarks>/{dataset}/images.tsv"
    wildcard_constraints:
        dataset=datasets_from("controlled"),
    conda:
        "../envs/torch.yaml"
    threads: generator_threads
    resources:
        mem_mb=memory("images"),
        runtime=minutes("images"),
        gpu=generator_gpu,
    params:
        code=controlled_code,
        seed=SETTINGS["seed"],
        images=SETTINGS["images"],
        dataset=dataset_settings,
    script:
        "../scripts/controlled_images.py"
