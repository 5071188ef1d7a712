"""How well each run tells used from not used."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from genprint.figures import CONTROL_COLOUR, METHOD_COLOUR


def auc_figure(ablation: pd.DataFrame, *, score_rule: str) -> Figure:
    """AUC of every run beside its real-only control, one panel a data set.

    ``ablation`` has the columns dataset, variant, encoder, similarity, rule, auc, real_only_auc; the threshold
    rule does not matter, as the AUC has no threshold. An AUC of 0.5 is a coin toss.
    """
    chosen = ablation[ablation["rule"] == score_rule].drop_duplicates(["dataset", "variant", "encoder", "similarity"])
    datasets = list(dict.fromkeys(chosen["dataset"]))
    names = chosen["encoder"] + " · " + chosen["similarity"] + " · " + chosen["variant"]
    order = sorted(set(names), reverse=True)
    figure, axes = plt.subplots(
        1,
        len(datasets),
        figsize=(3 + 3.2 * len(datasets), 1.6 + 0.22 * len(order)),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axis, dataset in zip(axes[0], datasets, strict=True):
        rows = chosen[chosen["dataset"] == dataset]
        heights = [order.index(name) for name in names[rows.index]]
        axis.axvline(0.5, color="#888888", linewidth=1, linestyle="--")
        axis.scatter(
            rows["real_only_auc"],
            heights,
            s=28,
            facecolors="none",
            edgecolors=CONTROL_COLOUR,
            label="real-only control",
        )
        axis.scatter(rows["auc"], heights, s=28, color=METHOD_COLOUR, label="method")
        axis.set(xlim=(-0.03, 1.03), xlabel="AUC (0.5: a coin toss)", title=dataset)
        axis.grid(axis="y", linewidth=0.4)
    axes[0][0].set_yticks(range(len(order)), order, fontsize=8)
    axes[0][0].set_ylabel("encoder · similarity · variant")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=2, fontsize=8)
    figure.suptitle(f"Telling used from not used by score rule “{score_rule}”, evaluation half", fontsize=10)
    return figure
