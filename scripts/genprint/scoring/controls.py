"""Controls: answers that know nothing of the generated images. What they reach, the labels give away for free."""

import math
from dataclasses import replace

import numpy as np

from genprint.scoring.evidence import Evidence
from genprint.scoring.metrics import BUDGETS, DECISION_METRICS, Confusion, measure


def real_only(evidence: Evidence) -> Evidence:
    """Return evidence in which the other real candidates stand in for the generated images.

    If a score rule does as well on it, the labels leak through the real images themselves (another scanner, another
    stratum of patients) and nothing was learnt about the generator. No matrix is copied.
    """
    return replace(evidence, distance_generated=evidence.distance_real)


def constant_used(n_used: int, n_not_used: int) -> dict[str, float]:
    """Return metrics of the constant answer "used": F1 = 2p / (1 + p) at prevalence p (2/3 if balanced), kappa 0."""
    return _constant(n_used, n_not_used, -np.inf)


def constant_not_used(n_used: int, n_not_used: int) -> dict[str, float]:
    """Return metrics of the constant answer "not used": specificity 1, F1 0, kappa 0, no precision."""
    return _constant(n_used, n_not_used, np.inf)


def random_answer(n_used: int, n_not_used: int) -> dict[str, float]:
    """Return metrics of a fair coin, from its mean confusion matrix: F1 = p / (p + 1/2) at prevalence p.

    A random score ranks a used image above all but k of n images not used with probability (k + 1) / (n + 1).
    """
    coin = Confusion(n_used / 2, n_not_used / 2, n_used / 2, n_not_used / 2)
    known = bool(n_used and n_not_used)
    tpr = {name: (math.floor(n_not_used * budget) + 1) / (n_not_used + 1) for name, budget in BUDGETS.items()}
    ranking = {"auc": 0.5} | tpr
    return {name: float(metric(coin)) for name, metric in DECISION_METRICS.items()} | {
        name: value if known else np.nan for name, value in ranking.items()
    }


ANSWERS = {
    'constant "used"': constant_used,
    'constant "not used"': constant_not_used,
    "random": random_answer,
}
"""Answers that look at no image, by the name that tables give them."""


def _constant(n_used: int, n_not_used: int, threshold: float) -> dict[str, float]:
    used = np.repeat([True, False], [n_used, n_not_used])
    return measure(used, np.zeros(used.size), threshold)
