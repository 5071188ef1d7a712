"""Evidence: what the score rules know about the candidates, read from the shards of a run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from genprint.columns import DATASET, IMAGE_ID, NUMBER, RUN, TEXT, column, schema
from genprint.images.parts import ANY, models
from genprint.pairs.shards import count_pairs, read_matrix, read_nearest

NEAREST_COLUMNS = (
    column("nearest", TEXT, "the generated image most similar to it"),
    column("nearest_similarity", NUMBER, "and how similar the two are"),
)
NEAREST = schema("a row for each candidate", DATASET, *RUN, IMAGE_ID, *NEAREST_COLUMNS)

_BLOCK_ELEMENTS = 1 << 22


@dataclass(frozen=True)
class Evidence:
    """What the score rules know about R candidates: float arrays of distances >= 0; NaN where there is no such pair."""

    distance_generated: np.ndarray
    """Distances to the generated images (R, G)."""
    distance_real: np.ndarray
    """Distances of the candidates to each other (R, R); NaN on the diagonal."""
    distance_held_out: np.ndarray | None = None
    """Distances to real images that are known not to have been used (R, H); None if there are none."""
    thinned: bool = False
    """True if a row has its nearest pairs only, so that a missing distance is larger than those present."""

    @classmethod
    def from_similarities(
        cls,
        real_generated: np.ndarray,
        real_real: np.ndarray,
        label: npt.ArrayLike,
        *,
        identical: float,
        top: int | None = None,
    ) -> "Evidence":
        """Return the evidence about the candidates among N real images: those whose label is not ``held_out``.

        Args:
            real_generated: Similarities (N, G), larger = more similar; NaN where a pair was not kept.
            real_real: Similarities (N, N); the diagonal is ignored.
            label: The N labels.
            identical: Similarity of an image with itself.
            top: How many of its most similar pairs each row is sure to have, if not all pairs were kept.

        Raises:
            ValueError: Wrong shapes, no candidate or generated image, infinite similarities, similarities above
                ``identical``, or missing pairs that ``top`` does not explain.
        """
        held_out = np.asarray(label) == "held_out"
        reals = len(held_out)
        if real_generated.ndim != 2 or len(real_generated) != reals or real_real.shape != (reals, reals):
            raise ValueError(
                f"{reals} labels, but similarities {real_generated.shape} to generated and {real_real.shape} between "
                "real images; pass one row for each real image, in the order of the labels"
            )
        if held_out.all() or not real_generated.shape[1]:
            raise ValueError("no candidate or no generated image; pass at least one of each")
        to_generated = _distances(real_generated, identical)
        to_real = _distances(real_real, identical)
        np.fill_diagonal(to_real, np.nan)
        missing = np.isnan(to_generated).sum() + np.isnan(to_real).sum() - reals
        if missing:
            if top is None:
                raise ValueError(f"{missing} pairs are missing; pass how many each row keeps (top) or compute them")
            # Beyond the nearest that a row is sure to have, a nearer pair may be among the missing.
            _keep_nearest(to_generated, min(top, to_generated.shape[1]))
            _keep_nearest(to_real, min(top, reals - 1))
        candidates = np.flatnonzero(~held_out)
        if not held_out.any():
            return cls(to_generated, to_real, None, bool(missing))
        return cls(
            to_generated[candidates],
            to_real[np.ix_(candidates, candidates)],
            to_real[np.ix_(candidates, np.flatnonzero(held_out))],
            bool(missing),
        )

    @classmethod
    def from_nearest(
        cls,
        real_generated: np.ndarray,
        real_real: np.ndarray,
        is_held_out: np.ndarray,
        held_out: np.ndarray,
        *,
        identical: float,
    ) -> "Evidence":
        """Return the same from the nearest pairs of each of N real images alone: the columns are its own nearest.

        Args:
            real_generated: Similarities (N, W); NaN after the end of a row.
            real_real: Similarities (N, V), likewise.
            is_held_out: Whether the other image of each pair of ``real_real`` is held out, bool (N, V).
            held_out: Whether each of the N images is.
            identical: Similarity of an image with itself.

        Raises:
            ValueError: No candidate, infinite similarities, or similarities above ``identical``.
        """
        candidates = ~held_out
        if not candidates.any():
            raise ValueError("no candidate; pass at least one")
        to_generated = _distances(real_generated, identical)[candidates]
        to_real, is_held_out = _distances(real_real, identical)[candidates], is_held_out[candidates]
        to_held_out = np.where(is_held_out, to_real, np.nan) if held_out.any() else None
        return cls(to_generated, np.where(is_held_out, np.nan, to_real), to_held_out, True)


def read_evidence(
    real_generated: Sequence[str | Path],
    real_real: Sequence[str | Path],
    images: pd.DataFrame,
    generated_ids: Sequence[str],
    *,
    learnt: bool,
    identical: float,
    top: int | None,
) -> tuple[list[Evidence], pd.DataFrame]:
    """Read the evidence about the candidates among N real images and G generated ones from the shards of both pairings.

    Where all pairs were kept, some rules need all of them at once (mean, quantile, ball, votes, dpi): the two matrices
    are held in memory, 12 N (N + G) bytes with the work on them. Where only the nearest were kept, those rules have no
    score, and the others need the ``top`` nearest of each image: shards are merged one after the other, and memory
    grows with N times ``top`` whatever the number of pairs.

    Args:
        real_generated: Shards of the similarities of real and generated images.
        real_real: Shards of those of real images.
        images: Columns image_id, label and split of the N real images.
        generated_ids: The ids of the generated images.
        learnt: Whether an encoder that was trained decides what is compared. Each fold of cross-fitting then has an
            encoder and evidence of its own.
        identical: Similarity of an image with itself.
        top: How many of its most similar pairs each image is sure to have; None for all.

    Returns:
        The evidence about all candidates, or of cross-fitted encoders about the candidates of one fold after the other
        (`genprint.images.parts.judged_parts`); and for each candidate its image_id, nearest (the id of the generated
        image most similar to it, the first of several) and nearest_similarity.

    Raises:
        ValueError: Images with fewer pairs than each should keep, and what `Evidence` refuses.
    """
    real_ids, label = images["image_id"].tolist(), images["label"]
    reals, generated = len(real_ids), len(generated_ids)
    held_out = np.asarray(label) == "held_out"
    model = models(images["split"], label) if learnt else np.full(reals, ANY)
    parts = parts_of_models(model, held_out)
    sizes, free = [int(part.sum()) for part in parts], int(held_out.sum()) if len(parts) > 1 else 0
    real_pairs = sum(size * (size - 1) // 2 for size in sizes) - (len(parts) - 1) * (free * (free - 1) // 2)
    complete = count_pairs([*real_generated, *real_real]) == reals * generated + real_pairs
    if complete or top is None:
        to_generated = read_matrix(real_generated, real_ids, generated_ids, symmetric=False)
        to_real = read_matrix(real_real, real_ids, real_ids, symmetric=True)
        first = to_generated.argmax(axis=1)
        similarity = to_generated[np.arange(reals), first]
        evidence = evidence_of_parts(to_generated, to_real, label, parts, identical=identical, top=top)
        return evidence, _nearest(real_ids, generated_ids, first, similarity, ~held_out)
    to_generated, place = read_nearest(real_generated, real_ids, generated_ids, top, symmetric=False)
    to_real, other = read_nearest(real_real, real_ids, real_ids, top, symmetric=True)
    others = np.max([np.where(part, part.sum() - 1, 0) for part in parts], axis=0)
    for found, columns in ((to_generated, np.full(reals, generated)), (to_real, others)):
        short = np.count_nonzero((~np.isnan(found)).sum(axis=1) < np.minimum(top, columns))
        if short:
            raise ValueError(
                f"{short} images have fewer than the {top} pairs that each should keep; compute them again"
            )
    # A row's own held-out images among its nearest, by position.
    evidence = [
        Evidence.from_nearest(
            to_generated[part], to_real[part], held_out[other][part], held_out[part], identical=identical
        )
        for part in parts
    ]
    return evidence, _nearest(real_ids, generated_ids, place[:, 0], to_generated[:, 0], ~held_out)


def parts_of_models(model: np.ndarray, held_out: np.ndarray) -> list[np.ndarray]:
    """Return which of N real images each encoder compares, bool (N,): those that it judges, and those held out."""
    return [(model == number) | held_out for number in range(model.max(initial=ANY) + 1)] or [np.ones(model.size, bool)]


def evidence_of_parts(
    to_generated: np.ndarray,
    to_real: np.ndarray,
    label: pd.Series,
    parts: Sequence[np.ndarray],
    *,
    identical: float,
    top: int | None = None,
) -> list[Evidence]:
    """Return the evidence (`Evidence.from_similarities`) about the candidates of each of some parts of real images."""
    return [
        Evidence.from_similarities(
            to_generated if part.all() else to_generated[part],
            to_real if part.all() else to_real[np.ix_(part, part)],
            label[part],
            identical=identical,
            top=top,
        )
        for part in parts
    ]


def _nearest(
    real_ids: Sequence[str], generated_ids: Sequence[str], place: np.ndarray, similarity: np.ndarray, rows: np.ndarray
) -> pd.DataFrame:
    real, generated = np.array(real_ids, object), np.array(generated_ids, object)
    columns = {"image_id": real, "nearest": generated[place], "nearest_similarity": similarity.astype(np.float64)}
    return pd.DataFrame({name: values[rows] for name, values in columns.items()})


def smallest(distance: np.ndarray) -> np.ndarray:
    """Return the smallest distance of each row, float64 (R,); NaN for a row without any."""
    return np.fmin.reduce(distance, axis=1).astype(np.float64)


def nearest_distances(distance: np.ndarray, k: int) -> np.ndarray:
    """Return the k smallest distances of each row, ascending, float64 (R, min(k, columns)); NaN for missing ones."""
    k = min(k, distance.shape[1])
    near = np.empty((len(distance), k))
    for rows in row_blocks(distance):
        near[rows] = np.partition(distance[rows], k - 1, axis=1)[:, :k]
    near.sort(axis=1)
    return near


def row_blocks(matrix: np.ndarray) -> Iterator[slice]:
    """Yield rows in blocks small enough that a few copies of one do not matter beside the matrix."""
    size = max(1, _BLOCK_ELEMENTS // max(1, matrix.shape[1]))
    for start in range(0, len(matrix), size):
        yield slice(start, min(start + size, len(matrix)))


def _distances(similarity: np.ndarray, identical: float) -> np.ndarray:
    distance = identical - similarity
    lowest, highest = (reduce(distance, axis=None, initial=0) for reduce in (np.fmin.reduce, np.fmax.reduce))
    if not np.isfinite([lowest, highest]).all():
        raise ValueError("infinite similarities; the images or features behind them must be finite")
    # Rounding may lift a similarity just above that of an image with itself.
    if lowest < -1e-5 * max(1, abs(identical)):
        raise ValueError(f"similarity {identical - lowest:g} is above {identical:g}, that of an image with itself")
    return np.maximum(distance, 0, out=distance)


def _keep_nearest(distance: np.ndarray, k: int) -> None:
    """Turn what is farther than the ``k``-th nearest of its row into NaN, in place."""
    if k:
        bound = nearest_distances(distance, k)[:, -1:]
        short = np.count_nonzero(np.isnan(bound))
        if short:
            raise ValueError(f"{short} images have fewer than the {k} pairs that each should keep; compute them again")
        distance[distance > bound] = np.nan
