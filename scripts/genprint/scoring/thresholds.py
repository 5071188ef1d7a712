"""Threshold rules: where a score becomes the decision "used". Chosen on calibration images only.

Decision: **used if score >= threshold**. The rules that maximise something look at every cut: between two neighbouring
scores, below all of them (everything is used, threshold -inf) and above all of them (nothing is, +inf). Where several
cuts are equally good, the highest is taken, which accuses the fewest.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from genprint.plan.sources import options_of
from genprint.scoring import metrics
from genprint.scoring.metrics import Confusion

PARAMETERS = {
    "deviations": {
        "type": "number",
        "minimum": 0,
        "maximum": 1_000,
        "default": 2,
        "description": "how many standard deviations above the mean real-real-mean-sd puts the threshold",
    },
}


class NoThresholdError(ValueError):
    """A rule cannot choose; the message says why."""


@dataclass(frozen=True)
class Calibration:
    """Scores of the n calibration images."""

    score: np.ndarray
    """The score of each calibration image, float (n,); NaN where there is none."""
    used: np.ndarray
    """Whether each image was used, bool (n,)."""
    real_only: np.ndarray
    """The scores of the same images by the same rule with the other candidates in place of the generated images."""


def best_f1(calibration: Calibration) -> float:
    """Return the cut with the largest F1."""
    return _best_cut(calibration, metrics.f1)


def best_kappa(calibration: Calibration) -> float:
    """Return the cut with the largest Cohen's kappa."""
    return _best_cut(calibration, metrics.kappa)


def best_youden(calibration: Calibration) -> float:
    """Return the cut with the largest Youden's J, recall + specificity - 1."""
    return _best_cut(calibration, metrics.advantage)


def best_accuracy(calibration: Calibration) -> float:
    """Return the cut with the largest accuracy."""
    return _best_cut(calibration, metrics.accuracy)


def prevalence(calibration: Calibration) -> float:
    """Return the cut that calls as many images used as are used, the one with the smallest \\|FP - FN\\|."""
    return _best_cut(calibration, lambda c: -np.abs(c.false_positive - c.false_negative))


def otsu(calibration: Calibration) -> float:
    """Return the cut with the largest variance between its sides, without labels (10.1109/TSMC.1979.4310076)."""
    score = _varied(calibration.score)
    cuts, above = _cuts(score)
    return float(cuts[_last_best(_variance_between(score, above))])


def mixture(calibration: Calibration) -> float:
    """Return where the upper of two Gaussian components overtakes the lower one; needs no labels.

    Expectation-maximisation from the halves that `otsu` makes. The threshold lies between the two means. It is our own,
    because scikit-learn's GaussianMixture stops at other values (5 digits are equal) and takes six times as long.
    """
    score = _varied(calibration.score)
    centre, spread = score.mean(), score.std()
    weight, mean, deviation = _two_gaussians((score - centre) / spread)
    # log density of the upper minus that of the lower component, a polynomial in the score.
    square = 1 / (2 * deviation**2)
    coefficients = np.array([-square, 2 * mean * square, -(mean**2) * square + np.log(weight / deviation)])
    roots = np.roots(coefficients[:, 1] - coefficients[:, 0])
    between = [root.real for root in roots if root.imag == 0 and mean[0] < root.real < mean[1]]
    if not between:
        raise NoThresholdError("the two components of the mixture overlap too much to be told apart")
    return float(centre + spread * max(between))


def real_real_max(calibration: Calibration) -> float:
    """Return the largest real-only score: used if nearer to generated images than any real image is to another."""
    return float(_present(calibration.real_only).max())


def real_real_mean_sd(calibration: Calibration, *, deviations: float) -> float:
    """Return the mean of the real-only scores plus ``deviations`` sample standard deviations."""
    score = _present(calibration.real_only)
    if score.size < 2:
        raise NoThresholdError("one real-only score has no standard deviation")
    return float(score.mean() + deviations * score.std(ddof=1))


THRESHOLD_RULES: dict[str, Callable[..., float]] = {
    "best-f1": best_f1,
    "best-kappa": best_kappa,
    "youden": best_youden,
    "best-accuracy": best_accuracy,
    "prevalence": prevalence,
    "otsu": otsu,
    "mixture": mixture,
    "real-real-max": real_real_max,
    "real-real-mean-sd": real_real_mean_sd,
}


def threshold_by(rule: str, calibration: Calibration, parameters: Mapping[str, float] | None = None) -> float:
    """Return the threshold by one of ``THRESHOLD_RULES``; a parameter that is not given has its default in PARAMETERS.

    Raises:
        NoThresholdError: The rule cannot choose.
    """
    function = THRESHOLD_RULES[rule]
    return function(calibration, **options_of(function, PARAMETERS, parameters))


def decide(score: np.ndarray, threshold: np.ndarray | float) -> np.ndarray:
    """Return decisions, float64: 1 used, 0 not used, NaN undecided (no score or no threshold)."""
    undecided = np.isnan(score) | np.isnan(threshold)
    return np.where(undecided, np.nan, score >= threshold)


def _present(score: np.ndarray) -> np.ndarray:
    """Return the scores that are there, ascending, so that no result depends on the order of the images."""
    present = np.sort(score[~np.isnan(score)])
    if not present.size:
        raise NoThresholdError("no calibration image has a score")
    return present


def _varied(score: np.ndarray) -> np.ndarray:
    present = _present(score)
    if present[0] == present[-1]:
        raise NoThresholdError("all calibration images have the same score")
    return present


def _best_cut(calibration: Calibration, goodness: Callable[[Confusion], np.ndarray]) -> float:
    scored = ~np.isnan(calibration.score)
    cuts, above = _cuts(_varied(calibration.score))
    used = np.sort(calibration.score[scored & calibration.used])
    if used.size in (0, np.count_nonzero(scored)):
        raise NoThresholdError("the calibration images with a score are of one class only")
    true_positive = used.size - np.searchsorted(used, cuts)
    false_positive = above - true_positive
    not_used = np.count_nonzero(scored) - used.size
    confusion = Confusion(true_positive, false_positive, used.size - true_positive, not_used - false_positive)
    return float(cuts[_last_best(goodness(confusion))])


def _cuts(score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return all cuts of ascending scores, ascending, and how many scores are above each."""
    distinct, first = np.unique(score, return_index=True)
    middle = distinct[:-1] + np.diff(distinct) / 2
    # Between neighbouring floats there is no middle: the upper one itself separates them.
    middle = np.where(middle > distinct[:-1], middle, distinct[1:])
    cuts = np.concatenate(([-np.inf], middle, [np.inf]))
    return cuts, score.size - np.append(first, score.size)


def _last_best(goodness: np.ndarray) -> int:
    goodness = np.where(np.isnan(goodness), -np.inf, goodness)
    return goodness.size - 1 - int(np.argmax(goodness[::-1]))


def _variance_between(score: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Return the between-class variance of ascending scores by number of scores above the cut; 0 for one side only."""
    sums = np.concatenate(([0], np.cumsum(score - score.mean())))
    below = score.size - above
    outer = (above == 0) | (below == 0)
    shift = sums[below] ** 2 / np.where(outer, 1, above * below)
    return np.where(outer, 0, shift)


def _two_gaussians(score: np.ndarray, tolerance: float = 1e-9, steps: int = 2000) -> tuple[np.ndarray, ...]:
    """Fit a mixture to ascending standardised scores: weights, means and standard deviations (lower, upper)."""
    _, above = _cuts(score)
    upper = np.arange(score.size) >= score.size - above[_last_best(_variance_between(score, above))]
    share = np.stack([~upper, upper]).astype(np.float64)
    likelihood = -np.inf
    for _ in range(steps):
        total = share.sum(axis=1)
        mean = (share * score).sum(axis=1) / total
        # The floor keeps a component from collapsing onto one score.
        variance = (share * (score - mean[:, None]) ** 2).sum(axis=1) / total + 1e-6
        log_density = (
            np.log(total / score.size)[:, None]
            - (np.log(2 * np.pi * variance)[:, None] + (score - mean[:, None]) ** 2 / variance[:, None]) / 2
        )
        log_sum = np.logaddexp(*log_density)
        share = np.exp(log_density - log_sum)
        previous, likelihood = likelihood, log_sum.mean()
        if likelihood - previous < tolerance:
            break
    return total / score.size, mean, np.sqrt(variance)
