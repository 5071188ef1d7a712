"""SSIM of all pairs with a uniform 7 x 7 window: running sums down the columns, then along the rows.

Everything is in units in which uint8 images give whole numbers: sums over the 49 pixels of a window in place of means,
and 49 * 48 times the covariance. The sums stay below 2**24, so float32 holds them exactly and running sums do not
drift; the one product that exceeds 2**24 is carried with its rounding error.
"""

import numpy as np
from numba import njit

from genprint.similarity._blocks import in_strips, interleave
from genprint.similarity._compiled import kernel
from genprint.similarity._lanes import double, fma, load, spread, store, zeros

SIDE = 7
PIXELS = SIDE * SIDE
COVARIANCE_SCALE = PIXELS * (PIXELS - 1)
STRIP = 64  # columns, and BLOCK images, and ROWS: what is in use at a time fits the first- and second-level caches
ROWS = 16
BLOCK = 4


class Uniform:
    """Mean SSIM over all windows inside the image, with the sample covariance."""

    def __init__(self, shape: tuple[int, int], dtype: type, data_range: float):
        height, width = shape
        rows, columns = height - SIDE + 1, width - SIDE + 1
        self.windows = rows * columns
        self.c1 = dtype((0.01 * data_range) ** 2 * PIXELS**2)
        self.c2 = dtype((0.03 * data_range) ** 2 * COVARIANCE_SCALE)
        self.images = zeros(1 + height, width, dtype=dtype)
        self.sums = zeros(rows, columns, dtype=dtype)
        self.variances = zeros(rows, columns, dtype=dtype)

    def lanes(self, images: np.ndarray) -> tuple:
        """The images (1 + H, W, 16) below a row of zeros, and their moments."""
        interleave(images, self.images[1:])
        _moments(self.images, self.sums, self.variances, self.c2)
        return self.images, self.sums, self.variances

    def planes(self, images: np.ndarray) -> list[tuple]:
        """For each strip, the images (P, 1 + H, w + 6) below a row of zeros, and their moments (P, H - 6, w)."""
        return in_strips(images, self.lanes, STRIP)

    def similarities(self, planes: list[tuple], lanes: tuple) -> np.ndarray:
        """Mean SSIM, float64 (P, 16)."""
        count = len(planes[0][0])
        below = zeros(count, STRIP + SIDE - 1, dtype=self.images.dtype)
        totals = zeros(count, dtype=np.float64)
        for k, strip in enumerate(planes):
            _pairs(*strip, *lanes, k * STRIP, self.c1, self.c2, below, totals)
        return totals / self.windows


@kernel
def _moments(images, sums, variances, c2):
    """Fill in the sum over every window, and 2352 times its sample variance plus ``c2 / 2``."""
    number = images.dtype.type
    zero, pixels, half = spread(number(0)), spread(number(PIXELS)), spread(number(0.5) * c2)
    width, (rows, columns) = images.shape[1], sums.shape[:2]
    below, squares_below = np.zeros_like(images[0]), np.zeros_like(images[0])
    for row in range(1, SIDE):
        for column in range(width):
            value = load(images, row * width + column)
            store(below, column, load(below, column) + value)
            store(squares_below, column, fma(value, value, load(squares_below, column)))
    for row in range(rows):
        total, squares = zero, zero
        for column in range(width):
            enters, leaves = load(images, (row + SIDE) * width + column), load(images, row * width + column)
            store(below, column, load(below, column) + (enters - leaves))
            store(squares_below, column, fma(enters, enters, load(squares_below, column)) - leaves * leaves)
            total = total + load(below, column)
            squares = squares + load(squares_below, column)
            first = column - SIDE + 1
            if first >= 0:
                store(sums, row * columns + first, total)
                store(variances, row * columns + first, _covariance(pixels, squares, total, total) + half)
                total = total - load(below, first)
                squares = squares - load(squares_below, first)


@kernel
def _pairs(x, x_sums, x_variances, y, y_sums, y_variances, left, c1, c2, below, totals):
    """Add up SSIM over the windows of a strip, which begins at the column ``left``, in ``totals`` float64 (P, 16)."""
    number = x.dtype.type
    zero, two, pixels = spread(number(0)), spread(number(2)), spread(number(PIXELS))
    c1, c2 = spread(c1), spread(c2)
    (count, rows, strip), width, columns = x_sums.shape, y.shape[1], y_sums.shape[1]
    for p in range(count):
        for column in range(strip + SIDE - 1):
            total = zero
            for row in range(1, SIDE):
                total = fma(spread(x[p, row, column]), load(y, row * width + left + column), total)
            store(below, p * below.shape[1] + column, total)
    for top in range(0, rows, ROWS):
        for first in range(0, count, BLOCK):
            for row in range(top, min(top + ROWS, rows)):
                enter, leave, at = (row + SIDE) * width + left, row * width + left, row * columns + left
                for p in range(first, min(first + BLOCK, count)):
                    x_enter, x_leave = x[p, row + SIDE], x[p, row]
                    x_sum, x_variance = x_sums[p, row], x_variances[p, row]
                    base = p * below.shape[1]
                    window, leaving, similarity = zero, zero, zero
                    for column in range(SIDE - 1):
                        window = window + _slide(below, base, x_enter, x_leave, y, enter, leave, column)
                    for column in range(strip):
                        entering = _slide(below, base, x_enter, x_leave, y, enter, leave, column + SIDE - 1)
                        window = window + (entering - leaving)
                        leaving = load(below, base + column)
                        sx, sy = spread(x_sum[column]), load(y_sums, at + column)
                        difference = sx - sy
                        luminance = fma(two, sx * sy, c1)
                        contrast = fma(two, _covariance(pixels, window, sx, sy), c2)
                        variances = spread(x_variance[column]) + load(y_variances, at + column)
                        similarity = similarity + (luminance * contrast) / (
                            fma(difference, difference, luminance) * variances
                        )
                    store(totals, p, load(totals, p) + double(similarity))


@njit(forceinline=True)
def _slide(below, base, x_enter, x_leave, y, enter, leave, column):
    """Move the sum of seven products in a column one row down."""
    total = fma(spread(x_enter[column]), load(y, enter + column), load(below, base + column))
    total = total - spread(x_leave[column]) * load(y, leave + column)
    store(below, base + column, total)
    return total


@njit(forceinline=True)
def _covariance(pixels, products, sx, sy):
    """``pixels * products - sx * sy``, with the rounding error of the large product taken off as well."""
    product = sx * sy
    return fma(pixels, products, -product) - fma(sx, sy, -product)
