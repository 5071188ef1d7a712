"""One GPU for one job at a time. Snakemake counts GPUs, but does not say which one a job may use.

A lease is an exclusive lock on a file for each GPU, in a folder of this user on this machine. The system lets go of it
when the process ends, however it ends. Import this before torch, which looks for GPUs once.
"""

import contextlib
import getpass
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

VISIBLE = "CUDA_VISIBLE_DEVICES"
SECONDS_BETWEEN_TRIES = 1.0


def devices() -> list[str]:
    """List the GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them; read without any library for GPUs.

    Inside a SLURM job these are the ones that SLURM gave, whatever else the node has.
    """
    if VISIBLE in os.environ:
        return [device.strip() for device in os.environ[VISIBLE].split(",") if device.strip() not in ("", "-1")]
    if "SLURM_JOB_ID" in os.environ:
        return []
    numbered = [file.name.removeprefix("nvidia") for file in Path("/dev").glob("nvidia[0-9]*")]
    if numbered:
        return sorted(numbered, key=int)
    return ["0"] if Path("/dev/dxg").exists() else []  # Linux on Windows


@contextlib.contextmanager
def leased(wanted: int | None) -> Iterator[str | None]:
    """Hold one GPU, the only one that this process sees inside the block; yield its name.

    A job that wants none (0 or None) sees none, so that what it computes does not depend on where it runs. Where there
    is no GPU, or where SLURM has given the job one, there is nothing to choose. Waits while others hold all of them.
    """
    found = devices() if wanted else []
    if not found:
        with _visible(""):
            yield None
    elif len(found) == 1 and "SLURM_JOB_ID" in os.environ:
        yield found[0]
    else:
        device, lock = _first_free(found)
        with lock, _visible(device):
            yield device


def _first_free(found: list[str]) -> tuple[str, FileLock]:
    """Return a device and its lock, which is held; another process may have to let go first."""
    folder, told = _folder(), False
    while True:
        for device in found:
            lock = FileLock(folder / f"{device.replace('/', '-')}.lock")
            with contextlib.suppress(Timeout):
                lock.acquire(blocking=False)
                return device, lock
        if not told:
            print(f"waiting for a GPU: other jobs hold {', '.join(found)}", flush=True)
            told = True
        time.sleep(SECONDS_BETWEEN_TRIES)


def _folder() -> Path:
    """Return the folder of the locks: each SLURM allocation has its own, as two of them may both call a GPU 0."""
    folder = Path(tempfile.gettempdir(), f"genprint-gpus-{getpass.getuser()}", os.environ.get("SLURM_JOB_ID", ""))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def _visible(device: str) -> Iterator[None]:
    before = os.environ.get(VISIBLE)
    os.environ[VISIBLE] = device
    try:
        yield
    finally:
        os.environ.pop(VISIBLE)
        if before is not None:
            os.environ[VISIBLE] = before
