"""Run files for the challenge: one decision for each image of unknown label.

Nothing here imports numpy: the workflow chooses the run files while it is parsed, and a file is checked at once.
"""

import io
import math
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class RunFormat:
    """How a run file is written: a line for each image with its id and its decision, 0 (not used) or 1 (used)."""

    extension: str = ""
    """What follows the image id, for example ``.png``."""
    header: bool = False
    columns: tuple[str, str] = ("id", "score")
    """Names of the image column and of the decision column; they appear in a header only."""
    decision_first: bool = False
    separator: str = "comma"
    """A key of `SEPARATORS`."""


SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
PRESETS = {
    # Rules of the official validator of 2023.
    "imageclef2023": RunFormat(),
    # The official form of 2025 could not be verified; participants used this one.
    "imageclef2025": RunFormat(extension=".png"),
    # The other form that participants wrote.
    "imageclef2025-label": RunFormat(extension=".png", header=True, columns=("original_image", "label")),
    # For a reader of one's own; every part of it can be changed.
    "generic": RunFormat(header=True, columns=("image_id", "decision")),
}


def run_format(preset: str, **changes: Any) -> RunFormat:
    """Return a preset with some fields changed; None leaves a field as it is. Raises ValueError for unknown presets."""
    if preset not in PRESETS:
        raise ValueError(f"submissions.preset: {preset!r} is not known; write one of: {', '.join(PRESETS)}")
    return replace(PRESETS[preset], **{name: value for name, value in changes.items() if value is not None})


def run_file(image_ids: Sequence[str], decisions: Sequence[float], form: RunFormat) -> str:
    """Return the text of a run file, in the order of the images.

    Args:
        image_ids: Ids without extension.
        decisions: 1 used, 0 not used; NaN is no decision.
        form: One of `PRESETS` or another format.

    Raises:
        ValueError: Images without a decision, and everything `check_run_file` finds.
    """
    decided = list(zip(image_ids, decisions, strict=True))
    undecided = [name for name, one in decided if math.isnan(one)]
    if undecided:
        some = ", ".join(undecided[:5]) + (f" and {len(undecided) - 5:,} more" if len(undecided) > 5 else "")
        raise ValueError(f"no decision for {some}; choose another score or threshold rule")
    rows = [(f"{name}{form.extension}", f"{one:g}") for name, one in decided]
    rows = [form.columns, *rows] if form.header else rows
    text = "".join(f"{_line(row, form)}\n" for row in rows)
    check_run_file(text, image_ids, form)
    return text


def decoded(content: bytes) -> str:
    """Return the text of a file. Raises ValueError if it is none in UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line}: is no text in UTF-8; save the file as CSV UTF-8") from error


def check_run_file(text: str, image_ids: Iterable[str], form: RunFormat) -> None:
    """Check what the official validator of 2023 checks, for any format: every id once, each with a decision 0 or 1.

    This refuses a header or an extension where there should be none, ``0.0``, a blank line even at the end, another
    separator, and unknown, repeated or missing ids. Lines may be in any order, and blanks may stand around a decision.

    Raises:
        ValueError: Lists every offending line, by its number, and every missing id.
    """
    expected = dict.fromkeys(f"{name}{form.extension}" for name in image_ids)
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []
    problems = []
    if lines and lines[0].startswith("\ufeff"):
        problems.append("line 1: begins with a byte order mark; save the file as UTF-8 without it")
        lines[0] = lines[0][1:]
    body = list(enumerate(lines, 1))
    if form.header:
        header, body = _line(form.columns, form), body[1:]
        if lines[:1] != [header]:
            problems.append(f"line 1: the header must be {header}")
    line_of: dict[str, int] = {}
    for number, line in body:
        cells = line.split(SEPARATORS[form.separator])
        name, decision = cells[:: -1 if form.decision_first else 1] if len(cells) == 2 else ("", "")
        if not line.strip():
            problems.append(f"line {number}: is blank; remove it")
        elif len(cells) != 2:
            problems.append(f"line {number}: {len(cells)} columns instead of 2, separated by a {form.separator}")
        elif number == 1 and name not in expected and not decision.strip().replace(".", "", 1).isdigit():
            problems.append("line 1: is a header; remove it")
        else:
            if name not in expected:
                problems.append(f"line {number}: unknown image {name!r}{_meant(name, expected, form)}")
            elif name in line_of:
                problems.append(f"line {number}: {name!r} is in line {line_of[name]} already")
            line_of.setdefault(name, number)
            if decision.strip() not in ("0", "1"):
                problems.append(f"line {number}: {decision!r} instead of 0 or 1")
    problems += [f"{name!r} is missing" for name in expected if name not in line_of]
    decisions = sum(bool(line.strip()) for _, line in body)
    if problems and decisions != len(expected):
        problems.append(f"{decisions} lines for {len(expected)} images")
    if problems:
        raise ValueError("the run file breaks the rules:\n" + "\n".join(problems))


def archive(files: Mapping[str, bytes]) -> bytes:
    """Pack contents by name into a zip file; the same contents give the same bytes on any machine."""
    content = io.BytesIO()
    # Stored, because deflated bytes depend on the version of zlib; dated, because the clock must not show.
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as packed:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system, member.external_attr = 3, 0o644 << 16  # an ordinary file of Unix, wherever it is made
            packed.writestr(member, files[name])
    return content.getvalue()


def _line(row: Sequence[str], form: RunFormat) -> str:
    return SEPARATORS[form.separator].join(reversed(row) if form.decision_first else row)


def _meant(name: str, expected: Mapping[str, None], form: RunFormat) -> str:
    """What to write instead, if all that is wrong is the extension."""
    stem = name.strip().rpartition(".")[0] or name.strip()
    return f"; write {stem}{form.extension}" if f"{stem}{form.extension}" in expected else ""
