"""Releases of images whose truth is known, through the whole search."""

import csv
from collections import defaultdict

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from genprint.copies.collapse import WORTH_ALIGNING
from genprint.copies.judgement import SCHEMAS, judge
from genprint.copies.recovery import search_spikes
from genprint.copies.search import search
from genprint.files import provenance, write_table
from genprint.images.datasets import Side
from genprint.images.perturbations import perturb
from genprint.plan.runs import GENERATED_GENERATED, REAL_GENERATED, REAL_REAL

from .textures import textures

PATIENTS, NEAREST = 24, 2
REAL = textures(PATIENTS, 64, 64, seed=3)


def side(images, labels, *, groups=None, prefix="r"):
    ids = [f"{prefix}{place}" for place in range(len(images))]
    return Side(images, pd.DataFrame({"image_id": ids, "group": groups or ids, "label": labels}))


def judged(generated, *, real=REAL, groups=None, labels=None, spikes=0, **options):
    labels = labels or ["used", "not_used"] * (len(real) // 2)
    real, generated = side(real, labels, groups=groups), side(generated, "generated", prefix="g")
    patients = real.table["group"].to_numpy(object)
    pairs = {
        REAL_GENERATED: search(real.images, generated.images, nearest=NEAREST),
        REAL_REAL: search(real.images, real.images, nearest=NEAREST, upper=True, patients=(patients, patients)),
        GENERATED_GENERATED: search(
            generated.images, generated.images, nearest=NEAREST, upper=True, in_place=WORTH_ALIGNING
        ),
    }
    originals = 2 * np.arange(spikes)
    made = search_spikes(real.images, originals, nearest=NEAREST, seed=0)
    return judge("d", real, generated, pairs, made, nearest=NEAREST, block=64, **options)


@pytest.fixture(scope="module")
def judgement():
    copies = [REAL[4], perturb(REAL[8], "rotation", 10.0, 0), perturb(REAL[8], "shift", 0.06, 0)]
    others = textures(30, 64, 64, seed=4)
    return judged(np.concatenate([np.stack(copies), others, others[:5]]), spikes=2)


def test_copies_and_only_copies_are_withheld(judgement):
    withheld = judgement.release[judgement.release["action"] == "withhold"]
    assert withheld["image_id"].tolist() == ["g0", "g1", "g2"]
    assert withheld["copy_of"].tolist() == ["r4", "r8", "r8"]
    assert judgement.copies[["n_copies", "n_mem", "patients_exposed"]].values.tolist() == [[3, 2, 2]]


def test_who_is_exposed_and_how_the_copy_was_made(judgement):
    images = judgement.exposed.query("unit == 'image'").set_index("id")
    assert images["copies"].to_dict() == {"r4": 1, "r8": 2}
    assert images["exact"].to_dict() == {"r4": 1, "r8": 0}
    assert set(judgement.copied["real_id"]) == {"r4", "r8"} and judgement.copied["position"].tolist() == [0, 1, 2]
    turned = judgement.copied.set_index("image_id").loc["g1"]
    assert abs(turned["angle"]) == pytest.approx(10, abs=1) and turned["scale"] == pytest.approx(1, abs=0.05)


def test_generated_images_that_are_one_image_are_counted(judgement):
    duplicates = judgement.release.set_index("image_id")["duplicates"]
    assert (duplicates.loc[[f"g{place}" for place in (*range(3, 8), *range(33, 38))]] == 2).all()
    assert judgement.copies["distinct_generated"].tolist() == [33]


def test_spikes_are_recovered(judgement):
    whole = judgement.spikes.set_index("kind").loc["all"]
    assert whole["n"] == 2 * 33 and whole["share"] > 0.9


def test_every_table_fits_its_schema(judgement, tmp_path):
    for (name, schema), table in zip(SCHEMAS.items(), judgement, strict=True):
        write_table(tmp_path / name, table, schema, provenance(code="", seed=0))


def test_a_release_of_others_has_no_flag():
    found = judged(textures(40, 64, 64, seed=5))
    assert (found.release["action"] == "publish").all() and not len(found.exposed) and not len(found.copied)
    assert found.copies["tail_held"].all()


@pytest.mark.parametrize(
    "generated",
    [
        np.full((5, 64, 64), 7, np.uint8),
        np.repeat(textures(1, 64, 64, seed=9), 5, axis=0),
        np.pad(textures(5, 32, 32, seed=9), ((0, 0), (16, 16), (16, 16))),
    ],
    ids=["of one value", "all equal", "black borders"],
)
def test_odd_releases_have_no_flag_by_accident(generated):
    found = judged(generated)
    assert (found.release["action"] == "publish").all()
    assert found.copies["n_copies"].tolist() == [0]


def test_images_of_one_value_are_nobodys_copy():
    real = np.concatenate([REAL[:20], np.full((4, 64, 64), 0, np.uint8)])
    found = judged(np.concatenate([np.zeros((3, 64, 64), np.uint8), textures(10, 64, 64, seed=6)]), real=real)
    assert (found.release["action"] == "publish").all()
    assert found.release["duplicates"].tolist()[:4] == [3, 3, 3, 1]


def test_a_release_that_collapsed_onto_one_used_image_is_found():
    found = judged(np.repeat(perturb(REAL[4], "noise", 10, 0)[None], 300, axis=0))
    assert (found.release["copy_of"] == "r4").all() and (found.release["duplicates"] == 300).all()
    assert found.copies[["n_copies", "n_mem", "patients_exposed"]].values.tolist() == [[300, 1, 1]]


def test_a_copy_is_not_authentic_and_an_image_of_nobody_is():
    found = judged(np.concatenate([REAL[:2], perturb(REAL[2], "shift", 0.06, 0)[None], textures(20, 64, 64, seed=6)]))
    authentic, similarity = (found.release[name].to_numpy() for name in ("authentic", "similarity"))
    assert authentic[:3].tolist() == [0, 0, 0]
    others = np.arange(len(authentic)) > 2
    assert (np.isnan(authentic) == np.isnan(similarity)).all()
    assert np.nanmean(authentic[others]) > 0.5
    assert similarity[others & (authentic == 1)].mean() < similarity[others & (authentic == 0)].mean()


@pytest.mark.parametrize(("groups", "labels"), [(["one"] * PATIENTS, None), (None, ["used"] * 22 + ["not_used"] * 2)])
def test_with_too_few_patients_only_equal_pixels_are_copies(groups, labels):
    release = np.concatenate([REAL[:1], perturb(REAL[2], "shift", 0.06, 0)[None], textures(10, 64, 64, seed=6)])
    found = judged(release, groups=groups, labels=labels)
    exact = found.release["action"].eq("withhold").tolist()
    assert exact[0] and not any(exact[2:])
    if groups:
        assert found.copies["reason"].item() and not found.copies["tail_held"].item() and not exact[1]


def test_a_copied_image_of_unknown_label_is_found():
    release = np.concatenate([perturb(REAL[2], "shift", 0.06, 0)[None], textures(20, 64, 64, seed=6)])
    found = judged(release, labels=["unknown"] * PATIENTS)
    assert found.release["copy_of"].dropna().tolist() == ["r2"]


def adjacent(images):
    """Each image twice, the second time as the slice beside it."""
    return np.stack([one for image in images for one in (image, perturb(image, "elastic", 0.01, 1))])


def test_where_patients_are_unknown_alike_images_are_one_and_chance_is_about_others():
    """With 2 candidates an image, its neighbours would be all that is known of it."""
    real = np.stack([perturb(image, "gamma", gamma, 0) for image in adjacent(REAL[:12]) for gamma in (0.7, 2.0)])
    found = judged(textures(20, 64, 64, seed=6), real=real, labels=["unknown"] * len(real))
    assert found.copies["patients"].item() == 12 and not found.copies["patients_known"].item()
    assert found.copies["chance_patients"].item() == 12
    assert (found.release["action"] == "publish").all()


def test_names_that_leave_the_building_are_renamed():
    release = np.concatenate([REAL[4:5], textures(20, 64, 64, seed=6)])
    found = judged(release, groups=[f"p{place // 2}" for place in range(PATIENTS)], name_of=lambda name: f"X{name}X")
    assert found.release["copy_of"].dropna().tolist() == ["Xr4X"]
    assert found.exposed["id"].tolist() == ["Xp2X", "Xr4X"]
    assert found.copied[["real_id", "name"]].values.tolist() == [["r4", "Xr4X"]]


def ct_by_patient(folder):
    """The CT slices of every patient, uint8 128 x 128, from feet to head, with their heights in mm."""
    slices = defaultdict(list)
    with (folder / "manifest.csv").open() as file:
        for row in csv.DictReader(file):
            image = np.asarray(Image.open(folder / row["file"]).convert("L"))
            small = cv2.resize(image, (128, 128), interpolation=cv2.INTER_AREA)
            slices[row["stratum"], row["patient_id"]].append((float(row["z_mm"] or "nan"), small))
    return {patient: sorted(own, key=lambda one: one[0]) for patient, own in slices.items()}


def test_a_slice_beside_a_used_one_is_reported_as_its_patient(ct_folder):
    """Of the patients with whole stacks one slice is used, and the release has the one nearest above it."""
    patients = ct_by_patient(ct_folder)
    stacks = [name for name in patients if name[0] == "lidc"]
    others = [name for name in patients if name[0] == "tcga"]
    real, groups, labels, release = [], [], [], []
    for name in stacks:
        heights = np.array([height for height, _ in patients[name]])
        lower = int(np.argmin(np.diff(heights)))
        real.append(patients[name][lower][1])
        release.append(patients[name][lower + 1][1])
        groups.append(name[1])
        labels.append("used")
    for place, name in enumerate(others[:24]):
        real.append(patients[name][0][1])
        groups.append(name[1])
        labels.append(["used", "not_used", "not_used"][place % 3])
    release += [patients[name][0][1] for name in others[24:]]
    found = judged(np.stack(release), real=np.stack(real), groups=groups, labels=labels)
    withheld = found.release[found.release["action"] == "withhold"]
    assert withheld["patient"].tolist() == [name[1] for name in stacks]
    assert set(found.exposed["id"][found.exposed["unit"] == "patient"]) == {name[1] for name in stacks}
