"""Bootstrap by patient: every metric of every combination in every resample.

A resample is a weight for each image, so all resamples share one set of scores, and the confusion counts of all
combinations are matrix products. Weights are whole numbers: their sums are exact, whatever the order of the additions.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from genprint.metrics import DECISION_METRICS, Confusion, ratio


class Ranking(NamedTuple):
    """Metrics of K scores in B resamples, each (K, B)."""

    auc: np.ndarray
    tpr_at_1_percent_fpr: np.ndarray
    tpr_at_10_percent_fpr: np.ndarray


BUDGETS = {"tpr_at_1_percent_fpr": 0.01, "tpr_at_10_percent_fpr": 0.10}


def patient_weights(used: np.ndarray, groups: Sequence, count: int, seed: int | Sequence[int]) -> np.ndarray:
    """Weight of every image in every resample, whole numbers as float64 (count, n).

    Patients with used images only, with images not used only, and with both are three strata; each resample draws one
    patient fewer than a stratum has, with replacement, and scales up to its size. Drawing all of them would make the
    variance too small by a factor 1 - 1 / patients (Rao & Wu, 1988, 10.1080/01621459.1988.10478591). Only ratios of
    weights mean anything: they are multiplied by what makes them whole. A stratum of one patient stays as it is.

    Args:
        used: The truth, bool (n,).
        groups: The group (patient) of every image (n,).
        count: Number of resamples.
        seed: Seed of the random generator; equal seeds give equal weights.
    """
    names, member = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    used_images = np.bincount(member, weights=used, minlength=names.size)
    stratum = np.sign(used_images).astype(int) + (used_images == np.bincount(member, minlength=names.size))
    _, stratum, sizes = np.unique(stratum, return_inverse=True, return_counts=True)
    drawn = np.maximum(sizes - 1, 1)
    scales = np.array([size * np.prod(np.delete(drawn, index)) for index, size in enumerate(sizes)], int)
    scales //= np.gcd.reduce(scales, initial=0)
    random = np.random.default_rng(seed)
    weights = np.empty((count, names.size))
    for index, (size, draws, scale) in enumerate(zip(sizes, drawn, scales, strict=True)):
        weights[:, stratum == index] = scale * random.multinomial(draws, np.full(size, 1 / size), count)
    return weights[:, member]


def resampled_decisions(
    weights: np.ndarray, used: np.ndarray, decision: np.ndarray, metrics: Iterable[str] = tuple(DECISION_METRICS)
) -> dict[str, np.ndarray]:
    """Metrics of K decisions in B resamples, each (K, B); with weights 1 those of `genprint.metrics`.

    Args:
        weights: Of every image in every resample (B, n).
        used: The truth, bool (n,).
        decision: 1 used, 0 not used, NaN undecided and left out of that column (n, K).
        metrics: Names in `genprint.metrics.DECISION_METRICS`.
    """
    confusion = Confusion(
        *(
            (decision[images] == decided).T.astype(np.float64) @ weights[:, images].T
            for decided, images in ((1, used), (1, ~used), (0, used), (0, ~used))
        )
    )
    return {name: DECISION_METRICS[name](confusion) for name in metrics}


def resampled_ranking(weights: np.ndarray, used: np.ndarray, score: np.ndarray) -> Ranking:
    """AUC and true positive rates within a budget of false ones, of K scores in B resamples.

    With weights 1 these are `genprint.metrics.auc` and `tpr_at_fpr`, ties and all. Memory: a few arrays (n, B).

    Args:
        weights: Of every image in every resample (B, n).
        used: The truth, bool (n,).
        score: Larger = more likely used (n, K). An image whose score is NaN is left out of that column.
    """
    by_class = [np.ascontiguousarray(weights[:, images].T) for images in (used, ~used)]
    values = np.empty((len(Ranking._fields), score.shape[1], len(weights)))
    for column, of_column in enumerate(score.T):
        values[:, column] = _ranking(*by_class, of_column[used], of_column[~used])
    return Ranking(*values)


def _ranking(
    used_weight: np.ndarray, not_used_weight: np.ndarray, used_score: np.ndarray, not_used_score: np.ndarray
) -> list[np.ndarray]:
    """The metrics of one score, each (B,), from the weights (images, B) and the scores of either class."""
    descending = np.argsort(-used_score, kind="stable")[: np.count_nonzero(~np.isnan(used_score))]
    ascending = np.argsort(not_used_score, kind="stable")[: np.count_nonzero(~np.isnan(not_used_score))]
    used_score, not_used_score = used_score[descending], not_used_score[ascending]
    used_weight = used_weight[descending]
    used_above, not_used_below = _cumulated(used_weight), _cumulated(not_used_weight[ascending])
    used_total, not_used_total = used_above[-1], not_used_below[-1]
    beaten = not_used_below[np.searchsorted(not_used_score, used_score, "left")]
    beaten_or_equal = not_used_below[np.searchsorted(not_used_score, used_score, "right")]
    twice_won = (used_weight * (beaten + beaten_or_equal)).sum(axis=0)
    found = [ratio(twice_won, 2 * used_total * not_used_total)]
    # Of the cuts at a used image's score, those within the budget are the highest ones.
    false_positive_rate = ratio(not_used_total - beaten, not_used_total)
    for budget in BUDGETS.values():
        within = np.count_nonzero(false_positive_rate <= budget, axis=0)
        true_positive = np.take_along_axis(used_above, within[None], axis=0)[0]
        found.append(np.where(not_used_total > 0, ratio(true_positive, used_total), np.nan))
    return found


def _cumulated(weights: np.ndarray) -> np.ndarray:
    """Sums of the first 0, 1, ..., all rows."""
    sums = np.zeros((len(weights) + 1, weights.shape[1]))
    np.cumsum(weights, axis=0, out=sums[1:])
    return sums
