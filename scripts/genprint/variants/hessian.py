"""Hessian matrix: where the image curves."""

import cv2
import numpy as np

RANDOM = False
PARAMETERS = {
    "ksize": {
        "type": "integer",
        "enum": [1, 3, 5, 7],
        "default": 3,
        "description": "Aperture of the Sobel operators for the second derivatives, in pixels.",
    },
    "response": {
        "type": "string",
        "enum": ["determinant", "eigenvalue"],
        "default": "determinant",
        "description": "Curvature measure: the determinant, or the largest absolute eigenvalue.",
    },
    "threshold": {
        "type": "number",
        "minimum": 0,
        "exclusiveMaximum": 1,
        "default": 0.01,
        "description": "Share of the image's maximum response that a pixel has to exceed.",
    },
    "output": {
        "type": "string",
        "enum": ["mask", "response"],
        "default": "mask",
        "description": "Pixels above the threshold: 255, or their response scaled to a maximum of 255.",
    },
}


def apply(
    image: np.ndarray,
    *,
    ksize: int,
    response: str,
    threshold: float,
    output: str,
) -> np.ndarray:
    """Return the pixels whose curvature R exceeds ``threshold`` * max R; all others are 0.

    With the second derivatives Ixx, Iyy, Ixy by ``cv2.Sobel`` in float64, R is the determinant Ixx Iyy - Ixy^2
    (positive on blobs, pits and peaks, negative on saddles) or the largest absolute eigenvalue (also large on edges
    and ridges). An image without positive response becomes 0.

    Zuo & Zhou, CLEF 2025, section 3.1, "use the Hessian matrix to calculate the edge area", and table 2, "Threshold =
    0.01 * maximum value". Open in the paper: the derivative operator, the response and what is kept above the
    threshold. ``R > 0.01 * R.max()`` is the idiom of OpenCV's corner tutorial, which thresholds a
    determinant-like response and marks pixels: hence the defaults.
    """
    xx, yy, xy = (cv2.Sobel(image, cv2.CV_64F, dx, dy, ksize=ksize) for dx, dy in ((2, 0), (0, 2), (1, 1)))
    match response:
        case "determinant":
            curvature = xx * yy - xy**2
        case "eigenvalue":
            curvature = np.abs(xx + yy) / 2 + np.hypot((xx - yy) / 2, xy)
    strongest = curvature.max()
    kept = curvature > threshold * max(strongest, 0)
    if output == "mask":
        return kept * np.uint8(255)
    return np.rint(np.where(kept, curvature, 0) * (255 / strongest if strongest > 0 else 0)).astype(np.uint8)
