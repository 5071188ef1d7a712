"""Sheets of images: what a data set holds, and what enhancement makes of it."""

from collections.abc import Iterable

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from genprint.report.figures.panels import nothing_to_draw

SHEET_COLUMNS = 10


def labelled_rows(
    datasets: Iterable[str],
    real: Iterable[np.ndarray],
    labels: Iterable[np.ndarray],
    generated: Iterable[np.ndarray],
) -> dict[str, np.ndarray]:
    """Rows of `image_sheet`: the real images of every label, then the generated ones, data set after data set."""
    rows = {}
    for dataset, images, label, samples in zip(datasets, real, labels, generated, strict=True):
        for name in dict.fromkeys(label):
            chosen = np.flatnonzero(label == name)
            rows[f"{dataset}: {name.replace('_', ' ')}, n = {len(chosen)}"] = images[chosen[:SHEET_COLUMNS]]
        rows[f"{dataset}: generated, n = {len(samples)}"] = samples[:SHEET_COLUMNS]
    return rows


def image_sheet(rows: dict[str, np.ndarray]) -> Figure:
    """The first images of each row, side by side; ``rows`` maps a title to images uint8 (N, H, W)."""
    figure, axes = plt.subplots(
        len(rows), 1, figsize=(SHEET_COLUMNS * 1.1, len(rows) * 1.35), squeeze=False, layout="constrained"
    )
    for axis, (title, images) in zip(axes[:, 0], rows.items(), strict=True):
        axis.imshow(_strip(images[:SHEET_COLUMNS]), cmap="gray", vmin=0, vmax=255, interpolation="none")
        axis.set_title(title, loc="left")
        axis.axis("off")
    return figure


def enhancement_figure(variants: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """One generated image (above) and one real image (below) as every variant makes them; Figure 1 of 2025.

    ``variants`` maps a variant to its real and its generated image, uint8 (H, W) each.
    """
    if not variants:
        return nothing_to_draw("No run has enhancement.")
    figure, axes = plt.subplots(
        2, len(variants), figsize=(max(4, 1.5 * len(variants)), 3.5), squeeze=False, layout="constrained"
    )
    for column, (name, (real, generated)) in zip(axes.T, variants.items(), strict=True):
        picture(column[0], generated, name)
        picture(column[1], real)
    for row, kind in zip(axes, ("generated", "real"), strict=True):
        row[0].set_ylabel(kind)
    return figure


def picture(axis: Axes, image: np.ndarray, title: str = "", below: str = "") -> None:
    """One image uint8 (H, W) with its grey levels as they are, and what stands above and below it."""
    axis.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="none")
    axis.set(title=title, xlabel=below, xticks=[], yticks=[])
    axis.spines[:].set_visible(False)


def _strip(images: np.ndarray) -> np.ndarray:
    """Images in a row with white between them, as wide as SHEET_COLUMNS of them."""
    height, width = images.shape[1:]
    gap = max(1, width // 16)
    strip = np.full((height, SHEET_COLUMNS * (width + gap)), 255, np.uint8)
    for place, image in enumerate(images):
        strip[:, place * (width + gap) :][:, :width] = image
    return strip
