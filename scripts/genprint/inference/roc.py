"""Receiver operating characteristic: the curve, and its band when patients are resampled.

A step for every image, and a straight line across those that tie: what is below it is the AUC, where a tie counts half.
"""

from typing import NamedTuple

import numpy as np

GRID = np.linspace(0, 1, 101)


class Curve(NamedTuple):
    """Largest TPR at the FPRs of `GRID`; float (101,) each."""

    recall: np.ndarray
    low: np.ndarray
    high: np.ndarray


def roc_curve(used: np.ndarray, score: np.ndarray, weights: np.ndarray | None = None, *, level: float = 0.95) -> Curve:
    """Return the curve, with a pointwise percentile band over resampled images.

    Args:
        used: The truth, bool (n,).
        score: Larger = more likely used (n,); no NaN.
        weights: Of every image in B resamples (B, n), of `genprint.inference.resampling.patient_weights`; None for no
            band (NaN).
        level: Coverage of the band at each FPR.

    Raises:
        ValueError: No used image or no other.
    """
    if used.all() or not used.any():
        raise ValueError("a ROC curve needs used and not used images")
    recall = _recall_at(used, score, np.ones((1, len(used))))[0]
    if weights is None:
        return Curve(recall, *np.full((2, len(GRID)), np.nan))
    tail = (1 - level) / 2
    return Curve(recall, *np.nanquantile(_recall_at(used, score, weights), [tail, 1 - tail], axis=0))


def rates(used: np.ndarray, called_used: np.ndarray) -> tuple[float, float]:
    """Return FPR and TPR of decisions, bool (n,)."""
    return float(called_used[~used].mean()), float(called_used[used].mean())


def _recall_at(used: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the TPR at each FPR of `GRID` under the weights of B resamples (B, n); NaN for one without both labels."""
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))  # images that tie share an end
    found = []
    for weight in weights[:, order]:
        true = np.append(0, np.cumsum(weight * used[order])[ends])
        false = np.append(0, np.cumsum(weight * ~used[order])[ends])
        if not true[-1] or not false[-1]:
            found.append(np.full(len(GRID), np.nan))
            continue
        # An FPR of 0.07 must admit 7 of 100, which in floating point is a little more than 7.
        budget = GRID * false[-1]
        last = np.searchsorted(false, budget + 1e-9, side="right") - 1
        following = np.minimum(last + 1, len(false) - 1)
        share = (budget - false[last]) / np.maximum(false[following] - false[last], 1)
        found.append((true[last] + np.clip(share, 0, 1) * (true[following] - true[last])) / true[-1])
    return np.array(found)
