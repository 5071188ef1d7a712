"""Compare those pairs of one block of a pairing that another similarity has found most alike."""

from genprint.runtime.gpus import leased
from genprint.runtime.job import logged

with logged(snakemake.log[0]), leased(snakemake.resources.get("gpu")):
    from genprint.files import provenance, read_array, read_constants, read_ids, read_origin
    from genprint.pairs.comparing import compare_listed, fingerprint, shortlisted
    from genprint.pairs.shards import keep, read_matrix, reuse, write_pairs
    from genprint.plan.runs import SIDES, block_slices, method_options

    files, params, settings = snakemake.input, snakemake.params, snakemake.params.similarity
    output, pairing = snakemake.output.pairs, snakemake.wildcards.pairing
    left, right = SIDES[pairing]
    rows, columns = block_slices(snakemake.wildcards.block, params.block)
    constants = read_constants(files.calibration)
    images = read_array(files[left])[rows], read_array(files[right])[columns]
    ids = read_ids(files[f"{left}_table"])[rows], read_ids(files[f"{right}_table"])[columns]
    listed_by = {name: read_origin(files.shortlist)[name] for name in ("code", "parameters")}
    compared = fingerprint(*images, ids, listed_by=listed_by, device=params.device, **constants)
    origin = provenance(code=params.code, seed=params.seed, similarity=settings, compared=compared)
    if reuse(output, origin):
        print(f"{output}: the same images as before, nothing to compare")
    else:
        same = left == right and rows == columns
        positions = shortlisted(
            read_matrix([files.shortlist], *ids, symmetric=same),
            upper=same,
            nearest=settings["shortlist"]["nearest"],
        )
        similarity = compare_listed(
            settings["method"],
            *images,
            positions,
            constants=constants,
            threads=snakemake.threads,
            device=params.device,
            **method_options(settings),
        )
        write_pairs(output, pairing, ids, positions, similarity, origin)
        keep(output)
