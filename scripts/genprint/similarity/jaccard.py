"""Jaccard index of binarised vectors or images: what both have as a share of what either has (Jaccard, 1912)."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from genprint.runtime.progress import steps
from genprint.similarity._bits import ROWS, compare_bits
from genprint.similarity._blocks import parts
from genprint.similarity._inputs import refuse_not_finite
from genprint.similarity._lanes import LANES

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
TILE = 2048  # vectors of the second set that a thread takes at a time


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
    similarities = np.empty((len(a), len(b)), np.float32)
    x = _packed(a, threshold, ROWS)
    x_counts = np.bitwise_count(x).sum(axis=1, dtype=np.float64)

    def compare(columns: slice) -> None:
        y = _packed(b[columns], threshold, LANES)
        y_counts = np.bitwise_count(y).sum(axis=1, dtype=np.float64).reshape(-1, LANES)
        lanes = np.ascontiguousarray(y.reshape(-1, LANES, y.shape[1]).transpose(0, 2, 1))
        found = np.empty((len(x), len(lanes), LANES), np.float32)
        compare_bits(x, x_counts, lanes, y_counts, found)
        similarities[:, columns] = found.reshape(len(x), -1)[: len(a), : len(b[columns])]
        advance(len(a) * len(b[columns]))

    with ThreadPoolExecutor(threads) as pool, steps(similarities.size, "pairs") as advance:
        list(pool.map(compare, parts(0, len(b), TILE)))
    return similarities


def _packed(values: np.ndarray, threshold: float | np.ndarray, multiple: int) -> np.ndarray:
    """Bits of 64 dimensions in a uint64, as many rows of zeros at the end as make their number a multiple."""
    rows, bytes_ = -(-len(values) // multiple) * multiple, -(-values[0].size // 64) * 8
    packed = np.zeros((rows, bytes_), np.uint8)
    for some in parts(0, len(values), 64):
        bits = np.packbits((values[some] > threshold).reshape(len(values[some]), -1), axis=1)
        packed[some, : bits.shape[1]] = bits
    return packed.view(np.uint64)
