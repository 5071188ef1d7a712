"""Audit the reported tables: which rows can be true, and which relations between rows hold."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    import csv
    from pathlib import Path

    import yaml

    from genprint.audit.tables import audit, csv_text, markdown
    from genprint.files import write_text

    tables = {}
    for file in map(Path, snakemake.input.tables):
        with file.open(encoding="utf-8", newline="") as text:
            tables[file.stem] = list(csv.DictReader(text))
    answers = audit(tables, yaml.safe_load(Path(snakemake.input.description).read_text(encoding="utf-8")))
    write_text(snakemake.output.csv, csv_text(answers))
    write_text(snakemake.output.md, markdown(answers))
