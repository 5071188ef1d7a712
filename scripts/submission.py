"""Decide on every image without a label, and write the run file."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.files import read_table, write_text
    from genprint.scoring.evaluation import GENERATED, decisions, with_copies
    from genprint.tables.submissions import run_file, run_format

    files, wildcards = snakemake.input, snakemake.wildcards
    decided = decisions(
        read_table(files.scores),
        read_table(files.thresholds),
        rule=wildcards.score_rule,
        threshold_rule=wildcards.threshold_rule,
    )
    decided = decided[(decided["source"] == GENERATED) & (decided["label"] == "unknown")]
    decided = with_copies(decided, set(read_table(files.copied)["real_id"]))
    form = run_format(**snakemake.params.form)
    write_text(snakemake.output[0], run_file(decided["image_id"], decided["decision"], form))
