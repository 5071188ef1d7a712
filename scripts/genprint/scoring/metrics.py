"""Metrics of a decision, and of the ranking behind it.

An undefined ratio (0 / 0) is NaN, which becomes null: it is never 0 or 1 by convention. Every metric carries its
formula, its range and what the constant answer "used" reaches, without which its value means nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from genprint.columns import COUNT, NUMBER, column

Count = float | np.integer | np.ndarray


class Confusion(NamedTuple):
    """Counts of decisions; whole numbers or integer arrays of one shape. Positive means "used"."""

    true_positive: Count
    false_positive: Count
    false_negative: Count
    true_negative: Count


class Metric(NamedTuple):
    """What a metric is. ``constant_used``: its value for the answer "used" to everything, at prevalence p."""

    formula: str
    low: float
    high: float
    constant_used: str


METRICS = {
    "accuracy": Metric("(TP + TN) / n", 0, 1, "p"),
    "precision": Metric("TP / (TP + FP)", 0, 1, "p"),
    "recall": Metric("TP / (TP + FN)", 0, 1, "1"),
    "specificity": Metric("TN / (TN + FP)", 0, 1, "0"),
    "f1": Metric("2 TP / (2 TP + FP + FN)", 0, 1, "2p / (1 + p)"),
    "kappa": Metric("(accuracy - chance) / (1 - chance), chance = agreement of independent answers", -1, 1, "0"),
    "mcc": Metric("(TP TN - FP FN) / sqrt((TP + FP)(TP + FN)(TN + FP)(TN + FN))", -1, 1, "undefined"),
    "advantage": Metric("TPR - FPR = recall + specificity - 1", -1, 1, "0"),
    "auc": Metric("P(score of a used > of a not used image) + P(equal) / 2", 0, 1, "1/2"),
    "tpr_at_1_permille_fpr": Metric("largest TPR of a threshold with FP / (FP + TN) <= 0.001", 0, 1, "0"),
    "tpr_at_1_percent_fpr": Metric("largest TPR of a threshold with FP / (FP + TN) <= 0.01", 0, 1, "0"),
    "tpr_at_10_percent_fpr": Metric("largest TPR of a threshold with FP / (FP + TN) <= 0.10", 0, 1, "0"),
}

BUDGETS = {"tpr_at_1_permille_fpr": 0.001, "tpr_at_1_percent_fpr": 0.01, "tpr_at_10_percent_fpr": 0.10}
"""The share of images not used that each of these metrics may call used."""

COUNTS = {
    "n": "images judged",
    "n_used": "used images among those judged",
    "n_not_used": "not used images among those judged",
    "n_undecided": "images without a decision",
    "true_positive": "used, and called used",
    "false_positive": "not used, but called used",
    "false_negative": "used, but called not used",
    "true_negative": "not used, and called not used",
}
"""What is counted; the last four are the fields of `Confusion`."""

COUNT_COLUMNS = {name: column(name, COUNT, text) for name, text in COUNTS.items()}
METRIC_COLUMNS = {
    name: column(name, NUMBER, f"{metric.formula}, {metric.low} to {metric.high}") for name, metric in METRICS.items()
}


def measure(used: np.ndarray, score: np.ndarray, threshold: np.ndarray | float) -> dict[str, float]:
    """Return `COUNTS`, then `METRICS`, of the decision "used if score >= threshold".

    Args:
        used: The truth, bool (n,).
        score: Larger = more likely used (n,). NaN: no decision; the image counts in ``n_undecided`` and in nothing else
            after it.
        threshold: of all images, or of each (n,). NaN leaves images undecided; the metrics of the ranking need none.
    """
    scored = ~np.isnan(score)
    decided = scored & ~np.isnan(threshold)
    confusion = confusion_of(used[decided], (score >= threshold)[decided])
    totals = (
        used.size,
        np.count_nonzero(used),
        np.count_nonzero(~used),
        used.size - np.count_nonzero(decided),
    )
    ranking = used[scored], score[scored]
    return (
        dict(zip(COUNTS, map(int, (*totals, *confusion)), strict=True))
        | {name: float(value(confusion)) for name, value in DECISION_METRICS.items()}
        | {"auc": auc(*ranking)}
        | {name: tpr_at_fpr(*ranking, budget) for name, budget in BUDGETS.items()}
    )


def confusion_of(used: np.ndarray, decided_used: np.ndarray) -> Confusion:
    """Count the truth (bool) against the decision (bool)."""
    return Confusion(
        np.count_nonzero(used & decided_used),
        np.count_nonzero(~used & decided_used),
        np.count_nonzero(used & ~decided_used),
        np.count_nonzero(~used & ~decided_used),
    )


def accuracy(c: Confusion) -> np.ndarray:
    """Return the share of right decisions: (TP + TN) / n."""
    tp, fp, fn, tn = c
    return ratio(tp + tn, tp + fp + fn + tn)


def precision(c: Confusion) -> np.ndarray:
    """Return the share of the decisions "used" that are right: TP / (TP + FP)."""
    return ratio(c.true_positive, c.true_positive + c.false_positive)


def recall(c: Confusion) -> np.ndarray:
    """Return the share of the used images that are found, the true positive rate: TP / (TP + FN)."""
    return ratio(c.true_positive, c.true_positive + c.false_negative)


def specificity(c: Confusion) -> np.ndarray:
    """Return the share of the images not used that are left alone, 1 - false positive rate: TN / (TN + FP)."""
    return ratio(c.true_negative, c.true_negative + c.false_positive)


def f1(c: Confusion) -> np.ndarray:
    """Return the harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN).

    Cao & Zhou (2024), eq. (5), print it without the factor 2; their tables have it.
    """
    return ratio(2 * c.true_positive, 2 * c.true_positive + c.false_positive + c.false_negative)


def kappa(c: Confusion) -> np.ndarray:
    """Return Cohen's kappa, agreement beyond chance (10.1177/001316446002000104), as one ratio of whole numbers.

    2 (TP TN - FN FP) / ((TP + FP)(FP + TN) + (TP + FN)(FN + TN)).
    """
    tp, fp, fn, tn = c
    return ratio(2 * (tp * tn - fn * fp), (tp + fp) * (fp + tn) + (tp + fn) * (fn + tn))


def mcc(c: Confusion) -> np.ndarray:
    """Return the Matthews correlation coefficient of decision and truth (10.1016/0005-2795(75)90109-9)."""
    tp, fp, fn, tn = c
    coefficient = ratio(tp * tn - fp * fn, np.sqrt((tp + fp) * (tn + fn)) * np.sqrt((tp + fn) * (tn + fp)))
    return np.clip(coefficient, -1, 1)  # two roots multiplied may be a rounding less than their product


def advantage(c: Confusion) -> np.ndarray:
    """Return the membership advantage, true less false positive rate (Yeom et al., 2018, 10.1109/CSF.2018.00027).

    It is Youden's J, recall + specificity - 1 (10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3).
    """
    tp, fp, fn, tn = c
    return ratio(tp * tn - fp * fn, (tp + fn) * (fp + tn))


DECISION_METRICS: dict[str, Callable[[Confusion], np.ndarray]] = {
    "accuracy": accuracy,
    "precision": precision,
    "recall": recall,
    "specificity": specificity,
    "f1": f1,
    "kappa": kappa,
    "mcc": mcc,
    "advantage": advantage,
}


def auc(used: np.ndarray, score: np.ndarray) -> float:
    """Return the area under the ROC curve by midranks: P(used scores higher) + P(equal) / 2; NaN without a class."""
    positive, negative = _counts_by_score(used, score)
    below = np.cumsum(negative) - negative
    pairs = positive.sum() * negative.sum()
    return float(ratio((positive * (2 * below + negative)).sum(), 2 * pairs))


def tpr_at_fpr(used: np.ndarray, score: np.ndarray, budget: float) -> float:
    """Return the largest true positive rate of a threshold whose false positive rate is within ``budget``.

    A step function: interpolating between two thresholds promises a rate that no threshold has. With fewer than
    1 / budget images not used, it is the rate at no false positive at all. NaN if a class is empty.
    """
    positive, negative = (np.cumsum(counts[::-1]) for counts in _counts_by_score(used, score))
    if not used.any() or used.all():
        return np.nan
    allowed = negative / negative[-1] <= budget
    return float(np.max(positive, where=allowed, initial=0) / positive[-1])


def _counts_by_score(used: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers of used and of not used images with each distinct score, ascending."""
    distinct, place = np.unique(score, return_inverse=True)
    return np.bincount(place[used], minlength=distinct.size), np.bincount(place[~used], minlength=distinct.size)


def ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> np.ndarray:
    """Return numerator / denominator, NaN where the denominator is 0; shapes are broadcast."""
    numerator, denominator = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator == 0, np.nan, numerator / denominator)
