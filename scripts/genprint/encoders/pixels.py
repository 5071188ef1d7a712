"""No encoder: the images themselves are compared."""

import numpy as np

YIELDS = "image"
TRAINED = False
PARAMETERS = {}


def encode(images: np.ndarray, weights: None, *, device: str) -> np.ndarray:
    """Return the images, uint8 (N, H, W)."""
    return images
