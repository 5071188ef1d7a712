"""How many used images are found at the price of how many false alarms."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from genprint.images.parts import judged
from genprint.inference.resampling import patient_weights
from genprint.inference.roc import GRID, Curve, rates, roc_curve
from genprint.report.colours import CONTROL, INK, LINES, RESULT
from genprint.report.figures.panels import grid_of_panels, nothing_to_draw
from genprint.scoring.evaluation import GENERATED, REAL_ONLY


class RocPanel(NamedTuple):
    """One data set: what is drawn of it."""

    title: str
    used: int
    not_used: int
    method: Curve
    control: Curve
    operating_point: tuple[float, float] | None
    """FPR and TPR of the thresholds that were chosen on other images; None if there is none."""


def roc_panel(decisions: pd.DataFrame, *, resamples: int, level: float, seed: int) -> RocPanel | None:
    """Return the panel of a data set, or None if its images that are judged are not of both labels.

    ``decisions`` is as in `genprint.report.decisions.DECISIONS`.
    """
    labelled = decisions[judged(decisions["split"]) & decisions["score"].notna()]
    method, control = (labelled[labelled["source"] == source] for source in (GENERATED, REAL_ONLY))
    if any(set(rows["label"]) != {"used", "not_used"} for rows in (method, control)):
        return None
    used, score = _truth_and_score(method)
    decision = method["decision"].to_numpy(float)
    weights = patient_weights(used, method["group"].fillna(method["image_id"]), resamples, seed)
    return RocPanel(
        title_of(decisions),
        int(np.count_nonzero(used)),
        int(np.count_nonzero(~used)),
        roc_curve(used, score, weights, level=level),
        roc_curve(*_truth_and_score(control)),
        None if np.isnan(decision).all() else rates(used, decision == 1),
    )


def title_of(decisions: pd.DataFrame) -> str:
    """Which run of which data set is shown; under cross-fitting there may be one for each fold."""
    names = ("encoder", "similarity", "variant")
    several = [" / ".join(dict.fromkeys(decisions[name])) for name in names]
    return f"{decisions['dataset'].iloc[0]}\n{' · '.join(several)}"


def roc_figure(panels: list[RocPanel]) -> Figure:
    """ROC of the chosen run of each data set with its band and its operating point, beside the real-only control."""
    if not panels:
        return nothing_to_draw("No data set has used and not used images to evaluate.")
    figure, axes = grid_of_panels(len(panels), width=3.4, height=3.9)
    for axis, panel in zip(axes, panels, strict=True):
        _draw(axis, panel)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=8)
    return figure


def _draw(axis: Axes, panel: RocPanel) -> None:
    axis.plot([0, 1], [0, 1], color=LINES, linewidth=1, linestyle="--", label="a coin toss")
    axis.fill_between(GRID, panel.method.low, panel.method.high, step="post", color=RESULT, alpha=0.2, linewidth=0)
    axis.step(GRID, panel.method.recall, where="post", color=RESULT, label="method, with its band")
    axis.step(GRID, panel.control.recall, where="post", color=CONTROL, linestyle=":", label="real-only control")
    if panel.operating_point is not None:
        axis.plot(*panel.operating_point, "o", color=INK, markersize=7, clip_on=False, label="chosen threshold")
    axis.set(
        xlabel="false positive rate",
        ylabel="true positive rate",
        xlim=(0, 1),
        ylim=(0, 1.02),
        aspect="equal",
        title=f"{panel.title}\nn = {panel.used} used, {panel.not_used} not used",
    )


def _truth_and_score(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return (rows["label"] == "used").to_numpy(), rows["score"].to_numpy(float)
