"""Intervals and permutation tests of all runs of a data set, and its best combinations."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.files import provenance, read_table, write_table
    from genprint.inference.selection import SELECTION
    from genprint.inference.significance import SIGNIFICANCE, RunTables, significance
    from genprint.runtime.progress import counted

    files, params = snakemake.input, snakemake.params
    runs = list(zip(files.scores, files.thresholds, files.calibration, params.learnt, strict=True))
    tables = (RunTables(*map(read_table, run), learnt) for *run, learnt in counted(runs, "runs"))
    found = significance(tables, seed=params.seed, **params.significance)
    origin = provenance(code=params.code, seed=params.seed, significance=params.significance)
    for name, schema in (("significance", SIGNIFICANCE), ("selection", SELECTION)):
        write_table(snakemake.output[name], getattr(found, name).assign(**snakemake.wildcards), schema, origin)
