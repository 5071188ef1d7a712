"""Jaccard index of binarised vectors or images: what both have as a share of what either has (Jaccard, 1912)."""

import numpy as np

from genprint.similarity._inputs import refuse_not_finite
from genprint.similarity._products import Vectors, compare_products

ACCEPTS = ("image", "vector")
IDENTICAL = 1.0
PARAMETERS = {
    "threshold": {
        "type": "number",
        "default": 0,
        "description": "a value above it counts as present; a caller may also pass an array with one number for each "
        "dimension",
    },
}


def similarity(a: np.ndarray, b: np.ndarray, *, threads: int, device: str, threshold: float | np.ndarray) -> np.ndarray:
    """``|x and y| / |x or y|`` in 0..1 of the values above the threshold, and 1 where both have none.

    Raises:
        ValueError: a threshold that is neither a number nor one for each dimension.
    """
    if (np.ndim(threshold) and np.shape(threshold) != a.shape[1:]) or not np.isfinite(threshold).all():
        raise ValueError(f"threshold has shape {np.shape(threshold)}; give finite numbers, one or {a.shape[1:]}")
    refuse_not_finite(a, b)
    if device == "cuda":
        from genprint.similarity import _torch

        return _torch.jaccard(a, b, threshold)

    def present(values, run):
        return values[:, run] > (np.ravel(threshold)[run] if np.ndim(threshold) else threshold)

    return compare_products(a, b, _indices, threads, truths=present)


def _indices(x: Vectors, y: Vectors, both: np.ndarray) -> np.ndarray:
    indices = np.divide(both, x.total + y.total.T - both, out=both)
    indices[np.ix_(x.total[:, 0] == 0, y.total[:, 0] == 0)] = 1
    return indices
