"""Compare those pairs of one block of a pairing that another similarity has found most alike."""

from genprint.runtime.gpus import leased
from genprint.runtime.job import logged

with logged(snakemake.log[0]), leased(snakemake.resources.get("gpu")):
    from genprint.files import provenance, read_array, read_constants, read_origin, read_table
    from genprint.pairs.comparing import Compared, compare_listed_sides, fingerprint, known
    from genprint.pairs.shards import keep, read_matrix, reuse, write_pairs
    from genprint.plan.runs import SIDES, block_slices, method_options

    files, params, settings = snakemake.input, snakemake.params, snakemake.params.similarity
    output, pairing = snakemake.output.pairs, snakemake.wildcards.pairing
    left, right = SIDES[pairing]
    rows, columns = block_slices(snakemake.wildcards.block, params.block)
    constants = read_constants(files.calibration)
    sides = [
        Compared.of(read_array(files[side]), read_table(files[f"{side}_table"]), chosen)
        for side, chosen in ((left, rows), (right, columns))
    ]
    ids = [side.ids for side in sides]
    listed_by = {name: read_origin(files.shortlist)[name] for name in ("code", "parameters")}
    compared = fingerprint(*sides, listed_by=listed_by, device=params.device, **constants)
    origin = provenance(code=params.code, seed=params.seed, similarity=settings, compared=compared)
    if reuse(output, origin):
        print(f"{output}: the same images as before, nothing to compare")
    else:
        same = left == right and rows == columns
        positions = known(
            read_matrix([files.shortlist], *ids, symmetric=same),
            upper=same,
            top=settings["shortlist"]["nearest"],
        )
        similarity = compare_listed_sides(
            settings["method"],
            *sides,
            positions,
            constants=constants,
            threads=snakemake.threads,
            device=params.device,
            **method_options(settings),
        )
        write_pairs(output, pairing, ids, positions, similarity, origin)
        keep(output)
