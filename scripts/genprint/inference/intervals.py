"""Confidence intervals in closed form, for arrays of estimates at once.

NaN, an estimate that is undefined, has the interval (NaN, NaN).
"""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from genprint.scoring.metrics import ratio


class Interval(NamedTuple):
    """Bounds of one shape."""

    low: np.ndarray
    high: np.ndarray


def wilson(rate: np.ndarray, trials: np.ndarray, level: float = 0.95) -> Interval:
    """Score interval of a rate: (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n).

    Unlike the normal approximation it covers at its level with few trials and rates near 0 and 1, and stays within
    [0, 1] (Wilson, 1927, 10.1080/01621459.1927.10502953).

    Args:
        rate: Observed rate p in [0, 1].
        trials: Number n of trials; an effective number, `design_effect`, need not be whole.
        level: Confidence level in (0, 1).
    """
    rate, trials = np.asarray(rate, np.float64), np.asarray(trials, np.float64)
    z2_per_trial = ratio(NormalDist().inv_cdf((1 + level) / 2) ** 2, trials)
    centre = (rate + z2_per_trial / 2) / (1 + z2_per_trial)
    half = np.sqrt(z2_per_trial * (rate * (1 - rate) + z2_per_trial / 4)) / (1 + z2_per_trial)
    # The bound of a rate of 0 or 1 is that rate; rounding must not miss it.
    return Interval(np.clip(centre - half, 0, rate), np.clip(centre + half, rate, 1))


def design_effect(success: np.ndarray, groups: npt.ArrayLike) -> np.ndarray:
    """Return, for each column, how much larger the variance of a rate is than with independent images (K,).

    With x of the m images of a patient a success, p = sum x / sum m and G patients, the variance of p is
    G / (G - 1) sum (x - p m)^2 / (sum m)^2 (the patients are the clusters; Kish, 1965). The effect is this over
    p (1 - p) / (n - 1). It lies between 1, every image for itself, and sum m^2 / sum m, the images of a patient all
    alike; estimates beyond are cut off there. Where it cannot be estimated (p is 0 or 1, one patient) it is the
    largest: a method that is always right shows nothing of how patients differ. The interval of a rate from n images
    is `wilson` with n / effect trials (Korn & Graubard, 1998, Survey Methodology 24, 193-201).

    Args:
        success: 1 success, 0 failure, NaN no trial, float (n, K).
        groups: The group (patient) of every image (n,).
    """
    images = group_sums(~np.isnan(success), groups)
    successes = group_sums(success == 1, groups)
    total, patients = images.sum(axis=0), np.count_nonzero(images, axis=0)
    rate = ratio(successes.sum(axis=0), total)
    squares = np.square(successes - rate * images).sum(axis=0)
    between = ratio(patients * squares, (patients - 1) * np.square(total))
    largest = ratio(np.square(images).sum(axis=0), total)
    effect = ratio(between * (total - 1), rate * (1 - rate))
    return np.clip(np.where(np.isnan(effect), largest, effect), 1, largest)


def group_sums(values: np.ndarray, groups: npt.ArrayLike) -> np.ndarray:
    """Return sums of the rows of each group (G, K), groups in sorted order, from values (n, K)."""
    _, member, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if not sizes.size:
        return np.zeros((0, values.shape[1]))
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    return np.add.reduceat(values[np.argsort(member, kind="stable")].astype(np.float64), starts, axis=0)


def percentile(values: np.ndarray, level: float = 0.95) -> Interval:
    """Return the percentile interval of resampled values (..., B), with linear interpolation.

    Resamples in which the value is undefined are left out; where these are more than half, so is the interval.
    """
    ascending = np.sort(values, axis=-1)  # NaN last
    defined = np.count_nonzero(~np.isnan(values), axis=-1)
    last = np.maximum(defined - 1, 0)
    bounds = []
    for share in ((1 - level) / 2, (1 + level) / 2):
        below = np.floor(last * share).astype(int)
        lower, upper = (
            np.take_along_axis(ascending, place[..., None], axis=-1)[..., 0]
            for place in (below, np.minimum(below + 1, last))
        )
        bound = lower + (upper - lower) * (last * share - below)
        bounds.append(np.where(2 * defined < values.shape[-1], np.nan, bound))
    return Interval(*bounds)


def mover_mean(values: np.ndarray, intervals: Interval) -> Interval:
    """Return the interval of the mean of k independent estimates, from the interval of each; all arrays (k, ...).

    Method of variance estimates recovery: mean -+ sqrt(sum (estimate - bound)^2) / k (Zou & Donner, 2008,
    10.1002/sim.3095).
    """
    mean = np.mean(values, axis=0)
    down, up = (np.sqrt(np.square(values - bound).sum(axis=0)) / len(values) for bound in intervals)
    return Interval(mean - down, mean + up)


def mover_difference(first: np.ndarray, of_first: Interval, second: np.ndarray, of_second: Interval) -> Interval:
    """Return the interval of ``first`` - ``second``, two independent estimates with intervals (Zou & Donner, 2008)."""
    down = np.hypot(first - of_first.low, of_second.high - second)
    up = np.hypot(of_first.high - first, second - of_second.low)
    return Interval(first - second - down, first - second + up)


def of_mean(
    mean: pd.Series, deviation: pd.Series, count: pd.Series, level: float = 0.95
) -> tuple[pd.Series, pd.Series]:
    """Return Student's interval of means, mean -+ t s / sqrt(n), with t the quantile of n - 1 degrees of freedom.

    NaN where all values agree, or where there is one: they say nothing about how much others would differ.

    Args:
        mean: of n values each.
        deviation: their standard deviation s, with n - 1 in the denominator.
        count: n.
        level: Confidence level in (0, 1).
    """
    half = deviation.where(deviation > 0) * stats.t.ppf((1 + level) / 2, (count - 1).clip(lower=1)) / count**0.5
    return mean - half, mean + half
