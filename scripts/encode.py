"""Extract the features of a data set by an encoder that was trained on another."""

from genprint.runtime.gpus import leased
from genprint.runtime.job import logged

with logged(snakemake.log[0]), leased(snakemake.resources.get("gpu")):
    from genprint.encoders import encode
    from genprint.files import read_array, read_weights, write_array
    from genprint.plan.runs import method_options

    settings = snakemake.params.encoder
    # A data set that calibrates others has halves, and so one encoder.
    weights = {name.removeprefix("0/"): array for name, array in read_weights(snakemake.input.weights).items()}
    for side in ("real", "generated"):
        images = read_array(snakemake.input[side])
        features = encode(
            settings["method"], images, weights, device=snakemake.params.device, **method_options(settings)
        )
        write_array(snakemake.output[side], features[None])
