"""Mistakes that users make: each is answered with what is wrong and what to write.

Those about a configuration are in `test_configuration`, those about a run file in `test_submissions`.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genprint.encoders import train
from genprint.images.folder import Annotation, ImageError, list_files
from genprint.images.reading import read_images
from genprint.images.splits import folds
from genprint.plan.places import check_dates, check_places
from genprint.plan.protocol import HALVES
from genprint.similarity import pairwise

ROOT = Path(__file__).resolve().parents[1]
ROLES = ("used", "not_used", "generated")


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A small data set in a folder that snakemake is started in."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    for role in ROLES:
        (tmp_path / "data" / role).mkdir(parents=True)
        for number in range(3):
            picture = Image.fromarray(random.integers(0, 256, (16, 16), np.uint8))
            picture.save(tmp_path / f"data/{role}/{role}_{number}.png")
    return tmp_path / "data"


def answer(roles=None, **options):
    """What reading the data set answers to a mistake."""
    patterns = {role: [f"data/{role}/*"] for role in ROLES} | (roles or {})
    with pytest.raises(ImageError) as caught:
        read_images(list_files(patterns), patterns=patterns, **options)
    return str(caught.value)


def test_a_wrong_path(data):
    assert "used: no file matches data/usd/*.png; there is no folder data/usd" in answer({"used": ["data/usd/*.png"]})


def test_no_images(data):
    assert "generated: no file matches data/generated/*.dcm" in answer({"generated": ["data/generated/*.dcm"]})


def test_the_same_files_in_two_roles(data):
    assert "data/used/used_0.png: has several roles: not_used, used" in answer({"not_used": ["data/used/*"]})


def test_a_half_copied_folder(data):
    file = data / "used/used_1.png"
    file.write_bytes(file.read_bytes()[:-40])
    (data / "generated/generated_2.png").write_bytes(b"")
    text = answer()
    assert "data/used/used_1.png: " in text
    assert "data/generated/generated_2.png: the file is empty" in text
    assert text.endswith("or write `images.on_bad_image: skip` to go on without unreadable files.")


def test_what_is_no_image(data):
    (data / "used/notes.txt").write_bytes(b"no picture")
    assert "data/used/notes.txt: not a PNG, JPEG, TIFF or DICOM image" in answer()


def test_what_systems_leave_in_folders_is_no_mistake(data):
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store"):
        (data / "used" / name).write_bytes(b"no picture")
    files = list_files({role: [f"data/{role}/*"] for role in ROLES})
    assert len(read_images(files).table) == 9


def test_mixed_sizes(data):
    Image.fromarray(np.zeros((20, 24), np.uint8)).save(data / "used/odd.png")
    assert "odd.png: 24 x 20 pixels, while most images have 16 x 16: write `images.size` to resize them" in answer()


def test_the_same_name_in_two_folders(data):
    shutil.copy(data / "used/used_0.png", data / "not_used/used_0.png")
    assert 'has the id "used_0", and so has data/not_used/used_0.png; `images.identify: role-stem` puts' in answer()


def test_a_comma_in_a_name(data):
    shutil.copy(data / "used/used_0.png", data / "used/a,b.png")
    assert "data/used/a,b.png: the id a,b has , in it" in answer()


def test_blanks_and_letters_of_any_alphabet_are_no_mistake(data):
    shutil.move(data / "used", data / "benutzte Bilder ä")
    patterns = {role: [f"data/{role}/*"] for role in ROLES} | {"used": ["data/benutzte Bilder ä/*"]}
    assert len(read_images(list_files(patterns), patterns=patterns).images) == 9


def patients(data, text):
    (data / "patients.csv").write_text(text)
    return Annotation("data/patients.csv", "patient")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("image_id,name\nused_0,a\n", "data/patients.csv: no column patient; its header is: image_id, name"),
        ("image_id,patient\nnobody,a\n", 'data/patients.csv, line 2: no real image is "nobody"'),
        ("image_id,patient\nused_0,\n", 'data/patients.csv, line 2: "used_0" has no patient'),
        ("image_id,patient\nused_0,a\nused_0,b\n", 'line 3: "used_0" is "b" here and "a" further up'),
        ("image_id,patient\nused_0,a\n", "has no patient for not_used_0, not_used_1, not_used_2, used_1, used_2: add"),
        ("image_id;patient\nused_0;a\n", "has no patient for not_used_0, not_used_1, not_used_2, used_1, used_2: add"),
        ("image_id,patient\n", "data/patients.csv: has a header and no rows"),
    ],
    ids=["wrong column", "no such image", "no value", "two values", "not all images", "semicolons", "no rows"],
)
def test_a_csv_file_that_does_not_fit(data, text, words):
    assert words in answer(groups=patients(data, text))


def test_a_label_that_is_none(data):
    (data / "labels.csv").write_text("image_id,label\nused_0,yes\n")
    text = answer(
        {"unknown": ["data/used/*"], "used": ["data/not_used/*"]}, labels=Annotation("data/labels.csv", "label")
    )
    assert '"used_0" is "yes": write used or 1, not_used or 0' in text


@pytest.mark.parametrize(
    ("labels", "groups", "words"),
    [
        (["used"] * 4, "abcd", "4 used images of 4 patients and 0 not used images of 0 patients"),
        (["used", "used", "not_used", "not_used"], "aaaa", "2 used images of 1 patients and 2 not used images of 1"),
    ],
    ids=["one class", "one patient"],
)
def test_labels_that_leave_nothing_to_compare(labels, groups, words):
    with pytest.raises(ValueError, match=re.escape(words) + ".*Add labelled images of other patients"):
        folds(labels, list(groups), HALVES, seed=0)


SETTINGS = {
    "datasets": {"own": {"groups": {"file": "nowhere.csv", "value": "patient"}}},
    "encoders": {"net": {"pretrained": "w.pt"}},
}


def test_files_that_are_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError) as caught:
        check_places(SETTINGS, ["results/own"])
    advice = "write a path from the folder where snakemake is started"
    assert str(caught.value).splitlines() == [
        f"datasets.own.groups.file: there is no file nowhere.csv; {advice}",
        f"encoders.net.pretrained: there is no file w.pt; {advice}",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\xff", "no csv file in UTF-8: save it as text, in a spreadsheet as CSV UTF-8"),
        ("image_id,patient\nä,ö\n".encode("utf-16"), "no csv file in UTF-8: save it as text"),
        (b'image_id,patient\n"a,b\n', "no csv file: a quotation mark is not closed"),
        (b"", "no column image_id and no column patient; its header is: empty"),
        (b"<html><body>404</body></html>\n", "its header is: <html><body>404</body></html>"),
        (b"image_id,patient\n", "has a header and no rows"),
        (b"image_id;patient\r\na;b\r\n", ""),
    ],
    ids=["picture", "utf-16", "quote", "empty", "page", "no rows", "right"],
)
def test_groups_that_are_no_csv_file_are_refused_with_the_configuration(content, reason, tmp_path):
    file = tmp_path / "groups.csv"
    file.write_bytes(content)
    settings = {"datasets": {"own": {"groups": {"file": str(file), "value": "patient"}}}, "encoders": {}}
    if reason:
        with pytest.raises(ValueError, match="^" + re.escape(f"datasets.own.groups: {file}: ")) as caught:
            check_places(settings, [])
        assert reason in str(caught.value)
    else:
        check_places(settings, [])


def test_braces_in_the_path_of_a_file(tmp_path):
    file = tmp_path / "weights{1}.safetensors"
    file.touch()
    with pytest.raises(ValueError) as caught:
        check_places({"datasets": {}, "encoders": {"net": {"pretrained": str(file)}}}, [])
    told = str(caught.value)
    assert told == f"encoders.net.pretrained: {file} has a brace in its path; rename it, or the folder it is in"


def test_a_python_that_is_too_old(tmp_path):
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / "old"
    python.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "import sys; sys.version_info = (3, 9); exec(sys.argv[1])" "$2"\n'
    )
    python.chmod(0o755)
    done = subprocess.run(["make", f"PYTHON={python}"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode
    assert "genprint needs Python 3.11 or newer: make PYTHON=/path/to/python3.11" in done.stderr


@pytest.mark.parametrize("name", ["My Documents", "it's", "a$b", "c:d", "{e}"])
def test_a_folder_that_cannot_be_installed_in_is_said_before_anything_is_installed(tmp_path, name):
    (tmp_path / name).mkdir()
    for file in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / file, tmp_path / name)
    done = subprocess.run(["make", "install"], cwd=tmp_path / name, capture_output=True, text=True)
    assert done.returncode
    assert (
        f"Snakemake cannot start Python in {tmp_path / name}: move genprint to a folder whose path has no"
        in done.stderr
    )
    assert not (tmp_path / name / ".venv").exists()


def test_results_that_cannot_be_written(monkeypatch):
    monkeypatch.setattr("os.access", lambda folder, mode: folder != "/")
    with pytest.raises(ValueError, match=r"^/: cannot be written; change its permissions, or start snakemake in"):
        check_places({"datasets": {}, "encoders": {}}, ["/nowhere/results", "/nowhere/logs"])


def test_results_that_are_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").touch()
    with pytest.raises(ValueError, match=r"^results: is a file, and a folder of that name is needed; rename it$"):
        check_places({"datasets": {}, "encoders": {}}, ["results/own", "logs/own"])


def test_files_from_the_future_are_named_with_what_to_type(tmp_path):
    files = [str(tmp_path / f"a {number}.png") for number in range(3)]
    for file in files:
        Path(file).touch()
    check_dates([*files, str(tmp_path / "missing.png")])
    os.utime(files[1], (4e9, 4e9))
    with pytest.raises(ValueError, match=r"a 1\.png: dated in the future \(2096-.*check the clocks of the machines"):
        check_dates(files)
    os.utime(files[2], (4e9, 4e9))
    with pytest.raises(ValueError, match=r"a 1\.png, and 1 more files: dated in the future") as caught:
        check_dates(files)
    subprocess.run(str(caught.value).partition("and type: ")[2], shell=True, check=True)
    check_dates(files)


def test_a_gpu_that_is_not_there(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    images = np.zeros((1, 16, 16), np.uint8)
    with pytest.raises(ValueError, match="no CUDA device was found; write device: auto or cpu"):
        pairwise("cosine", images, images, device="cuda")


def test_weights_of_another_format(tmp_path):
    (tmp_path / "weights.pt").write_bytes(b"pickle")
    images = np.zeros((2, 64, 64), np.uint8)
    with pytest.raises(
        ValueError, match=r"weights\.pt is not a file of plain tensors; save a state dict with safetensors"
    ):
        train("resnet50", images, ["used", "not_used"], seed=0, device="cpu", pretrained=str(tmp_path / "weights.pt"))


def test_an_objective_without_its_images():
    images = np.zeros((2, 16, 16), np.uint8)
    with pytest.raises(ValueError, match="objective triplet has no generated images; add some"):
        train("cnn", images, ["used", "not_used"], seed=0, device="cpu", steps=6)
