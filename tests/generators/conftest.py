import csv

import numpy as np
import pytest
from PIL import Image
from scipy.spatial.distance import cdist
from sklearn.metrics import roc_auc_score


@pytest.fixture(scope="session")
def ct_patients(ct_folder):
    """All 200 real slices at 64 x 64, and the patient of each."""
    with (ct_folder / "manifest.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    images = [np.asarray(Image.open(ct_folder / row["file"]).convert("L").reduce(4)) for row in rows]
    return np.stack(images), np.array([row["patient_id"] for row in rows])


@pytest.fixture(scope="session")
def split_patients(ct_patients):
    """Indices of the slices in three parts without a common patient."""

    def split(seed):
        patients = ct_patients[1]
        shuffled = np.random.default_rng(seed).permutation(np.unique(patients))
        return [np.flatnonzero(np.isin(patients, shuffled[part::3])) for part in range(3)]

    return split


@pytest.fixture(scope="session")
def nearest_auc():
    """AUC of the Euclidean distance to the nearest generated image for telling used from not used images."""

    def auc(used, not_used, generated):
        flat = [images.reshape(len(images), -1).astype(float) for images in (used, not_used, generated)]
        nearest = cdist(np.concatenate(flat[:2]), flat[2]).min(axis=1)
        return roc_auc_score(np.arange(len(nearest)) < len(used), -nearest)

    return auc
