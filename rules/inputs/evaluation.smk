"""The files of one run, and of all runs of a data set. No rules here."""


def run_of(wildcards):
    """The run that a job's wildcards name."""
    return runs.Run(
        wildcards.dataset, wildcards.variant, wildcards.encoder, wildcards.similarity
    )


def runs_of(wildcards):
    """Variant, encoder and similarity of every run of a data set."""
    return [list(run[1:]) for run in PLAN.runs if run.dataset == wildcards.dataset]


def runs_files(stage):
    """The file that a stage of evaluation writes for every run."""
    return [
        f"<results>/{run.dataset}/{stage}/{run.variant}/{run.encoder}/{run.similarity}.parquet"
        for run in PLAN.runs
    ]


def evidence(wildcards):
    """The similarities that a run is scored by."""
    run = run_of(wildcards)
    return {
        "real_generated": blocks_of(run, REAL_GENERATED),
        "real_real": blocks_of(run, REAL_REAL),
    }


def identical(wildcards):
    """The similarity of an image with itself."""
    return declared(method_module("similarities", wildcards.similarity))["IDENTICAL"]


def calibrated_thresholds(wildcards):
    """Thresholds of the same run on the data set that calibrates this one, if that is another."""
    run = run_of(wildcards)
    if calibrator(run.dataset) == run.dataset:
        return []
    other = f"<results>/{calibrator(run.dataset)}"
    return f"{other}/thresholds/{run.variant}/{run.encoder}/{run.similarity}.parquet"


def all_pairings(wildcards):
    """The similarities of a run, by pairing."""
    run = run_of(wildcards)
    return {
        pairing.replace("-", "_"): blocks_of(run, pairing)
        for pairing in pairings_of(run)
    }


def statistics_files():
    """Statistics of the runs that compare every pairing."""
    return [
        f"<results>/{run.dataset}/statistics/{run.variant}/{run.encoder}/{run.similarity}.parquet"
        for run in PLAN.runs
        if run in PLAN.generated_generated
    ]


def significance_files(wildcards):
    """Tables of all runs of a data set, and the metrics of the same runs where their thresholds were chosen."""
    files = {"scores": [], "thresholds": [], "calibration": []}
    for run in PLAN.runs:
        if run.dataset == wildcards.dataset:
            name = f"{run.variant}/{run.encoder}/{run.similarity}.parquet"
            for stage in ("scores", "thresholds"):
                files[stage].append(f"<results>/{run.dataset}/{stage}/{name}")
            files["calibration"].append(
                f"<results>/{calibrator(run.dataset)}/metrics/{name}"
            )
    return files


def dataset_files(table):
    """The file that inference writes for every data set with runs."""
    datasets = dict.fromkeys(run.dataset for run in PLAN.runs)
    return [f"<results>/{dataset}/{table}.parquet" for dataset in datasets]
