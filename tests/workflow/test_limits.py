"""The target `limits`."""

import csv

import numpy as np
import pandas as pd
import pytest
from PIL import Image

pytestmark = pytest.mark.workflow
LADDER = {"generator": {"method": "copy"}, "vary": "share", "levels": [0.1, 0.5, 1.0]}


@pytest.fixture
def slices(tmp_path):
    """Image files of 24 patients, two each, as a controlled data set."""
    random = np.random.default_rng(0)
    rows = [(f"{patient:02d}-{place}", f"patient-{patient}") for patient in range(24) for place in range(2)]
    for name, _ in rows:
        Image.fromarray(random.integers(0, 256, (32, 32), dtype=np.uint8)).save(tmp_path / f"{name}.png")
    with (tmp_path / "patients.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("image_id", "patient"), *rows])
    groups = {"file": str(tmp_path / "patients.csv"), "value": "patient"}
    real = {"source": "controlled", "real": [str(tmp_path / "*.png")], "groups": groups, "samples": 40}
    return {"slices": real | {"generator": {"method": "copy"}}}


def test_limits_are_found_in_blocks_of_splits(workflow, small, slices):
    limits = {"dataset": "slices", "seeds": 5, "seeds_per_job": 3, "permutations": 99, "ladders": {"copies": LADDER}}
    runs = [{"encoders": ["pixels"], "variants": ["original"], "similarities": ["ssim", "cosine"]}]
    workflow.snakemake("limits", config=small(limits=limits, runs=runs, datasets=slices))
    names = set(workflow.results("small", "limits/**/*.parquet"))
    blocks = [f"copies/{block}" for block in ("0-2", "3-4")]
    trials = {f"{block}/{table}" for block in blocks for table in ("trials", "releases")}
    assert names == {f"limits/{name}.parquet" for name in {*trials, "power", "limits", "withheld"}}
    assert {*workflow.results("small", "limits/**/samples.*")} == {f"limits/{block}/samples.npz" for block in blocks}
    assert {*workflow.results("small", "figures/*")} == {"figures/limits.png", "figures/limits.svg"}
    power = pd.read_csv(workflow.folder / "results/small/tables/power.csv")
    assert (power["trials"] == 5).all()
    assert power.groupby("similarity")["level"].count().to_dict() == {"cosine": 3, "search": 6, "ssim": 3}
    table = pd.read_csv(workflow.folder / "results/small/tables/limits.csv")
    assert table["similarity"].tolist() == ["ssim", "cosine", "search", "search"]
    withheld = pd.read_csv(workflow.folder / "results/small/tables/withheld.csv")
    assert withheld["level"].fillna(0).tolist() == [0.1, 0.5, 1, 0]
    assert (withheld["specificity"].dropna() == 1).all() and withheld["with_copies"].tolist() == [5, 5, 5, 0]


def test_a_configuration_without_limits_says_what_to_add(workflow, small):
    assert "add a section `limits`" in workflow.snakemake("-n", "limits", config=small(), ok=False)
