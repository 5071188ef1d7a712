"""Intervals and permutation tests of all runs of a data set, and its best combinations."""

from genprint.job import logged

with logged(snakemake.log[0]):
    from genprint.artifacts import provenance, read_table, write_table
    from genprint.significance import RunTables, significance

    files, params = snakemake.input, snakemake.params
    runs = zip(files.scores, files.thresholds, files.calibration, strict=True)
    found = significance((RunTables(*map(read_table, run)) for run in runs), seed=params.seed, **params.significance)
    origin = provenance(code=params.code, seed=params.seed, significance=params.significance)
    for name, columns in found._asdict().items():
        write_table(snakemake.output[name], columns, origin, **snakemake.wildcards)
