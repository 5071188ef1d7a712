"""Permutation tests: how often chance alone does as well as a method, and as well as the best of many methods.

Under the null hypothesis the labels say nothing about the scores, so they may change hands. Images of one patient
resemble each other, so labels change hands between patients and not between images: tests that ignore this find
leaks in noise. All permutations of all combinations are a few matrix products of whole numbers, hence exact, and the
same whatever the order of the additions.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from genprint.scoring.metrics import Confusion, kappa, ratio


def permuted_labels(
    used: np.ndarray,
    groups: npt.ArrayLike,
    count: int,
    seed: int | Sequence[int],
    strata: npt.ArrayLike | None = None,
) -> np.ndarray:
    """Permute labels among patients, bool (count, n), within each stratum if there are any.

    A group whose images have one label passes it on as a whole, to another such group; a group with both labels has
    them permuted inside. Where the groups differ in size, the number of used images differs between permutations.

    Args:
        used: The truth, bool (n,).
        groups: The group (patient) of every image (n,).
        count: Number of permutations.
        seed: Seed of the random generator; equal seeds give equal permutations.
        strata: The stratum of every image (n,), one for all images of a group.
    """
    names, member = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    used_images = np.bincount(member, weights=used, minlength=names.size)
    mixed = (used_images > 0) & (used_images < np.bincount(member, minlength=names.size))
    stratum = np.zeros(names.size, int)
    if strata is not None:
        stratum[member] = np.unique(np.asarray(strata), return_inverse=True)[1]
    random = np.random.default_rng(seed)
    labels = np.empty((count, used.size), bool)
    of_group = np.empty((count, names.size), bool)
    for number in np.unique(stratum):
        own = ~mixed & (stratum == number)
        of_group[:, own] = _shuffled(used_images[own] > 0, count, random)
    whole = ~mixed[member]
    labels[:, whole] = of_group[:, member[whole]]
    for group in np.flatnonzero(mixed):
        inside = member == group
        labels[:, inside] = _shuffled(used[inside], count, random)
    return labels


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


def p_values(observed: np.ndarray, permuted: np.ndarray) -> np.ndarray:
    """Return the one-sided p of each observed value (K,): (1 + permutations that reach it) / (1 + permutations).

    Counting the observed labelling as one permutation keeps the test valid (Phipson & Smyth, 2010,
    10.2202/1544-6115.1585). A permutation whose value is undefined counts as one that reaches it. NaN where nothing
    was observed.

    Args:
        observed: (K,).
        permuted: Values under the permuted labels (B, K), or (B, 1) to hold all observed values against.
    """
    reached = np.count_nonzero(~(permuted < observed), axis=0)
    return np.where(np.isnan(observed), np.nan, (1 + reached) / (1 + len(permuted)))


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


def largest(permuted: np.ndarray) -> np.ndarray:
    """Return the largest defined value of every permutation (B,); -inf where none is."""
    return np.max(permuted, axis=1, where=~np.isnan(permuted), initial=-np.inf)


def _shuffled(labels: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    return random.permuted(np.tile(labels, (count, 1)), axis=1)


def _mean_and_deviation(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and standard deviation of each row, NaN left out; NaN for a row of nothing else."""
    defined = ~np.isnan(columns)
    if defined.all():
        return columns.mean(axis=1), columns.std(axis=1)
    count = np.count_nonzero(defined, axis=1)
    mean = ratio(columns.sum(axis=1, where=defined), count)
    square = np.square(columns - mean[:, None])
    return mean, np.sqrt(ratio(square.sum(axis=1, where=defined), count))
