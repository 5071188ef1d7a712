"""Labels that change hands between patients, and the p that follows.

Under the null hypothesis labels say nothing about the release, so they may change hands. Images of one patient resemble
each other, so they do between patients and not between images: tests that ignore this find leaks in noise. Imports
numpy only, because every job of the evaluation needs it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class PatientCounts(NamedTuple):
    """How many used images, and how many in all, each of the P patients behind n images has."""

    member: np.ndarray
    """The patient of every image, 0 to P - 1 (n,), in the order of their names."""
    used: np.ndarray
    """How many used images each has (P,)."""
    images: np.ndarray
    """How many images each has (P,)."""
    stratum: np.ndarray
    """The stratum of each, from 0 on (P,); 0 where there are none."""

    @classmethod
    def of(cls, used: np.ndarray, groups: npt.ArrayLike, strata: npt.ArrayLike | None = None) -> "PatientCounts":
        """Return the patients of images, of which a stratum has all images of a patient.

        Args:
            used: The truth, bool (n,).
            groups: The group (patient) of every image (n,).
            strata: The stratum of every image (n,).
        """
        names, member = np.unique(np.asarray(groups).astype(str), return_inverse=True)
        stratum = np.zeros(names.size, int)
        if strata is not None:
            stratum[member] = np.unique(np.asarray(strata), return_inverse=True)[1]
        of_used = np.bincount(member, weights=used, minlength=names.size)
        return cls(member, of_used, np.bincount(member, minlength=names.size), stratum)


def permuted_labels(
    used: np.ndarray,
    groups: npt.ArrayLike,
    count: int,
    seed: int | Sequence[int],
    strata: npt.ArrayLike | None = None,
) -> np.ndarray:
    """Permute labels among patients, bool (count, n), within each stratum if there are any.

    A group whose images have one label passes it on as a whole, to another such group; a group with both labels has
    them permuted inside. Where the groups differ in size, the number of used images differs between permutations.

    Args:
        used: The truth, bool (n,).
        groups: The group (patient) of every image (n,).
        count: Number of permutations.
        seed: Seed of the random generator; equal seeds give equal permutations.
        strata: The stratum of every image (n,), one for all images of a group.
    """
    patients = PatientCounts.of(used, groups, strata)
    mixed = (patients.used > 0) & (patients.used < patients.images)
    random = np.random.default_rng(seed)
    labels = np.empty((count, used.size), bool)
    of_patient = np.empty((count, mixed.size), bool)
    for number in np.unique(patients.stratum):
        own = ~mixed & (patients.stratum == number)
        of_patient[:, own] = _shuffled(patients.used[own] > 0, count, random)
    whole = ~mixed[patients.member]
    labels[:, whole] = of_patient[:, patients.member[whole]]
    for patient in np.flatnonzero(mixed):
        inside = patients.member == patient
        labels[:, inside] = _shuffled(used[inside], count, random)
    return labels


def p_values(observed: np.ndarray, permuted: np.ndarray) -> np.ndarray:
    """Return the one-sided p of each observed value (K,): (1 + permutations that reach it) / (1 + permutations).

    Counting the observed labelling as one permutation keeps the test valid (Phipson & Smyth, 2010,
    10.2202/1544-6115.1585). A permutation whose value is undefined counts as one that reaches it. NaN where nothing
    was observed.

    Args:
        observed: (K,).
        permuted: Values under the permuted labels (B, K), or (B, 1) to hold all observed values against.
    """
    reached = np.count_nonzero(~(permuted < observed), axis=0)
    return np.where(np.isnan(observed), np.nan, (1 + reached) / (1 + len(permuted)))


def _shuffled(labels: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    return random.permuted(np.tile(labels, (count, 1)), axis=1)
