"""Trained encoders and the features they extract. The encoder `pixels` passes this stage by."""


rule train:
    """Train an encoder on the calibration half, calibrate what its features are compared with, and extract them."""
    input:
        unpack(encoded_images),
        table="<results>/{dataset}/images/real.parquet",
        pretrained=pretrained_weights,
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
        dataset=datasets_calibrated(elsewhere=False),
    conda:
        "../envs/torch.yaml"
    threads: encoder_threads
    resources:
        mem_mb=memory("train", of=encoder_size),
        runtime=minutes("train", of=encoder_size),
        gpu=GPU,
    params:
        code=encoder_code,
        seed=SETTINGS["seed"],
        encoder=encoder_settings,
        binarise=SETTINGS["features"]["binarise"],
        device=SETTINGS["pairs"]["device"],
    script:
        "../scripts/train.py"


rule encode:
    """Extract the features of a data set by an encoder that was trained on another."""
    input:
        unpack(encoded_images),
        weights=trained_weights,
    output:
        real="<results>/{dataset}/features/{variant}/{encoder}/real.npy",
        generated="<results>/{dataset}/features/{variant}/{encoder}/generated.npy",
    log:
        "<logs>/{dataset}/features/{variant}/{encoder}/encode.log",
    benchmark:
        "<benchmarks>/{dataset}/features/{variant}/{encoder}/encode.tsv"
    wildcard_constraints:
        dataset=datasets_calibrated(elsewhere=True),
    conda:
        "../envs/torch.yaml"
    threads: encoder_threads
    resources:
        mem_mb=memory("encode", of=encoder_size),
        runtime=minutes("encode", of=encoder_size),
        gpu=GPU,
    params:
        code=encoding_code,
        encoder=encoder_settings,
        device=SETTINGS["pairs"]["device"],
    script:
        "../scripts/encode.py"


rule features:
    """Extract everything that runs compare."""
    input:
        all_features(),
    localrule: True
