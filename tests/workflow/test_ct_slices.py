"""Real CT slices, grouped by patient, with a parzen generator and a small GAN."""

import pandas as pd
import pytest

pytestmark = pytest.mark.workflow
JUDGED = (("parzen", "euclidean"), ("parzen", "ssim"), ("control", "euclidean"))


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
    metrics = [f"results/ct/{dataset}/metrics/original/pixels/{name}.parquet" for dataset, name in JUDGED]
    shared_workflow.snakemake(
        *metrics,
        "results/ct/gan/images/real.npy",
        config={
            "benchmark": "ct",
            "images": {"size": 64},
            "datasets": {
                "parzen": real | {"generator": {"method": "parzen", "h": 0.1}},
                "gan": real | {"generator": {"method": "gan", "steps": 20, "channels": 8}},
                "control": real | {"generator": {"method": "parzen", "h": 0.1}, "trained_on": "other"},
            },
            "variants": {"original": {"method": "original"}},
            "encoders": {"pixels": {"method": "pixels"}},
            "similarities": {"euclidean": {"method": "euclidean"}, "ssim": {"method": "ssim"}},
            "runs": [{}],
        },
    )
    return shared_workflow


def test_the_leak_is_found_and_the_control_is_not(finished):
    auc = {}
    for dataset, name in JUDGED:
        metrics = pd.read_parquet(finished.folder / f"results/ct/{dataset}/metrics/original/pixels/{name}.parquet")
        of_methods = metrics[metrics["source"] == "generated"]
        auc[dataset, name] = of_methods.loc[of_methods["rule"] == "max", "auc"].iloc[0]
    assert auc["parzen", "euclidean"] > 0.9
    assert auc["parzen", "ssim"] > 0.9
    assert auc["control", "euclidean"] < 0.8


def test_no_patient_is_on_two_sides(finished):
    for dataset in ("parzen", "gan"):
        table = pd.read_parquet(finished.folder / f"results/ct/{dataset}/images/real.parquet")
        assert (table.groupby("group")["label"].nunique() == 1).all()
        labelled = table[table["split"].notna()]
        assert (labelled.groupby("group")["split"].nunique() == 1).all()
