import numpy as np
import pandas as pd
import pytest

from genprint.limits.curves import Axis, limits_table, power_table
from genprint.report.figures import save
from genprint.report.figures.limits import limits_figure

AXES = {"copies": Axis([0.1, 0.2, 0.5], "log"), "bandwidth": Axis([0.9, 0.5, 0.1], "linear")}
LADDERS = {
    "copies": {"generator": {"method": "copy"}, "vary": "share"},
    "bandwidth": {"generator": {"method": "parzen"}, "vary": "h"},
}


@pytest.fixture
def figure():
    random = np.random.default_rng(0)
    trials = pd.DataFrame(
        [
            {
                **{"ladder": ladder, "level": level, "split": split, "variant": "original", "encoder": "pixels"},
                **{"similarity": similarity, "rule": "max", "auc": 0.6, "p": random.random() ** (2 * step + 1)},
                **{"p_perfect": 0.001, "n_used": 10, "n_not_used": 12, "groups_used": 5, "groups_not_used": 6},
            }
            for ladder, axis in AXES.items()
            for step, level in enumerate([np.nan, *axis.levels])
            for split in range(8)
            for similarity in ("ssim", "cosine")
        ]
    )
    limits = limits_table(trials, AXES, resamples=20)
    return limits_figure(limits, power_table(trials), AXES, LADDERS, wanted=0.95, false_alarms=0.05)


def test_every_ladder_has_labelled_axes_and_its_numbers_of_images(figure):
    shown = [axis for axis in figure.axes if axis.get_visible()]
    titles = [axis.get_title() for axis in shown if axis.get_title()]
    assert [title.splitlines()[0] for title in titles] == list(AXES)
    assert all("8 splits, each of 10 used and 12 not used images" in title for title in titles)
    assert sum("copy share" in axis.get_xlabel() or "parzen h" in axis.get_xlabel() for axis in shown) == 2
    assert all(axis.get_ylabel() for axis in shown)
    ticks = [[text.get_text() for text in axis.get_xticklabels()] for axis in shown if axis.get_xlabel()]
    assert ticks == [["no leak", "0.1", "0.2", "0.5"], ["no leak", "0.9", "0.5", "0.1"]]


def test_every_method_has_its_line_in_the_legend(figure):
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["original · pixels · ssim · max", "original · pixels · cosine · max"]


def test_png_and_svg(figure, tmp_path):
    save(figure, tmp_path / "limits.png", tmp_path / "limits.svg")
    assert (tmp_path / "limits.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (tmp_path / "limits.svg").read_bytes()
