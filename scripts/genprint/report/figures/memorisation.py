"""What generators memorise, against the number of patients."""

from collections.abc import Mapping
from itertools import cycle

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from genprint.limits.curves import SEARCH
from genprint.limits.ladders import TPR
from genprint.report.figures.limits import COLOURS, MARKERS

STYLES = (":", "--", "-", "-.")
SPREAD = 0.04  # of the axis, between lines side by side, so that no interval hides another


def memorisation_figure(memorisation: pd.DataFrame, methods: pd.DataFrame, generators: Mapping[str, Mapping]) -> Figure:
    """One row of panels a data set: N_mem, N_copies, and the best AUC and TPR of any method, by number of patients.

    A colour is a generator, a line one value of the option that varies, with its interval over seeds. "Best" is the
    largest mean of the methods other than the search for copies, whose AUC has a panel of its own.

    Args:
        memorisation: As `genprint.limits.memorisation.memorisation_table` gives it.
        methods: As `genprint.limits.memorisation.methods_table` gives it.
        generators: Generator, option and levels of each, as configured.
    """
    datasets = list(dict.fromkeys(memorisation["dataset"]))
    is_search = (methods[["variant", "encoder", "similarity"]] == list(SEARCH)).all(axis=1)
    panels = {
        "N_mem: share of training images with a copy": (memorisation, "n_mem"),
        "N_copies: share of the release that is a copy": (memorisation, "n_copies"),
        "AUC of the search for copies": (methods[is_search], "auc"),
        "largest AUC of the other methods": (_best(methods[~is_search], "auc"), "auc"),
        "largest TPR at 1 % FPR of the others": (_best(methods[~is_search], TPR), TPR),
    }
    figure, axes = plt.subplots(
        len(datasets), len(panels), figsize=(1 + 3.3 * len(panels), 0.9 + 3.2 * len(datasets)), squeeze=False,
        layout="constrained",
    )  # fmt: skip
    styles = {
        (name, level): (colour, marker, style)
        for (name, entry), colour, marker in zip(generators.items(), cycle(COLOURS), cycle(MARKERS), strict=False)
        for level, style in zip(entry["levels"], cycle(STYLES), strict=False)
    }
    for dataset, row in zip(datasets, axes, strict=True):
        for panel, (title, (table, value)) in zip(row, panels.items(), strict=True):
            _draw(panel, table[table["dataset"] == dataset], value, styles)
            panel.set(title=f"{title}\n{dataset}", xlabel="patients that the generator was trained on")
            panel.title.set_fontsize(9)
            if value == "auc":
                panel.axhline(0.5, color="#888888", linewidth=0.8, linestyle=":")
    for (name, level), (colour, marker, style) in styles.items():
        label = f"{name}, {generators[name]['vary']} {level:g}"
        axes[0, 0].plot([], [], color=colour, marker=marker, linestyle=style, markersize=4, label=label)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8, handlelength=3.5)
    return figure


def _draw(panel: Axes, table: pd.DataFrame, value: str, styles: Mapping) -> None:
    patients = sorted(set(table["trained_on"]))
    for place, ((name, level), (colour, marker, style)) in enumerate(styles.items()):
        rows = table[(table["generator"] == name) & (table["level"] == level)].sort_values("trained_on")
        aside = 2 ** (SPREAD * (place - len(styles) / 2))
        centre = rows[value]
        bounds = rows[[f"{value}_low", f"{value}_high"]].to_numpy().T
        spread = abs(bounds - centre.to_numpy())
        panel.errorbar(
            rows["trained_on"] * aside, centre, spread, fmt=marker, color=colour, linestyle=style, markersize=3.5,
            linewidth=1.1, elinewidth=0.6,
        )  # fmt: skip
    panel.set_xscale("log", base=2)
    panel.set_xticks(patients, [str(count) for count in patients])
    panel.set_ylim(-0.03, 1.03)
    panel.grid(linewidth=0.3)


def _best(methods: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return the row of the method with the largest mean, of every generator, number of patients and level."""
    ordered = methods.sort_values(value, ascending=False, kind="stable")
    return ordered.drop_duplicates(["dataset", "generator", "trained_on", "level"])
