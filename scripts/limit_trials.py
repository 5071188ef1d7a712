"""Try every method at every level of a ladder, on some splits of the patients."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from functools import partial

    from genprint.files import provenance, write_constants, write_table
    from genprint.images.datasets import real_images
    from genprint.images.splits import split_patients
    from genprint.limits.ladders import TRIALS, Ladder, trials
    from genprint.limits.releases import RELEASES

    files, params, dataset = snakemake.input, snakemake.params, snakemake.params.dataset
    found = real_images(files, dataset, **params.images)
    ladder = {name: params.ladder[name] for name in ("generator", "vary", "levels")}
    first, last = map(int, snakemake.wildcards.splits.split("-"))
    results = trials(
        found.images,
        found.table,
        Ladder(
            **ladder,
            parts=partial(split_patients, shares=dataset["shares"]),
            samples=dataset["samples"],
            split_into=params.split_into,
        ),
        methods=[tuple(method) for method in params.methods],
        settings=params.settings,
        score_rules=params.score_rules,
        permutations=params.permutations,
        seed=params.seed,
        splits=range(first, last + 1),
        nearest=params.nearest,
    )
    settings = {name: value for name, value in params.items() if name not in ("code", "seed")}
    origin = provenance(code=params.code, seed=params.seed, **settings)
    for name, schema in (("trials", TRIALS), ("releases", RELEASES)):
        table = getattr(results, name).assign(ladder=snakemake.wildcards.ladder)
        write_table(snakemake.output[name], table, schema, origin)
    write_constants(snakemake.output.samples, results.pictures)
