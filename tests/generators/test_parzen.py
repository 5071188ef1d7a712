import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from genprint.generators import generate


@pytest.fixture
def images():
    """Images far from 0 and 255, so that clipping hides nothing."""
    smooth = np.random.default_rng(0).normal(128, 20, (12, 16, 16))
    return np.clip(smooth, 0, 255).astype(np.uint8)


def test_almost_no_bandwidth_gives_the_training_images_back(images):
    samples = generate("parzen", images, 50, seed=0, h=1e-3)
    distances = np.abs(samples[:, None].astype(int) - images[None]).max(axis=(2, 3)).min(axis=1)
    assert distances.max() <= 1


@pytest.mark.parametrize("h", [0.1, 0.5, 1.0])
def test_the_bandwidth_keeps_mean_and_variance(images, h):
    samples = generate("parzen", images, 4000, seed=0, h=h).astype(float)
    assert np.abs(samples.mean(axis=0) - images.mean(axis=0)).max() < 3
    total, expected = samples.var(axis=0).sum(), images.astype(float).var(axis=0, ddof=1).sum()
    assert total == pytest.approx(expected, rel=0.1)


def test_components_confine_the_samples(images):
    samples = generate("parzen", images, 200, seed=0, h=1.0, components=2).reshape(200, -1).astype(float)
    values = np.linalg.svd(samples - samples.mean(axis=0), compute_uv=False)
    assert values[1] > 20 * values[2]  # what is left is rounding
    with pytest.raises(ValueError, match="12 components are too many for 12 images; write at most 11"):
        generate("parzen", images, 1, seed=0, components=12)


def test_threads_of_blas_change_nothing(ct_patients):
    images = ct_patients[0][:60]
    samples = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            samples.append(generate("parzen", images, 300, seed=3, h=0.5))
    np.testing.assert_array_equal(*samples)


@pytest.mark.filterwarnings("ignore:invalid value encountered in divide")  # share of a variance of 0
def test_duplicates_and_constant_images_do_no_harm():
    constant = np.full((3, 8, 8), 90, np.uint8)
    np.testing.assert_array_equal(generate("parzen", constant, 4, seed=0, h=1.0), np.full((4, 8, 8), 90))


def test_the_bandwidth_is_a_dial_for_the_leak_on_real_slices(ct_patients, nearest_auc):
    images = ct_patients[0]

    def leak(h):
        aucs = []
        for seed in range(4):
            order = np.random.default_rng(seed).permutation(len(images))
            used, not_used = images[order[:100]], images[order[100:]]
            aucs.append(nearest_auc(used, not_used, generate("parzen", used, 500, seed=seed, h=h)))
        return np.mean(aucs)

    figures = [leak(h) for h in (0.1, 0.5, 0.7, 1.0)]
    print("min-distance AUC at h = .1, .5, .7, 1:", np.round(figures, 3))
    assert figures == pytest.approx([1.00, 0.96, 0.84, 0.61], abs=0.05)


def test_even_one_gaussian_for_all_sits_on_its_patients(ct_patients, split_patients, nearest_auc):
    images = ct_patients[0]
    aucs = []
    for seed in range(4):
        used, not_used, _ = split_patients(seed)
        samples = generate("parzen", images[used], 500, seed=seed, h=1.0)
        aucs.append(nearest_auc(images[used], images[not_used], samples))
    assert np.mean(aucs) > 0.75
