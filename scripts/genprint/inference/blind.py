"""The blind control: can labels be read from the real images alone, without any generated one?

Where used and not used images are of different sources, a method that compares them with generated images tells the
sources apart and not what the generator was trained on ("Blind baselines beat membership inference attacks for
foundation models", Das, Zhang & Tramer 2024, arXiv 2406.16201).
"""

import warnings
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from genprint.columns import COUNT, DATASET, NUMBER, TEXT, column, schema
from genprint.images.splits import split_patients
from genprint.inference.permutation import auc_of_labels
from genprint.inference.relabelling import permuted_labels

BLIND = schema(
    "whether used and not used images can be told apart without any generated image",
    DATASET,
    column("auc", NUMBER, "AUC of a classifier of the real images, cross-validated by patient; null if there is none"),
    column("p", NUMBER, "permutation p of it: labels change hands between patients, and the classifier learns anew"),
    column("n_used", COUNT, "used images"),
    column("n_not_used", COUNT, "images not used"),
    column("reason", TEXT, "why there is none; empty where there is one"),
)
FOLDS = 5
SIDE = 16  # pixels of the images whose principal components are taken
COMPONENTS = 12
QUANTILES = (1, 5, 25, 50, 75, 95, 99)  # per cent
BORDER = 0.05  # share of the side
NOTHING = 1e-9  # deviation of a descriptor or a score that is rounding
STRENGTH = 0.1  # inverse of the penalty: few images, many descriptors
ENOUGH = 5  # permutations that do as well, after which the p is known well enough


class Blind(NamedTuple):
    """The answer of the control; NaN where there is none, for the reason given."""

    auc: float
    p: float
    reason: str = ""


def blind_control(
    images: np.ndarray,
    used: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    files: npt.ArrayLike | None = None,
    permutations: int = 99,
    seed: int = 0,
) -> Blind:
    """Tell by a cross-validated classifier whether labels can be read from the images themselves.

    A logistic regression on `descriptors` is trained on all patients but those of one fold, and scores that fold. The
    AUC is over all scores, each standardised within its fold. Its p comes from labels that change hands between
    patients, with everything learnt anew; it stops when `ENOUGH` permutations have done as well, whose p is then
    their share (Besag & Clifford 1991, doi 10.1093/biomet/78.2.301).

    Args:
        images: labelled real images, uint8 (N, H, W), in the order of their ids.
        used: whether each was used, bool (N,).
        groups: the patient of each (N,).
        files: numbers of the file of each image, as its size in bytes and the height and width that the image has in
            it (N, F); what is NaN for some image does not count. Logarithms are described.
        permutations: at most so many.
        seed: of the folds and the permutations.
    """
    used = np.asarray(used, bool)
    member = np.unique(np.asarray(groups).astype(str), return_inverse=True)[1]
    patients = [np.unique(member[used == label]).size for label in (True, False)]
    if min(patients) < FOLDS:
        return Blind(
            np.nan,
            np.nan,
            f"There are {patients[0]} patients with used and {patients[1]} with not used images; {FOLDS} of each are "
            "needed.",
        )
    with threadpool_limits(1):  # a sum over more BLAS threads is another sum
        features = np.hstack([descriptors(images), _described(files, len(images))])
        # Folds know no labels, so that they stay as they are when labels change hands.
        fold = np.array(split_patients(member.tolist(), {str(number): 1 / FOLDS for number in range(FOLDS)}, seed))
        observed = _auc(features, used, fold)
        reached = 0
        labels = permuted_labels(used, member, permutations, (seed, 2))
        for count, own in enumerate(labels, start=1):
            reached += _auc(features, own, fold) >= observed
            if reached == ENOUGH:
                return Blind(observed, reached / count)
    return Blind(observed, (1 + reached) / (1 + permutations))


def descriptors(images: np.ndarray) -> np.ndarray:
    """Describe images (N, H, W) by simple statistics and principal components, float64 (N, D).

    These are mean, deviation, quantiles, sharpness (logarithm of the mean squared Laplacian), mean and deviation of
    the border, share of black, and `COMPONENTS` principal components of the images at `SIDE` x `SIDE` pixels.
    """
    images = np.asarray(images)
    frame = max(1, round(BORDER * max(images.shape[1:])))
    border = np.ones(images.shape[1:], bool)
    border[frame:-frame, frame:-frame] = False
    rows = []
    for image in images:
        grey = image.astype(np.float64)
        sharpness = np.log1p(np.square(cv2.Laplacian(grey, cv2.CV_64F)).mean())
        edge = grey[border]
        quantiles = np.percentile(grey, QUANTILES)
        rows.append([grey.mean(), grey.std(), *quantiles, sharpness, edge.mean(), edge.std(), (image == 0).mean()])
    small = np.stack([cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for image in images])
    components = PCA(min(COMPONENTS, len(images) - 1), svd_solver="full")
    return np.hstack([np.array(rows), components.fit_transform(small.reshape(len(images), -1).astype(np.float64))])


def _described(files: npt.ArrayLike | None, count: int) -> np.ndarray:
    """Logarithms of the columns that no image lacks, float64 (N, F')."""
    numbers = np.empty((count, 0)) if files is None else np.asarray(files, np.float64)
    return np.log(numbers[:, np.isfinite(numbers).all(axis=0)])


def _auc(features: np.ndarray, used: np.ndarray, fold: np.ndarray) -> float:
    """The cross-validated AUC; a fold that leaves no images of both labels to learn from says nothing."""
    score = np.full(len(used), np.nan)
    for name in np.unique(fold):
        train, test = fold != name, fold == name
        if used[train].all() or not used[train].any():
            continue
        mean, deviation = features[train].mean(axis=0), features[train].std(axis=0)
        standard = (features - mean) / np.where(deviation > NOTHING, deviation, 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = LogisticRegression(C=STRENGTH, max_iter=100).fit(standard[train], used[train])
        own = model.decision_function(standard[test])
        score[test] = (own - own.mean()) / own.std() if own.std() > NOTHING else 0
    return float(auc_of_labels(used[None], score[:, None])[0, 0])
