"""Say which generated images of a data set are copies, of whom, and what would have been found."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.copies.judgement import SCHEMAS, judge
    from genprint.copies.search import merge
    from genprint.files import provenance, read_array, read_csv, read_table, read_tables, write_table
    from genprint.images.datasets import Side
    from genprint.images.pseudonyms import renaming

    files, params = snakemake.input, snakemake.params
    judgement = judge(
        snakemake.wildcards.dataset,
        Side(read_array(files.real), read_table(files.real_table)),
        Side(read_array(files.generated), read_table(files.generated_table)),
        {
            pairing: merge(read_tables(files[pairing.replace("-", "_")]), nearest=params.nearest)
            for pairing in params.pairings
        },
        read_table(files.spikes),
        name_of=renaming(read_csv(files.pseudonyms) if files.pseudonyms else None),
        nearest=params.nearest,
        block=params.block,
        threads=snakemake.threads,
    )
    origin = provenance(code=params.code, seed=params.seed, nearest=params.nearest)
    for (name, schema), table in zip(SCHEMAS.items(), judgement, strict=True):
        write_table(snakemake.output[name], table, schema, origin)
