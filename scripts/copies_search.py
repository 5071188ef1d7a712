"""Find the most promising pairs of one block of one pairing, or of several, and align them."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.copies.collapse import WORTH_ALIGNING
    from genprint.copies.search import CANDIDATES, search_block
    from genprint.files import provenance, read_array, read_table, write_table
    from genprint.plan.runs import GENERATED_GENERATED, SIDES, block_slices

    files, params = snakemake.input, snakemake.params
    rows, columns = block_slices(snakemake.wildcards.get("block", "0-0"), params.block)
    for pairing, output in zip(params.pairings, snakemake.output, strict=True):
        left, right = SIDES[pairing]
        candidates = search_block(
            read_array(files[left]),
            read_array(files[right]),
            rows,
            columns,
            patients=[read_table(files[f"{side}_table"])["group"].to_numpy(object) for side in (left, right)],
            same=left == right,
            in_place=WORTH_ALIGNING if pairing == GENERATED_GENERATED else None,
            nearest=params.nearest,
            threads=snakemake.threads,
        )
        origin = provenance(code=params.code, seed=params.seed, pairing=pairing, nearest=params.nearest)
        write_table(output, candidates, CANDIDATES, origin)
