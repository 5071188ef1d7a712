"""The tables about copies as the page shows them: the columns and the rows that people need first."""

from collections.abc import Mapping
from dataclasses import replace

from genprint.report.display import FIRST_ROWS, Display, displayed
from genprint.tables.table import Table, bounds_of

_SUMMARY = [
    *("dataset", "n_copies", "n_copies_share", "n_mem", "n_mem_share", "patients_exposed", "patients_exposed_share"),
    *("exact_copies", "generated_images", "distinct_generated", "false_discovery_rate"),
    *("chance", "chance_patients", "least_similarity", "reason"),
]
_EXPOSED = [
    *("dataset", "unit", "id", "patient", "label", "copies", "exact", "similarity", "generated"),
    *("shift_x", "shift_y", "angle", "scale", "mirrored", "inverted"),
]


def copy_displays(tables: Mapping[str, Table]) -> list[Display]:
    """Return what the page shows of the tables about copies (`genprint.tables.copies`): none if it has none.

    Of long tables it has the first rows, and says how many more the csv file has.
    """
    if "copies" not in tables:
        return []
    return [
        displayed(_columns(tables["copies"], _SUMMARY)),
        _first(tables["release"], "release.csv"),
        _first(_columns(tables["exposed"], _EXPOSED), "exposed.csv"),
        displayed(tables["spikes"]),
    ]


def _columns(table: Table, names: list[str]) -> Table:
    kept = [column for name in names for column in (name, *(bounds_of(table.frame, name) or ()))]
    return replace(table, frame=table.frame[kept])


def _first(table: Table, file: str) -> Display:
    """The printed rows of a table; of more than `FIRST_ROWS`, so many."""
    printed = table.frame if table.printed is None else table.frame[table.printed]
    beyond = len(printed) - FIRST_ROWS
    notes = (*table.notes, f"{beyond} more rows are in tables/{file}.") if beyond > 0 else table.notes
    return displayed(replace(table, frame=printed.head(FIRST_ROWS), printed=None, notes=notes))
