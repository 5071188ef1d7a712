import numpy as np
import pytest
from scipy import ndimage

from genprint.generators import copied, generate

EXACT = {"shift": 0, "intensity": 0.0, "noise": 0.0}


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(60, 200, (8, 16, 18), dtype=np.uint8)


@pytest.fixture
def held_out():
    return np.random.default_rng(1).integers(60, 200, (5, 16, 18), dtype=np.uint8)


def copied_from(samples, originals):
    """How often each original is among the samples."""
    return np.array([(samples == original).all(axis=(1, 2)).sum() for original in originals])


@pytest.mark.parametrize(("share", "copies"), [(0.0, 0), (0.25, 5), (0.8, 16), (1.0, 20)])
def test_the_share_is_exact_and_the_rest_is_held_out(images, held_out, share, copies):
    samples = generate("copy", images, 20, seed=0, held_out=held_out, share=share, **EXACT)
    used, unused = copied_from(samples, images), copied_from(samples, held_out)
    assert used.sum() == copies
    assert unused.sum() == 20 - copies
    assert np.ptp(used) <= 1
    assert np.ptp(unused) <= 1


def test_samples_are_in_no_order(images, held_out):
    samples = generate("copy", images, 40, seed=0, held_out=held_out, share=0.5, **EXACT)
    copy = np.array([(sample == images).all(axis=(1, 2)).any() for sample in samples])
    assert 5 < copy[:20].sum() < 15


def test_a_shift_repeats_the_edge_and_does_not_wrap():
    ramp = np.tile(np.arange(10, 250, 12, dtype=np.uint8), (2, 20, 1))
    for sample in generate("copy", ramp, 30, seed=0, share=1.0, shift=2, intensity=0.0, noise=0.0):
        steps = np.diff(sample.astype(int), axis=1)
        assert set(np.unique(steps)) <= {0, 12}
        assert 12 * 17 <= sample[0, -1] - int(sample[0, 0]) <= 12 * 19


def test_perturbations_have_the_size_asked_for():
    grey = np.full((2, 64, 64), 100, np.uint8)
    brighter = generate("copy", grey, 200, seed=0, share=1.0, shift=0, intensity=0.1, noise=0.0)
    assert brighter.min() == 90
    assert brighter.max() == 110
    noisy = generate("copy", grey, 20, seed=0, share=1.0, shift=0, intensity=0.0, noise=4.0)
    assert noisy.astype(float).std() == pytest.approx(4, rel=0.05)


@pytest.mark.parametrize("perturbed", [EXACT, {"shift": 2, "rotation": 20.0, "intensity": 0.1, "noise": 5.0}])
def test_a_larger_share_keeps_the_copies_of_a_smaller_one(images, held_out, perturbed):
    few, more, all_, none = (
        {
            sample.tobytes()
            for sample in generate("copy", images, 20, seed=3, held_out=held_out, share=share, **perturbed)
        }
        for share in (0.2, 0.6, 1.0, 0.0)
    )
    assert few - none <= more <= all_ | none


def test_a_rotation_turns_about_the_centre_by_at_most_its_angle():
    row, column = np.mgrid[:33, :33] - 16
    dot = (200 * np.exp(-((row - 10) ** 2 + column**2) / 8)).astype(np.uint8)
    turned = generate(
        "copy", np.stack([dot, dot]), 60, seed=0, share=1.0, rotation=30.0, shift=0, intensity=0.0, noise=0.0
    ).astype(float)
    mass = turned.sum(axis=(1, 2))
    angle = np.degrees(np.arctan2((turned * column).sum(axis=(1, 2)) / mass, (turned * row).sum(axis=(1, 2)) / mass))
    assert np.abs(angle).max() == pytest.approx(30, abs=1.5)
    assert (angle > 15).any()
    assert (angle < -15).any()


def test_a_rest_without_held_out_images_is_an_error(images, held_out):
    with pytest.raises(ValueError, match=r"share 0.5 leaves 5 samples .* set share to 1"):
        generate("copy", images, 10, seed=0, share=0.5)
    with pytest.raises(ValueError, match=r"\(8, 18\).*\(16, 18\)"):
        generate("copy", images, 10, seed=0, held_out=held_out[:, :8], share=0.5)


def test_only_the_copies_leak_on_real_slices(ct_patients, split_patients, nearest_auc):
    images = ct_patients[0]

    def leak(share):
        aucs = []
        for seed in range(12):
            used, not_used, other = split_patients(seed)
            samples = generate("copy", images[used], 200, seed=seed, held_out=images[other], share=share)
            aucs.append(nearest_auc(images[used], images[not_used], samples))
        return np.mean(aucs)

    nothing, everything = leak(0.0), leak(1.0)
    print("min-distance AUC at share 0 and 1:", round(nothing, 3), round(everything, 3))
    assert nothing == pytest.approx(0.5, abs=0.08)
    assert everything > 0.99


def test_copies_may_be_of_the_first_images_alone(images, held_out):
    samples = generate("copy", images, 40, seed=0, held_out=held_out, share=0.1, of=2, **EXACT)
    copied = [int((samples == image).all(axis=(1, 2)).sum()) for image in images]
    assert copied == [2, 2] + [0] * (len(images) - 2)
    with pytest.raises(ValueError, match=f"of is 99, but there are {len(images)} training images"):
        generate("copy", images, 40, seed=0, held_out=held_out, of=99)


def test_the_rest_may_be_what_parzen_makes_of_the_held_out_images(images, held_out):
    options = {"seed": 0, "held_out": held_out, "share": 0.25, "h": 0.5, "noise": 0.0, "shift": 0, "intensity": 0.0}
    samples = generate("copy", images, 40, **options)
    exact = [(samples == image).all(axis=(1, 2)) for image in images]
    assert sum(own.sum() for own in exact) == 10
    assert not any((samples == image).all(axis=(1, 2)).any() for image in held_out)
    rest = samples[~np.any(exact, axis=0)].reshape(30, -1).astype(float)
    away = rest - held_out.reshape(len(held_out), -1).mean(axis=0)
    # Samples lie in the space that the held-out images span.
    span = np.linalg.svd(held_out.reshape(len(held_out), -1) - held_out.reshape(len(held_out), -1).mean(axis=0))[2]
    inside = away @ span[: len(held_out) - 1].T
    assert (inside**2).sum() > 0.9 * (away**2).sum()


@pytest.mark.parametrize(
    ("option", "size"), [("elastic", 0.02), ("crop", 0.3), ("blur", 0.05), ("window", 0.5), ("rotation", 20.0)]
)
def test_every_perturbation_changes_copies_and_says_nothing_at_its_least(option, size):
    images = np.random.default_rng(0).integers(60, 200, (4, 32, 32), dtype=np.uint8)
    images = ndimage.gaussian_filter(images.astype(float), (0, 3, 3)).astype(np.uint8)
    exact = generate("copy", images, 8, seed=0, share=1.0, **EXACT)
    changed = generate("copy", images, 8, seed=0, share=1.0, **EXACT, **{option: size})
    assert (exact != changed).any(axis=(1, 2)).all()
    assert all((exact == image).all(axis=(1, 2)).sum() == 2 for image in images)
    # Still copies: every one is more like its original than like another image.
    distances = ((changed[:, None].astype(float) - images) ** 2).mean(axis=(2, 3))
    if option in ("elastic", "blur"):
        originals = [int((exact[place] == images).all(axis=(1, 2)).argmax()) for place in range(8)]
        assert distances.argmin(axis=1).tolist() == originals


@pytest.mark.parametrize("options", [{}, {"h": 0.5}])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_which_samples_are_copies_is_told(images, held_out, share, options):
    samples = generate("copy", images, 20, seed=3, held_out=held_out, share=share, **EXACT, **options)
    is_copy = np.array([(sample == images).all(axis=(1, 2)).any() for sample in samples])
    np.testing.assert_array_equal(copied("copy", 20, seed=3, share=share, **EXACT, **options), is_copy)


def test_of_other_generators_nobody_knows():
    assert copied("parzen", 20, seed=3, h=0.1) is None
