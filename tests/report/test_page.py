import json
import re

import numpy as np
import pandas as pd
import pytest

from genprint.copies.tables import COPIES, EXPOSED, SPIKES
from genprint.report import page as pages
from genprint.report.colours import DARK, INK, PAPER
from genprint.report.display import MOST_ROWS, browsable, displayed
from genprint.report.page import Picture, report, run_times_page
from genprint.tables.copies import copy_tables as tables_of_copies
from genprint.tables.run_files import shown
from genprint.tables.table import Table
from genprint.tables.verdict import Verdict

SVG = f'<svg xmlns="http://www.w3.org/2000/svg"><defs></defs><path style="fill: {INK}"/></svg>'.encode()
HOSTILE = "<script>alert(1)</script>"


def whole(columns):
    return Table("A table", (), pd.DataFrame(columns))


def ablation(rows=3, **columns):
    return whole(
        {
            "dataset": "d",
            "variant": "original",
            "encoder": "pixels",
            "similarity": "ssim",
            "rule": [f"rule-{row}" for row in range(rows)],
            "threshold_rule": "best-f1",
            "n": 90,
            "auc": np.linspace(0.5, 1, rows),
        }
        | columns
    )


def page(source="folder", **changes):
    return report(
        **dict(
            benchmark="b",
            runs=1,
            tables={"ablation": ablation()},
            controls=whole({"dataset": ["d"], "auc": [0.9]}),
            at_risk=whole({"dataset": ["d"], "rank": [1], "image_id": ["x"]}),
            patients_at_risk=whole({"dataset": ["d"], "rank": [1], "patient": ["p"]}),
            run_files=shown([]),
            pictures=[Picture("auc.svg", SVG, "A caption.")],
            dropped=[],
            skipped=[],
            made_by={
                "code": "c0de",
                "seed": 1,
                "versions": {"numpy": "2"},
                "parameters": {"settings": {"datasets": {"d": {"source": source}}}},
            },
        )
        | changes
    )


def verdicts(kind=Verdict.LEAK, **columns):
    row = {"dataset": "d", "kind": kind, "verdict": kind.words, "text": "Because.", "auc": 0.9}
    return {"ablation": ablation(), "verdicts": whole([row | columns])}


def test_hostile_names_are_escaped_wherever_they_come_from():
    html = page(
        benchmark=HOSTILE,
        tables=verdicts(dataset=HOSTILE, text=HOSTILE)
        | {
            "ablation": ablation(dataset=HOSTILE),
            "2025-table-1": Table(HOSTILE, (), pd.DataFrame({HOSTILE: [HOSTILE]}), (HOSTILE,)),
        },
        controls=whole({"dataset": [HOSTILE]}),
        at_risk=whole({"dataset": [HOSTILE], "image_id": [HOSTILE]}),
        patients_at_risk=whole({"dataset": [HOSTILE], "patient": [HOSTILE]}),
        pictures=[Picture("auc.svg", SVG, HOSTILE)],
        dropped=[HOSTILE],
        skipped=[{"dataset": HOSTILE, "file": HOSTILE, "reason": HOSTILE}],
        made_by={
            "code": HOSTILE,
            "seed": 1,
            "versions": {HOSTILE: HOSTILE},
            "parameters": {"settings": {"datasets": {HOSTILE: {"source": "folder"}}}},
        },
    )
    assert HOSTILE not in html
    assert html.count("<script") == 2


def test_it_needs_no_other_file_and_forbids_requests():
    html = page()
    assert "data:image/svg+xml;base64," in html
    assert not re.findall(r'(?:src|href)="(?!data:|#|run-times\.html)', html)
    assert "default-src &#39;none&#39;" in html and "http://" not in html and "https://" not in html


def test_the_same_findings_are_the_same_bytes():
    assert page() == page()


@pytest.mark.parametrize("kind", list(Verdict))
def test_it_leads_with_the_verdict_and_what_to_do_next(kind):
    html = page(tables=verdicts(kind, auc_low=0.8, auc_high=0.95))
    places = ["Because.", 'id="at-risk"', 'id="next"', 'id="controls"', 'id="charts"']
    assert sorted(places, key=html.index) == places
    assert "0.900 [0.800, 0.950]" in html


def test_a_benchmark_that_knows_the_truth_needs_no_next_step():
    assert 'id="next"' not in page(source="controlled", tables=verdicts())


@pytest.mark.parametrize("kind", list(Verdict))
def test_it_never_says_private_or_safe(kind):
    text = page(tables=verdicts(kind)).lower()
    assert not re.findall(r"\b(private|safe)\b", text)


def test_limits_stand_with_the_list_of_images_to_withhold():
    limits, withheld = (
        Table(title, (), pd.DataFrame({"ladder": ["copies"]})) for title in ("How small?", "How right?")
    )
    html = page(tables=verdicts() | {"limits": limits, "withheld": withheld})
    assert 0 < html.index("How small?") < html.index("How right?")


def test_there_is_no_section_without_its_table():
    html = page()
    assert 'id="verdict"' not in html and 'id="galleries"' not in html
    assert 'id="galleries"' in page(pictures=[Picture("nearest.png", b"png", "")])


def test_figures_beyond_the_room_of_the_page_are_named(monkeypatch):
    monkeypatch.setattr(pages, "MOST_PICTURE_BYTES", 1000)
    html = page(pictures=[Picture("images.png", b"x" * 1000, ""), Picture("roc.svg", SVG, "")])
    assert html.count("<img") == 1
    assert "Too large for this page: <code>figures/images.png</code>" in html


def test_figures_follow_the_page_into_the_dark():
    dark = pages._adaptive(SVG).decode()
    assert f'[style*="fill: {INK}"]{{fill:{DARK[INK]}!important}}' in dark
    assert f'[style*="fill: {PAPER}"]{{fill:none!important}}' in dark
    assert dark.index("<style>") < dark.index("<defs>")


def test_grey_levels_are_told_and_what_was_lost_is_stressed():
    lines = [
        {"dataset": "d", "how": "9 images by <b>", "warning": ""},
        {"dataset": "e", "how": "x", "warning": "Lost."},
    ]
    html = page(grey_levels=lines)
    assert "d: 9 images by &lt;b&gt;." in html and "<strong>Lost.</strong>" in html
    assert "Grey levels" not in page()


def test_skipped_files_and_dropped_combinations_are_listed():
    html = page(skipped=[{"dataset": "d", "file": "a.png", "reason": "truncated"}], dropped=["cnn x ssim3"])
    assert "d: a.png: truncated" in html and "<li>cnn x ssim3</li>" in html


def test_run_times_are_on_a_page_of_their_own():
    html = run_times_page(pd.DataFrame({"stage": [HOSTILE], "seconds": [1.5]}), benchmark="b")
    assert "1.500" in html and HOSTILE not in html


def test_reported_values_stand_beside_ours():
    frame = pd.DataFrame(
        {"Dataset": ["d"], "F1": [0.5], "F1 reported": [0.633], "F1 difference": [-0.133], "Recall": [1.0]}
    )
    shown = displayed(Table("t", (), frame))
    assert [column.name for column in shown.columns] == ["Dataset", "reported", "ours", "difference", "Recall"]
    assert shown.groups == [("Dataset", 1), ("F1", 3), ("Recall", 1)]
    assert shown.rows == [("d", "0.633", "0.500", "-0.133", "1.000")]
    assert shown.compared


@pytest.mark.parametrize(("name", "space"), [("auc", "_"), ("AUC", " ")])
def test_intervals_stand_behind_their_value(name, space):
    values = {name: [0.9, np.nan], f"{name}{space}low": [0.8, np.nan], f"{name}{space}high": [1.0, np.nan]}
    frame = pd.DataFrame(values)
    shown = displayed(Table("t", (), frame))
    assert [column.name for column in shown.columns] == ["AUC"]
    assert shown.rows == [("0.900 [0.800, 1.000]",), ("",)]


def test_numbers_have_the_digits_that_matter():
    frame = pd.DataFrame({"distance": [-1148.36], "share": [0.12345], "n": [44.0], "text": [None], "one": [1.0]})
    assert displayed(Table("t", (), frame)).rows == [("-1148.4", "0.123", "44", "", "1.000")]


def test_the_table_of_all_combinations_starts_with_the_largest_auc():
    found = browsable(ablation(auc=[0.6, np.nan, 0.8], auc_low=0.5, auc_high=0.9))
    columns = {column["name"]: column for column in found.data["columns"]}
    assert columns["AUC"]["values"] == [0.8, 0.6, None]
    assert columns["AUC"]["low"] == [0.5] * 3
    assert columns["dataset"] == {"name": "dataset", "values": [0, 0, 0], "words": ["d"]}
    assert "AUC low" not in columns
    assert json.loads(json.dumps(found.data, allow_nan=False)) == found.data
    assert [column.name for column in found.first.columns] == list(columns)


def test_of_very_many_combinations_the_page_has_the_best():
    metrics = {f"metric {n}": np.linspace(0, 1, MOST_ROWS + 5) for n in range(56)}
    found = browsable(ablation(rows=MOST_ROWS + 5, **metrics))
    assert found.data["rows"] == MOST_ROWS and found.left_out == 5
    assert len(json.dumps(found.data)) + pages.MOST_PICTURE_BYTES < 15e6


def copy_tables(rows):
    """Tables of a release with so many copies."""
    release = pd.DataFrame({"dataset": "d", "image_id": [f"g{row}" for row in range(2 * rows)]})
    copied = release.index < rows
    parts = {
        "release": release.assign(copy_of="r", q=0.01, action=np.where(copied, "withhold", "publish")),
        "exposed": pd.DataFrame(columns=EXPOSED.names).assign(id=[f"<i>{row}" for row in range(rows)], dataset="d"),
        "copies": pd.DataFrame([dict.fromkeys(COPIES.names, 0) | {"dataset": "d", "n_copies": rows}]),
        "spikes": pd.DataFrame([dict.fromkeys(SPIKES.names, 0) | {"dataset": "d", "kind": "all", "strength": ""}]),
    }
    return {name: [part] for name, part in parts.items()}


def test_copies_come_first_and_what_may_be_published_is_not_listed():
    tables = verdicts(Verdict.COPIES) | tables_of_copies(copy_tables(30))
    html = page(tables=tables, pictures=[Picture("copies.svg", SVG, "Near."), Picture("auc.svg", SVG, "A caption.")])
    places = [html.index(f'id="{name}"') for name in ("verdict", "copies-section", "copies", "at-risk", "auc")]
    assert places == sorted(places)
    assert "<td>g0</td>" in html and "<td>g30</td>" not in html and "<td>publish</td>" not in html
    assert html.count("5 more rows are in") == 2 and "tables/release.csv" in html and "tables/exposed.csv" in html
    assert "<i>0" not in html and "&lt;i&gt;0" in html


def test_a_page_without_a_search_has_no_section_about_it():
    assert 'id="copies-section"' not in page() and "#copies-section" not in page()
