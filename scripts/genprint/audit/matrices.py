"""The confusion matrices that give a row of metrics as a paper prints it.

A row of a paper's table is a mapping from metrics to numbers as printed; the number of printed digits says how far
rounding may have moved a value. Everything is measured in units of the last printed digit: the **deviation** of a row
is the smallest t such that some matrix is within t units of every metric of the row. Rounding to nearest explains 0.5.

With P used and N not used images every metric here rises with TP and falls with FP, so for a given TP the FP that fit
are an interval, found by bisection for all P, N and TP at once. That keeps ranges of class sizes affordable.

An undefined ratio counts as the 0 that most libraries print for it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from genprint.scoring.metrics import DECISION_METRICS, Confusion

ROUNDING = 0.5
_BATCH = 1 << 16
DECIMALS = 9  # decimals that tell a tie from its neighbours: enough for kappa of 20,000 images, and six printed digits


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
        raise ValueError(f"{text!r} is not a number; write it as the paper prints it, e.g. 0.598") from None
    return Printed(text, value, len(text.partition(".")[2]))


def _bounds(size: int | Sequence[int] | None) -> tuple[int, int] | None:
    """A number or a range as a range; None, and a range without ends, are unknown."""
    if isinstance(size, int):
        return size, size
    return (size[0], size[1]) if size else None


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


class Survey(NamedTuple):
    """Matrices near a row."""

    fitting: dict[str, int]
    """Number of matrices that give the row, by how its numbers were shortened."""
    deviation: float
    """Of `matrix`, the nearest one."""
    matrix: Confusion | None
    share_used: tuple[float, float] | None
    """Smallest and largest share of used images."""


def deviations(row: Mapping[str, Printed], confusion: Confusion) -> np.ndarray:
    """Metric minus printed value in units of the last printed digit: float64 (metrics, ...)."""
    values = [np.nan_to_num(DECISION_METRICS[name](confusion)) for name in row]
    exact = [(value - number.value) * 10.0**number.digits for value, number in zip(values, row.values(), strict=True)]
    return np.round(exact, DECIMALS)


def excess(terms: Sequence[tuple[float, Printed]], constant: float = 0) -> float:
    """Smallest t so that sum(coefficient x number) + constant <= 0 if each number may be t units off; signed."""
    total = sum(coefficient * number.value for coefficient, number in terms) + constant
    return round(total / sum(abs(coefficient) * number.unit for coefficient, number in terms), DECIMALS)


def survey(row: Mapping[str, Printed], pairs: tuple[np.ndarray, np.ndarray], tolerance: float) -> Survey:
    """Every matrix within ``tolerance`` units of all metrics: counted, and the one with the least deviation.

    ``pairs`` are numbers of used and of not used images (K,). Without any such matrix the deviation is infinite.
    """
    counts = dict.fromkeys(_SHORTENED, 0)
    best, matrix, shares = np.inf, None, list[float]()
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


def nearest(row: Mapping[str, Printed], pairs: tuple[np.ndarray, np.ndarray]) -> Survey:
    """Find the matrix with the least deviation of all."""
    low, high = ROUNDING, 2 * ROUNDING
    while not any_within(row, pairs, high):
        low, high = high, 2 * high
    for _ in range(10):
        middle = (low + high) / 2
        low, high = (low, middle) if any_within(row, pairs, middle) else (middle, high)
    return survey(row, pairs, high)


def any_within(row: Mapping[str, Printed], pairs: tuple[np.ndarray, np.ndarray], tolerance: float) -> bool:
    """Return whether any matrix is within ``tolerance`` units of all metrics."""
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
    tolerance += 10.0**-DECIMALS

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
    return np.logical_and(_outward(row, off) >= -ROUNDING, _outward(row, off) < ROUNDING)


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
