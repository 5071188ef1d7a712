"""Encoders, what they are trained on, and what they yield. No rules here."""


def encoder_code(wildcards):
    """Version of the code behind an encoder."""
    return version("train.py", method_module("encoders", wildcards.encoder))


def encoding_code(wildcards):
    """Version of the code that extracts features."""
    return version("encode.py", method_module("encoders", wildcards.encoder))


def encoder_settings(wildcards):
    """Method and options of an encoder."""
    return SETTINGS["encoders"][wildcards.encoder]


def encoder_threads(wildcards):
    """Threads that an encoder is configured for: its weights depend on them."""
    return SETTINGS["encoders"][wildcards.encoder].get("threads", 1)


def encoded_images(wildcards):
    """The images that an encoder is trained on, and those that it encodes."""
    return {
        side: variant_images(wildcards.dataset, wildcards.variant, side)
        for side in ("real", "generated")
    }


def pretrained_weights(wildcards):
    """The local file of weights that an encoder starts from, if its configuration names one."""
    return SETTINGS["encoders"][wildcards.encoder].get("pretrained") or []


def trained_weights(wildcards):
    """Weights of an encoder, trained on the data set that calibrates this one."""
    dataset = calibrator(wildcards.dataset)
    return f"<results>/{dataset}/features/{wildcards.variant}/{wildcards.encoder}/weights.safetensors"


def compared_images(dataset, variant, encoder, side):
    """The array that a similarity compares: features, the images of a variant, or the images as they are."""
    if declared(method_module("encoders", encoder))["YIELDS"] == "vector":
        return f"<results>/{dataset}/features/{variant}/{encoder}/{side}.npy"
    return variant_images(dataset, variant, side)


def feature_calibration(wildcards):
    """Constants that features are compared with; images need none."""
    if declared(method_module("encoders", wildcards.encoder))["YIELDS"] == "image":
        return []
    dataset = calibrator(wildcards.dataset)
    return f"<results>/{dataset}/features/{wildcards.variant}/{wildcards.encoder}/calibration.npz"


def all_features():
    """Features of every run whose encoder extracts any."""
    return [
        compared_images(run.dataset, run.variant, run.encoder, side)
        for run in dict.fromkeys([*PLAN.runs, *map(of_all_pairs, PLAN.runs)])
        for side in ("real", "generated")
    ]
