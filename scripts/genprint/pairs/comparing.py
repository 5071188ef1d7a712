"""One block of the similarity matrix: how it is compared, and which of its pairs are kept."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from genprint.plan.sources import declared, registered
from genprint.runtime.progress import steps
from genprint.similarity import pairwise


def compare(
    method: str,
    left: np.ndarray,
    right: np.ndarray,
    *,
    constants: dict,
    threads: int,
    device: str,
    **options: Any,
) -> np.ndarray:
    """Return the similarities of a block, float32 (L, R); a block behind skipped images is empty.

    ``constants`` are those an encoder's features calibrate (data range, binarisation threshold); a similarity takes
    the ones its PARAMETERS name, in place of those meant for images.
    """
    if not (len(left) and len(right)):
        return np.empty((len(left), len(right)), np.float32)
    options |= _calibrated(method, constants)
    return pairwise(method, left, right, threads=threads, device=device, **options)


def compare_listed(
    method: str,
    left: np.ndarray,
    right: np.ndarray,
    positions: tuple[np.ndarray, np.ndarray],
    *,
    constants: dict,
    threads: int,
    device: str,
    **options: Any,
) -> np.ndarray:
    """Return the similarities of some pairs of a block, float32 (K,), the same as `compare` has for them.

    ``positions`` are the pairs' rows, in rising order, and their columns; ``constants`` are as in `compare`.
    """
    options |= _calibrated(method, constants)
    rows, columns = positions
    similarity = np.empty(len(rows), np.float32)
    shares = zip(*np.unique(rows, return_index=True, return_counts=True), strict=True)
    with steps(len(rows), "pairs") as advance:
        for row, start, count in shares:
            of_row = slice(start, start + count)
            images = left[row : row + 1], right[columns[of_row]]
            similarity[of_row] = pairwise(method, *images, threads=threads, device=device, **options)[0]
            advance(count)
    return similarity


def _calibrated(method: str, constants: dict) -> dict:
    known = declared(registered("genprint.similarity")[method])["PARAMETERS"]
    return {name: constant for name, constant in constants.items() if name in known}


def fingerprint(left: np.ndarray, right: np.ndarray, ids: Sequence[Sequence[str]], **settings: Any) -> str:
    """Return the SHA-256 of all that a block's pairs depend on: both sets of images or vectors, ids and settings."""
    digest = hashlib.sha256()
    for images in (left, right):
        digest.update(f"{images.dtype} {images.shape}".encode())
        digest.update(np.ascontiguousarray(images).data)
    described = {name: np.asarray(value).tolist() for name, value in settings.items()}
    digest.update(json.dumps([*map(list, ids), described], sort_keys=True).encode())
    return digest.hexdigest()


def kept(similarity: np.ndarray, *, upper: bool, top: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns, in row-major order, of the pairs to store from a block of similarities (L, R).

    ``upper`` keeps the triangle above the diagonal (a block of a symmetric pairing that compares images with
    themselves). ``top`` keeps a pair that is among the ``top`` most similar ones of either of its images in this
    block, so that an image's nearest neighbours are there whichever side it is on; pairs that tie with the last one
    kept are kept as well, because nothing else could decide between them.
    """
    chosen = np.triu(np.ones(similarity.shape, bool), k=1) if upper else np.ones(similarity.shape, bool)
    if top is not None:
        candidates = np.where(chosen, similarity, -np.inf)
        if upper:  # both triangles, so that every image sees all its pairs
            candidates = np.maximum(candidates, candidates.T)
        by_row = candidates >= _kth_largest(candidates, top)
        by_column = (_kth_largest(candidates.T, top) <= candidates.T).T
        chosen &= by_row | by_column
    rows, columns = np.nonzero(chosen)
    return rows, columns


def shortlisted(similarity: np.ndarray, *, upper: bool, nearest: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what `kept` keeps of a block (L, R) of which some pairs are not known: those are NaN."""
    rows, columns = kept(np.nan_to_num(similarity, nan=-np.inf), upper=upper, top=nearest)
    known = ~np.isnan(similarity[rows, columns])
    return rows[known], columns[known]


def _kth_largest(similarity: np.ndarray, k: int) -> np.ndarray:
    """Return the k-th largest value of each row, as a column; the smallest one of rows shorter than k."""
    if similarity.shape[1] <= k:
        return np.full((len(similarity), 1), -np.inf)
    return np.partition(similarity, -k, axis=1)[:, -k, None]
