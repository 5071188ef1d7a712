import cv2
import numpy as np
import pytest
from skimage.feature import hessian_matrix_eigvals

from genprint.variants import variant


def enhanced(name, images, **options):
    hashes = [str(index) for index in range(len(images))]
    return variant(name, images, hashes, seed=0, slug=name, side="real", **options)


def direct_dog(image):
    fine, coarse = (cv2.GaussianBlur(image.astype(np.float32), (5, 5), sigma) for sigma in (1.0, 2.0))
    return cv2.equalizeHist(cv2.normalize(fine - coarse, None, 0, 255, cv2.NORM_MINMAX, cv2.CV_8U))


def direct_hessian(image):
    xx = cv2.Sobel(image, cv2.CV_64F, 2, 0, ksize=3)
    yy = cv2.Sobel(image, cv2.CV_64F, 0, 2, ksize=3)
    xy = cv2.Sobel(image, cv2.CV_64F, 1, 1, ksize=3)
    determinant = xx * yy - xy * xy
    return np.where(determinant > 0.01 * determinant.max(), 255, 0).astype(np.uint8)


DIRECT = {
    "original": lambda image: image,
    "gaussian": lambda image: cv2.equalizeHist(cv2.GaussianBlur(image, (5, 5), 0)),
    "dog": direct_dog,
    "laplacian": lambda image: cv2.convertScaleAbs(cv2.Laplacian(image, cv2.CV_16S, ksize=3)),
    "hessian": direct_hessian,
    "bilateral": lambda image: cv2.bilateralFilter(image, 9, 75, 75),
}


@pytest.mark.parametrize("name", DIRECT)
def test_defaults_equal_the_direct_opencv_calls_on_real_slices(name, ct_slices):
    expected = np.stack([DIRECT[name](image) for image in ct_slices[:6]])
    np.testing.assert_array_equal(enhanced(name, ct_slices[:6]), expected)


@pytest.mark.parametrize("name", ["gaussian", "dog"])
def test_equalisation_is_the_last_step_and_can_be_left_out(name, ct_slices):
    plain, equalised = (enhanced(name, ct_slices[:2], equalise=equalise) for equalise in (False, True))
    np.testing.assert_array_equal(np.stack([cv2.equalizeHist(image) for image in plain]), equalised)
    assert (plain != equalised).any()


def test_dog_keeps_or_clips_what_is_darker_than_its_surroundings():
    spot = np.full((1, 31, 31), 100, np.uint8)
    spot[0, 15, 15] = 0
    flat = slice(0, 5)
    kept = enhanced("dog", spot, equalise=False)[0]
    assert kept[15, 15] == 0 < kept[flat, flat].min()
    clipped = enhanced("dog", spot, negative="clip", equalise=False)[0]
    assert clipped[15, 15] == clipped[flat, flat].max() == 0 < clipped.max()


def test_dog_wants_its_sigmas_in_order():
    image = np.zeros((1, 16, 16), np.uint8)
    with pytest.raises(ValueError, match=r"sigma_fine \(2.0\) is not below sigma_coarse \(2.0\)"):
        enhanced("dog", image, sigma_fine=2.0)


def test_laplacian_shows_dark_and_bright_spots_alike():
    spots = np.full((2, 9, 9), 128, np.uint8)
    spots[:, 4, 4] = 118, 138
    dark, bright = enhanced("laplacian", spots)
    np.testing.assert_array_equal(dark, bright)
    assert dark[4, 4] == 8 * 10  # OpenCV's kernel of size 3: 2 0 2 / 0 -8 0 / 2 0 2


def test_hessian_determinant_marks_blobs_and_not_straight_edges():
    image = np.zeros((1, 40, 40), np.uint8)
    image[0, :, 30:] = 200
    image[0, 11, 11] = 200
    marked = enhanced("hessian", image)[0] > 0
    assert marked[11, 11]
    assert not marked[:, 25:].any()


def test_hessian_eigenvalue_is_the_larger_one_in_magnitude(ct_slices):
    response = enhanced("hessian", ct_slices[:1], response="eigenvalue", output="response", threshold=0.0)[0]
    derivatives = [cv2.Sobel(ct_slices[0], cv2.CV_64F, dx, dy, ksize=3) for dx, dy in ((0, 2), (1, 1), (2, 0))]
    largest = np.abs(hessian_matrix_eigvals(np.stack(derivatives))).max(axis=0)
    np.testing.assert_allclose(response, 255 * largest / largest.max(), atol=0.5 + 1e-9)


def test_hessian_response_is_zero_where_the_mask_is(ct_slices):
    mask, response = (
        enhanced("hessian", ct_slices[:3], threshold=0.1, output=output) for output in ("mask", "response")
    )
    assert not response[mask == 0].any()
    assert response.max() == 255
    assert 0 < (mask > 0).mean() < 0.1


def test_bilateral_smooths_noise_and_keeps_edges():
    step = np.full((1, 32, 32), 20, np.uint8)
    step[..., 16:] = 220
    noisy = step + np.random.default_rng(0).integers(0, 10, step.shape, dtype=np.uint8)
    smooth = enhanced("bilateral", noisy)[0].astype(float)
    assert smooth[:, :16].std() < 0.5 * noisy[..., :16].std()
    assert (smooth[:, 16] - smooth[:, 15]).min() >= 190
