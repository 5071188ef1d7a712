"""Whether a similarity knows images of one patient from those of another: what re-identification rests on."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from genprint.scoring.evidence import Evidence
from genprint.scoring.metrics import auc


def reidentification(
    evidence: Sequence[Evidence], groups: Sequence[npt.ArrayLike], rows: Sequence[np.ndarray]
) -> tuple[float, float]:
    """Return how well two images of one patient are told from two of others, and how often the nearest is right.

    Packhaeuser et al. 2022, doi 10.1038/s41598-022-19045-3: verification is the AUC of the similarity of pairs, those
    of one patient against the others; retrieval is the share of images whose nearest other image is of the same
    patient (in equal shares if several are nearest), of the images whose patient has another. Each is the mean over
    folds, weighted by pairs and by images. Both are NaN where no patient has two images or not every pair is known.

    Args:
        evidence: About all candidates, or fold by fold (`genprint.scoring.evidence.read_evidence`).
        groups: Of each evidence the patients of its candidates, (N,).
        rows: Of each evidence the candidates that count, bool (N,): those that its encoder has not learnt from.
    """
    verified, retrieved = [], []
    for own, patients, chosen in zip(evidence, groups, rows, strict=True):
        if own.thinned:
            return np.nan, np.nan
        place = np.flatnonzero(chosen)
        distance, patient = own.distance_real[np.ix_(place, place)], np.asarray(patients, str)[place]
        same = patient[:, None] == patient
        upper = np.triu(np.isfinite(distance), k=1)
        of_one = same[upper]
        if of_one.any() and not of_one.all():
            verified.append((auc(of_one, -distance[upper]), int(of_one.sum())))
        np.fill_diagonal(same, False)
        known = np.where(np.isfinite(distance), distance, np.inf)
        np.fill_diagonal(known, np.inf)
        several = same.any(axis=1)
        if several.any():
            nearest = known[several] == known[several].min(axis=1, keepdims=True)
            right = (nearest & same[several]).sum(axis=1) / nearest.sum(axis=1)
            retrieved.append((float(right.mean()), len(right)))
    return _mean(verified), _mean(retrieved)


def _mean(weighted: Sequence[tuple[float, int]]) -> float:
    if not weighted:
        return np.nan
    values, weights = zip(*weighted, strict=True)
    return float(np.average(values, weights=weights))
