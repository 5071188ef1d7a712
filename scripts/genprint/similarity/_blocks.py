"""All pairs of two sets of images, a few images of each at a time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np

from genprint.runtime.progress import steps
from genprint.similarity._compiled import kernel
from genprint.similarity._inputs import refuse_not_finite
from genprint.similarity._lanes import LANES

HELD_BYTES = 2**27  # of prepared images of the first set


class Comparison(Protocol):
    """One thread's way to compare images."""

    def planes(self, images: np.ndarray) -> list[tuple]:
        """Prepare images of the first set, one after the other, in strips of columns."""

    def lanes(self, images: np.ndarray) -> tuple:
        """Prepare up to 16 images of the second set, side by side; what is returned holds until the next call."""

    def similarities(self, planes: list[tuple], lanes: tuple) -> np.ndarray:
        """Compare each with each, (P, 16)."""


def compare_all(a: np.ndarray, b: np.ndarray, comparison: Callable[[], Comparison], threads: int) -> np.ndarray:
    """Similarity float32 (N, M) of the images of two sets.

    The second set is prepared again for every hundred or so images of the first, so that memory does not grow with the
    sets; every thread makes its own ``comparison()``.
    """
    refuse_not_finite(a, b)
    similarities = np.empty((len(a), len(b)), np.float32)
    held = LANES * max(1, HELD_BYTES // (LANES * 16 * a[0].size))
    comparisons = [comparison() for _ in range(threads)]

    def prepare(thread: int, rows: slice) -> list[tuple]:
        return comparisons[thread].planes(a[rows])

    def compare(thread: int) -> None:
        for columns in parts(0, len(b))[thread::threads]:
            lanes = comparisons[thread].lanes(b[columns])
            for rows, planes in zip(shares, prepared, strict=True):
                block = comparisons[thread].similarities(planes, lanes)[:, : len(b[columns])]
                similarities[rows, columns] = block
                advance(block.size)

    with ThreadPoolExecutor(threads) as pool, steps(similarities.size, "pairs") as advance:
        for start in range(0, len(a), held):
            stop = min(start + held, len(a))
            shares = parts(start, stop, -(-(stop - start) // threads))
            prepared: list[list[tuple]] = []  # what was held goes before more is prepared
            prepared = list(pool.map(prepare, range(threads), shares))
            list(pool.map(compare, range(threads)))
    return similarities


def parts(start: int, stop: int, size: int = LANES) -> list[slice]:
    """Slices of up to ``size`` that cover a range."""
    return [slice(first, min(first + size, stop)) for first in range(start, stop, size)]


def precision(a: np.ndarray, b: np.ndarray, data_range: float) -> type:
    """float32 where it is exact enough, else float64.

    It is for uint8 images if the constants are not small beside them, and if there are many windows: the errors of
    single ones reach 5e-5 where an image is almost flat, and cancel in the mean.
    """
    enough = a.dtype == b.dtype == np.uint8 and 255 <= data_range <= 1000 and a[0].size >= 2000
    return np.float32 if enough else np.float64


def interleave(images: np.ndarray, lanes: np.ndarray) -> None:
    """Write images (n <= 16, H, W) into lanes (H, W, 16)."""
    _interleave(np.array(images, np.uint8 if images.dtype == np.uint8 else lanes.dtype), lanes)


@kernel
def _interleave(planes, lanes):
    count, height, width = planes.shape
    for row in range(height):
        for column in range(width):
            for plane in range(count):
                lanes[row, column, plane] = planes[plane, row, column]


def in_strips(images: np.ndarray, lanes: Callable[[np.ndarray], tuple], width: int) -> list[tuple]:
    """What ``lanes`` prepares of images, one image after the other, for each strip of up to ``width`` windows' columns.

    The rows of a strip lie together, so that a kernel, which goes through a strip of one image after the other, finds
    them in the cache ahead of itself.
    """
    strips: list[tuple] = []
    for some in parts(0, len(images)):
        prepared = lanes(images[some])
        windows = min(array.shape[1] for array in prepared)
        for k, columns in enumerate(parts(0, windows, width)):
            if some.start == 0:
                others = windows - (columns.stop - columns.start)
                shapes = [(len(images), len(array), array.shape[1] - others) for array in prepared]
                strips.append(tuple(np.empty(shape, prepared[0].dtype) for shape in shapes))
            for array, planes in zip(prepared, strips[k], strict=True):
                separate(array, columns.start, planes[some])
    return strips


@kernel
def separate(lanes, left, planes):
    """Write columns of lanes (H, W, 16), from ``left`` on, into images (n <= 16, H, w)."""
    count, height, width = planes.shape
    for row in range(height):
        for plane in range(count):
            for column in range(width):
                planes[plane, row, column] = lanes[row, left + column, plane]
