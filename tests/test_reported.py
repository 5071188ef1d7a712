"""What the papers report, and what their numbers say about each other."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genprint import metrics
from genprint.controls import constant_used
from genprint.metrics import Confusion

FOLDER = Path(__file__).resolve().parents[1] / "config" / "reported"


def reported(name, *keys):
    return pd.read_csv(FOLDER / f"{name}.csv").set_index(list(keys))


def printed(counts):
    """Metrics as a paper prints them."""
    names = ("accuracy", "precision", "recall", "f1", "kappa")
    return {name: round(float(getattr(metrics, name)(counts)), 3) for name in names}


def test_numbers_are_as_printed():
    lines = (FOLDER / "2025-table-3.csv").read_text().splitlines()
    assert lines[1] == "test,cnn,cosine,0.466,0.482,0.92,0.633,-0.068"
    assert "development,w/o,cosine,0.613,0.576,0.375,0.850,0.687" in (FOLDER / "2024-table-2.csv").read_text()


def test_2024_table_1_contradicts_itself():
    table = reported("2024-table-1", "Dataset", "Subset").loc["development"]
    real, used, not_used = (table.loc[f"Generated-{subset}"] for subset in ("Real", "Used", "Not Used"))
    # The minimum over all pairs cannot be above that of a part of them, and the mean lies between the parts' means.
    assert real["Minimum SSIM"] == 7.9 > not_used["Minimum SSIM"] == 6.4
    assert real["Average SSIM"] == not_used["Average SSIM"] == 13.4
    assert (used["Average SSIM"] + not_used["Average SSIM"]) / 2 == pytest.approx(14.3)


def test_2024_f1_has_the_factor_2_that_its_formula_lacks():
    table = reported("2024-table-3", "Similarity", "Task").drop("mean", level="Task")
    product = table["Precision"] * table["Recall"] / (table["Precision"] + table["Recall"])
    np.testing.assert_allclose(2 * product, table["F1"], atol=0.0012)


def test_2024_mean_f1_is_the_mean_but_for_cosine():
    f1 = reported("2024-table-3", "Similarity", "Task")["F1"].unstack()
    difference = (f1["mean"] - (f1["1"] + f1["2"]) / 2).abs()
    assert (difference <= 0.0005 + 1e-9).to_dict() == {"cosine": False, "euclidean": True, "ssim": True}
    assert (f1.loc["cosine", "1"] + f1.loc["cosine", "2"]) / 2 == pytest.approx(0.529)
    assert f1.loc["cosine", "mean"] == 0.614


def test_2025_cosine_is_230_true_and_247_false_positives():
    row = reported("2025-table-3", "Similarity").loc["cosine"]
    counts = Confusion(230, 247, 20, 3)
    assert printed(counts) == {
        name: row[name.capitalize()] for name in ("accuracy", "precision", "recall", "f1", "kappa")
    }


def test_2025_accuracy_of_ssim_contradicts_its_kappa():
    table = reported("2025-table-3", "Similarity")
    # Balanced classes: kappa = 2 accuracy - 1.
    consistent = (2 * table["Accuracy"] - 1 - table["Kappa"]).abs() < 1e-9
    assert consistent.to_dict() == {"cosine": True, "ssim": False, "jaccard": True}
    assert (table.loc["ssim", "Kappa"] + 1) / 2 == pytest.approx(0.484)


def test_every_test_score_is_below_the_constant_answer():
    constant = constant_used(250, 250)
    assert round(constant["f1"], 3) == 0.667
    assert constant["kappa"] == 0
    of_2024, of_2025 = reported("2024-table-3", "Task"), reported("2025-table-3", "Similarity")
    assert (of_2024["F1"] < constant["f1"]).all() and of_2024.loc["mean", "F1"].max() == 0.614
    assert (of_2025["F1"] < constant["f1"]).all() and of_2025["F1"].max() == 0.633
    assert (of_2025["Kappa"] < 0).all()
