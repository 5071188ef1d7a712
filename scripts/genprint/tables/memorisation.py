"""The table of what generators memorise."""

from collections.abc import Mapping

import pandas as pd

from genprint.limits.memorisation import KEYS
from genprint.tables.table import Table

BOUNDED = ("", " low", " high")


def printed(memorised: pd.DataFrame, methods: pd.DataFrame, generators: Mapping[str, Mapping]) -> Table:
    """Make a table with N_mem, N_copies, and the AUC and TPR at 1 % FPR of every method beside them.

    Args:
        memorised: As `genprint.limits.memorisation.memorised` gives it.
        methods: As `genprint.limits.memorisation.seen` gives it.
        generators: Generator, option and levels of each, as configured.
    """
    rows = memorised.rename(columns=_heading)
    for variant, encoder, similarity in dict.fromkeys(
        methods[["variant", "encoder", "similarity"]].itertuples(index=False, name=None)
    ):
        own = methods[
            (methods["variant"] == variant) & (methods["encoder"] == encoder) & (methods["similarity"] == similarity)
        ]
        name = " ".join(part for part in (variant, encoder, similarity) if part != "original")
        columns = {
            f"{measure}{mark.replace(' ', '_')}": f"{heading} {name}{mark}"
            for measure, heading in (("auc", "AUC"), ("tpr_at_1_percent_fpr", "TPR"))
            for mark in BOUNDED
        }
        rows = rows.merge(own[[*KEYS, *columns]].rename(columns=columns), on=KEYS, how="left")
    varied = {name: entry["vary"] for name, entry in generators.items()}
    rows.insert(1, "varied", rows["generator"].map(varied))
    return Table(
        "What generators memorise",
        ("dataset", "generator", "trained_on", "level"),
        rows[
            [name for name in ("dataset", "generator", "varied", "level", "trained_on")]
            + [name for name in rows if name not in ("dataset", "generator", "varied", "level", "trained_on")]
        ],
        (
            "trained_on counts patients. N_mem: share of the training images that have a copy. N_copies: share of the "
            "generated images that are one. TPR: at 1 % FPR.",
            "Means over seeds with Student's 95 % interval; none where all seeds agree.",
        ),
        digits=2,
    )


def _heading(name: str) -> str:
    for measure, heading in (("n_mem", "N_mem"), ("n_copies", "N_copies"), ("unused_copied", "unused copied")):
        if name.startswith(measure):
            return heading + name.removeprefix(measure).replace("_", " ")
    return name
