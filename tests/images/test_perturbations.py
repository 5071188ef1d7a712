import numpy as np
import pytest

from genprint.images.perturbations import KINDS, perturb
from tests.copies.textures import textures

IMAGE = textures(1)[0]
ALL = [(kind, strength) for kind, strengths in KINDS.items() for strength in strengths]


def test_three_strengths_of_every_kind():
    assert {len(strengths) for strengths in KINDS.values()} == {3}


@pytest.mark.parametrize(("kind", "strength"), ALL)
def test_seeded_by_content(kind, strength):
    before = IMAGE.copy()
    found = perturb(IMAGE, kind, strength, 0)
    np.testing.assert_array_equal(found, perturb(IMAGE, kind, strength, 0), strict=True)
    assert found.dtype == np.uint8 and found.shape == IMAGE.shape and (found != IMAGE).any()
    np.testing.assert_array_equal(IMAGE, before)


@pytest.mark.parametrize("kind", ["shift", "noise", "elastic", "combined"])
def test_another_seed_is_another_perturbation(kind):
    assert (perturb(IMAGE, kind, KINDS[kind][1], 0) != perturb(IMAGE, kind, KINDS[kind][1], 1)).any()


@pytest.mark.parametrize(("kind", "strength"), ALL)
def test_images_of_one_value_and_oblong_ones(kind, strength):
    for image in (np.zeros((40, 40), np.uint8), np.full((30, 50), 255, np.uint8), IMAGE[:60]):
        assert perturb(image, kind, strength, 0).shape == image.shape


def test_shift_is_a_share_of_the_side():
    image = np.zeros((101, 101), np.uint8)
    image[50, 50] = 255
    rows, columns = np.mgrid[:101, :101]
    moved = perturb(image, "shift", 0.1, 0).astype(float)
    centre = [(grid * moved).sum() / moved.sum() - 50 for grid in (rows, columns)]
    assert np.hypot(*centre) == pytest.approx(10.1, abs=0.3)


def test_mirrored_exactly():
    np.testing.assert_array_equal(perturb(IMAGE, "mirror", 0.0, 0), IMAGE[:, ::-1])


def test_noise_has_its_deviation():
    grey = np.full((200, 200), 128, np.uint8)
    assert perturb(grey, "noise", 20.0, 0).std() == pytest.approx(20, rel=0.02)


def test_displacements_have_their_size():
    rows, columns = np.mgrid[:256, :256]
    moved = [perturb(grid.astype(np.uint8), "elastic", 0.01, 0) for grid in (rows, columns)]
    inner = np.s_[30:-30, 30:-30]
    same = perturb(rows.astype(np.uint8), "elastic", 0.01, 0)
    np.testing.assert_array_equal(moved[0], same)
    size = np.sqrt(((moved[0].astype(float) - rows)[inner] ** 2).mean())
    assert size == pytest.approx(0.01 * 256 / np.sqrt(2), rel=0.3)


def test_refuses_what_it_does_not_know():
    with pytest.raises(ValueError, match="no perturbation 'bend'; write one of shift, rotation"):
        perturb(IMAGE, "bend", 1.0, 0)
    with pytest.raises(ValueError, match="float64 of shape"):
        perturb(IMAGE / 255, "shift", 0.1, 0)


def test_a_crop_is_a_part_of_the_image_enlarged():
    ramp = np.add.outer(np.arange(60), np.arange(60)).astype(np.uint8)
    cut = perturb(ramp, "crop", 0.5, 0).astype(int)
    assert np.ptp(cut) == pytest.approx(0.5 * np.ptp(ramp.astype(int)), abs=4)
    assert np.diff(cut, axis=1).max() <= 1
