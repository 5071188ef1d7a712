"""One block of the similarity matrix: how it is compared, and which of its pairs are kept."""

import hashlib
import json
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from genprint.images.parts import ANY, models
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


class Compared(NamedTuple):
    """One side of a block: images, or what each encoder of cross-fitting makes of them."""

    values: np.ndarray
    """Images uint8 (N, H, W), or features by each of M encoders, float32 (M, N, D)."""
    models: np.ndarray
    """Which encoder each image is judged by (`genprint.images.parts.models`), integers (N,)."""
    ids: list[str]
    """Of the N images."""

    @classmethod
    def of(cls, values: np.ndarray, table: pd.DataFrame, chosen: slice) -> "Compared":
        """Return those images of a side, of which ``table`` has the columns image_id, split and label, in a block."""
        ids, own = table["image_id"].tolist()[chosen], models(table["split"], table["label"])[chosen]
        if values.dtype == np.uint8:  # an image is the same to all encoders
            return cls(values[chosen], np.full(len(ids), ANY), ids)
        return cls(values[:, chosen], own, ids)

    def seen_by(self, model: int) -> np.ndarray:
        """Return the images, or their features by one encoder, (N, ...)."""
        return self.values if self.values.dtype == np.uint8 else self.values[model]

    @property
    def encoders(self) -> int:
        """How many encoders there are; 1 for images."""
        return 1 if self.values.dtype == np.uint8 else len(self.values)


def compare_sides(method: str, left: Compared, right: Compared, *, constants: dict, **options: Any) -> np.ndarray:
    """Return the similarities of a block, float32 (L, R); NaN where two images are judged by different encoders.

    Features by different encoders have nothing to do with each other. An image that is nobody's to judge is seen by
    the encoder of the other image. Images, and features of a single encoder, are all compared.
    """
    if left.encoders == 1:
        return compare(method, left.seen_by(0), right.seen_by(0), constants=_of_model(constants, 0), **options)
    similarity = np.full((len(left.models), len(right.models)), np.nan, np.float32)
    for model in range(left.encoders):
        rows, columns = (np.flatnonzero(side.models == model) for side in (left, right))
        free_rows, free_columns = (np.flatnonzero(side.models == ANY) for side in (left, right))
        met = [(rows, np.concatenate([columns, free_columns])), (free_rows, columns)]
        if model == 0:
            met.append((free_rows, free_columns))
        for some, others in met:
            images = left.seen_by(model)[some], right.seen_by(model)[others]
            found = compare(method, *images, constants=_of_model(constants, model), **options)
            similarity[np.ix_(some, others)] = found
    return similarity


def compare_listed_sides(
    method: str,
    left: Compared,
    right: Compared,
    positions: tuple[np.ndarray, np.ndarray],
    *,
    constants: dict,
    **options: Any,
) -> np.ndarray:
    """Return the similarities of some pairs of a block, float32 (K,), the same as `compare_sides` has for them.

    ``positions`` are as in `compare_listed`; each pair is of images that one encoder judges.
    """
    rows, columns = positions
    if left.encoders == 1:
        seen = left.seen_by(0), right.seen_by(0)
        return compare_listed(method, *seen, positions, constants=_of_model(constants, 0), **options)
    model = np.maximum(np.maximum(left.models[rows], right.models[columns]), 0)
    similarity = np.empty(len(rows), np.float32)
    for number in range(left.encoders):
        own = model == number
        seen = left.seen_by(number), right.seen_by(number)
        listed = rows[own], columns[own]
        similarity[own] = compare_listed(method, *seen, listed, constants=_of_model(constants, number), **options)
    return similarity


def _of_model(constants: dict, model: int) -> dict:
    """Return what one encoder's features calibrate, numbers as such."""
    chosen = {name: np.asarray(values)[model] for name, values in constants.items()}
    return {name: value if value.ndim else value.item() for name, value in chosen.items()}


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


def fingerprint(left: Compared, right: Compared, **settings: Any) -> str:
    """Return the SHA-256 of all that a block's pairs depend on: both sets of images or vectors, ids and settings."""
    digest = hashlib.sha256()
    for side in (left, right):
        for array in (side.values, side.models):
            digest.update(f"{array.dtype} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
    described = {name: np.asarray(value).tolist() for name, value in settings.items()}
    digest.update(json.dumps([left.ids, right.ids, described], sort_keys=True).encode())
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


def known(similarity: np.ndarray, *, upper: bool, top: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Return what `kept` keeps of a block (L, R) of which some pairs are not known: those are NaN."""
    rows, columns = kept(np.where(np.isnan(similarity), -np.inf, similarity), upper=upper, top=top)
    defined = ~np.isnan(similarity[rows, columns])
    return rows[defined], columns[defined]


def _kth_largest(similarity: np.ndarray, k: int) -> np.ndarray:
    """Return the k-th largest value of each row, as a column; the smallest one of rows shorter than k."""
    if similarity.shape[1] <= k:
        return np.full((len(similarity), 1), -np.inf)
    return np.partition(similarity, -k, axis=1)[:, -k, None]
