"""The conda environments and requirements.txt name the same packages."""

import ast
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
OPTIONAL = {"snakemake"}  # Snakemake itself runs the workflow, not the jobs


def requirements():
    lines = [line for file in ROOT.glob("requirements*.txt") for line in file.read_text().splitlines()]
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def environment(file):
    *_, pip = yaml.safe_load(file.read_text())["dependencies"]
    return dict(line.split("==") for line in pip["pip"])


def test_everything_is_pinned():
    assert all(version[0].isdigit() for version in requirements().values())


@pytest.mark.parametrize("file", sorted((ROOT / "envs").glob("*.yaml")), ids=lambda file: file.stem)
def test_environments_use_the_same_versions(file):
    assert environment(file).items() <= requirements().items()


def imported(folder):
    """Top-level packages that the library imports anywhere, functions included."""
    found = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found


def test_some_environment_has_everything_that_the_library_imports():
    provided = set().union(*(environment(file) for file in (ROOT / "envs").glob("*.yaml")))
    names = {IMPORT_NAMES.get(name, name) for name in provided}
    third_party = {IMPORT_NAMES.get(name, name) for name in requirements()}
    assert imported(ROOT / "scripts") & third_party - OPTIONAL <= names | {"jsonschema"}
