"""Whether a reported row can be true: is there a confusion matrix that gives all its metrics at once?

The idea is that of the GRIM test (Brown & Heathers, 2017, doi 10.1177/1948550616673876), for confusion matrices
(`genprint.audit.matrices`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from genprint.audit.matrices import (
    DECIMALS,
    ROUNDING,
    Printed,
    Sizes,
    Survey,
    any_within,
    excess,
    nearest,
    printed,
    survey,
)
from genprint.scoring.metrics import DECISION_METRICS, Confusion

CONSISTENT, IMPOSSIBLE, UNDECIDABLE = "consistent", "impossible", "undecidable"
FREE_COUNTS = 2
"""TP and FP: so many metrics nearly always fit some matrix and say nothing about each other."""


@dataclass(frozen=True)
class Finding:
    """What is known about a row, or about a relation between rows."""

    verdict: str
    deviation: float | None = None
    """In units of the last printed digit; up to 0.5 is rounding. For a mean, a lower bound."""
    fitting: int | None = None
    """How many matrices (of all class sizes considered) give the row."""
    matrix: Confusion | None = None
    """One that fits; the nearest one if none does."""
    share_used: tuple[float, float] | None = None
    """Smallest and largest share of used images: of what fits, or of all class sizes considered if nothing does."""
    note: str = ""


def audit_row(row: Mapping[str, str], sizes: Sizes) -> Finding:
    """Is there a confusion matrix that gives every metric of the row, rounded as printed?

    A tie (0.0625 to three digits) may have gone either way; the note says if one convention alone explains the row.

    Args:
        row: Printed texts by name of `genprint.scoring.metrics.DECISION_METRICS`; empty texts are left out.
        sizes: Class sizes to try.

    Raises:
        ValueError: Unknown metrics, or texts that are no numbers.
    """
    numbers = _numbers(row)
    if found := _what_fits(numbers, sizes):
        return found
    pairs = sizes.pairs()
    closest = nearest(numbers, pairs)
    note = "; ".join([*_truncation_notes(numbers, pairs), *_culprit_notes(numbers, pairs)])
    return Finding(IMPOSSIBLE, closest.deviation, 0, closest.matrix, sizes.share_used, note)


def audit_mean(row: Mapping[str, str], sizes: Sizes, count: int) -> Finding:
    """Can the row be the mean, metric by metric, of ``count`` confusion matrices, each with one of the ``sizes``?

    Impossible if it breaks a law that holds for means: the F1 of means is an upper bound of the mean F1, because the
    harmonic mean is concave (Jensen's inequality; any sizes); accuracy = p recall + (1 - p) specificity, and kappa =
    2 accuracy - 1 at p = 1/2, if the share p of used images is known and the same in all data sets. Consistent if one
    matrix, the same for all data sets, gives it. Undecidable otherwise.
    """
    numbers = _numbers(row)
    broken = {law: deviation for law, deviation in _mean_laws(numbers, sizes).items() if deviation > ROUNDING}
    if broken:
        return Finding(IMPOSSIBLE, max(broken.values()), share_used=sizes.share_used, note="; ".join(broken))
    found = _what_fits(numbers, sizes)
    if not found:
        note = f"no {count} equal matrices give it, unequal ones may"
        return Finding(UNDECIDABLE, share_used=sizes.share_used, note=note)
    if found.verdict == CONSISTENT:
        return replace(found, note="; ".join(filter(None, ["in every data set", found.note])))
    return found


def _what_fits(numbers: Mapping[str, Printed], sizes: Sizes) -> Finding | None:
    """The finding on a row that some matrix gives, or that prints nothing; None if no matrix gives it."""
    if not numbers:
        return Finding(UNDECIDABLE, note="prints no metric of a decision")
    pairs = sizes.pairs()
    if len(numbers) <= FREE_COUNTS and any_within(numbers, pairs, ROUNDING):
        note = f"prints {' and '.join(numbers)} only, which nearly always fit some matrix"
        return Finding(UNDECIDABLE, share_used=sizes.share_used, note=note)
    found = survey(numbers, pairs, ROUNDING)
    if count := found.fitting["nearest"]:
        return Finding(CONSISTENT, found.deviation, count, found.matrix, found.share_used, _rounding_note(found))
    return None


def _numbers(row: Mapping[str, str]) -> dict[str, Printed]:
    if unknown := [name for name in row if name not in DECISION_METRICS]:
        raise ValueError(f"unknown metrics {', '.join(unknown)}; write {', '.join(DECISION_METRICS)}")
    return {name: printed(text) for name, text in row.items() if text}


def _rounding_note(found: Survey) -> str:
    explaining = [name for name in ("half up", "half to even") if found.fitting[name]]
    if len(explaining) == 2:
        return ""
    return f"only if ties are rounded {explaining[0]}" if explaining else "only if ties are rounded now up, now down"


def _truncation_notes(row: Mapping[str, Printed], pairs: tuple[np.ndarray, np.ndarray]) -> list[str]:
    found = survey(row, pairs, 1)
    return ["digits cut off instead of rounded would explain it"] if found.fitting["truncated"] else []


def _culprit_notes(row: Mapping[str, Printed], pairs: tuple[np.ndarray, np.ndarray]) -> list[str]:
    """Which single metric, if misprinted, would explain the row, and what it would have to be."""
    notes = []
    for name, number in row.items():
        others = {other: row[other] for other in row if other != name}
        found = survey(others, pairs, ROUNDING) if len(others) > FREE_COUNTS else None
        if found and found.matrix:
            value = float(np.nan_to_num(DECISION_METRICS[name](found.matrix)))
            notes.append(f"the rest fits if {name} {number.text} was {value:.{number.digits}f}")
    return notes


def _mean_laws(row: Mapping[str, Printed], sizes: Sizes) -> dict[str, float]:
    """Deviation of the row from each law for means that its metrics can break."""
    laws = {}
    share, most = sizes.share_used
    if share == most and {"accuracy", "recall", "specificity"} <= set(row):
        mixed = share * row["recall"].value + (1 - share) * row["specificity"].value
        terms = [(1, row["accuracy"]), (-share, row["recall"]), (share - 1, row["specificity"])]
        laws[f"recall and specificity give accuracy {mixed:.4g}, not {row['accuracy'].text}"] = abs(excess(terms))
    if share == most == 1 / 2 and {"accuracy", "kappa"} <= set(row):
        terms = [(1, row["kappa"]), (-2, row["accuracy"])]
        doubled = 2 * row["accuracy"].value - 1
        laws[f"accuracy gives kappa {doubled:.4g}, not {row['kappa'].text}"] = abs(excess(terms, constant=1))
    if {"f1", "precision", "recall"} <= set(row):
        bound, deviation = _f1_bound(row["f1"], row["precision"], row["recall"])
        law = f"precision and recall allow a mean F1 of {bound:.4g} at most, whatever the sizes, not {row['f1'].text}"
        laws[law] = deviation
    return laws


def _f1_bound(f1: Printed, precision: Printed, recall: Printed) -> tuple[float, float]:
    """Largest mean F1 by Jensen's inequality, and the deviation of what is printed from it."""

    def bound(t: float) -> float:
        p, r = (max(number.value + t * number.unit, 0) for number in (precision, recall))
        return 2 * p * r / (p + r) if p + r else 0.0

    low, high = 0.0, 1.0
    while f1.value - high * f1.unit > bound(high):
        low, high = high, 2 * high
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if f1.value - middle * f1.unit <= bound(middle) else (middle, high)
    return bound(0), round(high, DECIMALS)
