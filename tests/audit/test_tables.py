"""The audit of whole tables: what it finds in the papers, and relations between rows by hand."""

import csv
from pathlib import Path

import numpy as np
import pytest
import yaml

from genprint.audit.rows import CONSISTENT, IMPOSSIBLE
from genprint.audit.tables import (
    DEPENDS,
    MATRIX,
    audit,
    csv_text,
    markdown,
    overall,
    summary,
)
from genprint.scoring.controls import constant_used
from genprint.scoring.metrics import Confusion

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "config" / "reported"
MARKS = "<!-- audit -->\n", "\n<!-- end of audit -->"


def read(name):
    with (FOLDER / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def answers():
    tables = {file.stem: read(file.stem) for file in FOLDER.glob("*.csv")}
    return audit(tables, yaml.safe_load((FOLDER / "audit.yaml").read_text()))


def of(answers, table, row="", question=""):
    return [one for one in answers if one.table == table and row in one.row and question in one.question]


def test_the_documentation_shows_what_is_found(answers):
    page = (ROOT / "docs" / "reproduction.md").read_text()
    assert page.split(MARKS[0])[1].split(MARKS[1])[0] == summary(answers)


def test_every_row_of_every_table_is_audited(answers):
    descriptions = yaml.safe_load((FOLDER / "audit.yaml").read_text())
    assert set(descriptions) == {file.stem for file in FOLDER.glob("*.csv")}
    for name, description in descriptions.items():
        rows = {", ".join(row[key] for key in description["keys"]) for row in read(name)}
        assert rows <= {answer.row for answer in of(answers, name)}


def test_2024_table_1_contradicts_itself(answers):
    least, mean = of(answers, "2024-table-1", question="min") + of(answers, "2024-table-1", question="mean")
    assert {least.row, mean.row} == {"development, Generated-Real"}
    # 7.9 - 6.4 and (15.2 + 13.4) / 2 - 13.4, shared by two numbers, and by one and two halves.
    assert (least.finding.verdict, least.finding.deviation) == (IMPOSSIBLE, 7.5)
    assert (mean.finding.verdict, mean.finding.deviation) == (IMPOSSIBLE, 4.5)
    others = [one for one in of(answers, "2024-table-1") if one not in (least, mean)]
    assert {one.finding.verdict for one in others} == {CONSISTENT}


def test_2024_table_2_has_two_rows_whose_f1_no_mean_has(answers):
    verdicts = {one.row: one.finding.verdict for one in of(answers, "2024-table-2", question=MATRIX)}
    assert [row for row in verdicts if verdicts[row] == IMPOSSIBLE] == [
        "development, w/o, ssim",
        "development, w/ gaussian-noise, cosine",
    ]
    assert set(verdicts.values()) == {CONSISTENT, IMPOSSIBLE}


def test_2024_table_3_has_one_mean_that_is_none(answers):
    means = {one.row: one.finding for one in of(answers, "2024-table-3", question="mean")}
    assert [row for row in means if means[row].verdict == IMPOSSIBLE] == ["test, cosine, mean"]
    assert means["test, cosine, mean"].deviation == 42.5  # 0.614 - 0.529, shared
    tasks = [one for one in of(answers, "2024-table-3", question=MATRIX) if not one.row.endswith("mean")]
    assert {one.finding.verdict for one in tasks} == {CONSISTENT}
    assert all(0.495 < share < 0.505 for one in tasks for share in one.finding.share_used)


def test_2024_f1_has_the_factor_2_that_its_formula_lacks():
    rows = [row for row in read("2024-table-3") if row["Task"] != "mean"]
    precision, recall, f1 = (np.array([float(row[name]) for row in rows]) for name in ("Precision", "Recall", "F1"))
    np.testing.assert_allclose(2 * precision * recall / (precision + recall), f1, atol=0.0012)


def test_2025_table_3(answers):
    cosine, ssim, jaccard = (of(answers, "2025-table-3", row, MATRIX) for row in ("cosine", "ssim", "jaccard"))
    # Of all matrices of 500 images, whatever the share of used ones, one fits; and it has 250 used.
    assert [one.finding.fitting for one in cosine + jaccard] == [1, 1, 1, 1]
    assert {one.finding.matrix for one in cosine} == {Confusion(230, 247, 20, 3)}
    assert {one.finding.matrix for one in jaccard} == {Confusion(103, 107, 147, 143)}
    assert {one.finding.verdict for one in ssim} == {IMPOSSIBLE}
    halves = next(one for one in ssim if "half" in one.assumption)
    # Kappa -0.032 is accuracy 0.484, two units above 0.482, which in turn is kappa -0.036, four units below.
    assert halves.finding.deviation == pytest.approx(2)
    assert "accuracy 0.482 was 0.484" in halves.finding.note


def test_every_test_score_is_below_the_constant_answer(answers):
    assert round(constant_used(250, 250)["f1"], 3) == 0.667
    for one in [*of(answers, "2024-table-3", question=MATRIX), *of(answers, "2025-table-3", question=MATRIX)]:
        if one.finding.share_used[1] - one.finding.share_used[0] < 0.01:
            assert float(one.f1) < min(one.constant_used_f1)


OTHER = [{"method": "ours", "Accuracy": "0.75", "Recall": "0.75", "KAPPA": "0.50", "F1": "0.75"}]


def test_a_table_of_another_paper():
    sizes = [
        {"used": 4, "not_used": 4, "because": "appendix"},
        {"used": 3, "not_used": 5, "because": "rumour"},
    ]
    found = audit({"theirs": OTHER}, {"theirs": {"keys": ["method"], "sizes": sizes}})
    assert [one.finding.verdict for one in found] == [CONSISTENT, IMPOSSIBLE]
    assert [one.assumption for one in found] == ["appendix", "rumour"]
    assert overall(found) == DEPENDS and overall(found[:1]) == CONSISTENT
    assert found[0].constant_used_f1 == pytest.approx((2 / 3, 2 / 3))
    assert "TP 3, FP 1, FN 1, TN 3 alone" in summary(found)
    assert audit({"theirs": OTHER}, {"theirs": {"keys": ["method"]}})[0].finding.note == "no class sizes to try"


def test_the_files_have_every_answer(answers):
    lines = list(csv.DictReader(csv_text(answers).splitlines()))
    assert [line["verdict"] for line in lines] == [answer.finding.verdict for answer in answers]
    cosine = next(line for line in lines if line["table"] == "2025-table-3" and "cosine" in line["row"])
    assert [cosine[name] for name in Confusion._fields] == ["230", "247", "20", "3"]
    assert cosine["constant_used_f1_low"] == cosine["constant_used_f1_high"] == "0.666667"
    page = markdown(answers)
    assert all(f"## {name}" in page for name in {answer.table for answer in answers})


def test_all_mistakes_of_a_description_are_listed():
    description = {
        "sizes": [{"used": 4}, {"positive": 4}],
        "means": {"where": {"Task": "mean"}, "over": 2},
        "relation": [],
        "relations": [
            {"relation": "median"},
            {"relation": "minimum", "column": "SSIM", "parts": [{"method": "x"}], "wide": 1},
        ],
    }
    with pytest.raises(ValueError) as caught:
        audit({"theirs": OTHER}, {"theirs": description, "absent": {}})
    text = str(caught.value)
    for part in (
        "absent: there is no such table",
        "theirs.relation: unknown; write one of keys, sizes, means, relations",
        "theirs.keys: missing",
        "theirs.sizes[0]: class sizes without a limit",
        "theirs.sizes[1]: ",
        "theirs.relations[0]: relation is 'median'; write one of minimum",
        "theirs.relations[1]: unknown wide",
        "theirs.relations[1]: minimum needs whole",
        "theirs: the table has no columns SSIM, Task; it has",
    ):
        assert part in text
