"""Fail where a verdict keeps generated images from being published."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    import json
    from pathlib import Path

    from genprint.tables.gate import refuse

    refuse(json.loads(Path(snakemake.input[0]).read_text()), snakemake.params.fail_on)
