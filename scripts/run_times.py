"""Add up what the jobs cost, by stage."""

from genprint.job import logged

with logged(snakemake.log[0]):
    from pathlib import Path

    import pandas as pd

    from genprint.artifacts import write_text
    from genprint.report import run_times_page
    from genprint.run_times import by_stage

    params = snakemake.params
    folder = Path(params.benchmarks)
    files = sorted(folder.rglob("*.tsv"))
    stages = by_stage(
        [(file.relative_to(folder).with_suffix("").parts, pd.read_table(file)) for file in files], params.datasets
    )
    write_text(snakemake.output.csv, stages.to_csv(index=False, lineterminator="\n"))
    write_text(snakemake.output.page, run_times_page(stages, benchmark=params.benchmark))
