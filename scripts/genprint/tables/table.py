"""A table: its frame, how it is set beside reported values, stored whole, and rendered for programs and for people."""

import html
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from tabulate import tabulate

from genprint.files import provenance, read_origin, read_parquet, replacing, write_parquet

REPORTED_ONLY = "reported only"

BOUNDS = ("low", "high")
_PRINTED = "printed"


@dataclass(frozen=True)
class Table:
    """A table to be compared, stored and rendered."""

    title: str
    keys: tuple[str, ...]
    """Columns that identify a row of the paper's table."""
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()
    digits: int = 3
    printed: pd.Series | None = None
    """Which rows of the frame Markdown and LaTeX have, bool; all of them if None. csv always has all."""


def store(table: Table, path: str | Path, *, code: str, seed: int) -> None:
    """Write a table as Parquet, from which `load` reads it whole: types, exact numbers, title, keys, notes, digits."""
    frame = table.frame if table.printed is None else table.frame.assign(**{_PRINTED: table.printed})
    about = {"title": table.title, "keys": table.keys, "notes": table.notes, "digits": table.digits}
    with replacing(path) as temporary:
        columns = pa.Table.from_pandas(frame, preserve_index=False)
        write_parquet(columns, temporary, provenance(code=code, seed=seed, table=about))


def load(path: str | Path) -> Table:
    """Return a table as `store` was given it; whole numbers become nullable (Int64)."""
    about = read_origin(path)["parameters"]["table"]
    frame = read_parquet(path).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    printed = frame.pop(_PRINTED) if _PRINTED in frame else None
    return Table(about["title"], tuple(about["keys"]), frame, tuple(about["notes"]), about["digits"], printed)


def compare(table: Table, reported: pd.DataFrame | None) -> Table:
    """Set the reported value and the difference (ours - reported) beside every cell.

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
    """Return the table as text by file extension: csv for programs, md and tex for people.

    Equal tables give equal bytes.
    """
    frame = noted(table.frame)
    names = own_columns(frame)
    sides = ["right" if pd.api.types.is_numeric_dtype(frame[name]) else "left" for name in names]
    printed = frame if table.printed is None else frame[table.printed]
    # A table without rows still needs one for its columns to be aligned.
    written = {name: cells(printed, name, table.digits) or [""] for name in names}
    layout: dict[str, Any] = {"headers": "keys", "disable_numparse": True, "colalign": sides}
    marked = {_markdown(name): map(_markdown, column) for name, column in written.items()}
    listed = tabulate(marked, tablefmt="pipe", **layout)
    tabular = tabulate(written, tablefmt="latex_booktabs", **layout)
    caption = ". ".join([table.title, *(note.rstrip(".") for note in table.notes)]) + "."
    return {
        "csv": csv(table),
        "md": "\n\n".join([f"**{table.title}**", listed, *table.notes]) + "\n",
        "tex": "\n".join([r"\begin{table}", rf"\caption{{{caption}}}", tabular, r"\end{table}", ""]),
    }


def csv(table: Table) -> str:
    """Return all rows and columns as csv, numbers to six decimals."""
    frame = noted(table.frame)
    exact = frame.select_dtypes("float").round(6) + 0.0  # + 0.0: no -0
    return frame.assign(**exact).to_csv(index=False, lineterminator="\n", float_format="%.6f")


def own_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns with a place of their own: all but the bounds, which stand beside their value."""
    bounds = {bound for name in frame for bound in bounds_of(frame, name) or ()}
    return [name for name in frame if name not in bounds]


def bounds_of(frame: pd.DataFrame, name: str) -> tuple[str, str] | None:
    """Return the columns with the interval of a column: ``x_low`` and ``x_high``, or ``X low`` and ``X high``."""
    pairs = ((f"{name}{mark}low", f"{name}{mark}high") for mark in " _")
    return next((pair for pair in pairs if set(pair) <= set(frame)), None)


def cells(frame: pd.DataFrame, name: str, digits: int) -> list[str]:
    """Return a column as text, each value with its interval in brackets if the frame has one."""
    values = [_text(name, value, digits) for value in frame[name]]
    if not (bounds := bounds_of(frame, name)):
        return values
    low, high = ([_text(bound, value, digits) for value in frame[bound]] for bound in bounds)
    return [interval(*texts) for texts in zip(values, low, high, strict=True)]


def interval(value: str, low: str, high: str) -> str:
    """Return ``value [low, high]``, with ? for a bound that was not reached, or the value alone without any bound."""
    return f"{value} [{low or '?'}, {high or '?'}]" if low or high else value


def noted(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with its notes as the last column, or without the column if no row has any."""
    if "Note" not in frame:
        return frame
    note = frame["Note"].fillna("")
    return frame.drop(columns="Note").assign(**({"Note": note} if note.any() else {}))


def _reported(name: str) -> str:
    return f"{name} reported"


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
