"""All runs of one data set tested against chance: intervals, permutation tests, and the winner of the sweep.

The best of many combinations looks good by chance alone. So every p comes twice, as it is and corrected for all
combinations of the data set (max-T), and the winner is reported twice, as picked on images that it is not judged by,
and as picked on the images that it is judged by, so that the reader sees the difference.

Under cross-fitting, labels are permuted and patients drawn within folds. Where encoders have learnt from labels, what
the folds say is uncorrelated (each pair has a fold whose labels only one of the two knows) but not independent: see
`SPREAD`.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from genprint.columns import (
    COUNT,
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
from genprint.images.parts import judged, judged_parts
from genprint.inference.intervals import Interval
from genprint.inference.permutation import (
    auc_of_labels,
    centred,
    kappa_of_labels,
    largest,
    p_values_of_folds,
    studentised,
    tpr_of_labels,
)
from genprint.inference.relabelling import p_values, permuted_labels
from genprint.inference.resampling import patient_weights, resampled_decisions, resampled_ranking
from genprint.inference.selection import COMBINATION, TESTED, Choice, Chosen, Row, best_on, selection
from genprint.inference.uncertainty import (
    Sample,
    decision_intervals,
    difference_interval,
    epsilon_bound,
    patients_found,
    ranking_intervals,
    widened,
)
from genprint.scoring.evaluation import CALIBRATION, EVALUATION, GENERATED, REAL_ONLY
from genprint.scoring.metrics import BUDGETS, METRICS
from genprint.scoring.patients import patient_scores
from genprint.scoring.thresholds import decide

REVERSED = "reversed_auc"
"""1 - AUC, which is large where the images that were not used are the nearer ones."""

TAIL = ("tpr_at_1_permille_fpr", "tpr_at_1_percent_fpr")
"""What is tested of the used images that stand out most."""

SPREAD = 1.15
"""How much wider than by permutations what cross-fitted encoders say may vary.

The worst case are encoders that learn the sign of one number. With c_k the chance difference of it between the labels
of fold k, in standard deviations, and s_k its sign, three folds say together T = |c_1| s_1 s_2 + |c_2| s_2 s_3 +
|c_3| s_3 s_1. Its variance is that of three independent folds, but P(T > 1.15 sqrt(3) z) is what P(T > sqrt(3) z)
should be: 0.05 for z = 1.64. Farther out less is needed (1.10 for 0.01, 1.06 for 0.001; four million draws).
"""

SIGNIFICANCE = schema(
    "a row for each combination of the data set, on all images that are judged",
    *(DATASET, *RUN, SOURCE, RULE, THRESHOLD_RULE),
    *(bound for metric in METRICS for bound in bounds(metric)),
    *(
        column(f"{metric}_{test}", NUMBER, text.format(metric))
        for metric in (*TESTED, REVERSED, *TAIL)
        for test, text in (
            ("p", "one-sided permutation p of `{}`"),
            ("p_corrected", "the same for `{}`, corrected for all combinations tried (max-T)"),
        )
    ),
    column("auc_gain", NUMBER, "AUC minus the AUC of the real-only control; null for the control itself"),
    *bounds("auc_gain"),
    column("epsilon_low", NUMBER, "lower bound of the epsilon of differential privacy that the decisions exceed"),
    column("patients_at_1_percent_fpr", COUNT, "patients with a used image found at 1 % false positives"),
    *(
        column(f"patient_auc{kind}{test}", NUMBER, text + of_test)
        for kind, text in (
            ("", "AUC of patients, by the largest score of each"),
            ("_of_three", "AUC of patients, by the mean of the three largest scores of each"),
        )
        for test, of_test in (("", ""), ("_p", ": its one-sided permutation p"))
    ),
    *(GROUPS_USED, GROUPS_NOT_USED),
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
    learnt: bool = False
    """Whether a trained encoder decides what it compares."""


class Significance(NamedTuple):
    """The two tables of a data set."""

    significance: pd.DataFrame
    """The table `SIGNIFICANCE`, without its column dataset."""
    selection: pd.DataFrame
    """The table `genprint.inference.selection.SELECTION`, without its column dataset."""


class _Judged(NamedTuple):
    """The images that are judged: the same, with the same resamples and permutations, for all runs."""

    image_id: np.ndarray
    """The ids of all candidates."""
    rows: np.ndarray
    """The positions of the n images that are judged among all candidates."""
    parts: list[str]
    """The names of the parts that are judged: evaluation, or the folds."""
    folds: np.ndarray
    """The position of the part of each of the n."""
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
    evaluated, images, chosen = [], None, None
    for run in runs:
        if images is None:
            images = _images(run.scores, resamples=resamples, permutations=permutations, level=level, seed=seed)
            chosen = Choice(images.sample.used, images.folds) if len(images.parts) > 1 else None
        evaluated.append(_evaluated(run, images, chosen))
    if images is None:
        raise ValueError("no runs to judge; name at least one run of the data set")
    table = {name: np.concatenate([run.columns[name] for run in evaluated]) for name in evaluated[0].columns}
    for metric in (*TESTED, REVERSED, *TAIL):
        table[f"{metric}_p_corrected"] = _corrected(table["source"], [run.tested[metric] for run in evaluated])
    observed = {
        metric: np.concatenate([run.tested[metric].observed for run in evaluated]) for metric in (*TESTED, TAIL[-1])
    }
    rows = pd.DataFrame(table)[SIGNIFICANCE.names[1:]]
    if chosen is not None:
        return Significance(rows, selection(rows, _of_choice(chosen, images), observed))
    calibration = {metric: np.concatenate([run.calibration[metric] for run in evaluated]) for metric in TESTED}
    return Significance(rows, selection(rows, best_on(rows, calibration, observed), observed))


def _images(scores: pd.DataFrame, *, resamples: int, permutations: int, level: float, seed: int) -> _Judged:
    first = scores.iloc[0]
    images = scores[(scores["source"] == first["source"]) & (scores["rule"] == first["rule"])]
    rows = np.flatnonzero(judged(images["split"]))
    used = (images["label"] == "used").to_numpy()[rows]
    parts = judged_parts(images["split"], images["label"])
    folds = np.argmax([own[rows] for own in parts.values()], axis=0)
    # Numbers instead of names: groups are sorted once.
    groups = np.unique(images["group"].to_numpy()[rows].astype(str), return_inverse=True)[1]
    weights = patient_weights(used, groups, resamples, (seed, 0), folds)
    labels = permuted_labels(used, groups, permutations, (seed, 1), folds)
    sample = Sample(used, groups, weights, level)
    return _Judged(images["image_id"].to_numpy(), rows, list(parts), folds, sample, labels)


def _evaluated(run: RunTables, images: _Judged, chosen: Choice | None) -> _Evaluated:
    """Return everything about a run that needs no other run; one row for each of its combinations.

    The combinations are offered to the choice of the best.
    """
    sample = images.sample
    thresholds, cuts = _by_part(run.thresholds)
    column_of, score = _scores_by_column(run.scores, images)
    at = list(zip(thresholds["source"], thresholds["rule"], strict=True))
    place_of_score = np.array([column_of[combination] for combination in at])
    decision, place = _distinct(decide(score[:, place_of_score], cuts[images.folds]))
    spread = SPREAD if run.learnt and chosen is not None else 1.0
    of_ranking, resampled_auc = ranking_intervals(sample, score)
    of_decision = decision_intervals(sample, decision)
    once = np.ones((1, len(score)))
    ranked, decided = resampled_ranking(once, sample.used, score), resampled_decisions(once, sample.used, decision)
    values = {name: found[:, 0] for name, found in (ranked._asdict() | decided).items()}
    auc, permuted_auc = _observed(auc_of_labels, sample.used, score), auc_of_labels(images.labels, score)
    kappas = _observed(kappa_of_labels, sample.used, decision), kappa_of_labels(images.labels, decision)
    source = thresholds["source"]
    tested = {
        "auc": _test(source, auc, permuted_auc, place_of_score, spread),
        REVERSED: _test(source, 1 - auc, 1 - permuted_auc, place_of_score, spread),
        "kappa": _test(source, *kappas, place, spread),
    }
    for rate in TAIL:
        null = tpr_of_labels(images.labels, score, BUDGETS[rate])
        tested[rate] = _test(source, values[rate], null, place_of_score, spread, centre=centred)
    rows = len(at)
    names = {name: run.scores[name].iloc[0] for name in COMBINATION[:3]}
    columns = {name: np.full(rows, value, object) for name, value in names.items()}
    columns |= {name: thresholds[name] for name in ("source", "rule", "threshold_rule")}
    for name, metric in METRICS.items():
        found, where = (of_ranking[name], place_of_score) if name in of_ranking else (of_decision[name], place)
        found = widened(values[name], found, spread, (metric.low, metric.high)) if spread > 1 else found
        columns |= {f"{name}_low": found.low[where], f"{name}_high": found.high[where]}
    columns |= {f"{metric}_p": test.p for metric, test in tested.items()}
    columns |= _gain(sample, column_of, auc, of_ranking["auc"], resampled_auc, at, spread)
    columns["epsilon_low"] = epsilon_bound(sample, decision)[place]
    columns["patients_at_1_percent_fpr"] = patients_found(sample, score, BUDGETS[TAIL[-1]])[place_of_score]
    columns |= {name: values[place_of_score] for name, values in _of_patients(score, images, spread).items()}
    columns |= _groups(sample, rows)
    if chosen is not None:
        rules = thresholds["threshold_rule"].tolist()
        chosen.offer(names, at, rules, score[:, place_of_score], decision[:, place], run.learnt)
    calibration = _calibration(run) if chosen is None else {}
    return _Evaluated(columns, calibration, tested)


def _of_choice(choice: Choice, images: _Judged) -> list[Row]:
    """Return the rows of `selection` about what was chosen for each fold on the next, judged on all of them."""
    rows: list[Row] = []
    for metric in TESTED:
        chosen = choice.chosen(metric)
        if chosen is None:
            rows.append({"metric": metric, "chosen_on": CALIBRATION, "part": EVALUATION})
            continue
        spread = SPREAD if chosen.learnt else 1.0
        figures = _ranked(chosen, images, spread) if metric == "auc" else _decided(chosen, images, spread)
        for part, names in zip(images.parts, chosen.names, strict=True):
            rows.append({"metric": metric, "chosen_on": CALIBRATION, "part": part, **names, **figures})
    return rows


def _ranked(chosen: Chosen, images: _Judged, spread: float) -> Row:
    """Return what the ranking by the chosen combinations is worth, beside real-only."""
    sample, score = images.sample, np.column_stack([chosen.score, chosen.real_only])
    auc, permuted = _observed(auc_of_labels, sample.used, score), auc_of_labels(images.labels, score)
    found, resampled = ranking_intervals(sample, score)
    column_of = {(GENERATED, ""): 0, (REAL_ONLY, ""): 1}
    gain = _gain(sample, column_of, auc, found["auc"], resampled, [(GENERATED, "")], spread)
    recall = resampled_ranking(np.ones((1, len(score))), sample.used, score).tpr_at_1_percent_fpr
    return {
        **_outcome("auc", auc, permuted, found["auc"], spread),
        "recall_at_1_percent_fpr": recall[0, 0],
        "patients_at_1_percent_fpr": patients_found(sample, score, BUDGETS[TAIL[-1]])[0],
        "real_only": auc[1],
        **{name.removeprefix("auc_"): values[0] for name, values in gain.items()},
    }


def _decided(chosen: Chosen, images: _Judged, spread: float) -> Row:
    """Return what the decisions by the chosen combinations are worth."""
    sample, decision = images.sample, chosen.decision[:, None]
    kappa, permuted = _observed(kappa_of_labels, sample.used, decision), kappa_of_labels(images.labels, decision)
    return _outcome("kappa", kappa, permuted, decision_intervals(sample, decision)["kappa"], spread)


def _outcome(metric: str, values: np.ndarray, permuted: np.ndarray, interval: Interval, spread: float) -> Row:
    bounds = widened(values, interval, spread, (METRICS[metric].low, METRICS[metric].high))
    source = np.full(len(values), GENERATED, object)
    p = _test(source, values, permuted, np.arange(len(values)), spread).p
    return {"value": values[0], "low": bounds.low[0], "high": bounds.high[0], "p": p[0]}


def _of_patients(score: np.ndarray, images: _Judged, spread: float) -> Columns:
    """Return AUC and p of patients by every score; one with used and not used images is neither."""
    used, member = images.sample.used, images.sample.groups
    patients, first = np.unique(member, return_index=True)
    whole = np.array([len(set(used[member == patient].tolist())) == 1 for patient in patients], bool)
    found = {}
    for kind, values in zip(("", "_of_three"), patient_scores(score, member), strict=True):
        own = values[whole]
        observed = _observed(auc_of_labels, used[first][whole], own)
        permuted = auc_of_labels(images.labels[:, first[whole]], own)
        found[f"patient_auc{kind}"] = observed
        found[f"patient_auc{kind}_p"] = p_values_of_folds(observed, permuted, spread)
    return found


def _by_part(thresholds: pd.DataFrame) -> tuple[Columns, np.ndarray]:
    """Return the combinations of a run, and the threshold of each for every part that is judged (parts, C)."""
    parts = thresholds["part"].nunique()
    cuts = thresholds["threshold"].to_numpy(float).reshape(-1, parts).T
    return _arrays(thresholds.iloc[::parts]), cuts


def _arrays(table: pd.DataFrame) -> Columns:
    return {name: values.to_numpy() for name, values in table.items()}


def _scores_by_column(scores: pd.DataFrame, images: _Judged) -> tuple[dict[tuple[str, str], int], np.ndarray]:
    """Return the column of every source and score rule, and the scores of the n images (n, columns)."""
    count = len(images.image_id)
    if not np.array_equal(scores["image_id"], np.tile(images.image_id, len(scores) // count)):
        name = ", ".join(scores[part].iloc[0] for part in COMBINATION[:3])
        raise ValueError(f"the run ({name}) scores other images than the first run; evaluate the data set again")
    combinations = zip(scores["source"][::count], scores["rule"][::count], strict=True)
    column_of = {combination: column for column, combination in enumerate(combinations)}
    return column_of, scores["score"].to_numpy().reshape(-1, count)[:, images.rows].T


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


def _test(
    source: np.ndarray,
    observed: np.ndarray,
    permuted: np.ndarray,
    where: np.ndarray,
    spread: float,
    *,
    centre: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]] = studentised,
) -> _Tested:
    """Test of the rows that have the columns ``where`` of the observed (K,) and permuted (B, K) values.

    The distance of an observed value from the null mean counts 1 / ``spread``; ``centre`` measures distances.
    """
    distance, permuted_distance = centre(observed, permuted)
    return _Tested(
        observed[where],
        p_values_of_folds(observed, permuted, spread)[where],
        distance[where] / spread,
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
    spread: float,
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
    gained = auc[first] - auc[second]
    gain = widened(gained, gain, spread, (-1, 1))
    place_of = {(GENERATED, rule): place for place, rule in enumerate(rules)}
    place = np.array([place_of.get(combination, -1) for combination in at])
    found = {"auc_gain": gained, "auc_gain_low": gain.low, "auc_gain_high": gain.high}
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
