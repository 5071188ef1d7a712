import os
import socket
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genprint.images.folder import (
    Annotation,
    ImageError,
    ImageFile,
    annotate,
    list_files,
    list_images,
    natural_order,
    no_files,
    other_case,
)
from genprint.images.folder import read_annotation as read

IMAGES = [
    ImageFile("a", "used", "data/used/a.png"),
    ImageFile("b", "not_used", "data/not_used/b.png"),
    ImageFile("c", "unknown", "data/unknown/c.png"),
    ImageFile("d", "unknown", "data/unknown/d.png"),
    ImageFile("g", "generated", "data/generated/g.png"),
]


@pytest.fixture
def table(tmp_path):
    """Writes the text of a csv file, returns its path."""

    def write(text, encoding="utf-8"):
        path = tmp_path / "table.csv"
        path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
        return str(path)

    return write


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def reasons(faults):
    return [fault.reason for fault in faults]


def test_listing_is_natural_and_has_every_file_once(tmp_path):
    touch(tmp_path, "g/generated_10.png", "g/generated_2.png", "g/deep/generated_3.png", "g/notes.txt")
    files = list_files({"generated": ["g/*.png", "g/**/*.png"], "used": ["u/*"]}, tmp_path)
    names = ["deep/generated_3.png", "generated_2.png", "generated_10.png"]
    assert files["generated"] == [f"{tmp_path}/g/{name}" for name in names]
    assert files["used"] == []


def test_what_is_no_file_is_named_and_never_listed(tmp_path):
    (tmp_path / "a.png").symlink_to(tmp_path / "gone.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "b.png")
    os.mkfifo(tmp_path / "c.png")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "d.png"))
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "e.png").touch()
    patterns = {"used": ["*.png"]}
    assert list_files(patterns, tmp_path) == {"used": [f"{tmp_path}/e.png"]}
    faults = no_files(patterns, tmp_path)
    assert [Path(fault.where).name for fault in faults] == ["a.png", "b.png", "c.png", "d.png"]
    assert reasons(faults) == [
        f"a broken link to {tmp_path}/gone.png",
        f"a broken link to {tmp_path}/b.png",
        "is a pipe",
        "is a socket",
    ]


def test_a_circle_of_links_lists_every_file_once(tmp_path):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/x.png").touch()
    (tmp_path / "a/b/round").symlink_to(tmp_path / "a")
    assert list_files({"used": ["a/**/*.png"]}, tmp_path)["used"] == [f"{tmp_path}/a/b/x.png"]


def test_a_file_of_two_roles_is_one_file_whatever_links_lead_to_it(tmp_path):
    (tmp_path / "used").mkdir()
    (tmp_path / "used/x.png").touch()
    (tmp_path / "others").mkdir()
    (tmp_path / "others/y.png").symlink_to(tmp_path / "used/x.png")
    files = list_files({"used": ["used/*"], "not_used": ["others/*"]}, tmp_path)
    _, faults = list_images(files)
    assert reasons(faults) == ["has several roles: used, not_used"]


@pytest.mark.parametrize(("pattern", "other"), [("*.png", "X.PNG"), ("*.DCM", "x.dcm"), ("sub/*.tif", "sub/a.Tif")])
def test_a_pattern_that_leaves_out_another_case_of_its_extension_says_so(tmp_path, pattern, other):
    (tmp_path / "sub").mkdir()
    (tmp_path / other).touch()
    (fault,) = other_case({"used": [pattern]}, tmp_path)
    assert f"{pattern} leaves out {tmp_path}/{other}: add" in fault.reason
    both = {"used": [pattern, pattern.rpartition(".")[0] + Path(other).suffix]}
    assert other_case(both, tmp_path) == [] == other_case({"used": ["**/*"]}, tmp_path)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("1.2.840.1.K.4", "1.2.840.1.K.4"),
        ("1.2.840.1.K.4.dcm", "1.2.840.1.K.4"),
        ("scan.JPG", "scan"),
        ("slice.001", "slice.001"),
        ("cafe\u0301.png", "caf\u00e9"),
    ],
)
def test_only_a_known_extension_is_cut_and_accents_are_composed(file, name):
    assert list_images({"used": [file]})[0][0].image_id == name


@pytest.mark.parametrize(
    ("identify", "ids"),
    [
        ("path", ["patient1_slice_001", "patient2_slice_001"]),
        ("role-path", ["used-patient1_slice_001", "used-patient2_slice_001"]),
    ],
)
def test_an_id_from_the_path_below_the_fixed_part(identify, ids):
    files = {"used": ["data/used/patient1/slice_001.png", "data/used/patient2/slice_001.png"]}
    images, faults = list_images(files, identify=identify, patterns={"used": ["data/used/*/*"]})
    assert [image.image_id for image in images] == ids and not faults
    _, faults = list_images(files, patterns={"used": ["data/used/*/*"]})
    assert all("`images.identify: path` puts the folders before the name" in reason for reason in reasons(faults))


def test_a_folder_or_a_bracket_in_place_of_a_pattern_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data[1]/used").mkdir(parents=True)
    (tmp_path / "data[1]/used/x.png").touch()
    for pattern, hint in (
        ("data[1]/used/*", "brackets are a pattern: write data[[]1]/used/*"),
        ("data[[]1]/used", None),
        ("gone/*", "there is no folder gone"),
    ):
        _, faults = list_images({"used": []}, patterns={"used": [pattern]})
        assert hint is None or hint in faults[0].reason
    (tmp_path / "data").mkdir()
    _, faults = list_images({"used": []}, patterns={"used": ["data"]})
    assert "data is a folder: write data/*" in faults[0].reason
    assert list_files({"used": ["data[[]1]/used/*"]})["used"] == ["data[1]/used/x.png"]


def test_folders_are_no_files_and_patterns_may_be_absolute(tmp_path):
    touch(tmp_path, "g/a.png", "g/deep/b.png")
    assert list_files({"generated": [f"{tmp_path}/g/*"]}, "elsewhere")["generated"] == [f"{tmp_path}/g/a.png"]


def test_listing_imports_nothing_heavy():
    code = (
        "import sys, genprint.images.folder; print([m for m in ('numpy', 'cv2', 'PIL', 'pandas') if m in sys.modules])"
    )
    scripts = Path(__file__).resolve().parents[2] / "scripts"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=scripts, text=True).strip() == "[]"


@given(st.lists(st.text("01a_", min_size=1), unique=True), st.randoms())
def test_natural_order_does_not_depend_on_the_order_of_the_input(names, random):
    shuffled = random.sample(names, len(names))
    assert sorted(names, key=natural_order) == sorted(shuffled, key=natural_order)


def test_images_are_in_natural_order_of_id_and_generated_ones_last():
    images, faults = list_images({"generated": ["g/1.png"], "used": ["u/r10.png"], "not_used": ["n/r9.png"]})
    assert [image.image_id for image in images] == ["r9", "r10", "1"]
    assert not faults


def test_an_id_used_twice_names_every_file():
    files = {"used": ["u/1.png", "u/1.jpg"], "not_used": ["n/1.png"], "generated": ["g/1.png"]}
    _, faults = list_images(files)
    assert {fault.where for fault in faults} == {"u/1.png", "u/1.jpg", "n/1.png"}
    assert all('has the id "1"' in reason for reason in reasons(faults))
    assert {"rename one of them", "role-stem"} == {
        word for word in ("rename one of them", "role-stem") for reason in reasons(faults) if word in reason
    }


def test_a_role_before_the_name_tells_images_apart():
    images, faults = list_images({"used": ["u/1.png"], "not_used": ["n/1.png"]}, identify="role-stem")
    assert [image.image_id for image in images] == ["not_used-1", "used-1"]
    assert not faults
    with pytest.raises(ValueError, match='identify is "folder": write one of stem, role-stem, path, role-path'):
        list_images({}, identify="folder")


@pytest.mark.parametrize("identify", ["stem", "role-stem"])
def test_a_file_with_two_roles_is_a_fault(identify):
    _, faults = list_images({"used": ["x/1.png"], "not_used": ["./x/1.png"]}, identify=identify)
    assert reasons(faults) == ["has several roles: not_used, used"]


def test_copies_as_generated_images_are_no_fault():
    assert list_images({"used": ["u/1.png"], "generated": ["u/1.png"]})[1] == []


def test_an_empty_role_names_its_patterns():
    _, faults = list_images({"used": [], "generated": []}, patterns={"used": ["u/*.png", "v/*.png"]})
    assert [tuple(fault) for fault in faults] == [
        ("used", "no file matches u/*.png, v/*.png; there is no folder u; there is no folder v"),
        ("generated", "no file matches its patterns"),
    ]


@pytest.mark.parametrize(
    "name", ["-rf", "a\nb", "a\tb", ".hidden", "=1+1", "a,b", 'a"b', "a;b", "a\\b", " a", "a ", "a\udcff"]
)
def test_odd_ids_are_faults(name):
    _, faults = list_images({"used": [f"u/{name}.png"]})
    assert len(faults) == 1


@pytest.mark.parametrize("name", ["generated_1", "lidc__LIDC-IDRI-0001_000001", "1.3.6.1.4", "Ärzte 3 (2)"])
def test_usual_ids_are_none(name):
    assert list_images({"used": [f"u/{name}.png"]})[1] == []


def test_the_error_shows_every_fault_on_one_line_and_what_to_do():
    _, faults = list_images({"used": ["u/a\nb.png"], "generated": []})
    lines = str(ImageError(faults, "Do this.")).splitlines()
    assert lines[0] == "The images cannot be used, for 2 reasons:"
    assert lines[1].startswith("  'u/a\\nb.png': ")
    assert lines[2:] == ["  generated: no file matches its patterns", "Do this."]


def test_labels_of_unknown_images_and_groups(table):
    labels = Annotation(table("name;image_id,label,x\n".replace(";", ",") + "n,c,1,\nn,d,not_used,\n"), "label")
    columns, faults = annotate(IMAGES, labels=labels)
    assert not faults
    assert columns["label"] == ["used", "not_used", "used", "not_used", "generated"]
    assert columns["group"] == ["a", "b", "c", "d", None]


def test_groups_by_file_are_relative_to_the_csv_file(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("file,patient\nimages/a.png,p1\n./images/../images/b.png,p1\n")
    images = [ImageFile(name, "real", str(tmp_path / f"images/{name}.png")) for name in "abc"]
    columns, faults = annotate(images[:2], groups=Annotation(str(path), "patient", "file", "file"))
    assert columns["group"] == ["p1", "p1"]
    assert not faults
    _, faults = annotate(images, groups=Annotation(str(path), "patient", "file", "file"))
    assert reasons(faults) == ["has no patient for c: add lines, with the id itself for a lone image"]


def test_every_wrong_line_is_a_fault_with_its_number(table):
    text = "image_id,label\nc,used\nz,used\n../c,used\nd,\ng,used\nc,not_used\n,used\n"
    values, faults = read(Annotation(table(text), "label"), IMAGES)
    assert values == {"c": "used"}
    assert [fault.where.rsplit(", ")[-1] for fault in faults] == [f"line {number}" for number in (3, 4, 5, 6, 7, 8)]
    assert reasons(faults) == [
        'no real image is "z"',
        "the id ../c has / in it",
        '"d" has no label',
        'no real image is "g"',
        '"c" is "not_used" here and "used" further up',
        "an empty id",
    ]


def test_labels_that_are_none_or_contradict_the_folder(table):
    _, faults = annotate(IMAGES, labels=Annotation(table("image_id,label\nc,maybe\na,0\nb,0\n"), "label"))
    assert reasons(faults) == ['"a" is "0", but its role is used', '"c" is "maybe": write used or 1, not_used or 0']


def test_faults_of_both_csv_files_come_together(table):
    missing = Annotation("nowhere.csv", "label")
    _, faults = annotate(IMAGES, labels=missing, groups=Annotation(table("id,patient\na,1\n"), "patient"))
    assert faults[0].where == "nowhere.csv" and "cannot be read: No such file" in faults[0].reason
    assert faults[1].reason == "no column image_id; its header is: id, patient"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'image_id,label\n"c', b"image_id\xe9,label\n"])
def test_no_csv_file_is_one_fault(table, content):
    values, faults = read(Annotation(table(content), "label"), IMAGES)
    assert values == {} and len(faults) == 1


@pytest.mark.parametrize("key", ["\0", "a\0.png", "x" * 5000, "../../../etc/passwd"])
def test_hostile_paths_in_a_csv_file_are_faults(table, key):
    _, faults = read(Annotation(table(f"file,label\n{key},used\n"), "label", "file", "file"), IMAGES)
    assert len(faults) == 1


def test_a_byte_order_mark_and_carriage_returns_do_no_harm(table):
    values, faults = read(Annotation(table("image_id,label\r\nc,used\r\n", "utf-8-sig"), "label"), IMAGES)
    assert values == {"c": "used"} and not faults


@pytest.mark.parametrize("text", ["image_id;group\r\na;p1\r\nb;p2\r\n", "\ufeffimage_id\tgroup\na\tp1\nb\tp2\n"])
def test_csv_files_of_other_countries_are_read(table, text):
    assert read(Annotation(table(text), "group"), IMAGES) == ({"a": "p1", "b": "p2"}, [])


def test_a_csv_file_without_rows_names_every_image(table):
    _, faults = annotate(IMAGES, groups=Annotation(table("image_id,group\n"), "group"))
    assert reasons(faults) == ["has a header and no rows"]


@pytest.mark.parametrize("nothing", ["nan", "NaN", "NA", "#N/A", "null", "None", " "])
def test_what_stands_for_no_value_is_none(table, nothing):
    values, faults = read(Annotation(table(f"image_id,group\na,{nothing}\nb,Nanna\n"), "group"), IMAGES)
    assert values == {"b": "Nanna"} and len(faults) == 1 and '"a" has no group' in faults[0].reason


def test_accents_are_the_same_however_they_are_written(table):
    images = [ImageFile("caf\u00e9", "used", "x.png")]
    decomposed = unicodedata.normalize("NFD", "caf\u00e9")
    assert read(Annotation(table(f"image_id,group\n{decomposed},p\n"), "group"), images) == ({"caf\u00e9": "p"}, [])


def test_a_csv_file_may_name_files_by_another_way_to_them(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.png").touch()
    (tmp_path / "raw").symlink_to(tmp_path / "data")
    (tmp_path / "t.csv").write_text("path,group\nraw/a.png,p\n")
    images = [ImageFile("a", "used", str(tmp_path / "data/a.png"))]
    annotation = Annotation(str(tmp_path / "t.csv"), "group", "path", "file")
    assert read(annotation, images) == ({"a": "p"}, [])
