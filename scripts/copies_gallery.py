"""Draw copies beside the real images that they are copies of, of those data sets whose images may be shown."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.copies.overlay import registered_pairs
    from genprint.files import read_array, read_tables
    from genprint.report.figures import save
    from genprint.report.figures.copies import copied_figure

    files, params = snakemake.input, snakemake.params
    pairs = [
        pair
        for table, *sides in zip(
            read_tables(files.copied), map(read_array, files.real), map(read_array, files.generated), strict=True
        )
        for pair in registered_pairs(table, *sides, most=params.most)
    ]
    save(copied_figure(pairs), *snakemake.output)
