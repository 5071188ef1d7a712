"""Pictures of a benchmark, one file per kind; `save` writes any of them."""

import matplotlib

matplotlib.use("Agg")  # jobs have no screen

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from genprint.artifacts import replacing

METHOD_COLOUR = "#0b6e99"
CONTROL_COLOUR = "#b5651d"


def save(figure: Figure, path: str) -> None:
    """Write a PNG whose bytes depend on the figure alone, and let go of the figure."""
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=150, format="png", metadata={"Software": None})
    plt.close(figure)
