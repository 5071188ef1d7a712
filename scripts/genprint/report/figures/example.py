"""A generated image between a used and a not used one, and how similar they are: the schematics of 2024."""

from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from genprint.plan.runs import method_options
from genprint.report.colours import LINES
from genprint.report.figures.images import picture
from genprint.report.figures.panels import nothing_to_draw
from genprint.similarity import pairwise

Similarities = dict[str, tuple[float, float]]
"""Similarity of the generated image to the used and to the not used one, by name."""


Kind = TypeVar("Kind", np.ndarray, str)


class Example(NamedTuple, Generic[Kind]):
    """The three images that explain a similarity, uint8 (H, W), or their names."""

    used: Kind
    generated: Kind
    not_used: Kind


def pictured(
    ids: Example[str], real: Mapping[str, np.ndarray], generated: Mapping[str, np.ndarray]
) -> Example[np.ndarray]:
    """Return the images with these ids, among the images by id."""
    return Example(real[ids.used], generated[ids.generated], real[ids.not_used])


def similarities(example: Example[np.ndarray], methods: Mapping[str, dict]) -> Similarities:
    """Compare the generated image with the two real ones, by every configured similarity that compares images."""
    real, generated = np.stack([example.used, example.not_used]), example.generated[None]
    return {
        name: tuple(pairwise(entry["method"], generated, real, **method_options(entry))[0])
        for name, entry in methods.items()
    }


def similarity_figure(example: Example[np.ndarray], found: Similarities, names: Example[str]) -> Figure:
    """Draw the three images, and between them every similarity and the absolute difference; Figure 1 of 2024.

    ``names`` are the ids of the three images.
    """
    figure, axes = plt.subplots(
        2, 5, figsize=(11, 3.7), width_ratios=[3, 2, 3, 2, 3], height_ratios=[2, 2], layout="constrained"
    )
    for column, kind in ((0, "used"), (2, "generated"), (4, "not_used")):
        grid = axes[0, column].get_gridspec()
        for axis in axes[:, column]:
            axis.remove()
        title = f"{kind.replace('_', ' ')}\n{getattr(names, kind)}"
        picture(figure.add_subplot(grid[:, column]), getattr(example, kind), title)
    for column, real, place in ((1, example.used, 0), (3, example.not_used, 1)):
        _written(axes[0, column], _of(found, place))
        picture(axes[1, column], difference(real, example.generated), below="|difference|")
    return figure


def noise_figure(examples: dict[str, Example[np.ndarray]], found: dict[str, Similarities]) -> Figure:
    """Draw the three images without and with noise, and what noise does to their similarity; Figure 2 of 2024.

    ``examples`` and ``found`` by variant.
    """
    if not examples:
        return nothing_to_draw("No run has noise.")
    lines = max(map(len, found.values()))
    size = (6.5, 0.3 + (2.2 + 0.17 * lines) * len(examples))
    figure, axes = plt.subplots(len(examples), 3, figsize=size, squeeze=False, layout="constrained")
    for row, (variant, example) in zip(axes, examples.items(), strict=True):
        used, not_used = ("\n".join(_lines(_of(found[variant], place))) for place in (0, 1))
        picture(row[0], example.used, below=used)
        picture(row[1], example.generated, below="similarity of either\nto this one")
        picture(row[2], example.not_used, below=not_used)
        row[0].set_ylabel(variant)
    for axis, kind in zip(axes[0], ("used", "generated", "not used"), strict=True):
        axis.set_title(kind)
    return figure


def difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Compute |a - b| of two images uint8 (H, W)."""
    return np.abs(a.astype(np.int16) - b).astype(np.uint8)


def _written(axis: Axes, values: dict[str, float]) -> None:
    axis.axis("off")
    axis.annotate("", (1, 0.5), (0, 0.5), "axes fraction", arrowprops={"arrowstyle": "<->", "color": LINES})
    lines = _lines(values)
    middle = -(-len(lines) // 2)
    axis.annotate("\n".join(lines[:middle]), (0.5, 0.55), xycoords="axes fraction", ha="center", va="bottom")
    axis.annotate("\n".join(lines[middle:]), (0.5, 0.45), xycoords="axes fraction", ha="center", va="top")


def _lines(values: dict[str, float]) -> list[str]:
    return [f"{name} {value:.{0 if abs(value) >= 100 else 3}f}" for name, value in values.items()]


def _of(found: Similarities, place: int) -> dict[str, float]:
    return {name: pair[place] for name, pair in found.items()}
