import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.metrics.pairwise import cosine_similarity

from genprint.similarity import pairwise

from .vectors import two_sets


def assert_close(a, b):
    expected = cosine_similarity(*(x.reshape(len(x), -1).astype(np.float64) for x in (a, b)))
    np.testing.assert_allclose(pairwise("cosine", a, b), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("scale", [1, np.float32(1 / 255), 1e-30, 1e30])  # at 1e-30 scikit-learn itself finds zeros
def test_equals_sklearn_on_real_slices_of_any_scale(scale, ct_slices):
    a, b = ct_slices[:12], ct_slices[6:]
    expected = cosine_similarity(*(x.reshape(len(x), -1).astype(np.float64) for x in (a, b)))
    a, b = (images if scale == 1 else images * scale for images in (a, b))
    np.testing.assert_allclose(pairwise("cosine", a, b), expected, rtol=1e-6)


@settings(max_examples=60, deadline=None)
@given(two_sets())
def test_equals_sklearn_whatever_the_size(sets):
    assert_close(*sets)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_all_duplicates_are_exactly_one(dtype):
    a = np.random.default_rng(0).uniform(0, 200, (150, 2048)).astype(dtype)
    shuffled = np.random.default_rng(1).permutation(150)
    similarities = pairwise("cosine", a, a[shuffled])
    assert (similarities == 1).sum() == 150
    np.testing.assert_array_equal(shuffled[similarities.argmax(axis=1)], np.arange(150))


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_zeros_have_no_angle(dtype):
    a = np.zeros((2, 40), dtype)
    a[1, 3] = 5
    np.testing.assert_array_equal(pairwise("cosine", a, a), [[0, 0], [0, 1]])


def test_opposite():
    a = np.random.default_rng(2).normal(size=(4, 99))
    np.testing.assert_allclose(np.diag(pairwise("cosine", a, -3 * a)), -1, rtol=1e-6)
