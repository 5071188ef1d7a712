"""Jaccard index of all pairs of packed rows of bits."""

import numpy as np

from genprint.similarity._compiled import kernel
from genprint.similarity._lanes import (
    double,
    load,
    set_bits,
    single,
    spread,
    store,
    where,
)

ROWS = 4  # of the first set, that share what is loaded of the second


@kernel
def compare_bits(x, x_counts, y, y_counts, similarities):
    """Fill ``similarities`` float32 (4 N, M, 16) with bits set in both as a share of the bits set in either, or 1.

    ``x`` (4 N, W) and ``y`` (M, W, 16) are uint64 words; ``x_counts`` (4 N,) and ``y_counts`` (M, 16) float64 say how
    many of their bits are set.
    """
    columns, words = y.shape[:2]
    none, zero, one = spread(np.uint64(0)), spread(0.0), spread(1.0)
    for column in range(columns):
        count = load(y_counts, column)
        for row in range(0, len(x), ROWS):
            a, b, c, d = none, none, none, none
            for word in range(words):
                bits = load(y, column * words + word)
                a = a + set_bits(spread(x[row, word]) & bits)
                b = b + set_bits(spread(x[row + 1, word]) & bits)
                c = c + set_bits(spread(x[row + 2, word]) & bits)
                d = d + set_bits(spread(x[row + 3, word]) & bits)
            for k, both in enumerate((a, b, c, d)):
                shared = double(both)
                either = spread(x_counts[row + k]) + count - shared
                index = where(either > zero, shared / either, one)
                store(similarities, (row + k) * columns + column, single(index))
