"""Perturbed copies of known images: what the search for copies is tried with, and what the generator copy makes."""

import hashlib
from collections.abc import Callable

import cv2
import numpy as np

Strength = float | tuple[float, ...]

# Lengths are shares of the longer side: 4 / 128 is what 4 pixels are in an image of 128.
KINDS: dict[str, tuple[Strength, ...]] = {
    "shift": (0.03, 0.06, 0.10),  # share of the side, in a random direction
    "rotation": (5.0, 10.0, 15.0),  # degrees, to a random side
    "scale": (0.85, 1.1, 1.2),
    "mirror": (0.0, 5.0, 10.0),  # left and right exchanged, then turned by so many degrees
    "window": (0.8, 0.65, 0.5),  # width of the new window, as a share of the grey levels of the image
    "gamma": (0.5, 0.7, 2.0),
    "noise": (10.0, 20.0, 40.0),  # standard deviation in grey levels
    "blur": (1 / 128, 2 / 128, 4 / 128),  # sigma
    "jpeg": (50.0, 30.0, 15.0),  # quality
    "elastic": (0.005, 0.01, 0.015),  # root mean square of the displacement
    "combined": (0.0, 1.0, 2.0),  # three together, each of this strength: geometry, grey levels, degradation
}
TOGETHER = (("shift", "rotation", "scale"), ("window", "gamma"), ("noise", "blur", "jpeg"))
ELASTIC_SIGMA = 10 / 128  # how far displacements hang together


def perturb(image: np.ndarray, kind: str, strength: Strength, seed: int) -> np.ndarray:
    """Return a perturbed copy, uint8 (H, W), of an image uint8 (H, W).

    What is random follows from the content of the image, the kind, the strength and ``seed``, so that the order of
    images does not matter. Beyond its border an image goes on with the values of the border.

    Args:
        image: uint8 (H, W).
        kind: one of `KINDS`, or "crop", whose strength is the share of the sides that is cut off.
        strength: how much, in the unit of the kind; `KINDS` has three of each.
        seed: another seed gives another direction of a shift, other noise, and so on.

    Raises:
        ValueError: an unknown kind, or an image that is not uint8 (H, W).
    """
    if kind not in _PERTURBATIONS:
        raise ValueError(f"there is no perturbation {kind!r}; write one of {', '.join(_PERTURBATIONS)}")
    if image.dtype != np.uint8 or image.ndim != 2:
        raise ValueError(f"the image is {image.dtype} of shape {image.shape}; give uint8 (H, W)")
    digest = hashlib.sha256(f"{seed} {kind} {strength!r} {image.shape} ".encode() + image.tobytes()).digest()
    random = np.random.default_rng(int.from_bytes(digest[:16], "little"))
    cv2.setNumThreads(1)
    return _PERTURBATIONS[kind](image, strength, random)


def _warp(image: np.ndarray, linear: np.ndarray, shift: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """Move every point p, counted from the centre, to ``linear @ p + shift``."""
    height, width = image.shape
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    offset = centre - linear @ centre + np.asarray(shift)
    return cv2.warpAffine(image, np.column_stack([linear, offset]), (width, height), borderMode=cv2.BORDER_REPLICATE)


def _turn(degrees: float) -> np.ndarray:
    angle = np.deg2rad(degrees)
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def _shift(image: np.ndarray, share: float, random: np.random.Generator) -> np.ndarray:
    length, direction = share * max(image.shape), random.uniform(0, 2 * np.pi)
    return _warp(image, np.eye(2), (length * np.cos(direction), length * np.sin(direction)))


def _rotation(image: np.ndarray, degrees: float, random: np.random.Generator) -> np.ndarray:
    return _warp(image, _turn(degrees * random.choice([-1, 1])))


def _scale(image: np.ndarray, factor: float, random: np.random.Generator) -> np.ndarray:
    return _warp(image, factor * np.eye(2))


def _mirror(image: np.ndarray, degrees: float, random: np.random.Generator) -> np.ndarray:
    return _warp(image, _turn(degrees * random.choice([-1, 1])) @ np.diag([-1.0, 1.0]))


def _window(image: np.ndarray, share: float, random: np.random.Generator) -> np.ndarray:
    low, high = np.percentile(image, [1, 99])
    start = low + random.uniform(0.25, 0.75) * (1 - share) * (high - low)
    width = max(share * (high - low), 1)
    return _grey(255 * (image.astype(np.float64) - start) / width)


def _gamma(image: np.ndarray, exponent: float, random: np.random.Generator) -> np.ndarray:
    return _grey(255 * (image / 255) ** exponent)


def _noise(image: np.ndarray, deviation: float, random: np.random.Generator) -> np.ndarray:
    return _grey(image + random.normal(0, deviation, image.shape))


def _blur(image: np.ndarray, sigma: float, random: np.random.Generator) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), sigma * max(image.shape))


def _jpeg(image: np.ndarray, quality: float, random: np.random.Generator) -> np.ndarray:
    _, code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, round(quality)])
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE))


def _elastic(image: np.ndarray, size: float, random: np.random.Generator) -> np.ndarray:
    height, width = image.shape
    fields = random.normal(0, 1, (2, height, width))
    side = max(height, width)
    smooth = np.stack([cv2.GaussianBlur(field, (0, 0), ELASTIC_SIGMA * side) for field in fields])
    smooth *= size * side / np.sqrt((smooth**2).sum(axis=0).mean())
    rows, columns = np.mgrid[:height, :width]
    x, y = ((grid + move).astype(np.float32) for grid, move in zip((columns, rows), smooth, strict=True))
    return cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _crop(image: np.ndarray, share: float, random: np.random.Generator) -> np.ndarray:
    height, width = image.shape
    rows, columns = (max(1, round((1 - share) * length)) for length in (height, width))
    top, left = random.integers(height - rows + 1), random.integers(width - columns + 1)
    return cv2.resize(image[top : top + rows, left : left + columns], (width, height), interpolation=cv2.INTER_LINEAR)


def _combined(image: np.ndarray, position: float, random: np.random.Generator) -> np.ndarray:
    for kinds in TOGETHER:
        kind = kinds[random.integers(len(kinds))]
        image = _PERTURBATIONS[kind](image, KINDS[kind][int(position)], random)
    return image


def _grey(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


_PERTURBATIONS: dict[str, Callable] = {
    "shift": _shift,
    "rotation": _rotation,
    "scale": _scale,
    "mirror": _mirror,
    "window": _window,
    "gamma": _gamma,
    "noise": _noise,
    "blur": _blur,
    "jpeg": _jpeg,
    "elastic": _elastic,
    "crop": _crop,
    "combined": _combined,
}
