import csv
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from genprint.files import provenance, write_array, write_table
from genprint.images import datasets
from genprint.images.folder import Fault
from genprint.images.splits import split_patients
from genprint.plan.protocol import HALVES

SHARES = {"used": 0.3, "not_used": 0.3, "held_out": 0.2, "other": 0.2}


def slices(patients=20, per_patient=2):
    rng = np.random.default_rng(0)
    count = patients * per_patient
    images = rng.integers(0, 256, (count, 16, 16), np.uint8)
    table = {
        "image_id": [f"i{n:03d}" for n in range(count)],
        "file": [None] * count,
        "sha256": datasets.content_hashes(images),
        "group": [f"p{n // per_patient}" for n in range(count)],
    }
    return images, pd.DataFrame(table)


def made(trained_on="used", generator="copy", seed=1, **options):
    images, table = slices()
    options = {"share": 1.0, "shift": 0, "intensity": 0.0, "noise": 0.0} | options if generator == "copy" else options
    parts = split_patients(table["group"], SHARES, seed)
    return datasets.controlled(
        images, table, parts=parts, trained_on=trained_on, generator={"method": generator, **options}, samples=30,
        split_into=HALVES, seed=seed,
    )  # fmt: skip


def test_the_generator_sees_the_used_images_only():
    real, generated = made()
    hashes = {
        label: set(real.table["sha256"][real.table["label"] == label]) for label in ("used", "not_used", "held_out")
    }
    assert set(generated.table["sha256"]) == hashes["used"]


def test_the_control_sees_none_of_the_real_images():
    real, generated = made(trained_on="other")
    assert not set(generated.table["sha256"]) & set(real.table["sha256"])
    assert {"used", "not_used"} <= set(real.table["label"])


def test_images_of_other_patients_are_no_candidates():
    real, _ = made()
    assert set(real.table["label"]) == {"used", "not_used", "held_out"}
    assert len(real.images) == 32


def test_no_patient_is_in_two_parts_or_halves():
    real, _ = made()
    for column in ("label", "split"):
        for group in set(real.table["group"]):
            assert len(set(real.table[column][real.table["group"] == group])) == 1


def test_the_seed_decides():
    first, again, other = made(), made(), made(seed=2)
    assert np.array_equal(first[1].images, again[1].images)
    assert first[0].table["image_id"].tolist() != other[0].table["image_id"].tolist()


def test_what_is_calibrated_elsewhere_has_no_halves():
    images, table = slices()
    labels = ["used"] * 15 + ["unknown"] * 15 + ["generated"] * 10
    real, generated = datasets.read(images, table.assign(label=labels), split_into=(), seed=0)
    assert real.table["split"].isna().all()
    assert len(real.images) == 30 and len(generated.images) == 10


@pytest.mark.parametrize("file", ["a,b.png", 'quote".png', "line\nbreak.png"])
def test_the_manifest_survives_hostile_names(file):
    text = datasets.skipped_csv("d", [Fault(file, "truncated")])
    assert list(csv.DictReader(io.StringIO(text))) == [{"dataset": "d", "file": file, "reason": "truncated"}]


def test_a_controlled_data_set_starts_from_files_or_from_the_phantom(tmp_path):
    grey = np.arange(64, dtype=np.uint8).reshape(8, 8)
    names = [str(tmp_path / f"{number}.png") for number in range(2)]
    for name in names:
        Image.fromarray(grey).save(name)
    (tmp_path / "patients.csv").write_text("image_id,patient\n0,p\n1,p\n")
    groups = {"file": str(tmp_path / "patients.csv"), "key": "image_id", "key_is": "image_id", "value": "patient"}
    files = {"real": [f"{tmp_path}/*.png"], "groups": groups, "patients": None}
    read = datasets.real_images({"real": names}, files)
    assert read.table["group"].tolist() == ["p", "p"] and (read.images == grey).all()
    in_file = read.table[["bytes", "height", "width"]]
    assert in_file.values.tolist() == [[(tmp_path / f"{number}.png").stat().st_size, 8, 8] for number in range(2)]
    write_array(tmp_path / "real.npy", read.images[:1])
    table = read.table[:1].drop(columns=["label", *in_file])
    write_table(tmp_path / "real.parquet", table, datasets.PHANTOM, provenance(code="", seed=0))
    files = {"images": tmp_path / "real.npy", "table": tmp_path / "real.parquet"}
    simulated = datasets.real_images(files, {"real": "phantom", "patients": None})
    assert simulated.table["image_id"].tolist() == ["0"] and (simulated.images == grey).all()
    assert simulated.table[list(in_file)].isna().all(axis=None)


def test_a_data_set_may_use_some_of_the_patients_in_the_order_of_their_images(tmp_path):
    images, table = slices(patients=12)
    write_array(tmp_path / "real.npy", images)
    write_table(tmp_path / "real.parquet", table, datasets.PHANTOM, provenance(code="", seed=0))
    files = {"images": tmp_path / "real.npy", "table": tmp_path / "real.parquet"}
    some = datasets.real_images(files, {"real": "phantom", "patients": [3, 11]})
    assert some.table["group"].unique().tolist() == [f"p{number}" for number in range(2, 11)]
    assert (some.images == images[4:22]).all()
    with pytest.raises(ValueError, match="patients 3 to 13 are to be used, but there are 12; write fewer"):
        datasets.real_images(files, {"real": "phantom", "patients": [3, 13]})
