"""Bilateral filter."""

import cv2
import numpy as np

RANDOM = False
PARAMETERS = {
    "diameter": {
        "type": "integer",
        "minimum": 1,
        "maximum": 255,
        "default": 9,
        "description": "Diameter of the neighbourhood in pixels.",
    },
    "sigma_color": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1_000,
        "default": 75.0,
        "description": "Standard deviation over grey levels.",
    },
    "sigma_space": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1_000,
        "default": 75.0,
        "description": "Standard deviation over distance in pixels.",
    },
}


def apply(image: np.ndarray, *, diameter: int, sigma_color: float, sigma_space: float) -> np.ndarray:
    """Smooth without crossing edges: ``cv2.bilateralFilter``.

    Zuo & Zhou, CLEF 2025, section 3.1 and table 2: sigmaColor 75, sigmaSpace 75. The diameter is not given; 9 is
    the one of OpenCV's tutorial with the same two sigmas.
    """
    return cv2.bilateralFilter(image, diameter, sigma_color, sigma_space)
