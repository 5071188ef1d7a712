"""Where compiled kernels are kept: in new processes, because a process compiles a kernel once."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

LIBRARY = Path(__file__).resolve().parents[2] / "scripts" / "genprint"
SCRIPT = """
import numpy as np
from genprint.similarity import pairwise
images = np.random.default_rng(0).integers(0, 256, (3, 7, 7), dtype=np.uint8)
print(pairwise("ssim", images, images).tolist())
"""


def one_window():
    """SSIM of the images of the script, which are as large as the window."""
    pixels = np.random.default_rng(0).integers(0, 256, (3, 7, 7), dtype=np.uint8).reshape(3, -1).astype(np.float64)
    mean, covariance, c1, c2 = pixels.mean(axis=1), np.cov(pixels), 2.55**2, 7.65**2
    variance = np.diag(covariance)
    luminance = (2 * np.outer(mean, mean) + c1) / (mean[:, None] ** 2 + mean**2 + c1)
    return luminance * (2 * covariance + c2) / (variance[:, None] + variance + c2)


RESULT = one_window()


@pytest.fixture
def checkout(tmp_path):
    """A copy of what SSIM needs."""
    shutil.copytree(LIBRARY, tmp_path / "genprint", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def start(checkout, cache):
    environment = os.environ | {
        "PYTHONDONTWRITEBYTECODE": "1",
        "NUMBA_DEBUG_CACHE": "1",
        "GENPRINT_CACHE": str(cache),
    }
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT], cwd=checkout, env=environment, text=True, stdout=subprocess.PIPE
    )


def finish(process):
    """The similarities, and how many kernels were compiled and kept."""
    output, _ = process.communicate()
    assert process.returncode == 0, output
    return np.array(eval(output.splitlines()[-1])), len(re.findall("data saved to", output))


def contents(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_compiled_once_and_nothing_is_written_beside_the_source(checkout, tmp_path):
    before = contents(checkout / "genprint")
    similarities, compiled = finish(start(checkout, tmp_path / "cache"))
    np.testing.assert_allclose(similarities, RESULT)
    assert compiled > 0
    for file in (checkout / "genprint").rglob("*.py"):
        os.utime(file)
    assert finish(start(checkout, tmp_path / "cache"))[1] == 0
    assert contents(checkout / "genprint").keys() == before.keys()


def test_one_of_many_jobs_compiles(checkout, tmp_path):
    _, kernels = finish(start(checkout, tmp_path / "cache of one job"))
    results = [finish(process) for process in [start(checkout, tmp_path / "cache") for _ in range(3)]]
    assert sum(compiled for _, compiled in results) == kernels
    for similarities, _ in results:
        np.testing.assert_allclose(similarities, RESULT)


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("_blocks.py", "= planes[plane, row, column]", "= planes[plane, row, 0]"),
        ("_lanes.py", "ir.IRBuilder.fdiv", "ir.IRBuilder.fmul"),
    ],
)
def test_an_edit_is_seen_in_a_kernel_and_in_what_it_calls(checkout, tmp_path, file, before, after):
    finish(start(checkout, tmp_path / "cache"))
    source = checkout / "genprint" / "similarity" / file
    assert before in source.read_text()
    source.write_text(source.read_text().replace(before, after))
    similarities, compiled = finish(start(checkout, tmp_path / "cache"))
    assert compiled > 0
    assert not np.allclose(similarities, RESULT)


def test_works_where_nothing_can_be_kept(checkout, tmp_path):
    not_a_folder = tmp_path / "file"
    not_a_folder.touch()
    environment = os.environ | {
        "GENPRINT_CACHE": str(not_a_folder),
        "NUMBA_CACHE_DIR": str(not_a_folder),
        "XDG_CACHE_HOME": str(not_a_folder),
    }
    output = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=checkout, env=environment, text=True, check=True, capture_output=True
    ).stdout
    np.testing.assert_allclose(eval(output), RESULT)


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
