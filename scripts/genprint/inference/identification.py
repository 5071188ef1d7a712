"""Which of several real sets trained the generator of an image (subtask 2 of 2025), and why that may be easy.

Where the sets look different, images made from them do, too: then it says nothing about any patient. So the same rules
are asked first to which set a *real* image belongs, with all images of its patient left out.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import pairwise_distances

from genprint.inference.intervals import wilson
from genprint.inference.relabelling import p_values

CENTROID, NEIGHBOUR = "nearest centroid", "nearest neighbour"
REAL, GENERATED = "real", "generated"
COLUMNS = ("images", "rule", "accuracy", "accuracy_low", "accuracy_high", "chance", "p", "n")


class Sets(NamedTuple):
    """Real images and the set that each belongs to."""

    features: np.ndarray
    """float32 (N, D)."""
    names: np.ndarray
    """The set of each, (N,)."""
    groups: np.ndarray
    """The patient of each, (N,)."""


def nearest_sets(real: Sets, features: np.ndarray, groups: npt.ArrayLike | None = None) -> pd.DataFrame:
    """Return to which set each image is nearest, a column for each rule.

    The centroid of a set is the mean of its features; distances are Euclidean; of equal ones the first set wins.

    Args:
        real: The sets.
        features: Of the M images, float32 (M, D).
        groups: The patient of each; the real images of that patient are left out. None for generated images.
    """
    names = np.unique(real.names)
    member = real.names == names[:, None]
    distance = pairwise_distances(features, real.features)
    left_out = np.zeros(distance.shape, bool) if groups is None else np.asarray(groups)[:, None] == real.groups
    by_neighbour = np.where(left_out, np.inf, distance)
    nearest = np.stack([by_neighbour[:, own].min(axis=1, initial=np.inf) for own in member], axis=1)
    centroids = np.stack(
        [_distance_to_centroid(real.features[own], features, left_out[:, own]) for own in member], axis=1
    )
    return pd.DataFrame({CENTROID: names[centroids.argmin(axis=1)], NEIGHBOUR: names[nearest.argmin(axis=1)]})


def _distance_to_centroid(own: np.ndarray, features: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Return the distance of each of M images to the mean of a set without what is left out for it, (M,)."""
    counts = (~left_out).sum(axis=1)
    sums = own.sum(axis=0, dtype=np.float64) - left_out.astype(np.float64) @ own
    means = sums / np.maximum(counts, 1)[:, None]
    return np.where(counts > 0, np.linalg.norm(features - means, axis=1), np.inf)


def accuracies(
    real: Sets, generated: np.ndarray, truth: Sequence[str], *, permutations: int, seed: int
) -> pd.DataFrame:
    """Return how often either rule names the right set: of the real images (the blind control), and of generated ones.

    ``p`` is one-sided: how often sets that are dealt out anew reach the accuracy; the sets of real images are dealt out
    among patients, those of generated images one by one. ``chance`` is the accuracy of always naming the largest set.

    Args:
        real: The sets.
        generated: Features of generated images whose set is known, float32 (G, D).
        truth: The set of each.
        permutations: Number of permutations behind p.
        seed: Their seed.

    Returns:
        `COLUMNS`, two rows for the real images and two for the generated ones, if there are any.
    """
    asked = {REAL: (nearest_sets(real, real.features, real.groups), real.names, real.groups)}
    if len(generated):
        asked[GENERATED] = nearest_sets(real, generated), np.asarray(truth), np.arange(len(generated))
    rows = []
    for number, (images, (predicted, sets, groups)) in enumerate(asked.items()):
        for rule in (CENTROID, NEIGHBOUR):
            right = float((predicted[rule] == sets).mean())
            dealt = _dealt_out(predicted[rule].to_numpy(), sets, groups, permutations, (seed, number))
            low, high = wilson(np.array([right]), np.array([len(np.unique(groups))]))
            _, counts = np.unique(sets, return_counts=True)
            p = float(p_values(np.array([right]), dealt[:, None])[0])
            rows.append((images, rule, right, float(low[0]), float(high[0]), counts.max() / len(sets), p, len(sets)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _dealt_out(
    predicted: np.ndarray, sets: np.ndarray, groups: np.ndarray, permutations: int, seed: tuple[int, int]
) -> np.ndarray:
    """Return the accuracies where the sets of whole groups change hands, (permutations,)."""
    random = np.random.default_rng(seed)
    _, first, place = np.unique(groups, return_index=True, return_inverse=True)
    own = sets[first]
    return np.array([(predicted == random.permutation(own)[place]).mean() for _ in range(permutations)])


def sentence(accuracy: pd.DataFrame) -> str:
    """Say what the accuracies mean, and what they do not."""
    best = accuracy.loc[accuracy.groupby("images")["accuracy"].idxmax()].set_index("images")
    blind = best.loc[REAL]
    told = f"A real image is put into the set of its own {blind['accuracy']:.0%} of the time by {blind['rule']}"
    if GENERATED not in best.index:
        return f"{told}; which set generated images come from is not known."
    found = best.loc[GENERATED]
    made = f"generated images are in {found['accuracy']:.0%} (chance {found['chance']:.0%}, p = {found['p']:.2g})"
    if found["p"] >= 0.05:
        return f"{told}; {made}: the sets behind them were not recognised."
    if blind["p"] < 0.05:
        return f"{told}, and {made}: the sets look different, so recognising them is no evidence of a leak."
    return f"{told}, which is chance, but {made}: what is recognised is not how the sets look."
