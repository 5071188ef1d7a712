import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from genprint.plan.run_files import RunFile, chosen
from genprint.plan.runs import Run
from genprint.tables.submissions import PRESETS, RunFormat, archive, check_run_file, run_file, run_format

IDS = ["real_unknown_2", "real_unknown_10", "real_unknown_3"]


@pytest.mark.parametrize(
    ("preset", "text"),
    [
        ("imageclef2023", "real_unknown_2,1\nreal_unknown_10,0\nreal_unknown_3,1\n"),
        ("imageclef2025", "real_unknown_2.png,1\nreal_unknown_10.png,0\nreal_unknown_3.png,1\n"),
        ("generic", "image_id,decision\nreal_unknown_2,1\nreal_unknown_10,0\nreal_unknown_3,1\n"),
    ],
)
def test_presets(preset, text):
    assert run_file(IDS, np.array([1.0, 0.0, 1.0]), PRESETS[preset]) == text


def test_every_part_of_a_format_can_be_changed():
    columns = ("image", "used")
    changes = {"header": True, "columns": columns, "decision_first": True, "separator": "tab", "extension": None}
    form = run_format("imageclef2023", **changes)
    assert form == RunFormat("", True, columns, True, "tab")
    assert run_file(IDS[:1], [1], form) == "used\timage\n1\treal_unknown_2\n"
    with pytest.raises(ValueError, match="'imageclef2022' is not known; write one of: imageclef2023, "):
        run_format("imageclef2022")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("id,score\na,1\nb,0\n", "line 1: is a header; remove it"),
        ("a.png,1\nb,0\n", "line 1: unknown image 'a.png'; write a"),
        ("a,1.0\nb,0\n", "line 1: '1.0' instead of 0 or 1"),
        ("a,1\nb, 0 0\n", "line 2: ' 0 0' instead of 0 or 1"),
        ("a,1\nb,0\n\n", "line 3: is blank; remove it"),
        ("a,1\n\nb,0\n", "line 2: is blank; remove it"),
        ("a,1\nc,0\nb,0\n", "line 2: unknown image 'c'"),
        ("a,1\nb,0\na,1\n", "line 3: 'a' is in line 1 already"),
        ("a,1\n", "'b' is missing\n1 lines for 2 images"),
        ("a,1\nb,\n", "line 2: '' instead of 0 or 1"),
        ("a,1\nb,yes\n", "line 2: 'yes' instead of 0 or 1"),
        ("a;1\nb,0\n", "line 1: 1 columns instead of 2, separated by a comma"),
        ("a,1,0\nb,0\n", "line 1: 3 columns instead of 2"),
        ('"a",1\nb,0\n', "line 1: unknown image '\"a\"'"),
        ("\ufeffa,1\nb,0\n", "line 1: begins with a byte order mark"),
        ("", "'a' is missing\n'b' is missing\n0 lines for 2 images"),
    ],
)
def test_each_rule_of_the_validator_names_the_line(text, problem):
    with pytest.raises(ValueError) as caught:
        check_run_file(text, ["a", "b"], PRESETS["imageclef2023"])
    assert problem in str(caught.value)


@pytest.mark.parametrize("text", ["b,0\na,1\n", "b,0\r\na,1\r\n", "a,1\nb,0", "a, 1\nb,0 \n"])
def test_any_order_and_line_end_are_allowed(text):
    assert check_run_file(text, ["a", "b"], PRESETS["imageclef2023"]) is None
    with pytest.raises(ValueError, match="2' instead of 0 or 1"):
        check_run_file(text.replace("1", "2"), ["a", "b"], PRESETS["imageclef2023"])


def test_all_offenders_are_in_one_error():
    with pytest.raises(ValueError) as caught:
        check_run_file("a.png,1\nb,0.0\n\nb,1\n", ["a", "b"], PRESETS["imageclef2023"])
    assert str(caught.value).splitlines()[1:] == [
        "line 1: unknown image 'a.png'; write a",
        "line 2: '0.0' instead of 0 or 1",
        "line 3: is blank; remove it",
        "line 4: 'b' is in line 2 already",
        "'a' is missing",
        "3 lines for 2 images",
    ]


@pytest.mark.parametrize("text", ["a,1\n", "", "id,score\na,1\n", "decision,image_id\na,1\n"])
def test_the_header_is_checked_where_there_is_one(text):
    with pytest.raises(ValueError, match="line 1: the header must be image_id,decision"):
        check_run_file(text, ["a"], PRESETS["generic"])


def test_undecided_images_are_not_guessed():
    with pytest.raises(ValueError, match="no decision for real_unknown_2, real_unknown_3; choose another"):
        run_file(IDS, [np.nan, 1, np.nan], PRESETS["imageclef2023"])
    many = [f"u{number}" for number in range(500)]
    with pytest.raises(ValueError, match="no decision for u0, u1, u2, u3, u4 and 495 more; choose another"):
        run_file(many, [np.nan] * 500, PRESETS["imageclef2023"])


def test_ids_that_a_run_file_cannot_hold_are_refused():
    with pytest.raises(ValueError, match="3 columns instead of 2"):
        run_file(["a,b"], [1], PRESETS["imageclef2023"])


RUNS = [
    Run("train", "original", "pixels", "ssim"),
    Run("test", "original", "pixels", "ssim"),
    Run("test", "original", "cnn", "cosine"),
]
EVERYTHING = dict.fromkeys(("datasets", "variants", "encoders", "similarities"), "all")
BLOCK = EVERYTHING | {"score_rules": None, "threshold_rules": None}


def settings(*blocks):
    return {
        "datasets": {"train": {"roles": {"used": [], "not_used": []}}, "test": {"roles": {"unknown": []}}},
        "tables": {"score_rule": "max", "threshold_rule": "best-f1"},
        "submissions": {"runs": list(blocks)},
    }


def test_every_run_on_unlabelled_images_is_written_by_default():
    assert chosen(settings(BLOCK), RUNS) == [RunFile(run, "max", "best-f1") for run in RUNS[1:]]


def test_blocks_choose_runs_and_rules_and_nothing_twice():
    rules = BLOCK | {"encoders": ["cnn"], "score_rules": ["max", "nndr"], "threshold_rules": ["otsu"]}
    files = chosen(settings(rules, rules | {"score_rules": ["nndr"]}), RUNS)
    assert files == [RunFile(RUNS[2], rule, "otsu") for rule in ("max", "nndr")]


def test_a_block_that_matches_no_run_is_a_mistake():
    with pytest.raises(ValueError, match=r"^submissions.runs\[1\]: matches no run on images of unknown label"):
        chosen(settings(BLOCK, BLOCK | {"datasets": ["train"]}), RUNS)


def test_without_unlabelled_images_there_are_no_run_files():
    assert chosen(settings(BLOCK), RUNS[:1]) == []


def test_an_archive_has_the_same_bytes_whatever_the_order():
    files = {"b.csv": b"2\n", "a.csv": b"1\n"}
    packed = archive(files)
    assert packed == archive(dict(reversed(files.items())))
    assert hashlib.sha256(packed).hexdigest()[:16] == "9b97c55e0ad2e5de"
    with zipfile.ZipFile(io.BytesIO(packed)) as content:
        assert {name: content.read(name) for name in content.namelist()} == files


def validate(file, images, *options):
    script = Path(__file__).resolve().parents[2] / "scripts/validate_run_file.py"
    command = [sys.executable, script, file, "--images", images, *options]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True)


def test_the_validator_works_alone(tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / "unknown" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "unknown" / name).touch()
    file = tmp_path / "run.csv"
    file.write_text("a.png,1\nb.png,0\n")
    assert "a decision for each of 2 images" in validate(file, tmp_path / "unknown").stdout
    done = validate(file, tmp_path / "unknown/*.png", "--preset", "imageclef2023")
    assert done.returncode == 1
    assert "line 2: unknown image 'b.png'; write b" in done.stderr
    (tmp_path / "unknown").rename(tmp_path / "[1] unknown")
    (tmp_path / "[1] unknown/Thumbs.db").touch()
    assert "a decision for each of 2 images" in validate(file, tmp_path / "[1] unknown").stdout
    file.write_bytes(b"a.png,1\nb.png\xff,0\n")
    assert "line 2: is no text in UTF-8; save the file as CSV UTF-8" in validate(file, tmp_path / "[1] unknown").stderr
    done = validate(file, tmp_path / "nowhere/*.png")
    assert done.returncode == 1
    assert "no file matches" in done.stderr and "Traceback" not in done.stderr
