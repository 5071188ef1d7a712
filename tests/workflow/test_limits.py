"""The target `limits`."""

import pandas as pd
import pytest

pytestmark = pytest.mark.workflow
LADDER = {"generator": {"method": "copy"}, "vary": "share", "levels": [0.1, 0.5, 1.0]}


def test_limits_are_found_in_blocks_of_splits(workflow, small):
    limits = {"dataset": "leak", "seeds": 5, "seeds_per_job": 3, "permutations": 99, "ladders": {"copies": LADDER}}
    runs = [{"encoders": ["pixels"], "variants": ["original"], "similarities": ["ssim", "cosine"]}]
    workflow.snakemake("limits", config=small(limits=limits, runs=runs))
    names = set(workflow.results("small", "limits/**/*.parquet"))
    assert names == {f"limits/{name}.parquet" for name in ("copies/0-2", "copies/3-4", "power", "limits")}
    assert {*workflow.results("small", "figures/*")} == {"figures/limits.png", "figures/limits.svg"}
    power = pd.read_csv(workflow.folder / "results/small/tables/power.csv")
    assert (power["trials"] == 5).all()
    assert power.groupby("similarity")["level"].count().to_dict() == {"cosine": 3, "ssim": 3}
    table = pd.read_csv(workflow.folder / "results/small/tables/limits.csv")
    assert table["similarity"].tolist() == ["ssim", "cosine"]


def test_a_configuration_without_limits_says_what_to_add(workflow, small):
    assert "add a section `limits`" in workflow.snakemake("-n", "limits", config=small(), ok=False)
