import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from genprint import files
from genprint.columns import COUNT, NUMBER, TEXT, column, schema
from genprint.pairs import shards
from genprint.plan.runs import REAL_GENERATED, REAL_REAL

ORIGIN = files.provenance(code="abc", seed=7, k=5)
NUMBERS = schema("a row for each number", column("a", NUMBER, "a number"))


def test_nothing_half_written_stays(tmp_path):
    with pytest.raises(RuntimeError), files.replacing(tmp_path / "file") as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_job_left_goes_with_the_next_write(tmp_path):
    alive = f".a[1].txt.{os.getppid()}.part"
    for name in (".a[1].txt.99999999.part", ".b.txt.99999999.part", alive):
        (tmp_path / name).touch()
    with files.replacing(tmp_path / "a[1].txt") as temporary:
        temporary.write_text("whole")
    assert sorted(file.name for file in tmp_path.iterdir()) == [alive, ".b.txt.99999999.part", "a[1].txt"]


def test_a_failed_write_leaves_the_old_file(tmp_path):
    file = tmp_path / "file"
    file.write_text("old")
    with pytest.raises(RuntimeError), files.replacing(file) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert file.read_text() == "old"


def test_tables_keep_nulls_and_provenance(tmp_path):
    file = tmp_path / "t.parquet"
    declared = schema("a row for each", column("name", TEXT, "its name"), column("value", NUMBER, "its value"))
    files.write_table(file, pd.DataFrame({"value": [math.nan, 2.0], "name": ["a", None]}), declared, ORIGIN)
    assert pq.read_table(file).column("value").null_count == 1
    table = files.read_table(file)
    assert list(table) == ["name", "value"]
    assert table["name"].isna().tolist() == table["value"].notna().tolist() == [False, True]
    assert pq.read_schema(file).field("name").metadata == {b"description": b"its name"}
    origin = files.read_origin(file)
    assert origin["code"] == "abc" and origin["seed"] == 7 and origin["parameters"] == {"k": 5}
    assert "numpy" in origin["versions"]


def test_a_table_that_is_not_what_its_schema_says_is_refused_with_all_that_is_wrong(tmp_path):
    declared = schema("rows", *(column(name, kind, name) for name, kind in (("a", TEXT), ("n", COUNT), ("x", NUMBER))))
    table = pd.DataFrame({"a": [1, 2], "n": [0.5, 1], "extra": [0, 0]})
    with pytest.raises(ValueError) as error:
        files.write_table(tmp_path / "t.parquet", table, declared, ORIGIN)
    for wrong in ("no column `extra`", "`x` is missing", "`a` is not all string", "`n` is not all int64"):
        assert wrong in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_whole_numbers_are_numbers_and_nothing_is_no_text(tmp_path):
    declared = schema("rows", column("x", NUMBER, "x"), column("text", TEXT, "text"))
    files.write_table(tmp_path / "t", pd.DataFrame({"x": [1, 2], "text": [None, math.nan]}), declared, ORIGIN)
    assert pq.read_table(tmp_path / "t").to_pydict() == {"x": [1.0, 2.0], "text": [None, None]}


def test_pairs_come_back_by_id_in_any_order(tmp_path):
    ids = ["r0", "r1"], ["g0", "g1", "g2"]
    values = np.arange(6, dtype=np.float32)
    file = tmp_path / "0-0.parquet"
    shards.write_pairs(file, REAL_GENERATED, ids, np.divmod(np.arange(6), 3), values, ORIGIN)
    schema = pq.read_schema(file)
    assert schema.names == ["real_id", "generated_id", "similarity"]
    assert str(schema.field("similarity").type) == "float"
    matrix = shards.read_matrix([file], ["r1", "r0"], ["g0", "g1", "g2"], symmetric=False)
    assert matrix.tolist() == [[3, 4, 5], [0, 1, 2]]


def test_symmetric_pairs_fill_both_halves_but_not_the_diagonal(tmp_path):
    file = tmp_path / "0-0.parquet"
    shards.write_pairs(
        file, REAL_REAL, [["a", "b"]] * 2, (np.array([0]), np.array([1])), np.array([0.5], np.float32), ORIGIN
    )
    matrix = shards.read_matrix([file], ["a", "b"], ["a", "b"], symmetric=True)
    assert matrix[0, 1] == matrix[1, 0] == 0.5
    assert np.isnan(matrix.diagonal()).all()


def test_an_empty_shard_is_a_shard(tmp_path):
    file = tmp_path / "0-0.parquet"
    nothing = np.empty(0, np.intp)
    shards.write_pairs(file, REAL_GENERATED, ([], []), (nothing, nothing), np.empty(0), ORIGIN)
    assert shards.read_matrix([file], [], [], symmetric=False).shape == (0, 0)


def test_a_stranger_is_an_error(tmp_path):
    file = tmp_path / "0-0.parquet"
    zero = np.zeros(1, np.intp)
    shards.write_pairs(file, REAL_GENERATED, (["x"], ["g"]), (zero, zero), np.ones(1), ORIGIN)
    with pytest.raises(KeyError, match="x"):
        shards.read_matrix([file], ["r"], ["g"], symmetric=False)


def test_constants_round_trip(tmp_path):
    file = tmp_path / "c.npz"
    files.write_constants(file, {"data_range": 2.5, "threshold": np.arange(3.0)})
    constants = files.read_constants(file)
    assert constants["data_range"] == 2.5
    assert constants["threshold"].tolist() == [0, 1, 2]
    assert files.read_constants(None) == {}


@given(st.lists(st.one_of(st.none(), st.text()), max_size=20))
def test_text_columns_come_back(values):
    with tempfile.TemporaryDirectory() as folder:
        table = pd.DataFrame({"text": np.array(values, object)})
        files.write_table(f"{folder}/t", table, schema("texts", column("text", TEXT, "a text")), ORIGIN)
        read = files.read_table(f"{folder}/t")["text"]
        assert read.astype(object).where(read.notna(), None).tolist() == values


def test_weights_carry_their_provenance_and_the_hash_of_what_they_started_from(tmp_path):
    from safetensors import safe_open

    (tmp_path / "pretrained").write_bytes(b"abc")
    origin = ORIGIN | {"pretrained_sha256": files.file_hash(tmp_path / "pretrained")}
    files.write_weights(tmp_path / "w.safetensors", {"w": np.ones(2, np.float32)}, origin)
    with safe_open(tmp_path / "w.safetensors", "numpy") as file:
        assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" in file.metadata()["genprint"]
    assert files.file_hash([]) is None


@pytest.fixture
def shard(tmp_path):
    """Writes a shard of 200 x 200 pairs; returns its file."""

    def write(name, seed=0):
        values = np.random.default_rng(seed).random(40_000, np.float32)
        ids = [f"r{n}" for n in range(200)], [f"g{n}" for n in range(200)]
        shards.write_pairs(tmp_path / name, REAL_GENERATED, ids, np.divmod(np.arange(40_000), 200), values, ORIGIN)
        return tmp_path / name

    return write


def test_every_shard_that_is_cut_short_is_named_at_once(shard):
    broken = [shard(f"0-{n}.parquet") for n in range(4)]
    for file in broken[1], broken[3]:
        file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(files.UnreadableError) as error:
        list(shards.read_pairs(broken))
    assert [str(file) in str(error.value) for file in broken] == [False, True, False, True]
    assert str(error.value).count("delete it and start the same command again") == 2


@pytest.mark.parametrize("place", [0.2, 0.5, 0.8])
def test_a_changed_byte_is_not_read_as_data(shard, place):
    file = shard("0-0.parquet")
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] ^= 1
    file.write_bytes(content)
    with pytest.raises(files.UnreadableError, match=r"0-0\.parquet: is not whole"):
        list(shards.read_pairs([file]))


@pytest.mark.parametrize("left", [0, 1, 60, 0.5, 0.99])
@pytest.mark.parametrize("kind", ["npy", "npz", "safetensors", "parquet"])
def test_whatever_is_cut_short_is_named(tmp_path, kind, left):
    file = tmp_path / f"file.{kind}"
    numbers = np.random.default_rng(0).random((50, 50))
    write, read = {
        "npy": (lambda: files.write_array(file, numbers), files.read_array),
        "npz": (lambda: files.write_constants(file, {"a": numbers}), files.read_constants),
        "safetensors": (lambda: files.write_weights(file, {"a": numbers}, ORIGIN), files.read_weights),
        "parquet": (
            lambda: files.write_table(file, pd.DataFrame({"a": numbers[0]}), NUMBERS, ORIGIN),
            files.read_table,
        ),
    }[kind]
    write()
    read(file)
    content = file.read_bytes()
    file.write_bytes(content[: int(left * len(content)) if left < 1 else left])
    with pytest.raises(files.UnreadableError, match=f"file.{kind}: is not whole"):
        read(file)


def test_no_room_is_said_with_the_name_of_the_file(tmp_path):
    script = f"""
import resource, signal, numpy as np, pandas as pd, pyarrow as pa
from genprint import files
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
origin, numbers = files.provenance(code="", seed=0), np.random.default_rng(0).random(10_000)
def write_table(file, numbers):
    files.write_table(file, pd.DataFrame({{"a": numbers}}), pa.schema({{"a": pa.float64()}}), origin)
for write in files.write_array, write_table:
    try:
        write("{tmp_path}/a", numbers)
    except files.UnwritableError as error:
        print(error)
"""
    scripts = str(Path(files.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env={"PYTHONPATH": scripts})
    assert done.stdout.count(f"{tmp_path}/a: cannot be written") == 2, done.stderr
    assert list(tmp_path.iterdir()) == []


_READ = """
import os, resource, sys, numpy as np
from genprint import files
from genprint.images.reading import read_images
from genprint.runtime.failures import explained
import genprint.images.pictures, genprint.images.dicom, pyarrow.parquet, numpy.lib.format
folder = sys.argv[1]
def attempt(read, *arguments, **options):
    try:
        print("read", read(*arguments, **options) is not None)
    except Exception as error:
        print(type(error).__name__, explained(error))
"""


def _refused(tmp_path, limits, on_bad_image="skip"):
    files.write_array(tmp_path / "a.npy", np.zeros((4000, 4000)))
    files.write_table(tmp_path / "a.parquet", pd.DataFrame({"a": np.zeros(9)}), NUMBERS, ORIGIN)
    Image.fromarray(np.eye(64, dtype=np.uint8)).save(tmp_path / "a.png")
    reads = f"""
attempt(files.read_array, folder + "/a.npy")
attempt(files.read_table, folder + "/a.parquet")
attempt(read_images, dict(generated=[folder + "/a.png"]), on_bad_image="{on_bad_image}")
"""
    scripts = str(Path(files.__file__).parents[1])
    script = _READ + limits + reads
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": scripts, "TMPDIR": "/tmp"},
    )
    assert "delete" not in done.stdout, done.stdout
    return done.stdout.splitlines() or done.stderr


def test_too_many_open_files_are_no_damage(tmp_path):
    limits = "resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir('/proc/self/fd')) - 1,) * 2)\n"
    lines = _refused(tmp_path, limits)
    words = "Too many files are open at once ("
    assert [line.partition(" ")[2].startswith(words) for line in lines] == [True] * 3, lines


def test_a_full_memory_is_no_damage(tmp_path):
    used = "int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()"
    limits = f"resource.setrlimit(resource.RLIMIT_AS, ({used} + 2**26,) * 2)\n"
    first = _refused(tmp_path, limits)[0]
    assert "The memory is full: write a smaller `pairs.block`" in first


@pytest.mark.skipif(not hasattr(os, "setuid") or os.geteuid() != 0, reason="only root can give up its rights")
def test_a_file_that_may_not_be_read_is_no_damage():
    limits = """
for name in os.listdir(folder):
    os.chmod(f"{folder}/{name}", 0)
os.chmod(folder, 0o755)
os.setuid(65534)
"""
    with tempfile.TemporaryDirectory() as folder:  # nobody may look into that of pytest
        lines = _refused(Path(folder), limits, on_bad_image="error")
    assert [line.partition(" ")[2].startswith("Not allowed to open or write (") for line in lines[:2]] == [True] * 2
    assert "a.png: may not be read: give permission to read it" in "\n".join(lines)


def test_a_missing_file_is_not_called_damaged(tmp_path):
    for read, name in ((files.read_array, "a.npy"), (files.read_table, "a.parquet")):
        with pytest.raises(files.UnreadableError, match=rf"{name}: is missing; start the same command again"):
            read(tmp_path / name)


def test_what_was_kept_is_put_back_only_for_the_same_origin_and_whole(shard):
    file = shard("0-0.parquet")
    shards.keep(file)
    content = file.read_bytes()
    file.unlink()
    assert not shards.reuse(file, ORIGIN | {"code": "other"}) and not file.exists()
    assert shards.reuse(file, ORIGIN) and file.read_bytes() == content
    file.write_bytes(content[:-10])  # the same file under both names
    file.unlink()
    assert not shards.reuse(file, ORIGIN) and not file.exists()


def test_the_nearest_come_in_order_whatever_the_order_of_the_shards(shard):
    files = [shard("0-0.parquet")]
    ids = [f"r{n}" for n in range(200)], [f"g{n}" for n in range(200)]
    matrix = shards.read_matrix(files, *ids, symmetric=False)
    similarity, position = shards.read_nearest(files, *ids, 3, symmetric=False)
    assert np.array_equal(position, np.argsort(-matrix, axis=1, kind="stable")[:, :3])
    assert np.array_equal(similarity, np.take_along_axis(matrix, position, axis=1))
