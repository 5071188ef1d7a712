import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from genprint.files import UnwritableError
from genprint.runtime import record

SCRIPTS = str(Path(record.__file__).parents[2])
SETTINGS = {"benchmark": "b", "seed": 1, "datasets": {"ct": {"roles": {"used": ["ward/*.png"]}}}, "encoders": {}}
HOLD = """
import sys
from pathlib import Path
from genprint.runtime.record import Record
held = Record(sys.argv[1], {"datasets": {}}, Path("."))
held.start()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def held(tmp_path):
    """Another process at work on a folder."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path / "results"],
        env=os.environ | {"PYTHONPATH": SCRIPTS},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def recorded(folder):
    return json.loads((folder / record.FACTS).read_text())


def test_what_a_run_notes(tmp_path):
    benchmarks = tmp_path / "benchmarks"
    (benchmarks / "ct/similarity").mkdir(parents=True)
    (benchmarks / "ct/similarity/0-0.tsv").write_text("s\tcpu_time\tmax_rss\n12.5\t10\t300\n")
    run = record.Record(tmp_path / "results", SETTINGS, tmp_path)
    run.start()
    facts = recorded(tmp_path / "results")
    assert facts["status"] == "running" and facts["end"] is None and facts["pid"] == os.getpid()
    assert facts["config"] == SETTINGS and "pyarrow" in facts["versions"] and facts["commit"] is None
    run.end("done", benchmarks)
    facts = recorded(tmp_path / "results")
    assert facts["status"] == "done" and facts["end"] >= facts["start"]
    assert [(stage["stage"], stage["seconds"]) for stage in facts["stages"]] == [("similarity", 12.5)]


def test_the_second_is_told_who_the_first_is(tmp_path, held):
    second = record.Record(tmp_path / "results", SETTINGS, tmp_path)
    with pytest.raises(record.OccupiedError, match=f"process {held.pid} on"):
        second.start()
    second.end("failed", tmp_path)
    assert recorded(tmp_path / "results")["status"] == "running"


def test_a_killed_run_leaves_no_lock(tmp_path, held):
    held.kill()
    held.wait()
    record.Record(tmp_path / "results", SETTINGS, tmp_path).start()
    facts = recorded(tmp_path / "results")
    assert facts["status"] == "running" and facts["pid"] == os.getpid()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "results").write_text("no folder")
    with pytest.raises(UnwritableError, match=f"{tmp_path}/results: cannot be written"):
        record.Record(tmp_path / "results", SETTINGS, tmp_path).start()
