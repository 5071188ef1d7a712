"""What must hold between the rows of a reported table, or between a table and what the text says of it."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from genprint.audit.matrices import ROUNDING, Printed, excess, printed
from genprint.audit.rows import CONSISTENT, IMPOSSIBLE, UNDECIDABLE, Finding

Row = Mapping[str, str]
Judged = Iterator[tuple[Row | None, Finding]]


def minimum(
    rows: Sequence[Row], *, column: str, whole: Row, parts: Sequence[Row], within: Sequence[str] = ()
) -> Judged:
    """The minimum over a union is at most that over any part."""
    for union, members in _unions(rows, column, whole, parts, within):
        least = min(members, key=lambda number: number.value)
        deviation = max(excess([(1, union.number), (-1, member)]) for member in members)
        yield union.row, _relation(deviation, f"the minimum {union.number.text} is above {least.text} of a part")


def maximum(
    rows: Sequence[Row], *, column: str, whole: Row, parts: Sequence[Row], within: Sequence[str] = ()
) -> Judged:
    """The maximum over a union is at least that over any part."""
    for union, members in _unions(rows, column, whole, parts, within):
        largest = max(members, key=lambda number: number.value)
        deviation = max(excess([(-1, union.number), (1, member)]) for member in members)
        yield union.row, _relation(deviation, f"the maximum {union.number.text} is below {largest.text} of a part")


def mean(
    rows: Sequence[Row],
    *,
    column: str,
    whole: Row,
    parts: Sequence[Row],
    within: Sequence[str] = (),
    weights: Sequence[float] | None = None,
) -> Judged:
    """The mean over a union is the weighted mean of its parts; without ``weights``, it lies between them."""
    for union, members in _unions(rows, column, whole, parts, within):
        if weights is None:
            low, high = (choose(members, key=lambda number: number.value) for choose in (min, max))
            deviation = max(excess([(1, union.number), (-1, high)]), excess([(-1, union.number), (1, low)]))
            yield union.row, _relation(deviation, f"{union.number.text} is not between {low.text} and {high.text}")
        else:
            shares = [weight / sum(weights) for weight in weights]
            expected = sum(share * member.value for share, member in zip(shares, members, strict=True))
            terms = [(-share, member) for share, member in zip(shares, members, strict=True)]
            deviation = abs(excess([(1, union.number), *terms]))
            yield union.row, _relation(deviation, f"the parts' mean is {expected:.4g}, not {union.number.text}")


def ordered(rows: Sequence[Row], *, columns: Sequence[str]) -> Judged:
    """In every row, the numbers of these columns do not fall."""
    for row in rows:
        numbers = [printed(row[column]) for column in columns if row[column]]
        steps = [excess([(1, low), (-1, high)]) for low, high in itertools.pairwise(numbers)]
        if steps:
            yield row, _relation(max(steps), f"{', '.join(columns)} fall")


def sum_of_parts(rows: Sequence[Row], *, whole: str, parts: Sequence[str]) -> Judged:
    """In every row, counts add up; counts are not rounded."""
    for row in rows:
        if not all(row[column] for column in (whole, *parts)):
            yield row, Finding(UNDECIDABLE, note=f"{whole}, {', '.join(parts)} are not all printed")
            continue
        difference = sum(printed(row[column]).value for column in parts) - printed(row[whole]).value
        verdict = IMPOSSIBLE if difference else CONSISTENT
        note = f"{' + '.join(parts)} - {whole} is {difference:+g}, not 0" if difference else ""
        yield row, Finding(verdict, abs(difference), note=note)


def best(rows: Sequence[Row], *, column: str, claimed: str, where: Row | None = None) -> Judged:
    """What the text calls the best value of a column is its largest."""
    numbers = [printed(row[column]) for row in rows if matches(row, where or {}) and row[column]]
    if not numbers:
        yield None, Finding(UNDECIDABLE, note=f"no row prints {column}")
        return
    largest = max(numbers, key=lambda number: number.value)
    deviation = abs(excess([(1, printed(claimed)), (-1, largest)]))
    yield None, _relation(deviation, f"the text says {claimed}, the table {largest.text}")


RELATIONS: dict[str, Callable[..., Iterator[tuple[Row | None, Finding]]]] = {
    "minimum": minimum,
    "maximum": maximum,
    "mean": mean,
    "ordered": ordered,
    "sum": sum_of_parts,
    "best": best,
}


@dataclass(frozen=True)
class _Union:
    row: Row
    number: Printed


def _unions(
    rows: Sequence[Row], column: str, whole: Row, parts: Sequence[Row], within: Sequence[str]
) -> Iterator[tuple[_Union, list[Printed]]]:
    """In every group of rows that has them: the row of the union, and the numbers of all its parts."""
    for group in dict.fromkeys(tuple(row[name] for name in within) for row in rows):
        members = [row for row in rows if tuple(row[name] for name in within) == group and row[column]]
        unions = [row for row in members if matches(row, whole)]
        found = [[row for row in members if matches(row, part)] for part in parts]
        if unions and all(found):
            yield _Union(unions[0], printed(unions[0][column])), [printed(match[0][column]) for match in found]


def matches(row: Row, where: Row) -> bool:
    """Return whether a row has all these values."""
    return all(row[column] == value for column, value in where.items())


def _relation(deviation: float, note: str) -> Finding:
    if deviation > ROUNDING:
        return Finding(IMPOSSIBLE, deviation, note=note)
    return Finding(CONSISTENT, max(deviation, 0.0))
