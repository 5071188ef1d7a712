import numpy as np
import pytest

from genprint.submissions import PRESETS, RunFormat, check_run_file, run_file, run_format

IDS = ["real_unknown_2", "real_unknown_10", "real_unknown_3"]


@pytest.mark.parametrize(
    ("preset", "text"),
    [
        ("imageclef2023", "real_unknown_2,1\nreal_unknown_10,0\nreal_unknown_3,1\n"),
        ("imageclef2024", "real_unknown_2.png,1\nreal_unknown_10.png,0\nreal_unknown_3.png,1\n"),
        ("imageclef2025", "real_unknown_2.png,1\nreal_unknown_10.png,0\nreal_unknown_3.png,1\n"),
        (
            "original-image-label",
            "original_image,label\nreal_unknown_2.png,1\nreal_unknown_10.png,0\nreal_unknown_3.png,1\n",
        ),
    ],
)
def test_presets(preset, text):
    assert run_file(IDS, np.array([1.0, 0.0, 1.0]), PRESETS[preset]) == text


def test_every_part_of_a_format_can_be_changed():
    form = run_format("imageclef2023", header=True, columns=["image", "used"], decision_first=True, extension=None)
    assert form == RunFormat("", True, ["image", "used"], True)
    assert run_file(IDS[:1], [1], form) == "used,image\n1,real_unknown_2\n"
    with pytest.raises(ValueError, match="'imageclef2022' is not known; write one of: imageclef2023, "):
        run_format("imageclef2022")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("id,score\na,1\nb,0\n", "line 1: unknown image 'id'"),
        ("a.png,1\nb,0\n", "line 1: unknown image 'a.png'"),
        ("a,1.0\nb,0\n", "line 1: '1.0' instead of 0 or 1"),
        ("a,1\nb,0\n\n", "line 3: 0 columns instead of 2"),
        ("a,1\n\nb,0\n", "line 2: 0 columns instead of 2"),
        ("a,1\nc,0\nb,0\n", "line 2: unknown image 'c'"),
        ("a,1\nb,0\na,1\n", "line 3: 'a' is there already"),
        ("a,1\n", "'b' is missing"),
        ("a,1\nb,\n", "line 2: '' instead of 0 or 1"),
        ("a,1\nb,yes\n", "line 2: 'yes' instead of 0 or 1"),
        ("a;1\nb,0\n", "line 1: 1 columns instead of 2"),
        ("a,1,0\nb,0\n", "line 1: 3 columns instead of 2"),
        ("", "'a' is missing\n'b' is missing"),
    ],
)
def test_rules_of_the_official_validator(text, problem):
    with pytest.raises(ValueError) as caught:
        check_run_file(text, ["a", "b"], PRESETS["imageclef2023"])
    assert problem in str(caught.value)


def test_any_order_and_a_final_line_break_or_none_are_allowed():
    check_run_file("b,0\na,1\n", ["a", "b"], PRESETS["imageclef2023"])
    check_run_file("b,0\r\na,1", ["a", "b"], PRESETS["imageclef2023"])


def test_all_offenders_are_in_one_error():
    with pytest.raises(ValueError) as caught:
        check_run_file("a.png,1\nb,0.0\n\nb,1\n", ["a", "b"], PRESETS["imageclef2023"])
    assert str(caught.value).splitlines()[1:] == [
        "line 1: unknown image 'a.png'",
        "line 2: '0.0' instead of 0 or 1",
        "line 3: 0 columns instead of 2",
        "line 4: 'b' is there already",
        "'a' is missing",
    ]


def test_the_header_is_checked_where_there_is_one():
    with pytest.raises(ValueError, match="line 1: the header must be original_image,label"):
        check_run_file("a.png,1\n", ["a"], PRESETS["original-image-label"])


def test_undecided_images_are_not_guessed():
    with pytest.raises(ValueError, match="no decision for real_unknown_2, real_unknown_3; choose another"):
        run_file(IDS, [np.nan, 1, np.nan], PRESETS["imageclef2023"])


def test_ids_that_a_run_file_cannot_hold_are_refused():
    with pytest.raises(ValueError, match="3 columns instead of 2"):
        run_file(["a,b"], [1], PRESETS["imageclef2023"])
