"""Laplace operator."""

import cv2
import numpy as np

RANDOM = False
PARAMETERS = {
    "ksize": {
        "type": "integer",
        "enum": [1, 3, 5, 7],
        "default": 3,
        "description": "Aperture of the operator in pixels.",
    },
}


def apply(image: np.ndarray, *, ksize: int) -> np.ndarray:
    """Return min(|Ixx + Iyy|, 255), the second derivative: ``cv2.Laplacian``, ``cv2.convertScaleAbs``.

    Zuo & Zhou, CLEF 2025, section 3.1 and table 2: kernel size 3. The derivative is taken in float64, because an
    8-bit result would lose every negative value; that the paper keeps both signs is our reading.
    """
    return cv2.convertScaleAbs(cv2.Laplacian(image, cv2.CV_64F, ksize=ksize))
