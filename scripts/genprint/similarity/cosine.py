"""Cosine of the angle between two vectors."""

import numpy as np

from genprint.similarity._products import Vectors, compare_products, recompute_products

ACCEPTS = ("image", "vector")
IDENTICAL = 1.0
PARAMETERS = {}
NEAR = 0.01  # 1 - cosine below which rounding errors would show


def similarity(a: np.ndarray, b: np.ndarray, *, threads: int, device: str) -> np.ndarray:
    """``x.y / (|x| |y|)`` in -1..1, exactly 1 for equal ones, 0 where one is all zeros; of images, pixel by pixel.

    Two vectors of zeros have no angle either: their cosine is 0, as in scikit-learn, though they are equal.
    """
    if device == "cuda":
        from genprint.similarity import _torch

        return _torch.cosine(a, b)
    return compare_products(a, b, _cosines, threads)


def _cosines(x: Vectors, y: Vectors, products: np.ndarray) -> np.ndarray:
    dimensions = x.values.shape[1]
    products += x.centre * (x.total + y.total.T) + dimensions * x.centre**2
    lengths = [np.sqrt(v.square + 2 * v.centre * v.total + dimensions * v.centre**2) for v in (x, y)]
    lengths = lengths[0] * lengths[1].T
    recompute_products(x, y, ~(products <= (1 - NEAR) * lengths), products)
    cosines = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return np.clip(cosines, -1, 1)
