"""Add up what the jobs cost, by stage."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from pathlib import Path

    from genprint.files import write_text
    from genprint.report.page import run_times_page
    from genprint.runtime.run_times import stage_table

    params = snakemake.params
    stages = stage_table(Path(params.benchmarks), params.datasets)
    write_text(snakemake.output.csv, stages.to_csv(index=False, lineterminator="\n"))
    write_text(snakemake.output.page, run_times_page(stages, benchmark=params.benchmark))
