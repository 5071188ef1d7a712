"""Exact copies: images whose pixels, decoded and resized, are equal."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import product

import numpy as np

from genprint.images.datasets import content_hashes
from genprint.images.folder import Fault, ImageError

UNUSED = ("not_used", "held_out")


def pixel_hashes(images: np.ndarray) -> np.ndarray:
    """Return the SHA-256 of the pixels of each image (N, H, W) as hexadecimal text, object (N,).

    An image of one value has nothing of anybody in it and equals no other one: its hash is empty.
    """
    hashes = np.array(content_hashes(images), object)
    flat = images.reshape(len(images), -1)
    hashes[flat.min(axis=1) == flat.max(axis=1)] = ""
    return hashes


def exact_copies(
    real: Sequence[str] | np.ndarray, generated: Sequence[str] | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Find all pairs of equal images.

    Args:
        real: the `pixel_hashes` of the real images.
        generated: those of the generated ones.

    Returns:
        Positions of the real and of the generated image of each pair, int64 (K,), in row-major order.
    """
    same = _positions(generated)
    pairs = [(left, right) for left, pixels in enumerate(real) for right in same.get(pixels, ())]
    left, right = np.array(pairs, np.int64).reshape(-1, 2).T
    return left, right


def refuse_conflicts(
    ids: Sequence[str] | np.ndarray, labels: Sequence[str] | np.ndarray, hashes: Sequence[str] | np.ndarray
) -> None:
    """Refuse real images that are both used and not: no answer about them could be right.

    Args:
        ids: of the real images.
        labels: used, not_used, held_out or unknown.
        hashes: the `pixel_hashes` of the same images.

    Raises:
        ImageError: lists every used image together with every equal one that is not used or held out.
    """
    faults = []
    for twins in _positions(hashes).values():
        used = [place for place in twins if labels[place] == "used"]
        unused = [place for place in twins if labels[place] in UNUSED]
        faults += [
            Fault(str(ids[one]), f"is used, and has the same pixels as {ids[other]}, which is {labels[other]}")
            for one, other in product(used, unused)
        ]
    if faults:
        raise ImageError(faults, "Leave one image of each pair out, or correct its label.")


def repeated(
    ids: Sequence[str] | np.ndarray, labels: Sequence[str] | np.ndarray, hashes: Sequence[str] | np.ndarray
) -> list[tuple[str, list[str]]]:
    """List real images that occur more than once in a role, as (label, ids), each set of equal images once."""
    found = []
    for twins in _positions(hashes).values():
        by_label = defaultdict(list)
        for place in twins:
            by_label[labels[place]].append(str(ids[place]))
        found += [(label, members) for label, members in by_label.items() if len(members) > 1]
    return found


def _positions(hashes: Sequence[str] | np.ndarray) -> dict[str, list[int]]:
    """Where each hash occurs; images of one value are left out."""
    positions = defaultdict(list)
    for place, pixels in enumerate(hashes):
        if pixels:
            positions[pixels].append(place)
    return positions
