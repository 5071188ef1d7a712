"""The target `memorisation`."""

import pandas as pd
import pytest

pytestmark = pytest.mark.workflow
GENERATORS = {
    "copies": {
        "generator": {"method": "copy", "share": 1, "shift": 0, "intensity": 0},
        "vary": "noise",
        "levels": [200, 0],
    }
}
DATASETS = {"slices": {"source": "controlled", "real": "phantom", "generator": {"method": "copy"}, "samples": 16}}
RUNS = [{"encoders": ["pixels"], "variants": ["original"], "similarities": ["ssim"]}]


def test_copies_are_memorised_and_noise_is_not(workflow, small):
    asked = {"patients": {"slices": [6]}, "seeds": 2, "generators": GENERATORS}
    config = small(memorisation=asked, runs=RUNS, datasets=DATASETS, phantom={"patients": 20, "slices": 2, "size": 32})
    workflow.snakemake("memorisation", config=config)
    trials = set(workflow.results("small", "memorisation/slices/copies/*/*/trials.parquet"))
    assert trials == {f"memorisation/slices/copies/6/{number}/trials.parquet" for number in (0, 1)}
    sheets = set(workflow.results("small", "memorisation/**/*.png"))
    assert sheets == {f"memorisation/slices/copies/6/{number}/samples.png" for number in (0, 1)}
    table = pd.read_csv(workflow.folder / "results/small/tables/memorisation.csv")
    assert table[["trained_on", "level"]].to_numpy().tolist() == [[6, 200], [6, 0]]
    assert (table.loc[table["level"] == 0, "N_mem"] == 1).all()
    assert (table.loc[table["level"] == 200, "N_mem"] < 0.5).all()
    assert {*workflow.results("small", "figures/*")} == {"figures/memorisation.png", "figures/memorisation.svg"}


def test_a_configuration_without_memorisation_says_what_to_add(workflow, small):
    assert "add a section `memorisation`" in workflow.snakemake("-n", "memorisation", config=small(), ok=False)
