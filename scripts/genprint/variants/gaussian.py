"""Gaussian smoothing, then histogram equalisation."""

import cv2
import numpy as np

RANDOM = False
PARAMETERS = {
    "kernel": {
        "type": "integer",
        "enum": [3, 5, 7, 9, 11, 13, 15],
        "default": 5,
        "description": "Width and height of the kernel in pixels.",
    },
    "sigma": {
        "type": "number",
        "minimum": 0,
        "maximum": 100,
        "default": 0.0,
        "description": "Standard deviation in pixels; 0 lets OpenCV derive it from the kernel (1.1 for 5).",
    },
    "equalise": {
        "type": "boolean",
        "default": True,
        "description": "Equalise the histogram after smoothing.",
    },
}


def apply(image: np.ndarray, *, kernel: int, sigma: float, equalise: bool) -> np.ndarray:
    """Smooth with ``cv2.GaussianBlur``, then spread the grey levels with ``cv2.equalizeHist``.

    Zuo & Zhou, CLEF 2025, section 3.1 and table 2: kernel 5 x 5; sigma is not given.
    """
    smooth = cv2.GaussianBlur(image, (kernel, kernel), sigma)
    return cv2.equalizeHist(smooth) if equalise else smooth
