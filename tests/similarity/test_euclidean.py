import numpy as np
import pytest
from hypothesis import given, settings
from scipy.spatial.distance import cdist

from genprint.similarity import pairwise

from .vectors import two_sets


def assert_close(a, b):
    """Every pair to 1e-5, and near ones, which matter, to 1e-6."""
    a64, b64 = (x.reshape(len(x), -1).astype(np.float64) for x in (a, b))
    found, expected = pairwise("euclidean", a, b), -cdist(a64, b64)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=0)
    near = expected**2 < 0.09 * ((a64**2).sum(axis=1)[:, None] + (b64**2).sum(axis=1))
    np.testing.assert_allclose(found[near], expected[near], rtol=1e-6, atol=0)


@pytest.mark.parametrize("scale", [1, np.float32(1 / 255), 1e-30, 1e30])
def test_equals_scipy_on_real_slices(scale, ct_slices):
    images = ct_slices if scale == 1 else ct_slices * scale  # adjacent slices are almost duplicates
    assert_close(images[:12], images[6:])


@settings(max_examples=60, deadline=None)
@given(two_sets())
def test_equals_scipy_whatever_the_size(sets):
    assert_close(*sets)


def test_equal_values_do_not_pile_up_rounding_errors():
    values = np.random.default_rng(0).uniform(0.5, 2, (20, 1)).astype(np.float32)
    assert_close(np.tile(values, 5000), np.tile(values[::-1], 5000))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_near_duplicates_in_65536_dimensions(dtype):
    random = np.random.default_rng(1)
    a = random.normal(100, 30, (3, 65536)).astype(dtype)
    near = a.astype(np.float64) + 1e-3 * np.sqrt(1 / 65536) * random.choice([-1, 1], a.shape)
    b = np.concatenate([a, near.astype(dtype)])
    assert_close(a, b)
    assert (np.diag(pairwise("euclidean", a, a)) == 0).all()


def test_a_pair_at_a_thousandth_is_right_to_a_millionth():
    a = np.random.default_rng(2).normal(0, 1, (1, 65536))
    b = a.copy()
    b[0, 777] += 1e-3
    np.testing.assert_allclose(pairwise("euclidean", a, b), -1e-3, rtol=1e-6)


def test_all_duplicates_are_found():
    a = np.random.default_rng(3).normal(3, 1, (200, 512)).astype(np.float32)
    shuffled = np.random.default_rng(4).permutation(200)
    similarities = pairwise("euclidean", a, a[shuffled])
    assert (similarities == 0).sum() == 200
    np.testing.assert_array_equal(shuffled[similarities.argmax(axis=1)], np.arange(200))


def test_mixed_types():
    a = np.random.default_rng(5).integers(0, 256, (4, 100), dtype=np.uint8)
    assert_close(a, a.astype(np.float32) + np.float32(0.25))
    assert_close(a.astype(np.float16), a.astype(np.float64) / 3)
