"""How large a value gets by chance: the tail of a distribution beyond the few values that were seen."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

FEWEST = 8
"""Values (patients) below which nothing is said."""
WORST_FIT = 0.01
LARGEST = 1 - 1e-6


def fisher_z(similarity: np.ndarray) -> np.ndarray:
    """Return arctanh(similarity), in which correlations by chance are about normal; 7.25 for 1 (Fisher, 1915)."""
    return np.arctanh(np.minimum(np.asarray(similarity, np.float64), LARGEST))


@dataclass(frozen=True)
class Tail:
    """The upper tail of a distribution, predicted from n values, some of which are above a threshold.

    Attributes:
        values: the values, ascending, float64 (n,).
        threshold: u, the value below the k largest.
        scale: b, the mean excess above u.
        excesses: how many values are above u.
        independent: k, as how many independent ones they count: as many, or fewer where values are shared.
        fit: p of the excesses being exponential, against a heavier tail.
    """

    values: np.ndarray
    threshold: float
    scale: float
    excesses: int
    independent: float
    fit: float

    def survival(self, x: np.ndarray) -> np.ndarray:
        """Return the probability that a new value reaches x, for any shape of x.

        Up to u it is (1 + number of values >= x) / (n + 1), which needs no model. Beyond it is

            (excesses + 1) / (n + 1) (1 + (x - u) / (k b))^-k,

        a generalised Pareto distribution of shape 1 / k and scale b. This is how the next excess is distributed, given
        k, where excesses are exponential with unknown mean: the ratio of the two has an F distribution with 2 and 2 k
        degrees of freedom. With more patients the tail becomes exponential.
        """
        x = np.asarray(x, np.float64)
        count = len(self.values)
        seen = (1 + count - np.searchsorted(self.values, x)) / (count + 1)
        beyond = stats.genpareto.sf(x - self.threshold, 1 / self.independent, scale=self.scale)
        return np.where(x > self.threshold, (self.excesses + 1) / (count + 1) * beyond, seen)

    def quantile(self, probability: float) -> float:
        """Return the least x beyond the threshold with ``survival`` no more than ``probability``."""
        share = probability * (len(self.values) + 1) / (self.excesses + 1)
        return self.threshold + float(stats.genpareto.isf(min(share, 1), 1 / self.independent, scale=self.scale))


def tail(values: np.ndarray, shared: int = 1) -> Tail | None:
    """Model the upper tail of some values.

    Values that have a maximum over very many comparisons, of a quantity with normal tails, have an exponential tail
    (the Gumbel case of the generalised Pareto distribution), so its shape is not estimated: from a dozen patients that
    cannot be done. A true tail that falls faster makes the answer cautious; whether it falls more slowly is tested by
    the share of the largest excess in their sum (Fisher, 1929, doi 10.1098/rspa.1929.0151).

    Args:
        values: one for each patient (n,).
        shared: how many patients each value is likely to be found at: 2 where it is that of a pair of patients.

    Returns:
        None for fewer than `FEWEST` values, or equal ones. Above the threshold are a third of the values, but at least
        8, or half of them where these are fewer.
    """
    values = np.sort(np.asarray(values, np.float64))
    if len(values) < FEWEST:
        return None
    count = min(len(values) // 2, max(8, len(values) // 3))
    threshold = values[-count - 1]
    excess = values[-count:] - threshold
    if not excess.sum() > 1e-9:
        return None
    fit = largest_share(excess.max() / excess.sum(), count / shared)
    return Tail(values, float(threshold), float(excess.mean()), count, count / shared, fit)


def outliers(values: np.ndarray, shared: int = 1, level: float = WORST_FIT) -> np.ndarray:
    """Tell which values lie so far above the others that they are of another kind, bool (n,).

    The j largest are outliers if even the smallest of them is beyond what the tail of the others allows at ``level``
    for any of n values; the largest such j counts, up to a quarter of the values. Looking for many first is what keeps
    two outliers from hiding each other (Rosner, 1983, doi 10.1080/00401706.1983.10487848).
    """
    values = np.asarray(values, np.float64)
    order = np.argsort(-values, kind="stable")
    found = np.zeros(len(values), bool)
    for count in range(len(values) // 4, 0, -1):
        others = tail(values[order[count:]], shared)
        if others is not None and len(values) * others.survival(values[order[count - 1]]) <= level:
            found[order[:count]] = True
            break
    return found


def largest_share(share: float, count: float) -> float:
    """Return the probability that the largest of k exponential values has this share of their sum, or more.

    It is k (1 - share)^(k - 1), exactly for a share of one half or more, and at most this below (Bonferroni).
    """
    return float(min(1.0, count * (1 - share) ** (count - 1)))
