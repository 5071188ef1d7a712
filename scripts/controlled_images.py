"""Split real images by patient, train a generator on one part only, and sample it."""

from genprint.runtime.gpus import leased
from genprint.runtime.job import logged

with logged(snakemake.log[0]), leased(snakemake.resources.get("gpu")):
    from genprint.files import provenance, write_array, write_table, write_text
    from genprint.images.datasets import GREY_LEVELS, IMAGES, controlled, grey_levels, real_images, skipped_csv
    from genprint.images.splits import split_patients

    files, params, dataset = snakemake.input, snakemake.params, snakemake.params.dataset
    found = real_images(files, dataset, **params.images)
    sides = controlled(
        found.images,
        found.table,
        parts=split_patients(found.table["group"], dataset["shares"], params.seed),
        trained_on=dataset["trained_on"],
        generator=dataset["generator"],
        samples=dataset["samples"],
        split_into=params.split_into,
        seed=params.seed,
    )
    origin = provenance(code=params.code, seed=params.seed, images=params.images, dataset=dataset)
    for name, side in zip(("real", "generated"), sides, strict=True):
        write_array(snakemake.output[name], side.images)
        table = side.table.assign(dataset=snakemake.wildcards.dataset)
        write_table(snakemake.output[f"{name}_table"], table, IMAGES, origin)
    levels = grey_levels(snakemake.wildcards.dataset, found)
    write_table(snakemake.output.grey_levels, levels, GREY_LEVELS, origin)
    if found.warning:
        print(f"Warning: {snakemake.wildcards.dataset}: {found.warning}")
    write_text(snakemake.output.skipped, skipped_csv(snakemake.wildcards.dataset, [*params.no_files, *found.skipped]))
