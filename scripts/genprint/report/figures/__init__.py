"""Pictures of a benchmark, one file per kind; `save` writes any of them."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # jobs have no screen

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from genprint.files import replacing
from genprint.report.colours import INK, LINES, PAPER

plt.rcParams |= {
    "text.parse_math": False,  # an id may hold a dollar sign
    "svg.hashsalt": "genprint",  # the same figure has the same bytes
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": PAPER,
    "axes.facecolor": "none",
    "grid.color": LINES,
    "legend.frameon": False,
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
}

_METADATA = {".png": {"Software": None}, ".svg": {"Date": None, "Creator": None}}


def save(figure: Figure, *paths: str) -> None:
    """Write PNG or SVG files, by suffix, whose bytes depend on the figure alone, and let go of the figure."""
    for path in map(Path, paths):
        with replacing(path) as temporary:
            figure.savefig(temporary, dpi=150, format=path.suffix[1:], metadata=_METADATA[path.suffix])
    plt.close(figure)
