import numpy as np
import pytest

from genprint.variants import variant

GREY = np.full((1, 256, 256), 128, np.uint8)


def noisy(name, images=GREY, **options):
    return variant(name, images, ["content"], seed=0, slug=name, side="real", **options)[0].astype(float)


@pytest.mark.parametrize(("sigma", "mean"), [(5.0, 0.0), (20.0, 0.0), (10.0, 12.0)])
def test_gaussian_noise_has_the_moments_asked_for(sigma, mean):
    noise = noisy("gaussian-noise", sigma=sigma, mean=mean) - 128
    assert noise.mean() == pytest.approx(mean, abs=5 * sigma / 256)
    assert noise.std() == pytest.approx(sigma, rel=0.02)


def test_gaussian_noise_is_clipped_not_wrapped():
    assert noisy("gaussian-noise", GREY * 0, sigma=10.0).max() < 100
    assert noisy("gaussian-noise", GREY * 0 + 255, sigma=10.0).min() > 155


def test_neighbouring_pixels_are_independent():
    noise = noisy("gaussian-noise") - 128
    assert abs(np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1]) < 0.02


@pytest.mark.parametrize(("amount", "salt"), [(0.02, 0.5), (0.3, 0.25), (1.0, 0.0)])
def test_salt_and_pepper_have_the_shares_asked_for(amount, salt):
    image = noisy("salt-pepper", amount=amount, salt=salt)
    assert (image == 255).mean() == pytest.approx(amount * salt, abs=0.01)
    assert (image == 0).mean() == pytest.approx(amount * (1 - salt), abs=0.01)
    assert set(np.unique(image)) <= {0, 128, 255}


@pytest.mark.parametrize(("name", "none"), [("gaussian-noise", {"sigma": 0.0}), ("salt-pepper", {"amount": 0.0})])
def test_no_noise_is_the_identity(name, none):
    np.testing.assert_array_equal(noisy(name, **none), GREY[0])
