"""Write the tables of both papers and the ablation: whole for the report, and as csv, Markdown and LaTeX."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from pathlib import Path

    import pandas as pd

    from genprint.files import read_table, read_tables, write_text
    from genprint.tables.benchmark import benchmark_tables
    from genprint.tables.table import render, store

    files, params, output = snakemake.input, snakemake.params, snakemake.output
    tables = benchmark_tables(
        params.settings,
        metrics=read_tables(files.metrics),
        sets=read_tables(files.sets),
        significance=read_tables(files.significance),
        selection=read_tables(files.selection),
        statistics=read_tables(files.statistics),
        blind=read_tables(files.blind),
        fidelity=read_tables(files.fidelity),
        grey_levels=read_tables(files.grey_levels),
        copies=read_tables(files.copies),
        spikes=read_tables(files.spikes),
        run_files=read_tables(files.run_files),
        limits=read_table(files.limits) if files.limits else None,
        images=read_tables([*files.real, *files.generated]),
        reported={Path(file).stem: pd.read_csv(file) for file in files.reported},
        noise=params.noise,
    )
    for position, name in enumerate(params.names):
        store(tables[name], output.parquet[position], code=params.code, seed=params.seed)
        for form, text in render(tables[name]).items():
            write_text(output[form][position], text)
