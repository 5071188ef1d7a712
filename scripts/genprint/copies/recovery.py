"""Recovery of spikes: which share of perturbed copies the search would have flagged, one at a time."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from genprint.columns import COUNT, TEXT, column, schema
from genprint.copies.chance import LEVEL, Chance
from genprint.copies.search import search
from genprint.images.perturbations import KINDS, perturb
from genprint.inference.intervals import design_effect, wilson

ALL = "all"
SPIKE_PAIRS = schema(
    "a row for each aligned pair of a real image and a perturbed copy (a spike)",
    column("spike", COUNT, "number of the spike"),
    column("original", COUNT, "position of the real image that the spike was made of"),
    column("kind", TEXT, "how it was perturbed"),
    column("strength", TEXT, "how much, in the unit of the kind (`genprint.images.perturbations.KINDS`)"),
    column("left", COUNT, "position of the real image that the spike was aligned with"),
    column("similarity", pa.float32(), "correlation of local contrast once the two are aligned, 0 to 1"),
)
TOGETHER = 1024  # spikes that are in memory at a time


def spiked(table: pd.DataFrame, *, most: int | None) -> np.ndarray:
    """Return the positions of the real images that spikes are made of, ascending.

    They are the used images or, where none are known, those of unknown label. Of more than ``most`` of them, as many
    are taken, from each patient in turn, those first whose hash is smallest, so that the order of images decides
    nothing.
    """
    label = table["label"].to_numpy()
    chosen = np.flatnonzero(label == "used")
    if not len(chosen):
        chosen = np.flatnonzero(label == "unknown")
    if most is None or len(chosen) <= most:
        return chosen
    candidates = table.iloc[chosen].assign(position=chosen).sort_values(["group", "sha256", "image_id"])
    turn = candidates.groupby("group").cumcount().to_numpy()
    order = np.lexsort((candidates["sha256"], turn))
    return np.sort(candidates["position"].to_numpy()[order[:most]])


def search_spikes(
    images: np.ndarray, originals: np.ndarray, *, nearest: int, seed: int, threads: int = 1
) -> pd.DataFrame:
    """Perturb real images in every way, and find and align the candidates of every perturbed copy, `SPIKE_PAIRS`.

    Args:
        images: the real images, uint8 (N, H, W).
        originals: positions of those that are perturbed.
        nearest: candidates of every perturbed copy.
        seed: of what is random about a perturbation.
        threads: CPU threads; the result does not depend on them.
    """
    made = [
        (original, kind, strength)
        for kind, strengths in KINDS.items()
        for strength in strengths
        for original in originals.tolist()
    ]
    tables = []
    for start in range(0, len(made), TOGETHER):
        some = made[start : start + TOGETHER]
        spikes = np.stack(
            [perturb(np.asarray(images[original]), kind, strength, seed) for original, kind, strength in some]
        )
        pairs = search(images, spikes, nearest=nearest, threads=threads, of="right")
        original, kind, strength = (np.array(part, object)[pairs["right"]] for part in zip(*some, strict=True))
        tables.append(
            pd.DataFrame(
                {
                    "spike": pairs["right"] + start,
                    "original": original.astype(np.int64),
                    "kind": kind,
                    "strength": [str(value) for value in strength],
                    "left": pairs["left"],
                    "similarity": pairs["similarity"],
                }
            )
        )
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=SPIKE_PAIRS.names)


def recovered(
    chance: Chance, pairs: Mapping[str, np.ndarray], patient: np.ndarray, original: np.ndarray, level: float = LEVEL
) -> np.ndarray:
    """Tell which spikes would have been flagged as copies of their patient, each as the only copy, bool (S,).

    Args:
        chance: of the release that the spikes are thought to be in.
        pairs: candidates of real images and spikes, with columns ``left``, ``right`` and ``similarity``.
        patient: of each real image, integers (N,).
        original: position of the real image that each spike was made of (S,).
        level: false discovery rate.
    """
    own = patient[pairs["left"]]
    needed = chance.least_similarity(level)[own]
    right = np.asarray(pairs["right"])
    reached = (own == patient[original[right]]) & (np.asarray(pairs["similarity"]) >= needed)
    found = np.zeros(len(original), bool)
    found[right[reached]] = True
    return found


def spike_table(
    dataset: str, kind: Sequence[str], strength: Sequence[str], patient: np.ndarray, flagged: np.ndarray
) -> pd.DataFrame:
    """Return the share of spikes recovered, by kind and strength, and of all together.

    Args:
        dataset: its name.
        kind: of perturbation, of each spike (S,).
        strength: in words or as a number (S,).
        patient: whose image it was made of, integers (S,).
        flagged: `recovered` (S,).

    Returns:
        Columns dataset, kind, strength, n, recovered, share, low, high (Wilson's 95 % interval by patient); in the
        order of the first spike of each, and last the kind `ALL`.
    """
    spikes = pd.DataFrame({"kind": kind, "strength": [str(value) for value in strength]})
    rows = [
        {"kind": names[0], "strength": names[1], **share_by_patient(flagged[places], patient[places])}
        for names, places in spikes.groupby(["kind", "strength"], sort=False).indices.items()
    ]
    rows.append({"kind": ALL, "strength": "", **share_by_patient(flagged, patient)})
    table = pd.DataFrame(rows).rename(columns={"count": "recovered"})
    return table.assign(dataset=dataset)[["dataset", "kind", "strength", "n", "recovered", "share", "low", "high"]]


def share_by_patient(success: np.ndarray, patient: Sequence | np.ndarray) -> dict[str, float]:
    """Return ``n``, ``count``, ``share``, and ``low`` and ``high`` of Wilson's 95 % interval by patient."""
    success = np.asarray(success, bool)
    if not len(success):
        return {"n": 0, "count": 0, "share": np.nan, "low": np.nan, "high": np.nan}
    effect = design_effect(success[:, None].astype(np.float64), patient)[0]
    share = success.mean()
    low, high = wilson(share, len(success) / effect)
    return {"n": len(success), "count": int(success.sum()), "share": share, "low": float(low), "high": float(high)}
