"""Euclidean distance, negated so that larger is more similar."""

import numpy as np

from genprint.similarity._products import Vectors, compare_products, recompute_squares

ACCEPTS = ("image", "vector")
IDENTICAL = 0.0
PARAMETERS = {}
# Squared distance, as a share of |x|^2 + |y|^2, below which a pair is computed from differences. What is farther has a
# relative error below 1e-5, and of 1e-7 in thousands of dimensions.
NEAR = 0.1


def similarity(a: np.ndarray, b: np.ndarray, *, threads: int, device: str) -> np.ndarray:
    """``-|x - y|``, at most 0, exactly 0 for equal ones; images are compared pixel by pixel."""
    if device == "cuda":
        from genprint.similarity import _torch

        return _torch.euclidean(a, b)
    return compare_products(a, b, _negative_distances, threads)


def _negative_distances(x: Vectors, y: Vectors, products: np.ndarray) -> np.ndarray:
    lengths = x.square + y.square.T
    squares = lengths - 2 * products
    recompute_squares(x, y, ~(squares >= NEAR * lengths), squares)
    return 0 - np.sqrt(squares)
