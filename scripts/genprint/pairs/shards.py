"""Shards of pairs: Parquet files with one block of a similarity matrix each, and what is read from all of them."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from genprint.columns import column, schema
from genprint.files import (
    UnreadableError,
    all_unreadable,
    naming,
    read_origin,
    read_parquet,
    replacing,
    write_parquet,
)
from genprint.plan.runs import GENERATED_GENERATED, REAL_GENERATED, REAL_REAL
from genprint.runtime.progress import counted

_ID = pa.dictionary(pa.int32(), pa.string())
_REAL = column("real_id", _ID, "the real image of the pair")
_GENERATED = column("generated_id", _ID, "the generated image of the pair")
_OTHER = column("other_id", _ID, "the second image of a pair of one kind")
_VALUE = column("similarity", pa.float32(), "how similar the two images are; larger = more alike")

PAIRS = {
    REAL_GENERATED: schema("a row for each pair kept", _REAL, _GENERATED, _VALUE),
    REAL_REAL: schema("each pair once, the image that comes first as the reference", _REAL, _OTHER, _VALUE),
    GENERATED_GENERATED: schema("the same, of runs with `generated_generated`", _GENERATED, _OTHER, _VALUE),
}
"""The table of each pairing."""

_PAIRS_AT_ONCE = 1 << 22


def write_pairs(
    path: str | Path,
    pairing: str,
    ids: Sequence[Sequence[str]],
    positions: tuple[np.ndarray, np.ndarray],
    similarity: np.ndarray,
    origin: dict,
) -> None:
    """Write pairs of a pairing (a key of `PAIRS`) as Parquet (zstd), their ids dictionary-encoded.

    ``ids`` are those of the images on either side; ``positions`` are the pairs' rows and columns among them.
    """
    columns = [
        pa.DictionaryArray.from_arrays(pa.array(places, pa.int32()), pa.array(known, pa.string()))
        for known, places in zip(ids, positions, strict=True)
    ]
    columns.append(pa.array(similarity, pa.float32(), from_pandas=True))
    with replacing(path) as temporary:
        write_parquet(pa.table(columns, schema=PAIRS[pairing]), temporary, origin)


def read_pairs(files: Iterable[str | Path]) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield the pairs of shard after shard: ids of the left images, ids of the right images, similarities.

    One batch of a million pairs is in memory at a time.
    """
    files = list(files)
    for position, path in enumerate(counted(files, "blocks")):
        try:
            for batch in _batches(path):
                left, right, values = batch.columns
                yield left, right, values.to_numpy()
        except UnreadableError:
            raise all_unreadable(files[position:]) from None


def read_matrix(files: Iterable[str | Path], left_ids: Sequence, right_ids: Sequence, *, symmetric: bool) -> np.ndarray:
    """Read a similarity matrix float32 (L, R) from its shards; NaN where nothing is stored.

    A symmetric pairing stores its upper triangle; the other half is filled in, the diagonal stays NaN.
    Raises KeyError for a shard with ids that are not among those given.
    """
    matrix = np.full((len(left_ids), len(right_ids)), np.nan, np.float32)
    row_of = {name: row for row, name in enumerate(left_ids)}
    column_of = {name: column for column, name in enumerate(right_ids)}
    for left, right, values in read_pairs(files):
        rows, columns = _positions(left, row_of), _positions(right, column_of)
        matrix[rows, columns] = values
        if symmetric:
            matrix[columns, rows] = values
    return matrix


def reuse(path: str | Path, origin: dict) -> bool:
    """Put back a file that `keep` kept, if it is of the same origin and whole; whether that was done.

    Snakemake deletes what it is about to make anew, also where the job would make the same again.
    """
    kept = _kept(path)
    try:
        if not kept.exists() or read_origin(kept) != origin:
            return False
        read_parquet(kept)
    except UnreadableError:
        return False
    with replacing(path) as temporary:
        os.link(kept, temporary)
        os.utime(temporary)  # Snakemake expects a file that is newer than what it is made from
    return True


def keep(path: str | Path) -> None:
    """Give a file a second name, for `reuse`; it takes no more space. Does nothing where files have one name only."""
    kept = _kept(path)
    with contextlib.suppress(OSError):
        kept.parent.mkdir(exist_ok=True)
        kept.unlink(missing_ok=True)
        os.link(path, kept)


def _kept(path: str | Path) -> Path:
    path = Path(path)
    return path.parent / ".kept" / path.name


def count_pairs(files: Iterable[str | Path]) -> int:
    """Count the pairs that shards hold; only the ends of the files are read."""
    total = 0
    for path in files:
        with naming(path):
            total += pq.read_metadata(path).num_rows
    return total


def read_nearest(
    files: Iterable[str | Path], left_ids: Sequence, right_ids: Sequence, count: int, *, symmetric: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Read the ``count`` most similar right images of each left image, and those that tie with the last of them.

    Shards are read one after the other and what is not among the nearest is dropped on the way, so that memory depends
    on ``count`` and not on the number of pairs.

    Returns:
        Similarities float32 (L, W) in falling order, and the positions of the right images (L, W), the lower first
        where similarities are equal. W is the longest row; shorter ones end with NaN and -1.
    """
    row_of = {name: row for row, name in enumerate(left_ids)}
    column_of = {name: column for column, name in enumerate(right_ids)}
    kept: tuple[np.ndarray, ...] = np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32)
    waiting, limit = [], _PAIRS_AT_ONCE
    for left, right, values in read_pairs(files):
        rows, columns = (
            positions.astype(np.int32) for positions in (_positions(left, row_of), _positions(right, column_of))
        )
        waiting.append((rows, columns, values))
        if symmetric:
            waiting.append((columns, rows, values))
        if sum(len(part[0]) for part in waiting) > limit:
            kept, waiting = _nearest([kept, *waiting], count), []
            limit = max(_PAIRS_AT_ONCE, len(kept[0]))
    rows, columns, values = _nearest([kept, *waiting], count)
    places = np.arange(len(rows)) - np.searchsorted(rows, rows)
    shape = len(left_ids), max(places, default=-1) + 1
    similarity, position = np.full(shape, np.nan, np.float32), np.full(shape, -1, np.int32)
    similarity[rows, places], position[rows, places] = values, columns
    return similarity, position


def _nearest(parts: Sequence[tuple[np.ndarray, ...]], count: int) -> tuple[np.ndarray, ...]:
    """Return rows, columns and values of the ``count`` largest of each row and their ties, by row and falling value."""
    rows, columns, values = map(np.concatenate, zip(*parts, strict=True))
    order = np.lexsort((columns, -values, rows))
    rows, columns, values = rows[order], columns[order], values[order]
    first = np.searchsorted(rows, rows)
    last = np.minimum(first + count, np.searchsorted(rows, rows, side="right")) - 1
    chosen = values >= values[last]
    return rows[chosen], columns[chosen], values[chosen]


def _batches(path: str | Path) -> Iterator[pa.RecordBatch]:
    with naming(path):
        ids = pq.read_schema(path).names[:2]
        with pq.ParquetFile(path, read_dictionary=ids, page_checksum_verification=True) as shard:
            yield from shard.iter_batches(batch_size=1 << 20)


def _positions(ids: pa.DictionaryArray, position_of: dict[str, int]) -> np.ndarray:
    known = np.array([position_of[name] for name in ids.dictionary.to_pylist()], np.intp)
    return known[ids.indices.to_numpy()]
