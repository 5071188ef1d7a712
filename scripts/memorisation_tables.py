"""Sum up over seeds what was memorised and what the methods saw of it, and draw both."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    import pandas as pd

    from genprint.files import provenance, read_tables, write_table, write_text
    from genprint.limits.memorisation import MEMORISATION, METHODS, memorisation_table, methods_table
    from genprint.report.figures import save
    from genprint.report.figures.memorisation import memorisation_figure
    from genprint.tables.memorisation import printed
    from genprint.tables.table import render, store

    params, output = snakemake.params, snakemake.output
    trials, releases = (
        pd.concat(read_tables(snakemake.input[name]), ignore_index=True) for name in ("trials", "releases")
    )
    memorisation, methods = memorisation_table(releases), methods_table(trials)
    origin = provenance(code=params.code, seed=params.seed, generators=params.generators)
    write_table(output.memorisation, memorisation, MEMORISATION, origin)
    write_table(output.methods, methods, METHODS, origin)
    table = printed(memorisation, methods, params.generators)
    store(table, output.parquet[0], code=params.code, seed=params.seed)
    for form, text in render(table).items():
        write_text(output[form][0], text)
    save(memorisation_figure(memorisation, methods, params.generators), output.png, output.svg)
