"""Euclidean distance, negated so that larger is more similar."""

import numpy as np

from genprint.similarity._products import Vectors, compare_products

ACCEPTS = ("image", "vector")
IDENTICAL = 0.0
PARAMETERS = {}
# Squared distance, as a share of |x|^2 + |y|^2, below which a pair of floating point vectors is computed from
# differences. What is farther has a relative error below 1e-6.
NEAR = 1e-4
NUMBERS = 2**20  # of differences that are held at a time


def similarity(a: np.ndarray, b: np.ndarray, *, threads: int, device: str) -> np.ndarray:
    """``-|x - y|``, at most 0, exactly 0 for equal ones; images are compared pixel by pixel."""
    if device == "cuda":
        from genprint.similarity import _torch

        return _torch.euclidean(a, b)
    return compare_products(a, b, _negative_distances, threads)


def _negative_distances(x: Vectors, y: Vectors, products: np.ndarray) -> np.ndarray:
    lengths = x.square + y.square.T
    squares = np.subtract(lengths, np.multiply(products, 2, out=products), out=products)
    if not x.centre:
        i, j = np.nonzero(~(squares >= NEAR * lengths))
        size = max(1, NUMBERS // x.values.shape[1])
        for some in (slice(start, start + size) for start in range(0, len(i), size)):
            differences = np.subtract(x.values[i[some]], y.values[j[some]], dtype=np.float64)
            squares[i[some], j[some]] = np.square(differences, out=differences).sum(axis=1)
    return np.subtract(0, np.sqrt(squares, out=squares), out=squares)
