"""How well each run tells used from not used."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from genprint.report.colours import CONTROL, LINES, RESULT

MOST_ROWS = 40
_KEYS = ["dataset", "variant", "encoder", "similarity"]


def auc_figure(ablation: pd.DataFrame, *, score_rule: str) -> Figure:
    """AUC of every run beside its real-only control, one panel a data set; with intervals where the table has them.

    ``ablation`` has the columns dataset, variant, encoder, similarity, rule, n_used, n_not_used, auc, real_only_auc,
    perhaps auc_low and auc_high; the threshold rule does not matter, as the AUC has no threshold. An AUC of 0.5 is a
    coin toss. Of more than `MOST_ROWS` combinations, those with the largest AUC of any data set are drawn.
    """
    chosen = ablation[ablation["rule"] == score_rule].drop_duplicates(_KEYS)
    chosen = chosen.assign(name=chosen["encoder"] + " · " + chosen["similarity"] + " · " + chosen["variant"])
    best = chosen.groupby("name")["auc"].max().sort_values(ascending=False, kind="stable")
    names = sorted(best.index[:MOST_ROWS], reverse=True)
    datasets = list(dict.fromkeys(chosen["dataset"]))
    figure, axes = plt.subplots(
        1,
        len(datasets),
        figsize=(3 + 2.6 * len(datasets), 1.8 + 0.22 * len(names)),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axis, dataset in zip(axes[0], datasets, strict=True):
        rows = chosen[(chosen["dataset"] == dataset) & chosen["name"].isin(names)]
        _panel(axis, rows, [names.index(name) for name in rows["name"]])
        axis.set(xlim=(-0.03, 1.03), xlabel="AUC (0.5: a coin toss)", title=f"{dataset}\n{sizes(rows)}")
    axes[0][0].set_yticks(range(len(names)), names, fontsize=8)
    axes[0][0].set_ylabel("encoder · similarity · variant")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=3, fontsize=8)
    of_all = "" if len(best) == len(names) else f", the best {len(names)} of {len(best)} combinations"
    figure.suptitle(f"Telling used from not used by score rule “{score_rule}”, evaluation images{of_all}", fontsize=10)
    return figure


def sizes(rows: pd.DataFrame) -> str:
    """How many images the rows of a data set were measured on."""
    used, not_used = rows[["n_used", "n_not_used"]].max().fillna(0).astype(int)
    return f"n = {used} used, {not_used} not used"


def _panel(axis: Axes, rows: pd.DataFrame, heights: list[int]) -> None:
    axis.axvline(0.5, color=LINES, linewidth=1, linestyle="--")
    if "auc_low" in rows:
        drawn = np.array(heights)
        axis.hlines(drawn, rows["auc_low"], rows["auc_high"], color=RESULT, linewidth=1.2, label="interval")
    axis.scatter(rows["real_only_auc"], heights, s=28, facecolors="none", edgecolors=CONTROL, label="real-only control")
    axis.scatter(rows["auc"], heights, s=28, color=RESULT, label="method")
    axis.grid(axis="y", linewidth=0.4)
