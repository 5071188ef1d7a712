import subprocess
import sys
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


def test_a_broken_link_is_listed(tmp_path):
    (tmp_path / "a.png").symlink_to(tmp_path / "gone.png")
    assert list_files({"used": ["*.png"]}, tmp_path)["used"] == [f"{tmp_path}/a.png"]


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
    assert all('has the id "1"' in reason and "role-stem" in reason for reason in reasons(faults))


def test_a_role_before_the_name_tells_images_apart():
    images, faults = list_images({"used": ["u/1.png"], "not_used": ["n/1.png"]}, identify="role-stem")
    assert [image.image_id for image in images] == ["not_used-1", "used-1"]
    assert not faults
    with pytest.raises(ValueError, match='identify is "path": write "stem" or "role-stem"'):
        list_images({}, identify="path")


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
    assert faults[0].where == "nowhere.csv" and "not a readable csv file" in faults[0].reason
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
