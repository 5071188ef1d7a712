"""Inner products of all pairs of two sets of vectors by BLAS, each with the same bits wherever its pair stands.

BLAS adds in an order that depends on a pair's place, the sizes, the threads and the processor. No order shows where
every partial sum is a whole number that its type can hold. So the dimensions are taken in runs whose products are added
without rounding, and the runs are added in float64 from the first to the last:

* uint8 minus 128 have products of at most 2**14, of which float32 holds the sum of 1,024 (2**24).
* Floating point vectors are divided by a power of two and rounded to whole numbers of 43 bits, each cut into a high and
  a low one of at most 2**21. Their sum is at most 2**22, and float64 holds 512 products of these (2**53). Three products
  do for four: ``high low' + low high' = (high + low)(high' + low') - high high' - low low'`` (Karatsuba). The cut is that
  of Ozaki et al., Numerical Algorithms 59(1), 2012, doi 10.1007/s11075-011-9478-1.

Rounding moves an element by at most 2**-43 of the largest in its vector, and so a product by ``sqrt(D) 2**-42 |x| |y|``:
6e-11 |x| |y| in 65,536 dimensions, and far less unless one element towers above the others.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from genprint.runtime.progress import steps
from genprint.similarity._inputs import refuse_not_finite

TILE = 1024  # vectors of either set that a thread takes at a time
RUN, CUT_RUN = 1024, 512  # dimensions whose products are added without rounding
UNIT, LOW = 2.0**20, 2.0**-22  # a vector's power of two in high numbers; what 1 in the low ones is worth there
ONE = 1, 1, 0  # the number 1 cut: high, high + low, low


@dataclass(frozen=True)
class Vectors:
    """Vectors (n, D); their sum and sum of squares after subtraction of ``centre``, float64 (n, 1)."""

    values: np.ndarray
    centre: float
    total: np.ndarray
    square: np.ndarray


def compare_products(
    a: np.ndarray,
    b: np.ndarray,
    finish: Callable[[Vectors, Vectors, np.ndarray], np.ndarray],
    threads: int,
    *,
    in_units: bool = False,
    truths: Callable[[np.ndarray, slice], np.ndarray] | None = None,
) -> np.ndarray:
    """``finish(x, y, products)`` for all tiles of two sets, float32 (N, M).

    ``products`` float64 (n, m), which ``finish`` may overwrite, holds the inner products of ``x.values - x.centre`` with
    ``y.values - y.centre``. With ``in_units``, floating point vectors count as divided by a power of two close to their
    largest element, so that nothing overflows. With ``truths(values, run)``, what it says of a run of dimensions counts.
    """
    x, y = (vectors.reshape(len(vectors), -1) for vectors in (a, b))
    cut = truths is None and np.result_type(a, b) != np.uint8
    u, v = (_units(vectors) if cut else np.ones((len(vectors), 1)) for vectors in (x, y))
    if not (np.isfinite(u).all() and np.isfinite(v).all()):
        refuse_not_finite(a, b)
    centre, similarities = 0.0 if cut or truths else 128.0, np.empty((len(a), len(b)), np.float32)

    def whole(values, unit):
        for run in _parts(values.shape[1], CUT_RUN if cut else RUN):
            if cut:
                yield _cut(values[:, run], unit)
            else:
                numbers = (truths(values, run) if truths else values[:, run]).astype(np.float32)
                yield [np.subtract(numbers, np.float32(centre), out=numbers)]

    @np.errstate(all="ignore")  # what overflows is infinitely far
    def compare(tile):
        sides = [(values[rows], unit[rows]) for values, unit, rows in zip((x, y), (u, v), tile, strict=True)]
        products, *moments = _sums(*(whole(*side) for side in sides))
        scales = [(1 if in_units else unit) / UNIT * np.ones_like(unit) if cut else unit for _, unit in sides]
        if cut:
            products *= scales[0] * scales[1].T
        vectors = [
            Vectors(values, centre, total[:, None] * scale, square[:, None] * scale**2)
            for (values, _), scale, total, square in zip(sides, scales, moments[::2], moments[1::2], strict=True)
        ]
        similarities[tile] = finish(*vectors, products)
        advance(products.size)

    tiles = [(rows, columns) for rows in _tiles(len(a), 1) for columns in _tiles(len(b), threads)]
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(threads) as pool, steps(similarities.size, "pairs") as advance:
        list(pool.map(compare, tiles))
    return similarities


def _parts(size: int, length: int) -> Iterator[slice]:
    return (slice(start, start + length) for start in range(0, size, length))


def _tiles(size: int, threads: int) -> list[slice]:
    count = threads * -(-size // (threads * TILE))
    bounds = [size * k // count for k in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(bounds) if start < stop]


def _units(vectors: np.ndarray) -> np.ndarray:
    """For each vector (N, 1) the largest power of two that some element reaches; NaN if one is not finite."""
    largest = np.abs([vectors.max(axis=1), vectors.min(axis=1)]).max(axis=0).astype(np.float64)[:, None]
    return np.where(np.isfinite(largest), np.ldexp(1.0, np.frexp(largest)[1] - 1), np.nan)


def _cut(values: np.ndarray, unit: np.ndarray) -> list[np.ndarray]:
    """Cut numbers into the high ones, high + low, and the low ones."""
    numbers = np.divide(values, unit, dtype=np.float64)
    numbers *= UNIT
    high = np.rint(numbers)
    numbers -= high
    numbers /= LOW
    low = np.rint(numbers, out=numbers)
    return [high, high + low, low]


def _sums(x: Iterable[list[np.ndarray]], y: Iterable[list[np.ndarray]]) -> list[np.ndarray]:
    """Products (n, m), and the vectors' sums and sums of squares: (n,), (n,), (m,), (m,)."""
    sums = [[np.float64(0)] * 5 for _ in ONE]
    for numbers in zip(x, y, strict=True):
        for part, one, p, q in zip(sums, ONE, *numbers, strict=False):
            terms = p @ q.T, one * p.sum(axis=1), np.vecdot(p, p), one * q.sum(axis=1), np.vecdot(q, q)
            for k, term in enumerate(terms):
                part[k] += term
    if len(numbers[0]) == 1:
        return sums[0]
    return [high + (both - high - low) * LOW + low * LOW**2 for high, both, low in zip(*sums, strict=True)]
