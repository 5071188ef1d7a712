import pandas as pd

from genprint.report import report


def page(**changes):
    return report(
        **dict(
            benchmark="b",
            runs=1,
            tables={"Ablation": pd.DataFrame({"dataset": ["d"], "auc": [None]})},
            figures={"AUC": b"png"},
            dropped=[],
            skipped=[],
            configuration="seed: 1",
        )
        | changes
    )


def test_hostile_names_are_escaped():
    hostile = "<script>alert(1)</script>.png"
    html = page(skipped=[{"dataset": "d", "file": hostile, "reason": "truncated"}])
    assert hostile not in html
    assert "&lt;script&gt;" in html and "truncated" in html


def test_it_needs_no_other_file():
    html = page()
    assert "data:image/png;base64," in html
    assert "http" not in html


def test_an_empty_cell_is_empty():
    assert "<td></td>" in page() and "None" not in page()


def test_it_never_says_private():
    assert "private" not in page().lower()
