"""What all figures have in common."""

import numpy as np
import pandas as pd
import pytest

from genprint.report.figures import save
from genprint.report.figures.auc import auc_figure
from genprint.report.figures.heatmap import heatmap_figure
from genprint.report.figures.histogram import HistogramPanel, histogram_figure, histogram_panel
from genprint.report.figures.images import picture
from genprint.report.figures.panels import grid_of_panels, nothing_to_draw
from genprint.report.figures.roc import roc_figure, roc_panel

RNG = np.random.default_rng(0)


def ablation():
    return pd.DataFrame(
        [
            {
                "dataset": dataset,
                "variant": variant,
                "encoder": "pixels",
                "similarity": similarity,
                "rule": "max",
                "n_used": 44,
                "n_not_used": 46,
                "auc": 0.9,
                "auc_low": 0.8,
                "auc_high": 0.95,
                "real_only_auc": 0.5,
            }
            for dataset in ("a", "b")
            for variant in ("original", "dog")
            for similarity in ("ssim", "cosine")
            if (variant, similarity) != ("dog", "cosine")
        ]
    )


def shown(dataset="a", labels=("used", "not_used")):
    tables = [
        pd.DataFrame(
            {
                "dataset": dataset,
                "variant": "original",
                "encoder": "pixels",
                "similarity": "ssim",
                "image_id": [f"image-{n}" for n in range(40)],
                "group": None,
                "label": np.resize(labels, 40),
                "split": "evaluation",
                "source": source,
                "score": RNG.normal(size=40),
                "threshold": 0.0,
                "decision": np.resize([1.0, 0.0, 0.0], 40),
            }
        )
        for source in ("generated", "real-only")
    ]
    return pd.concat(tables, ignore_index=True)


def roc(*tables):
    return roc_figure([roc_panel(table, resamples=50, level=0.95, seed=0) for table in tables])


CHARTS = {
    "auc": lambda: auc_figure(ablation(), score_rule="max"),
    "heatmap": lambda: heatmap_figure(ablation(), score_rule="max"),
    "roc": lambda: roc(shown("a"), shown("b")),
    "histogram": lambda: histogram_figure([histogram_panel(shown("a")), histogram_panel(shown("b"))]),
}


def title(axis):
    return axis.get_title() or axis.get_title(loc="left")


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_has_axes_and_n(name):
    figure = CHARTS[name]()
    panels = [axis for axis in figure.axes if title(axis)]
    assert len(panels) == 2
    assert all(axis.get_xlabel() for axis in panels) and panels[0].get_ylabel()
    for axis in panels:
        legend = axis.get_legend()
        texts = [title(axis), *(text.get_text() for text in legend.get_texts())] if legend else [title(axis)]
        assert any("n = " in text for text in texts)


def test_the_same_figure_is_the_same_files(tmp_path):
    table = shown()
    for run in ("1", "2"):
        save(roc(table), tmp_path / f"{run}.png", tmp_path / f"{run}.svg")
    for suffix in ("png", "svg"):
        assert (tmp_path / f"1.{suffix}").read_bytes() == (tmp_path / f"2.{suffix}").read_bytes()


def test_what_is_written_is_text_not_mathematics(tmp_path):
    figure, (axis,) = grid_of_panels(1, width=2, height=2)
    picture(axis, np.zeros((4, 4), np.uint8), "$\\frac{", "<script>alert(1)</script> $")
    save(figure, tmp_path / "figure.svg")
    assert "<script>" not in (tmp_path / "figure.svg").read_text()


def test_data_sets_without_labels_have_no_curve():
    assert roc_panel(shown(labels=("unknown",)), resamples=50, level=0.95, seed=0) is None
    assert "No data set" in roc_figure([]).texts[0].get_text()
    assert nothing_to_draw("why").texts[0].get_text() == "why"


def test_the_histogram_leaves_out_the_images_that_chose_the_threshold():
    table = shown()
    table.loc[table["label"] == "used", "split"] = "calibration"
    panel = histogram_panel(table)
    assert len(panel.scores["used"]) == 0 and len(panel.scores["not_used"]) == 20


@pytest.mark.parametrize("threshold", [np.nan, np.inf, -np.inf])
def test_a_histogram_without_a_threshold_that_can_be_drawn(threshold):
    figure = histogram_figure([HistogramPanel("t", {"unknown": np.array([1.0, np.nan])}, (threshold,))])
    assert not figure.axes[0].lines


def test_a_histogram_without_scores():
    axis = histogram_figure([HistogramPanel("t", {"used": np.array([np.nan])}, (0.0, 1.0))]).axes[0]
    assert not axis.patches
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["threshold: used from here on"]


def test_combinations_that_were_not_run_are_dots():
    texts = [text.get_text() for text in heatmap_figure(ablation(), score_rule="max").axes[0].texts]
    assert sorted(texts) == ["0.90"] * 3 + ["·"]
