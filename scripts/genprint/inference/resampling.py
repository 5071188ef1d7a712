"""Bootstrap by patient: every metric of every combination in every resample.

A resample is a weight for each image, so all resamples share one set of scores, and the confusion counts of all
combinations are matrix products. Weights are whole numbers: their sums are exact, whatever the order of the additions.
"""

from collections.abc import Iterable, Sequence
from math import lcm
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from genprint.inference.relabelling import PatientCounts
from genprint.scoring.metrics import BUDGETS, DECISION_METRICS, Confusion, ratio


class Ranking(NamedTuple):
    """Metrics of K scores in B resamples, each (K, B)."""

    auc: np.ndarray
    tpr_at_1_permille_fpr: np.ndarray
    tpr_at_1_percent_fpr: np.ndarray
    tpr_at_10_percent_fpr: np.ndarray


def patient_weights(
    used: np.ndarray,
    groups: npt.ArrayLike,
    count: int,
    seed: int | Sequence[int],
    strata: npt.ArrayLike | None = None,
) -> np.ndarray:
    """Return the weight of every image in every resample, whole numbers as float64 (count, n).

    Patients with used images only, with images not used only, and with both are three strata, or three in each of the
    ``strata`` if there are any; each resample draws one patient fewer than a stratum has, with replacement, and scales
    up to its size. Drawing all of them would make the variance too small by a factor 1 - 1 / patients (Rao & Wu, 1988,
    10.1080/01621459.1988.10478591). Only ratios of weights mean anything: they are multiplied by what makes them
    whole. A stratum of one patient stays as it is.

    Args:
        used: The truth, bool (n,).
        groups: The group (patient) of every image (n,).
        count: Number of resamples.
        seed: Seed of the random generator; equal seeds give equal weights.
        strata: The stratum of every image (n,), one for all images of a group.
    """
    patients = PatientCounts.of(used, groups, strata)
    kind = np.sign(patients.used).astype(int) + (patients.used == patients.images)
    _, stratum, sizes = np.unique(kind + 3 * patients.stratum, return_inverse=True, return_counts=True)
    drawn = np.maximum(sizes - 1, 1)
    whole = lcm(*drawn.tolist())
    scales = np.array(
        [size * (whole // draws) for size, draws in zip(sizes.tolist(), drawn.tolist(), strict=True)], int
    )
    scales //= np.gcd.reduce(scales, initial=0)
    random = np.random.default_rng(seed)
    weights = np.empty((count, kind.size))
    for index, (size, draws, scale) in enumerate(zip(sizes, drawn, scales, strict=True)):
        weights[:, stratum == index] = scale * random.multinomial(draws, np.full(size, 1 / size), count)
    return weights[:, patients.member]


def resampled_decisions(
    weights: np.ndarray, used: np.ndarray, decision: np.ndarray, metrics: Iterable[str] = tuple(DECISION_METRICS)
) -> dict[str, np.ndarray]:
    """Return metrics of K decisions in B resamples, each (K, B); with weights 1 those of `genprint.scoring.metrics`.

    Args:
        weights: Of every image in every resample (B, n).
        used: The truth, bool (n,).
        decision: 1 used, 0 not used, NaN undecided and left out of that column (n, K).
        metrics: Names in `genprint.scoring.metrics.DECISION_METRICS`.
    """
    confusion = Confusion(
        *(
            (decision[images] == decided).T.astype(np.float64) @ weights[:, images].T
            for decided, images in ((1, used), (1, ~used), (0, used), (0, ~used))
        )
    )
    return {name: DECISION_METRICS[name](confusion) for name in metrics}


def resampled_ranking(weights: np.ndarray, used: np.ndarray, score: np.ndarray) -> Ranking:
    """Return AUC and true positive rates within a budget of false ones, of K scores in B resamples.

    With weights 1 these are `genprint.scoring.metrics.auc` and `tpr_at_fpr`, ties and all. Memory: a few arrays (n, B).

    Args:
        weights: Of every image in every resample (B, n).
        used: The truth, bool (n,).
        score: Larger = more likely used (n, K). An image whose score is NaN is left out of that column.
    """
    used_weight, not_used_weight = (np.ascontiguousarray(weights[:, images].T) for images in (used, ~used))
    values = np.empty((len(Ranking._fields), score.shape[1], len(weights)))
    for column, of_column in enumerate(score.T):
        values[:, column] = _ranking(used_weight, not_used_weight, of_column[used, None], of_column[~used])
    return Ranking(*values)


def _ranking(
    used_weight: np.ndarray, not_used_weight: np.ndarray, used_score: np.ndarray, not_used_score: np.ndarray
) -> list[np.ndarray]:
    """Return the metrics of one score, each (B,), from weights (images, B) and scores (U, 1) and (N,) by class."""
    used_total = ~np.isnan(used_score[:, 0]) @ used_weight
    not_used_total = ~np.isnan(not_used_score) @ not_used_weight
    beaten = (used_score > not_used_score) @ not_used_weight
    # The best cut within a budget is the lowest score of a used image that is within. Nothing is rounded here: weights
    # are whole numbers, and the budgets as floats are no less than what they stand for.
    within = [beaten >= not_used_total - np.floor(budget * not_used_total) for budget in BUDGETS.values()]
    equal = used_score == not_used_score
    if equal.any():
        beaten += equal @ (not_used_weight / 2)
    found = [ratio((used_weight * beaten).sum(axis=0), used_total * not_used_total)]
    for called_used in within:
        true_positive = np.sum(used_weight, axis=0, where=called_used)
        found.append(np.where(not_used_total > 0, ratio(true_positive, used_total), np.nan))
    return found
