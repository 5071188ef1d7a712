"""Encoders: what is compared in place of an image, the image itself or a vector of features."""

import importlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from genprint.images.parts import judged_parts
from genprint.plan.protocol import next_part
from genprint.plan.runs import method_options
from genprint.plan.sources import defaults, registered

METHODS = registered(__name__)
LABELS = ("used", "not_used", "generated")


def train(
    name: str,
    images: np.ndarray,
    labels: npt.ArrayLike,
    groups: npt.ArrayLike | None = None,
    *,
    seed: int,
    device: str = "auto",
    **options: Any,
) -> dict[str, np.ndarray]:
    """Train an encoder on the calibration images.

    Args:
        name: a key of ``METHODS`` whose method declares ``TRAINED``.
        images: uint8 (N, H, W).
        labels: "used", "not_used" or "generated" for each image.
        groups: the patient of each image; None if every image is of another. No patient is both trained on and held
            out to say when to stop.
        seed: everything random derives from it.
        device: "cpu", "cuda", or "auto" for the GPU if there is one. The same seed and number of threads give the
            same weights bit for bit on a CPU.
        options: the method's ``PARAMETERS``.

    Returns:
        The weights by name, float32 (counters int64): all that ``encode`` needs.

    Raises:
        ValueError: unknown or untrained method, wrong images, unknown labels or labels the objective lacks.
    """
    method = _method(name)
    if not method.TRAINED:
        raise ValueError(f"{name} has nothing to train; encode with it directly")
    _check(images)
    labels = np.asarray(labels, str)
    if len(labels) != len(images):
        raise ValueError(f"{len(images)} images need as many labels, not {len(labels)}")
    if unknown := sorted(set(labels) - set(LABELS)):
        raise ValueError(f"labels {', '.join(unknown)} cannot be trained on; pass only {', '.join(LABELS)}")
    groups = np.arange(len(images)) if groups is None else np.asarray(groups, str)
    options = defaults(method.PARAMETERS) | options
    images = reduced(images, options.pop("resize", None))
    return method.train(images, labels, groups, seed=seed, device=device, **options)


def encode(
    name: str,
    images: np.ndarray,
    weights: dict[str, np.ndarray] | None = None,
    *,
    device: str = "auto",
    **options: Any,
) -> np.ndarray:
    """Return features of images, float32 (N, D), or the images themselves where the method yields images.

    Args:
        name: a key of ``METHODS``.
        images: uint8 (N, H, W) with N >= 1.
        weights: what ``train`` returned; None for a method without training.
        device: as in ``train``.
        options: the method's ``PARAMETERS``; those that only say how to train it make no difference.

    An image's features do not depend on the images beside it, bit for bit on a CPU.

    Raises:
        ValueError: unknown method, wrong images, or weights of another network (all differences listed).
    """
    method = _method(name)
    _check(images)
    options = defaults(method.PARAMETERS) | options
    images = reduced(images, options.get("resize"))
    return method.encode(images, weights, device=device, **options)


def reduced(images: np.ndarray, side: int | None) -> np.ndarray:
    """Return images uint8 (N, H, W) whose longer side has at most ``side`` pixels, each the mean of those it covers."""
    height, width = images.shape[1:]
    if side is None or max(height, width) <= side:
        return images
    size = (max(1, round(width * side / max(height, width))), max(1, round(height * side / max(height, width))))
    return np.stack([cv2.resize(image, size, interpolation=cv2.INTER_AREA) for image in images])


def calibration(features: np.ndarray, *, binarise: str = "median") -> dict[str, float | np.ndarray]:
    """Compute the constants that SSIM and Jaccard need for features, from the calibration images only.

    Args:
        features: float32 (N, D).
        binarise: where a feature counts as present: above its "median" or "mean" over the images, or above "zero".

    Returns:
        ``data_range``, the largest minus the smallest value of all; ``threshold``, float32 (D,).

    Raises:
        ValueError: an unknown rule; features that are not finite, or the same everywhere.
    """
    rules: dict[str, Callable] = {
        "median": np.median,
        "mean": np.mean,
        "zero": lambda columns, axis: np.zeros(columns.shape[1]),
    }
    if binarise not in rules:
        raise ValueError(f"no rule {binarise!r} to binarise by; choose one of {', '.join(rules)}")
    columns = np.asarray(features, np.float64)
    data_range = float(columns.max() - columns.min())
    if not 0 < data_range < np.inf:
        raise ValueError(f"features span {data_range}: the encoder has collapsed or diverged; lower its learning rate")
    threshold = rules[binarise](columns, axis=0).astype(np.float32)
    return {"data_range": data_range, "threshold": threshold}


def _method(name: str) -> ModuleType:
    if name not in METHODS:
        raise ValueError(f"no encoder {name!r}; choose one of {', '.join(METHODS)}")
    return importlib.import_module(METHODS[name])


def _check(images: np.ndarray) -> None:
    if images.dtype != np.uint8 or images.ndim != 3 or not images.size:
        raise ValueError(f"images must be uint8 (N, H, W), not {images.dtype} {images.shape}")


class Learnt(NamedTuple):
    """What the encoders of a data set have learnt, one for each of the M parts that are judged, and its features."""

    weights: dict[str, np.ndarray]
    """The arrays that `encode` needs, by the number of the encoder, a slash, and their name."""
    real: np.ndarray
    """The features of the real images by every encoder, float32 (M, N, D)."""
    generated: np.ndarray
    """The features of the generated images by every encoder, float32 (M, G, D)."""
    constants: dict[str, np.ndarray]
    """The `calibration` of the features that each was trained on, (M, ...)."""


def learn(
    encoder: Mapping,
    real: np.ndarray,
    generated: np.ndarray,
    table: pd.DataFrame,
    *,
    seed: int,
    device: str,
    binarise: str,
) -> Learnt:
    """Train an encoder for every part of a data set that is judged, extract features, and calibrate what compares them.

    What each is trained on is said by `training_set`. Of an encoder that learns nothing, every part has the same
    features and its own calibration.

    Args:
        encoder: The ``method`` and its options, as configured.
        real: uint8 (N, H, W).
        generated: uint8 (G, H, W).
        table: The columns label, split and group of the real images.
        seed, device: As in `train`.
        binarise: As in `calibration`.

    Raises:
        ValueError: As `train` and `calibration` do.
    """
    method, options = encoder["method"], method_options(encoder)
    weights: dict[str, np.ndarray] = {}
    sides: list[tuple[np.ndarray, np.ndarray]] = []
    constants = []
    trained = _method(method).TRAINED
    for number, part in enumerate(judged_parts(table["split"], table["label"])):
        own: dict[str, np.ndarray] = {}
        if trained:
            own = train(method, *training_set(real, generated, table, part), seed=seed, device=device, **options)
        if trained or not sides:
            of_real, of_generated = (encode(method, side, own, device=device, **options) for side in (real, generated))
        trained_on, *_ = training_set(of_real, of_generated, table, part)
        sides.append((of_real, of_generated))
        constants.append(calibration(trained_on, binarise=binarise))
        weights |= {f"{number}/{name}": array for name, array in own.items()}
    stacked = {name: np.array([of_one[name] for of_one in constants]) for name in constants[0]}
    every_real, every_generated = map(np.stack, zip(*sides, strict=True))
    return Learnt(weights, every_real, every_generated, stacked)


def training_set(
    real: np.ndarray, generated: np.ndarray, table: pd.DataFrame, part: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return images (or their features), labels and groups: those that a part is judged by, and all generated ones.

    The images of the part itself are not among them: a network that has seen their labels would be judged on what it
    was told. ``table`` has the columns label, split and group of the real images; a generated image is a group of its
    own.
    """
    known = (table["split"] == next_part(part)).to_numpy()
    labels = np.concatenate([table["label"].to_numpy(object)[known], np.full(len(generated), "generated", object)])
    alone = [f"generated {number}" for number in range(len(generated))]
    groups = np.concatenate([table["group"].to_numpy(object)[known], np.array(alone, object)])
    return np.concatenate([real[known], generated]), labels, groups
