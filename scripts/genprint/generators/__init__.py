"""Generators whose training images are known, so that the truth about membership is known too."""

import importlib
from typing import Any

import numpy as np

from genprint.plan.sources import defaults, registered

METHODS = registered(__name__)


def generate(
    name: str,
    images: np.ndarray,
    count: int,
    *,
    seed: int,
    held_out: np.ndarray | None = None,
    **options: Any,
) -> np.ndarray:
    """Train a generator on ``images`` and sample ``count`` images from it.

    Args:
        name: a key of ``METHODS``.
        images: the training images, uint8 (N, H, W) with N >= 2; their order matters, so keep it (by id).
        count: number of samples, at least 1.
        seed: everything random derives from it.
        held_out: real images of patients that are neither trained on nor judged, uint8 (M, H, W); for the methods that
            declare ``HELD_OUT``.
        options: the method's ``PARAMETERS``.

    Returns:
        uint8 (count, H, W).

    Raises:
        ValueError: unknown method, too few or wrong images, or a count below 1.
    """
    if name not in METHODS:
        raise ValueError(f"no generator {name!r}; choose one of {', '.join(METHODS)}")
    if images.dtype != np.uint8 or images.ndim != 3:
        raise ValueError(f"images must be uint8 (N, H, W), not {images.dtype} {images.shape}")
    if len(images) < 2 or count < 1:
        raise ValueError(
            f"{len(images)} training images and {count} samples; pass at least 2 images, and a count of at least 1"
        )
    method = importlib.import_module(METHODS[name])
    options = defaults(method.PARAMETERS) | options
    if method.HELD_OUT:
        options["held_out"] = held_out
    return method.generate(images, count, seed=seed, **options)


def copied(name: str, count: int, *, seed: int, **options: Any) -> np.ndarray | None:
    """Tell which of the samples that `generate` gives are copies of training images, bool (count,).

    Args:
        name: a key of ``METHODS``.
        count: number of samples.
        seed: of `generate`.
        options: the method's ``PARAMETERS``, as `generate` was given them.

    Returns:
        None where the method does not know.
    """
    method = importlib.import_module(METHODS[name])
    if not hasattr(method, "copied"):
        return None
    return method.copied(count, seed=seed, share=(defaults(method.PARAMETERS) | options)["share"])
