"""The blind control on images whose labels are chance, or follow from the source."""

import cv2
import numpy as np
import pytest
from scipy.stats import binomtest

from genprint.inference.blind import FOLDS, blind_control, descriptors


def images(random, *, patients=30, of_each=2, side=32):
    """Blobs, much alike within a patient."""
    own = random.normal(size=(patients, side, side))
    own = np.stack([cv2.GaussianBlur(field, (0, 0), 3) for field in own])[np.repeat(np.arange(patients), of_each)]
    noise = np.stack([cv2.GaussianBlur(field, (0, 0), 1) for field in random.normal(size=own.shape)])
    return np.clip(110 + 300 * own + 25 * noise, 0, 255).astype(np.uint8)


def patients(count=30, of_each=2):
    """The patient and the label of each image: every other patient is used."""
    group = np.repeat(np.arange(count), of_each)
    return group, group % 2 == 0


@pytest.mark.simulation
def test_on_images_of_one_source_p_is_no_smaller_than_chance_has_it():
    group, used = patients(20, 3)
    p = [
        blind_control(images(np.random.default_rng(seed), patients=20, of_each=3), used, group, seed=seed).p
        for seed in range(40)
    ]
    for level in (0.05, 0.2, 0.5):
        found = int(np.sum(np.array(p) <= level))
        assert binomtest(found, len(p), level, alternative="greater").pvalue > 0.01, (level, found)


def shifted(image):
    return cv2.resize(image[2:-2, 2:-2], image.shape[::-1], interpolation=cv2.INTER_AREA)


SOURCES = {
    "brightness": lambda image, random: np.clip(image.astype(int) + 25, 0, 255).astype(np.uint8),
    "sharpness": lambda image, random: cv2.GaussianBlur(image, (0, 0), 1.2),
    "crop": lambda image, random: cv2.copyMakeBorder(image[3:-3, 3:-3], 3, 3, 3, 3, cv2.BORDER_CONSTANT),
    "noise": lambda image, random: np.clip(image + random.normal(0, 12, image.shape), 0, 255).astype(np.uint8),
    "anatomy": lambda image, random: np.maximum(image, cv2.circle(np.zeros_like(image), (16, 16), 7, 190, -1)),
}


@pytest.mark.parametrize("source", SOURCES)
def test_two_sources_are_told_apart(source):
    random = np.random.default_rng(1)
    group, used = patients()
    of_two = images(random)
    for place in np.flatnonzero(used):
        of_two[place] = SOURCES[source](of_two[place], random)
    control = blind_control(of_two, used, group)
    assert control.auc > 0.8 and control.p <= 0.02


@pytest.mark.parametrize("column", [0, 1])
def test_files_of_two_sources_are_told_apart(column):
    """The pixels are of one source; the files of the used images are larger, or were resized from larger images."""
    random = np.random.default_rng(1)
    group, used = patients()
    files = np.column_stack([random.integers(9000, 9900, 60), np.full(60, 512), np.full(60, np.nan)])
    same = images(random)
    assert blind_control(same, used, group, files=files).p > 0.1
    files[used, column] *= 2
    control = blind_control(same, used, group, files=files)
    assert control.auc > 0.9 and control.p <= 0.02


def test_images_without_files_are_judged_by_their_pixels():
    group, used = patients()
    some = images(np.random.default_rng(3))
    assert blind_control(some, used, group, files=np.full((60, 3), np.nan)) == blind_control(some, used, group)


def test_patients_and_not_images_are_what_is_counted():
    """Twelve patients of fifteen images each: an image tells its patient, and that says nothing about others."""
    group, used = patients(12, 15)
    p = [
        blind_control(images(np.random.default_rng(seed), patients=12, of_each=15), used, group, seed=seed).p
        for seed in range(8)
    ]
    assert np.sum(np.array(p) <= 0.05) <= 2


def test_too_few_patients_are_said():
    group, used = patients(2 * FOLDS - 1)
    control = blind_control(images(np.random.default_rng(0), patients=2 * FOLDS - 1), used, group)
    assert np.isnan(control.p) and "5 patients with used and 4 with not used images; 5 of each" in control.reason


def test_no_labels_are_few_patients():
    control = blind_control(np.zeros((0, 8, 8), np.uint8), np.zeros(0, bool), np.zeros(0))
    assert np.isnan(control.auc) and control.reason


@pytest.mark.filterwarnings("ignore:invalid value")
def test_images_without_differences_are_no_source():
    group, used = patients()
    control = blind_control(np.full((60, 16, 16), 7, np.uint8), used, group)
    assert control.auc == 0.5 and control.p > 0.5


def test_names_of_patients_do_not_matter_and_seeds_repeat():
    group, used = patients()
    some = images(np.random.default_rng(3))
    named = np.array([f"p{place}" for place in group])
    assert blind_control(some, used, named, seed=4) == blind_control(some, used, named, seed=4)


def test_descriptors_by_hand():
    image = np.zeros((1, 20, 20), np.uint8)
    image[:, :, 10:] = 200
    found = descriptors(np.concatenate([image, image + np.uint8(50)]))[0]
    assert found[:2].tolist() == [100, 100]
    assert found[2:9].tolist() == [0, 0, 0, 100, 200, 200, 200]
    assert found[-3 + -(len(found) - 13) + 2] == pytest.approx(found[12])
    assert found[12] == 0.5  # share of black
