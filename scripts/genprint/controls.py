"""Controls: answers that know nothing of the generated images. What they reach, the labels give away for free."""

from dataclasses import replace

import numpy as np

from genprint.metrics import measure
from genprint.scores import Evidence


def real_only(evidence: Evidence) -> Evidence:
    """Evidence in which the other real candidates stand in for the generated images.

    If a score rule does as well on it, the labels leak through the real images themselves (another scanner, another
    stratum of patients) and nothing was learnt about the generator. No matrix is copied.
    """
    return replace(evidence, distance_generated=evidence.distance_real)


def constant_used(n_used: int, n_not_used: int) -> dict[str, float]:
    """Metrics of the answer "used" for every image: F1 = 2p / (1 + p) at prevalence p (2/3 if balanced), kappa 0."""
    used = np.repeat([True, False], [n_used, n_not_used])
    return measure(used, np.zeros(used.size), -np.inf)
