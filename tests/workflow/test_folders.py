"""Folders with names that a shell, a pattern or Snakemake would take apart: the checkout, and where a run works."""

import os
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

from .conftest import ROOT, Workflow

pytestmark = pytest.mark.workflow


def images(folder):
    """Make a few images of every role in a folder."""
    random = np.random.default_rng(0)
    for role in ("used", "not_used", "generated"):
        (folder / "data" / role).mkdir(parents=True)
        for number in range(4):
            grey = random.integers(0, 256, (16, 16)).astype(np.uint8)
            Image.fromarray(grey).save(folder / f"data/{role}/{role} {number}.png")


def own(small):
    """Return a configuration of these images."""
    roles = {role: [f"data/{role}/*"] for role in ("used", "not_used", "generated")}
    return small(
        datasets={"own": {"source": "folder", "roles": roles}},
        runs=[{"variants": ["original"], "encoders": ["pixels"], "similarities": ["cosine"]}],
    )


def test_genprint_works_in_a_folder_of_any_name(tmp_path, small):
    """All that a shell, a pattern or Snakemake would take apart, in folders within folders, which one run can show."""
    names = ["a b'c\"d`e$f;g*h[i]&(j)", "Ünï 名", "-dash", "x" * 200, "<results>", "tab\tnew\nline"]
    folder = tmp_path.joinpath(*names)
    folder.mkdir(parents=True)
    run = Workflow(folder)
    images(run.folder)
    config = own(small)
    run.snakemake("copies", config=config)
    assert run.results("small", "tables/release.csv")


def test_braces_are_refused_at_once_where_snakemake_cannot_have_them(tmp_path, small):
    (tmp_path / "{brace}").mkdir()
    run = Workflow(tmp_path / "{brace}")
    printed = run.snakemake("copies", config=own(small), ok=False)
    assert "Snakemake cannot work from a path with braces; move it elsewhere" in printed
    assert "Traceback" not in printed


def test_a_run_works_from_elsewhere_in_a_folder_with_braces(workflow, small):
    workflow.folder = workflow.folder / "{brace}"
    workflow.folder.mkdir()
    images(workflow.folder)
    workflow.snakemake("copies", config=own(small))
    assert workflow.results("small", "tables/release.csv")


def test_a_run_on_no_core_is_refused_in_one_line(workflow, small):
    printed = workflow.snakemake("copies", config=small(), cores=0, ok=False)
    assert "No job can run on 0 cores: write --cores 1, or --cores all." in printed
    assert "Traceback" not in printed


def test_make_does_without_a_home_that_can_be_written(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/snakemake").write_text('#!/bin/sh\necho "cache: $XDG_CACHE_HOME"\n')
    (tmp_path / ".venv/bin/snakemake").chmod(0o755)
    (tmp_path / "requirements.txt").touch()
    (tmp_path / ".venv/bin/.installed").touch()
    environment = {name: value for name, value in os.environ.items() if name != "XDG_CACHE_HOME"}
    for home, cache in (("/proc", tmp_path / ".snakemake/cache"), (tmp_path, "")):
        made = subprocess.run(
            ["make"], cwd=tmp_path, env=environment | {"HOME": str(home)}, text=True, capture_output=True, check=True
        )
        assert f"cache: {cache}\n" in made.stdout
