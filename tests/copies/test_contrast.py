import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from genprint.copies.contrast import SIDE, SOFTER, local_contrast, prepare

from .textures import textures


def test_local_contrast_is_that_of_the_formula():
    image = textures(1, 128, 128)[0]
    grey = image.astype(np.float64)
    deviation = grey - gaussian_filter(grey, 6, mode="mirror")
    expected = deviation / (np.sqrt(gaussian_filter(deviation**2, 6, mode="mirror")) + 6)
    found = local_contrast(image[None])[0]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_the_window_grows_with_the_image():
    small = textures(1, 128, 128)[0]
    large = np.kron(small, np.ones((4, 4), np.uint8))
    found = local_contrast(large[None])[0].reshape(128, 4, 128, 4).mean(axis=(1, 3))
    assert np.corrcoef(found.ravel(), local_contrast(small[None])[0].ravel())[0, 1] > 0.999


@pytest.mark.parametrize("value", [0, 7, 255])
def test_an_image_of_one_value_has_no_contrast(value):
    flat = np.full((1, 64, 64), value, np.uint8)
    assert np.abs(local_contrast(flat)).max() < 1e-4


def test_black_borders_are_finite():
    images = textures(2)
    images[:, :40] = 0
    assert np.isfinite(local_contrast(images)).all()


@pytest.mark.parametrize("shape", [(2, 2), (3, 200), (40, 64), (64, 40), (300, 300)])
def test_any_shape_becomes_a_square_with_its_mask(shape):
    prepared = prepare(textures(2, *shape))
    assert prepared.contrast.shape == prepared.blurred.shape == (2, SIDE, SIDE)
    assert np.isfinite(prepared.contrast).all()
    share = np.count_nonzero(prepared.mask) / SIDE**2
    assert share == pytest.approx(min(shape) / max(shape), abs=0.04)
    assert not prepared.contrast[:, prepared.mask == 0].any() or min(shape) < max(shape)


def test_prepared_the_same_in_any_company_and_on_any_threads():
    images = textures(5)
    whole, part = prepare(images, softer=True, threads=3), prepare(images[3:4], softer=True)
    np.testing.assert_array_equal(whole.contrast[3], part.contrast[0])
    np.testing.assert_array_equal(whole.blurred[3], part.blurred[0])
    np.testing.assert_array_equal(whole.softer[3], part.softer[0])
    assert whole.keys[3] == part.keys[0] and len(set(whole.keys)) == 5


def test_softer_images_are_those_that_were_blurred_before():
    images = textures(2, 128, 128)
    softer = prepare(images, softer=True).softer
    assert softer.shape == (2, len(SOFTER), SIDE, SIDE) and prepare(images).softer.shape[1] == 0
    for place, sigma in enumerate(SOFTER):
        blurred = np.stack([gaussian_filter(image.astype(np.float32), 128 * sigma, mode="mirror") for image in images])
        np.testing.assert_allclose(softer[:, place], prepare(blurred).contrast, atol=0.02)


def test_whole_numbers_of_another_type_are_the_same_image():
    images = textures(1)
    assert prepare(images).keys == prepare(images.astype(np.float64)).keys
