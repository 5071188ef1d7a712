import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from genprint.similarity import pairwise

SKIMAGE = {
    "uniform": {},
    "gaussian": {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False},
}
WINDOWS = sorted(SKIMAGE)


def reference(a, b, window, data_range=255):
    a, b = (images.astype(np.float64) for images in (a, b))
    return np.array([[structural_similarity(x, y, data_range=data_range, **SKIMAGE[window]) for y in b] for x in a])


def assert_close(a, b, window, **options):
    found = pairwise("ssim", a, b, window=window, **options)
    np.testing.assert_allclose(found, reference(a, b, window, **options), rtol=0, atol=1e-5)


@pytest.mark.parametrize("window", WINDOWS)
def test_equals_skimage_on_real_slices(window, ct_slices):
    assert_close(ct_slices[:4], ct_slices[3:9], window)
    assert_close(ct_slices[:3], 255 - ct_slices[:3], window)


@pytest.mark.parametrize("window", WINDOWS)
def test_equals_skimage_on_constant_and_flat_images(window):
    levels = np.array([0, 1, 3, 100, 127, 128, 131, 254, 255], np.uint8)
    constant = np.broadcast_to(levels[:, None, None], (9, 60, 60))
    ramp = np.broadcast_to(np.arange(60, dtype=np.uint8), (1, 60, 60))
    steps = np.where(np.arange(60) < 30, 3, 250).astype(np.uint8) * np.ones((1, 60, 1), np.uint8)
    hardly = constant[1:8] + np.random.default_rng(0).integers(0, 2, (7, 60, 60)).astype(np.uint8)
    images = np.concatenate([constant, ramp, steps, hardly])
    assert_close(images, images, window)


@settings(max_examples=25, deadline=None)
@given(
    height=st.integers(11, 90),
    width=st.integers(11, 90),
    low=st.integers(0, 250),
    span=st.integers(1, 255),
    seed=st.integers(0, 2**32),
)
@pytest.mark.parametrize("window", WINDOWS)
def test_equals_skimage_whatever_the_size_and_contrast(window, height, width, low, span, seed):
    random = np.random.default_rng(seed)
    a, b = (random.integers(low, min(low + span, 255) + 1, (2, height, width), dtype=np.uint8) for _ in range(2))
    assert_close(a, b, window)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(("offset", "data_range"), [(0, 1), (0, 255), (1000, 4096), (-500, 2000), (0, 1e-3)])
@pytest.mark.parametrize("window", WINDOWS)
def test_equals_skimage_on_floating_point_images(window, offset, data_range, dtype):
    random = np.random.default_rng(3)
    a, b = ((offset + data_range * random.random((3, 40, 52))).astype(dtype) for _ in range(2))
    b[0] = a[0]
    assert_close(a, b, window, data_range=data_range)


@pytest.mark.parametrize("data_range", [1, 100, 255, 1000, 5000])
@pytest.mark.parametrize("window", WINDOWS)
def test_equals_skimage_for_any_data_range_of_uint8(window, data_range, ct_slices):
    assert_close(ct_slices[:2, 60:160, 60:160], ct_slices[2:4, 60:160, 60:160], window, data_range=data_range)


@pytest.mark.parametrize("window", WINDOWS)
def test_data_range_is_not_taken_from_an_image(window):
    random = np.random.default_rng(4)
    dark = random.integers(0, 30, (2, 64, 64), dtype=np.uint8)
    bright = random.integers(200, 256, (2, 64, 64), dtype=np.uint8)
    np.testing.assert_array_equal(
        pairwise("ssim", dark, bright, window=window), pairwise("ssim", bright, dark, window=window).T
    )
    assert_close(dark, bright, window)


def seeds_formula(x, y, data_range):
    (mx, my), ((vx, cxy), (_, vy)) = (x.mean(), y.mean()), np.cov(x, y, bias=True)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    return (2 * mx * my + c1) * (2 * cxy + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))


@settings(max_examples=30, deadline=None)
@given(
    dimensions=st.integers(2, 700),
    mean=st.sampled_from([0, 1, 300]),
    data_range=st.floats(0.1, 100),
    dtype=st.sampled_from([np.float32, np.float64]),
    seed=st.integers(0, 2**32),
)
def test_a_vector_is_one_window(dimensions, mean, data_range, dtype, seed):
    random = np.random.default_rng(seed)
    a, b = random.normal(mean, 1, (2, 5, dimensions)).astype(dtype)
    b[0], b[1], b[2] = a[0], a[1] + 1e-4, -a[2]
    expected = [[seeds_formula(x, y, data_range) for y in b] for x in (v.astype(np.float64) for v in a)]
    found = pairwise("ssim", a, b, data_range=data_range)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    assert found[0, 0] == 1


def test_vectors_of_bytes():
    a = np.random.default_rng(5).integers(0, 256, (6, 300), dtype=np.uint8)
    expected = [[seeds_formula(x.astype(float), y.astype(float), 255) for y in a] for x in a]
    np.testing.assert_allclose(pairwise("ssim", a, a), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["ssim", "ssim3"])
def test_floating_point_images_need_a_data_range(name):
    random = np.random.default_rng(0)
    a, b = (random.integers(0, 256, (1, 32, 32)).astype(np.uint8) for _ in range(2))
    floats = a / np.float32(255), b / np.float32(255)
    for sides in (floats, (a, floats[1])):
        with pytest.raises(ValueError, match="data_range is not given, and floating point numbers have none"):
            pairwise(name, *sides)
    np.testing.assert_allclose(pairwise(name, *floats, data_range=1), pairwise(name, a, b), atol=1e-5)
