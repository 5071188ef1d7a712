"""A table: its frame, how it is set beside reported values, and how it is rendered for programs and for people."""

import html
import re
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from tabulate import tabulate

REPORTED_ONLY = "reported only"


BOUNDS = ("low", "high")


@dataclass(frozen=True)
class Table:
    """A table to be compared and rendered."""

    title: str
    keys: tuple[str, ...]
    """Columns that identify a row of the paper's table."""
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()
    digits: int = 3
    printed: pd.Series | None = None
    """Which rows of the frame Markdown and LaTeX have, bool; all of them if None. csv always has all."""


def compare(table: Table, reported: pd.DataFrame | None) -> Table:
    """Reported value and difference (ours - reported) beside every cell.

    Args:
        table: Ours.
        reported: The paper's table with the columns ``table.keys`` and any of the others. Rows that only it has are
            added without values of ours. None leaves the table as it is.

    Raises:
        ValueError: The reported table lacks key columns.
    """
    if reported is None:
        return table
    keys = list(table.keys)
    if missing := [key for key in keys if key not in reported]:
        raise ValueError(f"reported table lacks the columns {', '.join(missing)}; it has {', '.join(reported)}")
    reported = reported.astype(dict.fromkeys(keys, "str"))
    ours = table.frame.astype(dict.fromkeys(keys, "str"))
    absent = reported.merge(ours[keys].drop_duplicates(), on=keys, how="left", indicator=True)
    absent = absent.loc[absent["_merge"] == "left_only", keys].assign(Note=REPORTED_ONLY)
    ours = pd.concat([ours, absent], ignore_index=True)
    merged = ours.merge(
        reported.rename(columns=lambda name: name if name in keys else _reported(name)),
        on=keys,
        how="left",
    )
    columns = []
    for name in ours:
        columns.append(name)
        if _reported(name) in merged:
            columns.append(_reported(name))
            if pd.api.types.is_numeric_dtype(ours[name]):
                merged[_reported(name)] = merged[_reported(name)].astype(ours[name].dtype)
                merged[f"{name} difference"] = merged[name] - merged[_reported(name)]
                columns.append(f"{name} difference")
    only_reported = [name for name in merged if name not in columns]
    return replace(table, frame=merged[columns + only_reported], printed=None)


def render(table: Table) -> dict[str, str]:
    """The table as text by file extension: csv for programs, md and tex for people. Equal tables give equal bytes."""
    frame = table.frame
    if "Note" in frame:
        note = frame["Note"].fillna("")
        frame = frame.drop(columns="Note").assign(**({"Note": note} if note.any() else {}))
    bounds = {f"{name}{mark}{bound}" for name in frame for bound in BOUNDS for mark in " _"}
    shown = [name for name in frame if name not in bounds]
    numeric = [pd.api.types.is_numeric_dtype(frame[name]) for name in shown]
    printed = frame if table.printed is None else frame[table.printed]
    # A table without rows still needs one for its columns to be aligned.
    written = {name: _cells(printed, name, table.digits) or [""] for name in shown}
    layout: dict[str, Any] = {
        "headers": "keys",
        "disable_numparse": True,
        "colalign": ["right" if it else "left" for it in numeric],
    }
    marked = {_markdown(name): map(_markdown, column) for name, column in written.items()}
    listed = tabulate(marked, tablefmt="pipe", **layout)
    tabular = tabulate(written, tablefmt="latex_booktabs", **layout)
    caption = ". ".join([table.title, *(note.rstrip(".") for note in table.notes)]) + "."
    exact = frame.select_dtypes("float").round(6) + 0.0  # + 0.0: no -0
    return {
        "csv": frame.assign(**exact).to_csv(index=False, lineterminator="\n", float_format="%.6f"),
        "md": "\n\n".join([f"**{table.title}**", listed, *table.notes]) + "\n",
        "tex": "\n".join([r"\begin{table}", rf"\caption{{{caption}}}", tabular, r"\end{table}", ""]),
    }


def _reported(name: str) -> str:
    return f"{name} reported"


def _cells(frame: pd.DataFrame, name: str, digits: int) -> list[str]:
    """A column as text, each value with its interval in brackets if the frame has one."""
    values = [_text(name, value, digits) for value in frame[name]]
    for mark in " _":
        bounds = [f"{name}{mark}{bound}" for bound in BOUNDS]
        if set(bounds) <= set(frame):
            texts = [[_text(name, value, digits) for value in frame[bound]] for bound in bounds]
            return [
                f"{value} [{low}, {high}]" if low else value for value, low, high in zip(values, *texts, strict=True)
            ]
    return values


def _text(name: str, value: object, digits: int) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        sign = "+" if name.endswith(" difference") else ""
        return f"{round(value, digits) + 0.0:{sign}.{digits}f}"
    return " ".join(str(value).split())


def _markdown(text: str) -> str:
    """Text that Markdown shows as it is."""
    return re.sub(r"([\\`*_\[\]|~])", r"\\\1", html.escape(text, quote=False))
