"""Run files for the challenge: one decision for each image of unknown label."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class RunFormat:
    """How a run file is written; comma between the columns, decisions 0 (not used) and 1 (used)."""

    extension: str = ""
    """What follows the image id, for example ``.png``."""
    header: bool = False
    columns: tuple[str, str] = ("id", "score")
    """Names of the image column and of the decision column; they appear in a header only."""
    decision_first: bool = False


PRESETS = {
    # Rules of the official validator of 2023.
    "imageclef2023": RunFormat(),
    # The official form of 2024 and 2025 could not be verified; participants used these two.
    "imageclef2024": RunFormat(extension=".png"),
    "imageclef2025": RunFormat(extension=".png"),
    "original-image-label": RunFormat(".png", header=True, columns=("original_image", "label")),
}


def run_format(preset: str, **changes: object) -> RunFormat:
    """A preset with the given fields changed; None leaves a field as it is. Raises ValueError for an unknown preset."""
    if preset not in PRESETS:
        raise ValueError(f"submissions.preset: {preset!r} is not known; write one of: {', '.join(PRESETS)}")
    return replace(PRESETS[preset], **{name: value for name, value in changes.items() if value is not None})


def run_file(image_ids: Sequence[str], decisions: Sequence[float], form: RunFormat) -> str:
    """Text of a run file, in the order of the images.

    Args:
        image_ids: Ids without extension.
        decisions: 1 used, 0 not used; NaN is no decision.
        form: One of `PRESETS` or another format.

    Raises:
        ValueError: Images without a decision, and everything `check_run_file` finds.
    """
    decisions = np.asarray(decisions, np.float64)
    undecided = [name for name, one in zip(image_ids, decisions, strict=True) if np.isnan(one)]
    if undecided:
        raise ValueError(f"no decision for {', '.join(undecided)}; choose another score or threshold rule")
    rows = [(f"{name}{form.extension}", f"{one:g}") for name, one in zip(image_ids, decisions, strict=True)]
    rows = [form.columns, *rows] if form.header else rows
    lines = [",".join(reversed(row) if form.decision_first else row) for row in rows]
    text = "".join(f"{line}\n" for line in lines)
    check_run_file(text, image_ids, form)
    return text


def check_run_file(text: str, image_ids: Iterable[str], form: RunFormat) -> None:
    """Check what the official validator checks: two columns, every id once, decisions 0 or 1.

    That refuses a header or an extension where there should be none, ``0.0``, a blank line, and
    unknown, doubled or missing ids.

    Raises:
        ValueError: Lists every offending line and id.
    """
    expected = dict.fromkeys(f"{name}{form.extension}" for name in image_ids)
    rows = list(csv.reader(io.StringIO(text), quoting=csv.QUOTE_NONE))
    header = tuple(reversed(form.columns)) if form.decision_first else form.columns
    problems = []
    first = 1
    if form.header:
        first = 2
        if tuple(rows[:1]) != (list(header),):
            problems.append(f"line 1: the header must be {','.join(header)}")
    seen: Counter[str] = Counter()
    for number, row in enumerate(rows[first - 1 :], first):
        if len(row) != 2:
            problems.append(f"line {number}: {len(row)} columns instead of 2")
            continue
        name, decision = reversed(row) if form.decision_first else row
        seen[name] += 1
        if name not in expected:
            problems.append(f"line {number}: unknown image {name!r}")
        elif seen[name] == 2:
            problems.append(f"line {number}: {name!r} is there already")
        if decision not in ("0", "1"):
            problems.append(f"line {number}: {decision!r} instead of 0 or 1")
    problems += [f"{name!r} is missing" for name in expected if name not in seen]
    if problems:
        raise ValueError("the run file breaks the rules:\n" + "\n".join(problems))
