"""Sheets of images: what a data set holds, and what its variants make of it."""

from collections.abc import Iterable

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

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
            rows[f"{dataset}: {name.replace('_', ' ')}"] = images[np.flatnonzero(label == name)[:SHEET_COLUMNS]]
        rows[f"{dataset}: generated"] = samples[:SHEET_COLUMNS]
    return rows


def side_by_side(names: Iterable[str], images: Iterable[np.ndarray]) -> dict[str, np.ndarray]:
    """Rows of `image_sheet`: per variant as many real images as generated ones; ``images`` alternates between both."""
    pairs = zip(*[iter(images)] * 2, strict=True)
    half = SHEET_COLUMNS // 2
    return {
        f"{name}: real, then generated": np.concatenate([real[:half], generated[:half]])
        for name, (real, generated) in zip(names, pairs, strict=True)
    }


def image_sheet(rows: dict[str, np.ndarray]) -> Figure:
    """The first images of each row, side by side; ``rows`` maps a title to images uint8 (N, H, W)."""
    figure, axes = plt.subplots(
        len(rows), 1, figsize=(SHEET_COLUMNS * 1.1, len(rows) * 1.35), squeeze=False, layout="constrained"
    )
    for axis, (title, images) in zip(axes[:, 0], rows.items(), strict=True):
        axis.imshow(_strip(images[:SHEET_COLUMNS]), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axis.set_title(title, loc="left", fontsize=9)
        axis.axis("off")
    return figure


def _strip(images: np.ndarray) -> np.ndarray:
    """Images in a row with white between them, as wide as SHEET_COLUMNS of them."""
    height, width = images.shape[1:]
    gap = max(1, width // 16)
    strip = np.full((height, SHEET_COLUMNS * (width + gap)), 255, np.uint8)
    for place, image in enumerate(images):
        strip[:, place * (width + gap) :][:, :width] = image
    return strip
