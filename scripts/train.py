"""Train an encoder on the calibration half; keep its weights and the constants its features calibrate."""

from genprint.job import logged

with logged(snakemake.log[0]):
    from safetensors.numpy import save_file

    from genprint.artifacts import read_array, read_table, replacing, write_constants
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
    with replacing(snakemake.output.weights) as temporary:
        save_file(weights, temporary)
    features = encode(settings["method"], images, weights, device=device, **options)
    write_constants(snakemake.output.calibration, calibration(features, binarise=snakemake.params.binarise))
