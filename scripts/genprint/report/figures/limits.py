"""Power against leak, and the limit of detection of every method."""

from collections.abc import Mapping
from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from genprint.limits.curves import METHOD, Axis, Curves

# Okabe & Ito, told apart with every kind of colour vision; markers and line styles differ too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
STYLES = ("-", "--", "-.", ":")
COLUMNS = 3


def limits_figure(
    limits: pd.DataFrame,
    power: pd.DataFrame,
    axes: Mapping[str, Axis],
    ladders: Mapping[str, Mapping],
    *,
    wanted: float,
    false_alarms: float,
) -> Figure:
    """One panel a ladder, the leak growing to the right, with a line a method; below it the limits with intervals.

    Points are shares of trials with their Wilson intervals, lines the fitted curves, and the point at the left is the
    generator that has seen other patients only. An arrow goes on where an interval leaves the ladder; a method without
    a bar has no limit on this ladder.

    Args:
        limits: As `genprint.limits.curves.limits_table` gives them.
        power: As `genprint.limits.curves.power_table` gives them.
        axes: The levels of every ladder.
        ladders: Its generator and varied option, as configured.
        wanted: The power at the limit.
        false_alarms: The rate of false alarms.
    """
    methods = list(dict.fromkeys(limits[list(METHOD)].itertuples(index=False, name=None)))
    styles = dict(zip(methods, zip(cycle(COLOURS), cycle(MARKERS), cycle(STYLES)), strict=False))
    columns = min(COLUMNS, len(axes))
    rows = -(-len(axes) // columns)
    strip = 0.5 + 0.11 * len(methods)
    figure, panels = plt.subplots(
        2 * rows,
        columns,
        figsize=(1 + 4.4 * columns, 1.1 + (3.2 + strip) * rows),
        height_ratios=(3.2, strip) * rows,
        squeeze=False,
        layout="constrained",
    )
    for panel in panels.flat:
        panel.set_visible(False)
    for place, (ladder, axis) in enumerate(axes.items()):
        row, column = divmod(place, columns)
        above, below = panels[2 * row, column], panels[2 * row + 1, column]
        own_power, own_limits = (table[table["ladder"] == ladder] for table in (power, limits))
        _draw_power(above, own_power, own_limits, axis, styles, false_alarms)
        _draw_limits(below, own_limits, axis, styles)
        above.axhline(wanted, color="#888888", linewidth=0.8, linestyle=":")
        above.axhline(false_alarms, color="#888888", linewidth=0.8, linestyle=":")
        above.set(ylim=(-0.03, 1.03), yticks=[false_alarms, 0.25, 0.5, 0.75, wanted], title=_title(ladder, own_power))
        above.set_ylabel(f"power (trials with p < {false_alarms:g})")
        varied = f"{ladders[ladder]['generator']['method']} {ladders[ladder]['vary']}"
        below.set(xlabel=f"{varied} ({axis.scale} scale): the leak grows to the right →", yticks=[])
        below.set_ylabel(f"limit at\n{100 * wanted:g} % power", fontsize=8)
        _label_levels(above, below, axis)
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=columns, fontsize=8)
    return figure


def _draw_power(
    panel: Axes, power: pd.DataFrame, limits: pd.DataFrame, axis: Axis, styles: Mapping, false_alarms: float
) -> None:
    strengths, step = axis.strength(np.asarray(axis.levels, np.float64)), _step(axis)
    fine = np.linspace(strengths[0], strengths[-1], 200)
    for position, (method, (colour, marker, style)) in enumerate(styles.items()):
        rows = _of(method, power)
        fitted = _of(method, limits).dropna(subset="midpoint")
        # Side by side, so that no interval hides another.
        aside = 0.3 * step * ((position + 0.5) / len(styles) - 0.5)
        at = np.where(rows["level"].isna(), strengths[0] - step, axis.strength(rows["level"].fillna(axis.levels[0])))
        spread = np.abs(rows[["power_low", "power_high"]].to_numpy().T - rows["power"].to_numpy())
        panel.errorbar(
            at + aside, rows["power"], spread, fmt=marker, color=colour, markersize=3.5, linewidth=0.7, alpha=0.9
        )
        curves = Curves(fitted["midpoint"].to_numpy(), fitted["slope"].to_numpy())
        for curve in curves.power(fine, false_alarms):
            panel.plot(fine, curve, color=colour, linestyle=style, linewidth=1.2)
        panel.plot([], [], color=colour, marker=marker, linestyle=style, markersize=4, label=" · ".join(method))


def _draw_limits(panel: Axes, limits: pd.DataFrame, axis: Axis, styles: Mapping) -> None:
    first, last = axis.strength(np.array([axis.levels[0], axis.levels[-1]], np.float64))
    for height, (method, (colour, marker, _)) in enumerate(styles.items()):
        for row in _of(method, limits).itertuples():
            bounds = [bound for bound in (row.limit_low, row.limit_high, row.limit) if not np.isnan(bound)]
            if not bounds:
                continue
            inside = axis.strength(np.array(bounds))
            open_low, open_high = np.isnan(row.limit_low), np.isnan(row.limit_high)
            if axis.levels[-1] < axis.levels[0]:
                open_low, open_high = open_high, open_low
            ends = [first if open_low else inside.min(), last if open_high else inside.max()]
            panel.plot(ends, [-height] * 2, color=colour, linewidth=1.4)
            for is_open, end, arrow in ((open_low, ends[0], "<"), (open_high, ends[1], ">")):
                if is_open:
                    panel.plot(end, -height, marker=arrow, color=colour, markersize=5)
            if not np.isnan(row.limit):
                panel.plot(axis.strength(row.limit), -height, marker=marker, color=colour, markersize=5)
    panel.set_ylim(0.3 - len(styles), 0.7)


def _label_levels(above: Axes, below: Axes, axis: Axis) -> None:
    strengths, step = axis.strength(np.asarray(axis.levels, np.float64)), _step(axis)
    places = [strengths[0] - step, *strengths]
    for panel in (above, below):
        panel.set_visible(True)
        panel.set_xticks(places, ["no leak", *(f"{level:g}" for level in axis.levels)], fontsize=8)
        panel.set_xlim(places[0] - step / 2, places[-1] + step / 2)
        panel.grid(axis="x", linewidth=0.3)
    above.tick_params(labelbottom=False)


def _of(method: tuple[str, ...], table: pd.DataFrame) -> pd.DataFrame:
    return table[(table[list(METHOD)] == list(method)).all(axis=1)]


def _step(axis: Axis) -> float:
    """The mean distance of two levels, in units of the strength."""
    strengths = axis.strength(np.asarray(axis.levels, np.float64))
    return (strengths[-1] - strengths[0]) / (len(strengths) - 1)


def _title(ladder: str, power: pd.DataFrame) -> str:
    images = " and ".join(
        f"{power[size].mean():.0f} {kind}" for size, kind in (("n_used", "used"), ("n_not_used", "not used"))
    )
    return f"{ladder}\n{power['trials'].max()} splits, each of {images} images"
