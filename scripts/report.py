"""Put all results on one page."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from pathlib import Path

    import pandas as pd

    from genprint.files import provenance, read_csv, read_tables, write_text
    from genprint.images.pseudonyms import renaming
    from genprint.report.decisions import beside_controls, most_at_risk, patients_at_risk
    from genprint.report.page import Picture, report
    from genprint.tables.run_files import shown
    from genprint.tables.table import Table, csv, load

    files, params, settings = snakemake.input, snakemake.params, snakemake.params.settings
    tables = {Path(file).stem: load(file) for file in files.tables}
    decisions = read_tables(files.decisions)
    skipped = pd.concat(map(read_csv, files.skipped))
    at_risk = most_at_risk(decisions, count=params.at_risk)
    patients = patients_at_risk(decisions, count=params.at_risk)
    if files.pseudonyms:
        name_of = renaming(read_csv(files.pseudonyms))
        at_risk["image_id"] = at_risk["image_id"].map(name_of)
        patients["patient"] = patients["patient"].map(name_of)
        skipped["file"] = skipped["file"].map(name_of)
    blind = pd.concat(read_tables(files.blind))
    controls = beside_controls(tables["ablation"].frame, decisions, blind, settings["datasets"])
    controls = Table("Results beside their controls", ("dataset",), controls)
    at_risk = Table("Images most at risk", ("dataset", "rank"), at_risk)
    patients = Table("Patients most at risk", ("dataset", "rank"), patients)
    run_files = shown(read_tables(files.run_files))
    made_by = provenance(code=params.all_code, seed=settings["seed"], settings=settings)
    figures = [*files.charts, *files.galleries]
    page = report(
        benchmark=settings["benchmark"],
        runs=params.runs,
        tables=tables,
        controls=controls,
        at_risk=at_risk,
        patients_at_risk=patients,
        run_files=run_files,
        pictures=[
            Picture(Path(file).name, Path(file).read_bytes(), " ".join(Path(caption).read_text().split()))
            for file, caption in zip(figures, files.captions, strict=True)
        ],
        grey_levels=pd.concat(read_tables(files.grey_levels)).to_dict("records"),
        dropped=params.dropped,
        skipped=skipped.to_dict("records"),
        made_by=made_by,
    )
    write_text(snakemake.output.page, page)
    written = {"controls": controls, "at_risk": at_risk, "patients_at_risk": patients, "run_files": run_files}
    for name, table in written.items():
        write_text(snakemake.output[name], csv(table))
