import copy

import numpy as np
import pandas as pd
import pytest

from genprint.files import provenance, read_table, write_table
from genprint.inference.selection import SELECTION
from genprint.inference.significance import SIGNIFICANCE, RunTables, significance
from genprint.limits.curves import ALWAYS_FOUND, NOT_FOUND
from genprint.scoring.evaluation import MEASURED, SCORES, THRESHOLDS, evaluate
from genprint.scoring.evidence import Evidence
from genprint.scoring.metrics import COUNTS
from genprint.tables.benchmark import NO_STATISTICS, benchmark_tables
from genprint.tables.protocol import NO_LABELS
from genprint.tables.run_files import RUN_FILES
from genprint.tables.table import render

from .searched import blind, searched, spikes

KNOWN = {"verification_auc": 0.9, "retrieval": 0.8}
SETTINGS = {
    "datasets": {"a": {"report_as": None, "calibrated_by": None}},
    "variants": {"original": {"method": "original"}, "dog": {"method": "dog", "kernel": 5}},
    "encoders": {"pixels": {"method": "pixels"}, "cnn": {"method": "cnn"}},
    "similarities": {"ssim": {"method": "ssim"}, "three": {"method": "ssim3"}},
    "tables": {"score_rule": "max", "threshold_rule": "best-f1", "variant": "best-on-calibration", "ssim3_scale": 30},
    "limits": {
        "dataset": "a",
        "ladders": {
            "copies": {"generator": {"method": "copy"}, "vary": "share", "levels": [0.01, 0.1, 1]},
            "shift": {"generator": {"method": "copy"}, "vary": "shift", "levels": [8, 1]},
        },
    },
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    rng = np.random.default_rng(0)
    count = 24
    images = pd.DataFrame(
        {
            "image_id": [f"r{i}" for i in range(count)],
            "group": [f"r{i}" for i in range(count)],
            "label": ["used", "not_used"] * (count // 2),
            "split": ["calibration"] * (count // 2) + ["evaluation"] * (count // 2),
        }
    )
    evidence = Evidence.from_similarities(
        rng.random((count, 9)), np.full((count, count), 0.5), images["label"], identical=1.0
    )
    run = {"dataset": "a", "variant": "original", "encoder": "cnn", "similarity": "ssim"}
    folder = tmp_path_factory.mktemp("tables")

    def written(table, schema):
        write_table(folder / "table", table, schema, provenance(code="", seed=0))
        return read_table(folder / "table")

    evaluation = evaluate([evidence], images)
    scores, thresholds, metrics = (
        written(table.assign(**run), schema)
        for table, schema in zip(evaluation, (SCORES, THRESHOLDS, MEASURED), strict=True)
    )
    inference = significance([RunTables(scores, thresholds, metrics)], resamples=100, permutations=99)
    return {
        "metrics": metrics,
        "sets": pd.DataFrame([run | {"nearer_to_used": 0.6, "nearer_to_used_p": 0.3, "c_t": -1.5, **KNOWN}]),
        "significance": written(inference.significance.assign(dataset="a"), SIGNIFICANCE),
        "selection": written(inference.selection.assign(dataset="a"), SELECTION),
    }


def made(found, statistics=(), limits=None, run_files=()):
    images = [pd.DataFrame({"dataset": "a", "label": ["used", "not_used", "generated"]})]
    return benchmark_tables(
        copy.deepcopy(SETTINGS),
        **{name: [table] for name, table in found.items()},
        statistics=statistics,
        blind=[blind()],
        fidelity=[pd.DataFrame([{"dataset": "a", "fidelity": 0.7, "reason": ""}])],
        grey_levels=[pd.DataFrame([{"dataset": "a", "how": "8-bit", "warning": ""}])],
        copies=[searched()],
        spikes=[spikes()],
        run_files=run_files,
        limits=limits,
        images=images,
        reported={},
        noise=["static"],
    )


def test_a_table_that_no_run_fills_says_so(found):
    tables = made(found)
    assert tables["2024-table-1"].frame["Note"].tolist() == [NO_STATISTICS]
    assert "pixels" in tables["2024-table-2"].frame["Note"].iloc[0]
    assert "Table 1 of 2024" in tables["2024-table-1"].title
    assert NO_STATISTICS in render(tables["2024-table-1"])["csv"]


def test_every_other_table_is_filled(found):
    tables = made(found)
    assert tables["2025-table-1"].frame["Used"].tolist() == [1]
    assert "kernel=5" in tables["2025-table-2"].frame["Parameters"].iloc[0]
    assert "cnn" in tables["2025-table-3"].frame["Model"].tolist()
    assert len(tables["ablation"].frame) == 11 * 9


def test_only_3_ssim_of_the_original_images_fills_table_1(found):
    statistics = pd.DataFrame(
        {"subset": ["Real-Real"], "pairs": [3], "mean": [0.5], "minimum": [0.1], "maximum": [0.9]}
    )
    run = {"dataset": "a", "variant": "original", "encoder": "pixels"}
    tables = made(found, [statistics.assign(similarity="ssim", **run), statistics.assign(similarity="three", **run)])
    assert tables["2024-table-1"].frame["Average SSIM"].tolist() == [15.0]


def test_every_data_set_has_its_verdict_and_its_best_combination(found):
    tables = made(found)
    assert tables["verdicts"].frame["dataset"].tolist() == ["a"]
    assert tables["selection"].frame["Chosen on"].tolist() == ["calibration", "evaluation"] * 2
    assert tables["ablation"].frame["auc_p_corrected"].notna().any()


def limits(*rows):
    return pd.DataFrame(
        [
            {"ladder": ladder, "variant": "original", "encoder": "pixels", "similarity": similarity, "rule": "max"}
            | {"limit": limit, "limit_low": limit, "limit_high": np.nan, "reason": reason}
            for ladder, similarity, limit, reason in rows
        ]
    )


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        (
            [("copies", "ssim", 0.2, None), ("copies", "jaccard", 0.05, None), ("shift", "ssim", 0.01, None)],
            "5 [5, ?] % copies",
        ),
        ([("copies", "ssim", 0.2, None), ("copies", "jaccard", np.nan, ALWAYS_FOUND)], "1 % copies"),
        ([("copies", "ssim", 0.2, None), ("copies", "search", 0.01, None)], "20 [20, ?] % copies"),
        ([("copies", "ssim", np.nan, NOT_FOUND)], "not even the largest share"),
        ([("shift", "ssim", 1.0, None)], "not measured"),
    ],
)
def test_the_verdict_says_the_smallest_share_of_copies_that_is_found(found, measured, words):
    assert words in made(found, limits=limits(*measured))["verdicts"].frame["text"].iloc[0]


def test_a_row_without_labels_says_where_its_decisions_are_or_why_there_are_none(found):
    without = {name: table.copy() for name, table in found.items()}
    counts = [name for name in COUNTS if name in without["metrics"]]
    without["metrics"][counts] = 0
    ablation = made(without)["ablation"].frame
    assert set(ablation["Note"]) == {NO_LABELS}
    row = ablation.iloc[0]
    combination = {name: row[name] for name in RUN_FILES.names[:6]}
    undecided = [pd.DataFrame([combination | {"reason": "No scores."}])]
    notes = made(without, run_files=undecided)["ablation"].frame["Note"]
    assert notes.iloc[0] == "no run file: No scores."
    assert set(notes.iloc[1:]) == {NO_LABELS}
