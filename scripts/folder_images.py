"""Read, check and resize the image files of a data set; split the labelled ones by patient."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.copies.exact import pixel_hashes, refuse_conflicts
    from genprint.files import provenance, write_array, write_table, write_text
    from genprint.images.datasets import GREY_LEVELS, IMAGES, grey_levels, read, skipped_csv
    from genprint.images.folder import Annotation
    from genprint.images.reading import read_images

    params, dataset = snakemake.params, snakemake.params.dataset
    found = read_images(
        {role: snakemake.input.get(role) for role in dataset["roles"]},
        patterns=dataset["roles"],
        labels=dataset["labels"] and Annotation(**dataset["labels"]),
        groups=dataset["groups"] and Annotation(**dataset["groups"]),
        **params.images,
    )
    refuse_conflicts(found.table["image_id"], found.table["label"], pixel_hashes(found.images))
    sides = read(found.images, found.table, split_into=params.split_into, seed=params.seed)
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
