"""The search: candidates of both sides, aligned."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa

from genprint.columns import COUNT, column, schema
from genprint.copies.alignment import Aligned, align, describe
from genprint.copies.candidates import coarse, coarse_in_place, hypotheses
from genprint.copies.candidates import nearest as among_nearest
from genprint.copies.contrast import Prepared, prepare
from genprint.runtime.progress import steps

MOVES = {"shift_x": np.float32, "shift_y": np.float32, "angle": np.float32, "scale": np.float32, "mirrored": np.bool_}
# Of an image of one value: nobody is in it, and equal pixels mean nothing.
NOTHING_TO_ALIGN = Aligned(0.0, None, False, 0.0)
NO_MOVE = dict.fromkeys(MOVES, np.nan) | {"mirrored": False}

CANDIDATES = schema(
    "a row for each pair of images that was aligned",
    column("left", COUNT, "position of the first image (the real one) in its table"),
    column("right", COUNT, "position of the second image (the generated one) in its table"),
    column("coarse", pa.float32(), "correlation at low resolution, by which candidates are chosen"),
    column("apart", pa.bool_(), "whether the two images are of different patients"),
    column("similarity", pa.float32(), "correlation of local contrast once the two are aligned, 0 to 1"),
    column("inverted", pa.bool_(), "whether dark and bright are exchanged"),
    column("overlap", pa.float32(), "share of the area of either image that lies over the other"),
    column("shift_x", pa.float32(), "how far the second image is moved to the right, in sides"),
    column("shift_y", pa.float32(), "how far it is moved down, in sides"),
    column("angle", pa.float32(), "by how many degrees it is turned anticlockwise"),
    column("scale", pa.float32(), "by how much it is enlarged"),
    column("mirrored", pa.bool_(), "whether left and right are exchanged"),
)

Table = dict[str, np.ndarray]


def search(
    left: np.ndarray,
    right: np.ndarray,
    *,
    nearest: int,
    threads: int = 1,
    upper: bool = False,
    patients: tuple[np.ndarray, np.ndarray] | None = None,
    in_place: float | None = None,
    of: str = "either",
) -> Table:
    """Find the most promising pairs of images (N, H, W) and (M, H, W), and align them.

    What is said of a pair depends on the pair alone, bit for bit. Which pairs are listed depends on all images given:
    of a search in blocks, `merge` makes what one search over all images finds.

    Args:
        left: the real images, in the order of their ids. Blurred copies of them are found, too.
        right: the generated ones (or other real ones), in the order of their ids.
        nearest: candidates of every image of either side.
        threads: CPU threads; the result does not depend on them.
        upper: whether both sides are the same images, of which each pair counts once and none with itself.
        patients: the patient of each left and of each right image. Candidates are then chosen twice, among all pairs
            and among those of different patients, so that adjacent slices do not take all places. Both sides are then
            real images, and either may be blurred.
        in_place: compare the images as they lie, and align those pairs only whose coarse score is at least this.
            None tries all shifts, angles, scales and mirrorings.
        of: "either", or "right" for candidates of the right images only.

    Returns:
        Columns of equal length, with an entry for each aligned pair, in row-major order: ``left`` and ``right``
        (positions, int64), ``coarse`` (float32, what candidates are chosen by), ``similarity`` (float32, 0..1),
        ``inverted`` (bool), ``overlap`` (float32), and how the right image is made of the left one
        (`genprint.copies.alignment.describe`): ``shift_x``, ``shift_y``, ``angle``, ``scale`` (float32, NaN where
        nothing could be aligned) and ``mirrored`` (bool). With ``patients`` also ``apart`` (bool): whether the two are
        of different ones.
    """
    prepared = (
        prepare(left, softer=in_place is None, threads=threads),
        prepare(right, softer=patients is not None, threads=threads),
    )
    scores, best = (
        coarse_in_place(*prepared) if in_place is not None else coarse(*prepared, upper=upper, threads=threads)
    )
    compared = np.ones(scores.shape, bool) if in_place is None else scores >= in_place
    rows, columns = np.nonzero(np.triu(compared, 1) if upper else compared)
    table = {"left": rows, "right": columns, "coarse": scores[rows, columns]}
    if patients is not None:
        table["apart"] = patients[0][rows] != patients[1][columns]
    chosen = _chosen(table, nearest, of)
    table = {name: column[chosen] for name, column in table.items()}
    rows, columns = table["left"], table["right"]
    return table | _aligned(*prepared, rows, columns, best[rows, columns], threads=threads)


def _chosen(table: Table, count: int, of: str = "either") -> np.ndarray:
    """Tell which pairs are candidates, bool (P,)."""
    left, right, scores = table["left"], table["right"], table["coarse"]
    chosen = among_nearest(left, right, scores, count, of=of)
    if "apart" in table:
        apart = np.flatnonzero(table["apart"])
        chosen[apart] |= among_nearest(left[apart], right[apart], scores[apart], count, of=of)
    return chosen


def _aligned(
    left: Prepared, right: Prepared, rows: np.ndarray, columns: np.ndarray, best: np.ndarray, *, threads: int
) -> Table:
    """Columns of `search` from ``similarity`` on, of pairs at positions (P,) with the hypotheses (P,) of `coarse`."""
    starts = hypotheses()

    def one(pair: int) -> Aligned:
        place = best[pair]
        advance(1)
        if not left.contrast[rows[pair]].any():
            return NOTHING_TO_ALIGN
        start = starts[place if place >= 0 else -1 - place]
        return align(left, rows[pair], right, columns[pair], start, bool(place < 0))

    with ThreadPoolExecutor(threads) as pool, steps(len(rows), "candidates") as advance:
        pairs = list(pool.map(one, range(len(rows))))
    moves = [NO_MOVE if pair.matrix is None else describe(pair.matrix) for pair in pairs]
    return {
        "similarity": np.array([pair.similarity for pair in pairs], np.float32),
        "inverted": np.array([pair.inverted for pair in pairs], np.bool_),
        "overlap": np.array([pair.overlap for pair in pairs], np.float32),
        **{name: np.array([move[name] for move in moves], dtype) for name, dtype in MOVES.items()},
    }


def search_block(
    left: np.ndarray,
    right: np.ndarray,
    rows: slice,
    columns: slice,
    *,
    patients: Sequence[np.ndarray],
    nearest: int,
    same: bool = False,
    in_place: float | None = None,
    threads: int = 1,
) -> pd.DataFrame:
    """Search a block of all pairs of two sets of images, and return its candidates by `CANDIDATES`.

    Args:
        left: all images of the left side (N, H, W); those of the block are ``rows``.
        right: all images of the right side; those of the block are ``columns``.
        rows: of the block.
        columns: of the block.
        patients: the patient of each left and of each right image. They matter where both sides are the same real
            images.
        nearest: candidates of every image of either side.
        same: whether both sides are the same images; the block is then on or above the diagonal of all pairs.
        in_place: as in `search`, which also says what the columns are.
        threads: CPU threads; the result does not depend on them.
    """
    sides = left[rows], right[columns]
    table = {name: np.empty(0, np.dtype(kind.to_pandas_dtype())) for name, kind in _kinds()}
    if all(map(len, sides)):
        table |= {"apart": np.zeros(1, np.bool_)} | search(
            *sides,
            nearest=nearest,
            threads=threads,
            upper=same and rows == columns,
            patients=(patients[0][rows], patients[1][columns]) if same and in_place is None else None,
            in_place=in_place,
        )
    table["apart"] = np.broadcast_to(table["apart"], table["left"].shape)
    whole = {"left": table["left"] + (rows.start or 0), "right": table["right"] + (columns.start or 0)}
    return pd.DataFrame(table | whole)[CANDIDATES.names]


def search_patients(images: np.ndarray, patients: np.ndarray, *, nearest: int, block: int, threads: int = 1) -> Table:
    """Find and align the most promising pairs of real images (N, H, W), given their patients (N,).

    This is `search` of all pairs of them, ``block`` images a side at a time, so that memory is bounded.
    """
    starts = range(0, len(images), block)
    return merge(
        [
            search_block(
                images,
                images,
                slice(top, top + block),
                slice(first, first + block),
                patients=(patients, patients),
                nearest=nearest,
                same=True,
                threads=threads,
            )
            for top in starts
            for first in starts
            if first >= top
        ],
        nearest=nearest,
    )


def _kinds() -> list[tuple[str, pa.DataType]]:
    return [(field.name, field.type) for field in CANDIDATES]


def merge(tables: Sequence[Table | pd.DataFrame], *, nearest: int) -> Table:
    """Return what one search over all images finds, from the tables of its blocks.

    The positions ``left`` and ``right`` of the tables must count over all images, and every block must have been
    searched with ``nearest`` or more candidates of either side.
    """
    whole = {name: np.concatenate([np.asarray(table[name]) for table in tables]) for name in tables[0]}
    chosen = np.flatnonzero(_chosen(whole, nearest))
    order = chosen[np.lexsort((whole["right"][chosen], whole["left"][chosen]))]
    return {name: column[order] for name, column in whole.items()}
