import numpy as np
import pandas as pd
import pytest
from scipy import stats

from genprint.inference.intervals import of_mean
from genprint.limits.memorisation import memorisation_table, methods_table
from genprint.report.figures.memorisation import memorisation_figure
from genprint.tables.memorisation import printed
from genprint.tables.table import render

GENERATORS = {"gan": {"generator": {"method": "gan"}, "vary": "steps", "levels": [10, 20]}}


@pytest.fixture
def releases():
    """Three seeds a level: 1, 2 and 3 of 10 images memorised at the first, none at the second."""
    return pd.DataFrame(
        [
            {
                **{"dataset": "a", "generator": "gan", "trained_on": patients, "level": level},
                **{"used": 10, "n_mem": number * (level == 10), "generated": 20, "n_copies": 5, "unused_copied": 0},
            }
            for patients in (4, 8)
            for level in (10.0, 20.0)
            for number in (1, 2, 3)
        ]
    )


@pytest.fixture
def trials():
    return pd.DataFrame(
        [
            {
                **{"dataset": "a", "generator": "gan", "trained_on": patients, "level": level, "rule": rule},
                **{"variant": "original", "encoder": "pixels", "similarity": similarity},
                **{"auc": auc if rule == "max" else np.nan, "tpr_at_1_percent_fpr": auc / 2},
            }
            for patients in (4, 8)
            for level in (10.0, 20.0)
            for auc in (0.5, 0.6, 0.7)
            for similarity, rule in (("ssim", "max"), ("search", "max"), ("search", "copies"))
        ]
    )


def test_means_and_intervals_over_seeds(releases):
    first, second = memorisation_table(releases).iloc[0], memorisation_table(releases).iloc[1]
    assert first[["n_mem", "n_copies", "used", "seeds"]].tolist() == pytest.approx([0.2, 0.25, 10, 3])
    half = stats.t.ppf(0.975, 2) * 0.1 / np.sqrt(3)
    assert first["n_mem_low"] == 0 and first["n_mem_high"] == pytest.approx(0.2 + half)
    assert second["n_mem"] == 0 and np.isnan(second["n_mem_low"])


def test_the_question_whether_any_image_is_withheld_has_no_auc(trials):
    methods = methods_table(trials)
    assert methods["similarity"].tolist() == ["ssim", "search"] * 4
    assert (methods["auc"].round(9) == 0.6).all() and (methods["seeds"] == 3).all()


def test_students_interval_covers_as_often_as_it_says():
    drawn = np.random.default_rng(0).normal(5, 2, (4000, 4))
    columns = (pd.Series(values) for values in (drawn.mean(axis=1), drawn.std(axis=1, ddof=1), np.full(4000, 4)))
    low, high = of_mean(*columns)
    assert ((low <= 5) & (high >= 5)).mean() == pytest.approx(0.95, abs=0.012)


def test_the_table_has_a_row_a_condition_and_the_columns_of_every_method(releases, trials):
    table = printed(memorisation_table(releases), methods_table(trials), GENERATORS)
    assert len(table.frame) == 4
    text = render(table)["md"]
    assert "AUC pixels ssim" in text and "TPR pixels search" in text and "0.20 \\[0.00, 0.45\\]" in text


def test_the_figure_has_a_panel_a_measure_and_a_line_a_level(releases, trials):
    figure = memorisation_figure(memorisation_table(releases), methods_table(trials), GENERATORS)
    assert len(figure.axes) == 5 and all(axis.get_title().endswith("\na") for axis in figure.axes)
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["gan, steps 10", "gan, steps 20"]
