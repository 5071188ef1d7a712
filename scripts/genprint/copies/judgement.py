"""The judgement of a data set: from the pairs of the search to the tables about its copies."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from genprint.columns import DATASET, IMAGE_ID, LABEL, column, schema
from genprint.copies.chance import Chance
from genprint.copies.exact import repeated
from genprint.copies.originals import Originals
from genprint.copies.recovery import recovered, spike_table
from genprint.copies.release import IDENTITY, WITHHOLD
from genprint.copies.search import CANDIDATES, Table
from genprint.copies.tables import COPIES, EXPOSED, RELEASE, SPIKES
from genprint.images.datasets import Side
from genprint.plan.runs import GENERATED_GENERATED, REAL_GENERATED, REAL_REAL

SIMILARITY = column("similarity", pa.float64(), "registered correlation with the most similar real image of this label")
NEAREST = schema(
    "how near each generated image comes to real images of each label",
    *(DATASET, IMAGE_ID, LABEL, SIMILARITY),
    column("flagged", pa.bool_(), "whether the generated image is a copy"),
)
COPIED = schema(
    "each generated image that is a copy and the real image that it is a copy of; real ids, it stays in the building",
    *(DATASET, IMAGE_ID),
    column("position", pa.int64(), "position of the generated image"),
    column("real_id", pa.string(), "the real image"),
    column("real_position", pa.int64(), "position of the real image"),
    column("name", pa.string(), "what the real image is called outside of the building"),
    column("similarity", pa.float64(), "registered correlation of the two"),
    *(CANDIDATES.field(name) for name in ("shift_x", "shift_y", "angle", "scale", "mirrored", "inverted")),
)


class Judgement(NamedTuple):
    """The tables of one data set, by `SCHEMAS`."""

    release: pd.DataFrame
    exposed: pd.DataFrame
    copies: pd.DataFrame
    spikes: pd.DataFrame
    nearest: pd.DataFrame
    copied: pd.DataFrame


SCHEMAS = dict(zip(Judgement._fields, (RELEASE, EXPOSED, COPIES, SPIKES, NEAREST, COPIED), strict=True))


def judge(
    dataset: str,
    real: Side,
    generated: Side,
    pairs: Mapping[str, Table],
    spike_pairs: pd.DataFrame,
    *,
    nearest: int,
    block: int,
    threads: int = 1,
    name_of: Callable[[str], str] = str,
) -> Judgement:
    """Say which generated images are copies, of whom, and which perturbed copies would have been found.

    Args:
        dataset: its name.
        real: the real images and their table.
        generated: the generated ones.
        pairs: candidates of every pairing (`genprint.copies.search.search`).
        spike_pairs: those of the spikes (`genprint.copies.recovery.search_spikes`).
        nearest: candidates of every image, of the search that found the pairs.
        block: images a side that are searched at a time, where patients are unknown.
        threads: CPU threads; the result does not depend on them.
        name_of: what a real image or a patient is called in the tables that leave the building.
    """
    originals = Originals.of(real, pairs[REAL_REAL], nearest=nearest, block=block, threads=threads, name_of=name_of)
    found = originals.release(dataset, generated, pairs[REAL_GENERATED], pairs[GENERATED_GENERATED])
    ids, label, patient = originals.ids, originals.labels, originals.patient
    generated_ids = generated.table["image_id"].to_numpy(object)
    twice = "; ".join(f"{role}: {', '.join(members)}" for role, members in repeated(ids, label, originals.hashes))
    flagged = (found.release["action"] == WITHHOLD).to_numpy()
    return Judgement(
        found.release,
        found.exposed,
        found.copies.assign(repeated=twice),
        _spikes(dataset, found.chance, spike_pairs, patient),
        _nearest(dataset, pairs[REAL_GENERATED], label, generated_ids, flagged),
        _copied(dataset, found.release, pairs[REAL_GENERATED], ids, real.table["image_id"].to_numpy(object)),
    )


def _spikes(dataset: str, chance: Chance, pairs: pd.DataFrame, patient: np.ndarray) -> pd.DataFrame:
    spikes = pairs.drop_duplicates("spike").sort_values("spike")
    original = spikes["original"].to_numpy(np.int64)
    place = np.searchsorted(spikes["spike"], pairs["spike"])
    table = {"left": pairs["left"].to_numpy(np.int64), "right": place, "similarity": pairs["similarity"].to_numpy()}
    flagged = recovered(chance, table, patient, original)
    return spike_table(dataset, spikes["kind"].tolist(), spikes["strength"].tolist(), patient[original], flagged)


def _nearest(dataset: str, pairs: Table, label: np.ndarray, generated: np.ndarray, flagged: np.ndarray) -> pd.DataFrame:
    parts = []
    for name in dict.fromkeys(label):
        of_label = label[pairs["left"]] == name
        largest = np.full(len(generated), np.nan)
        np.fmax.at(largest, pairs["right"][of_label], pairs["similarity"][of_label].astype(np.float64))
        part = {"image_id": generated, "label": name, "similarity": largest, "flagged": flagged}
        parts.append(pd.DataFrame(part).dropna(subset="similarity"))
    return pd.concat(parts, ignore_index=True).assign(dataset=dataset)[NEAREST.names]


def _copied(dataset: str, table: pd.DataFrame, pairs: Table, names: np.ndarray, ids: np.ndarray) -> pd.DataFrame:
    copies = table[table["action"] == WITHHOLD]
    place_of = {name: place for place, name in enumerate(names)}
    places = [place_of[name] for name in copies["copy_of"]]
    row_of = {pair: row for row, pair in enumerate(zip(pairs["left"].tolist(), pairs["right"].tolist(), strict=True))}
    rows = [row_of.get(pair) for pair in zip(places, copies.index.tolist(), strict=True)]
    # An exact copy that was no candidate of its original lies as it does.
    moves = {
        name: [IDENTITY[name] if row is None else pairs[name][row] for row in rows]
        for name in ("shift_x", "shift_y", "angle", "scale", "mirrored", "inverted")
    }
    return pd.DataFrame(
        {
            "dataset": dataset,
            "image_id": copies["image_id"].to_numpy(object),
            "position": copies.index.to_numpy(np.int64),
            "real_id": ids[places],
            "real_position": np.array(places, np.int64),
            "name": copies["copy_of"].to_numpy(object),
            "similarity": copies["similarity"].to_numpy(float),
            **moves,
        }
    )
