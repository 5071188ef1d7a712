"""Draw what the tables and the scores say: no image of anyone is in these figures."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.files import read_tables
    from genprint.report.figures import save
    from genprint.report.figures.auc import auc_figure
    from genprint.report.figures.heatmap import heatmap_figure
    from genprint.report.figures.histogram import histogram_figure, histogram_panel
    from genprint.report.figures.roc import roc_figure, roc_panel
    from genprint.tables.table import load

    params, output = snakemake.params, snakemake.output
    ablation = load(snakemake.input.ablation).frame
    decisions = read_tables(snakemake.input.decisions)
    curves = [roc_panel(table, seed=params.seed, **params.band) for table in decisions]
    save(auc_figure(ablation, score_rule=params.score_rule), *output.auc)
    save(heatmap_figure(ablation, score_rule=params.score_rule), *output.heatmap)
    save(roc_figure([panel for panel in curves if panel]), *output.roc)
    save(histogram_figure([histogram_panel(table) for table in decisions]), *output.histogram)
