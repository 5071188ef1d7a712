"""Name every real image anew; the table translates back and stays with the owner of the images."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    import pandas as pd

    from genprint.files import read_csv, read_tables, write_text
    from genprint.images.pseudonyms import pseudonym_table

    names = pseudonym_table(
        read_tables(snakemake.input.images),
        pd.concat(map(read_csv, snakemake.input.skipped)),
    )
    write_text(snakemake.output.names, names.to_csv(index=False, lineterminator="\n"))
