import numpy as np
import pytest

from genprint.copies.exact import exact_copies, pixel_hashes, refuse_conflicts, repeated
from genprint.images.folder import ImageError


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (5, 8, 8), dtype=np.uint8)


def test_equal_pixels_are_found_and_nothing_else(images):
    generated = np.stack([images[3], images[0] ^ 1, images[3]])
    left, right = exact_copies(pixel_hashes(images), pixel_hashes(generated))
    assert list(zip(left, right, strict=True)) == [(3, 0), (3, 2)]


def test_images_of_one_value_equal_nothing():
    flat = pixel_hashes(np.zeros((2, 4, 4), np.uint8))
    assert flat.tolist() == ["", ""]
    assert [len(side) for side in exact_copies(flat, flat)] == [0, 0]


def test_an_image_that_is_used_and_not_is_refused_with_every_pair(images):
    images[2], images[4] = images[0], images[1]
    labels = ["used", "used", "not_used", "unknown", "held_out"]
    with pytest.raises(ImageError) as error:
        refuse_conflicts(list("abcde"), labels, pixel_hashes(images))
    assert [fault.where for fault in error.value.faults] == ["a", "b"]
    assert "as c, which is not_used" in str(error.value) and "as e, which is held_out" in str(error.value)
    assert "Leave one image of each pair out" in str(error.value)


def test_unknown_images_may_equal_used_ones(images):
    images[1] = images[0]
    refuse_conflicts(list("abcde"), ["used", "unknown", "used", "not_used", "held_out"], pixel_hashes(images))


def test_repetitions_are_listed_once_by_role(images):
    images[1] = images[2] = images[0]
    labels = ["used", "used", "unknown", "used", "used"]
    assert repeated(list("abcde"), labels, pixel_hashes(images)) == [("used", ["a", "b"])]
