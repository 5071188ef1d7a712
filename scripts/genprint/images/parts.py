"""The parts of a data set that are judged, and by what: the column ``split`` of its images in words.

It is ``calibration`` or ``evaluation``, or the name of a fold (`genprint.plan.protocol`), and null for images that have
no label or are held out.
"""

import numpy as np
import pandas as pd

from genprint.plan.protocol import FOLDS, HALVES

ANY = -1
"""The model of an image that is nobody's to judge: it is looked at with the model of the image beside it."""


def judged(split: pd.Series) -> np.ndarray:
    """Tell which images results are of, bool (N,): all that have a split, but not the calibration half."""
    return (split.notna() & (split != HALVES[0])).to_numpy()


def judged_parts(split: pd.Series, label: pd.Series) -> dict[str, np.ndarray]:
    """Return the parts that are judged, and of each the images that it is about, bool (N,).

    Of halves, the evaluation half alone is judged. An image without a label goes with the first fold.
    """
    names = [name for name in FOLDS if (split == name).any()] or [HALVES[1]]
    unknown = (label == "unknown").to_numpy()
    return {name: (split == name).to_numpy() | (unknown & (place == 0)) for place, name in enumerate(names)}


def models(split: pd.Series, label: pd.Series) -> np.ndarray:
    """Return by which of the encoders of cross-fitting each image is judged, integers (N,); ANY for held-out ones.

    There is one encoder for each fold, which has learnt from the next. All are ANY where nothing is cross-fitted.
    """
    model = np.full(len(split), ANY)
    parts = judged_parts(split, label)
    if len(parts) > 1:
        for number, own in enumerate(parts.values()):
            model[own] = number
    return model
