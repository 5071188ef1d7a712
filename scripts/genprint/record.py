"""What one call of Snakemake did to a results folder: `run.json`, and a lock while it lasts.

The times of day are here and nowhere else: everything that jobs write depends on the configuration alone.
"""

import contextlib
import csv
import hashlib
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout

RUN = "run.json"
LOCK = ".lock"


class OccupiedError(ValueError):
    """Another run is at work on the same results."""


class Record:
    """The record of one call of Snakemake, in the folder of the results that it is at work on."""

    def __init__(self, folder: str, settings: Mapping, source: Path):
        """Nothing happens until `start`; ``source`` is the folder of the workflow."""
        self.folder = Path(folder)
        self.settings = settings
        self.source = source
        self.facts = {}
        # The system lets go of the lock when the process ends, however it ends: no stale lock stays.
        self.lock = FileLock(self.folder / LOCK, fallback_to_soft=False)

    def start(self) -> None:
        """Take the folder for this process alone, and note what is known at the start.

        Raises OccupiedError if another process has it, UnwritableError if it cannot be written.
        """
        # Here, because every job parses the workflow.
        from genprint.artifacts import UnwritableError, libraries

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.lock.acquire(blocking=False)
        except Timeout:
            raise OccupiedError(
                f"{self.folder}: another run is at work here ({_described(self.folder / RUN)}); wait until it ends, or "
                "give this one another benchmark name or --directory. Nothing was changed"
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
        files = Path(benchmarks).rglob("*.tsv")
        self.facts |= {"status": status, "end": _now(), "stages": stage_totals(benchmarks, files)}
        with contextlib.suppress(ValueError):  # whoever filled the disk has heard of it from a job
            self._write()
        self.lock.release()

    def _write(self) -> None:
        from genprint.artifacts import write_text

        write_text(self.folder / RUN, json.dumps(self.facts, indent=2) + "\n")


def stage_totals(folder: str | Path, files: Iterable[Path]) -> dict[str, dict[str, float]]:
    """Jobs, wall-clock and processor hours, and the largest memory in MB, by stage, from Snakemake's benchmark files.

    A file's stage is the first folder below that of its data set, or the name of a file that belongs to no data set.
    """
    totals: dict[str, dict[str, float]] = {}
    for file in sorted(files):
        parts = file.relative_to(folder).with_suffix("").parts
        stage = parts[min(1, len(parts) - 1)]
        if stage == "features":
            stage = parts[-1]
        with file.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows, delimiter="\t"):
                total = totals.setdefault(stage, {"jobs": 0, "wall_hours": 0.0, "cpu_hours": 0.0, "largest_mb": 0.0})
                total["jobs"] += 1
                total["wall_hours"] += _number(row["s"]) / 3600
                total["cpu_hours"] += _number(row.get("cpu_time")) / 3600
                total["largest_mb"] = max(total["largest_mb"], _number(row["max_rss"]))
    return {stage: {name: round(value, 4) for name, value in total.items()} for stage, total in totals.items()}


def _number(text: str | None) -> float:
    """Snakemake writes NA for what it could not measure in a very short job."""
    try:
        return float(text)
    except (TypeError, ValueError):
        return 0.0


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
    """The commit that is checked out, with "+changes" if files differ from it; None outside a repository."""
    commit = _output("git", "-C", str(source), "rev-parse", "HEAD")
    changed = commit and _output("git", "-C", str(source), "status", "--porcelain", "--untracked-files=no")
    return f"{commit}+changes" if changed else commit or None


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
