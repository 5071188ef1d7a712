"""All similarities through `pairwise`: references on real slices, and what holds for every one of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from skimage.metrics import structural_similarity
from sklearn.metrics.pairwise import cosine_similarity

from genprint.similarity import pairwise

NAMES = ("euclidean", "cosine", "ssim", "ssim3", "jaccard")
SYMMETRIC = ("euclidean", "cosine", "ssim", "jaccard")
IDENTICAL = {"euclidean": 0.0, "cosine": 1.0, "ssim": 1.0, "ssim3": 1.0, "jaccard": 1.0}


def images(count, height=16, width=19, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, height, width), np.uint8)


def skimage_ssim(a, b, **options):
    return np.array([[structural_similarity(x, y, data_range=255, **options) for y in b] for x in a])


def test_ssim_equals_skimage_on_real_slices(ct_slices):
    a, b = ct_slices[:4], ct_slices[4:9]
    b = np.concatenate([b, a[:1], 255 - a[:1], np.zeros_like(a[:1]), np.full_like(a[:1], 255)])
    assert np.abs(pairwise("ssim", a, b) - skimage_ssim(a, b)).max() < 1e-5
    gaussian = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    assert np.abs(pairwise("ssim", a, b, window="gaussian") - skimage_ssim(a, b, **gaussian)).max() < 1e-5


def test_3_ssim_equals_a_slow_reference_on_real_slices(ct_slices):
    peers = pytest.importorskip("genprint.peers", reason="the peers are extras")
    a, b = ct_slices[:3], ct_slices[3:7]
    wanted = [[peers.three_component_ssim(x, y) for y in b] for x in a]
    assert np.abs(pairwise("ssim3", a, b) - wanted).max() < 1e-5


def test_euclidean_and_cosine_equal_scipy_and_sklearn_on_real_slices(ct_slices):
    flat = ct_slices.reshape(len(ct_slices), -1).astype(np.float64)
    assert np.allclose(pairwise("euclidean", ct_slices, ct_slices), -cdist(flat, flat), rtol=1e-6, atol=0)
    assert np.allclose(pairwise("cosine", ct_slices, ct_slices), cosine_similarity(flat), rtol=1e-6)


@given(st.integers(1, 7), st.integers(1, 7), st.integers(1, 300), st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_vectors_equal_float64_references(n, m, d, seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(3, 1, (n, d)).astype(np.float32), rng.normal(3, 1, (m, d)).astype(np.float32)
    wide = a.astype(np.float64), b.astype(np.float64)
    assert np.allclose(pairwise("euclidean", a, b), -cdist(*wide), rtol=1e-6, atol=1e-12)
    assert np.allclose(pairwise("cosine", a, b), cosine_similarity(*wide), rtol=1e-6, atol=1e-7)
    x, y = a > 3, b > 3
    union = (x[:, None] | y[None]).sum(axis=2)
    both = (x[:, None] & y[None]).sum(axis=2)
    assert np.allclose(
        pairwise("jaccard", a, b, threshold=3), np.where(union, both / np.maximum(union, 1), 1), rtol=1e-6
    )


def test_ssim_of_vectors_is_the_formula_with_one_window():
    rng = np.random.default_rng(0)
    a, b = rng.random((4, 50)), rng.random((5, 50))
    c1, c2 = 0.01**2, 0.03**2
    wanted = [
        [
            (2 * x.mean() * y.mean() + c1)
            * (2 * np.cov(x, y, bias=True)[0, 1] + c2)
            / ((x.mean() ** 2 + y.mean() ** 2 + c1) * (x.var() + y.var() + c2))
            for y in b
        ]
        for x in a
    ]
    assert np.allclose(pairwise("ssim", a, b, data_range=1.0), wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_no_value_depends_on_blocks_order_or_threads(name, kind):
    a, b = images(23).astype(kind), images(37, seed=1).astype(kind)
    whole = pairwise(name, a, b)
    assert whole.dtype == np.float32 and whole.shape == (23, 37)
    for block in (1, 5, 16, 22):
        parts = [
            [pairwise(name, a[i : i + block], b[j : j + block]) for j in range(0, 37, block)]
            for i in range(0, 23, block)
        ]
        assert np.array_equal(np.block(parts), whole)
    rows, columns = np.random.default_rng(2).permutation(23), np.random.default_rng(3).permutation(37)
    assert np.array_equal(pairwise(name, a[rows], b[columns]), whole[np.ix_(rows, columns)])
    assert np.array_equal(pairwise(name, a, b, threads=2), whole)


@pytest.mark.parametrize("name", ["euclidean", "cosine", "ssim"])
def test_no_value_of_long_vectors_depends_on_blocks_or_order(name):
    rng = np.random.default_rng(0)
    a, b = rng.random((19, 3001), np.float32), rng.random((35, 3001), np.float32)
    whole = pairwise(name, a, b)
    assert np.array_equal(pairwise(name, a[7:8], b[11:12]), whole[7:8, 11:12])
    order = rng.permutation(35)
    assert np.array_equal(pairwise(name, a, b[order], threads=2), whole[:, order])


@pytest.mark.parametrize("name", NAMES)
def test_an_image_is_identical_with_itself_and_with_its_copy(name):
    a = images(5)
    a[1] = 0
    a[2] = 255
    values = pairwise(name, a, a.copy())
    diagonal = np.delete(values.diagonal(), 1) if name == "cosine" else values.diagonal()
    assert (diagonal == IDENTICAL[name]).all()
    assert values.max() <= IDENTICAL[name]


@pytest.mark.parametrize("name", SYMMETRIC)
def test_symmetric(name):
    a, b = images(6), images(9, seed=1)
    assert np.allclose(pairwise(name, a, b), pairwise(name, b, a).T, rtol=0, atol=1e-6)


def test_a_duplicate_is_exact_and_a_near_duplicate_is_right():
    rng = np.random.default_rng(0)
    a = rng.random((3, 65536))
    b = np.concatenate([a, a + rng.normal(size=a.shape) * (1e-3 / 256)])
    distance = -pairwise("euclidean", a, b)
    assert (distance[:, :3].diagonal() == 0).all()
    assert (pairwise("cosine", a, b)[:, :3].diagonal() == 1).all()
    wanted = np.linalg.norm(a - b[3:], axis=1)
    assert 5e-4 < wanted[0] < 2e-3
    assert np.allclose(distance[:, 3:].diagonal(), wanted, rtol=1e-6)


def test_the_data_range_is_not_that_of_the_first_image():
    """A peer's defect: SSIM that depends on which of the two images comes first."""
    dark, bright = images(1) // 8, images(1, seed=1)
    assert np.isclose(pairwise("ssim", dark, bright), pairwise("ssim", bright, dark), atol=1e-6).all()


def test_a_batch_of_images_is_no_volume():
    """A peer's defect: (N, H, W) treated as one volume."""
    a = images(3)
    assert pairwise("ssim", a, a).shape == (3, 3)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (np.zeros((0, 16, 16), np.uint8), images(1, 16, 16), "a"),
        (images(1, 16, 16), np.full((1, 16, 16), np.nan), "NaN"),
        (images(1, 16, 16), np.full((1, 16, 16), np.inf), "inf"),
        (images(1, 16, 16), images(1, 16, 17), "17"),
        (np.zeros(5), np.zeros(5), "shape|dimension"),
    ],
    ids=["empty", "nan", "infinite", "sizes", "shape"],
)
def test_what_cannot_be_compared_is_refused(name, a, b, message):
    with pytest.raises(ValueError, match=message):
        pairwise(name, a, b)


@pytest.mark.parametrize("name", ["ssim", "ssim3"])
def test_images_smaller_than_the_window_are_refused_with_both_sizes(name):
    with pytest.raises(ValueError, match=r"5 x 6"):
        pairwise(name, images(1, 5, 6), images(1, 5, 6))


def test_unknown_names_are_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="cosine"):
        pairwise("sim", images(1), images(1))
    with pytest.raises(ValueError, match="windw"):
        pairwise("ssim", images(1), images(1), windw="uniform")
