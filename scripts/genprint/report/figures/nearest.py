"""The real images that score highest, beside the generated image each is most similar to."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from genprint.report.figures.example import difference
from genprint.report.figures.images import picture
from genprint.report.figures.panels import nothing_to_draw

IN_A_ROW = 2


class Pair(NamedTuple):
    """A real image and its nearest generated one, uint8 (H, W), and what is written beside and below them."""

    real: np.ndarray
    generated: np.ndarray
    title: str
    real_name: str
    generated_name: str


def nearest_pairs(
    at_risk: pd.DataFrame,
    real: Mapping[str, np.ndarray],
    generated: Mapping[str, np.ndarray],
    *,
    name_of: Callable[[str], str],
) -> list[Pair]:
    """The pairs of the images most at risk (`genprint.report.decisions.most_at_risk`) among the images by id."""
    return [
        Pair(
            real[row.image_id],
            generated[row.nearest],
            f"{row.dataset}, rank {row.rank}",
            f"{name_of(row.image_id)}\n({row.label.replace('_', ' ')})",
            f"{row.nearest}\nsimilarity {row.nearest_similarity:.4g}",
        )
        for row in at_risk.itertuples()
    ]


def nearest_figure(pairs: list[Pair]) -> Figure:
    """Real | generated | absolute difference of every pair, `IN_A_ROW` pairs a row."""
    if not pairs:
        return nothing_to_draw("No image has a score.")
    rows = -(-len(pairs) // IN_A_ROW)
    figure = plt.figure(figsize=(4.6 * IN_A_ROW, 2.35 * rows), layout="constrained")
    panels = figure.subfigures(rows, IN_A_ROW, squeeze=False, wspace=0.03).flat
    for panel, pair in zip(panels, pairs, strict=False):
        panel.suptitle(pair.title, fontsize=9)
        real, generated, differing = panel.subplots(1, 3)
        picture(real, pair.real, "real", pair.real_name)
        picture(generated, pair.generated, "generated", pair.generated_name)
        picture(differing, difference(pair.real, pair.generated), "|difference|")
    return figure
