"""Pack the run files of a data set into one zip file."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from pathlib import Path

    from genprint.files import replacing
    from genprint.tables.submissions import archive

    packed = archive({Path(file).name: Path(file).read_bytes() for file in snakemake.input})
    with replacing(snakemake.output[0]) as temporary:
        temporary.write_bytes(packed)
