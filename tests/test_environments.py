"""The environment of the jobs and requirements.txt name the same packages."""

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]

IMPORT_NAMES = {
    "opencv-python-headless": "cv2",
    "scikit-image": "skimage",
    "scikit-learn": "sklearn",
    "pillow": "PIL",
    "pyyaml": "yaml",
}
NOT_IN_JOBS = ("snakemake", "snakemake-executor-plugin-slurm", "pygments", "onnx")


def pins(text):
    return dict(line.split("==") for line in text.splitlines() if line and not line.startswith("#"))


REQUIREMENTS, TESTS = (ROOT / "requirements.txt").read_text().split("# Tests, types and formatting.")
EXTRAS = "".join((ROOT / f"requirements-{extra}.txt").read_text() for extra in ("encoders", "peers"))


@pytest.fixture
def environment():
    """What the jobs' only environment installs from PyPI."""
    *_, pip = yaml.safe_load((ROOT / "envs/genprint.yaml").read_text())["dependencies"]
    return dict(line.split("==") for line in pip["pip"])


def test_everything_is_pinned():
    everything = pins(REQUIREMENTS) | pins(TESTS) | pins(EXTRAS)
    assert all(version[0].isdigit() for version in everything.values())


def test_the_environment_is_what_is_required(environment):
    required = pins(REQUIREMENTS) | pins(EXTRAS)
    assert environment == {name: version for name, version in required.items() if name not in NOT_IN_JOBS}


def test_every_rule_uses_it():
    named = re.findall(r'"\.\./envs/(.*)"', "".join(file.read_text() for file in (ROOT / "rules").glob("*.smk")))
    assert set(named) == {file.name for file in (ROOT / "envs").iterdir()} == {"genprint.yaml"}


def imported(folder):
    """Top-level packages that the library imports anywhere, functions included."""
    found = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def test_it_has_everything_that_the_library_imports(environment):
    names = {IMPORT_NAMES.get(name, name.replace("-", "_")) for name in environment}
    known = {"genprint", "llvmlite"}  # llvmlite is a part of numba
    assert imported(ROOT / "scripts") <= names | set(sys.stdlib_module_names) | known
