"""Write the verdicts for machines."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    import json

    from genprint.files import provenance, write_text
    from genprint.tables.gate import record
    from genprint.tables.table import load

    params = snakemake.params
    document = record(
        load(snakemake.input.verdicts).frame,
        params.datasets,
        benchmark=params.benchmark,
        made_by=provenance(code=params.all_code, seed=params.seed),
    )
    write_text(snakemake.output[0], json.dumps(document, indent=2, allow_nan=False) + "\n")
