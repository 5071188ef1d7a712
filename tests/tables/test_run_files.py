import numpy as np
import pandas as pd
import pytest

from genprint.tables.run_files import RUN_FILES, decided, shown
from genprint.tables.submissions import PRESETS

FIRST, SECOND = (["original", encoder, "cosine", "max", "best-f1"] for encoder in ("cnn", "resnet50"))


def run(scores, threshold, reason=None):
    """Scores of images without label, and of one with a label that no run file is about."""
    images = [f"u{number}" for number in range(len(scores))]
    rows = {"image_id": [*images, "known"], "label": ["unknown"] * len(scores) + ["used"], "source": "generated"}
    table = pd.DataFrame(rows | {"rule": "max", "score": [*scores, 0.9], "split": None})
    chosen = {"source": "generated", "rule": "max", "threshold_rule": "best-f1", "part": "evaluation"}
    return table, pd.DataFrame([chosen | {"threshold": threshold, "reason": reason}])


def written(*runs, copied=(), asked=(FIRST, SECOND)):
    scores, thresholds = zip(*runs, strict=True)
    return decided(asked, scores=scores, thresholds=thresholds, copied=copied, form=PRESETS["imageclef2025"])


def test_a_run_without_a_threshold_ends_nothing_and_says_why():
    texts, table = written(run([0.1, 0.8], 0.5), run([0.1, 0.8], np.nan, "all scores are equal"))
    assert texts == {"original_cnn_cosine_max_best-f1.csv": "u0.png,0\nu1.png,1\n"}
    assert list(table) == RUN_FILES.names[1:]
    assert table["file"].tolist() == ["original_cnn_cosine_max_best-f1.csv", None]
    assert table["undecided"].tolist() == [0, 2]
    assert table["reason"].tolist() == [None, "best-f1 finds no threshold for max: all scores are equal"]


def test_of_images_without_a_score_five_are_named_and_the_rest_counted():
    texts, table = written(run([np.nan] * 500, 0.5), asked=[FIRST])
    assert not texts
    assert table["reason"].tolist() == ["max gives no score to u0, u1, u2, u3, u4 and 495 more"]


def test_copies_are_used_whatever_their_score():
    texts, _ = written(run([0.1, np.nan], 0.5), copied={"u1"}, asked=[FIRST])
    assert texts == {"original_cnn_cosine_max_best-f1.csv": "u0.png,0\nu1.png,1\n"}
    texts, table = written(run([0.1, 0.2], np.nan, "why"), copied={"u1"}, asked=[FIRST])
    assert not texts and table["undecided"].tolist() == [1]


def test_ids_that_the_form_cannot_hold_are_refused():
    scores, thresholds = run([0.1], 0.5)
    scores["image_id"] = ["a,b", "known"]
    with pytest.raises(ValueError, match="3 columns instead of 2"):
        written((scores, thresholds), asked=[FIRST])


def test_without_images_of_unknown_label_the_table_is_empty():
    assert list(shown([]).frame) == RUN_FILES.names
    assert len(shown([]).frame) == 0
