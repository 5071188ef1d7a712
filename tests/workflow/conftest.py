"""Real Snakemake in a fresh folder."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


class Workflow:
    """A copy of the workflow and a folder that it works in."""

    def __init__(self, folder: Path):
        self.source = folder / "source"
        self.folder = folder / "work"
        self.folder.mkdir()
        self.source.mkdir()
        shutil.copy2(ROOT / "Snakefile", self.source)
        for name in ("rules", "scripts", "config", "envs", "profiles", "report"):
            shutil.copytree(ROOT / name, self.source / name, ignore=shutil.ignore_patterns("__pycache__"))

    def snakemake(self, *arguments, config=None, cores=2, ok=True) -> str:
        """What a run prints; fails the test if it ends otherwise than expected."""
        if config is not None:
            (self.folder / "config.yaml").write_text(yaml.safe_dump(config))
            arguments = (*arguments, "--configfile", self.folder / "config.yaml")
        command = [Path(sys.executable).with_name("snakemake"), "--cores", cores]
        command += [
            "--snakefile",
            self.source / "Snakefile",
            "--directory",
            self.folder,
            *arguments,
        ]
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self.source,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=900,
        )
        assert (done.returncode == 0) == ok, done.stdout[-8000:]
        return done.stdout

    def results(self, benchmark: str, pattern: str) -> dict[str, bytes]:
        """Content of the result files that match a pattern."""
        root = self.folder / "results" / benchmark
        return {str(file.relative_to(root)): file.read_bytes() for file in sorted(root.glob(pattern))}


@pytest.fixture
def workflow(tmp_path) -> Workflow:
    return Workflow(tmp_path)


@pytest.fixture(scope="module")
def shared_workflow(tmp_path_factory) -> Workflow:
    """One folder for the tests of a module that look at the same results."""
    return Workflow(tmp_path_factory.mktemp("workflow"))


@pytest.fixture(scope="session")
def small():
    """Makes a benchmark of seconds: a small phantom, one leak, a handful of runs; keys can be replaced."""
    return _small


def _small(**changes) -> dict:
    return {
        "benchmark": "small",
        "images": {"size": 32},
        "phantom": {"patients": 24, "slices": 2, "size": 32, "angles": 36},
        "datasets": {
            "leak": {
                "source": "controlled",
                "real": "phantom",
                "generator": {"method": "parzen", "h": 0.1},
                "samples": 40,
            }
        },
        "variants": {"original": {"method": "original"}, "noise": {"method": "gaussian-noise"}},
        "encoders": {"pixels": {"method": "pixels"}, "cnn": {"method": "cnn", "epochs": 1}},
        "similarities": {
            "ssim": {"method": "ssim"},
            "ssim3": {"method": "ssim3"},
            "cosine": {"method": "cosine"},
        },
        "runs": [
            {"encoders": ["pixels"], "similarities": ["ssim", "cosine"]},
            {
                "encoders": ["pixels"],
                "variants": ["original"],
                "similarities": ["ssim3"],
                "generated_generated": True,
            },
            {"encoders": ["cnn"], "variants": ["original"], "similarities": ["cosine"]},
        ],
    } | changes
