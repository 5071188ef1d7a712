"""What one call of Snakemake did to a results folder: `run.json`, and a lock while it lasts.

The times of day are here and nowhere else: everything that jobs write depends on the configuration alone.
"""

import contextlib
import hashlib
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout

FACTS = "run.json"
LOCK = ".lock"


class OccupiedError(ValueError):
    """Another run is at work on the same results."""


class Record:
    """The record of one call of Snakemake, in the folder of the results that it is at work on."""

    def __init__(self, folder: str, settings: Mapping, source: Path):
        """Do nothing until `start`; ``source`` is the folder of the workflow."""
        self.folder = Path(folder)
        self.settings = settings
        self.source = source
        self.facts: dict = {}
        # The system lets go of the lock when the process ends, however it ends: no stale lock stays.
        self.lock = FileLock(self.folder / LOCK, fallback_to_soft=False)

    def start(self) -> None:
        """Take the folder for this process alone, and note what is known at the start.

        Raises OccupiedError if another process has it, UnwritableError if it cannot be written.
        """
        # Here, because every job parses the workflow.
        from genprint.files import UnwritableError, libraries

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.lock.acquire(blocking=False)
        except Timeout:
            raise OccupiedError(
                f"{self.folder}: another run is at work here ({_described(self.folder / FACTS)}); wait until it ends, "
                "or give this one another benchmark name or --directory. Nothing was changed"
            ) from None
        except OSError as error:
            raise UnwritableError(
                f"{self.folder}: cannot be written ({error}); give permission to write there, or choose another place "
                "with --directory"
            ) from error
        self.facts = {
            "status": "running",
            "command": sys.argv,
            "start": _now(),
            "end": None,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "cpu": _cpu(),
            "cores": os.cpu_count(),
            "gpus": _gpus(),
            "commit": _commit(self.source),
            "versions": {"snakemake": version("snakemake")} | libraries(),
            "config_sha256": hashlib.sha256(json.dumps(self.settings, sort_keys=True).encode()).hexdigest(),
            "config": self.settings,
        }
        self._write()

    def end(self, status: str, benchmarks: str) -> None:
        """Note how it ended ("done" or "failed"), and what each stage has cost so far; let go of the folder.

        Does nothing if this process has not taken it.
        """
        if not self.lock.is_locked:
            return
        from genprint.runtime.run_times import stage_table

        stages = stage_table(Path(benchmarks), self.settings["datasets"])
        self.facts |= {"status": status, "end": _now(), "stages": json.loads(stages.to_json(orient="records"))}
        with contextlib.suppress(ValueError):  # whoever filled the disk has heard of it from a job
            self._write()
        self.lock.release()

    def _write(self) -> None:
        from genprint.files import write_text

        write_text(self.folder / FACTS, json.dumps(self.facts, indent=2) + "\n")


def _described(file: Path) -> str:
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
        return f"process {facts['pid']} on {facts['host']} since {facts['start']}"
    except (OSError, ValueError, KeyError):
        return "it has not yet said which"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _gpus() -> list[str]:
    if not shutil.which("nvidia-smi"):
        return []
    return _output("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader").splitlines()


def _commit(source: Path) -> str | None:
    """Return the commit that is checked out, with "+changes" if files differ from it; None outside a repository."""
    commit = _output("git", "-C", str(source), "rev-parse", "HEAD")
    changed = commit and _output("git", "-C", str(source), "status", "--porcelain", "--untracked-files=no")
    return f"{commit}+changes" if changed else commit or None


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
