"""A page full of hostile names, as a browser sees it."""

import numpy as np
import pandas as pd
import pytest

from genprint.report.page import Picture, report, run_times_page
from genprint.tables.table import Table
from genprint.tables.verdict import Verdict

HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
ROWS = 6000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    import matplotlib.pyplot as plt

    from genprint.report.figures import save

    folder = tmp_path_factory.mktemp("page")
    figure, axis = plt.subplots(figsize=(10, 4))
    axis.set_title(HOSTILE)
    save(figure, folder / "auc.svg", folder / "nearest.png")
    wide = pd.DataFrame({f"a long name of a column {n}": [0.5] for n in range(30)})
    page = report(
        benchmark=HOSTILE,
        runs=ROWS,
        tables={
            "ablation": whole(combinations()),
            "2025-table-1": whole(wide),
            "verdicts": whole(
                [{"dataset": HOSTILE, "kind": Verdict.LEAK, "verdict": HOSTILE, "text": HOSTILE, "auc": 0.9}]
            ),
        },
        controls=whole(wide.assign(dataset=HOSTILE)),
        at_risk=whole([{"dataset": HOSTILE, "image_id": HOSTILE * 3}]),
        patients_at_risk=whole([{"dataset": HOSTILE, "patient": HOSTILE * 3}]),
        run_files=whole([{"dataset": HOSTILE, "file": None, "reason": HOSTILE}]),
        pictures=[Picture(name, (folder / name).read_bytes(), HOSTILE) for name in ("auc.svg", "nearest.png")],
        dropped=[HOSTILE],
        skipped=[{"dataset": HOSTILE, "file": HOSTILE, "reason": HOSTILE}],
        made_by={
            "code": "c",
            "seed": 1,
            "versions": {},
            "parameters": {"settings": {"datasets": {}, "file": "x" * 500}},
        },
    )
    (folder / "report.html").write_text(page)
    (folder / "run-times.html").write_text(run_times_page(wide, benchmark=HOSTILE))
    return folder


def whole(columns):
    return Table(HOSTILE, (), pd.DataFrame(columns), (HOSTILE,))


def combinations():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "dataset": rng.choice(["leak", "control", HOSTILE], ROWS),
            "variant": "original",
            "encoder": rng.choice(["pixels", "cnn"], ROWS),
            "similarity": rng.choice(["ssim", "ssim3"], ROWS),
            "rule": "max",
            "threshold_rule": "best-f1",
            "auc": rng.random(ROWS).round(3),
            "f1": rng.random(ROWS).round(3),
            "n": 90,
        }
    )
    frame.loc[0, ["auc", "f1"]] = np.nan
    return frame


@pytest.fixture
def page(folder, opened):
    with opened(folder / "report.html") as (page, _):
        page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
        yield page


def column(page, name):
    names = page.locator("#browse thead tr:last-child th").all_inner_texts()
    place = [text.rstrip(" ▼▲") for text in names].index(name) + 1
    return page.locator(f"#browse tbody td:nth-child({place})").all_inner_texts()


def sort_by(page, name):
    page.locator("#browse th button").get_by_text(name, exact=True).click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("file", ["report.html", "run-times.html"])
def test_it_loads_without_complaint_or_request_and_fits(folder, opened, file, width, scheme):
    with opened(folder / file, width=width, scheme=scheme) as (page, seen):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # Neither does anything stick out that is not in a box of its own that scrolls.
        assert (
            page.evaluate("""[...document.querySelectorAll("body *")].filter((element) =>
            !element.closest(".scroll, pre") && element.getBoundingClientRect().right > innerWidth + 1
        ).map((element) => element.outerHTML.slice(0, 80))""")
            == []
        )
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(13, 17, 23)"}[scheme]
    assert seen.complaints == []
    assert seen.dialogs == []
    assert [url for url in seen.requests if not url.startswith("data:")] == [(folder / file).as_uri()]


def test_hostile_names_are_shown_as_they_are(page):
    assert HOSTILE in page.title()
    assert HOSTILE in page.locator("#verdict h3").inner_text()
    assert page.locator("body img").count() == 2
    assert all(page.evaluate("[...document.images].map((image) => image.naturalWidth > 0)"))
    page.get_by_label("dataset").select_option(label=HOSTILE)
    assert set(column(page, "dataset")) == {HOSTILE}


def test_a_script_that_got_in_would_not_run(folder, opened):
    page = (folder / "report.html").read_text()
    broken = folder / "broken.html"
    broken.write_text(page.replace("<main>", "<main><script>alert(1)</script><img src=x onerror=alert(2)>"))
    with opened(broken) as (_, seen):
        assert seen.complaints  # the policy's refusals
    assert seen.dialogs == []


def test_it_starts_with_the_largest_auc_and_few_rows(page):
    values = [float(text) for text in column(page, "AUC")]
    assert len(values) == 25
    assert values == sorted(combinations()["auc"].dropna(), reverse=True)[:25]


def test_without_scripts_the_best_rows_are_there(folder, chromium):
    page = chromium.new_page(java_script_enabled=False)
    page.goto((folder / "report.html").as_uri())
    assert page.locator("#browse tbody tr").count() == 25
    page.close()


def test_sorting(page):
    frame = combinations()
    sort_by(page, "F1")
    assert [float(text) for text in column(page, "F1")] == sorted(frame["f1"].dropna(), reverse=True)[:25]
    sort_by(page, "F1")
    assert [float(text) for text in column(page, "F1")] == sorted(frame["f1"].dropna())[:25]
    assert page.locator("#browse th[aria-sort]").get_attribute("aria-sort") == "ascending"
    sort_by(page, "encoder")
    assert set(column(page, "encoder")) == {"cnn"}


def test_filtering(page):
    frame = combinations()
    wanted = frame[(frame["encoder"] == "cnn") & (frame["similarity"] == "ssim3")]
    page.get_by_label("encoder").select_option(label="cnn")
    page.get_by_label("Search").fill("ssim3 ORIGINAL")
    assert f"25 of {len(wanted)} rows, of {ROWS} in all" in page.locator("output").inner_text()
    page.get_by_label("rows").select_option("500")
    assert len(column(page, "encoder")) == 500
    page.get_by_label("Search").fill("nothing like this")
    assert column(page, "encoder") == []
    page.get_by_label("Search").fill("")
    page.get_by_label("encoder").select_option(label="all")
    assert f"500 of {ROWS} rows" in page.locator("output").inner_text()


def test_thousands_of_rows_are_no_burden(page):
    assert page.locator("#browse tbody tr").count() == 25
    assert page.evaluate("document.querySelectorAll('*').length") < 3000


def test_it_can_be_used_from_the_keyboard(page):
    button = page.locator("#browse th button").get_by_text("F1", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    assert page.locator("#browse th[aria-sort]").inner_text().startswith("F1")


def test_it_prints(page, tmp_path):
    page.pdf(path=tmp_path / "page.pdf")
    page.emulate_media(media="print")
    assert page.locator(".filters").is_hidden() and page.locator("nav").is_hidden()
    page.set_viewport_size({"width": 720, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= 720
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_the_first_screen_answers_and_the_rest_folds(folder, opened):
    with opened(folder / "report.html", width=1400) as (page, _):
        page.set_viewport_size({"width": 1400, "height": 900})
        row = page.locator(".answers tbody tr").bounding_box()
        assert row["y"] + row["height"] < 900
        assert page.evaluate("document.documentElement.scrollHeight") < 2 * 900
        assert page.locator("#browse").is_hidden()
        page.locator("nav").get_by_text("All combinations").click()
        assert page.locator("#browse").is_visible()
        page.wait_for_timeout(1000)  # it scrolls there smoothly
        assert page.evaluate("scrollY") > 100
        assert abs(page.locator("nav").bounding_box()["y"]) < 1  # the contents stay in view
        page.goto((folder / "report.html").as_uri() + "#made-by")
        assert page.locator("#made-by").is_visible()
