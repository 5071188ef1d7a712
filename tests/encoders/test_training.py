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
    images, labels = training_set(real, real[:2] + 100, table, "evaluation")
    assert images[:, 0, 0].tolist() == [0, 1, 100, 101]
    assert labels.tolist() == ["used", "not_used", "generated", "generated"]


def test_a_fold_is_judged_by_what_learnt_from_the_next():
    real = np.arange(6, dtype=np.uint8)[:, None, None] * np.ones((1, 2, 2), np.uint8)
    table = pd.DataFrame(
        {
            "label": ["used", "not_used", "used", "not_used", "held_out", "unknown"],
            "split": ["fold-1", "fold-2", "fold-3", "fold-2", None, None],
        }
    )
    for part, seen in (("fold-1", [1, 3]), ("fold-2", [2]), ("fold-3", [0])):
        images, labels = training_set(real, real[:1] + 100, table, part)
        assert images[:, 0, 0].tolist() == [*seen, 100]
        assert labels.tolist() == [*table["label"][seen], "generated"]
