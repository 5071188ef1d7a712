"""The interval of every metric of a run: which kind each metric has, and what replaces a bootstrap that knows nothing.

Rates have Wilson's interval, with the effective number of images; F1, kappa, MCC, advantage and AUC have the percentile
interval of a bootstrap by patient. A rate at a false positive budget is a rate at a cut that was itself found in the
data: its interval is widened to the bootstrap's, which moves the cut. It speaks of the budget only where the images not
used are many times 1 / budget: with fewer it is about the rate at hardly any false positive among so many images.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import betaincinv

from genprint.inference.intervals import (
    Interval,
    design_effect,
    group_sums,
    mover_difference,
    percentile,
    wilson,
)
from genprint.inference.resampling import resampled_decisions, resampled_ranking
from genprint.scoring import metrics
from genprint.scoring.metrics import BUDGETS, DECISION_METRICS, Confusion

RESAMPLED = ("f1", "kappa", "mcc", "advantage")


@dataclass(frozen=True)
class Sample:
    """The n images that decisions are judged on, and their resamples."""

    used: np.ndarray
    """Whether each image was used, bool (n,)."""
    groups: np.ndarray
    """The group (patient) of every image (n,)."""
    weights: np.ndarray
    """The weight of every image in every resample (B, n), by `genprint.inference.resampling.patient_weights`."""
    level: float = 0.95
    """The confidence level of all intervals."""

    @cached_property
    def enough(self) -> bool:
        """Whether each class has two patients: one patient alone has no spread."""
        return all(np.unique(self.groups[images]).size > 1 for images in (self.used, ~self.used))


def decision_intervals(sample: Sample, decision: np.ndarray) -> dict[str, Interval]:
    """Return the interval (K,) of every metric in `genprint.scoring.metrics.DECISION_METRICS`.

    Where all resamples agree (a method that is always right or wrong, or always says the same) the bootstrap would
    promise certainty. F1, kappa, MCC and advantage then have their values at Wilson's bounds of recall and
    specificity, with the patients as trials.

    Args:
        sample: The images.
        decision: 1 used, 0 not used, NaN undecided and left out of that column (n, K).
    """
    used, decided = sample.used[:, None], ~np.isnan(decision)
    called_used = decision == 1
    trials = {
        "accuracy": (called_used == used, decided),
        "precision": (np.broadcast_to(used, decision.shape), called_used),
        "recall": (called_used, decided & used),
        "specificity": (~called_used, decided & ~used),
    }
    found = {name: _rate_interval(sample, *of_rate) for name, of_rate in trials.items()}
    resampled = resampled_decisions(sample.weights, sample.used, decision, RESAMPLED)
    bounds = _confusion_at_bounds(sample, decision)
    for name, values in resampled.items():
        extreme = Interval(*(DECISION_METRICS[name](confusion) for confusion in bounds))
        found[name] = _bootstrap_interval(sample, values, extreme)
    return {name: found[name] for name in DECISION_METRICS}


def ranking_intervals(sample: Sample, score: np.ndarray) -> tuple[dict[str, Interval], np.ndarray]:
    """Return the interval (K,) of the metrics of the ranking, and the resampled AUC (K, B).

    Where all resamples agree (AUC 0 or 1, or nothing but ties) the AUC has (recall + specificity) / 2 at Wilson's
    bounds of rates of its own size, with the patients as trials.

    Args:
        sample: The images.
        score: Larger = more likely used (n, K). An image whose score is NaN is left out of that column.
    """
    observed = resampled_ranking(np.ones((1, len(score))), sample.used, score).auc[:, 0]
    resampled = resampled_ranking(sample.weights, sample.used, score)
    recall, specificity = (
        wilson(observed, _patients(sample, ~np.isnan(score), images), sample.level)
        for images in (sample.used, ~sample.used)
    )
    extreme = Interval((recall.low + specificity.low) / 2, (recall.high + specificity.high) / 2)
    found = {"auc": _bootstrap_interval(sample, resampled.auc, extreme)}
    for name, budget in BUDGETS.items():
        called_used = _called_within(budget, sample.used, score)
        rate = _rate_interval(sample, called_used == 1, ~np.isnan(called_used) & sample.used[:, None])
        moved = percentile(getattr(resampled, name), sample.level)
        found[name] = Interval(np.minimum(rate.low, moved.low), np.maximum(rate.high, moved.high))
    return found, resampled.auc


def difference_interval(
    sample: Sample,
    values: tuple[np.ndarray, np.ndarray],
    intervals: tuple[Interval, Interval],
    resampled: tuple[np.ndarray, np.ndarray],
) -> Interval:
    """Return the interval (K,) of the difference of two metrics of the same images, from paired resamples (K, B).

    Where all resamples agree, from the interval of either (`genprint.inference.intervals.mover_difference`).
    """
    extreme = mover_difference(values[0], intervals[0], values[1], intervals[1])
    return _bootstrap_interval(sample, resampled[0] - resampled[1], extreme)


def patients_found(sample: Sample, score: np.ndarray, budget: float) -> np.ndarray:
    """Count the patients with a used image that is found within a budget of false positives, of each score (K,)."""
    called_used = (_called_within(budget, sample.used, score) == 1) & sample.used[:, None]
    return np.count_nonzero(group_sums(called_used, sample.groups), axis=0)


def epsilon_bound(sample: Sample, decision: np.ndarray) -> np.ndarray:
    """Return a lower bound of the epsilon of differential privacy that decisions show to be exceeded (K,).

    A generator that is epsilon-differentially private allows no TPR above exp(epsilon) FPR, nor TNR above exp(epsilon)
    FNR. The bound is the larger of ln(TPR / FPR) and ln(TNR / FNR) with the rates at their Clopper-Pearson bounds,
    patients as trials, and 0 where both are below (Jagielski, Ullman & Oprea 2020, arXiv 2006.07709). It holds for
    thresholds that were chosen on other images.

    Args:
        sample: The images.
        decision: As in `decision_intervals`.
    """
    bounds = []
    for images, right in ((sample.used, 1), (~sample.used, 0)):
        decided = ~np.isnan(decision)
        trials = _patients(sample, decided, images).astype(float)
        rate = metrics.ratio((decision[images] == right).sum(axis=0), decided[images].sum(axis=0))
        successes, tail = rate * trials, (1 - sample.level) / 2
        low = np.where(successes > 0, betaincinv(successes, trials - successes + 1, tail), 0)
        missed_high = np.where(successes > 0, betaincinv(trials - successes + 1, successes, 1 - tail), 1)
        bounds.append((low, missed_high))
    (tpr, fnr), (tnr, fpr) = bounds
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.maximum(0, np.maximum(np.log(tpr / fpr), np.log(tnr / fnr)))


def widened(values: np.ndarray, interval: Interval, factor: float, bounds: tuple[float, float]) -> Interval:
    """Return the interval with either arm ``factor`` times as long, within the bounds of the metric."""
    low, high = (values + factor * (bound - values) for bound in interval)
    return Interval(np.maximum(low, bounds[0]), np.minimum(high, bounds[1]))


def _bootstrap_interval(sample: Sample, resampled: np.ndarray, extreme: Interval) -> Interval:
    """Return the percentile interval, or ``extreme`` where all resamples agree; NaN if there are too few patients."""
    if not sample.enough:
        return Interval(*np.full((2, len(resampled)), np.nan))
    found = percentile(resampled, sample.level)
    agreed = found.high - found.low < 1e-9
    return Interval(*(np.where(agreed, other, bound) for bound, other in zip(found, extreme, strict=True)))


def _rate_interval(sample: Sample, success: np.ndarray, trial: np.ndarray) -> Interval:
    outcome = np.where(trial, success, np.nan)
    count = trial.sum(axis=0)
    rate = metrics.ratio((success & trial).sum(axis=0), count)
    return wilson(rate, metrics.ratio(count, design_effect(outcome, sample.groups)), sample.level)


def _confusion_at_bounds(sample: Sample, decision: np.ndarray) -> tuple[Confusion, Confusion]:
    """Return the confusion of a method whose recall and specificity are both at their lower or upper bound."""
    counts, rates = [], []
    for images, right in ((sample.used, 1), (~sample.used, 0)):
        decided = ~np.isnan(decision)
        count = decided[images].sum(axis=0)
        rate = metrics.ratio((decision[images] == right).sum(axis=0), count)
        counts.append(count)
        rates.append(wilson(rate, _patients(sample, decided, images), sample.level))
    n_used, n_not_used = counts
    low, high = (
        Confusion(n_used * recall, n_not_used * (1 - specificity), n_used * (1 - recall), n_not_used * specificity)
        for recall, specificity in zip(*rates, strict=True)
    )
    return low, high


def _patients(sample: Sample, counted: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Return the number of patients with any counted image (n, K) among ``images``, for each column."""
    return np.count_nonzero(group_sums(counted[images], sample.groups[images]), axis=0)


def _called_within(budget: float, used: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Return the decisions (n, K) of the largest TPR within a budget of false positives; NaN without a score."""
    descending = -np.sort(-score[~used], axis=0)  # NaN last
    count = np.count_nonzero(~np.isnan(descending), axis=0)
    allowed = np.count_nonzero(metrics.ratio(np.arange(1, len(descending) + 1)[:, None], count) <= budget, axis=0)
    beyond = np.vstack([descending, np.full(score.shape[1], np.nan)])
    cut = np.take_along_axis(beyond, allowed[None], axis=0)
    return np.where(np.isnan(score) | np.isnan(cut), np.nan, score > cut)
