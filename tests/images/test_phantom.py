import cv2
import numpy as np
import pytest

from genprint.images.phantom import _pieces, _scan, _tree, phantom

WINDOW = {"window_center": -600, "window_width": 1500}


@pytest.fixture(scope="module")
def patients():
    """Twelve patients of three slices: images (12, 3, 64, 64)."""
    images, _ = phantom(patients=12, slices=3, seed=1, **WINDOW)
    return images.reshape(12, 3, 64, 64)


def standardised(images):
    flat = images.reshape(-1, images.shape[-2] * images.shape[-1]).astype(float)
    flat -= flat.mean(axis=1, keepdims=True)
    return flat / np.linalg.norm(flat, axis=1, keepdims=True)


def test_images_and_columns_belong_together():
    images, columns = phantom(patients=2, slices=3, size=40, angles=40, seed=0, **WINDOW)
    assert images.shape == (6, 40, 40) and images.dtype == np.uint8
    assert columns["image_id"].tolist()[:4] == [
        "patient-001-slice-01",
        "patient-001-slice-02",
        "patient-001-slice-03",
        "patient-002-slice-01",
    ]
    assert columns["group"].tolist() == ["patient-001"] * 3 + ["patient-002"] * 3


def test_a_patient_depends_on_the_seed_and_not_on_the_others(patients):
    again, _ = phantom(patients=2, slices=3, seed=1, **WINDOW)
    assert np.array_equal(again.reshape(2, 3, 64, 64), patients[:2])
    other, _ = phantom(patients=1, slices=3, seed=2, **WINDOW)
    assert not np.array_equal(other, patients[0])


def test_adjacent_slices_resemble_each_other_and_patients_differ(patients):
    correlation = standardised(patients) @ standardised(patients).T
    patient = np.repeat(np.arange(12), 3)
    same = patient[:, None] == patient
    np.fill_diagonal(correlation, -1)
    within = np.where(same, correlation, -1).max(axis=1)
    across = np.where(same, -1, correlation).max(axis=1)
    assert np.median(within) > 0.95 and within.max() < 1
    assert np.median(across) < 0.9


def test_it_is_a_chest(patients):
    level = patients / 255 * 1500 - 1350  # back to Hounsfield units, where the window has not cut
    lung = ((level > -950) & (level < -750)).mean(axis=(1, 2, 3))
    tissue = (level > -150).mean(axis=(1, 2, 3))
    assert (lung > 0.05).all() and (lung < 0.45).all()
    assert (tissue > 0.1).all() and (tissue < 0.7).all()
    assert np.isin(patients[:, :, 0, 0], (0, 59, 60)).all()  # padding or air
    air = patients[:, 0, 2:10, 28:36]
    assert abs(np.median(air) - 255 * 350 / 1500) <= 3


def test_it_resembles_real_slices(patients, ct_slices):
    real = np.stack([cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA) for image in ct_slices])
    mean_real, mean_phantom = standardised(real.mean(axis=0)[None]), standardised(patients.mean(axis=(0, 1))[None])
    assert (mean_real @ mean_phantom.T).item() > 0.8
    assert abs(real.mean() - patients.mean()) < 40


def test_the_anatomy_does_not_depend_on_the_size():
    fine, _ = phantom(patients=3, slices=1, size=128, angles=128, seed=1, **WINDOW)
    coarse = np.stack([cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA) for image in fine])
    first = phantom(patients=3, slices=1, seed=1, **WINDOW)[0]
    assert (standardised(coarse) * standardised(first)).sum(axis=1).min() > 0.97


def test_fewer_photons_are_more_noise():
    def image(photons):
        return phantom(patients=1, slices=1, photons=photons, seed=3, **WINDOW)[0].astype(float)

    clean = image(1e12)
    assert np.std(image(1e4) - clean) > 3 * np.std(image(1e6) - clean) > 0


def test_the_scanner_measures_water_and_air():
    size, field = 64, 300.0
    y, x = np.mgrid[:size, :size] - size // 2
    water = np.where(np.hypot(x, y) < 20, 0.0, -1000.0)
    scanned = _scan(water, field, 96, 1e7, -3000, np.random.default_rng(0))
    assert abs(scanned[np.hypot(x, y) < 15].mean()) < 15
    assert abs(scanned[(np.hypot(x, y) > 25) & (np.hypot(x, y) < 30)].mean() + 1000) < 15
    assert (scanned[np.hypot(x, y) > 32] == -3000).all()


def test_a_ray_without_photons_stays_finite():
    lead = np.full((32, 32), 20000.0)
    assert np.isfinite(_scan(lead, 400.0, 32, 10, -1000, np.random.default_rng(0))).all()


def test_a_tree_reaches_every_leaf_and_keeps_the_flow():
    leaves = np.random.default_rng(0).normal(0, 50, (40, 3))
    tree = _tree(np.zeros(3), leaves, 0.5)
    assert {tuple(leaf) for leaf in leaves.round(6)} <= {tuple(end) for end in tree[:, 3:6].round(6)}
    at_root = tree[np.linalg.norm(tree[:, :3], axis=1) < 1e-9]
    assert np.isclose((at_root[:, 6] ** 3).sum(), 40 * 0.5**3)


def test_pieces_are_short_and_join():
    pieces = _pieces(np.zeros((1, 3)), np.array([[0.0, 6, 8]]), np.array([2.0]))
    assert len(pieces) == 4
    assert np.allclose(pieces[1:, :3], pieces[:-1, 3:6]) and np.allclose(pieces[-1, 3:6], (0, 6, 8))


def test_a_stack_longer_than_a_chest_is_refused():
    with pytest.raises(ValueError, match=r"40 slices 5 mm apart are 195 mm long.*at most 170 mm"):
        phantom(patients=1, slices=40, spacing=5, seed=0, **WINDOW)


def test_the_longest_stack_stays_in_the_chest():
    images, _ = phantom(patients=1, slices=18, spacing=10, size=32, angles=16, seed=0, **WINDOW)
    assert len(np.unique(images.reshape(18, -1), axis=0)) == 18
