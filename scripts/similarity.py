"""Compare all pairs of one block of one pairing, or of several."""

from genprint.runtime.gpus import leased
from genprint.runtime.job import logged

with logged(snakemake.log[0]), leased(snakemake.resources.get("gpu")):
    from genprint.files import provenance, read_array, read_constants, read_table
    from genprint.pairs.comparing import Compared, compare_sides, fingerprint, known
    from genprint.pairs.shards import keep, reuse, write_pairs
    from genprint.plan.runs import SIDES, block_slices, method_options

    files, params, settings = snakemake.input, snakemake.params, snakemake.params.similarity
    rows, columns = block_slices(snakemake.wildcards.get("block", "0-0"), params.block)
    constants = read_constants(files.calibration)
    for pairing, output in zip(params.pairings, snakemake.output, strict=True):
        left, right = SIDES[pairing]
        sides = [
            Compared.of(read_array(files[side]), read_table(files[f"{side}_table"]), chosen)
            for side, chosen in ((left, rows), (right, columns))
        ]
        compared = fingerprint(*sides, top=params.top, device=params.device, **constants)
        origin = provenance(code=params.code, seed=params.seed, similarity=settings, compared=compared)
        if reuse(output, origin):
            print(f"{output}: the same images as before, nothing to compare")
            continue
        similarity = compare_sides(
            settings["method"],
            *sides,
            constants=constants,
            threads=snakemake.threads,
            device=params.device,
            **method_options(settings),
        )
        positions = known(similarity, upper=left == right and rows == columns, top=params.top)
        write_pairs(output, pairing, [side.ids for side in sides], positions, similarity[positions], origin)
        keep(output)
