"""The audit of reported tables: each row by `genprint.audit.rows`, the relations between rows, the constant answer.

A table is a list of rows, each a mapping from column to text as printed. What the audit may assume of it (class sizes,
which rows are means, what must hold between rows) is its description; ``config/reported/audit.yaml`` explains the form.
"""

import csv
import inspect
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tabulate import tabulate

from genprint.audit.matrices import Sizes
from genprint.audit.relations import RELATIONS, Row, matches
from genprint.audit.rows import CONSISTENT, IMPOSSIBLE, UNDECIDABLE, Finding, audit_mean, audit_row
from genprint.scoring.metrics import DECISION_METRICS, Confusion

MATRIX = "confusion matrix"
DEPENDS = "depends on the class sizes"
_CELLS = ("TP", "FP", "FN", "TN")
_DESCRIPTION = ("keys", "sizes", "means", "relations")
_COLUMNS = (
    *("table", "row", "question", "assumption", "verdict", "deviation", "fitting"),
    *(*Confusion._fields, "f1", "constant_used_f1_low", "constant_used_f1_high", "note"),
)


@dataclass(frozen=True)
class Answer:
    """One finding of the audit: on a row of a table, or on what the paper says about it."""

    table: str
    row: str
    question: str
    """Whether a confusion matrix gives the row, or the relation that was checked."""
    assumption: str
    finding: Finding
    f1: str = ""

    @property
    def constant_used_f1(self) -> tuple[float, float] | None:
        """F1 of the answer "used" to everything, 2p / (1 + p): least and most at the shares p that are possible."""
        if self.finding.share_used is None:
            return None
        low, high = (2 * share / (1 + share) for share in self.finding.share_used)
        return low, high


def audit(tables: Mapping[str, Sequence[Row]], descriptions: Mapping[str, Mapping]) -> list[Answer]:
    """Audit every table that has a description.

    Raises:
        ValueError: Everything that is wrong with the descriptions; numbers that are none.
    """
    if mistakes := [line for name in descriptions for line in _mistakes(name, tables.get(name), descriptions[name])]:
        raise ValueError("The audit cannot be made:\n" + "\n".join(mistakes))
    return [answer for name in descriptions for answer in _audit_table(name, tables[name], descriptions[name])]


def csv_text(answers: Sequence[Answer]) -> str:
    """One line per answer; deviations in units of the last printed digit."""
    file = io.StringIO()
    writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for answer in answers:
        found = answer.finding
        writer.writerow(
            {
                **{name: getattr(answer, name) for name in ("table", "row", "question", "assumption", "f1")},
                **{name: getattr(found, name) for name in ("verdict", "fitting", "note")},
                **(found.matrix._asdict() if found.matrix else {}),
                "deviation": _number(found.deviation, 4),
                "constant_used_f1_low": _number(answer.constant_used_f1 and answer.constant_used_f1[0], 6),
                "constant_used_f1_high": _number(answer.constant_used_f1 and answer.constant_used_f1[1], 6),
            }
        )
    return file.getvalue()


def markdown(answers: Sequence[Answer]) -> str:
    """Every answer, by table."""
    parts = ["# What the reported numbers are worth", EXPLANATION]
    for table in dict.fromkeys(answer.table for answer in answers):
        lines = [
            [answer.row, answer.question, answer.assumption, f"**{answer.finding.verdict}**", _told(answer)]
            for answer in answers
            if answer.table == table
        ]
        headers = ["row", "question", "assumption", "verdict", "why"]
        parts += [f"## {table}", tabulate(lines, headers, tablefmt="pipe", disable_numparse=True)]
    return "\n\n".join([*parts, "## Every row", summary(answers)]) + "\n"


EXPLANATION = (
    "Consistent: some confusion matrix gives all metrics of the row, each rounded as printed. Impossible: none does, "
    "or the row contradicts another; it is off by the least amount, in units of the last printed digit, by which some "
    "printed number must be wrong (0.5 is rounding; for means over data sets, at least so much). "
    'Beside the F1 of a row stands that of the constant answer "used".'
)


def summary(answers: Sequence[Answer]) -> str:
    """One line per row, as a Markdown table: what decides its verdict, under the first assumption on class sizes."""
    lines = []
    for table, row in dict.fromkeys((answer.table, answer.row) for answer in answers):
        of_row = [answer for answer in answers if (answer.table, answer.row) == (table, row)]
        verdict = overall(of_row)
        why: dict[str, str] = {}
        for answer in of_row:
            if answer.finding.verdict == verdict or verdict == DEPENDS:
                why.setdefault(answer.question, _told(answer))
        f1 = next((answer.f1 for answer in of_row if answer.f1), "")
        lines.append([table, row, verdict, "; ".join(why.values()), f1, _constant(of_row) if f1 else ""])
    headers = ["table", "row", "verdict", "why", "F1", 'F1 of "used"']
    return tabulate(lines, headers, tablefmt="pipe", disable_numparse=True)


def _constant(answers: Sequence[Answer]) -> str:
    """F1 of the constant answer under the assumption that leaves least of it open."""
    known = [answer.constant_used_f1 for answer in answers if answer.constant_used_f1]
    low, high = (f"{value:.3f}" for value in min(known, key=lambda limits: limits[1] - limits[0]))
    return low if low == high else f"{low} to {high}"


def overall(answers: Sequence[Answer]) -> str:
    """Verdict on one row from all its answers: impossible if any question is, under every assumption on class sizes."""
    verdicts = set()
    for question in {answer.question for answer in answers}:
        under = {answer.finding.verdict for answer in answers if answer.question == question}
        verdicts.add(under.pop() if len(under) == 1 else DEPENDS)
    return next(verdict for verdict in (IMPOSSIBLE, DEPENDS, CONSISTENT, UNDECIDABLE) if verdict in verdicts)


def _audit_table(name: str, rows: Sequence[Row], description: Mapping) -> Iterator[Answer]:
    keys, relations = description["keys"], description.get("relations", ())
    for row in rows:
        metrics = {column.lower(): text for column, text in row.items() if column.lower() in DECISION_METRICS}
        for size in description.get("sizes", ()):
            finding = _audit_metrics(row, metrics, _sizes(size), description.get("means"))
            yield Answer(name, _name(row, keys), MATRIX, size.get("because", ""), finding, metrics.get("f1", ""))
        if not relations and "sizes" not in description:
            note = "no class sizes to try" if any(metrics.values()) else "prints no metric of a decision"
            yield Answer(name, _name(row, keys), MATRIX, "", Finding(UNDECIDABLE, note=note))
    for relation in relations:
        options = {option: value for option, value in relation.items() if option not in ("relation", "because")}
        column = f" ({options['column']})" if "column" in options else ""
        for at, finding in RELATIONS[relation["relation"]](rows, **options):
            because = relation.get("because", "")
            named = (because, "") if at is None else (_name(at, keys), because)
            yield Answer(name, named[0], f"{relation['relation']}{column}", named[1], finding)


def _audit_metrics(row: Row, metrics: Mapping[str, str], sizes: Sizes, means: Mapping | None) -> Finding:
    if means and matches(row, means["where"]):
        return audit_mean(metrics, sizes, means["over"])
    return audit_row(metrics, sizes)


def _sizes(description: Mapping) -> Sizes:
    return Sizes.of(**{option: value for option, value in description.items() if option != "because"})


def _name(row: Row, keys: Sequence[str]) -> str:
    return ", ".join(row[key] for key in keys)


def _told(answer: Answer) -> str:
    """A finding in words."""
    finding = answer.finding
    if answer.question != MATRIX and finding.verdict == CONSISTENT:
        return f"{answer.question} holds"
    said = [f"off by {finding.deviation:.3g}"] if finding.verdict == IMPOSSIBLE else []
    if finding.matrix:
        matrix = ", ".join(f"{name} {count}" for name, count in zip(_CELLS, finding.matrix, strict=True))
        others = (finding.fitting or 0) - 1
        number = "alone" if others == 0 else f"or {others:,} others"
        said.append(f"nearest is {matrix}" if finding.verdict == IMPOSSIBLE else f"{matrix} {number}")
    return "; ".join([*said, *filter(None, [finding.note])])


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _mistakes(name: str, rows: Sequence[Row] | None, description: Mapping) -> Iterator[str]:
    """Everything wrong with a description, one line each."""
    if rows is None:
        yield f"{name}: there is no such table; write the name of a csv file of the folder, without .csv"
        return
    columns = set().union(*rows)
    for option in description.keys() - set(_DESCRIPTION):
        yield f"{name}.{option}: unknown; write one of {', '.join(_DESCRIPTION)}"
    if "keys" not in description:
        yield f"{name}.keys: missing; write the columns that name a row"
    named = [*description.get("keys", ()), *(description.get("means", {}).get("where") or {})]
    for place, size in enumerate(description.get("sizes", ())):
        try:
            _sizes(size)
        except (TypeError, ValueError) as error:
            yield f"{name}.sizes[{place}]: {error}"
    for place, relation in enumerate(description.get("relations", ())):
        where, kind = f"{name}.relations[{place}]", relation.get("relation")
        if kind not in RELATIONS:
            yield f"{where}: relation is {kind!r}; write one of {', '.join(RELATIONS)}"
            continue
        parameters = list(inspect.signature(RELATIONS[kind]).parameters.values())[1:]
        needed = [parameter.name for parameter in parameters if parameter.default is parameter.empty]
        if unknown := relation.keys() - {parameter.name for parameter in parameters} - {"relation", "because"}:
            yield f"{where}: unknown {', '.join(sorted(unknown))}; {kind} takes {', '.join(p.name for p in parameters)}"
        if missing := [option for option in needed if option not in relation]:
            yield f"{where}: {kind} needs {', '.join(missing)}"
        selectors = [relation.get("whole"), relation.get("where"), *relation.get("parts", ())]
        named += [column for one in selectors if one for column in ([one] if isinstance(one, str) else one)]
        named += [*relation.get("columns", ()), *relation.get("within", ())]
        named += [relation["column"]] if "column" in relation else []
    if absent := sorted(set(named) - columns):
        yield f"{name}: the table has no columns {', '.join(absent)}; it has {', '.join(columns)}"
