"""Files of the pipeline: npy arrays, Parquet tables and Parquet shards of pairs.

A file appears whole or not at all: it is written under a temporary name in its own folder and then renamed. What was
cut short or changed afterwards is never read as data: Parquet pages carry checksums, and every error names its files.
Every Parquet file carries its provenance (parameters, code version, seed, library versions) as metadata.
"""

import contextlib
import glob
import hashlib
import json
import os
import platform
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from genprint import __version__

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

    What a job that was killed has left of the same file goes, too, but not what one that lives on is still writing.

    Raises UnwritableError where the system refuses: a full disk, a read-only folder.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
            if not Path("/proc", left.suffixes[-2][1:]).exists():
                left.unlink(missing_ok=True)
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


def write_table(path: str | Path, table: pd.DataFrame, schema: pa.Schema, origin: dict) -> None:
    """Write a table as Parquet (zstd) in the order of its schema, with its provenance; NaN and None become null.

    Raises:
        ValueError: Columns that are missing or not declared, or values of another type; all of them are listed.
    """
    wrong = [f"the schema declares no column `{name}`" for name in table if name not in schema.names]
    columns = []
    for field in schema:
        try:
            columns.append(pa.array(table[field.name], field.type, from_pandas=True))
        except KeyError:
            wrong.append(f"the column `{field.name}` is missing")
        except pa.ArrowException as error:
            wrong.append(f"the column `{field.name}` is not all {field.type}: {str(error).splitlines()[0]}")
    if wrong:
        raise ValueError(
            f"{path}: {'; '.join(wrong)}. Correct the table, or the schema beside the function that makes it"
        )
    with replacing(path) as temporary:
        write_parquet(pa.table(columns, schema=schema), temporary, origin)


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a Parquet table; null is NaN."""
    return read_parquet(path).to_pandas()


def read_tables(files: Iterable[str | Path]) -> list[pd.DataFrame]:
    """Read Parquet tables; one error names all that cannot be read."""
    files = list(files)
    try:
        return [read_table(path) for path in files]
    except UnreadableError:
        raise all_unreadable(files) from None


def read_csv(path: str | Path) -> pd.DataFrame:
    """Read a csv file of texts as it is: a name such as nan, null or 007 is a name."""
    with naming(path):
        return pd.read_csv(path, dtype=str, keep_default_na=False)


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
    """Say of which file an error tells, and what to do about it.

    What the system refuses says nothing about the file: no memory, no permission, too many open files.
    """
    try:
        yield
    except MemoryError:
        raise
    except FileNotFoundError as error:
        raise UnreadableError(f"{path}: is missing; start the same command again, which computes it anew") from error
    except (pa.ArrowException, OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, *errors) as error:
        if isinstance(error, OSError) and error.errno:
            raise OSError(error.errno, error.strerror, str(path)) from error
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnreadableError(
            f"{path}: is not whole ({reason}); delete it and start the same command again, which computes it anew"
        ) from error


def read_parquet(path: str | Path, columns: list[str] | None = None) -> pa.Table:
    """Read a Parquet table, or some of its columns, and check the pages against their checksums."""
    with naming(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
        return file.read(columns)


def write_parquet(table: pa.Table, path: Path, origin: dict) -> None:
    """Write an Arrow table as Parquet (zstd) with its provenance beside what its schema says."""
    metadata = (table.schema.metadata or {}) | {_METADATA_KEY: json.dumps(origin, sort_keys=True)}
    pq.write_table(table.replace_schema_metadata(metadata), path, compression="zstd", write_page_checksum=True)
