"""Where compiled kernels are kept: in new processes, because a process compiles a kernel once."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from genprint.similarity import _compiled

LIBRARY = Path(__file__).resolve().parents[2] / "scripts" / "genprint"
SCRIPT = """
import numpy as np
from genprint.similarity._gaussian import gradients
from genprint.similarity._lanes import zeros
images, result = (zeros(3, 3, dtype=np.float32) for _ in range(2))
images[:] = np.arange(3)[:, None]
gradients(images, True, result)
print(result[..., 0].tolist())
"""
RESULT = [[4, 8, 4]] * 3


@pytest.fixture
def checkout(tmp_path):
    """A copy of the library."""
    shutil.copytree(LIBRARY, tmp_path / "genprint", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def start(checkout, cache, script=SCRIPT, **variables):
    environment = os.environ | {
        "PYTHONDONTWRITEBYTECODE": "1",
        "NUMBA_DEBUG_CACHE": "1",
        "NUMBA_CACHE_DIR": str(cache),
        **variables,
    }
    return subprocess.Popen(
        [sys.executable, "-c", script], cwd=checkout, env=environment, text=True, stdout=subprocess.PIPE
    )


def finish(process):
    """The gradients, and how many kernels were compiled and kept."""
    output, _ = process.communicate()
    assert process.returncode == 0, output
    return eval(output.splitlines()[-1]), len(re.findall("data saved to", output))


def contents(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_a_later_job_loads_and_nothing_is_written_beside_the_source(checkout, tmp_path):
    before = contents(checkout / "genprint")
    assert finish(start(checkout, tmp_path / "cache")) == (RESULT, 1)
    for file in (checkout / "genprint").rglob("*.py"):
        os.utime(file)
    assert finish(start(checkout, tmp_path / "cache")) == (RESULT, 0)
    assert contents(checkout / "genprint").keys() == before.keys()


def test_jobs_that_compile_at_once_do_no_harm(checkout, tmp_path):
    processes = [start(checkout, tmp_path / "cache") for _ in range(3)]
    assert [finish(process)[0] for process in processes] == [RESULT] * 3
    assert finish(start(checkout, tmp_path / "cache")) == (RESULT, 0)


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("_gaussian.py", "gx = diagonal - opposite", "gx = diagonal + opposite"),
        ("_lanes.py", "ir.IRBuilder.fsub", "ir.IRBuilder.fadd"),
    ],
)
def test_an_edit_is_seen_in_a_kernel_and_in_what_it_calls(checkout, tmp_path, file, before, after):
    finish(start(checkout, tmp_path / "cache"))
    source = checkout / "genprint" / "similarity" / file
    assert before in source.read_text()
    source.write_text(source.read_text().replace(before, after))
    gradients, compiled = finish(start(checkout, tmp_path / "cache"))
    assert compiled == 1
    assert gradients != RESULT


@pytest.mark.parametrize("library", ["numba", "llvmlite"])
def test_another_version_compiles_again(checkout, tmp_path, library):
    finish(start(checkout, tmp_path / "cache"))
    other = f"import {library}; {library}.__version__ = '0'\n" + SCRIPT
    assert finish(start(checkout, tmp_path / "cache", other)) == (RESULT, 1)
    assert finish(start(checkout, tmp_path / "cache")) == (RESULT, 0)


def test_without_a_home_kernels_are_kept_among_the_temporary_files(checkout, tmp_path):
    not_a_folder = tmp_path / "file"
    not_a_folder.touch()
    (tmp_path / "temporary").mkdir()
    homeless = {"HOME": str(not_a_folder), "XDG_CACHE_HOME": "", "TMPDIR": str(tmp_path / "temporary")}
    for compiled in (1, 0):
        assert finish(start(checkout, not_a_folder, **homeless)) == (RESULT, compiled)


def test_what_another_user_owns_is_not_loaded(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    assert _compiled._folder().parent == tmp_path / "cache"
    monkeypatch.setattr(os, "getuid", lambda: -1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert _compiled._folder().parent == tmp_path
    assert _compiled._folder() != _compiled._folder()  # one for this process alone


def test_the_processor_does_not_change_a_bit():
    script = """
import sys
import numpy as np
from genprint.similarity import pairwise
random = np.random.default_rng(0)
images, vectors = random.integers(0, 256, (17, 46, 47), dtype=np.uint8), random.normal(1, 1, (40, 700)).astype("f4")
for found in pairwise("ssim", images, images), pairwise("cosine", vectors, vectors):
    sys.stdout.buffer.write(found.tobytes())
"""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script], cwd=LIBRARY.parent, env=environment, check=True, stdout=subprocess.PIPE
        ).stdout
        for environment in (os.environ, os.environ | {"NUMBA_CPU_NAME": "generic"})
    }
    assert len(outputs) == 1
