"""Compare all pairs of one block of a pairing."""

from genprint.job import logged

with logged(snakemake.log[0]):
    from genprint.artifacts import provenance, read_array, read_constants, read_ids, write_pairs
    from genprint.configuration import method_options
    from genprint.pairs import ID_COLUMNS, compare, kept
    from genprint.runs import block_slices

    files, settings = snakemake.input, snakemake.params.similarity
    rows, columns = block_slices(snakemake.wildcards.block, snakemake.params.block)
    similarity = compare(
        settings["method"],
        read_array(files.left)[rows],
        read_array(files.right)[columns],
        constants=read_constants(files.calibration),
        threads=snakemake.threads,
        device=snakemake.params.device,
        **method_options(settings),
    )
    with_itself = files.left == files.right and rows == columns
    positions = kept(similarity, upper=with_itself, top=snakemake.params.top)
    left_column, right_column = ID_COLUMNS[snakemake.wildcards.pairing]
    write_pairs(
        snakemake.output.pairs,
        {
            left_column: read_ids(files.left_table)[rows],
            right_column: read_ids(files.right_table)[columns],
        },
        positions,
        similarity[positions],
        provenance(code=snakemake.params.code, seed=snakemake.params.seed, similarity=settings),
    )
