"""Euclidean distance, negated so that larger is more similar."""

import numpy as np

from genprint.similarity._products import Vectors, compare_products

ACCEPTS = ("image", "vector")
IDENTICAL = 0.0
PARAMETERS = {}
NEAR = 1e-3  # share of |x|^2 + |y|^2 below which a squared distance is that of differences; above, it is right to 1e-6


def similarity(a: np.ndarray, b: np.ndarray, *, threads: int, device: str) -> np.ndarray:
    """``-|x - y|``, at most 0, exactly 0 for equal ones; images are compared pixel by pixel."""
    if device == "cuda":
        from genprint.similarity import _torch

        return _torch.euclidean(a, b)
    return compare_products(a, b, _negative_distances, threads)


def _negative_distances(x: Vectors, y: Vectors, products: np.ndarray) -> np.ndarray:
    lengths = x.square + y.square.T
    squares = np.subtract(lengths, np.multiply(products, 2, out=products), out=products)
    pairs = np.empty((0, 2), int) if x.centre else np.argwhere(~(squares >= NEAR * lengths))
    for some in np.array_split(pairs, 1 + pairs.size * x.values.shape[1] // 2**21):
        i, j = some.T
        differences = np.subtract(x.values[i], y.values[j], dtype=np.float64)
        squares[i, j] = np.square(differences, out=differences).sum(axis=1)
    return np.subtract(0, np.sqrt(squares, out=squares), out=squares)
