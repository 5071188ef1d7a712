"""Compare all pairs of one block of one pairing, or of several."""

from genprint.job import logged

with logged(snakemake.log[0]):
    from genprint.artifacts import provenance, read_array, read_constants, read_ids, write_pairs
    from genprint.configuration import method_options
    from genprint.pairs import ID_COLUMNS, compare, kept
    from genprint.runs import SIDES, block_slices

    files, params, settings = snakemake.input, snakemake.params, snakemake.params.similarity
    rows, columns = block_slices(snakemake.wildcards.get("block", "0-0"), params.block)
    constants, origin = (
        read_constants(files.calibration),
        provenance(code=params.code, seed=params.seed, similarity=settings),
    )
    for pairing, output in zip(params.pairings, snakemake.output, strict=True):
        left, right = SIDES[pairing]
        similarity = compare(
            settings["method"],
            read_array(files[left])[rows],
            read_array(files[right])[columns],
            constants=constants,
            threads=snakemake.threads,
            device=params.device,
            **method_options(settings),
        )
        positions = kept(similarity, upper=left == right and rows == columns, top=params.top)
        ids = [read_ids(files[f"{left}_table"])[rows], read_ids(files[f"{right}_table"])[columns]]
        write_pairs(output, dict(zip(ID_COLUMNS[pairing], ids, strict=True)), positions, similarity[positions], origin)
