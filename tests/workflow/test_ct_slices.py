"""Real CT slices, grouped by patient, with a parzen generator and a small GAN."""

import pandas as pd
import pytest

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def finished(shared_workflow, ct_folder):
    patients = {
        "file": str(ct_folder / "manifest.csv"),
        "key": "file",
        "key_is": "file",
        "value": "patient_id",
    }
    real = {
        "source": "controlled",
        "real": [str(ct_folder / "images/*.png")],
        "groups": patients,
        "samples": 150,
    }
    shared_workflow.snakemake(
        config={
            "benchmark": "ct",
            "images": {"size": 64},
            "copies": {"nearest": 1, "spikes": 2},
            "datasets": {
                "parzen": real | {"generator": {"method": "parzen", "h": 0.1}},
                "gan": real | {"generator": {"method": "gan", "steps": 20, "channels": 8}},
                "control": real | {"generator": {"method": "parzen", "h": 0.1}, "trained_on": "other"},
            },
            "variants": {"original": {"method": "original"}, "bilateral": {"method": "bilateral"}},
            "encoders": {"pixels": {"method": "pixels"}, "cnn": {"method": "cnn", "steps": 10}},
            "similarities": {
                "euclidean": {"method": "euclidean"},
                "ssim": {"method": "ssim"},
                "ssim3": {"method": "ssim3"},
            },
            "runs": [
                {"encoders": ["pixels"], "similarities": ["euclidean", "ssim"]},
                {
                    "encoders": ["pixels"],
                    "variants": ["original"],
                    "similarities": ["ssim3"],
                    "generated_generated": True,
                },
                {"encoders": ["cnn"], "variants": ["original"], "similarities": ["euclidean"]},
            ],
        }
    )
    return shared_workflow


@pytest.fixture(scope="module")
def ablation(finished):
    return pd.read_csv(finished.folder / "results/ct/tables/ablation.csv")


def auc(ablation, dataset, similarity, score_rule="max"):
    rows = ablation.query("dataset == @dataset and similarity == @similarity and rule == @score_rule")
    return rows.query("variant == 'original' and encoder == 'pixels'")["auc"].iloc[0]


def test_the_leak_is_found_and_the_control_is_not(ablation):
    assert auc(ablation, "parzen", "euclidean") > 0.9
    assert auc(ablation, "parzen", "ssim") > 0.9
    assert auc(ablation, "control", "euclidean") < 0.8


def test_no_patient_is_on_two_sides(finished):
    for dataset in ("parzen", "gan"):
        table = pd.read_parquet(finished.folder / f"results/ct/{dataset}/images/real.parquet")
        assert (table.groupby("group")["label"].nunique() == 1).all()
        labelled = table[table["split"].notna()]
        assert (labelled.groupby("group")["split"].nunique() == 1).all()
