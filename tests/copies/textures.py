"""Images of blobs, each of which is unlike the others wherever it is looked at."""

import cv2
import numpy as np


def textures(count: int, height: int = 96, width: int = 96, seed: int = 0) -> np.ndarray:
    """uint8 (count, height, width)."""
    random = np.random.default_rng(seed)
    images = []
    for _ in range(count):
        noise = random.normal(size=(2, height, width))
        fine, coarse = (cv2.GaussianBlur(field, (0, 0), sigma) for field, sigma in zip(noise, (2.5, 7), strict=True))
        image = fine / fine.std() + coarse / coarse.std()
        images.append(np.clip(128 + 40 * image, 0, 255))
    return np.array(images).astype(np.uint8)
