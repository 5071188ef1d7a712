"""Gaussian white noise."""

import numpy as np

RANDOM = True
PARAMETERS = {
    "sigma": {
        "type": "number",
        "minimum": 0,
        "maximum": 10_000,
        "default": 10.0,
        "description": "Standard deviation of the noise in grey levels.",
    },
    "mean": {
        "type": "number",
        "default": 0.0,
        "description": "Mean of the noise in grey levels.",
    },
    "on": {
        "type": "string",
        "enum": ["both", "real", "generated"],
        "default": "both",
        "description": "Which set gets the noise.",
    },
}


def apply(
    image: np.ndarray,
    *,
    random: np.random.Generator,
    side: str,
    sigma: float,
    mean: float,
    on: str,
) -> np.ndarray:
    """Add noise n ~ N(mean, sigma^2) to every pixel, round to the nearest grey level and clip to 0..255.

    Cao & Zhou, CLEF 2024, section 3.3. The paper names no level and does not say which of the two sets gets the
    noise ("similarity between the noisy images and the real images" and "the two images with added noise"):
    hence ``sigma`` and ``on``.
    """
    if on not in ("both", side):
        return image
    noisy = image + random.normal(mean, sigma, image.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
