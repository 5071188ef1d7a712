"""Compiled kernels, kept by numba in the user's cache: a job loads what an earlier one compiled.

numba knows a kernel by its own file, its types and the processor, but not by the files whose functions it calls, so the
folder's name is a hash of all of these files and of the versions: no kernel in it is out of date.
"""

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import llvmlite
import numba


def _folder() -> Path:
    """Return the first that can be written: in ``$NUMBA_CACHE_DIR``, the user's cache, the temporary files."""
    versions = f"{sys.version} {numba.__version__} {llvmlite.__version__}".encode()
    sources = [file.read_bytes() for file in sorted(Path(__file__).parent.glob("_*.py"))]
    state = hashlib.sha256(b"".join([versions, *sources])).hexdigest()[:16]
    user = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "genprint")
    owner = getattr(os, "getuid", int)()
    for cache in (os.environ.get("NUMBA_CACHE_DIR") or user, user, tempfile.gettempdir()):
        with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: there is no home
            folder = Path(cache).expanduser().absolute() / f"genprint-kernels-{owner}-{state}"
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
            if folder.stat().st_uid == owner:  # code is loaded from it, so nobody else may own it
                return folder
    return Path(tempfile.mkdtemp(prefix="genprint-kernels-"))


numba.config.CACHE_DIR = str(_folder())  # type: ignore[attr-defined]  # numba makes its settings as it is imported
kernel: Callable[[Callable], Callable] = numba.njit(nogil=True, error_model="numpy", cache=True)
