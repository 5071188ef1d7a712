import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import genprint

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.workflow

PROGRAM = """
from pathlib import Path
import numpy as np
import genprint
from genprint.report import page
from genprint.similarity import pairwise

images = np.random.default_rng(0).integers(0, 256, (3, 16, 16), dtype=np.uint8)
print(genprint.__file__)
print(genprint.__version__)
print((pairwise("ssim", images, images).diagonal() == 1).all())
print(*sorted(file.name for file in Path(page.__file__).parent.iterdir() if file.suffix in (".html", ".css", ".js")))
"""


def test_an_installed_genprint_is_imported_from_anywhere(tmp_path):
    """Without a network: built with the setuptools that is here, put beside the libraries that are here."""
    source, target, elsewhere = (tmp_path / name for name in ("source", "target", "elsewhere"))
    shutil.copytree(ROOT / "scripts", source / "scripts", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, source)
    elsewhere.mkdir()
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    subprocess.run([*pip, "--target", target, source], check=True)
    environment = os.environ | {"PYTHONPATH": str(target)}
    program = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(program, cwd=elsewhere, env=environment, capture_output=True, text=True, check=True)
    file, version, equal, templates = done.stdout.splitlines()
    assert Path(file) == target / "genprint" / "__init__.py" and version == genprint.__version__ and equal == "True"
    assert templates.split() == ["base.html", "browse.js", "page.html", "run_times.html", "style.css"]
    assert (target / f"genprint-{version}.dist-info").is_dir()
