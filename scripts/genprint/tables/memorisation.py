"""The table of what generators memorise."""

from collections.abc import Mapping

import pandas as pd

from genprint.limits.memorisation import KEYS, TPR
from genprint.tables.table import Table

FIRST = ["dataset", "generator", "varied", "level", "trained_on"]
HEADINGS = {"n_mem": "N_mem", "n_copies": "N_copies", "unused_copied": "unused copied", "auc": "AUC", TPR: "TPR"}
BOUNDS = ("", "_low", "_high")


def printed(memorisation: pd.DataFrame, methods: pd.DataFrame, generators: Mapping[str, Mapping]) -> Table:
    """Make a table with N_mem, N_copies, and the AUC and TPR at 1 % FPR of every method beside them.

    Args:
        memorisation: As `genprint.limits.memorisation.memorisation_table` gives it.
        methods: As `genprint.limits.memorisation.methods_table` gives it.
        generators: Generator, option and levels of each, as configured.
    """
    rows = memorisation.rename(columns=_headings("n_mem", "n_copies", "unused_copied"))
    for (variant, *method), own in methods.groupby(["variant", "encoder", "similarity"], sort=False):
        name = " ".join(method if variant == "original" else [variant, *method])
        headings = _headings("auc", TPR, of=f" {name}")
        rows = rows.merge(own[[*KEYS, *headings]].rename(columns=headings), on=KEYS, how="left")
    rows = rows.assign(varied=rows["generator"].map({name: entry["vary"] for name, entry in generators.items()}))
    return Table(
        "What generators memorise",
        ("dataset", "generator", "trained_on", "level"),
        rows[[*FIRST, *(name for name in rows if name not in FIRST)]],
        (
            "trained_on counts patients. N_mem: share of the training images that have a copy. N_copies: share of the "
            "generated images that are one. TPR: at 1 % FPR.",
            "Means over seeds with Student's 95 % interval; none where all seeds agree.",
        ),
        digits=2,
    )


def _headings(*measures: str, of: str = "") -> dict[str, str]:
    return {f"{name}{bound}": f"{HEADINGS[name]}{of}{bound.replace('_', ' ')}" for name in measures for bound in BOUNDS}
