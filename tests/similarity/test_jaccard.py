import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from genprint.similarity import pairwise


@settings(max_examples=60, deadline=None)
@given(
    dimensions=st.integers(1, 1100),
    sizes=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    share=st.sampled_from([0.01, 0.3, 0.9]),
    seed=st.integers(0, 2**32),
)
def test_equals_scipy(dimensions, sizes, share, seed):
    random = np.random.default_rng(seed)
    a, b = (random.random((size, dimensions)) < share for size in sizes)
    np.testing.assert_allclose(pairwise("jaccard", a, b), 1 - cdist(a, b, "jaccard"), rtol=1e-6)


def test_counts_by_hand():
    a = np.array([[1, 1, 0, 0], [0, 0, 0, 0]], np.uint8)
    b = np.array([[1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1]], np.uint8)
    np.testing.assert_array_equal(
        pairwise("jaccard", a, b), np.array([[1 / 3, 1, 0, 0], [0, 0, 1, 0]], np.float32), strict=True
    )


def test_threshold_is_exclusive_and_may_differ_by_dimension():
    a = np.array([[0.5, 0.6, 2.0], [0.4, 0.7, 1.0]])
    assert pairwise("jaccard", a[:1], a[1:], threshold=0.5) == 1
    np.testing.assert_array_equal(
        pairwise("jaccard", a[:1], a[1:], threshold=np.array([0.3, 0.65, 1.0])), [[np.float32(1 / 3)]]
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_images(dtype, ct_slices):
    images = ct_slices[:8].astype(dtype)
    bits = images.reshape(8, -1) > 100
    np.testing.assert_allclose(
        pairwise("jaccard", images, images, threshold=100), 1 - cdist(bits, bits, "jaccard"), rtol=1e-6
    )
    level = images.mean(axis=0)
    bits = (images > level).reshape(8, -1)
    np.testing.assert_allclose(
        pairwise("jaccard", images, images, threshold=level), 1 - cdist(bits, bits, "jaccard"), rtol=1e-6
    )
