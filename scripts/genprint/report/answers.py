"""What the owner of the images asks first: whose scans are in there, what to withhold, what may have been missed."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from genprint.copies.recovery import ALL
from genprint.tables.table import Table, interval

NAMED = 3
"""Patients that are named in a line; the others are counted."""


class Answer(NamedTuple):
    """The line of a data set."""

    dataset: str
    kind: str
    verdict: str
    whose: str
    """The patients whose scans are in the release."""
    withhold: str
    """How many generated images must not leave."""
    recovered: str
    """The share of perturbed copies that would have been found."""
    membership: str
    """How well used images are told from the others without copies being looked for: an AUC with its interval."""


def answers(tables: Mapping[str, Table]) -> list[Answer]:
    """Return the answers of the tables "verdicts", "copies", "exposed" and "spikes", in the order of the verdicts.

    Without a search for copies, what it would say is empty.
    """
    searched = "copies" in tables
    return [
        Answer(
            verdict["dataset"],
            verdict["kind"],
            verdict["verdict"],
            _whose(*(_of(tables[name], verdict["dataset"]) for name in ("exposed", "copies"))) if searched else "",
            _withhold(_of(tables["copies"], verdict["dataset"])) if searched else "",
            _recovered(_of(tables["spikes"], verdict["dataset"])) if searched else "",
            _membership(verdict),
        )
        for verdict in tables["verdicts"].frame.to_dict("records")
    ]


def _of(table: Table, dataset: str) -> pd.DataFrame:
    return table.frame[table.frame["dataset"] == dataset]


def _whose(exposed: pd.DataFrame, copies: pd.DataFrame) -> str:
    patients = exposed.loc[exposed["unit"] == "patient", "id"].tolist()
    if not patients and not copies["tail_held"].astype(bool).all():
        return "cannot say: nobody’s by equal pixels, and nothing else could be judged"
    if not patients:
        return "nobody’s that was found"
    named = ", ".join(map(str, patients[:NAMED]))
    return named + (f" and {len(patients) - NAMED:,} more" if len(patients) > NAMED else "")


def _withhold(copies: pd.DataFrame) -> str:
    return "; ".join(f"{row['n_copies']:,} of {row['generated_images']:,}" for row in copies.to_dict("records"))


def _recovered(spikes: pd.DataFrame) -> str:
    whole = spikes[(spikes["kind"] == ALL) & (spikes["n"] > 0)]
    if whole.empty:
        return "not measured"
    share, low, high = (f"{100 * float(whole[name].iloc[0]):.0f}" for name in ("share", "low", "high"))
    return f"{interval(share, low, high)} % of copies"


def _membership(verdict: Mapping) -> str:
    numbers = [verdict.get(name) for name in ("auc", "auc_low", "auc_high")]
    if numbers[0] is None or pd.isna(numbers[0]):
        return ""
    value, low, high = ("" if number is None or pd.isna(number) else f"{number:.2f}" for number in numbers)
    return f"AUC {interval(value, low, high)}"
