"""Simulate the chest CT slices of the embedded benchmark."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.files import provenance, write_array, write_table
    from genprint.images.datasets import PHANTOM, content_hashes
    from genprint.images.phantom import phantom

    params = snakemake.params
    images, table = phantom(
        window_center=params.images["window_center"],
        window_width=params.images["window_width"],
        seed=params.seed,
        **params.phantom,
    )
    write_array(snakemake.output.images, images)
    origin = provenance(code=params.code, seed=params.seed, **params.phantom)
    table = table.assign(file=None, sha256=content_hashes(images))
    write_table(snakemake.output.table, table, PHANTOM, origin)
