"""What the search for copies says of the releases of a ladder, and how right its list is."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from genprint.columns import COUNT, LADDER, LEVEL, NUMBER, bounds, column, schema
from genprint.copies.originals import Originals
from genprint.copies.release import WITHHOLD, Release
from genprint.copies.search import search, search_patients
from genprint.images.datasets import Side
from genprint.inference.intervals import of_mean

RELEASES = schema(
    "a row for each release of a ladder of leaks: what the search for copies says of it, and what is true",
    *(LADDER, LEVEL),
    column("split", COUNT, "number of the split of the patients"),
    column("used", COUNT, "real images that the generator was trained on, or may have been"),
    column("n_mem", COUNT, "of these, how many have a copy in the release"),
    column("patients", COUNT, "patients with used images"),
    column("patients_exposed", COUNT, "of these, how many have a copy in the release"),
    column("generated", COUNT, "generated images"),
    column("n_copies", COUNT, "generated images that are withheld as copies"),
    column("unused_copied", COUNT, "real images that were not used and have a copy according to the search"),
    column("copied", COUNT, "generated images that are copies of used ones; null where the generator does not say"),
    column("copied_withheld", COUNT, "of these, how many are withheld"),
    column("q", NUMBER, "the smallest q of the release; 0 for an exact copy, 1 where chance cannot be learnt"),
)
WITHHELD = schema(
    "how right the list of what to withhold is, over the splits of a ladder",
    *(LADDER, LEVEL),
    column("releases", COUNT, "how many releases there are, one for each split"),
    column("with_copies", COUNT, "in how many of them any image is withheld"),
    column("sensitivity", NUMBER, "share of the copies that are withheld; null where nobody knows which these are"),
    *bounds("sensitivity"),
    column("sensitivity_deviation", NUMBER, "standard deviation of `sensitivity` over splits: how consistent it is"),
    column("specificity", NUMBER, "share of the other images that are published; null likewise"),
    *bounds("specificity"),
    column("specificity_deviation", NUMBER, "standard deviation of `specificity` over splits"),
    column("n_mem", NUMBER, "share of the used images that have a copy in the release"),
)


class Search(NamedTuple):
    """What the search says of one release."""

    release: Release
    similarity: np.ndarray
    """Registered correlation of each real image with its nearest generated one, float64 (N,)."""

    @property
    def q(self) -> float:
        """The smallest q of the release; 0 for an exact copy, 1 where chance cannot be learnt."""
        if self.release.copies["exact_copies"].item():
            return 0.0
        return float(self.release.release["q"].fillna(1.0).min())


def searches(real: Side, releases: Iterable[Side], *, nearest: int) -> Iterator[Search]:
    """Search releases for copies of the same real images, one after the other, with ``nearest`` candidates an image."""
    block = len(real.images)
    among = search_patients(real.images, real.table["group"].to_numpy(object), nearest=nearest, block=block)
    originals = Originals.of(real, among, nearest=nearest, block=block)
    for generated in releases:
        pairs = search(real.images, generated.images, nearest=nearest)
        largest = np.zeros(len(real.images))
        np.maximum.at(largest, pairs["left"], pairs["similarity"].astype(np.float64))
        yield Search(originals.release("", generated, pairs, None), largest)


def row_of(search: Search, copied: np.ndarray | None) -> dict[str, object]:
    """Return the columns of `RELEASES` from ``used`` on.

    Args:
        search: what it says of the release.
        copied: which generated images are copies of used ones, bool (M,), or None where nobody knows.
    """
    figures = search.release.copies.iloc[0]
    withheld = (search.release.release["action"] == WITHHOLD).to_numpy()
    return {
        "used": figures["n_mem_of"],
        "n_mem": figures["n_mem"],
        "patients": figures["patients_exposed_of"],
        "patients_exposed": figures["patients_exposed"],
        "generated": len(withheld),
        "n_copies": int(withheld.sum()),
        "unused_copied": figures["unused_images_copied"],
        "copied": None if copied is None else int(copied.sum()),
        "copied_withheld": None if copied is None else int((withheld & copied).sum()),
        "q": search.q,
    }


def withheld_table(releases: pd.DataFrame) -> pd.DataFrame:
    """Return how right the list of what to withhold is, at every level of every ladder, by `WITHHELD`.

    Args:
        releases: by `RELEASES`, of all ladders and splits.
    """
    rest = releases["generated"] - releases["copied"]
    missed = releases["n_copies"] - releases["copied_withheld"]
    rates = releases.assign(
        sensitivity=releases["copied_withheld"] / releases["copied"].where(releases["copied"] > 0),
        specificity=1 - missed / rest.where(rest > 0),
        n_mem=releases["n_mem"] / releases["used"],
        any=releases["n_copies"] > 0,
    ).astype({"sensitivity": float, "specificity": float})
    grouped = rates.groupby(["ladder", "level"], sort=False, dropna=False)
    rows = grouped[["sensitivity", "specificity", "n_mem"]].mean()
    rows["releases"], rows["with_copies"] = grouped.size(), grouped["any"].sum()
    for name in ("sensitivity", "specificity"):
        deviation = grouped[name].std()
        low, high = of_mean(rows[name], deviation, grouped[name].count())
        rows[f"{name}_low"], rows[f"{name}_high"] = low.clip(lower=0), high.clip(upper=1)
        rows[f"{name}_deviation"] = deviation
    return rows.reset_index()[WITHHELD.names]
