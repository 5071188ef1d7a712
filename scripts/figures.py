"""Draw the images, their variants, and the AUC of every run beside its control."""

from genprint.job import logged

with logged(snakemake.log[0]):
    import pandas as pd

    from genprint.artifacts import read_array, read_table
    from genprint.figures import save
    from genprint.figures.auc import auc_figure
    from genprint.figures.images import image_sheet, labelled_rows, side_by_side

    files, params = snakemake.input, snakemake.params
    real, generated = map(read_array, files.real), map(read_array, files.generated)
    labels = [read_table(table)["label"] for table in files.real_tables]
    save(
        image_sheet(labelled_rows(params.datasets, real, labels, generated)),
        snakemake.output.images,
    )
    save(
        image_sheet(side_by_side(params.variants, map(read_array, files.variants))),
        snakemake.output.variants,
    )
    save(auc_figure(pd.read_csv(files.ablation), score_rule=params.score_rule), snakemake.output.auc)
