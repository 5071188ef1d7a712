"""Mean, minimum and maximum of the similarities of a run, by pairing and label."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.files import provenance, read_table, write_table
    from genprint.pairs.shards import read_pairs
    from genprint.pairs.statistics import STATISTICS, similarity_statistics
    from genprint.plan.runs import GENERATED_GENERATED, REAL_GENERATED, REAL_REAL

    real, generated = read_table(snakemake.input.real), read_table(snakemake.input.generated)
    label_of_real = dict(zip(real["image_id"], real["label"], strict=True))
    label_of_generated = dict(zip(generated["image_id"], generated["label"], strict=True))
    statistics = similarity_statistics(
        {
            REAL_REAL: read_pairs(snakemake.input.real_real),
            REAL_GENERATED: read_pairs(snakemake.input.real_generated),
            GENERATED_GENERATED: read_pairs(snakemake.input.generated_generated),
        },
        {
            REAL_REAL: (label_of_real, label_of_real),
            REAL_GENERATED: (label_of_real, label_of_generated),
            GENERATED_GENERATED: (label_of_generated, label_of_generated),
        },
    )
    write_table(
        snakemake.output.statistics,
        statistics.assign(**snakemake.wildcards),
        STATISTICS,
        provenance(code=snakemake.params.code, seed=snakemake.params.seed),
    )
