"""Registered correlation: local contrast of two images, once one is laid over the other."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from genprint.copies.alignment import align, inverse
from genprint.copies.candidates import coarse, hypotheses
from genprint.copies.contrast import prepare
from genprint.runtime.progress import steps
from genprint.similarity._inputs import refuse_not_finite

ACCEPTS = ("image",)
IDENTICAL = 1.0
PARAMETERS = {}


def similarity(a: np.ndarray, b: np.ndarray, *, threads: int, device: str) -> np.ndarray:
    """Compute the registered correlation in 0..1 of every image of ``a`` with every one of ``b``, float32 (N, M).

    It is the absolute correlation of the local contrast of two images over their overlap, after the affine
    transformation that fits them best, which begins at the best of a grid of shifts, angles, scales and mirrorings
    (`genprint.copies`; docs/copies.md). It hardly changes when an image is shifted by up to 20 % of its side, turned by
    up to 20 degrees, scaled by 0.8 to 1.25, mirrored, inverted, blurred, or given other grey levels. Equal images have
    1, and an image of one value has 0 with any other. It is symmetric bit for bit.

    Images are uint8, or floating-point numbers of the same unit, 0..255. There is no GPU version: ``device`` changes
    nothing.

    Raises:
        ValueError: NaN or infinite values.
    """
    refuse_not_finite(a, b)
    similarities = np.empty((len(a), len(b)), np.float32)
    with steps(similarities.size, "pairs") as advance:
        left, right = (prepare(images, softer=True, threads=threads) for images in (a, b))
        forth, back = coarse(left, right, threads=threads), coarse(right, left, threads=threads)
        starts = hypotheses()

        def compare(row: int) -> None:
            for column in range(len(b)):
                pair = [(left, row), (right, column)]
                best = [tuple(values[row, column] for values in forth), tuple(values[column, row] for values in back)]
                if left.keys[row] > right.keys[column]:  # one order, whichever side an image is on
                    pair.reverse()
                    best.reverse()
                (score, place), (other_score, other_place) = best
                turned = other_score > score
                place = other_place if turned else place
                start = starts[place if place >= 0 else -1 - place]
                start = inverse(start) if turned else start
                similarities[row, column] = align(*pair[0], *pair[1], start, bool(place < 0)).similarity
            advance(len(b))

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(compare, range(len(a))))
    return similarities
