"""All runs of one data set tested against chance: intervals, permutation tests, and the winner of the sweep.

The best of many combinations looks good by chance alone. So every p comes twice, as it is and corrected for all
combinations of the data set (max-T), and the winner is reported twice, as picked on the calibration half and then
evaluated, and as picked on the evaluation half itself, so that the reader sees the difference.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from genprint.columns import (
    DATASET,
    GROUPS_NOT_USED,
    GROUPS_USED,
    NUMBER,
    RULE,
    RUN,
    SOURCE,
    TEXT,
    THRESHOLD_RULE,
    bounds,
    column,
    schema,
)
from genprint.inference.intervals import Interval
from genprint.inference.permutation import (
    auc_of_labels,
    kappa_of_labels,
    largest,
    p_values,
    permuted_labels,
    studentised,
)
from genprint.inference.resampling import patient_weights
from genprint.inference.selection import COMBINATION, TESTED, selection
from genprint.inference.uncertainty import Sample, decision_intervals, difference_interval, ranking_intervals
from genprint.scoring.evaluation import CALIBRATION, EVALUATION, GENERATED, REAL_ONLY
from genprint.scoring.metrics import METRICS
from genprint.scoring.thresholds import decide

REVERSED = "reversed_auc"
"""1 - AUC, which is large where the images that were not used are the nearer ones."""

SIGNIFICANCE = schema(
    "a row for each combination of the data set, on the evaluation half",
    *(DATASET, *RUN, SOURCE, RULE, THRESHOLD_RULE),
    *(bound for metric in METRICS for bound in bounds(metric)),
    *(
        column(f"{metric}_{test}", NUMBER, text.format(metric))
        for metric in (*TESTED, REVERSED)
        for test, text in (
            ("p", "one-sided permutation p of `{}`"),
            ("p_corrected", "the same for `{}`, corrected for all combinations tried (max-T)"),
        )
    ),
    column("auc_gain", NUMBER, "AUC minus the AUC of the real-only control; null for the control itself"),
    *(*bounds("auc_gain"), GROUPS_USED, GROUPS_NOT_USED),
    column("resampled", TEXT, "what intervals and tests go by: patients, or images where each patient has one"),
)
Columns = dict[str, np.ndarray]
"""Columns of one length as arrays, because every step in here is a matrix product or an index."""


class RunTables(NamedTuple):
    """The tables of one run, as `genprint.scoring.evaluation.evaluate` and the rule behind it write them."""

    scores: pd.DataFrame
    thresholds: pd.DataFrame
    calibration: pd.DataFrame
    """The metrics of the same run on the data set that calibrates this one, which may be itself."""


class Significance(NamedTuple):
    """The two tables of a data set."""

    significance: pd.DataFrame
    """The table `SIGNIFICANCE`, without its column dataset."""
    selection: pd.DataFrame
    """The table `genprint.inference.selection.SELECTION`, without its column dataset."""


class _Half(NamedTuple):
    """The evaluation half: the same images, resamples and permutations for all runs."""

    image_id: np.ndarray
    """The ids of all candidates."""
    rows: np.ndarray
    """The positions of the n images of the evaluation half among all candidates."""
    sample: Sample
    labels: np.ndarray
    """The permuted labels, bool (permutations, n)."""


class _Tested(NamedTuple):
    """The test of a metric in the rows of a run."""

    observed: np.ndarray
    p: np.ndarray
    distance: np.ndarray
    """The distance of each observed value from the null mean, in null standard deviations."""
    largest: dict[str, np.ndarray]
    """The largest such distance of any row in every permutation, for each source."""


class _Evaluated(NamedTuple):
    """A run by itself: its rows, and of the tested metrics the values on the calibration half and the tests."""

    columns: Columns
    calibration: dict[str, np.ndarray]
    tested: dict[str, _Tested]


def significance(
    runs: Iterable[RunTables], *, resamples: int = 1000, permutations: int = 1000, level: float = 0.95, seed: int = 0
) -> Significance:
    """Test every combination of a data set against chance, with intervals, and pick the best ones.

    Rows keep the order of ``runs``, and of equally good combinations the first is the best; no value in a row depends
    on the order. Without labels, or with labels of one class, what cannot be said is null.

    Args:
        runs: All runs of the data set; they are read one at a time.
        resamples: Number of bootstrap resamples.
        permutations: Number of permutations of the labels.
        level: Confidence level of the intervals.
        seed: Seed of both.

    Raises:
        ValueError: There are no runs, or their images differ.
    """
    evaluated, half = [], None
    for run in runs:
        if half is None:
            half = _half(run.scores, resamples=resamples, permutations=permutations, level=level, seed=seed)
        evaluated.append(_evaluated(run, half))
    if not evaluated:
        raise ValueError("no runs to judge; name at least one run of the data set")
    table = {name: np.concatenate([run.columns[name] for run in evaluated]) for name in evaluated[0].columns}
    for metric in (*TESTED, REVERSED):
        table[f"{metric}_p_corrected"] = _corrected(table["source"], [run.tested[metric] for run in evaluated])
    calibration = {metric: np.concatenate([run.calibration[metric] for run in evaluated]) for metric in TESTED}
    observed = {metric: np.concatenate([run.tested[metric].observed for run in evaluated]) for metric in TESTED}
    rows = pd.DataFrame(table)[SIGNIFICANCE.names[1:]]
    return Significance(rows, selection(rows, calibration, observed))


def _half(scores: pd.DataFrame, *, resamples: int, permutations: int, level: float, seed: int) -> _Half:
    first = scores.iloc[0]
    images = scores[(scores["source"] == first["source"]) & (scores["rule"] == first["rule"])]
    rows = np.flatnonzero(images["split"] == EVALUATION)
    used = (images["label"] == "used").to_numpy()[rows]
    # Numbers instead of names: groups are sorted once.
    groups = np.unique(images["group"].to_numpy()[rows].astype(str), return_inverse=True)[1]
    weights = patient_weights(used, groups, resamples, (seed, 0))
    labels = permuted_labels(used, groups, permutations, (seed, 1))
    return _Half(images["image_id"].to_numpy(), rows, Sample(used, groups, weights, level), labels)


def _evaluated(run: RunTables, half: _Half) -> _Evaluated:
    """Return everything about a run that needs no other run; one row for each of its thresholds."""
    sample, thresholds = half.sample, _arrays(run.thresholds)
    column_of, score = _scores_by_column(run.scores, half)
    at = list(zip(thresholds["source"], thresholds["rule"], strict=True))
    place_of_score = np.array([column_of[combination] for combination in at])
    decision, place = _distinct(decide(score[:, place_of_score], thresholds["threshold"]))
    of_ranking, resampled_auc = ranking_intervals(sample, score)
    of_decision = decision_intervals(sample, decision)
    auc, permuted_auc = _observed(auc_of_labels, sample.used, score), auc_of_labels(half.labels, score)
    tested = {
        "auc": _test(thresholds["source"], auc, permuted_auc, place_of_score),
        REVERSED: _test(thresholds["source"], 1 - auc, 1 - permuted_auc, place_of_score),
        "kappa": _test(
            thresholds["source"],
            _observed(kappa_of_labels, sample.used, decision),
            kappa_of_labels(half.labels, decision),
            place,
        ),
    }
    rows = len(at)
    columns = {name: np.full(rows, run.scores[name].iloc[0], object) for name in COMBINATION[:3]}
    columns |= {name: thresholds[name] for name in ("source", "rule", "threshold_rule")}
    for name in METRICS:
        found, where = (of_ranking[name], place_of_score) if name in of_ranking else (of_decision[name], place)
        columns |= {f"{name}_low": found.low[where], f"{name}_high": found.high[where]}
    columns |= {f"{metric}_p": test.p for metric, test in tested.items()}
    columns |= _gain(sample, column_of, auc, of_ranking["auc"], resampled_auc, at)
    columns |= _groups(sample, rows)
    return _Evaluated(columns, _calibration(run), tested)


def _arrays(table: pd.DataFrame) -> Columns:
    return {name: values.to_numpy() for name, values in table.items()}


def _scores_by_column(scores: pd.DataFrame, half: _Half) -> tuple[dict[tuple[str, str], int], np.ndarray]:
    """Return the column of every source and score rule, and the scores of the evaluation half (n, columns)."""
    count = len(half.image_id)
    if not np.array_equal(scores["image_id"], np.tile(half.image_id, len(scores) // count)):
        name = ", ".join(scores[part].iloc[0] for part in COMBINATION[:3])
        raise ValueError(f"the run ({name}) scores other images than the first run; evaluate the data set again")
    combinations = zip(scores["source"][::count], scores["rule"][::count], strict=True)
    column_of = {combination: column for column, combination in enumerate(combinations)}
    return column_of, scores["score"].to_numpy().reshape(-1, count)[:, half.rows].T


def _distinct(decision: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different columns of decisions, and which of them each column is: threshold rules often agree."""
    coded = np.where(np.isnan(decision), 2, decision).astype(np.int8)
    _, first, place = np.unique(coded, axis=1, return_index=True, return_inverse=True)
    return decision[:, first], place


def _observed(
    of_labels: Callable[[np.ndarray, np.ndarray], np.ndarray], used: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """Return the metric under the true labels (K,); NaN, and so no test, where there is only one class."""
    if used.all() or not used.any():
        return np.full(values.shape[1], np.nan)
    return of_labels(used[None], values)[0]


def _test(source: np.ndarray, observed: np.ndarray, permuted: np.ndarray, where: np.ndarray) -> _Tested:
    """Test of the rows that have the columns ``where`` of the observed (K,) and permuted (B, K) values."""
    distance, permuted_distance = studentised(observed, permuted)
    return _Tested(
        observed[where],
        p_values(observed, permuted)[where],
        distance[where],
        {name: largest(permuted_distance[:, np.unique(where[source == name])]) for name in (GENERATED, REAL_ONLY)},
    )


def _corrected(source: np.ndarray, tests: list[_Tested]) -> np.ndarray:
    """Return p corrected by max-T over all rows of a source, for either source."""
    distance = np.concatenate([test.distance for test in tests])
    p = np.full(source.size, np.nan)
    for name in (GENERATED, REAL_ONLY):
        highest = np.max([test.largest[name] for test in tests], axis=0)
        p[source == name] = p_values(distance[source == name], highest[:, None])
    return p


def _gain(
    sample: Sample,
    column_of: dict[tuple[str, str], int],
    auc: np.ndarray,
    interval: Interval,
    resampled: np.ndarray,
    at: list[tuple[str, str]],
) -> Columns:
    """Return AUC minus the real-only AUC of the same score rule; null in the rows of the control itself."""
    rules = [rule for source, rule in column_of if source == GENERATED]
    first, second = (np.array([column_of[source, rule] for rule in rules]) for source in (GENERATED, REAL_ONLY))
    gain = difference_interval(
        sample,
        (auc[first], auc[second]),
        (Interval(interval.low[first], interval.high[first]), Interval(interval.low[second], interval.high[second])),
        (resampled[first], resampled[second]),
    )
    place_of = {(GENERATED, rule): place for place, rule in enumerate(rules)}
    place = np.array([place_of.get(combination, -1) for combination in at])
    found = {"auc_gain": auc[first] - auc[second], "auc_gain_low": gain.low, "auc_gain_high": gain.high}
    return {name: np.where(place < 0, np.nan, values[place]) for name, values in found.items()}


def _groups(sample: Sample, rows: int) -> Columns:
    patients = {
        name: np.unique(sample.groups[images]).size
        for name, images in (("groups_used", sample.used), ("groups_not_used", ~sample.used))
    }
    several = np.unique(sample.groups).size < sample.groups.size
    return {name: np.full(rows, count) for name, count in patients.items()} | {
        "resampled": np.full(rows, "patients" if several else "images", object)
    }


def _calibration(run: RunTables) -> dict[str, np.ndarray]:
    """Return the tested metrics of every row on the calibration half."""
    metrics, thresholds = _arrays(run.calibration), run.thresholds
    half = np.flatnonzero(metrics["split"] == CALIBRATION)
    row_of = {(metrics["source"][row], metrics["rule"][row], metrics["threshold_rule"][row]): row for row in half}
    rows = [
        row_of[combination]
        for combination in zip(thresholds["source"], thresholds["rule"], thresholds["threshold_rule"], strict=True)
    ]
    return {metric: metrics[metric][rows] for metric in TESTED}
