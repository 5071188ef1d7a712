import copy

import numpy as np
import pandas as pd
import pytest

from genprint import tables
from genprint.artifacts import provenance, write_table
from genprint.evaluation import evaluate
from genprint.papers import NO_STATISTICS, benchmark_tables
from genprint.scores import Evidence

SETTINGS = {
    "datasets": {"a": {"report_as": None, "calibrated_by": None}},
    "variants": {"original": {"method": "original"}, "dog": {"method": "dog", "kernel": 5}},
    "encoders": {"pixels": {"method": "pixels"}, "cnn": {"method": "cnn"}},
    "similarities": {"ssim": {"method": "ssim"}, "three": {"method": "ssim3"}},
    "tables": {"score_rule": "max", "threshold_rule": "best-f1", "variant": "best-on-calibration", "ssim3_scale": 30},
}


@pytest.fixture(scope="module")
def metrics(tmp_path_factory):
    rng = np.random.default_rng(0)
    count = 24
    images = {
        "image_id": [f"r{i}" for i in range(count)],
        "group": [f"r{i}" for i in range(count)],
        "label": ["used", "not_used"] * (count // 2),
        "split": ["calibration"] * (count // 2) + ["evaluation"] * (count // 2),
    }
    evidence = Evidence.from_similarities(
        rng.random((count, 9)), np.full((count, count), 0.5), images["label"], identical=1.0
    )
    file = tmp_path_factory.mktemp("metrics") / "m.parquet"
    run = {"dataset": "a", "variant": "original", "encoder": "cnn", "similarity": "ssim"}
    write_table(file, evaluate(evidence, images).metrics, provenance(code="", seed=0), **run)
    return pd.read_parquet(file)


def made(metrics, statistics=()):
    images = [pd.DataFrame({"dataset": "a", "label": ["used", "not_used", "generated"]})]
    return benchmark_tables(
        copy.deepcopy(SETTINGS), metrics=[metrics], statistics=statistics, images=images, reported={}
    )


def test_a_table_that_no_run_fills_says_so(metrics):
    found = made(metrics)
    assert found["2024-table-1"].frame["Note"].tolist() == [NO_STATISTICS]
    assert "pixels" in found["2024-table-2"].frame["Note"].iloc[0]
    assert NO_STATISTICS in tables.render(found["2024-table-1"])["csv"]


def test_every_other_table_is_filled(metrics):
    found = made(metrics)
    assert found["2025-table-1"].frame["Used"].tolist() == [1]
    assert "kernel=5" in found["2025-table-2"].frame["Parameters"].iloc[0]
    assert "cnn" in found["2025-table-3"].frame["Model"].tolist()
    assert len(found["ablation"].frame) == 11 * 9


def test_only_3_ssim_of_the_original_images_fills_table_1(metrics):
    statistics = pd.DataFrame(
        {"subset": ["Real-Real"], "pairs": [3], "mean": [0.5], "minimum": [0.1], "maximum": [0.9]}
    )
    run = {"dataset": "a", "variant": "original", "encoder": "pixels"}
    found = made(metrics, [statistics.assign(similarity="ssim", **run), statistics.assign(similarity="three", **run)])
    assert found["2024-table-1"].frame["Average SSIM"].tolist() == [15.0]
