"""Which of all combinations the tables show, and what every table of metrics says beside them.

Metrics come as one frame of all runs: the columns `RUN_COLUMNS`, perhaps ``calibrated_by`` (the data set whose
calibration half chose the thresholds, null for the data set itself), those of
`genprint.scoring.evaluation.Evaluation.metrics`, and for evaluation images those of
`genprint.inference.significance`: <metric>_low and _high, p and its correction. Rows and data sets keep the order in
which they come.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from genprint.inference.selection import TESTED
from genprint.inference.significance import REVERSED, TAIL
from genprint.plan.configuration import BEST_ON_CALIBRATION
from genprint.plan.runs import Run
from genprint.scoring.controls import constant_used, random_answer
from genprint.scoring.evaluation import EVALUATION, GENERATED, REAL_ONLY
from genprint.scoring.metrics import METRICS
from genprint.tables.table import BOUNDS

RUN_COLUMNS = ("dataset", "report_as", "variant", "variant_method", "encoder", "encoder_method", "similarity")
NO_LABELS = "no labels: decisions are in submissions/"
# Two methods the papers' tables are about: images as they are, and the encoder that compares them pixel by pixel.
ORIGINAL = "original"
PIXELS = "pixels"
RUN = Run._fields[1:]
OF_SETS = ("nearer_to_used", "nearer_to_used_p", "c_t", "verification_auc", "retrieval")
EMPTY = (
    "Empty cells: a value that is not defined, as precision where nothing is called used, or all that decisions are "
    "judged by where the rule finds no threshold (thresholds/ says why); what the row of a control has none of; and "
    "what is said of the release as a set, where trained encoders of several folds compare."
)
REAL_ONLY_METRICS = ("auc", "f1", "kappa", "accuracy")
INFERENCE = (
    *(f"{name}_{bound}" for name in METRICS for bound in BOUNDS),
    *(f"{metric}_{test}" for metric in (*TESTED, REVERSED, *TAIL) for test in ("p", "p_corrected")),
    *(
        "auc_gain",
        "auc_gain_low",
        "auc_gain_high",
        "epsilon_low",
        "patients_at_1_percent_fpr",
        *(f"patient_auc{kind}{test}" for kind in ("", "_of_three") for test in ("", "_p")),
        "groups_used",
        "groups_not_used",
        "resampled",
    ),
)


class Protocol(NamedTuple):
    """Which of all combinations the papers' tables show."""

    score_rule: str
    threshold_rule: str
    variant: str = BEST_ON_CALIBRATION
    """One variant, or the best of each encoder and similarity on calibration images."""
    metric: str = "kappa"
    """The metric that makes a variant the best."""


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the data set's own name where it is not reported under another."""
    return frame.assign(report_as=frame["report_as"].fillna(frame["dataset"]))


def with_controls(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return the evaluation rows of the method, with the columns of its controls and inference, and a note."""
    columns = dict.fromkeys([*metrics, "report_as", *INFERENCE, *OF_SETS, "undecided"])
    metrics = named(metrics).reindex(columns=list(columns))
    metrics = metrics[metrics["split"] == EVALUATION]
    combination = [*RUN_COLUMNS, "rule", "threshold_rule"]
    control = metrics.loc[metrics["source"] == REAL_ONLY, [*combination, *REAL_ONLY_METRICS]].rename(
        columns={name: f"real_only_{name}" for name in REAL_ONLY_METRICS}
    )
    rows = metrics[metrics["source"] == GENERATED].merge(control, on=combination, how="left")
    sizes = set(class_sizes(rows))
    known = {
        f"{name}_f1": {pair: answer(*pair)["f1"] for pair in sizes}
        for name, answer in (("constant_used", constant_used), ("random", random_answer))
    }
    without_labels = rows["undecided"].map("no run file: {}".format, na_action="ignore").fillna(NO_LABELS)
    return rows.assign(
        **{name: np.array([f1[pair] for pair in class_sizes(rows)], float) for name, f1 in known.items()},
        Note=without_labels.where(rows["n"] == 0, ""),
    )


def by_rules(rows: pd.DataFrame, protocol: Protocol) -> pd.Series:
    """Return which rows have the protocol's score rule and threshold rule."""
    return (rows["rule"] == protocol.score_rule) & (rows["threshold_rule"] == protocol.threshold_rule)


def bounded(metric: str) -> tuple[str, str, str]:
    """Return the columns of a metric and of the bounds of its interval."""
    return metric, f"{metric}_low", f"{metric}_high"


def class_sizes(rows: pd.DataFrame) -> Iterator[tuple[int, int]]:
    """Yield the numbers of used and of not used images of each row."""
    return rows[["n_used", "n_not_used"]].itertuples(index=False, name=None)


def resampling_note(rows: pd.DataFrame) -> str:
    """Say what the intervals take for granted."""
    unknown = [
        name for name, kind in rows.groupby("dataset", sort=False)["resampled"].first().items() if kind == "images"
    ]
    note = "95 % intervals: Wilson for rates, bootstrap for the others; by patient where patients are known"
    return note + (f", in {', '.join(unknown)} assuming that images are independent." if unknown else ".")


def rules_note(protocol: Protocol) -> str:
    """Name the rules of the protocol in words."""
    return f"Score rule {protocol.score_rule}, threshold rule {protocol.threshold_rule}"
