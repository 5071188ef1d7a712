"""Apply one enhancement, or one kind of noise, to the images of a data set."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.files import read_array, read_table, write_array
    from genprint.plan.runs import method_options
    from genprint.variants import variant

    settings = snakemake.params.variant
    for side in ("real", "generated"):
        images = variant(
            settings["method"],
            read_array(snakemake.input[side]),
            read_table(snakemake.input[f"{side}_table"])["sha256"],
            seed=snakemake.params.seed,
            slug=snakemake.wildcards.variant,
            side=side,
            **method_options(settings),
        )
        write_array(snakemake.output[side], images)
