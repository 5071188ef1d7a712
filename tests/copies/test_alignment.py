import numpy as np
import pytest

from genprint.copies import alignment
from genprint.copies.alignment import LEAST_OVERLAP, NO_MOVE, align, describe, inverse, plausible
from genprint.copies.contrast import prepare
from genprint.images.perturbations import perturb

from .textures import textures

IMAGES = textures(6)
FLAT = np.full((1, 96, 96), 80, np.uint8)


def matrix(*, shift=(0.0, 0.0), angle=0.0, scale=1.0, mirrored=False):
    """The transformation that `describe` would say this of."""
    turn = np.deg2rad(angle)
    linear = scale * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    made = np.column_stack([linear @ np.diag([-1.0 if mirrored else 1.0, 1.0]), shift])
    return inverse(made)


@pytest.mark.parametrize("mirrored", [False, True])
def test_describes_what_was_done(mirrored):
    found = describe(matrix(shift=(0.1, -0.05), angle=12.0, scale=1.1, mirrored=mirrored))
    assert found.pop("mirrored") == mirrored
    assert found == pytest.approx({"shift_x": 0.1, "shift_y": -0.05, "angle": 12.0, "scale": 1.1})


def test_the_inverse_undoes():
    move = matrix(shift=(0.1, -0.05), angle=12.0, scale=1.1, mirrored=True)
    both = np.vstack([move, [0, 0, 1]]) @ np.vstack([inverse(move), [0, 0, 1]])
    np.testing.assert_allclose(both, np.eye(3), atol=1e-12)


def test_plausible_transformations_are_those_searched_for():
    assert plausible(matrix(shift=(0.2, 0.2), angle=20, scale=1.25, mirrored=True)) and plausible(matrix(scale=0.8))
    for move in ({"shift": (0.4, 0)}, {"angle": 40}, {"scale": 2}, {"scale": 0.5}):
        assert not plausible(matrix(**move))
    assert not plausible(np.array([[1.3, 0, 0], [0, 0.9, 0]])) and not plausible(np.array([[1, 0.6, 0], [0, 1, 0]]))


@pytest.mark.parametrize(
    ("kind", "strength", "start"),
    [
        ("shift", 0.03, {}),
        ("rotation", 8.0, {}),
        ("scale", 1.1, {}),
        ("mirror", 5.0, {"mirrored": True}),
        ("noise", 20.0, {}),
        ("gamma", 0.5, {}),
    ],
)
def test_finds_how_a_copy_was_moved(kind, strength, start):
    copy = prepare(perturb(IMAGES[0], kind, strength, 0)[None])
    found = align(prepare(IMAGES[:1]), 0, copy, 0, matrix(**start), False)
    moved = describe(found.matrix)
    assert found.similarity > 0.8 and not found.inverted
    assert np.hypot(moved["shift_x"], moved["shift_y"]) == pytest.approx(strength if kind == "shift" else 0, abs=0.01)
    assert abs(moved["angle"]) == pytest.approx(strength if kind in ("rotation", "mirror") else 0, abs=1)
    assert moved["scale"] == pytest.approx(strength if kind == "scale" else 1, abs=0.02)
    assert moved["mirrored"] == (kind == "mirror")


def test_inverted_copies_are_found_out():
    found = align(prepare(IMAGES), 0, prepare(255 - IMAGES), 0, NO_MOVE, True)
    assert found.similarity > 0.99 and found.inverted


def test_symmetric_bit_for_bit():
    images = prepare(IMAGES, softer=True)
    start = matrix(shift=(0.05, 0.02), angle=5)
    for i, j in ((0, 1), (2, 3), (4, 5)):
        forth, back = align(images, i, images, j, start, False), align(images, j, images, i, inverse(start), False)
        assert forth.similarity == pytest.approx(back.similarity, abs=1e-6)
        np.testing.assert_allclose(forth.matrix, inverse(back.matrix), atol=1e-6)


@pytest.mark.parametrize("sigma", [3 / 128, 4 / 128])
def test_a_blurred_copy_is_told_from_an_original_that_may_be_blurred(sigma):
    copies = prepare(np.stack([perturb(image, "blur", sigma, 0) for image in IMAGES]))
    sharp, softer = prepare(IMAGES), prepare(IMAGES, softer=True)
    for place in range(len(IMAGES)):
        pair = copies, place
        found = align(softer, place, *pair, NO_MOVE, False)
        assert found.similarity > 0.97
        assert found.similarity > align(sharp, place, *pair, NO_MOVE, False).similarity
        assert found.similarity == pytest.approx(align(*pair, softer, place, NO_MOVE, False).similarity, abs=1e-6)


def test_blur_makes_no_copies_of_other_images():
    softer = prepare(IMAGES, softer=True)
    others = [(i, j) for i in range(len(IMAGES)) for j in range(i)]
    assert max(align(softer, i, softer, j, NO_MOVE, False).similarity for i, j in others) < 0.5


def test_an_original_much_more_blurred_than_the_other_image_does_not_count(monkeypatch):
    softer, copies = (
        prepare(IMAGES, softer=True),
        prepare(np.stack([perturb(image, "blur", 4 / 128, 0) for image in IMAGES])),
    )
    others = [(i, j) for i in range(6) for j in range(6) if i != j]

    def similarities(pairs, right):
        return np.array([align(softer, i, right, j, NO_MOVE, False).similarity for i, j in pairs])

    own = [(i, i) for i in range(6)]
    apart, blurred = similarities(others, softer), similarities(own, copies)
    monkeypatch.setattr(alignment, "LEAST_CONTRAST", 0.0)
    # Without the bound images that are no copies are more alike, and blurred copies are no nearer.
    free = similarities(others, softer)
    assert (free >= apart).all() and (free > apart).mean() > 0.5
    np.testing.assert_array_equal(blurred, similarities(own, copies))


def test_equal_images_are_identical_whatever_the_hypothesis():
    found = align(prepare(IMAGES), 2, prepare(IMAGES), 2, matrix(shift=(0.2, 0.2)), True)
    assert (
        found.similarity == 1 and describe(found.matrix)["shift_x"] == 0 and found.overlap == 1 and not found.inverted
    )


@pytest.mark.parametrize("images", [IMAGES[:1], FLAT + np.uint8(9)], ids=["textured", "flat"])
def test_an_image_of_one_value_aligns_with_nothing(images):
    for left, right in ((FLAT, images), (images, FLAT)):
        found = align(prepare(left), 0, prepare(right), 0, NO_MOVE, False)
        assert found.similarity == 0 and found.matrix is None and not found.inverted and found.overlap == 0


def test_too_little_overlap_is_no_similarity():
    found = align(prepare(IMAGES), 0, prepare(np.roll(IMAGES, 60, axis=2)), 0, matrix(shift=(60 / 96, 0)), False)
    assert found.matrix is None or found.overlap >= LEAST_OVERLAP


def test_overlap_is_the_share_of_the_area():
    moved = perturb(IMAGES[0], "scale", 1.25, 0)[None]
    found = align(prepare(IMAGES[:1]), 0, prepare(moved), 0, matrix(scale=1.25), False)
    assert found.overlap == pytest.approx(1 / 1.25**2, abs=0.05)
