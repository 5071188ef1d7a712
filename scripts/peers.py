"""Measure the pair kernels beside other libraries, and put the table into the documentation."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from pathlib import Path

    from genprint.files import write_text
    from genprint.peers import measure, with_table

    table, page = measure(), Path(snakemake.output.page)
    write_text(snakemake.output.table, table.to_csv(index=False, float_format="%.6g"))
    write_text(page, with_table(page.read_text(encoding="utf-8"), table))
