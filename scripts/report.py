"""Put tables, figures and everything that was left out on one page."""

from genprint.job import logged

with logged(snakemake.log[0]):
    from pathlib import Path

    import pandas as pd
    import yaml

    from genprint.artifacts import write_text
    from genprint.report import FIGURES, TITLES, report

    files, params = snakemake.input, snakemake.params
    skipped = pd.concat(map(pd.read_csv, files.skipped)).to_dict("records")
    page = report(
        benchmark=params.settings["benchmark"],
        runs=params.runs,
        tables={TITLES[Path(file).stem]: pd.read_csv(file) for file in files.tables},
        figures={FIGURES[Path(file).stem]: Path(file).read_bytes() for file in files.figures},
        dropped=params.dropped,
        skipped=skipped,
        configuration=yaml.safe_dump(params.settings, sort_keys=False, allow_unicode=True),
    )
    write_text(snakemake.output.report, page)
