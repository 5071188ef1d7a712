"""Panels of one size, a few in a row."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

IN_A_ROW = 3


def grid_of_panels(count: int, *, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """A figure and its ``count`` axes of the given size in inches."""
    rows = -(-count // IN_A_ROW)
    columns = -(-count // rows)
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(columns * width, rows * height),
        squeeze=False,
        layout=ConstrainedLayoutEngine(h_pad=0.12),
    )
    for unused in axes.flat[count:]:
        unused.remove()
    return figure, list(axes.flat[:count])


def nothing_to_draw(reason: str) -> Figure:
    """A figure that says why it is empty."""
    figure = plt.figure(figsize=(6, 1.2))
    figure.text(0.5, 0.5, reason, ha="center", va="center")
    return figure
