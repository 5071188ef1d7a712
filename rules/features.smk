"""Trained encoders and the features they extract. The encoder `pixels` passes this stage by."""


rule train:
    """Train an encoder for each part that is judged, calibrate what its features are compared with, and extract them."""
    input:
        unpack(PLAN.encoded),
        table="<results>/{dataset}/images/real.parquet",
        pretrained=lambda wildcards: ancient(PLAN.pretrained(wildcards)),
    output:
        weights="<results>/{dataset}/features/{variant}/{encoder}/weights.safetensors",
        calibration="<results>/{dataset}/features/{variant}/{encoder}/calibration.npz",
        real="<results>/{dataset}/features/{variant}/{encoder}/real.npy",
        generated="<results>/{dataset}/features/{variant}/{encoder}/generated.npy",
    log:
        "<logs>/{dataset}/features/{variant}/{encoder}/train.log",
    benchmark:
        "<benchmarks>/{dataset}/features/{variant}/{encoder}/train.tsv"
    wildcard_constraints:
        dataset=PLAN.dataset_pattern(calibrated_elsewhere=False),
    conda:
        "../envs/genprint.yaml"
    threads: lookup(within=SETTINGS["encoders"], dpath="{encoder}/threads", default=1)
    resources:
        mem_mb=NEEDS.memory("train"),
        runtime=NEEDS.minutes("train"),
        gpu=GPU,
    params:
        code=VERSIONS.code("train.py", "encoders"),
        seed=SETTINGS["seed"],
        encoder=lookup(within=SETTINGS["encoders"], dpath="{encoder}"),
        binarise=SETTINGS["features"]["binarise"],
        content=lambda wildcards: CONTENTS.version(PLAN.pretrained(wildcards)),
        device=SETTINGS["pairs"]["device"],
    script:
        "../scripts/train.py"


rule encode:
    """Extract the features of a data set by an encoder that was trained on another."""
    input:
        unpack(PLAN.encoded),
        weights=PLAN.weights,
    output:
        real="<results>/{dataset}/features/{variant}/{encoder}/real.npy",
        generated="<results>/{dataset}/features/{variant}/{encoder}/generated.npy",
    log:
        "<logs>/{dataset}/features/{variant}/{encoder}/encode.log",
    benchmark:
        "<benchmarks>/{dataset}/features/{variant}/{encoder}/encode.tsv"
    wildcard_constraints:
        dataset=PLAN.dataset_pattern(calibrated_elsewhere=True),
    conda:
        "../envs/genprint.yaml"
    threads: lookup(within=SETTINGS["encoders"], dpath="{encoder}/threads", default=1)
    resources:
        mem_mb=growing(900, per_mb=1),
        runtime=growing(10, per_mb=0.2),
        gpu=GPU,
    params:
        code=VERSIONS.code("encode.py", "encoders"),
        encoder=lookup(within=SETTINGS["encoders"], dpath="{encoder}"),
        device=SETTINGS["pairs"]["device"],
    script:
        "../scripts/encode.py"


rule features:
    """Extract everything that runs compare."""
    input:
        PLAN.features(),
    localrule: True
