"""SSIM of all pairs with a Gaussian 11 x 11 window: products smoothed along the rows, then down the columns.

A window is applied to differences from its centre, ``centre + sum of weight * (neighbours - 2 centre)``, which equals
the weighted mean and leaves no rounding error where an image is flat. There SSIM divides by little more than its
constants, and an error would show.
"""

import numpy as np
from numba import njit

from genprint.similarity._blocks import in_strips, interleave
from genprint.similarity._compiled import kernel
from genprint.similarity._lanes import (
    double,
    fma,
    load,
    spread,
    store,
    where,
    zeros,
)

RADIUS = 5
SIDE = 2 * RADIUS + 1
_BELL = np.exp(-0.5 * (np.arange(RADIUS + 1) / 1.5) ** 2)
WEIGHTS = _BELL / (2 * _BELL.sum() - 1)  # of the centre, then of the pixels at distance 1 to 5
# Columns, rows and images at a time: the eleven rows of a window fit the first-level cache, all of it the second.
STRIP = 32
ROWS = 16
BLOCK = 4


class Gaussian:
    """Mean SSIM over all windows inside the image, with the population covariance."""

    def __init__(self, shape: tuple[int, int], dtype: type, data_range: float):
        height, width = shape
        rows, columns = height - SIDE + 1, width - SIDE + 1
        self.windows = rows * columns
        self.centre = dtype(128 if dtype == np.float32 else 0)
        self.constants = self.centre, dtype((0.01 * data_range) ** 2), dtype((0.03 * data_range) ** 2)
        self.images = zeros(height, width, dtype=dtype)
        self.means = zeros(rows, columns, dtype=dtype)
        self.variances = zeros(rows, columns, dtype=dtype)
        self.scratch = (
            zeros(STRIP + SIDE - 1, dtype=dtype),
            zeros(BLOCK, SIDE - 1 + ROWS, STRIP, dtype=dtype),
        )

    def lanes(self, images: np.ndarray) -> tuple:
        """The images (H, W, 16) minus their centre, and their moments."""
        interleave(images, self.images)
        self.images -= self.centre
        _moments(self.images, self.means, self.variances, self.constants[2], *self.scratch)
        return self.images, self.means, self.variances

    def planes(self, images: np.ndarray) -> list[tuple]:
        """For each strip, the images (P, H, w + 10) minus their centre, and their moments (P, H - 10, w)."""
        return in_strips(images, lambda some: Gaussian.lanes(self, some), STRIP)

    def similarities(self, planes: list[tuple], lanes: tuple) -> np.ndarray:
        """Mean SSIM, float64 (P, 16)."""
        totals = zeros(len(planes[0][0]), 1, dtype=np.float64)
        for k, strip in enumerate(planes):
            pairs(*strip, *lanes, None, k * STRIP, *self.constants, *self.scratch, totals)
        return totals[:, 0] / self.windows


@kernel
def _moments(images, means, variances, c2, line, smoothed):
    """Fill in the mean in every window, and its population variance plus ``c2 / 2``."""
    half = spread(images.dtype.type(0.5) * c2)
    (height, width), columns = images.shape[:2], means.shape[1]
    for left in range(0, columns, STRIP):
        strip = min(STRIP, columns - left)
        for top in range(0, height, ROWS):
            for squared in range(2):
                _keep_last_rows(smoothed, squared)
                for row in range(top, min(top + ROWS, height)):
                    for column in range(strip + SIDE - 1):
                        value = load(images, row * width + left + column)
                        store(line, column, value * value if squared else value)
                    window = _smooth_line(line, strip, smoothed, squared, row - top)
                    if row < SIDE - 1:
                        continue
                    at = (row - SIDE + 1) * columns + left
                    for column in range(strip):
                        moment = _smooth(smoothed, window + column, STRIP)
                        if squared:
                            mean = load(means, at + column)
                            store(variances, at + column, fma(-mean, mean, moment) + half)
                        else:
                            store(means, at + column, moment)


@kernel
def pairs(
    x, x_means, x_variances, y, y_means, y_variances, regions, left, centre, c1, c2, line, smoothed, totals
):  # fmt: skip
    """Add up SSIM over the windows of a strip, which begins at the column ``left``.

    Without ``regions`` (None) ``totals`` float64 (P, 1, 16) are the sums over all windows; with them (P, 6, 16) they
    are what ``_add_regions`` says.
    """
    centre, c1, c2 = spread(centre), spread(c1), spread(c2)
    (count, height), strip = x.shape[:2], x_means.shape[2]
    for first in range(0, count, BLOCK):
        for top in range(0, height, ROWS):
            for p in range(first, min(first + BLOCK, count)):
                _keep_last_rows(smoothed, p - first)
                for row in range(top, min(top + ROWS, height)):
                    _multiply(x[p, row], y, row, left, strip, line)
                    window = _smooth_line(line, strip, smoothed, p - first, row - top)
                    above = row - SIDE + 1
                    if above < 0:
                        continue
                    _smooth_columns(smoothed, window, strip, line)
                    x_mean, x_variance = x_means[p, above], x_variances[p, above]
                    at = above * y_means.shape[1] + left
                    for column in range(strip):
                        similarity = _ssim(
                            load(line, column),
                            spread(x_mean[column]),
                            load(y_means, at + column),
                            spread(x_variance[column]) + load(y_variances, at + column),
                            centre, c1, c2,
                        )  # fmt: skip
                        store(line, column, similarity)
                    if regions is None:
                        _add(line, strip, totals, p)
                    else:
                        _add_regions(line, strip, regions, p, above, left, totals)


@njit(forceinline=True)
def _add(line, strip, totals, p):
    total = spread(line.dtype.type(0))
    for column in range(strip):
        total = total + load(line, column)
    store(totals, p, load(totals, p) + double(total))


@njit(forceinline=True)
def _add_regions(line, strip, regions, p, above, left, totals):
    """Add a line of SSIM to the sums over regions, and count the windows in them.

    The regions are the reference's edges, textures and smooth regions (P, H - 10, w), 1 where a window belongs to one
    and 0 elsewhere; the limit (P,) above which the other image's gradient (H, W, 16) makes it active; that gradient.

    The six totals are the sums over the reference's edges, over its textures and its smooth regions where the other is
    not active, and over both where it is active; then the numbers of windows in its textures and its smooth regions
    where the other is not active.
    """
    edges, are_textures, are_smooths, limits, gradient = regions
    zero, one, limit = spread(line.dtype.type(0)), spread(line.dtype.type(1)), spread(limits[p])
    middle = (above + RADIUS) * gradient.shape[1] + left + RADIUS
    x_edge, x_texture, x_smooth = edges[p, above], are_textures[p, above], are_smooths[p, above]
    edge, texture, smooth, active, textures, smooths = zero, zero, zero, zero, zero, zero
    for column in range(strip):
        similarity = load(line, column)
        is_active = load(gradient, middle + column) > limit
        quiet, quiets = where(is_active, zero, similarity), where(is_active, zero, one)
        is_texture, is_smooth = spread(x_texture[column]), spread(x_smooth[column])
        edge = fma(spread(x_edge[column]), similarity, edge)
        texture = fma(is_texture, quiet, texture)
        smooth = fma(is_smooth, quiet, smooth)
        active = fma(is_texture + is_smooth, similarity - quiet, active)
        textures = fma(is_texture, quiets, textures)
        smooths = fma(is_smooth, quiets, smooths)
    for k, total in enumerate((edge, texture, smooth, active, textures, smooths)):
        store(totals, 6 * p + k, load(totals, 6 * p + k) + double(total))


@kernel
def gradients(images, manhattan, result):
    """Fill in the Sobel gradient (H, W, 16), border mirrored: its squared Euclidean length or its Manhattan length."""
    height, width = images.shape[:2]
    for row in range(height):
        up, here, down = max(row - 1, 0) * width, row * width, min(row + 1, height - 1) * width
        for column in range(width):
            left, right = max(column - 1, 0), min(column + 1, width - 1)
            diagonal = load(images, down + right) - load(images, up + left)
            opposite = load(images, down + left) - load(images, up + right)
            vertical = load(images, down + column) - load(images, up + column)
            horizontal = load(images, here + right) - load(images, here + left)
            gy = diagonal + opposite + (vertical + vertical)
            gx = diagonal - opposite + (horizontal + horizontal)
            if manhattan:
                store(result, here + column, where(gx > -gx, gx, -gx) + where(gy > -gy, gy, -gy))
            else:
                store(result, here + column, fma(gx, gx, gy * gy))


@njit(forceinline=True)
def _keep_last_rows(smoothed, slot):
    """Move the ten rows that the next windows need before the first new row."""
    base = slot * smoothed.shape[1] * STRIP
    for k in range((SIDE - 1) * STRIP):
        store(smoothed, base + k, load(smoothed, base + ROWS * STRIP + k))


@njit(forceinline=True)
def _multiply(x, y, row, left, strip, line):
    start = row * y.shape[1] + left
    for column in range(strip + SIDE - 1):
        store(line, column, spread(x[column]) * load(y, start + column))


@njit(forceinline=True)
def _smooth_line(line, strip, smoothed, slot, row):
    """Smooth along a row into ``smoothed``; where the eleven rows of the window that ends there start."""
    window = (slot * smoothed.shape[1] + row) * STRIP
    for column in range(strip):
        store(smoothed, window + (SIDE - 1) * STRIP + column, _smooth(line, column, 1))
    return window


@njit(forceinline=True)
def _smooth_columns(smoothed, window, strip, line):
    """Smooth down the columns. SSIM is a loop of its own: the processor overlaps short chains of operations better."""
    for column in range(strip):
        store(line, column, _smooth(smoothed, window + column, STRIP))


@njit(forceinline=True)
def _smooth(lanes, at, step):
    """Weighted mean of eleven lanes, ``step`` apart, the first of them at ``at``."""
    number = lanes.dtype.type
    centre = load(lanes, at + RADIUS * step)
    twice = centre + centre
    deviation = spread(number(0))
    for k in range(1, RADIUS + 1):
        neighbours = load(lanes, at + (RADIUS - k) * step) + load(lanes, at + (RADIUS + k) * step)
        deviation = fma(spread(number(WEIGHTS[k])), neighbours - twice, deviation)
    return centre + deviation


@njit(forceinline=True)
def _ssim(products, mx, my, variances, centre, c1, c2):
    covariance = fma(-mx, my, products)
    x, y, difference = mx + centre, my + centre, mx - my
    luminance = fma(x + x, y, c1)
    contrast = covariance + covariance + c2
    return (luminance * contrast) / (fma(difference, difference, luminance) * variances)
