"""The scores of used, not used and unknown images."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from genprint.report.colours import INK, NOT_USED, UNKNOWN, USED
from genprint.report.figures.panels import grid_of_panels
from genprint.report.figures.roc import title_of
from genprint.scoring.evaluation import CALIBRATION, GENERATED

BINS = 30
_STYLES = {
    "used": (USED, "-"),
    "not_used": (NOT_USED, "--"),
    "unknown": (UNKNOWN, ":"),
}


class HistogramPanel(NamedTuple):
    """One data set: the scores of its candidates by label, and the thresholds, one for each fold if there are any."""

    title: str
    scores: dict[str, np.ndarray]
    thresholds: tuple[float, ...]


def histogram_panel(decisions: pd.DataFrame) -> HistogramPanel:
    """The panel of a data set (`genprint.report.decisions.DECISIONS`), without the images that chose the threshold."""
    rows = decisions[(decisions["source"] == GENERATED) & (decisions["split"] != CALIBRATION)]
    scores = {label: rows.loc[rows["label"] == label, "score"].to_numpy(float) for label in _STYLES}
    return HistogramPanel(title_of(decisions), scores, tuple(rows["threshold"].unique().tolist()))


def histogram_figure(panels: list[HistogramPanel]) -> Figure:
    """How many images of each label have which score; right of the line they are called used."""
    figure, axes = grid_of_panels(len(panels), width=3.4, height=3.2)
    for axis, panel in zip(axes, panels, strict=True):
        _draw(axis, panel)
    return figure


def _draw(axis: Axes, panel: HistogramPanel) -> None:
    scores = {label: values[np.isfinite(values)] for label, values in panel.scores.items()}
    together = np.concatenate(list(scores.values()))
    edges = np.histogram_bin_edges(together, bins=BINS)
    for label, values in scores.items():
        if len(values):
            colour, line = _STYLES[label]
            axis.hist(
                values,
                edges.tolist(),
                histtype="stepfilled",
                facecolor=(colour, 0.25),
                edgecolor=colour,
                linestyle=line,
                linewidth=1.2,
                label=f"{label.replace('_', ' ')}, n = {len(values)}",
            )
    for place, threshold in enumerate(filter(np.isfinite, panel.thresholds)):
        axis.axvline(threshold, color=INK, linewidth=1.2, label="" if place else "threshold: used from here on")
    axis.set(xlabel="score (larger: more likely used)", ylabel="images", title=panel.title)
    axis.margins(y=0.35)
    axis.legend(loc="upper left", fontsize=7.5)
