"""What the terminal says before and after a benchmark; nothing here imports numpy or pandas."""

import csv
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from genprint.plan.runs import Plan
from genprint.runtime.failures import HEADING, logged_failure

WIDTH = 100


def planned(plan: Plan, pairs: int) -> Iterator[str]:
    """Say how much a configuration asks for, and which combinations were left out and why, line by line."""
    datasets = len({run.dataset for run in plan.runs})
    yield f"Planned: {_counted(len(plan.runs), 'run')} on {_counted(datasets, 'data set')}, {pairs:,} pairs of images."
    yield from (f"Left out: {line}." for line in plan.dropped)


def failure(logs: Mapping[str, str], *, interrupted: bool = False) -> str:
    """Say what went wrong, from the logs of the jobs that failed, by the names of their files; each reason once.

    With ``interrupted`` the user has stopped the run, which is why jobs stopped without a message.
    """
    of_reason = defaultdict(list)
    for name, text in logs.items():
        reason = logged_failure(text)
        if reason or not interrupted:
            of_reason[reason or "stopped without a message, for lack of memory or of time perhaps"].append(name)
    if interrupted and not of_reason:
        return "\nStopped, as you asked. Type the same command again to go on: what is finished stays."
    reasons = [f"{explanation}\n    (log: {_first(names)})" for explanation, names in of_reason.items()]
    return "\n\n".join(["", HEADING, *reasons, "Correct it and type the same command again: what is finished stays."])


def findings(made: Iterable[Path]) -> str:
    """Say what was found, a paragraph for each data set, and where to read on; ``made`` are all files of the run.

    Empty if neither verdicts nor a report were asked for.
    """
    made = sorted(made)
    paragraphs = [
        textwrap.fill(f"{row['dataset']}: {row['verdict']}. {row['text']}", WIDTH, subsequent_indent="    ")
        for file in made
        if file.name == "verdicts.csv"
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    ]
    places = [("Run files", [file for file in made if file.parent.name == "submissions" and file.suffix == ".zip"])]
    places += [("Report", [file for file in made if file.name == "report.html"])]
    lines = [f"{name}: {', '.join(map(str, files))}" for name, files in places if files]
    return "\n".join(["", *paragraphs, "", *lines]) if paragraphs or lines else ""


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _first(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
