"""Folders with names that a shell, a pattern or Snakemake would take apart: the checkout, and where a run works."""

import numpy as np
import pytest
from PIL import Image

from .conftest import Workflow

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


@pytest.mark.parametrize(
    "name",
    ["a b'c\"d`e$f;g*h[i]&(j)", "Ünï 名", "-dash", "x" * 200, "<results>", "tab\tnew\nline"],
    ids=["shell", "letters", "dash", "long", "angle brackets", "lines"],
)
def test_genprint_works_in_a_folder_of_any_name(tmp_path, small, name):
    (tmp_path / name).mkdir()
    run = Workflow(tmp_path / name)
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
