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
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from genprint import __version__

if TYPE_CHECKING:
    import pandas as pd

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


class UnreadableError(ValueError):
    """Files of the pipeline that are missing, cut short or changed."""


class UnwritableError(ValueError):
    """A file for which there is no room or no permission."""


def provenance(*, code: str, seed: int, **parameters: Any) -> dict:
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
    with naming(path):
        return np.load(path, mmap_mode="r", allow_pickle=False)


def write_text(path: str | Path, text: str) -> None:
    """Write text as UTF-8 with line feeds."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_constants(path: str | Path, constants: Mapping[str, np.ndarray | float]) -> None:
    """Write named arrays or numbers as npz."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **constants)  # type: ignore[arg-type]  # no constant is called allow_pickle


def read_constants(path: str | Path | None) -> dict[str, np.ndarray | float]:
    """Named arrays and numbers of an npz file; none if there is no file."""
    if not path:
        return {}
    with naming(path), np.load(path, allow_pickle=False) as file:
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

    with naming(path, SafetensorError):
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
    arrays = {name: arrow_texts([value] * rows) for name, value in constants.items()}
    arrays |= {name: _to_arrow(values) for name, values in columns.items()}
    with replacing(path) as temporary:
        write_parquet(pa.table(arrays), temporary, origin)


def read_table(path: str | Path) -> dict[str, np.ndarray]:
    """Columns of a Parquet table: numbers as float64 (null is NaN), text as object arrays (null is None)."""
    table = read_parquet(path)
    return {name: _to_numpy(table.column(name)) for name in table.column_names}


def read_frame(path: str | Path) -> "pd.DataFrame":
    """A Parquet table as a pandas data frame."""
    return read_parquet(path).to_pandas()


def read_frames(files: Iterable[str | Path]) -> list["pd.DataFrame"]:
    """Parquet tables as pandas data frames; one error tells of all that cannot be read."""
    files = list(files)
    try:
        return [read_frame(path) for path in files]
    except UnreadableError:
        raise all_unreadable(files) from None


def read_ids(path: str | Path) -> list[str]:
    """Ids of the images of a table, in its order."""
    return read_parquet(path, ["image_id"]).column(0).to_pylist()


def read_images(array: str | Path, table: str | Path) -> dict[str, np.ndarray]:
    """The images of an npy file by their ids in a table."""
    return dict(zip(read_ids(table), read_array(array), strict=True))


def read_origin(path: str | Path) -> dict:
    """Provenance of a Parquet file."""
    with naming(path):
        return json.loads(pq.read_schema(path).metadata[_METADATA_KEY])


def all_unreadable(files: Sequence[str | Path]) -> UnreadableError:
    """One error about every file that cannot be read."""
    lines = []
    for path in files:
        try:
            read_parquet(path)
        except UnreadableError as error:
            lines.append(str(error))
    return UnreadableError("\n".join(lines))


@contextlib.contextmanager
def naming(path: str | Path, *errors: type[Exception]) -> Iterator[None]:
    """Say of which file an error tells, and what to do about it."""
    try:
        yield
    except (pa.ArrowException, OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, *errors) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnreadableError(
            f"{path}: is not whole ({reason}); delete it and start the same command again, which computes it anew"
        ) from error


def _to_arrow(values: npt.ArrayLike) -> pa.Array:
    column = np.asarray(values)
    return arrow_texts(column.tolist()) if column.dtype.kind in "OUS" else arrow_numbers(column)


# pa.array would import pandas to see whether it was given something of its kind: half a second in every job.
def arrow_numbers(values: np.ndarray) -> pa.Array:
    """Return numbers as an Arrow array; NaN becomes null."""
    values = np.ascontiguousarray(values)
    buffers = [_valid(values == values), pa.py_buffer(values)]
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), buffers)


def arrow_texts(values: Sequence[str | None]) -> pa.Array:
    """Return texts as an Arrow array; None becomes null."""
    encoded = [(value or "").encode() for value in values]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    valid = _valid(np.array([value is not None for value in values], bool))
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded)), valid)


def _valid(known: np.ndarray) -> pa.Buffer | None:
    return None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))


def read_parquet(path: str | Path, columns: list[str] | None = None) -> pa.Table:
    """Read a Parquet table, or some of its columns, and check the pages against their checksums."""
    # Not pq.read_table, which imports pandas: half a second in every job. The same goes for to_numpy.
    with naming(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
        return file.read(columns)


def _to_numpy(column: pa.ChunkedArray) -> np.ndarray:
    number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    return np.array(column.to_pylist(), np.float64 if number else object)


def write_parquet(table: pa.Table, path: Path, origin: dict) -> None:
    """Write a table as Parquet (zstd) with its provenance as metadata."""
    table = table.replace_schema_metadata({_METADATA_KEY: json.dumps(origin, sort_keys=True)})
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)
