"""Which variant goes with which similarity."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from genprint.report.figures.auc import sizes
from genprint.report.figures.panels import grid_of_panels

COLOURS = "PuOr_r"  # diverging at a coin toss, and told apart by the colour-blind
AUC = Normalize(0, 1)
_DARK_TEXT, _LIGHT_TEXT = "#101418", "#fdfdfd"


def heatmap_figure(ablation: pd.DataFrame, *, score_rule: str) -> Figure:
    """AUC of variant x similarity on evaluation images, one panel for each data set and encoder.

    ``ablation`` as in `genprint.report.figures.auc.auc_figure`. A panel has the variants and similarities that were
    run; a dot stands where a combination of them was not, or has no AUC.
    """
    chosen = ablation[ablation["rule"] == score_rule]
    groups = list(chosen.groupby(["dataset", "encoder"], sort=False))
    most = [max(rows[name].nunique() for _, rows in groups) for name in ("similarity", "variant")]
    figure, axes = grid_of_panels(len(groups), width=1.6 + 0.5 * most[0], height=1.7 + 0.3 * most[1])
    colours = ScalarMappable(AUC, COLOURS)
    for axis, ((dataset, encoder), rows) in zip(axes, groups, strict=True):
        auc = rows.drop_duplicates(["variant", "similarity"]).set_index(["variant", "similarity"])["auc"].unstack()
        _draw(axis, auc.loc[list(dict.fromkeys(rows["variant"])), list(dict.fromkeys(rows["similarity"]))], colours)
        # Cells have one size in all panels.
        axis.set(xlim=(0, most[0]), ylim=(most[1], 0))
        axis.set_title(f"{dataset} · {encoder}\n{sizes(rows)}", loc="left")
    figure.colorbar(colours, ax=axes, label="AUC (0.5: a coin toss)", shrink=0.7, aspect=30)
    return figure


def _draw(axis: Axes, auc: pd.DataFrame, colours: ScalarMappable) -> None:
    axis.pcolormesh(np.ma.masked_invalid(auc.to_numpy(float)), norm=AUC, cmap=colours.cmap)
    for (row, column), value in np.ndenumerate(auc.to_numpy(float)):
        place = (column + 0.5, row + 0.5)
        if np.isnan(value):
            axis.annotate("·", place, ha="center", va="center")
        else:
            red, green, blue, _ = colours.to_rgba(value)
            light = 0.299 * red + 0.587 * green + 0.114 * blue > 0.55
            ink = _DARK_TEXT if light else _LIGHT_TEXT
            axis.annotate(f"{value:.2f}", place, ha="center", va="center", fontsize=7.5, color=ink)
    axis.xaxis.tick_top()
    axis.xaxis.set_label_position("top")
    axis.set_xticks(np.arange(auc.shape[1]) + 0.5, auc.columns, rotation=40, ha="left")
    axis.set_yticks(np.arange(auc.shape[0]) + 0.5, auc.index)
    axis.set_xlabel("similarity", loc="left")
    axis.set_ylabel("variant", loc="top")
    axis.spines[:].set_visible(False)
