"""Real Snakemake in a fresh folder."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
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

    def command(self, *arguments, config=None, cores=2) -> list[str]:
        """What is typed for a run."""
        if config is not None:
            (self.folder / "config.yaml").write_text(yaml.safe_dump(config))
            arguments = (*arguments, "--configfile", self.folder / "config.yaml")
        command = [
            Path(sys.executable).with_name("snakemake"),
            *(() if cores is None else ("--cores", cores)),
            "--snakefile",
            self.source / "Snakefile",
            "--directory",
            self.folder,
            *arguments,
        ]
        return [str(part) for part in command]

    def snakemake(self, *arguments, ok=True, environment=None, **options) -> str:
        """What a run prints; fails the test if it ends otherwise than expected."""
        done = subprocess.run(
            self.command(*arguments, **options),
            cwd=self.source,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=900,
        )
        assert (done.returncode == 0) == ok, done.stdout[-8000:]
        return done.stdout

    @contextlib.contextmanager
    def running(self, *arguments, environment=None, **options) -> Iterator[subprocess.Popen]:
        """A run that goes on by itself, its output in ``output.txt``; it and all its jobs are ended in the end."""
        with (self.folder / "output.txt").open("w") as output:
            process = subprocess.Popen(
                self.command(*arguments, **options),
                cwd=self.source,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                yield process
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    @property
    def output(self) -> str:
        """What the run that goes on by itself has printed so far."""
        return (self.folder / "output.txt").read_text()

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


@pytest.fixture(scope="session")
def tiny(small):
    """A benchmark of even fewer jobs: one run on pixels and one on features."""
    return small(
        benchmark="tiny",
        phantom={"patients": 16, "slices": 2, "size": 32, "angles": 18},
        runs=[
            {"encoders": ["pixels"], "variants": ["original"], "similarities": ["ssim"]},
            {"encoders": ["cnn"], "variants": ["original"], "similarities": ["cosine"]},
        ],
    )


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory, tiny) -> Workflow:
    """The tables of the tiny benchmark after a local run that nothing disturbed; look, do not touch."""
    workflow = Workflow(tmp_path_factory.mktemp("undisturbed"))
    workflow.snakemake("tables", config=tiny)
    return workflow


@pytest.fixture
def finished_copy(undisturbed, workflow) -> Workflow:
    """A copy of it with all that Snakemake knows about it."""
    shutil.rmtree(workflow.folder)
    shutil.copytree(undisturbed.folder, workflow.folder)
    return workflow


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
        "encoders": {"pixels": {"method": "pixels"}, "cnn": {"method": "cnn", "steps": 5}},
        "similarities": {
            "ssim": {"method": "ssim"},
            "ssim3": {"method": "ssim3"},
            "cosine": {"method": "cosine"},
        },
        "copies": {"nearest": 1, "spikes": 1},
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
