"""The tables about copies of a benchmark: those of all its data sets, one below the other."""

from collections.abc import Mapping, Sequence

import pandas as pd

from genprint.copies.release import WITHHOLD
from genprint.tables.table import Table

TITLES = {
    "release": "What may be published",
    "exposed": "Whose images were copied",
    "copies": "Copies",
    "spikes": "Perturbed copies that would have been found",
}
KEYS = {
    "release": ("dataset", "image_id"),
    "exposed": ("dataset", "unit", "id"),
    "copies": ("dataset",),
    "spikes": ("dataset", "kind", "strength"),
}
NOTES = {
    "release": (
        "One row for each generated image in release.csv; elsewhere, those to be withheld: copies at a false discovery "
        "rate (q) of at most 0.05, and images with the pixels of a real one.",
    ),
    "exposed": ("Patients first, then images. How the nearest copy was made of the real image stands behind it.",),
    "copies": ("In brackets, Wilson's 95 % interval by patient.",),
    "spikes": (
        "Each alone among the generated images; a spike counts if its own patient is flagged. In brackets, Wilson's "
        "95 % interval by patient.",
    ),
}


def copy_tables(judged: Mapping[str, Sequence[pd.DataFrame]]) -> dict[str, Table]:
    """Return the tables by name.

    Args:
        judged: by name, the tables of each data set (`genprint.copies.tables`); any of `TITLES`.
    """
    tables = {}
    for name, parts in judged.items():
        frame = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
        printed = frame["action"] == WITHHOLD if name == "release" else None
        tables[name] = Table(TITLES[name], KEYS[name], frame, NOTES[name], printed=printed)
    return tables
