"""Train an encoder on the calibration half, calibrate what its features are compared with, and extract them."""

from genprint.runtime.gpus import leased
from genprint.runtime.job import logged

with logged(snakemake.log[0]), leased(snakemake.resources.get("gpu")):
    from genprint.encoders import calibration, encode, train, training_set
    from genprint.files import (
        file_hash,
        provenance,
        read_array,
        read_table,
        write_array,
        write_constants,
        write_weights,
    )
    from genprint.plan.runs import method_options

    files, settings, device = snakemake.input, snakemake.params.encoder, snakemake.params.device
    images, table = [read_array(files.real), read_array(files.generated)], read_table(files.table)
    learnt, labels = training_set(*images, table)
    options = method_options(settings)
    weights = train(settings["method"], learnt, labels, seed=snakemake.params.seed, device=device, **options)
    origin = provenance(
        code=snakemake.params.code,
        seed=snakemake.params.seed,
        encoder=settings,
        pretrained_sha256=file_hash(files.pretrained),
    )
    write_weights(snakemake.output.weights, weights, origin)
    features = [encode(settings["method"], side, weights, device=device, **options) for side in images]
    of_learnt, _ = training_set(*features, table)
    write_constants(snakemake.output.calibration, calibration(of_learnt, binarise=snakemake.params.binarise))
    for side, extracted in zip(("real", "generated"), features, strict=True):
        write_array(snakemake.output[side], extracted)
