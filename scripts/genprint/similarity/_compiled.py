"""Compiled kernels: one job compiles them, the others wait, and every later job on the machine loads them.

numba's own cache lies beside the source, which may be read-only, and knows a kernel by the file it is written in but
not by those whose functions it calls. So kernels are kept in the user's cache, in a folder for the state of all these
files, the versions, and the processor: nothing in it is ever out of date, and machines of a cluster can share a home.
"""

import contextlib
import functools
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import llvmlite.binding
import numba
from numba.core import config


def kernel(function: Callable) -> Callable:
    """Compile a function with numba, for the types it is first called with, to run beside other threads."""
    dispatcher = numba.njit(nogil=True, error_model="numpy")(function)
    if _folder():
        elsewhere, config.CACHE_DIR = config.CACHE_DIR, str(_folder())
        dispatcher.enable_caching()
        config.CACHE_DIR = elsewhere

    @functools.wraps(function)
    def call(*arguments):
        signature = tuple(map(numba.typeof, arguments))
        if signature not in dispatcher.overloads:
            name = f"{function.__module__} {function.__name__} {signature}"
            with _without_blas(), _one_at_a_time(dispatcher.stats.cache_path, name):
                dispatcher.compile(signature)
        return dispatcher(*arguments)

    return call


@contextlib.contextmanager
def _without_blas() -> Iterator[None]:
    """Keep numba from importing scipy.linalg, a third of a job's start, for linear algebra that no kernel uses.

    numba looks for it once, before the first thing it compiles; where scipy is there already, nothing changes.
    """
    hidden = "scipy.linalg" not in sys.modules
    if hidden:
        sys.modules["scipy.linalg"] = None
    try:
        yield
    finally:
        if hidden and sys.modules["scipy.linalg"] is None:
            del sys.modules["scipy.linalg"]


@contextlib.contextmanager
def _one_at_a_time(folder: str | None, name: str) -> Iterator[None]:
    """Let one process compile ``name`` into the folder while the others wait; where it is compiled, nobody waits."""
    if folder is None:
        yield
        return
    compiled = Path(folder) / hashlib.sha256(name.encode()).hexdigest()[:16]
    if compiled.exists():
        yield
        return
    with Path(folder, "lock").open("w") as lock:
        with contextlib.suppress(ImportError, OSError):  # without locks several compile the same, which does no harm
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        compiled.touch()


@functools.cache
def _folder() -> Path | None:
    """The first that can be written of ``$GENPRINT_CACHE``, ``$NUMBA_CACHE_DIR`` and the user's cache."""
    user = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    for cache in (os.environ.get("GENPRINT_CACHE"), os.environ.get("NUMBA_CACHE_DIR"), Path(user) / "genprint"):
        if cache:
            folder = Path(cache).absolute() / f"kernels-{_state()}"
            with contextlib.suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
                tempfile.TemporaryFile(dir=folder).close()
                return folder
    return None


def _state() -> str:
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("_*.py")):
        digest.update(source.read_bytes())
    host = llvmlite.binding.get_host_cpu_name(), llvmlite.binding.get_host_cpu_features().flatten()
    for part in (sys.version, numba.__version__, llvmlite.__version__, *host):
        digest.update(part.encode())
    return digest.hexdigest()[:16]
