"""Choose the run of a data set that is looked at closely, and note what it says about every candidate."""

from genprint.job import logged

with logged(snakemake.log[0]):
    import pandas as pd

    from genprint.artifacts import provenance, read_ids, read_matrix, write_table
    from genprint.shown import best_on_calibration, decided

    files, params = snakemake.input, snakemake.params
    rules = {"rule": params.rule, "threshold_rule": params.threshold_rule}
    chosen = best_on_calibration(map(pd.read_parquet, files.metrics), **rules)
    variant, encoder, similarity = params.runs[chosen]
    shards = len(files.similarities) // len(params.runs)
    real_ids, generated_ids = read_ids(files.real), read_ids(files.generated)
    candidates = decided(
        pd.read_parquet(files.scores[chosen]),
        pd.read_parquet(files.thresholds[chosen]),
        read_matrix(
            files.similarities[chosen * shards : (chosen + 1) * shards], real_ids, generated_ids, symmetric=False
        ),
        generated_ids,
        real_ids,
        **rules,
    )
    write_table(
        snakemake.output.shown,
        {name: candidates[name].to_numpy() for name in candidates},
        provenance(code=params.code, seed=params.seed, **rules),
        dataset=snakemake.wildcards.dataset,
        variant=variant,
        encoder=encoder,
        similarity=similarity,
        **rules,
    )
