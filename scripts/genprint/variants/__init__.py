"""Versions of the images in which membership may show better: noise (2024) and enhancement (2025)."""

import hashlib
import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from genprint.plan.sources import defaults, registered
from genprint.runtime.progress import counted

METHODS = registered(__name__)
SIDES = ("real", "generated")


def variant(
    name: str,
    images: np.ndarray,
    sha256: Sequence[str] | np.ndarray,
    *,
    seed: int,
    slug: str,
    side: str,
    **options: Any,
) -> np.ndarray:
    """Apply one method to every image.

    A random method draws from a stream of its own for each image, seeded by ``seed``, ``slug`` and the image's
    ``sha256`` and by nothing else, so neither order nor blocks matter and no two contents share a stream.
    The consequence: equal content gets equal noise, also across the real and the generated set. An exact copy
    stays exact, and its score does not show what noise does to copies; put the noise on one side to see that.

    Args:
        name: a key of ``METHODS``.
        images: uint8 (N, H, W).
        sha256: content hash of each image, N strings.
        seed: the seed of the benchmark.
        slug: name of the configured variant; two noise levels have two slugs, hence independent noise.
        side: which set this is, "real" or "generated".
        options: the method's ``PARAMETERS``.

    Returns:
        uint8 (N, H, W).

    Raises:
        ValueError: unknown method, side or choice of an option; images that are not uint8 (N, H, W); another number
            of hashes than of images.
    """
    if name not in METHODS:
        raise ValueError(f"no variant {name!r}; choose one of {', '.join(METHODS)}")
    if side not in SIDES:
        raise ValueError(f"side is {side!r}; pass the set that the images are from: {' or '.join(SIDES)}")
    if images.dtype != np.uint8 or images.ndim != 3:
        raise ValueError(f"images must be uint8 (N, H, W), not {images.dtype} {images.shape}")
    if len(sha256) != len(images):
        raise ValueError(f"{len(images)} images need as many hashes, not {len(sha256)}")
    method = importlib.import_module(METHODS[name])
    _check_choices(method.PARAMETERS, options)
    options = defaults(method.PARAMETERS) | options
    result = np.empty(images.shape, np.uint8)
    for index, content in enumerate(counted(sha256, "images")):
        if method.RANDOM:
            options.update(random=_stream(seed, slug, content), side=side)
        result[index] = method.apply(np.asarray(images[index]), **options)
    return result


def _check_choices(parameters: dict, options: dict) -> None:
    wrong = [
        f"{option} is {value!r}; write one of {', '.join(map(str, parameters[option]['enum']))}"
        for option, value in options.items()
        if value not in parameters.get(option, {}).get("enum", [value])
    ]
    if wrong:
        raise ValueError("; ".join(wrong))


def _stream(seed: int, slug: str, content: str) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed}/{slug}/{content}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))
