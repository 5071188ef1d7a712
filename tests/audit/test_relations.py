"""Relations between the rows of a table, by hand and for whatever was measured."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genprint.audit.relations import RELATIONS
from genprint.audit.rows import CONSISTENT, IMPOSSIBLE, UNDECIDABLE

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "config" / "reported"
MARKS = "<!-- audit -->\n", "\n<!-- end of audit -->"


UNION = {"column": "x", "whole": {"of": "all"}, "parts": [{"of": "a"}, {"of": "b"}]}


def relation(kind, rows, **options):
    return [finding for _, finding in RELATIONS[kind](rows, **options)]


def union(whole, a, b):
    return [{"of": name, "x": text} for name, text in (("all", whole), ("a", a), ("b", b))]


@pytest.mark.parametrize(
    ("kind", "texts", "options", "deviation"),
    [
        ("minimum", ("6.4", "9.1", "6.4"), {}, 0),
        ("minimum", ("6.5", "9.1", "6.4"), {}, 0.5),  # 6.45 rounded this way and that
        ("minimum", ("6.6", "9.1", "6.4"), {}, 1),
        ("minimum", ("6", "9.1", "5.4"), {}, 6 / 11),  # 0.6 in units of 1 and 0.1
        ("maximum", ("9.1", "9.1", "6.4"), {}, 0),
        ("maximum", ("8.7", "9.1", "6.4"), {}, 2),
        ("mean", ("7.8", "9.1", "6.4"), {}, 0),
        ("mean", ("6.2", "9.1", "6.4"), {}, 1),
        ("mean", ("9.5", "9.1", "6.4"), {}, 2),
        ("mean", ("7.8", "9.2", "6.4"), {"weights": [1, 1]}, 0),
        ("mean", ("7.0", "9.2", "6.4"), {"weights": [1, 1]}, 4),
        ("mean", ("7.1", "9.2", "6.4"), {"weights": [1, 3]}, 0),
    ],
)
def test_unions_by_hand(kind, texts, options, deviation):
    (finding,) = relation(kind, union(*texts), **UNION, **options)
    assert finding.deviation == pytest.approx(deviation)
    assert finding.verdict == (IMPOSSIBLE if deviation > 0.5 else CONSISTENT)


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=20),
    st.lists(st.integers(0, 1000), min_size=1, max_size=20),
    st.integers(0, 2),
)
def test_relations_hold_in_whatever_was_measured(a, b, digits):
    a, b = np.array(a) / 1000, np.array(b) / 1000
    for kind, statistic in (("minimum", np.min), ("maximum", np.max), ("mean", np.mean)):
        rows = union(*(f"{statistic(values):.{digits}f}" for values in (np.concatenate([a, b]), a, b)))
        options = {"weights": [len(a), len(b)]} if kind == "mean" else {}
        (finding,) = relation(kind, rows, **UNION, **options)
        assert finding.verdict == CONSISTENT
    row = {statistic.__name__: f"{statistic(a):.{digits}f}" for statistic in (np.min, np.mean, np.max)}
    assert relation("ordered", [row], columns=list(row))[0].verdict == CONSISTENT


def test_groups_without_all_parts_are_passed_over():
    rows = [{**row, "set": "1"} for row in union("1", "1", "1")] + [{"of": "all", "x": "9", "set": "2"}]
    assert [row["set"] for row, _ in RELATIONS["minimum"](rows, within=["set"], **UNION)] == ["1"]


def test_order_sums_and_claims_by_hand():
    assert relation("ordered", [{"a": "1", "b": "3", "c": "2"}], columns=["a", "b", "c"])[0].deviation == 0.5
    assert relation("ordered", [{"a": "1.0", "b": "0.8"}], columns=["a", "b"])[0].verdict == IMPOSSIBLE
    # Counts are not rounded: one image off is off.
    rows = [
        {"used": "100", "not": "100", "all": "201"},
        {"used": "2", "not": "3", "all": "5"},
        {"used": "", "not": "3", "all": "5"},
    ]
    found = relation("sum", rows, whole="all", parts=["used", "not"])
    assert [finding.verdict for finding in found] == [IMPOSSIBLE, CONSISTENT, UNDECIDABLE]
    assert found[0].note == "used + not - all is -1, not 0"
    rows = [{"k": "-0.07"}, {"k": "-0.02"}]
    assert relation("best", rows, column="k", claimed="-0.02")[0].verdict == CONSISTENT
    assert relation("best", rows, column="k", claimed="-0.02", where={"k": "-0.07"})[0].deviation == 2.5
    assert relation("best", rows, column="k", claimed="1", where={"k": "0"})[0].verdict == UNDECIDABLE
