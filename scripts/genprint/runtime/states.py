"""Which combinations of a benchmark are done, which failed, which are missing: read from files, nothing computed."""

from collections.abc import Iterable
from pathlib import Path

from genprint.plan.runs import Run
from genprint.runtime.failures import DONE, FAILED


def states(runs: Iterable[Run], results: Path, logs: Path) -> list[tuple[str, ...]]:
    """Return rows (dataset, variant, encoder, similarity, state, detail), in the order of the runs.

    The state is "done" if the metrics are there; "failed" if a job on the way to them ended in an error, with the last
    line of that error as detail; else "missing", with the job that was started and has not ended (it is running, or was
    killed) as detail.
    """
    return [(*run, *_state(run, results, logs)) for run in runs]


def listing(rows: Iterable[tuple[str, ...]]) -> str:
    """Return the rows as text, one line each, under how many there are of each state."""
    rows = list(rows)
    states = [row[4] for row in rows]
    counts = ", ".join(f"{states.count(state)} {state}" for state in ("done", "failed", "missing"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([counts, *lines])


def _state(run: Run, results: Path, logs: Path) -> tuple[str, str]:
    if (results / run.dataset / "metrics" / f"{run.path}.parquet").exists():
        return "done", ""
    detail = ""
    for log in _logs(run, logs):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        if lines and lines[-1].startswith(FAILED):
            said = [line for line in lines[:-1] if line.strip()]
            return "failed", f"{log}: {said[-1] if said else ''}"
        if not (lines and lines[-1].startswith(DONE)):
            detail = f"started, not ended: {log}"
    return "missing", detail


def _logs(run: Run, logs: Path) -> list[Path]:
    """Return the logs of the jobs that a run needs, in the order of the jobs."""
    dataset, way = logs / run.dataset, f"{run.variant}/{run.encoder}"
    found = [logs / "phantom.log", dataset / "images.log", dataset / f"variants/{run.variant}.log"]
    found += [dataset / f"features/{way}/{step}.log" for step in ("train", "encode")]
    found += sorted((dataset / f"similarity/{run.path}").rglob("*.log"))
    found += [dataset / f"evaluation/{run.path}.log"]
    return [log for log in found if log.is_file()]
