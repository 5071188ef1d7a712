"""Tables as the page shows them: reported values beside ours, and no more digits than matter."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from genprint.scoring.metrics import COUNTS
from genprint.tables.table import Table, bounds_of, cells, noted, own_columns

MOST_ROWS = 10_000
FIRST_ROWS = 25
_FIRST = ("auc", "real_only_auc", "kappa", "f1")
_WRITTEN = {"auc": "AUC", "f1": "F1", "fpr": "FPR", "tpr": "TPR", "mcc": "MCC", "percent": "%", "permille": "‰"}
_NAMED = {"c_t": "C_T", "n_mem": "N_mem", "n_copies": "N_copies"}
"""Names that the literature writes with an index."""
_KEYS = ("dataset", "variant", "encoder", "similarity", "rule", "threshold_rule")


class Column(NamedTuple):
    """A column of the page."""

    name: str
    group: str
    """What reported, ours and difference belong to; the name for any other column."""
    number: bool


class Display(NamedTuple):
    """A table of the page; its cells are text."""

    title: str
    columns: list[Column]
    groups: list[tuple[str, int]]
    """Names above the columns, each with how many it spans."""
    rows: list[tuple[str, ...]]
    compared: bool
    """True if reported values stand beside ours."""
    notes: tuple[str, ...] = ()


class Browsable(NamedTuple):
    """A table to be sorted and filtered in the page."""

    data: dict
    """``rows``, and ``columns`` of name, values and either words (that the values count) or, perhaps, low and high."""
    first: Display
    """What is there before the script, and without it."""
    left_out: int
    """Rows that only the csv file has."""


def displayed(table: Table) -> Display:
    """Return the table with bounds written behind their value, and reported | ours | difference side by side."""
    frame = noted(table.frame)
    columns, texts = [], []

    def add(name: str, group: str, source: str) -> None:
        columns.append(Column(name, group, pd.api.types.is_numeric_dtype(frame[source])))
        texts.append(cells(frame, source, _digits(frame[source])))

    for name in own_columns(frame):
        if any(name.endswith(end) and name.removesuffix(end) in frame for end in (" reported", " difference")):
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
    rows = list(zip(*texts, strict=True))
    return Display(table.title, columns, groups, rows, len(groups) < len(columns), table.notes)


def browsable(ablation: Table) -> Browsable:
    """Return all combinations, the largest AUC first; of more than `MOST_ROWS` the first so many."""
    frame = noted(ablation.frame)
    order = dict.fromkeys([*_KEYS, *_FIRST, *(name for name in frame if name not in COUNTS), *COUNTS])
    ranked = frame[[name for name in order if name in frame]]
    ranked = ranked.sort_values("auc", ascending=False, kind="stable", ignore_index=True)
    best = ranked.head(MOST_ROWS)
    return Browsable(
        {"rows": len(best), "columns": [_column(best, name) for name in own_columns(best)]},
        displayed(Table(ablation.title, ablation.keys, best.head(FIRST_ROWS))),
        len(ranked) - len(best),
    )


def _column(frame: pd.DataFrame, name: str) -> dict:
    values = frame[name]
    if not pd.api.types.is_numeric_dtype(values):
        codes, words = pd.factorize(values.fillna("").astype(str))
        return {"name": _label(name), "values": codes.tolist(), "words": words.tolist()}
    column = {"name": _label(name), "digits": _digits(values), "values": _rounded(values)}
    if bounds := bounds_of(frame, name):
        column |= {"low": _rounded(frame[bounds[0]]), "high": _rounded(frame[bounds[1]])}
    return column


def _label(name: str) -> str:
    """The name of a column as it is read; those of the papers' tables are written for readers already."""
    return _NAMED.get(name) or " ".join(_WRITTEN.get(word, word) for word in name.split("_"))


def _digits(values: pd.Series) -> int:
    """Decimals of a column: three, and fewer for large numbers; none for whole ones."""
    if not pd.api.types.is_float_dtype(values):
        return 0
    finite = values[np.isfinite(values)]
    if (finite == finite.round()).all() and finite.abs().max() > 1:
        return 0
    return 1 if finite.abs().max() >= 10 else 3


def _rounded(values: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else round(float(value), 4) for value in values]
