from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from genprint.similarity import pairwise

VARIANTS = [
    {"pooling": pooling, "edge": edge, "gradient": gradient}
    for pooling, edge, gradient in product(["region-means", "pixel-weights"], ["either", "reference"], ["l2", "l1"])
]


def reference(x, y, pooling="region-means", edge="either", gradient="l2", data_range=255.0):
    """3-SSIM of two images as the definition reads, one after the other and pixel by pixel where it matters."""
    x, y = x.astype(np.float64), y.astype(np.float64)

    def window_mean(image):
        return ndimage.gaussian_filter(image, 1.5, radius=5)[5:-5, 5:-5]

    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    mx, my = window_mean(x), window_mean(y)
    vx, vy = window_mean((x - x.mean()) ** 2), window_mean((y - y.mean()) ** 2)
    vx, vy = vx - (mx - x.mean()) ** 2, vy - (my - y.mean()) ** 2
    cxy = window_mean((x - x.mean()) * (y - y.mean())) - (mx - x.mean()) * (my - y.mean())
    ssim = (2 * mx * my + c1) * (2 * cxy + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))

    def length(image):
        across, down = ndimage.sobel(image, axis=1), ndimage.sobel(image, axis=0)
        return across**2 + down**2 if gradient == "l2" else np.abs(across) + np.abs(down)

    power = 2 if gradient == "l2" else 1
    px, py = length(x), length(y)
    # 0.12 and 0.06 as fractions: a pixel exactly on the limit is on the side that the definition says.
    limits = [px.max() * part**power / 25**power for part in (3, 1.5)]
    weighted, weights = [], []
    regions = {"edge": [], "texture": [], "smooth": []}
    for (row, column), value in np.ndenumerate(ssim):
        p, q = px[row + 5, column + 5], py[row + 5, column + 5]
        if p > limits[0] or (edge == "either" and q > limits[0]):
            region = "edge"
        elif p < limits[1] and q <= limits[0]:
            region = "smooth"
        else:
            region = "texture"
        regions[region].append(value)
    for region, weight in (("edge", 0.5), ("texture", 0.25), ("smooth", 0.25)):
        values = regions[region]
        if values and pooling == "region-means":
            weighted.append(weight * np.mean(values))
            weights.append(weight)
        elif values:
            weighted.append(weight * np.sum(values))
            weights.append(weight * len(values))
    return sum(weighted) / sum(weights)


def assert_close(a, b, **options):
    expected = [[reference(x, y, **options) for y in b] for x in a]
    found = pairwise("ssim3", a, b, **{"data_range": 255} | options)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("options", VARIANTS)
def test_equals_the_slow_reference_on_real_slices(options, ct_slices):
    assert_close(ct_slices[:2], ct_slices[1:3], **options)


@settings(max_examples=12, deadline=None)
@given(
    height=st.integers(11, 60),
    width=st.integers(11, 60),
    noise=st.sampled_from([0, 1, 10, 80]),
    dtype=st.sampled_from([np.uint8, np.float32]),
    seed=st.integers(0, 2**32),
)
@pytest.mark.parametrize("options", VARIANTS)
def test_equals_the_slow_reference_whatever_the_size(options, height, width, noise, dtype, seed):
    random = np.random.default_rng(seed)
    smooth = ndimage.gaussian_filter(random.normal(0, 1, (4, height, width)), (0, 3, 3))
    images = 128 + 500 * smooth + random.normal(0, noise, smooth.shape) + 60 * (smooth > 0)
    images = np.clip(np.round(images), 0, 255).astype(dtype)
    assert_close(images[:2], images[2:], **options)


@pytest.mark.parametrize("options", VARIANTS)
def test_constant_and_inverted_images(options):
    random = np.random.default_rng(0)
    flat = np.full((2, 50, 50), [[[7]], [[250]]], np.uint8)
    noisy = random.integers(0, 256, (2, 50, 50), dtype=np.uint8)
    images = np.concatenate([flat, noisy, 255 - noisy])
    assert_close(images, images, **options)


def test_the_first_set_is_the_reference():
    random = np.random.default_rng(1)
    flat, busy = np.zeros((1, 48, 48), np.uint8), random.integers(0, 256, (1, 48, 48), dtype=np.uint8)
    flat[0, 20:, :] = 40
    assert pairwise("ssim3", flat, busy) != pairwise("ssim3", busy, flat)
    assert_close(flat, busy)
    assert_close(busy, flat)


def test_data_range():
    random = np.random.default_rng(2)
    a, b = random.random((2, 2, 30, 33))
    assert_close(a, b, data_range=1.0)
