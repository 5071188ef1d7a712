"""One number about how alike generated and real images are, so that noise does not pass for privacy."""

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist

from genprint.columns import DATASET, NUMBER, TEXT, column, schema
from genprint.images.splits import split_patients
from genprint.inference.blind import descriptors

FIDELITY = schema(
    "how alike generated and real images are, beside how alike two halves of the real images are",
    DATASET,
    column("fidelity", NUMBER, "energy distance of two halves of the real images over that of real and generated ones"),
    column("reason", TEXT, "why there is none; empty where there is one"),
)
COMPARABLE = 0.1  # below this share of what real images have, generated ones are another kind of image
SIDE, DRAWS = 50, 20  # images a side, so that the number says the same of small and large releases; means over draws
FEWEST = 10


def fidelity(real: np.ndarray, groups: npt.ArrayLike, generated: np.ndarray, *, seed: int = 0) -> tuple[float, str]:
    """Return how alike generated and real images are, and why nothing can be said (NaN) if so.

    Images are described by `genprint.inference.blind.descriptors`, in standard deviations of the real ones. With X and
    Y equally many images of either kind, their energy distance is

        2 E|X - Y| - E|X - X'| - E|Y - Y'|

    (Szekely & Rizzo 2013, doi 10.1016/j.jspi.2013.03.018). Fidelity is that of two halves of the real images, of
    different patients, over that of the generated images and either half: about 1 if they are as alike as real images
    are, below `COMPARABLE` for noise.

    Args:
        real: uint8 (N, H, W), in the order of their ids.
        groups: the patient of each.
        generated: uint8 (G, H, W).
        seed: of the halves and the draws.
    """
    names = np.asarray(groups).astype(str)
    count = min(len(real) // 2, len(generated), SIDE)
    if count < FEWEST or np.unique(names).size < FEWEST:
        return np.nan, (
            f"There are {len(real)} real images of {np.unique(names).size} patients and {len(generated)} generated "
            f"ones; {2 * FEWEST} of {FEWEST} and {FEWEST} are needed."
        )
    every = np.concatenate([real, generated])
    if (every == every[0]).all():
        return np.nan, "All real and generated images are the same."
    described = descriptors(every)
    own = described[: len(real)]
    deviation = own.std(axis=0)
    standard = (described - own.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    halves = np.array(split_patients(names.tolist(), {"first": 0.5, "second": 0.5}, seed), object)
    first, second = (standard[: len(real)][halves == name] for name in ("first", "second"))
    made, random = standard[len(real) :], np.random.default_rng((seed, 4))
    floor, distance = [], []
    for _ in range(DRAWS):
        one, other, drawn = (
            side[random.choice(len(side), min(count, len(side)), replace=False)] for side in (first, second, made)
        )
        floor.append(energy_distance(one, other))
        distance.append((energy_distance(one, drawn) + energy_distance(other, drawn)) / 2)
    return float(np.mean(floor) / np.mean(distance)), ""


def energy_distance(left: np.ndarray, right: np.ndarray) -> float:
    """Return 2 E|X - Y| - E|X - X'| - E|Y - Y'| of two samples (N, D) and (M, D), 0 or more."""
    return float(2 * cdist(left, right).mean() - cdist(left, left).mean() - cdist(right, right).mean())
