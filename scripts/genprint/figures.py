"""Pictures of a benchmark: its images, its variants, and how well each run tells used from not used."""

from collections.abc import Iterable

import matplotlib

matplotlib.use("Agg")  # jobs have no screen

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

METHOD_COLOUR = "#0b6e99"
CONTROL_COLOUR = "#b5651d"
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


def auc_figure(ablation: pd.DataFrame, *, score_rule: str) -> Figure:
    """AUC of every run beside its real-only control, one panel a data set.

    ``ablation`` has the columns dataset, variant, encoder, similarity, rule, auc, real_only_auc; the threshold
    rule does not matter, as the AUC has no threshold. An AUC of 0.5 is a coin toss.
    """
    chosen = ablation[ablation["rule"] == score_rule].drop_duplicates(["dataset", "variant", "encoder", "similarity"])
    datasets = list(dict.fromkeys(chosen["dataset"]))
    names = chosen["encoder"] + " · " + chosen["similarity"] + " · " + chosen["variant"]
    order = sorted(set(names), reverse=True)
    figure, axes = plt.subplots(
        1,
        len(datasets),
        figsize=(3 + 3.2 * len(datasets), 1.6 + 0.22 * len(order)),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axis, dataset in zip(axes[0], datasets, strict=True):
        rows = chosen[chosen["dataset"] == dataset]
        heights = [order.index(name) for name in names[rows.index]]
        axis.axvline(0.5, color="#888888", linewidth=1, linestyle="--")
        axis.scatter(
            rows["real_only_auc"],
            heights,
            s=28,
            facecolors="none",
            edgecolors=CONTROL_COLOUR,
            label="real-only control",
        )
        axis.scatter(rows["auc"], heights, s=28, color=METHOD_COLOUR, label="method")
        axis.set(xlim=(-0.03, 1.03), xlabel="AUC (0.5: a coin toss)", title=dataset)
        axis.grid(axis="y", linewidth=0.4)
    axes[0][0].set_yticks(range(len(order)), order, fontsize=8)
    axes[0][0].set_ylabel("encoder · similarity · variant")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=2, fontsize=8)
    figure.suptitle(f"Telling used from not used by score rule “{score_rule}”, evaluation half", fontsize=10)
    return figure


def save(figure: Figure, path: str) -> None:
    """Write a PNG whose bytes depend on the figure alone, and let go of the figure."""
    figure.savefig(path, dpi=150, format="png", metadata={"Software": None})
    plt.close(figure)
