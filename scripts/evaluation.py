"""Score every real image by every rule, choose thresholds on the calibration half, and measure."""

from genprint.runtime.job import logged

with logged(snakemake.log[0]):
    from genprint.files import provenance, read_ids, read_table, write_table
    from genprint.inference.sets import SETS, set_statistics
    from genprint.scoring.evaluation import MEASURED, SCORES, THRESHOLDS, evaluate
    from genprint.scoring.evidence import NEAREST, read_evidence

    files, params = snakemake.input, snakemake.params
    images = read_table(files.real)
    evidence, nearest = read_evidence(
        files.real_generated,
        files.real_real,
        images,
        read_ids(files.generated),
        learnt=params.learnt,
        identical=params.identical,
        top=params.top,
    )
    evaluation = evaluate(
        evidence,
        images,
        scores=params.scores,
        thresholds=params.thresholds,
        calibration=read_table(files.thresholds) if files.thresholds else None,
    )
    origin = provenance(code=params.code, seed=params.seed, scores=params.scores, thresholds=params.thresholds)
    candidates = images[images["label"] != "held_out"]
    of_set = set_statistics(evidence, candidates, permutations=params.permutations, seed=params.seed)
    tables = evaluation._asdict() | {"nearest": nearest, "sets": of_set}
    schemas = {"scores": SCORES, "thresholds": THRESHOLDS, "metrics": MEASURED, "nearest": NEAREST, "sets": SETS}
    for name, table in tables.items():
        write_table(snakemake.output[name], table.assign(**snakemake.wildcards), schemas[name], origin)
