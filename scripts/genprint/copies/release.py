"""What a release comes to: which generated images may leave, whose images they are, and the figures of the verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from genprint.copies.chance import LEVEL, NONE, Chance, chance, competition
from genprint.copies.collapse import sizes
from genprint.copies.patients import Patients
from genprint.copies.recovery import share_by_patient

MOVES = ("shift_x", "shift_y", "angle", "scale", "mirrored", "inverted", "overlap")
IDENTITY = dict(zip(MOVES, (0.0, 0.0, 0.0, 1.0, False, False, 1.0), strict=True))
PUBLISH, WITHHOLD = "publish", "withhold"


@dataclass(frozen=True)
class Release:
    """The tables of one data set.

    Attributes:
        release: a row for each generated image: dataset, image_id, nearest (real image), patient, similarity, p, q,
            copy_of (a real image, or null), authentic (1, 0 or null), duplicates (how many generated images are this
            one), action (publish, withhold).
        exposed: a row for each patient and then for each real image that has a copy: dataset, unit (patient, image),
            id, patient, label, copies, exact, similarity, generated (the copy that is nearest), and how that was made
            of the real image: shift_x, shift_y (in sides), angle (degrees), scale, mirrored, inverted, overlap.
        copies: one row, `_summary`.
        chance: what the copies were told by.
    """

    release: pd.DataFrame
    exposed: pd.DataFrame
    copies: pd.DataFrame
    chance: Chance


def release(
    dataset: str,
    *,
    real: Sequence[str] | np.ndarray,
    labels: Sequence[str] | np.ndarray,
    patients: Patients,
    generated: Sequence[str] | np.ndarray,
    pairs: Mapping[str, np.ndarray],
    real_pairs: Mapping[str, np.ndarray],
    exact: tuple[np.ndarray, np.ndarray],
    cluster: np.ndarray,
    level: float = LEVEL,
) -> Release:
    """Say of each generated image whether it is a copy, and of which real one.

    A copy has q <= ``level`` or the pixels of a real image. It is a copy of the real image with equal pixels, else of
    the most similar one among those that reach the level; of equal ones, of the first.

    Args:
        dataset: its name.
        real: ids of the real images, in natural order.
        labels: used, not_used, held_out or unknown, of the same.
        patients: of the same.
        generated: ids of the generated images, in natural order.
        pairs: aligned candidates: ``left`` (position of the real image), ``right`` (of the generated one),
            ``similarity`` and `MOVES`.
        real_pairs: of real images of different patients: ``left``, ``right``, ``similarity``; `chance`.
        exact: `genprint.copies.exact.exact_copies`.
        cluster: `genprint.copies.collapse.clusters` of the generated images.
        level: false discovery rate.
    """
    names, patient = np.unique(patients.names.astype(str), return_inverse=True)
    label = np.asarray(labels, object)
    table = _with_exact(pairs, exact, len(generated))
    judge = chance(table, real_pairs, patient, label, len(generated))
    own = patient[table["left"]]
    counted = judge.judged[own]
    score = np.where(counted, judge.score(table["similarity"], own), -np.inf)
    table["flagged"] = table["exact"] | (counted & (judge.q(score) <= level))
    best_score = np.full(len(generated), -np.inf)
    np.maximum.at(best_score, table["right"], score)

    offered = np.flatnonzero(counted | table["exact"])
    order = np.lexsort((table["left"], -table["similarity"], ~table["flagged"], ~table["exact"], table["right"]))
    order = order[np.isin(order, offered)]
    columns, first = np.unique(table["right"][order], return_index=True)
    chosen = np.full(len(generated), -1)
    chosen[columns] = order[first]
    has = chosen >= 0
    flagged = has & table["flagged"][chosen] if len(own) else has
    nearest = np.where(has, table["left"][chosen], -1) if len(own) else chosen
    similarity = np.where(has, table["similarity"][chosen], np.nan) if len(own) else np.full(len(generated), np.nan)
    ids = np.array([*map(str, real), None], object)
    rows = pd.DataFrame(
        {
            "dataset": dataset,
            "image_id": np.array(generated, object),
            "nearest": ids[nearest],
            "patient": np.array([*names, None], object)[np.append(patient, -1)[nearest]],
            "similarity": similarity,
            "p": judge.p(best_score),
            "q": judge.q(best_score),
            "copy_of": ids[np.where(flagged, nearest, -1)],
            "authentic": _authentic(np.where(has, nearest, -1), similarity, real_pairs, len(label)),
            "duplicates": sizes(cluster),
            "action": np.where(flagged, WITHHOLD, PUBLISH),
        }
    )
    copies = chosen[flagged]
    exposed = _exposed(dataset, table, copies, patient, names, ids, label, generated)
    decoys = _competition(table, label, len(generated))
    figures = _summary(rows, table, copies, flagged, nearest, judge, patients, patient, label, names, decoys, level)
    return Release(rows, exposed, pd.DataFrame([{"dataset": dataset, **figures}]), judge)


def _authentic(
    nearest: np.ndarray, similarity: np.ndarray, real_pairs: Mapping[str, np.ndarray], count: int
) -> np.ndarray:
    """Tell (1, 0, or NaN without a nearest real image) which generated images are authentic (Alaa et al. 2022).

    One is if the real image nearest to it is nearer to a real one of another patient: 10.48550/arXiv.2102.08921.
    """
    others = np.full(count, np.nan)
    for side in ("left", "right"):
        np.fmax.at(others, real_pairs[side], np.asarray(real_pairs["similarity"], float))
    of_nearest = np.where(nearest >= 0, others[nearest], np.nan) if count else np.full(len(nearest), np.nan)
    return np.where(np.isnan(of_nearest) | np.isnan(similarity), np.nan, of_nearest > similarity)


def _with_exact(pairs: Mapping[str, np.ndarray], exact: tuple[np.ndarray, np.ndarray], count: int) -> dict:
    """The pairs, with those of equal pixels that are not among them, and a column that says which have equal pixels."""
    left, right = (np.asarray(pairs[side], np.int64) for side in ("left", "right"))
    keys, same = left * count + right, exact[0] * count + exact[1]
    absent = ~np.isin(same, keys)
    table = {"left": np.concatenate([left, exact[0][absent]]), "right": np.concatenate([right, exact[1][absent]])}
    for name, value in ({"similarity": 1.0} | IDENTITY).items():
        # As written to the tables: what float32 does not hold must not decide between two pairs.
        column = np.asarray(pairs[name])
        column = column.astype(bool) if isinstance(value, bool) else column.astype(np.float64)
        table[name] = np.concatenate([column, np.full(absent.sum(), value)])
    table["exact"] = np.isin(table["left"] * count + table["right"], same)
    table["similarity"][table["exact"]] = 1.0
    return table


def _exposed(
    dataset: str,
    table: Mapping[str, np.ndarray],
    copies: np.ndarray,
    patient: np.ndarray,
    names: np.ndarray,
    ids: np.ndarray,
    label: np.ndarray,
    generated: Sequence[str] | np.ndarray,
) -> pd.DataFrame:
    left = table["left"][copies]
    found = pd.DataFrame({name: table[name][copies] for name in ("right", "similarity", "exact", *MOVES)})
    found = found.assign(image=ids[left], patient=names[patient[left]].astype(object), left=left)
    # Equal similarities: the first real image, then the first generated one.
    found = found.sort_values(["similarity", "left", "right"], ascending=[False, True, True], kind="stable")
    parts = []
    for unit, key in (("patient", "patient"), ("image", "image")):
        groups = found.groupby(key, sort=False)
        best = groups.head(1)
        roles = {name: ", ".join(sorted(set(label[patient == place]))) for place, name in enumerate(names)}
        part = best.assign(
            dataset=dataset,
            unit=unit,
            id=best[key],
            label=[roles[name] for name in best["patient"]] if unit == "patient" else label[best["left"]],
            copies=groups["right"].transform("size")[best.index],
            exact=groups["exact"].transform("sum")[best.index].astype(np.int64),
            generated=[str(generated[place]) for place in best["right"]],
        )
        parts.append(part)
    columns = ["dataset", "unit", "id", "patient", "label", "copies", "exact", "similarity", "generated", *MOVES]
    return pd.concat(parts, ignore_index=True)[columns]


def _competition(table: Mapping[str, np.ndarray], label: np.ndarray, count: int) -> np.ndarray | None:
    """The false discovery rate by competition, where about as many images are not used as are used."""
    sides = [np.isin(label, kinds) for kinds in (("used",), ("not_used", "held_out"))]
    used, unused = (int(side.sum()) for side in sides)
    if not used or not 0.8 <= unused / used <= 1.25:
        return None
    best = []
    for side in sides:
        largest, of_side = np.zeros(count), side[table["left"]]
        np.maximum.at(largest, table["right"][of_side], table["similarity"][of_side])
        best.append(largest)
    return competition(best[0], best[1], used / unused)


def _summary(
    rows: pd.DataFrame,
    table: Mapping[str, np.ndarray],
    copies: np.ndarray,
    flagged: np.ndarray,
    nearest: np.ndarray,
    judge: Chance,
    patients: Patients,
    patient: np.ndarray,
    label: np.ndarray,
    names: np.ndarray,
    decoys: np.ndarray | None,
    level: float,
) -> dict[str, object]:
    """The row of `Release.copies`.

    N_mem counts used and unknown images that have a copy, N_copies generated images that are one (Dar et al., doi
    10.1038/s41551-025-01468-8). Shares have Wilson's 95 % interval by patient.
    """
    candidate = np.isin(label, ("used", "unknown"))
    left = table["left"][copies]
    memorised = np.isin(np.arange(len(label)), left)
    whose = np.append(patient, -1)[nearest]
    of_nobody = whose < 0
    whose = np.where(of_nobody, len(names) + np.arange(len(whose)), whose)
    members = np.unique(patient[candidate])
    shares = {
        "n_mem": share_by_patient(memorised[candidate], patient[candidate]),
        "n_copies": share_by_patient(flagged, whose),
        "patients_exposed": share_by_patient(np.isin(members, patient[left[candidate[left]]]), members),
    }
    by_chance = flagged & ~rows["image_id"].isin(rows["image_id"].iloc[table["right"][table["exact"]]]).to_numpy()
    found: dict[str, object] = {
        "real_images": len(label),
        "generated_images": len(rows),
        "patients": patients.groups,
        "patients_known": patients.known,
        "largest_patient": patients.largest,
        "distinct_generated": int((1 / rows["duplicates"]).sum().round()),
        "exact_copies": int(flagged.sum() - by_chance.sum()),
    }
    for name, share in shares.items():
        found |= {name: share["count"], f"{name}_of": share["n"], f"{name}_share": share["share"]}
        found |= {f"{name}_share_{bound}": share[bound] for bound in ("low", "high")}
    fitted, least = judge.tail, judge.least_similarity(level)[judge.judged]
    similarity = rows.loc[flagged, "similarity"]
    return found | {
        "least_copy_similarity": similarity.min(),
        "largest_copy_similarity": similarity.max(),
        "patients_copied": len(np.unique(patient[left])),
        "unused_images_copied": int(memorised[~candidate].sum()),
        "false_discovery_rate": float(rows.loc[by_chance, "q"].max()) if by_chance.any() else np.nan,
        "competition": float(decoys[flagged].max()) if decoys is not None and flagged.any() else np.nan,
        "chance": judge.source,
        "chance_patients": len(fitted.values) if fitted else 0,
        "tail_excesses": fitted.excesses if fitted else 0,
        "tail_scale": fitted.scale if fitted else np.nan,
        "tail_fit_p": fitted.fit if fitted else np.nan,
        "tail_held": judge.source != NONE,
        "least_similarity": float(np.median(least)) if len(least) and fitted else np.nan,
        "left_out": ", ".join(names[judge.mixed]),
        "unused_patients_copied": ", ".join(names[judge.suspects]),
        "alike": "; ".join(" and ".join(pair) for pair in patients.alike),
        "repeated": "",
        "labels_swapped": judge.swapped,
        "reason": judge.reason,
    }
