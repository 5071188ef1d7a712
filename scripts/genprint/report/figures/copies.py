"""Copies in a release: how near every generated image is, what would have been found, and the copies themselves."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from genprint.copies.overlay import CopiedPair
from genprint.copies.recovery import ALL
from genprint.report.colours import INK, NOT_USED, UNKNOWN, USED
from genprint.report.figures.example import difference
from genprint.report.figures.images import picture
from genprint.report.figures.panels import grid_of_panels, nothing_to_draw

IN_A_ROW = 2
_STYLES = {"used": (USED, "-"), "unknown": (UNKNOWN, ":"), "not_used": (NOT_USED, "--"), "held_out": (NOT_USED, ":")}
_EDGES = np.linspace(0, 1, 51)


def copies_figure(nearest: Sequence[pd.DataFrame], least: Sequence[float]) -> Figure:
    """Draw the similarity of every generated image to the most similar real image of each label, and the copies.

    Args:
        nearest: of each data set (`genprint.copies.judgement.NEAREST`).
        least: the similarity from which on a lone copy is flagged, of each data set; NaN where nothing can be said.
    """
    figure, axes = grid_of_panels(len(nearest), width=3.4, height=3.2)
    for axis, table, bound in zip(axes, nearest, least, strict=True):
        _draw_similarities(axis, table, bound)
    entries = {label: handle for axis in axes for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=3, fontsize=7.5)
    return figure


def _draw_similarities(axis: Axes, table: pd.DataFrame, least: float) -> None:
    for label, (colour, line) in _STYLES.items():
        values = table.loc[table["label"] == label, "similarity"].to_numpy(float)
        if len(values):
            axis.hist(
                values,
                _EDGES.tolist(),
                histtype="stepfilled",
                facecolor=(colour, 0.25),
                edgecolor=colour,
                linestyle=line,
                linewidth=1.2,
                label=f"to {label.replace('_', ' ')} images",
            )
    copies = table[table["flagged"]].groupby("image_id")["similarity"].max()
    if len(copies):
        axis.plot(copies, np.full(len(copies), 0.65), "|", color=INK, markersize=9, label="copies")
    if np.isfinite(least):
        axis.axvline(least, color=INK, linewidth=1.2, label="a lone copy is flagged from here on")
    axis.set_yscale("log")
    axis.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    title = f"{table['dataset'].iloc[0]}: {len(copies):,} of {table['image_id'].nunique():,} are copies"
    axis.set(xlabel="similarity once aligned", ylabel="generated images", title=title, xlim=(0, 1.01))
    axis.set_ylim(bottom=0.5)


def spikes_figure(spikes: Sequence[pd.DataFrame]) -> Figure:
    """Draw which share of perturbed copies would have been flagged, by kind and strength, with 95 % intervals.

    Args:
        spikes: of each data set (`genprint.copies.tables.SPIKES`).
    """
    if not any(table["n"].any() for table in spikes):
        return nothing_to_draw("No perturbed copies were made (copies.spikes is 0).")
    kinds = [table[table["kind"] != ALL] for table in spikes]
    height = 0.17 * max(map(len, kinds)) + 1
    figure, axes = grid_of_panels(len(kinds), width=3.4, height=height)
    for axis, table in zip(axes, kinds, strict=True):
        places = np.arange(len(table))
        share, low, high = (table[name].to_numpy(float) for name in ("share", "low", "high"))
        axis.hlines(places, low, high, color=USED, linewidth=1.2)
        axis.plot(share, places, "o", color=USED, markersize=4)
        names = table["kind"] + table["strength"].map(lambda strength: f" {float(strength):.3g}")
        axis.set_yticks(places, names, fontsize=7)
        axis.invert_yaxis()
        axis.set(xlabel="share that would have been flagged", title=table["dataset"].iloc[0], xlim=(-0.02, 1.02))
        axis.grid(axis="x")
    return figure


def copied_figure(pairs: Sequence[CopiedPair]) -> Figure:
    """Draw generated | real | registered, the real one moved onto the generated one | difference of the two."""
    if not pairs:
        return nothing_to_draw("No copy was found.")
    rows = -(-len(pairs) // IN_A_ROW)
    figure = plt.figure(figsize=(5.8 * IN_A_ROW, 2.2 * rows), layout="constrained")
    panels = figure.subfigures(rows, IN_A_ROW, squeeze=False, wspace=0.03).flat
    for panel, pair in zip(panels, pairs, strict=False):
        panel.suptitle(pair.title, fontsize=9)
        axes = panel.subplots(1, 4)
        picture(axes[0], pair.generated, "generated", pair.generated_name)
        picture(axes[1], pair.real, "real", pair.real_name)
        picture(axes[2], pair.registered, "real, registered")
        picture(axes[3], np.where(pair.covered, difference(pair.registered, pair.generated), 0), "|difference|")
    return figure
