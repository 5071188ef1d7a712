"""Inner products of all pairs of two sets of vectors by BLAS, each with the same bits wherever its pair stands.

BLAS adds in an order that depends on a pair's place, the sizes, the threads and the processor. No order shows where
every sum is a whole number that its type can hold. So the dimensions are taken in runs whose products are added without
rounding, and the runs are added in float64 from the first to the last.
* uint8 minus 128 have products of at most 2**14, of which float32 holds the sum of 1,024 (2**24).
* Floating point vectors are divided by a power of two and rounded to whole numbers of 41 bits, each cut into a high and
  a low one of at most 2**20 (Ozaki et al., 2012, doi 10.1007/s11075-011-9478-1). float64 holds 1,024 products of these
  and of their sums (2**52); three do for four, as ``high low' + low high'`` is what ``(high + low)(high' + low')`` has
  beside ``high high' + low low'`` (Karatsuba). It moves an element by at most 2**-41 of the largest in its vector,
  and a product by ``sqrt(D) 2**-40 |x| |y|``: 2.4e-10 |x| |y| in 65,536 dimensions, and far less without a spike.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from genprint.runtime.progress import steps
from genprint.similarity._inputs import refuse_not_finite

TILE, RUN = 1024, 1024  # vectors of either set that a thread takes at a time; dimensions whose products add up exactly
UNIT, LOW = 2.0**19, 2.0**-21  # a vector's power of two in high numbers; what 1 in the low ones is worth there
ONE = 1, 1, 0  # the number 1: high, high + low, low


class Vectors(NamedTuple):
    """Vectors (n, D); their sum and sum of squares after subtraction of ``centre``, float64 (n, 1)."""

    values: np.ndarray
    centre: float
    total: np.ndarray
    square: np.ndarray


def compare_products(
    a: np.ndarray, b: np.ndarray, finish: Callable, threads: int, scaled: bool = False, truths: Callable | None = None
) -> np.ndarray:
    """``finish(x, y, products)`` for all tiles of two sets, float32 (N, M).

    ``products`` float64 (n, m), which ``finish`` may overwrite, are those of ``x.values - x.centre`` and ``y.values -
    y.centre``, or of what ``truths(values, run)`` says of each run of dimensions. If ``scaled``, floating point vectors
    count as divided by a power of two close to their largest element, so that nothing overflows.
    """
    sets = [vectors.reshape(len(vectors), -1) for vectors in (a, b)]
    cut = truths is None and np.result_type(a, b) != np.uint8
    units = [_units(vectors) if cut else np.ones((len(vectors), 1)) for vectors in sets]
    if not all(np.isfinite(unit).all() for unit in units):
        refuse_not_finite(a, b)
    scales = [(np.ones_like(unit) if scaled else unit) / (UNIT if cut else 1) for unit in units]
    centre, length = 0.0 if cut or truths else 128.0, 4 * RUN if truths else RUN
    similarities = np.empty((len(a), len(b)), np.float32)

    def parts(values, unit, run):
        if not cut:
            return [np.subtract(truths(values, run) if truths else values[:, run], centre, dtype=np.float32)]
        numbers = np.divide(values[:, run], unit, dtype=np.float64) * UNIT
        high = np.rint(numbers)
        low = np.rint((numbers - high) / LOW)
        return [high, high + low, low]

    @np.errstate(all="ignore")  # what overflows is infinitely far
    def compare(tile):
        (x, u, f), (y, v, g) = ((p[k], q[k], r[k]) for p, q, r, k in zip(sets, units, scales, tile, strict=True))
        sums = [[np.float64(0)] * 5 for _ in range(3 if cut else 1)]
        for start in range(0, x.shape[1], length):
            run = np.s_[start : start + length]
            for part, one, p, q in zip(sums, ONE, parts(x, u, run), parts(y, v, run), strict=False):
                ones = np.full(p.shape[1], one, p.dtype)
                for k, term in enumerate((p @ q.T, p @ ones, q @ ones, np.vecdot(p, p), np.vecdot(q, q))):
                    part[k] += term
        if cut:
            sums = [[high + (both - high - low) * LOW + low * LOW**2 for high, both, low in zip(*sums, strict=True)]]
        s, t, xx, yy = (moment[:, None] for moment in sums[0][1:])
        products = np.multiply(sums[0][0], f * g.T) if cut else sums[0][0]
        x, y = Vectors(x, centre, f * s, f * f * xx), Vectors(y, centre, g * t, g * g * yy)
        similarities[tile] = finish(x, y, products)
        advance(products.size)

    with threadpool_limits(1), ThreadPoolExecutor(threads) as pool, steps(similarities.size, "pairs") as advance:
        list(pool.map(compare, product(_tiles(len(a), 1), _tiles(len(b), threads))))
    return similarities


def _tiles(size: int, threads: int) -> list[slice]:
    count = min(size, threads * -(-size // (threads * TILE)))
    return [slice(size * k // count, size * (k + 1) // count) for k in range(count)]


def _units(vectors: np.ndarray) -> np.ndarray:
    """For each vector (N, 1), the largest power of two that an element reaches, or NaN if one is not finite."""
    largest = np.abs([vectors.max(axis=1), vectors.min(axis=1)]).max(axis=0).astype(np.float64)[:, None]
    return np.where(np.isfinite(largest), np.ldexp(1.0, np.frexp(largest)[1] - 1), np.nan)
