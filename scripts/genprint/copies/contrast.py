"""Local contrast: what is left of an image when its brightness and its grey-level mapping are taken away."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

FULL = 128  # side to which images are brought first, so that small and large ones are treated alike
SIDE = 64  # of the local contrast that is compared
WINDOW = 6 / 128  # sigma of the window of local contrast, as a share of the longer side
FLOOR = 6.0  # grey levels added to the local standard deviation, so that the noise of flat regions stays small
ROUNDING = 1e-3  # grey levels that a mean in float32 may be wrong by
# What is correlated is a band of sizes: noise of single pixels says nothing, and outlines are alike in all patients.
FINEST, COARSEST = 1.5 / 128, 4 / 128  # sigmas
BLUR = 3 / 128  # sigma of what candidates and alignment see: they find their way from further off
# A copy that is blurred has lost what the band looks at; the original, blurred alike, has lost the same.
SOFTER = 1.5 / 128, 3 / 128, 4 / 128  # sigmas


@dataclass(frozen=True)
class Prepared:
    """What the search needs of images (N, H, W).

    Attributes:
        contrast: a band of local contrast, smoothed by a Gaussian of sigma 1.5 of 128 pixels less smoothed by one of
            4, float32 (N, SIDE, SIDE).
        blurred: local contrast smoothed by 3, float32 (N, SIDE, SIDE).
        softer: the same band of the images blurred by a Gaussian of each sigma of `SOFTER`, float32 (N, B, SIDE, SIDE).
            B is 0 where this was not asked for.
        mask: 255 inside of the images, 0 around them, uint8 (SIDE, SIDE).
        keys: hashes of the pixels; equal images have equal ones.
    """

    contrast: np.ndarray
    blurred: np.ndarray
    softer: np.ndarray
    mask: np.ndarray
    keys: list[bytes]


def prepare(images: np.ndarray, *, softer: bool = False, threads: int = 1) -> Prepared:
    """Reduce images (N, H, W), uint8 or floating-point grey levels 0..255, to what the search needs.

    With ``softer`` they are also looked at blurred, so that blurred copies of them can be told.
    """
    sigmas = SOFTER if softer else ()
    cv2.setNumThreads(1)  # a thread has images of its own
    height, width = (max(1, round(FULL * length / max(images.shape[1:]))) for length in images.shape[1:])
    top, left = (FULL - height) // 2, (FULL - width) // 2
    inside = np.s_[top : top + height, left : left + width]
    resizing = cv2.INTER_AREA if max(images.shape[1:]) > FULL else cv2.INTER_CUBIC
    contrast, blurred = (np.empty((len(images), SIDE, SIDE), np.float32) for _ in range(2))
    soft = np.empty((len(images), len(sigmas), SIDE, SIDE), np.float32)
    keys = [b""] * len(images)

    def canvas(grey: np.ndarray) -> np.ndarray:
        whole = np.zeros((FULL, FULL), np.float32)
        whole[inside] = local_contrast(grey[None])[0]
        return whole

    def reduce(position: int) -> None:
        grey: np.ndarray = np.ascontiguousarray(images[position], np.float32)
        keys[position] = hashlib.sha256(f"{grey.shape}".encode() + grey.tobytes()).digest()
        if grey.shape != (height, width):
            grey = cv2.resize(grey, (width, height), interpolation=resizing)
        whole = canvas(grey)
        contrast[position], blurred[position] = _band(whole), _halved(cv2.GaussianBlur(whole, (0, 0), FULL * BLUR))
        for place, sigma in enumerate(sigmas):
            soft[position, place] = _band(canvas(cv2.GaussianBlur(grey, (0, 0), FULL * sigma)))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(reduce, range(len(images))))
    mask = np.zeros((FULL, FULL), np.float32)
    mask[inside] = 1
    return Prepared(contrast, blurred, soft, np.where(_halved(mask) > 0.999, np.uint8(255), np.uint8(0)), keys)


def local_contrast(images: np.ndarray) -> np.ndarray:
    """Compute the local contrast of images (N, H, W): float32 (N, H, W).

    With m the mean in a Gaussian window, whose sigma is 6 pixels where the longer side has 128, and s the standard
    deviation around it,

        c = (x - m) / (s + 6 grey levels).

    Images are uint8, or floating-point numbers of the same unit. An image of one value is 0 everywhere.
    """
    contrast = np.empty(images.shape, np.float32)
    sigma = WINDOW * max(images.shape[1:])
    for image, result in zip(images, contrast, strict=True):
        grey = image.astype(np.float32)
        grey -= cv2.GaussianBlur(grey, (0, 0), sigma)
        grey[np.abs(grey) < ROUNDING] = 0  # flat regions are flat
        variance = cv2.GaussianBlur(grey * grey, (0, 0), sigma)
        np.divide(grey, np.sqrt(np.maximum(variance, 0)) + FLOOR, out=result)
    return contrast


def _band(contrast: np.ndarray) -> np.ndarray:
    fine, coarse = (cv2.GaussianBlur(contrast, (0, 0), FULL * sigma) for sigma in (FINEST, COARSEST))
    return _halved(fine - coarse)


def _halved(image: np.ndarray) -> np.ndarray:
    return cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
