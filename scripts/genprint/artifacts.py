"""Files of the pipeline: npy arrays, Parquet tables and Parquet shards of pairs.

A file appears whole or not at all: it is written under a temporary name in its own folder and then renamed. What was
cut short or changed afterwards is never read as data: Parquet pages carry checksums, and every error names its files.
Every Parquet file carries its provenance (parameters, code version, seed, library versions) as metadata.
"""

import contextlib
import hashlib
import json
import os
import platform
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from genprint import __version__
from genprint.progress import counted

if TYPE_CHECKING:
    import pandas as pd

_METADATA_KEY = b"genprint"
_PAIRS_AT_ONCE = 1 << 22
_LIBRARIES = (
    "numpy",
    "scipy",
    "scikit-image",
    "opencv-python-headless",
    "torch",
    "numba",
    "pyarrow",
)


class UnreadableError(ValueError):
    """Files of the pipeline that are missing, cut short or changed."""


class UnwritableError(ValueError):
    """A file for which there is no room or no permission."""


def provenance(*, code: str, seed: int, **parameters) -> dict:
    """What a Parquet file tells of its origin: parameters, code version, seed, library versions."""
    return {"code": code, "seed": seed, "parameters": parameters, "versions": libraries()}


def libraries() -> dict[str, str]:
    """Versions of Python, of this library, and of the libraries that results depend on."""
    versions = {name: installed for name in _LIBRARIES if (installed := _version(name))}
    return versions | {"genprint": __version__, "python": platform.python_version()}


def _version(library: str) -> str | None:
    """None where a stage's own environment lacks the library."""
    try:
        return version(library)
    except PackageNotFoundError:
        return None


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A temporary file beside ``path`` that takes its place if the block ends well, and vanishes if not.

    Raises UnwritableError where the system refuses: a full disk, a read-only folder.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise UnwritableError(
            f"{path}: cannot be written ({error}); make room or give permission to write there, and start the same "
            "command again"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def write_array(path: str | Path, array: np.ndarray) -> None:
    """Write an npy file."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)


def read_array(path: str | Path) -> np.ndarray:
    """A read-only memory map of an npy file: pages are read when they are used."""
    with _named(path):
        return np.load(path, mmap_mode="r", allow_pickle=False)


def write_text(path: str | Path, text: str) -> None:
    """Write text as UTF-8 with line feeds."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_constants(path: str | Path, constants: Mapping[str, np.ndarray | float]) -> None:
    """Write named arrays or numbers as npz."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **constants)


def read_constants(path: str | Path | None) -> dict[str, np.ndarray | float]:
    """Named arrays and numbers of an npz file; none if there is no file."""
    if not path:
        return {}
    with _named(path), np.load(path, allow_pickle=False) as file:
        return {name: file[name] if file[name].ndim else file[name].item() for name in file.files}


def write_weights(path: str | Path, weights: Mapping[str, np.ndarray], origin: dict) -> None:
    """Write named arrays as safetensors, with their provenance as metadata."""
    from safetensors.numpy import save  # here, because only jobs with encoders have it

    metadata = {_METADATA_KEY.decode(): json.dumps(origin, sort_keys=True)}
    with replacing(path) as temporary:
        temporary.write_bytes(save(dict(weights), metadata))


def read_weights(path: str | Path) -> dict[str, np.ndarray]:
    """Named arrays of a safetensors file."""
    from safetensors import SafetensorError  # here, because only jobs with encoders have it
    from safetensors.numpy import load_file

    with _named(path, SafetensorError):
        return load_file(path)


def file_hash(path: str | Path | None) -> str | None:
    """SHA-256 of the bytes of a file; None if there is no file."""
    if not path:
        return None
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_table(path: str | Path, columns: Mapping[str, Sequence], origin: dict, **constants: str) -> None:
    """Write columns of one length as Parquet (zstd), behind columns that are constant; NaN and None become null."""
    rows = len(next(iter(columns.values())))
    arrays = {name: _texts([value] * rows) for name, value in constants.items()}
    arrays |= {name: _to_arrow(values) for name, values in columns.items()}
    with replacing(path) as temporary:
        _write_parquet(pa.table(arrays), temporary, origin)


def read_table(path: str | Path) -> dict[str, np.ndarray]:
    """Columns of a Parquet table: numbers as float64 (null is NaN), text as object arrays (null is None)."""
    table = _read(path)
    return {name: _to_numpy(table.column(name)) for name in table.column_names}


def read_frame(path: str | Path) -> "pd.DataFrame":
    """A Parquet table as a pandas data frame."""
    return _read(path).to_pandas()


def read_frames(files: Iterable[str | Path]) -> list["pd.DataFrame"]:
    """Parquet tables as pandas data frames; one error tells of all that cannot be read."""
    files = list(files)
    try:
        return [read_frame(path) for path in files]
    except UnreadableError:
        raise _all_unreadable(files) from None


def read_ids(path: str | Path) -> list[str]:
    """Ids of the images of a table, in its order."""
    return _read(path, ["image_id"]).column(0).to_pylist()


def read_images(array: str | Path, table: str | Path) -> dict[str, np.ndarray]:
    """The images of an npy file by their ids in a table."""
    return dict(zip(read_ids(table), read_array(array), strict=True))


def read_origin(path: str | Path) -> dict:
    """Provenance of a Parquet file."""
    with _named(path):
        return json.loads(pq.read_schema(path).metadata[_METADATA_KEY])


def write_pairs(
    path: str | Path,
    ids: Mapping[str, Sequence[str]],
    positions: tuple[np.ndarray, np.ndarray],
    similarity: np.ndarray,
    origin: dict,
) -> None:
    """Write pairs as Parquet (zstd): two dictionary-encoded id columns and ``similarity`` float32.

    ``ids`` names the two columns and gives the ids of the images on either side; ``positions`` are the pairs' rows
    and columns among them.
    """
    columns = {
        name: pa.DictionaryArray.from_arrays(_numbers(places.astype(np.int32)), _texts(known))
        for (name, known), places in zip(ids.items(), positions, strict=True)
    }
    columns["similarity"] = _numbers(similarity.astype(np.float32))
    with replacing(path) as temporary:
        _write_parquet(pa.table(columns), temporary, origin)


def read_pairs(files: Iterable[str | Path]) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Pairs of shard after shard: ids of the left images, ids of the right images, similarities.

    One batch of a million pairs is in memory at a time.
    """
    files = list(files)
    for position, path in enumerate(counted(files, "blocks")):
        try:
            for batch in _batches(path):
                left, right, values = batch.columns
                yield left, right, np.from_dlpack(values)
        except UnreadableError:
            raise _all_unreadable(files[position:]) from None


def read_matrix(files: Iterable[str | Path], left_ids: Sequence, right_ids: Sequence, *, symmetric: bool) -> np.ndarray:
    """Similarity matrix float32 (L, R) from its shards; NaN where nothing is stored.

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


def _all_unreadable(files: Sequence[str | Path]) -> UnreadableError:
    """One error about every file that cannot be read."""
    lines = []
    for path in files:
        try:
            _read(path)
        except UnreadableError as error:
            lines.append(str(error))
    return UnreadableError("\n".join(lines))


@contextlib.contextmanager
def _named(path: str | Path, *errors: type[Exception]) -> Iterator[None]:
    """Say of which file an error tells, and what to do about it."""
    try:
        yield
    except (pa.ArrowException, OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, *errors) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnreadableError(
            f"{path}: is not whole ({reason}); delete it and start the same command again, which computes it anew"
        ) from error


def reuse(path: str | Path, origin: dict) -> bool:
    """Put back a file that `keep` kept, if it is of the same origin and whole; whether that was done.

    Snakemake deletes what it is about to make anew, also where the job would make the same again.
    """
    kept = _kept(path)
    try:
        if not kept.exists() or read_origin(kept) != origin:
            return False
        _read(kept)
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
    """How many pairs shards hold; only their ends are read."""
    total = 0
    for path in files:
        with _named(path):
            total += pq.read_metadata(path).num_rows
    return total


def read_nearest(
    files: Iterable[str | Path], left_ids: Sequence, right_ids: Sequence, count: int, *, symmetric: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The ``count`` most similar right images of each left image, and those that tie with the last of them.

    Shards are read one after the other and what is not among the nearest is dropped on the way, so that memory depends
    on ``count`` and not on the number of pairs.

    Returns:
        Similarities float32 (L, W) in falling order, and the positions of the right images (L, W), the lower first
        where similarities are equal. W is the longest row; shorter ones end with NaN and -1.
    """
    row_of = {name: row for row, name in enumerate(left_ids)}
    column_of = {name: column for column, name in enumerate(right_ids)}
    kept = np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32)
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
    """Rows, columns and values of the ``count`` largest values of each row and their ties, by row and falling value."""
    rows, columns, values = map(np.concatenate, zip(*parts, strict=True))
    order = np.lexsort((columns, -values, rows))
    rows, columns, values = rows[order], columns[order], values[order]
    first = np.searchsorted(rows, rows)
    last = np.minimum(first + count, np.searchsorted(rows, rows, side="right")) - 1
    chosen = values >= values[last]
    return rows[chosen], columns[chosen], values[chosen]


def _to_arrow(values: Sequence) -> pa.Array:
    values = np.asarray(values)
    return _texts(values.tolist()) if values.dtype.kind in "OUS" else _numbers(values)


# pa.array would import pandas to see whether it was given something of its kind: half a second in every job.
def _numbers(values: np.ndarray) -> pa.Array:
    values = np.ascontiguousarray(values)
    buffers = [_valid(values == values), pa.py_buffer(values)]
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), buffers)


def _texts(values: Sequence[str | None]) -> pa.Array:
    encoded = [(value or "").encode() for value in values]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    valid = _valid(np.array([value is not None for value in values], bool))
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded)), valid)


def _valid(known: np.ndarray) -> pa.Buffer | None:
    return None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))


def _read(path: str | Path, columns: list[str] | None = None) -> pa.Table:
    # Not pq.read_table, which imports pandas: half a second in every job. The same goes for to_numpy.
    with _named(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
        return file.read(columns)


def _batches(path: str | Path) -> Iterator[pa.RecordBatch]:
    with _named(path):
        ids = pq.read_schema(path).names[:2]
        with pq.ParquetFile(path, read_dictionary=ids, page_checksum_verification=True) as shard:
            yield from shard.iter_batches(batch_size=1 << 20)


def _to_numpy(column: pa.ChunkedArray) -> np.ndarray:
    number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    return np.array(column.to_pylist(), np.float64 if number else object)


def _positions(ids: pa.DictionaryArray, position_of: dict[str, int]) -> np.ndarray:
    known = np.array([position_of[name] for name in ids.dictionary.to_pylist()], np.intp)
    return known[np.from_dlpack(ids.indices)]


def _write_parquet(table: pa.Table, path: Path, origin: dict) -> None:
    table = table.replace_schema_metadata({_METADATA_KEY: json.dumps(origin, sort_keys=True)})
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)
