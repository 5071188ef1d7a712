"""Train an encoder on the calibration half, calibrate what its features are compared with, and extract them."""

from genprint.runtime.gpus import leased
from genprint.runtime.job import logged

with logged(snakemake.log[0]), leased(snakemake.resources.get("gpu")):
    from genprint.encoders import learn
    from genprint.files import (
        file_hash,
        provenance,
        read_array,
        read_table,
        write_array,
        write_constants,
        write_weights,
    )

    files, params = snakemake.input, snakemake.params
    learnt = learn(
        params.encoder,
        read_array(files.real),
        read_array(files.generated),
        read_table(files.table),
        seed=params.seed,
        device=params.device,
        binarise=params.binarise,
    )
    origin = provenance(
        code=params.code,
        seed=params.seed,
        encoder=params.encoder,
        pretrained_sha256=file_hash(next(iter(files.pretrained), None)),
    )
    write_weights(snakemake.output.weights, learnt.weights, origin)
    write_constants(snakemake.output.calibration, learnt.constants)
    write_array(snakemake.output.real, learnt.real)
    write_array(snakemake.output.generated, learnt.generated)
