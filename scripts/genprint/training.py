"""Which images an encoder may learn from."""

from collections.abc import Mapping

import numpy as np


def training_set(
    real: np.ndarray, generated: np.ndarray, table: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Images (or their features) and labels: used and not used ones of the calibration half, and all generated ones.

    The evaluation half is not among them: a network that has seen its labels would be judged on what it was told.
    ``table`` has the columns label and split of the real images.
    """
    chosen = np.flatnonzero(table["split"] == "calibration")
    images = np.concatenate([real[chosen], generated])
    labels = np.concatenate([table["label"][chosen], np.full(len(generated), "generated", object)])
    return images, labels
