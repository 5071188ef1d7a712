"""Permutation tests: how often chance alone does as well as a method, and as well as the best of many methods.

All permutations of all combinations are a few matrix products of whole numbers, hence exact, and the
same whatever the order of the additions.
"""

import numpy as np
from scipy.stats import rankdata

from genprint.inference.relabelling import p_values
from genprint.scoring.metrics import Confusion, kappa, ratio


def auc_of_labels(labels: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Return the AUC of every score under every labelling (B, K), as `genprint.scoring.metrics.auc` has it.

    Args:
        labels: True is used, bool (B, n).
        score: Larger = more likely used (n, K). An image whose score is NaN is left out of that column.
    """
    labels = labels.astype(np.float64)
    scored = ~np.isnan(score)
    positive = labels @ scored
    negative = scored.sum(axis=0) - positive
    # Whole numbers, so that the products are exact.
    twice_midranks = np.nan_to_num(2 * rankdata(score, axis=0, nan_policy="omit"))
    twice_won = labels @ twice_midranks - positive * (positive + 1)
    return ratio(twice_won, 2 * positive * negative)


def tpr_of_labels(labels: np.ndarray, score: np.ndarray, budget: float) -> np.ndarray:
    """Return the largest TPR within a budget of false positives of every score under every labelling (B, K).

    It is `genprint.scoring.metrics.tpr_at_fpr`; arguments are as in `auc_of_labels`.
    """
    found = np.full((len(labels), score.shape[1]), np.nan)
    for column, values in enumerate(score.T):
        scored = np.flatnonzero(~np.isnan(values))
        order = scored[np.argsort(-values[scored], kind="stable")]
        ascending = -values[order]
        first_equal = np.searchsorted(ascending, ascending)
        false_positives = np.cumsum(~labels[:, order], axis=1)
        if not len(order):
            continue
        negatives = false_positives[:, -1]
        # The first image beyond the budget, and before it all that score higher.
        beyond = false_positives > np.floor(budget * negatives)[:, None]
        ends = np.where(beyond.any(axis=1), first_equal[beyond.argmax(axis=1)], len(order))
        inside = np.concatenate([np.zeros((len(labels), 1), int), false_positives], axis=1)
        true_positives = ends - np.take_along_axis(inside, ends[:, None], axis=1)[:, 0]
        positives = len(order) - negatives
        found[:, column] = np.where(negatives > 0, ratio(true_positives, positives), np.nan)
    return found


def kappa_of_labels(labels: np.ndarray, decision: np.ndarray) -> np.ndarray:
    """Return Cohen's kappa of every decision under every labelling (B, K).

    Args:
        labels: True is used, bool (B, n).
        decision: 1 used, 0 not used, NaN undecided and left out of that column (n, K).
    """
    labels = labels.astype(np.float64)
    decided = ~np.isnan(decision)
    called_used = decision == 1
    positive, true_positive = labels @ decided, labels @ called_used
    called = called_used.sum(axis=0)
    false_positive, false_negative = called - true_positive, positive - true_positive
    true_negative = decided.sum(axis=0) - called - false_negative
    return kappa(Confusion(true_positive, false_positive, false_negative, true_negative))


def p_values_of_folds(observed: np.ndarray, permuted: np.ndarray, spread: float) -> np.ndarray:
    """Return `p_values` of values that may vary ``spread`` times as much as permutations say.

    Args:
        observed: (K,).
        permuted: (B, K).
        spread: 1, or `genprint.inference.significance.SPREAD` where encoders have learnt from other folds' labels.
    """
    if spread == 1:
        return p_values(observed, permuted)
    distance, permuted_distance = studentised(observed, permuted)
    return p_values(distance / spread, permuted_distance)


def studentised(observed: np.ndarray, permuted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return observed (K,) and permuted (B, K) values as distances from the null mean, in null standard deviations.

    That makes columns comparable for the single-step max-T: the p of each observed value, corrected for all K tried, is
    that of its distance against the `largest` of all columns in each permutation. So the chance that any of the K null
    values has a corrected p of 0.05 or less is at most 0.05, however they depend on each other (Westfall & Young,
    1993).
    A column that no permutation changes is compared with nothing: 0 stays 0.
    """
    # Contiguous columns: the order of additions, and with it the last bit, depends on no other column.
    columns = np.ascontiguousarray(permuted.T)
    mean, deviation = _mean_and_deviation(columns)
    deviation[deviation == 0] = 1
    return (observed - mean) / deviation, (permuted - mean) / deviation


def centred(observed: np.ndarray, permuted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return observed (K,) and permuted (B, K) values as distances from the null mean, for the max-T of rates.

    A rate at no false positive is nearly always 0 by chance if a score has few values. In standard deviations it would
    be so far away where it is not, that nothing else could be significant beside it; rates are comparable as they are.
    """
    mean, _ = _mean_and_deviation(np.ascontiguousarray(permuted.T))
    return observed - mean, permuted - mean


def largest(permuted: np.ndarray) -> np.ndarray:
    """Return the largest defined value of every permutation (B,); -inf where none is."""
    return np.max(permuted, axis=1, where=~np.isnan(permuted), initial=-np.inf)


def _mean_and_deviation(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and standard deviation of each row, NaN left out; NaN for a row of nothing else."""
    defined = ~np.isnan(columns)
    if defined.all():
        return columns.mean(axis=1), columns.std(axis=1)
    count = np.count_nonzero(defined, axis=1)
    mean = ratio(columns.sum(axis=1, where=defined), count)
    square = np.square(columns - mean[:, None])
    return mean, np.sqrt(ratio(square.sum(axis=1, where=defined), count))
