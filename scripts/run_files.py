"""Decide on every image without a label by every chosen run, and write and pack the run files."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from pathlib import Path

    from genprint.files import provenance, read_table, replacing, write_table, write_text
    from genprint.tables.run_files import RUN_FILES, decided
    from genprint.tables.submissions import archive, run_format

    files, params, output = snakemake.input, snakemake.params, snakemake.output
    texts, table = decided(
        params.run_files,
        scores=map(read_table, files.scores),
        thresholds=map(read_table, files.thresholds),
        copied=set(read_table(files.copied)["real_id"]),
        form=run_format(**params.form),
    )
    folder = Path(output.folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_text(folder / name, text)
    with replacing(output.archive) as temporary:
        temporary.write_bytes(archive({name: text.encode() for name, text in texts.items()}))
    origin = provenance(code=params.code, seed=params.seed, run_files=params.run_files, form=params.form)
    write_table(output.table, table.assign(dataset=snakemake.wildcards.dataset), RUN_FILES, origin)
    for row in table[table["reason"].notna()].itertuples():
        print(f"Warning: no run file by {row.encoder} and {row.similarity} on {row.variant}: {row.reason}")
