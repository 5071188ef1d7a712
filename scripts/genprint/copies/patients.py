"""Patients: who is one, where the user does not say, and who looks like whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from genprint.copies.chance import nearest_others
from genprint.copies.collapse import clusters
from genprint.images.folder import natural_order

ALIKE = 0.85
"""Registered similarity from which on two real images are taken to be of one patient.

CT slices of one patient that are up to 6 mm apart have 0.86 or more, those of different patients at most 0.71, and
those of two simulated patients up to 0.91 (docs/copies.md)."""
COMMON = 0.7
"""Where half of the patients have two others this near, all are alike, and that two are says nothing.

The median similarity to the second nearest patient is 0.53 for CT slices, also where most patients are there twice by
different names, and 0.74 to 0.77 for simulated patients."""


@dataclass(frozen=True)
class Patients:
    """The patients of real images.

    Attributes:
        names: the patient of each image, object (N,).
        known: whether the user named them.
        groups: how many there are.
        largest: images of the largest of them.
        alike: pairs of patients, in natural order, that have images as similar as those of one patient. There are none
            where patients are unknown, because these are one group, and where all patients are alike (`COMMON`).
    """

    names: np.ndarray
    known: bool
    groups: int
    largest: int
    alike: tuple[tuple[str, str], ...]


def patients(
    ids: Sequence[str] | np.ndarray,
    groups: Sequence[str] | np.ndarray,
    pairs: Mapping[str, np.ndarray],
    *,
    least: float = ALIKE,
) -> Patients:
    """Say which patient each real image is of.

    Where the group of any image has another name than the image, patients are known and stay as they are. Where every
    image is its own group, images at ``least`` or above, or linked by a chain of images that are, are one patient, who
    is called like the first of them in natural order. The order of images and of pairs makes no difference.

    Args:
        ids: of the real images.
        groups: of the same images.
        pairs: columns ``left``, ``right`` (positions) and ``similarity`` of pairs of real images, `search`.
        least: see above.
    """
    names = np.array([str(group) for group in groups], object)
    known = any(name != str(own) for name, own in zip(names, ids, strict=True))
    if known:
        near = (np.asarray(pairs["similarity"]) >= least) & (not _all_alike(names, pairs))
        both = zip(names[pairs["left"][near]], names[pairs["right"][near]], strict=True)
        alike = {tuple(sorted(pair, key=natural_order)) for pair in both if pair[0] != pair[1]}
    else:
        member = clusters(pairs["left"], pairs["right"], pairs["similarity"], len(names), least=least)
        first: dict[int, str] = {}
        for place in sorted(range(len(names)), key=lambda place: natural_order(str(ids[place]))):
            first.setdefault(int(member[place]), str(ids[place]))
        names, alike = np.array([first[int(place)] for place in member], object), set()
    counts = np.unique(names.astype(str), return_counts=True)[1]
    pairs_alike = tuple(sorted(alike, key=lambda pair: tuple(map(natural_order, pair))))
    return Patients(names, known, len(counts), int(counts.max(initial=0)), pairs_alike)


def _all_alike(names: np.ndarray, pairs: Mapping[str, np.ndarray]) -> bool:
    _, patient = np.unique(names.astype(str), return_inverse=True)
    near = nearest_others(pairs, patient, int(patient.max(initial=-1)) + 1)
    return len(near) > 0 and bool(np.median(near[:, 1]) > np.arctanh(COMMON))
