"""Salt-and-pepper noise."""

import numpy as np

RANDOM = True
PARAMETERS = {
    "amount": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0.02,
        "description": "Probability that a pixel is replaced.",
    },
    "salt": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0.5,
        "description": "Share of the replaced pixels that become white (255); the others become black (0).",
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
    amount: float,
    salt: float,
    on: str,
) -> np.ndarray:
    """Replace each pixel, independently and with probability ``amount``, by white or black.

    Cao & Zhou, CLEF 2024, section 3.3. The paper names no level and does not say which of the two sets gets the
    noise: hence ``amount`` and ``on``.
    """
    if on not in ("both", side):
        return image
    draw = random.random(image.shape)
    noisy = image.copy()
    noisy[draw < amount] = 0
    noisy[draw < amount * salt] = 255
    return noisy
