import cv2
import numpy as np
import pytest

from genprint.copies.alignment import describe
from genprint.copies.candidates import LARGEST, SIDE, coarse, hypotheses, nearest
from genprint.copies.contrast import prepare
from genprint.images.perturbations import perturb

from .textures import textures

IMAGES = textures(12)


def test_sums_of_products_are_whole_numbers_that_float32_holds():
    assert SIDE**2 * LARGEST**2 <= 2**24


def test_blocks_order_and_threads_do_not_show():
    left, right = IMAGES[:5], IMAGES[3:]
    scores, best = coarse(prepare(left), prepare(right), threads=3)
    rows, columns = [4, 1], [8, 0, 3]
    some, places = coarse(prepare(left[rows]), prepare(right[columns]))
    np.testing.assert_array_equal(some, scores[np.ix_(rows, columns)])
    np.testing.assert_array_equal(places, best[np.ix_(rows, columns)])


@pytest.mark.parametrize(
    ("kind", "strength"),
    [("shift", 0.15), ("rotation", 18.0), ("scale", 0.83), ("scale", 1.2), ("mirror", 8.0), ("gamma", 2.0)],
)
def test_moved_copies_come_first(kind, strength):
    moved = np.stack([perturb(image, kind, strength, 0) for image in IMAGES])
    scores, _ = coarse(prepare(IMAGES), prepare(moved))
    np.testing.assert_array_equal(scores.argmax(axis=0), np.arange(len(IMAGES)))


def test_of_pairs_of_the_same_images_each_is_compared_once():
    prepared = prepare(IMAGES)
    whole, upper = coarse(prepared, prepared), coarse(prepared, prepared, upper=True, threads=2)
    for one, half in zip(whole, upper, strict=True):
        np.testing.assert_array_equal(np.triu(one, 1), half)


@pytest.mark.parametrize(("x", "y"), [(3.2, 3.2), (-3.2, 3.2), (9.6, -9.6), (3.2, -3.2)])
def test_half_a_step_of_shift_is_not_taken_for_a_mirrored_image(x, y):
    # A step is 6.4 of 128 pixels. Nine of these 48 nearly symmetric images are, if only whole steps are looked at.
    for seed in range(12):
        side = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, (128, 128)).astype(np.float32), (0, 0), 2.5)
        image = side + 0.85 * side[:, ::-1]
        image = np.clip(128 + 40 * image / image.std(), 0, 255).astype(np.uint8)
        move = np.array([[1, 0, x], [0, 1, y]])
        moved = cv2.warpAffine(image, move, (128, 128), borderMode=cv2.BORDER_REPLICATE)
        _, best = coarse(prepare(image[None]), prepare(moved[None]))
        assert not describe(hypotheses()[max(best[0, 0], -1 - best[0, 0])])["mirrored"]


def test_inverted_copies_come_first_and_say_so():
    scores, best = coarse(prepare(IMAGES), prepare(255 - IMAGES))
    np.testing.assert_array_equal(scores.argmax(axis=0), np.arange(len(IMAGES)))
    assert (np.diag(best) < 0).all()


@pytest.mark.parametrize(("kind", "strength"), [("shift", 0.15), ("rotation", 18.0), ("scale", 1.2), ("mirror", 0.0)])
def test_the_best_hypothesis_is_the_way_the_copy_was_moved(kind, strength):
    image = IMAGES[:1]
    moved = perturb(image[0], kind, strength, 0)[None]
    _, best = coarse(prepare(image), prepare(moved))
    found = describe(hypotheses()[best[0, 0]])
    length = np.hypot(found["shift_x"], found["shift_y"])
    assert length == pytest.approx(strength if kind == "shift" else 0, abs=0.05)
    assert abs(found["angle"]) == pytest.approx(strength if kind == "rotation" else 0, abs=6)
    assert found["scale"] == pytest.approx(strength if kind == "scale" else 1, abs=0.07)
    assert found["mirrored"] == (kind == "mirror")


def test_an_image_of_one_value_is_like_nothing():
    flat = np.full((2, 96, 96), 9, np.uint8)
    scores, _ = coarse(prepare(np.concatenate([flat, IMAGES[:1]])), prepare(flat))
    assert (scores == 0).all()


def test_nearest_of_either_side_and_ties_by_position():
    scores = np.array([[3, 3, 1], [2, 2, 2], [0, 1, 1]])
    rows, columns = (places.ravel() for places in np.indices(scores.shape))
    chosen = nearest(rows, columns, scores.ravel(), 1).reshape(3, 3)
    expected = [[True, True, False], [True, False, True], [False, True, False]]
    np.testing.assert_array_equal(chosen, expected)


def test_nearest_is_the_same_for_pairs_in_any_order():
    random = np.random.default_rng(0)
    rows, columns = (places.ravel() for places in np.indices((9, 14)))
    scores, order = random.integers(0, 5, rows.size), random.permutation(rows.size)
    whole = nearest(rows, columns, scores, 3)
    np.testing.assert_array_equal(nearest(rows[order], columns[order], scores[order], 3), whole[order])
