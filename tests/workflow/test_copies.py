"""The search for copies through Snakemake: an audit of files whose truth is known."""

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image

from genprint.images.perturbations import perturb

pytestmark = pytest.mark.workflow

PATIENTS, SIDE = 20, 48


def images(count, seed):
    """Images of blobs, none of which is like another: uint8 (count, SIDE, SIDE)."""
    import cv2

    fields = np.random.default_rng(seed).normal(size=(count, 2, SIDE, SIDE))
    smooth = [
        cv2.GaussianBlur(fine, (0, 0), 2) * 8 + cv2.GaussianBlur(coarse, (0, 0), 5) * 12 for fine, coarse in fields
    ]
    return np.clip(128 + 40 * np.array(smooth), 0, 255).astype(np.uint8)


def save(folder, pictures):
    folder.mkdir(parents=True, exist_ok=True)
    for name, image in pictures.items():
        Image.fromarray(image).save(folder / f"{name}.png")


@pytest.fixture(scope="module")
def audit(shared_workflow, small):
    """A release of 60 images of others, a copy of u3 and a turned one of u5 among them, and one image there twice."""
    data = shared_workflow.folder / "data"
    real, others = images(2 * PATIENTS, 1), images(58, 2)
    save(data / "used", {f"u{place}": image for place, image in enumerate(real[:PATIENTS])})
    save(data / "used", {"u3-again": real[3]})
    save(data / "not", {f"n{place}": image for place, image in enumerate(real[PATIENTS:])})
    release = [*others[:40], real[3], perturb(real[5], "rotation", 10.0, 0), *others[40:]]
    save(data / "release", {f"g{place:02}": image for place, image in enumerate(release)})
    lines = [f"{role}{place},{role}{place // 2}" for role in "un" for place in range(PATIENTS)]
    (data / "patients.csv").write_text("\n".join(["image_id,patient", *lines, "u3-again,u1"]) + "\n")
    return small(
        benchmark="audit",
        datasets={
            "release": {
                "source": "folder",
                "roles": {"used": ["data/used/*"], "not_used": ["data/not/*"], "generated": ["data/release/*"]},
                "groups": {"file": "data/patients.csv", "value": "patient"},
            }
        },
        images={"size": SIDE},
        runs=[{"variants": ["original"], "encoders": ["pixels"], "similarities": ["cosine"]}],
        copies={"nearest": 2, "spikes": 2},
        report={"galleries": True},
    )


@pytest.fixture(scope="module")
def finished(shared_workflow, audit):
    shared_workflow.output_of_run = shared_workflow.snakemake(config=audit)
    return shared_workflow


def rows(workflow, table):
    content = workflow.results("audit", f"tables/{table}.csv")[f"tables/{table}.csv"].decode()
    return list(csv.DictReader(io.StringIO(content)))


def test_the_two_copies_are_withheld_and_nothing_else(finished):
    withheld = [row for row in rows(finished, "release") if row["action"] == "withhold"]
    assert [(row["image_id"], row["copy_of"], row["patient"]) for row in withheld] == [
        ("g40", "u3", "u1"),
        ("g41", "u5", "u2"),
    ]
    assert float(withheld[1]["q"]) <= 0.05


def test_the_owner_learns_whose_images_they_are(finished):
    exposed = rows(finished, "exposed")
    assert {(row["unit"], row["id"]) for row in exposed} == {
        *(("patient", patient) for patient in ("u1", "u2")),
        *(("image", image) for image in ("u3", "u5")),
    }
    turned = next(row for row in exposed if row["id"] == "u5")
    assert abs(float(turned["angle"])) == pytest.approx(10, abs=1)


def test_it_is_the_verdict_and_the_first_thing_on_the_page(finished):
    (verdict,) = rows(finished, "verdicts")
    assert (verdict["kind"], verdict["verdict"]) == ("copies", "copies found")
    assert verdict["text"].startswith("2 generated images of 60 are copies of 2 real images of 2 patients (1 has equal")
    assert "The same image is there more than once: used: u3, u3-again." in verdict["text"]
    assert "release: copies found. 2 generated images of 60" in finished.output_of_run
    page = finished.results("audit", "report.html")["report.html"].decode()
    places = [page.index(f'id="{name}"') for name in ("verdict", "copied", "copies", "spikes", "at-risk", "controls")]
    assert places == sorted(places)


def test_the_gate_is_closed_with_one_sentence_and_open_for_what_it_may_pass(finished, audit):
    output = finished.snakemake("gate", config=audit, ok=False)
    assert "The gate is closed for release (copies found): read results/audit/report.html" in output
    finished.snakemake("gate", config=audit | {"gate": {"fail_on": ["leak detected"]}})
    document = json.loads(finished.results("audit", "verdict.json")["verdict.json"])
    assert document["datasets"]["release"]["counts"]["n_copies"] == 2


def test_an_image_of_unknown_label_that_has_a_copy_is_decided_used(finished, workflow, audit):
    (workflow.folder / "data").symlink_to(finished.folder / "data")
    roles = {"unknown": ["data/used/u?.png", "data/not/n?.png"], "generated": ["data/release/*"]}
    test = {"source": "folder", "roles": roles, "calibrated_by": "release"}
    workflow.snakemake("submissions", config=audit | {"datasets": audit["datasets"] | {"test": test}})
    ((_, content),) = workflow.results("audit", "submissions/test/*.csv").items()
    decided = dict(line.split(",") for line in content.decode().split())
    assert decided["u3.png"] == decided["u5.png"] == "1" and len(decided) == 20
    assert "0" in decided.values()


def test_the_same_image_used_and_not_used_is_refused(finished, workflow, audit):
    real = images(2 * PATIENTS, 1)
    (workflow.folder / "data").mkdir()
    for role in ("release", "used", "patients.csv"):
        (workflow.folder / "data" / role).symlink_to(finished.folder / "data" / role)
    save(workflow.folder / "data/not", {"n0": real[PATIENTS], "n1": real[7], "n2": real[2], "n3": real[9] // 2})
    lines = (finished.folder / "data/patients.csv").read_text().splitlines()
    (workflow.folder / "data/patients.csv").unlink()
    kept = [line for line in lines if not line.startswith("n") or line.startswith(("n0,", "n1,", "n2,", "n3,"))]
    (workflow.folder / "data/patients.csv").write_text("\n".join(kept) + "\n")
    output = workflow.snakemake("copies", config=audit, ok=False)
    assert "u2: is used, and has the same pixels as n2, which is not_used" in output
    assert "u7: is used, and has the same pixels as n1, which is not_used" in output
    assert "Leave one image of each pair out, or correct its label." in output
