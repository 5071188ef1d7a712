"""Names that look like something else, and files that are none, through the whole workflow."""

import csv
import os

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.workflow


def test_names_that_look_like_numbers_or_nothing_are_names(workflow, small):
    config = small(
        benchmark="007",
        phantom={"patients": 16, "slices": 2, "size": 32, "angles": 18},
        datasets={"nan": small()["datasets"]["leak"], "1e5": small()["datasets"]["leak"]},
        variants={"null": {"method": "original"}},
        encoders={"true": {"method": "pixels"}},
        similarities={"1": {"method": "cosine"}, "na": {"method": "euclidean"}},
        runs=[{}],
        report={"pseudonyms": True},
    )
    workflow.snakemake(config=config)
    (content,) = workflow.results("007", "tables/verdicts.csv").values()
    assert {row["dataset"] for row in csv.DictReader(content.decode().splitlines())} == {"nan", "1e5"}
    (content,) = workflow.results("007", "tables/ablation.csv").values()
    rows = list(csv.DictReader(content.decode().splitlines()))
    assert {(row["variant"], row["encoder"], row["similarity"]) for row in rows} == {
        ("null", "true", similarity) for similarity in ("1", "na")
    }


@pytest.fixture
def folder(workflow):
    """A data set of files, two of which are none."""
    random = np.random.default_rng(0)
    for role in ("used", "not_used", "generated"):
        (workflow.folder / "data" / role).mkdir(parents=True)
        for number in range(6):
            grey = random.integers(0, 256, (32, 32)).astype(np.uint8)
            Image.fromarray(grey).save(workflow.folder / f"data/{role}/{role}_{number}.png")
    (workflow.folder / "data/used/gone.png").symlink_to("/nonexistent/x.png")
    os.mkfifo(workflow.folder / "data/generated/pipe.png")
    return {role: [f"data/{role}/*.png"] for role in ("used", "not_used", "generated")}


def test_broken_links_and_pipes_are_named_and_may_be_skipped(workflow, small, folder):
    config = small(
        datasets={"own": {"source": "folder", "roles": folder}},
        runs=[{"variants": ["original"], "encoders": ["pixels"], "similarities": ["cosine"]}],
    )
    output = workflow.snakemake("copies", config=config, ok=False)
    assert "data/used/gone.png: a broken link to /nonexistent/x.png" in output
    assert "data/generated/pipe.png: is a pipe" in output and "on_bad_image: skip" in output
    workflow.snakemake("copies", config=config | {"images": {"on_bad_image": "skip"}})
    (skipped,) = workflow.results("small", "own/images/skipped.csv").values()
    assert b"own,data/used/gone.png,a broken link to /nonexistent/x.png" in skipped and b"is a pipe" in skipped


@pytest.mark.parametrize(
    ("name", "reason"), [(b"a<b>c.png", "a word in angle brackets"), (b"caf\xe9.png", "not UTF-8")]
)
def test_names_that_snakemake_cannot_handle_are_refused_in_one_line(workflow, small, folder, name, reason):
    place = os.fsencode(workflow.folder / "data/not_used") + b"/" + name
    with open(place, "wb") as file:  # noqa: PTH123 (a path of bytes)
        file.write((workflow.folder / "data/not_used/not_used_0.png").read_bytes())
    output = workflow.snakemake("-n", config=small(datasets={"own": {"source": "folder", "roles": folder}}), ok=False)
    assert reason in output and "Rename these files" in output
    assert "Traceback" not in output and "pathvar" not in output
