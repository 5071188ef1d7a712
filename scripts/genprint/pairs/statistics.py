"""How similar the images of a data set are: mean, minimum and maximum over all pairs of a subset.

The subsets are those of Table 1 of Cao & Zhou (CLEF 2024): Real-Real, Generated-Real, Generated-Used,
Generated-Not Used, and Generated-Generated. An image is never compared with itself.
"""

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa

from genprint.columns import COUNT, DATASET, NUMBER, RUN, TEXT, column, schema
from genprint.plan.runs import GENERATED_GENERATED, REAL_GENERATED, REAL_REAL

SUBSETS = {
    "Real-Real": (REAL_REAL, ("used", "not_used", "unknown")),
    "Generated-Real": (REAL_GENERATED, ("used", "not_used", "unknown")),
    "Generated-Used": (REAL_GENERATED, ("used",)),
    "Generated-Not Used": (REAL_GENERATED, ("not_used",)),
    "Generated-Generated": (GENERATED_GENERATED, ("generated",)),
}

Shard = tuple[pa.DictionaryArray, pa.DictionaryArray, np.ndarray]


STATISTICS = schema(
    "a row for each subset of pairs; only of runs with `generated_generated`",
    *(DATASET, *RUN),
    column("subset", TEXT, "which pairs, such as Generated-Used"),
    column("pairs", COUNT, "how many there are"),
    *(column(name, NUMBER, f"{name} of their similarities") for name in ("mean", "minimum", "maximum")),
)


def similarity_statistics(
    pairings: dict[str, Iterable[Shard]], label_of: dict[str, tuple[dict[str, str], dict[str, str]]]
) -> pd.DataFrame:
    """Compute the columns subset, pairs, mean, minimum, maximum; shards are read once, one at a time.

    ``pairings`` gives the shards of each pairing; ``label_of`` the label of every image id of its left and right
    side, by pairing. Subsets without any pair have null statistics.
    """
    found: dict[str, list] = {subset: [] for subset in SUBSETS}
    for pairing, shards in pairings.items():
        left_labels, right_labels = label_of[pairing]
        for left, right, similarity in shards:
            for subset, (wanted_pairing, labels) in SUBSETS.items():
                if pairing == wanted_pairing:
                    other = labels if pairing == REAL_REAL else ("generated",)
                    chosen = _labelled(left, left_labels, labels) & _labelled(right, right_labels, other)
                    if chosen.any():
                        values = similarity[chosen]
                        found[subset].append((values.size, values.sum(dtype=np.float64), values.min(), values.max()))
    rows = [(subset, *_combined(parts)) for subset, parts in found.items()]
    return pd.DataFrame(rows, columns=["subset", "pairs", "mean", "minimum", "maximum"])


def _labelled(ids: pa.DictionaryArray, label_of: dict[str, str], labels: tuple[str, ...]) -> np.ndarray:
    wanted = np.array([label_of[name] in labels for name in ids.dictionary.to_pylist()], bool)
    return wanted[ids.indices.to_numpy()]


def _combined(parts: list[tuple[int, float, float, float]]) -> tuple[int, float, float, float]:
    if not parts:
        return 0, math.nan, math.nan, math.nan
    counts, sums, minima, maxima = zip(*parts, strict=True)
    return sum(counts), math.fsum(sums) / sum(counts), float(min(minima)), float(max(maxima))
