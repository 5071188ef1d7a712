"""Train an encoder on the calibration half; keep its weights and the constants its features calibrate."""

from genprint.gpus import leased
from genprint.job import logged

with logged(snakemake.log[0]), leased(snakemake.resources.get("gpu")):
    from genprint.artifacts import file_hash, provenance, read_array, read_table, write_constants, write_weights
    from genprint.configuration import method_options
    from genprint.encoders import calibration, encode, train
    from genprint.training import training_set

    settings, device = snakemake.params.encoder, snakemake.params.device
    images, labels = training_set(
        read_array(snakemake.input.real),
        read_array(snakemake.input.generated),
        read_table(snakemake.input.table),
    )
    options = method_options(settings)
    weights = train(settings["method"], images, labels, seed=snakemake.params.seed, device=device, **options)
    origin = provenance(
        code=snakemake.params.code,
        seed=snakemake.params.seed,
        encoder=settings,
        pretrained_sha256=file_hash(snakemake.input.pretrained),
    )
    write_weights(snakemake.output.weights, weights, origin)
    features = encode(settings["method"], images, weights, device=device, **options)
    write_constants(snakemake.output.calibration, calibration(features, binarise=snakemake.params.binarise))
