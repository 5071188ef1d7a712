"""Choose the run of a data set that is looked at closely, and note what it decides about every candidate."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.files import provenance, read_table, write_table
    from genprint.report.decisions import DECISIONS, RUN, chosen_combinations, joined, with_nearest
    from genprint.scoring.evaluation import decisions

    files, params = snakemake.input, snakemake.params
    runs = [dict(zip(RUN, run, strict=True)) for run in params.runs]
    by_part = chosen_combinations(read_table(files.selection)) or {"": runs[0] | {"rule": params.rule}}
    tables = {}
    for part, combination in by_part.items():
        rules = {"rule": combination.pop("rule"), "threshold_rule": params.threshold_rule}
        chosen = runs.index(combination)
        scores, thresholds, nearest = (
            read_table(paths[chosen]) for paths in (files.scores, files.thresholds, files.nearest)
        )
        tables[part] = with_nearest(decisions(scores, thresholds, **rules), nearest).assign(**rules)
    origin = provenance(code=params.code, seed=params.seed, threshold_rule=params.threshold_rule)
    write_table(snakemake.output.decisions, joined(tables), DECISIONS, origin)
