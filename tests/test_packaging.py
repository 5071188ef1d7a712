"""The metadata of the package agree with each other and with what was tested."""

import ast
import sys
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement

import genprint

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NAMES = {"opencv-python-headless": "cv2", "pillow": "PIL", "pyyaml": "yaml"}
NAMES |= {"scikit-image": "skimage", "scikit-learn": "sklearn"}


def pins():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def test_the_version_is_the_same_wherever_it_stands():
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == genprint.__version__
    assert genprint.__version__ in (ROOT / "CHANGELOG.md").read_text()


def test_the_pinned_versions_are_among_those_that_the_package_asks_for():
    asked = [Requirement(line) for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["workflow"]]
    outside = [str(one) for one in asked if not one.specifier.contains(pins()[one.name])]
    assert not outside


def test_the_package_asks_for_everything_that_it_imports():
    asked = {NAMES.get(one, one) for one in (Requirement(line).name for line in PROJECT["dependencies"])}
    imported = set()
    for file in (ROOT / "scripts" / "genprint").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.partition(".")[0])
    # llvmlite is a part of numba; pytorch_msssim is only compared with.
    strangers = imported - sys.stdlib_module_names - {"genprint", "llvmlite", "pytorch_msssim"}
    extra = {Requirement(line).name.replace("-", "_") for line in PROJECT["optional-dependencies"]["encoders"]}
    assert extra <= strangers
    # pydicom finds the decoder of compressed files by itself, and MONAI what its diffusion network is built with.
    assert strangers - extra | {"python-gdcm", "einops"} == asked
