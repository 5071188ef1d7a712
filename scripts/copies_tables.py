"""Write the tables about copies of all data sets, and draw what they say without an image of anyone."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.files import read_tables, write_text
    from genprint.report.figures import save
    from genprint.report.figures.copies import copies_figure, spikes_figure
    from genprint.tables.copies import copy_tables
    from genprint.tables.table import render, store

    files, params, output = snakemake.input, snakemake.params, snakemake.output
    judged = {name: read_tables(files[name]) for name in params.names}
    tables = copy_tables(judged)
    for position, name in enumerate(params.names):
        store(tables[name], output.parquet[position], code=params.code, seed=params.seed)
        for form, text in render(tables[name]).items():
            write_text(output[form][position], text)
    least = [table["least_similarity"].iloc[0] for table in judged["copies"]]
    save(copies_figure(read_tables(files.nearest), least), *output.chart_of_copies)
    save(spikes_figure(judged["spikes"]), *output.chart_of_spikes)
