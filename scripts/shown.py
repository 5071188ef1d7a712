"""Choose the run of a data set that is looked at closely, and note what it says about every candidate."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.files import provenance, read_frame, read_ids, write_table
    from genprint.pairs.shards import read_nearest
    from genprint.report.shown import RUN, chosen_combination, columns, decided

    files, params = snakemake.input, snakemake.params
    runs = [dict(zip(RUN, run, strict=True)) for run in params.runs]
    combination = chosen_combination(read_frame(files.selection)) or runs[0] | {"rule": params.rule}
    rules = {"rule": combination.pop("rule"), "threshold_rule": params.threshold_rule}
    chosen = runs.index(combination)
    shards = len(files.similarities) // len(params.runs)
    real_ids, generated_ids = read_ids(files.real), read_ids(files.generated)
    pairs = files.similarities[chosen * shards : (chosen + 1) * shards]
    similarity, position = read_nearest(pairs, real_ids, generated_ids, 1, symmetric=False)
    candidates = decided(
        read_frame(files.scores[chosen]),
        read_frame(files.thresholds[chosen]),
        similarity[:, 0],
        position[:, 0],
        generated_ids,
        real_ids,
        **rules,
    )
    write_table(
        snakemake.output.shown,
        columns(candidates),
        provenance(code=params.code, seed=params.seed, **rules),
        dataset=snakemake.wildcards.dataset,
        **combination,
        **rules,
    )
