"""Draw images, real ones among them, of those data sets whose images may be shown."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.files import read_array, read_csv, read_images, read_table, read_tables
    from genprint.images.pseudonyms import renaming
    from genprint.report.decisions import explaining_triplet, most_at_risk
    from genprint.report.figures import save
    from genprint.report.figures.example import (
        Example,
        noise_figure,
        pictured,
        similarities,
        similarity_figure,
    )
    from genprint.report.figures.images import enhancement_figure, image_sheet, labelled_rows
    from genprint.report.figures.nearest import nearest_figure, nearest_pairs

    files, params, output = snakemake.input, snakemake.params, snakemake.output
    name_of = renaming(read_csv(files.pseudonyms) if files.pseudonyms else None)
    decisions = read_tables(files.decisions)
    real, generated = map(read_array, files.real), map(read_array, files.generated)
    labels = [read_table(file)["label"] for file in files.real_tables]
    save(image_sheet(labelled_rows(params.datasets, real, labels, generated)), *output.images)

    real = [read_images(*both) for both in zip(files.real, files.real_tables, strict=True)]
    generated = [read_images(*both) for both in zip(files.generated, files.generated_tables, strict=True)]
    pairs = [
        pair
        for table, *sides in zip(decisions, real, generated, strict=True)
        for pair in nearest_pairs(most_at_risk([table], count=params.pairs), *sides, name_of=name_of)
    ]
    save(nearest_figure(pairs), *output.nearest)

    # Similarities, noise and enhancement are explained by three images of the first data set.
    ids = Example(*explaining_triplet(decisions[0]))
    names = Example(name_of(ids.used), ids.generated, name_of(ids.not_used))
    tables = files.real_tables[0], files.generated_tables[0]
    sides = zip(files.variants[::2], files.variants[1::2], strict=True)
    examples = {
        variant: pictured(ids, *map(read_images, arrays, tables))
        for variant, arrays in zip(params.variants, sides, strict=True)
    }
    original = pictured(ids, real[0], generated[0])
    save(similarity_figure(original, similarities(original, params.similarities), names), *output.similarity)
    noisy = {variant: examples[variant] for variant in params.noise}
    found = {variant: similarities(example, params.similarities) for variant, example in noisy.items()}
    save(noise_figure(noisy, found), *output.noise)
    enhanced = {variant: (examples[variant].used, examples[variant].generated) for variant in params.enhancement}
    save(enhancement_figure(enhanced), *output.enhancement)
