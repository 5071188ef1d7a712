import numpy as np
import pytest

from genprint import files
from genprint.pairs import shards
from genprint.schemas import COLUMNS, columns, documented, page
from genprint.scoring.metrics import COUNTS, METRICS


def test_columns_are_read_from_the_files(tmp_path):
    files.write_table(tmp_path / "a.parquet", {"image_id": ["x"], "score": [1.0]}, {}, dataset="leak")
    assert columns(tmp_path / "a.parquet") == [("dataset", "text"), ("image_id", "text"), ("score", "float64")]
    files.write_array(tmp_path / "a.npy", np.zeros((2, 3, 4), np.uint8))
    assert columns(tmp_path / "a.npy") == [("", "uint8 (N, H, W)")]
    files.write_text(tmp_path / "a.csv", "dataset,verdict\n")
    assert columns(tmp_path / "a.csv") == [("dataset", ""), ("verdict", "")]
    files.write_text(tmp_path / "report.html", "<html>")
    assert columns(tmp_path / "report.html") == []


def test_pairs_have_their_types(tmp_path):
    shards.write_pairs(
        tmp_path / "0-0.parquet", {"real_id": ["a"], "generated_id": ["b"]}, (np.zeros(1, int),) * 2, np.ones(1), {}
    )
    assert columns(tmp_path / "0-0.parquet") == [
        ("real_id", "text"),
        ("generated_id", "text"),
        ("similarity", "float32"),
    ]


def test_every_kind_of_file_has_its_columns_and_their_meaning(tmp_path):
    for dataset in ("leak", "control"):
        files.write_table(tmp_path / dataset / "significance.parquet", {"auc_p": [0.5], "f1_low": [0.1]}, {})
    files.write_text(tmp_path / ".kept/unknown.bin", "")
    written = documented(tmp_path)
    assert "## `<dataset>/significance.parquet`" in written
    assert written.count("| `auc_p` | float64 | one-sided permutation p of `auc` |") == 1
    assert "| `f1_low` | float64 | lower bound of the 95 % interval of `f1` |" in written


def test_what_nobody_described_is_named():
    with pytest.raises(ValueError) as caught:
        page({"new.bin": [], "leak/selection.parquet": [("novelty", "float64")]})
    assert str(caught.value).splitlines() == [
        "new.bin: describe it in FILES",
        "<dataset>/selection.parquet: describe the column novelty in COLUMNS",
    ]


def test_counts_are_described_and_metrics_describe_themselves():
    assert COLUMNS.keys() >= set(COUNTS)
    assert not COLUMNS.keys() & METRICS.keys()
