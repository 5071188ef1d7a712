"""What generators memorise, and what the methods see of it: means over seeds, each with its interval.

A seed draws the patients, trains a generator on them and samples it. N_mem is the share of its training images that
have a copy in the release, N_copies the share of the release that is one (Dar et al., 10.1038/s41551-025-01468-8).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from genprint.columns import COUNT, DATASET, LADDER, LEVEL, NUMBER, RUN, TEXT, bounds, column, schema
from genprint.inference.intervals import of_mean
from genprint.limits import ladders, releases
from genprint.limits.curves import COPIES
from genprint.limits.ladders import TPR
from genprint.scoring.metrics import METRIC_COLUMNS

GENERATOR = column("generator", TEXT, "name of the generator in the configuration")
TRAINED_ON = column("trained_on", COUNT, "patients that the generator was trained on")
CONDITION = (DATASET, GENERATOR, TRAINED_ON, LEVEL)
KEYS = [field.name for field in CONDITION]
SEEDS = column("seeds", COUNT, "how many generators the mean is of")


def _instead_of_ladder(table: pa.Schema, description: str) -> pa.Schema:
    rest = [field for field in table if field.name not in (LADDER.name, *KEYS)]
    return schema(description, *CONDITION, *rest)


TRIALS = _instead_of_ladder(
    ladders.TRIALS, "a row for each method, level and seed of a generator that may memorise (target `memorisation`)"
)
RELEASES = _instead_of_ladder(
    releases.RELEASES, "a row for each release of a generator that may memorise: what the search for copies says of it"
)
SHARES = {
    "n_mem": column("n_mem", NUMBER, "share of the used images that have a copy in the release"),
    "n_copies": column("n_copies", NUMBER, "share of the generated images that are withheld as copies"),
    "unused_copied": column("unused_copied", NUMBER, "real images that were not used and are said to have a copy"),
}
MEMORISATION = schema(
    "what a generator memorised: means over seeds",
    *CONDITION,
    SEEDS,
    column("used", NUMBER, "images that it was trained on"),
    *(field for name, share in SHARES.items() for field in (share, *bounds(name))),
)
RANKING = ("auc", TPR)
METHODS = schema(
    "what a method saw of a generator's training images: means over seeds",
    *(*CONDITION, *RUN),
    SEEDS,
    *(field for name in RANKING for field in (METRIC_COLUMNS[name], *bounds(name))),
)


def memorisation_table(releases: pd.DataFrame) -> pd.DataFrame:
    """Return N_mem and N_copies of every generator, number of patients and level, by `MEMORISATION`.

    Args:
        releases: by `RELEASES`, of all seeds.
    """
    shares = releases.assign(
        n_mem=releases["n_mem"] / releases["used"],
        n_copies=releases["n_copies"] / releases["generated"],
        unused_copied=releases["unused_copied"].astype(float),
    )
    rows = _over_seeds(shares, KEYS, {"n_mem": 1, "n_copies": 1, "unused_copied": np.inf})
    used = shares.groupby(KEYS, sort=False)["used"].mean().rename("used").reset_index()
    return rows.merge(used, on=KEYS)[MEMORISATION.names]


def methods_table(trials: pd.DataFrame) -> pd.DataFrame:
    """Return AUC and TPR at 1 % FPR of every method, likewise, by `METHODS`.

    Args:
        trials: by `TRIALS`, of all seeds.
    """
    ranked = trials[trials["rule"] != COPIES]
    return _over_seeds(ranked, [*KEYS, *(field.name for field in RUN)], dict.fromkeys(RANKING, 1))[METHODS.names]


def _over_seeds(rows: pd.DataFrame, keys: Sequence[str], largest: Mapping[str, float]) -> pd.DataFrame:
    """Return the means of some columns, each of which lies between 0 and its largest value, with their intervals."""
    grouped = rows.groupby(list(keys), sort=False)
    means = grouped[list(largest)].mean().assign(seeds=grouped.size())
    for name, most in largest.items():
        low, high = of_mean(means[name], grouped[name].std(), means["seeds"])
        means[f"{name}_low"], means[f"{name}_high"] = low.clip(lower=0), high.clip(upper=most)
    return means.reset_index()
