"""Alignment: how alike two images are once one is laid over the other."""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from genprint.copies.contrast import SIDE, Prepared

ITERATIONS, PRECISION = 50, 1e-5  # of the correlation that the alignment maximises
LEAST_OVERLAP = 0.4  # share of the area of either image that has to lie over the other
LARGEST_SHIFT, LARGEST_ANGLE, SCALES, LARGEST_STRETCH = 0.3, 30.0, (0.7, 1.43), 1.25
NEAREST_FLAT = 1e-3  # standard deviation of local contrast below which there is nothing to correlate
NO_MOVE = np.eye(2, 3)
# A blurred original counts as long as it has this share of the contrast of the other image, or more: one that is much
# more blurred than the copy has little but outlines, which are alike in many patients. Of the shares 0 to 1 this one
# recovers the most copies of the phantom, and of CT slices nearly as many as the best (docs/copies.md).
LEAST_CONTRAST = 0.8


@dataclass(frozen=True)
class Aligned:
    """Two images, aligned.

    Attributes:
        similarity: absolute correlation of local contrast over the overlap, 0..1; 1 for equal pixels.
        matrix: float64 (2, 3), maps positions in the right image to positions in the left one, both counted from the
            centre in sides, x to the right and y down; None where nothing can be aligned.
        inverted: whether dark and bright are exchanged.
        overlap: share of the area of either image, the smaller of the two, that lies over the other.
    """

    similarity: float
    matrix: np.ndarray | None
    inverted: bool
    overlap: float


def align(left: Prepared, i: int, right: Prepared, j: int, start: np.ndarray, inverted: bool) -> Aligned:
    """Align the right image ``j`` with the left image ``i``, beginning at a hypothesis.

    The affine transformation that maximises the correlation of the blurred images (`cv2.findTransformECC`; Evangelidis
    & Psarakis 2008, doi 10.1109/TPAMI.2008.113) is taken if the correlation of the sharper ones agrees, else the
    hypothesis as it is. The correlation is then also taken with either image blurred, as far as it was prepared for
    that (`genprint.copies.contrast.SOFTER`) and is not more blurred than the other one, and the largest counts: one of
    them may be a blurred copy of the other.
    Of the two images always the same one is moved, whichever is the left one, so that

        similarity(a, b) = similarity(b, a).

    Args:
        left: images that hold ``i``.
        i: a position in ``left``.
        right: images that hold ``j``.
        j: a position in ``right``.
        start: the matrix (2, 3) to begin with, as in `Aligned`.
        inverted: whether the hypothesis has dark and bright exchanged.
    """
    if left.keys[i] == right.keys[j]:
        return Aligned(1.0, NO_MOVE, False, 1.0)
    swapped = left.keys[i] > right.keys[j]
    if swapped:
        left, i, right, j, start = right, j, left, i, inverse(start)
    refined = _refine(left.blurred[i], right.blurred[j], right.mask, left.mask, start, inverted)
    similarity, matrix, overlap = 0.0, None, 0.0
    for candidate in (start, refined):
        if candidate is not None and plausible(candidate):
            found = _compare(left.contrast[i], left.mask, right.contrast[j], right.mask, candidate)
            if abs(found.correlation) > abs(similarity):
                similarity, matrix, overlap = found.correlation, candidate, found.overlap
    if matrix is None:
        return Aligned(0.0, None, False, 0.0)
    for image in left.softer[i]:
        found = _compare(image, left.mask, right.contrast[j], right.mask, matrix)
        if found.left >= LEAST_CONTRAST * found.right and abs(found.correlation) > abs(similarity):
            similarity = found.correlation
    for image in right.softer[j]:
        found = _compare(left.contrast[i], left.mask, image, right.mask, matrix)
        if found.right >= LEAST_CONTRAST * found.left and abs(found.correlation) > abs(similarity):
            similarity = found.correlation
    return Aligned(min(abs(similarity), 1.0), inverse(matrix) if swapped else matrix, similarity < 0, overlap)


def describe(matrix: np.ndarray) -> dict[str, float | bool]:
    """Say how the right image was made of the left one.

    Returns:
        ``shift_x`` and ``shift_y`` (of the centre, in sides, to the right and down), ``angle`` (degrees,
        anticlockwise), ``scale`` (above 1: the right image is enlarged) and ``mirrored`` (left and right are exchanged
        first, then the image is turned).
    """
    made = inverse(matrix)
    (a, b, x), (c, d, y) = made.tolist()
    determinant = a * d - b * c
    mirrored = determinant < 0
    if mirrored:
        a, c = -a, -c
    angle = float(np.rad2deg(np.arctan2(b - c, a + d)))
    return {"shift_x": x, "shift_y": y, "angle": angle, "scale": abs(determinant) ** 0.5, "mirrored": mirrored}


def plausible(matrix: np.ndarray) -> bool:
    """Tell whether a transformation is one that the search looks for, with some room."""
    found = describe(matrix)
    (a, b), (c, d) = matrix[:, :2].tolist()
    # Singular values of a 2 x 2 matrix are the half sum and half difference of these two.
    most, least = np.hypot(a + d, b - c), np.hypot(a - d, b + c)
    longest, shortest = (most + least) / 2, abs(most - least) / 2
    return bool(
        max(abs(found["shift_x"]), abs(found["shift_y"])) <= LARGEST_SHIFT
        and abs(found["angle"]) <= LARGEST_ANGLE
        and SCALES[0] <= found["scale"] <= SCALES[1]
        and longest <= LARGEST_STRETCH * shortest
    )


def inverse(matrix: np.ndarray) -> np.ndarray:
    """Return the transformation (2, 3) that undoes another one."""
    (a, b, x), (c, d, y) = matrix.tolist()
    determinant = a * d - b * c
    a, b, c, d = d / determinant, -b / determinant, -c / determinant, a / determinant
    return np.array([[a, b, -(a * x + b * y)], [c, d, -(c * x + d * y)]])


def _refine(
    moving: np.ndarray, still: np.ndarray, still_mask: np.ndarray, mask: np.ndarray, start: np.ndarray, inverted: bool
) -> np.ndarray | None:
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, ITERATIONS, PRECISION)
    first = _in_pixels(start).astype(np.float32)
    try:
        _, pixels = cv2.findTransformECC(
            still, -moving if inverted else moving, first, cv2.MOTION_AFFINE, criteria, mask, 1
        )
    except cv2.error:  # no overlap, nothing to hold on to, or no way up
        return None
    found = _in_sides(pixels.astype(np.float64))
    return found if np.isfinite(found).all() and np.linalg.det(found[:, :2]) != 0 else None


class _Comparison(NamedTuple):
    """How two images that lie over each other compare: correlation, overlap, standard deviation of either in it."""

    correlation: float
    overlap: float
    left: float = 0.0
    right: float = 0.0


def _compare(
    left: np.ndarray, left_mask: np.ndarray, right: np.ndarray, right_mask: np.ndarray, matrix: np.ndarray
) -> _Comparison:
    """Compare the right image with the left one moved over it."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pixels = _in_pixels(matrix)
    moved = cv2.warpAffine(left, pixels, (SIDE, SIDE), flags=flags)
    seen = cv2.warpAffine(left_mask, pixels, (SIDE, SIDE), flags=flags)
    inside = (seen == 255) & (right_mask == 255)
    area = np.count_nonzero(inside)
    areas = np.count_nonzero(right_mask), np.count_nonzero(left_mask) / abs(np.linalg.det(matrix[:, :2]))
    overlap = min(1.0, area / max(areas))
    if overlap < LEAST_OVERLAP:
        return _Comparison(0.0, overlap)
    x, y = moved[inside].astype(np.float64), right[inside].astype(np.float64)
    x, y = x - x.mean(), y - y.mean()
    spreads = float(np.sqrt((x * x).mean())), float(np.sqrt((y * y).mean()))
    correlation = float((x * y).mean() / (spreads[0] * spreads[1])) if min(spreads) > NEAREST_FLAT else 0.0
    return _Comparison(correlation, overlap, *spreads)


def _in_pixels(matrix: np.ndarray) -> np.ndarray:
    centre = np.full(2, (SIDE - 1) / 2)
    linear = matrix[:, :2]
    return np.column_stack([linear, centre - linear @ centre + SIDE * matrix[:, 2]])


def _in_sides(pixels: np.ndarray) -> np.ndarray:
    centre = np.full(2, (SIDE - 1) / 2)
    linear = pixels[:, :2]
    return np.column_stack([linear, (pixels[:, 2] - centre + linear @ centre) / SIDE])
