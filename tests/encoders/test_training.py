import numpy as np
import pandas as pd

from genprint.encoders import training_set


def test_the_evaluation_half_is_never_seen():
    real = np.arange(5, dtype=np.uint8)[:, None, None] * np.ones((1, 2, 2), np.uint8)
    table = pd.DataFrame(
        {
            "label": ["used", "not_used", "used", "held_out", "unknown"],
            "split": ["calibration", "calibration", "evaluation", None, None],
        }
    )
    images, labels = training_set(real, real[:2] + 100, table)
    assert images[:, 0, 0].tolist() == [0, 1, 100, 101]
    assert labels.tolist() == ["used", "not_used", "generated", "generated"]
