import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genprint import artifacts

ORIGIN = artifacts.provenance(code="abc", seed=7, k=5)


def test_nothing_half_written_stays(tmp_path):
    with pytest.raises(RuntimeError), artifacts.replacing(tmp_path / "file") as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(tmp_path):
    file = tmp_path / "file"
    file.write_text("old")
    with pytest.raises(RuntimeError), artifacts.replacing(file) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert file.read_text() == "old"


def test_tables_keep_nulls_and_provenance(tmp_path):
    file = tmp_path / "t.parquet"
    artifacts.write_table(file, {"name": ["a", None], "value": [math.nan, 2.0]}, ORIGIN)
    assert pq.read_table(file).column("value").null_count == 1
    table = artifacts.read_table(file)
    assert table["name"].tolist() == ["a", None]
    assert math.isnan(table["value"][0])
    origin = artifacts.read_origin(file)
    assert origin["code"] == "abc" and origin["seed"] == 7 and origin["parameters"] == {"k": 5}
    assert "numpy" in origin["versions"]


def test_pairs_come_back_by_id_in_any_order(tmp_path):
    ids = {"real_id": ["r0", "r1"], "generated_id": ["g0", "g1", "g2"]}
    values = np.arange(6, dtype=np.float32)
    file = tmp_path / "0-0.parquet"
    artifacts.write_pairs(file, ids, np.divmod(np.arange(6), 3), values, ORIGIN)
    schema = pq.read_schema(file)
    assert schema.names == ["real_id", "generated_id", "similarity"]
    assert str(schema.field("similarity").type) == "float"
    matrix = artifacts.read_matrix([file], ["r1", "r0"], ["g0", "g1", "g2"], symmetric=False)
    assert matrix.tolist() == [[3, 4, 5], [0, 1, 2]]


def test_symmetric_pairs_fill_both_halves_but_not_the_diagonal(tmp_path):
    ids = {"real_id": ["a", "b"], "other_id": ["a", "b"]}
    file = tmp_path / "0-0.parquet"
    artifacts.write_pairs(file, ids, (np.array([0]), np.array([1])), np.array([0.5], np.float32), ORIGIN)
    matrix = artifacts.read_matrix([file], ["a", "b"], ["a", "b"], symmetric=True)
    assert matrix[0, 1] == matrix[1, 0] == 0.5
    assert np.isnan(matrix.diagonal()).all()


def test_an_empty_shard_is_a_shard(tmp_path):
    file = tmp_path / "0-0.parquet"
    nothing = np.empty(0, np.intp)
    artifacts.write_pairs(file, {"real_id": [], "generated_id": []}, (nothing, nothing), np.empty(0), ORIGIN)
    assert artifacts.read_matrix([file], [], [], symmetric=False).shape == (0, 0)


def test_a_stranger_is_an_error(tmp_path):
    file = tmp_path / "0-0.parquet"
    zero = np.zeros(1, np.intp)
    artifacts.write_pairs(file, {"real_id": ["x"], "generated_id": ["g"]}, (zero, zero), np.ones(1), ORIGIN)
    with pytest.raises(KeyError, match="x"):
        artifacts.read_matrix([file], ["r"], ["g"], symmetric=False)


def test_constants_round_trip(tmp_path):
    file = tmp_path / "c.npz"
    artifacts.write_constants(file, {"data_range": 2.5, "threshold": np.arange(3.0)})
    constants = artifacts.read_constants(file)
    assert constants["data_range"] == 2.5
    assert constants["threshold"].tolist() == [0, 1, 2]
    assert artifacts.read_constants(None) == {}


def test_reading_and_writing_leave_pandas_alone(tmp_path):
    """It would cost every job half a second."""
    script = f"""
import sys, numpy as np
from genprint import artifacts
origin = artifacts.provenance(code="", seed=0)
artifacts.write_table("{tmp_path}/t", {{"image_id": ["a", None], "x": np.array([1, np.nan])}}, origin, dataset="d")
artifacts.read_table("{tmp_path}/t"), artifacts.read_ids("{tmp_path}/t")
artifacts.write_pairs("{tmp_path}/p", {{"r": ["a"], "g": ["b"]}}, np.zeros((2, 1), int), np.ones(1), origin)
artifacts.read_matrix(["{tmp_path}/p"], ["a"], ["b"], symmetric=False)
sys.exit("pandas" in sys.modules)
"""
    scripts = str(Path(artifacts.__file__).parents[1])
    subprocess.run([sys.executable, "-c", script], check=True, env={"PYTHONPATH": scripts})


@given(st.lists(st.one_of(st.none(), st.text()), max_size=20))
def test_text_columns_come_back(values):
    with tempfile.TemporaryDirectory() as folder:
        artifacts.write_table(f"{folder}/t", {"text": np.array(values, object)}, ORIGIN)
        assert artifacts.read_table(f"{folder}/t")["text"].tolist() == values


def test_weights_carry_their_provenance_and_the_hash_of_what_they_started_from(tmp_path):
    from safetensors import safe_open

    (tmp_path / "pretrained").write_bytes(b"abc")
    origin = ORIGIN | {"pretrained_sha256": artifacts.file_hash(tmp_path / "pretrained")}
    artifacts.write_weights(tmp_path / "w.safetensors", {"w": np.ones(2, np.float32)}, origin)
    with safe_open(tmp_path / "w.safetensors", "numpy") as file:
        assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" in file.metadata()["genprint"]
    assert artifacts.file_hash([]) is None
