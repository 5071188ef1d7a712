"""Cosine of the angle between two vectors."""

import numpy as np

from genprint.similarity._products import Vectors, compare_products

ACCEPTS = ("image", "vector")
IDENTICAL = 1.0
PARAMETERS = {}


def similarity(a: np.ndarray, b: np.ndarray, *, threads: int, device: str) -> np.ndarray:
    """``x.y / (|x| |y|)`` in -1..1, exactly 1 for equal ones, 0 where one is all zeros; of images, pixel by pixel.

    Two vectors of zeros have no angle either: their cosine is 0, as in scikit-learn, though they are equal.
    """
    if device == "cuda":
        from genprint.similarity import _torch

        return _torch.cosine(a, b)
    return compare_products(a, b, _cosines, threads, scaled=True)


def _cosines(x: Vectors, y: Vectors, products: np.ndarray) -> np.ndarray:
    if x.centre:
        products += x.centre * (x.total + y.total.T) + x.values.shape[1] * x.centre**2
    p, q = (np.sqrt(v.square + 2 * v.centre * v.total + v.values.shape[1] * v.centre**2) for v in (x, y))
    np.divide(products, p * q.T, out=products, where=(p > 0) & (q.T > 0))
    return np.clip(products, -1, 1, out=products)
