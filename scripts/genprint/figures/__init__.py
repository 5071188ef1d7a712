"""Pictures of a benchmark, one file per kind; `save` writes any of them."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # jobs have no screen

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

METHOD_COLOUR = "#0b6e99"
CONTROL_COLOUR = "#b5651d"


_METADATA = {".png": {"Software": None}, ".svg": {"Date": None, "Creator": None}}


def save(figure: Figure, *paths: str) -> None:
    """Write PNG or SVG files, by suffix, whose bytes depend on the figure alone, and let go of the figure."""
    with plt.rc_context({"svg.hashsalt": "genprint"}):
        for path in map(Path, paths):
            figure.savefig(path, dpi=150, format=path.suffix[1:], metadata=_METADATA[path.suffix])
    plt.close(figure)
