"""What a user sees who got something wrong."""

import re

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.workflow


@pytest.fixture
def folder(workflow):
    """Image files of a small data set; returns their folder."""
    rng = np.random.default_rng(0)
    for role in ("used", "not_used", "generated"):
        for number in range(8):
            file = workflow.folder / "data" / role / f"{role}_{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (16, 16), np.uint8)).save(file)
    return workflow.folder / "data"


def on_folder(small, **changes):
    roles = {role: [f"data/{role}/*.png"] for role in ("used", "not_used", "generated")}
    runs = [{"variants": ["original"], "encoders": ["pixels"], "similarities": ["cosine"]}]
    return small(datasets={"own": {"source": "folder", "roles": roles}}, images={}, runs=runs) | changes


def test_a_typo_in_the_configuration_is_one_line(workflow, small):
    output = workflow.snakemake("-n", config=small(sede=1), ok=False)
    assert "sede: unknown key; write one of: benchmark, seed" in output
    assert "Traceback" not in output


def test_every_bad_file_is_named_in_one_error_and_nothing_stays(workflow, small, folder):
    (folder / "used/used_0.png").write_bytes(b"no image")
    whole = (folder / "not_used/not_used_1.png").read_bytes()
    (folder / "not_used/not_used_1.png").write_bytes(whole[: len(whole) // 2])
    (folder / "generated/generated_2.png").write_bytes(b"")
    output = workflow.snakemake(config=on_folder(small), ok=False)
    shown, _, told = output.rpartition("What went wrong:")
    assert "Logfile logs/small/own/images.log:" in shown and "Traceback" in shown
    for name in ("used_0.png", "not_used_1.png", "generated_2.png"):
        assert name in told
    assert "what is finished stays" in told and "Traceback" not in told
    assert not list((workflow.folder / "results").rglob("*.npy"))
    assert not list((workflow.folder / "results").rglob("*.part"))


def test_skipped_files_are_in_the_manifest_and_the_report_and_the_terminal_says_where_that_is(workflow, small, folder):
    (folder / "used/used_0.png").write_bytes(b"<b>no image</b>")
    output = workflow.snakemake("--quiet", "rules", config=on_folder(small, images={"on_bad_image": "skip"}))
    manifest = workflow.results("small", "own/images/skipped.csv").popitem()[1].decode()
    assert "used_0.png" in manifest
    assert b"used_0.png" in workflow.results("small", "report.html")["report.html"]
    assert "Planned: 1 run on 1 data set, 248 pairs of images." in output
    assert re.search(r"^\d+ jobs to do\.$", output, re.M)
    assert re.search(r"^own: (cannot say|nothing detected)\. ", output, re.M)
    assert output.count("\nReport: results/small/report.html\n") == 1


def test_braces_in_names_are_refused_before_anything_starts(workflow, small, folder):
    for name in ("used_{1}.png", "used_}.png"):
        (folder / "used" / name).write_bytes(b"")
    output = workflow.snakemake("-n", config=on_folder(small), ok=False)
    assert "The images cannot be used, for 2 reasons" in output and "Traceback" not in output
    assert "used_{1}.png: has a brace in its path" in output and "Rename these files" in output


def test_an_empty_role_says_which(workflow, small, folder):
    for file in (folder / "generated").iterdir():
        file.unlink()
    output = workflow.snakemake(config=on_folder(small), ok=False)
    assert "generated" in output and "data/generated/*.png" in output


def test_adding_an_image_reruns_the_reading(workflow, small, folder):
    workflow.snakemake("similarity", config=on_folder(small))
    Image.fromarray(np.zeros((16, 16), np.uint8)).save(folder / "generated/generated_8.png")
    assert "folder_images" in workflow.snakemake("similarity", "-n", config=on_folder(small))
