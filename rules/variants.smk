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
        "../envs/images.yaml"
    threads: 1
    resources:
        mem_mb=memory("variants"),
        runtime=minutes("variants"),
    params:
        code=variant_code,
        seed=SETTINGS["seed"],
        variant=variant_settings,
    script:
        "../scripts/variant.py"
