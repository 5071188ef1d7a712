"""Whether reported numbers can be true: is there a confusion matrix that gives all metrics of a row at once?

A row of a paper's table is a mapping from metrics to texts as printed; the number of printed digits says how far
rounding may have moved a value. Everything is measured in units of the last printed digit: the **deviation** of a row
is the smallest t such that some matrix is within t units of every metric of the row. Rounding to nearest explains 0.5.
The idea is that of the GRIM test (Brown & Heathers, 2017, doi 10.1177/1948550616673876), for confusion matrices.

With P used and N not used images every metric here rises with TP and falls with FP, so for a given TP the FP that fit
are an interval, found by bisection for all P, N and TP at once. That keeps ranges of class sizes affordable.

An undefined ratio counts as the 0 that most libraries print for it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from genprint.scoring.metrics import DECISION_METRICS, Confusion

CONSISTENT, IMPOSSIBLE, UNDECIDABLE = "consistent", "impossible", "undecidable"
ROUNDING = 0.5
FREE_COUNTS = 2
"""TP and FP: so many metrics nearly always fit some matrix and say nothing about each other."""

_BATCH = 1 << 16
_SNAP = 9  # decimals that tell a tie from its neighbours: enough for kappa of 20,000 images, and six printed digits


class Printed(NamedTuple):
    """A number as a paper prints it."""

    text: str
    value: float
    digits: int

    @property
    def unit(self) -> float:
        """The last printed digit: 0.001 for "0.598"."""
        return 10.0**-self.digits


def printed(text: str) -> Printed:
    """Read a number with the digits it is printed with; "0.920" and "0.92" differ. Raises ValueError for other text."""
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number; write it as the paper prints it, e.g. 0.598") from None
    return Printed(text, value, len(text.partition(".")[2]))


@dataclass(frozen=True)
class Sizes:
    """Class sizes that are thought possible; ranges include both ends."""

    used: tuple[int, int]
    not_used: tuple[int, int]
    total: tuple[int, int]
    balanced: bool = False

    @classmethod
    def of(
        cls,
        used: int | Sequence[int] | None = None,
        not_used: int | Sequence[int] | None = None,
        total: int | Sequence[int] | None = None,
        balanced: bool = False,
    ) -> "Sizes":
        """From what is known: numbers or ranges [low, high]; each class has one image at least.

        Raises:
            ValueError: Nothing bounds a class from above, or no sizes are left.
        """
        known_used, known_not_used, known_total = map(_bounds, (used, not_used, total))
        other = known_used if balanced else known_not_used
        if known_total:
            high = known_total[1] - 1
        elif known_used and other:
            high = max(known_used[1], other[1])
        else:
            raise ValueError("class sizes without a limit; give total, or used and not_used: a number or [low, high]")
        sizes = cls(
            known_used or (1, high),
            known_not_used or (1, high),
            known_total or (2, 2 * high),
            balanced,
        )
        if not len(sizes.pairs()[0]):
            raise ValueError(f"no class sizes meet {sizes}; check used, not_used, total and balanced")
        return sizes

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of used and of not used images, one element per possibility, int64 (K,) each."""
        used = np.arange(max(self.used[0], 1), self.used[1] + 1)
        low = np.maximum(max(self.not_used[0], 1), self.total[0] - used)
        high = np.minimum(self.not_used[1], self.total[1] - used)
        if self.balanced:
            low, high = np.maximum(low, used), np.minimum(high, used)
        owner, not_used = _expanded(low, high)
        return used[owner], not_used

    @property
    def share_used(self) -> tuple[float, float]:
        """Smallest and largest share of used images."""
        used, not_used = self.pairs()
        return _range(used / (used + not_used))


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


class Survey(NamedTuple):
    """Matrices near a row."""

    fitting: dict[str, int]
    """Number of matrices that give the row, by how its numbers were shortened."""
    deviation: float
    """Of `matrix`, the nearest one."""
    matrix: Confusion | None
    share_used: tuple[float, float] | None
    """Smallest and largest share of used images."""


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
    nearest = _nearest(numbers, pairs)
    note = "; ".join([*_truncation_notes(numbers, pairs), *_culprit_notes(numbers, pairs)])
    return Finding(IMPOSSIBLE, nearest.deviation, 0, nearest.matrix, sizes.share_used, note)


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


def deviations(row: Mapping[str, Printed], confusion: Confusion) -> np.ndarray:
    """Metric minus printed value in units of the last printed digit: float64 (metrics, ...)."""
    values = [np.nan_to_num(DECISION_METRICS[name](confusion)) for name in row]
    exact = [(value - number.value) * 10.0**number.digits for value, number in zip(values, row.values(), strict=True)]
    return np.round(exact, _SNAP)


def _bounds(size: int | Sequence[int] | None) -> tuple[int, int] | None:
    if size is None:
        return None
    low, high = (size, size) if isinstance(size, int) else size
    return low, high


def survey(row: Mapping[str, Printed], pairs: tuple[np.ndarray, np.ndarray], tolerance: float) -> Survey:
    """Every matrix within ``tolerance`` units of all metrics: counted, and the one with the least deviation.

    ``pairs`` are numbers of used and of not used images (K,). Without any such matrix the deviation is infinite.
    """
    counts = dict.fromkeys(_SHORTENED, 0)
    best, matrix = np.inf, None
    shares: list[float] = []
    for confusion in _matrices(row, pairs, tolerance):
        off = deviations(row, confusion)
        for name, explains in _SHORTENED.items():
            counts[name] += int(np.count_nonzero(explains(row, off).all(axis=0)))
        shares += _range(np.asarray((confusion.true_positive + confusion.false_negative) / sum(confusion)))
        largest = np.abs(off).max(axis=0)
        place = largest.argmin()
        if largest[place] < best:
            best, matrix = float(largest[place]), Confusion(*(int(np.asarray(part)[place]) for part in confusion))
    return Survey(counts, best, matrix, _range(np.array(shares)) if shares else None)


def _what_fits(numbers: Mapping[str, Printed], sizes: Sizes) -> Finding | None:
    """The finding on a row that some matrix gives, or that prints nothing; None if no matrix gives it."""
    if not numbers:
        return Finding(UNDECIDABLE, note="prints no metric of a decision")
    pairs = sizes.pairs()
    if len(numbers) <= FREE_COUNTS and _any_within(numbers, pairs, ROUNDING):
        note = f"prints {' and '.join(numbers)} only, which nearly always fit some matrix"
        return Finding(UNDECIDABLE, share_used=sizes.share_used, note=note)
    found = survey(numbers, pairs, ROUNDING)
    if count := found.fitting["nearest"]:
        return Finding(CONSISTENT, found.deviation, count, found.matrix, found.share_used, _rounding_note(found))
    return None


def _nearest(row: Mapping[str, Printed], pairs: tuple[np.ndarray, np.ndarray]) -> Survey:
    """The matrix with the least deviation of all."""
    low, high = ROUNDING, 2 * ROUNDING
    while not _any_within(row, pairs, high):
        low, high = high, 2 * high
    for _ in range(10):
        middle = (low + high) / 2
        low, high = (low, middle) if _any_within(row, pairs, middle) else (middle, high)
    return survey(row, pairs, high)


def _any_within(row: Mapping[str, Printed], pairs: tuple[np.ndarray, np.ndarray], tolerance: float) -> bool:
    return next(_lines(row, pairs, tolerance), None) is not None


def _matrices(
    row: Mapping[str, Printed], pairs: tuple[np.ndarray, np.ndarray], tolerance: float
) -> Iterator[Confusion]:
    """All matrices within ``tolerance`` units of every metric, in batches."""
    for used, not_used, true_positive, low, high in _lines(row, pairs, tolerance):
        for part in _batches(high - low + 1):
            owner, false_positive = _expanded(low[part], high[part])
            yield _confusion(used[part][owner], not_used[part][owner], true_positive[part][owner], false_positive)


def _lines(
    row: Mapping[str, Printed], pairs: tuple[np.ndarray, np.ndarray], tolerance: float
) -> Iterator[tuple[np.ndarray, ...]]:
    """Used, not used, TP, smallest and largest FP within ``tolerance`` units of every metric, in non-empty batches."""
    tolerance += 10.0**-_SNAP

    def high_enough(used: np.ndarray, not_used: np.ndarray, tp: np.ndarray, fp: np.ndarray) -> np.ndarray:
        return np.all(deviations(row, _confusion(used, not_used, tp, fp)) >= -tolerance, axis=0)

    def low_enough(used: np.ndarray, not_used: np.ndarray, tp: np.ndarray, fp: np.ndarray) -> np.ndarray:
        return np.all(deviations(row, _confusion(used, not_used, tp, fp)) <= tolerance, axis=0)

    def false_positives(
        used: np.ndarray,
        not_used: np.ndarray,
        tp_low: np.ndarray,
        tp_high: np.ndarray,
        low: np.ndarray,
        high: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        above = _first(lambda fp: ~high_enough(used, not_used, tp_high, fp), low, high)
        return _first(lambda fp: low_enough(used, not_used, tp_low, fp), low, high), above - 1

    used, not_used = pairs
    tp_low, tp_high, fp_low, fp_high = np.zeros_like(used), used, np.zeros_like(used), not_used
    for _ in range(3):  # each round narrows one count by what is left of the other
        tp_low = _first(lambda tp: high_enough(used, not_used, tp, fp_low), tp_low, tp_high)  # noqa: B023
        tp_high = _first(lambda tp: ~low_enough(used, not_used, tp, fp_high), tp_low, tp_high) - 1  # noqa: B023
        box = np.stack([used, not_used, tp_low, tp_high, fp_low, fp_high])
        used, not_used, tp_low, tp_high, fp_low, fp_high = box[:, tp_low <= tp_high]
        fp_low, fp_high = false_positives(used, not_used, tp_low, tp_high, fp_low, fp_high)
        box = np.stack([used, not_used, tp_low, tp_high, fp_low, fp_high])
        used, not_used, tp_low, tp_high, fp_low, fp_high = box[:, fp_low <= fp_high]
    for part in _batches(tp_high - tp_low + 1):
        owner, tp = _expanded(tp_low[part], tp_high[part])
        classes = used[part][owner], not_used[part][owner]
        low, high = false_positives(*classes, tp, tp, fp_low[part][owner], fp_high[part][owner])
        lines = np.stack([*classes, tp, low, high])[:, low <= high]
        if lines.size:
            yield tuple(lines)


def _first(test: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Smallest whole number of [low, high] that meets a test all larger ones meet too; high + 1 if none does."""
    last, high = high, high + 1
    while (unsure := low < high).any():
        middle = (low + high) // 2
        met = test(np.minimum(middle, last))
        high = np.where(unsure & met, middle, high)
        low = np.where(unsure & ~met, middle + 1, low)
    return low


def _expanded(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All whole numbers of the ranges [low, high], and the place of the range that each is of."""
    lengths = np.maximum(high - low + 1, 0)
    owner = np.repeat(np.arange(len(low)), lengths)
    return owner, np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths) + low[owner]


def _batches(lengths: np.ndarray) -> Iterator[slice]:
    """Consecutive items whose lengths sum to about `_BATCH` or less."""
    batch = np.cumsum(lengths) // _BATCH
    starts = [*np.unique(batch, return_index=True)[1].tolist(), len(lengths)]
    yield from map(slice, starts, starts[1:])


def _confusion(used: np.ndarray, not_used: np.ndarray, tp: np.ndarray, fp: np.ndarray) -> Confusion:
    return Confusion(tp, fp, used - tp, not_used - fp)


def _range(values: np.ndarray) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _outward(row: Mapping[str, Printed], off: np.ndarray) -> np.ndarray:
    """Deviations away from zero."""
    return off * np.array([-1 if number.text.startswith("-") else 1 for number in row.values()])[:, None]


def _half_up(row: Mapping[str, Printed], off: np.ndarray) -> np.ndarray:
    return (_outward(row, off) >= -ROUNDING) & (_outward(row, off) < ROUNDING)


def _half_even(row: Mapping[str, Printed], off: np.ndarray) -> np.ndarray:
    even = np.array([int(number.text[-1]) % 2 == 0 for number in row.values()])[:, None]
    return (np.abs(off) < ROUNDING) | (even & (np.abs(off) == ROUNDING))


def _nearest_either_way(row: Mapping[str, Printed], off: np.ndarray) -> np.ndarray:
    return np.abs(off) <= ROUNDING


def _truncated(row: Mapping[str, Printed], off: np.ndarray) -> np.ndarray:
    return (_outward(row, off) >= 0) & (_outward(row, off) < 1)


_SHORTENED: dict[str, Callable[[Mapping[str, Printed], np.ndarray], np.ndarray]] = {
    "nearest": _nearest_either_way,
    "half up": _half_up,
    "half to even": _half_even,
    "truncated": _truncated,
}


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
    return bound(0), round(high, _SNAP)


def excess(terms: Sequence[tuple[float, Printed]], constant: float = 0) -> float:
    """Smallest t so that sum(coefficient x number) + constant <= 0 if each number may be t units off; signed."""
    total = sum(coefficient * number.value for coefficient, number in terms) + constant
    return round(total / sum(abs(coefficient) * number.unit for coefficient, number in terms), _SNAP)
