"""Jobs that a cluster has forgotten, as a controller that is restarted may: Snakemake waits for them for ever."""

import subprocess
import threading
import time
from collections.abc import Callable, Collection

EVERY, PATIENCE = 20, 120  # seconds


class LostJobs:
    """Which of the active jobs the cluster has not known for long."""

    def __init__(self, patience: float = PATIENCE):
        """Begin with no job missed."""
        self._patience = patience
        self._missed: dict[str, float] = {}
        self._told: set[str] = set()

    def look(self, active: Collection[str], known: Collection[str] | None, now: float) -> list[str]:
        """Return the jobs that are to be told of now, each once: active, and not known for as long as the patience.

        Args:
            active: ids of the jobs that Snakemake waits for.
            known: ids of the jobs that the cluster lists, ended ones too; None if it does not answer.
            now: seconds.
        """
        if known is None:  # nobody is missed by a controller that is down
            self._missed.clear()
            return []
        self._missed = {job: since for job, since in self._missed.items() if job not in known}
        lost = []
        for job in active:
            since = now if job in known else self._missed.setdefault(job, now)
            if now - since >= self._patience and job not in self._told:
                lost.append(job)
        self._told.update(lost)
        return lost


def words(lost: Collection[str]) -> str:
    """Say which jobs are lost and what to type."""
    jobs = f"job {next(iter(lost))}" if len(lost) == 1 else f"jobs {', '.join(lost)}"
    return (
        f"SLURM no longer knows {jobs}. If the run waits for nothing else, press Ctrl-C once and type the same command "
        "again: what is done stays done."
    )


def watch(active: Callable[[], Collection[str]], tell: Callable[[str], None]) -> None:
    """Look at the jobs of a run from now on, beside it, and tell of those that SLURM has forgotten."""

    def go_on() -> None:
        lost = LostJobs()
        while True:
            time.sleep(EVERY)
            if found := lost.look(active(), known_jobs(), time.monotonic()):
                tell(words(found))

    threading.Thread(target=go_on, daemon=True, name="lost jobs").start()


def known_jobs() -> set[str] | None:
    """Return the ids of all jobs that squeue lists for this user; None if it does not answer."""
    command = ["squeue", "--me", "--noheader", "--states=all", "--format=%i"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return set(done.stdout.split())
