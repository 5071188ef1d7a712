"""Train a generator on a number of patients, search its releases for copies, and try every method on them."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from functools import partial

    from genprint.files import provenance, write_constants, write_table
    from genprint.images.datasets import real_images
    from genprint.images.splits import draw_patients
    from genprint.limits.ladders import Ladder, trials
    from genprint.limits.memorisation import RELEASES, TRIALS

    files, params, dataset = snakemake.input, snakemake.params, snakemake.params.dataset
    wildcards = snakemake.wildcards
    real = real_images(files, dataset, **params.images)
    ladder = Ladder(
        **params.generator,
        parts=partial(draw_patients, int(wildcards.patients)),
        samples=dataset["samples"],
        split_into=params.split_into,
        control=False,
    )
    results = trials(
        real.images,
        real.table,
        ladder,
        methods=[tuple(method) for method in params.methods],
        settings=params.settings,
        score_rules=[params.score_rule],
        permutations=0,
        seed=params.seed,
        splits=[int(wildcards.number)],
        nearest=params.nearest,
    )
    settings = {name: value for name, value in params.items() if name not in ("code", "seed")}
    origin = provenance(code=params.code, seed=params.seed, **settings)
    named = {"dataset": wildcards.dataset, "generator": wildcards.generator, "trained_on": int(wildcards.patients)}
    for name, schema in (("trials", TRIALS), ("releases", RELEASES)):
        write_table(snakemake.output[name], getattr(results, name).assign(**named), schema, origin)
    write_constants(snakemake.output.samples, results.pictures)
