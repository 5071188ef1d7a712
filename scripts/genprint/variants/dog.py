"""Difference of two Gaussians, then histogram equalisation."""

import cv2
import numpy as np

RANDOM = False
PARAMETERS = {
    "kernel": {
        "type": "integer",
        "enum": [0, 3, 5, 7, 9, 11, 13, 15],
        "default": 5,
        "description": "Width and height of both kernels in pixels; 0 lets OpenCV derive them from the sigmas.",
    },
    "sigma_fine": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 100,
        "default": 1.0,
        "description": "Standard deviation of the narrow Gaussian in pixels.",
    },
    "sigma_coarse": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 100,
        "default": 2.0,
        "description": "Standard deviation of the wide Gaussian in pixels, larger than sigma_fine.",
    },
    "negative": {
        "type": "string",
        "enum": ["keep", "clip"],
        "default": "keep",
        "description": "What becomes of negative differences: keep stretches minimum..maximum to 0..255; "
        "clip makes them 0, as 8-bit subtraction does.",
    },
    "equalise": {
        "type": "boolean",
        "default": True,
        "description": "Equalise the histogram after the difference.",
    },
}


def apply(
    image: np.ndarray,
    *,
    kernel: int,
    sigma_fine: float,
    sigma_coarse: float,
    negative: str,
    equalise: bool,
) -> np.ndarray:
    """Return the band-pass D = G(sigma_fine) * I - G(sigma_coarse) * I as an 8-bit image, then ``cv2.equalizeHist``.

    With ``negative="keep"`` the filters run in float32 and D is stretched so that its minimum is 0 and its maximum
    255; an image without contrast becomes 0. With ``negative="clip"`` both Gaussians are 8-bit and D is
    ``cv2.subtract``. Equalisation follows the rank of the grey levels, so the stretch costs no more than its rounding.

    Zuo & Zhou, CLEF 2025, figure 1, shows "Gaussian difference (DoG) and histogram equalization"; of its parameters
    the paper gives the kernel, 5 x 5 (table 2), and neither the sigmas nor the treatment of negative values.
    """
    if sigma_fine >= sigma_coarse:
        raise ValueError(f"sigma_fine ({sigma_fine}) is not below sigma_coarse ({sigma_coarse}); make it smaller")
    source = image if negative == "clip" else image.astype(np.float32)
    fine, coarse = (cv2.GaussianBlur(source, (kernel, kernel), sigma) for sigma in (sigma_fine, sigma_coarse))
    band = cv2.subtract(fine, coarse)
    if negative == "keep":
        band = cv2.normalize(band, None, 0, 255, cv2.NORM_MINMAX, cv2.CV_8U)  # type: ignore[call-overload]
    return cv2.equalizeHist(band) if equalise else band
