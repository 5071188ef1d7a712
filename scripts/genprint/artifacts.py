"""Files of the pipeline: npy arrays, Parquet tables and Parquet shards of pairs.

A file appears whole or not at all: it is written under a temporary name in its own folder and then renamed.
Every Parquet file carries its provenance (parameters, code version, seed, library versions) as metadata.
"""

import contextlib
import hashlib
import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from genprint import __version__
from genprint.progress import counted

_METADATA_KEY = b"genprint"
_LIBRARIES = (
    "numpy",
    "scipy",
    "scikit-image",
    "opencv-python-headless",
    "torch",
    "numba",
    "pyarrow",
)


def provenance(*, code: str, seed: int, **parameters) -> dict:
    """What a Parquet file tells of its origin: parameters, code version, seed, library versions."""
    versions = {name: installed for name in _LIBRARIES if (installed := _version(name))}
    versions |= {"genprint": __version__, "python": platform.python_version()}
    return {"code": code, "seed": seed, "parameters": parameters, "versions": versions}


def _version(library: str) -> str | None:
    """None where a stage's own environment lacks the library."""
    try:
        return version(library)
    except PackageNotFoundError:
        return None


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A temporary file beside ``path`` that takes its place if the block ends well, and vanishes if not."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_array(path: str | Path, array: np.ndarray) -> None:
    """Write an npy file."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)


def read_array(path: str | Path) -> np.ndarray:
    """A read-only memory map of an npy file: pages are read when they are used."""
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
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] if file[name].ndim else file[name].item() for name in file.files}


def write_weights(path: str | Path, weights: Mapping[str, np.ndarray], origin: dict) -> None:
    """Write named arrays as safetensors, with their provenance as metadata."""
    from safetensors.numpy import save_file  # here, because only jobs with encoders have it

    with replacing(path) as temporary:
        save_file(dict(weights), temporary, metadata={_METADATA_KEY.decode(): json.dumps(origin, sort_keys=True)})


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
        pq.write_table(_with_origin(pa.table(arrays), origin), temporary, compression="zstd")


def read_table(path: str | Path) -> dict[str, np.ndarray]:
    """Columns of a Parquet table: numbers as float64 (null is NaN), text as object arrays (null is None)."""
    table = _read(path)
    return {name: _to_numpy(table.column(name)) for name in table.column_names}


def read_ids(path: str | Path) -> list[str]:
    """Ids of the images of a table, in its order."""
    return _read(path, ["image_id"]).column(0).to_pylist()


def read_images(array: str | Path, table: str | Path) -> dict[str, np.ndarray]:
    """The images of an npy file by their ids in a table."""
    return dict(zip(read_ids(table), read_array(array), strict=True))


def read_origin(path: str | Path) -> dict:
    """Provenance of a Parquet file."""
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
        pq.write_table(_with_origin(pa.table(columns), origin), temporary, compression="zstd")


def read_pairs(files: Iterable[str | Path]) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Pairs of shard after shard: ids of the left images, ids of the right images, similarities."""
    for path in counted(list(files), "blocks"):
        shard = pq.ParquetFile(path, read_dictionary=pq.read_schema(path).names[:2])
        for batch in shard.iter_batches(batch_size=1 << 20):
            left, right, values = batch.columns
            yield left, right, np.from_dlpack(values)


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
    with pq.ParquetFile(path) as file:
        return file.read(columns)


def _to_numpy(column: pa.ChunkedArray) -> np.ndarray:
    number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    return np.array(column.to_pylist(), np.float64 if number else object)


def _positions(ids: pa.DictionaryArray, position_of: dict[str, int]) -> np.ndarray:
    known = np.array([position_of[name] for name in ids.dictionary.to_pylist()], np.intp)
    return known[np.from_dlpack(ids.indices)]


def _with_origin(table: pa.Table, origin: dict) -> pa.Table:
    return table.replace_schema_metadata({_METADATA_KEY: json.dumps(origin, sort_keys=True)})
