import numpy as np
import pytest

from genprint.images.perturbations import perturb
from genprint.pairs.comparing import compare_listed
from genprint.similarity import pairwise

from ..copies.textures import textures

A, B = textures(5, seed=3), textures(6, seed=4)
FLAT = np.full((1, 96, 96), 200, np.uint8)


def test_symmetric_bit_for_bit():
    np.testing.assert_array_equal(pairwise("registered", A, B), pairwise("registered", B, A).T)


def test_pairs_compare_the_same_in_any_company():
    whole = pairwise("registered", A, B)
    assert whole.dtype == np.float32 and whole.shape == (5, 6) and (whole >= 0).all() and (whole < 0.8).all()
    part = pairwise("registered", A[[3, 0]], B[[5, 1, 2]], threads=3)
    np.testing.assert_array_equal(part, whole[np.ix_([3, 0], [5, 1, 2])])


def test_listed_pairs_are_the_same():
    rows, columns = np.array([0, 0, 3]), np.array([2, 5, 1])
    listed = compare_listed("registered", A, B, (rows, columns), constants={}, threads=1, device="cpu")
    np.testing.assert_array_equal(listed, pairwise("registered", A, B)[rows, columns])


@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64])
def test_an_image_is_identical_to_itself(dtype):
    images = np.concatenate([A, FLAT, FLAT // 2, 255 - A[:1]]).astype(dtype)
    similarities = pairwise("registered", images, images)
    assert (np.diag(similarities) == 1).all() and (similarities <= 1).all()
    np.testing.assert_array_equal(similarities, similarities.T)


@pytest.mark.parametrize(
    ("kind", "strength", "least"),
    [
        ("shift", 0.15, 0.9),
        ("rotation", 17.0, 0.9),
        ("scale", 0.82, 0.9),
        ("scale", 1.22, 0.9),
        ("mirror", 0.0, 0.999),
        ("gamma", 2.0, 0.95),
        ("window", 0.65, 0.85),
        ("noise", 20.0, 0.85),
        ("blur", 2 / 128, 0.95),
        ("blur", 4 / 128, 0.95),
        ("jpeg", 15.0, 0.9),
        ("elastic", 0.01, 0.75),
    ],
)
def test_hardly_changed_by(kind, strength, least):
    changed = np.stack([perturb(image, kind, strength, 0) for image in A])
    similarities = pairwise("registered", A, changed)
    assert np.diag(similarities).min() > least
    assert np.diag(similarities).min() > (similarities - 2 * np.eye(len(A))).max()


def test_inverted_images_are_alike():
    assert np.diag(pairwise("registered", A, 255 - A)).min() > 0.99


def test_images_of_one_value_are_like_no_other():
    assert (pairwise("registered", np.concatenate([FLAT, A[:1]]), FLAT - 1) == 0).all()


def test_floating_point_images_are_grey_levels():
    np.testing.assert_array_equal(
        pairwise("registered", A[:2].astype(float), B[:2]), pairwise("registered", A[:2], B[:2])
    )


@pytest.mark.parametrize("shape", [(16, 16), (30, 90), (200, 150)])
def test_any_size(shape):
    images = textures(3, *shape)
    similarities = pairwise("registered", images, images)
    assert (np.diag(similarities) == 1).all() and np.isfinite(similarities).all()
