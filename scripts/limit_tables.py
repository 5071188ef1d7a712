"""Fit power against leak, find the smallest leak that is found reliably, and draw both."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    import pandas as pd

    from genprint.files import provenance, read_tables, write_table, write_text
    from genprint.limits.curves import LIMITS, POWER, Axis, limits_table, power_table
    from genprint.limits.releases import WITHHELD, withheld_table
    from genprint.report.figures import save
    from genprint.report.figures.limits import limits_figure
    from genprint.tables.limits import printed
    from genprint.tables.table import render, store

    params = snakemake.params
    trials, releases = (
        pd.concat(read_tables(snakemake.input[name]), ignore_index=True) for name in ("trials", "releases")
    )
    axes = {name: Axis(ladder["levels"], ladder["scale"]) for name, ladder in params.ladders.items()}
    asked = {"wanted": params.power, "false_alarms": params.false_alarms}
    power = power_table(trials, false_alarms=params.false_alarms)
    limits = limits_table(trials, axes, resamples=params.resamples, seed=params.seed, **asked)
    origin = provenance(code=params.code, seed=params.seed, ladders=params.ladders, resamples=params.resamples, **asked)
    write_table(snakemake.output.power, power, POWER, origin)
    write_table(snakemake.output.limits, limits, LIMITS, origin)
    withheld = withheld_table(releases)
    write_table(snakemake.output.withheld, withheld, WITHHELD, origin)
    for position, table in enumerate(printed(limits, power, withheld, params.ladders, **asked)):
        store(table, snakemake.output.parquet[position], code=params.code, seed=params.seed)
        for form, text in render(table).items():
            write_text(snakemake.output[form][position], text)
    figure = limits_figure(limits, power, axes, params.ladders, **asked)
    save(figure, snakemake.output.png, snakemake.output.svg)
