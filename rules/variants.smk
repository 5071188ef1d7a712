"""Enhancement and noise."""


rule variant:
    """Apply one enhancement, or one kind of noise, to the images of a data set."""
    input:
        real="<results>/{dataset}/images/real.npy",
        real_table="<results>/{dataset}/images/real.parquet",
        generated="<results>/{dataset}/images/generated.npy",
        generated_table="<results>/{dataset}/images/generated.parquet",
    output:
        real="<results>/{dataset}/variants/{variant}/real.npy",
        generated="<results>/{dataset}/variants/{variant}/generated.npy",
    log:
        "<logs>/{dataset}/variants/{variant}.log",
    benchmark:
        "<benchmarks>/{dataset}/variants/{variant}.tsv"
    conda:
        "../envs/genprint.yaml"
    threads: 1
    resources:
        mem_mb=growing(600, per_mb=2),
        runtime=growing(10, per_mb=0.03),
    params:
        code=VERSIONS.code("variant.py", "variants"),
        seed=SETTINGS["seed"],
        variant=lookup(within=SETTINGS["variants"], dpath="{variant}"),
    script:
        "../scripts/variant.py"
