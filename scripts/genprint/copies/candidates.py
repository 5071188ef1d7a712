"""Candidates: a quick look at every pair, that says which ones are worth aligning and from where to start."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from threadpoolctl import threadpool_limits

from genprint.copies.contrast import Prepared
from genprint.runtime.progress import steps
from genprint.similarity._compiled import kernel

SIDE = 20  # of the images that are compared
SHIFT = 4  # pixels of these, 20 % of the side, in steps of one
SHIFTS = 2 * SHIFT + 1  # along either axis
ANGLES = (-20.0, -10.0, 0.0, 10.0, 20.0)  # degrees
SCALES = (0.82, 0.9, 1.0, 1.1, 1.22)
LARGEST = 127  # whole numbers: any BLAS adds SIDE * SIDE products of these exactly in float32
COLUMNS = 256  # images compared at a time


def hypotheses() -> np.ndarray:
    """Return every combination of mirroring, angle, scale and shift as matrices, float64 (K, 2, 3).

    A matrix maps positions in the right image to positions in the left one, both counted from the centre in sides, x
    to the right and y down.
    """
    shifts = np.arange(-SHIFT, SHIFT + 1) / SIDE
    moves = [(linear, np.array([x, y])) for linear in _linears() for y in shifts for x in shifts]
    return np.array([np.column_stack([linear, -linear @ move]) for linear, move in moves])


def coarse(left: Prepared, right: Prepared, *, upper: bool = False, threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Compare every left image with every right one under all hypotheses.

    The left image is moved; both are reduced to SIDE x SIDE whole numbers, of which any BLAS adds the products exactly
    in float32. So a pair's values depend on the pair alone, bit for bit. With ``upper`` both sides are the same images,
    and only pairs with a later one are compared.

    Returns:
        The largest absolute correlation (of local contrast at low resolution, 0 outside of the image that is moved),
        float32 (N, M), and the place in `hypotheses` that it belongs to, int32 (N, M); where the correlation is
        negative the place p is written as -1 - p. Between neighbouring shifts the correlation is taken to follow a
        parabola: a true shift of half a step would otherwise lose against a mirrored image that lies better.
    """
    scores = np.zeros((len(left.blurred), len(right.blurred)), np.float32)
    best = np.zeros(scores.shape, np.int32)
    still = _whole_numbers(np.stack([_sampled(image, np.eye(2), SIDE).ravel() for image in right.blurred]))

    def compare(row: int) -> None:
        moved = _templates(left.blurred[row])
        inverse_lengths = _inverse_lengths(moved)
        first = row + 1 if upper else 0
        for start in range(first, len(still), COLUMNS):
            some = slice(start, start + COLUMNS)
            _largest(still[some] @ moved.T, inverse_lengths, scores[row, some], best[row, some])
        advance(len(still) - first)

    count = len(scores) * (len(scores) - 1) // 2 if upper else scores.size
    with threadpool_limits(1), ThreadPoolExecutor(threads) as pool, steps(count, "pairs") as advance:
        list(pool.map(compare, range(len(scores))))
    scores *= _inverse_lengths(still)
    return scores, best


def coarse_in_place(left: Prepared, right: Prepared) -> tuple[np.ndarray, np.ndarray]:
    """Compare every left image with every right one as they lie, by the hypothesis that moves nothing.

    It is hundreds of times faster than `coarse`, and what it returns has the same form and the same promise.
    """
    still, other = (
        _whole_numbers(np.stack([_sampled(image, np.eye(2), SIDE).ravel() for image in side.blurred]))
        for side in (left, right)
    )
    with threadpool_limits(1):
        products = still @ other.T
    scores = np.abs(products) * _inverse_lengths(still)[:, None] * _inverse_lengths(other)
    place = np.flatnonzero((np.abs(hypotheses() - np.eye(2, 3)) < 1e-12).all(axis=(1, 2)))[0]
    return scores, np.where(products >= 0, place, -1 - place).astype(np.int32)


def nearest(left: np.ndarray, right: np.ndarray, scores: np.ndarray, count: int, *, of: str = "either") -> np.ndarray:
    """Tell which of some pairs are among the ``count`` best of either of their images: bool (P,).

    Args:
        left: position of each pair's left image, integers (P,), in the order of the ids.
        right: the same of the right images.
        scores: coarse scores of the pairs, (P,).
        count: pairs of every image. Of equal scores those of the first images count.
        of: "either", or "right" for the best pairs of the right images only.
    """
    chosen = np.zeros(len(scores), bool)
    for own, other in ((right, left), (left, right))[: 1 if of == "right" else 2]:
        order = np.lexsort((other, -scores, own))
        _, first, sizes = np.unique(own[order], return_index=True, return_counts=True)
        chosen[order[np.arange(len(order)) - np.repeat(first, sizes) < count]] = True
    return chosen


def _linears() -> Iterator[np.ndarray]:
    for mirrored in (False, True):
        for angle in np.deg2rad(ANGLES):
            for scale in SCALES:
                turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / scale
                yield np.diag([-1.0, 1.0]) @ turn if mirrored else turn


def _sampled(image: np.ndarray, linear: np.ndarray, side: int) -> np.ndarray:
    """Sample an image at a turned grid of ``side`` x ``side`` points around its centre, steps of 1 / SIDE apart."""
    matrix = len(image) / SIDE * linear
    offset = (len(image) - 1) / 2 - matrix @ np.full(2, (side - 1) / 2)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(image, np.column_stack([matrix, offset]), (side, side), flags=flags)


def _templates(image: np.ndarray) -> np.ndarray:
    """An image under all hypotheses, whole numbers float32 (K, SIDE * SIDE)."""
    around = np.stack([_sampled(image, linear, SIDE + 2 * SHIFT) for linear in _linears()])
    windows = np.lib.stride_tricks.sliding_window_view(around, (SIDE, SIDE), axis=(1, 2))
    windows = windows[:, ::-1, ::-1]  # a window further to the left sees the image moved to the right
    return _whole_numbers(windows.reshape(-1, SIDE * SIDE))


def _whole_numbers(rows: np.ndarray) -> np.ndarray:
    """Scale every row to whole numbers of at most LARGEST."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    return np.rint(rows * np.divide(LARGEST, largest, out=np.zeros_like(largest), where=largest > 0))


def _inverse_lengths(rows: np.ndarray) -> np.ndarray:
    """One over the Euclidean length of rows of whole numbers, float32; 0 where there is nothing."""
    squares = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
    return np.divide(1, np.sqrt(squares), out=np.zeros_like(squares), where=squares > 0).astype(np.float32)


@kernel
def _largest(products: np.ndarray, scale: np.ndarray, score: np.ndarray, best: np.ndarray) -> None:
    """Find the largest absolute value of every row of ``products * scale`` by `hypotheses`, and where it is."""
    shifts = SHIFTS * SHIFTS
    for row in range(products.shape[0]):
        values = products[row]
        highest = -1.0
        for first in range(0, products.shape[1], shifts):
            largest, place = np.float32(-1), 0
            for column in range(first, first + shifts):
                value = abs(values[column]) * scale[column]
                if value > largest:
                    largest, place = value, column
            y, x = divmod(place - first, SHIFTS)
            peak = float(largest)
            for position, step in ((x, 1), (y, SHIFTS)):
                if 0 < position < SHIFTS - 1:
                    peak += _above(values, scale, place, step)
            if peak > highest:
                highest = peak
                best[row] = place if values[place] >= 0 else -1 - place
        score[row] = highest


@kernel
def _above(values: np.ndarray, scale: np.ndarray, place: int, step: int) -> float:
    """By how much a parabola through the largest value and its two neighbours is above that value."""
    sign = 1.0 if values[place] >= 0 else -1.0
    before = sign * values[place - step] * scale[place - step]
    largest = sign * values[place] * scale[place]
    after = sign * values[place + step] * scale[place + step]
    bend = 2 * largest - before - after
    return (after - before) ** 2 / (8 * bend) if bend > 0 else 0.0
