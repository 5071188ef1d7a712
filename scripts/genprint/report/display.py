"""Tables as people read them: intervals beside their value, reported beside ours, and no more digits than matter."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from genprint.scoring.metrics import COUNTS

MOST_ROWS = 10_000
FIRST_ROWS = 25
_FIRST = ("auc", "real_only_auc", "kappa", "f1")
_WRITTEN = {"auc": "AUC", "f1": "F1", "fpr": "FPR", "tpr": "TPR", "mcc": "MCC", "percent": "%"}
_KEYS = ("dataset", "variant", "encoder", "similarity", "rule", "threshold_rule")


class Column(NamedTuple):
    """A column as it is shown."""

    name: str
    group: str
    """What reported, ours and difference belong to; the name for any other column."""
    number: bool


class Shown(NamedTuple):
    """A table as it is shown; its cells are text."""

    title: str
    columns: list[Column]
    groups: list[tuple[str, int]]
    """Names above the columns, each with how many it spans."""
    rows: list[tuple[str, ...]]
    compared: bool
    """True if reported values stand beside ours."""


class Browsable(NamedTuple):
    """A table to be sorted and filtered in the page."""

    data: dict
    """``rows``, and ``columns`` of name, values and either words (that the values count) or, perhaps, low and high."""
    first: Shown
    """What is there before the script, and without it."""
    left_out: int
    """Rows that only the csv file has."""


def displayed(title: str, frame: pd.DataFrame) -> Shown:
    """The table with the bounds of x written behind x, and reported | ours | difference side by side.

    Bounds are ``x_low`` and ``x_high``, or ``X low`` and ``X high`` in the papers' tables.
    """
    columns, cells = [], []

    def add(name: str, group: str, source: str) -> None:
        columns.append(Column(name, group, pd.api.types.is_numeric_dtype(frame[source])))
        cells.append(_cells(frame, source))

    for name in frame:
        if _belongs(frame, name):
            continue
        label = _label(name)
        if f"{name} reported" in frame:
            add("reported", label, f"{name} reported")
            add("ours", label, name)
            if f"{name} difference" in frame:
                add("difference", label, f"{name} difference")
        else:
            add(label, label, name)
    groups: list[tuple[str, int]] = []
    for column in columns:
        same = groups and groups[-1][0] == column.group
        groups[-1:] = [(column.group, groups[-1][1] + 1)] if same else [*groups[-1:], (column.group, 1)]
    return Shown(title, columns, groups, list(zip(*cells, strict=True)), len(groups) < len(columns))


def browsable(ablation: pd.DataFrame) -> Browsable:
    """All combinations, the largest AUC first; of more than `MOST_ROWS` the first so many."""
    order = dict.fromkeys([*_KEYS, *_FIRST, *(name for name in ablation if name not in COUNTS), *COUNTS])
    ranked = ablation[[name for name in order if name in ablation]]
    ranked = ranked.sort_values("auc", ascending=False, kind="stable", ignore_index=True)
    kept = ranked.head(MOST_ROWS)
    columns = [_column(kept, name) for name in kept if not _belongs(kept, name)]
    return Browsable(
        {"rows": len(kept), "columns": columns},
        displayed("All combinations", kept.head(FIRST_ROWS)),
        len(ranked) - len(kept),
    )


def _column(frame: pd.DataFrame, name: str) -> dict:
    values = frame[name]
    if not pd.api.types.is_numeric_dtype(values):
        codes, words = pd.factorize(values.fillna("").astype(str))
        return {"name": _label(name), "values": codes.tolist(), "words": words.tolist()}
    column = {"name": _label(name), "digits": _digits(values), "values": _rounded(values)}
    if bounds := _bounds(frame, name):
        column |= {"low": _rounded(frame[bounds[0]]), "high": _rounded(frame[bounds[1]])}
    return column


def _bounds(frame: pd.DataFrame, name: str) -> tuple[str, str] | None:
    """The columns with the interval of a column, if it has one."""
    pairs = ((f"{name}{space}low", f"{name}{space}high") for space in "_ ")
    return next((pair for pair in pairs if pair[0] in frame), None)


def _label(name: str) -> str:
    """The name of a column as it is read; those of the papers' tables are written for readers already."""
    return " ".join(_WRITTEN.get(word, word) for word in name.split("_"))


def _belongs(frame: pd.DataFrame, name: str) -> bool:
    """Whether a column is shown with another one."""
    return any(
        name.endswith(suffix) and name.removesuffix(suffix) in frame
        for suffix in ("_low", "_high", " low", " high", " reported", " difference")
    )


def _cells(frame: pd.DataFrame, name: str) -> list[str]:
    digits, sign = _digits(frame[name]), "+" if name.endswith(" difference") else ""
    texts = [_text(value, digits, sign) for value in frame[name]]
    if not (bounds := _bounds(frame, name)):
        return texts
    return [
        text if pd.isna(low) or pd.isna(high) else f"{text} [{_text(low, digits)}, {_text(high, digits)}]"
        for text, low, high in zip(texts, *(frame[bound] for bound in bounds), strict=True)
    ]


def _digits(values: pd.Series) -> int:
    """Decimals of a column: three, and fewer for large numbers; none for whole ones."""
    if not pd.api.types.is_float_dtype(values):
        return 0
    finite = values[np.isfinite(values)]
    if (finite == finite.round()).all() and finite.abs().max() > 1:
        return 0
    return 1 if finite.abs().max() >= 10 else 3


def _text(value: object, digits: int, sign: str = "") -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return f"{value:{sign}.{digits}f}"
    return str(value)


def _rounded(values: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else round(float(value), 4) for value in values]
