import numpy as np
import pytest

from genprint.copies.recovery import spike_table
from genprint.copies.sentence import CANNOT_SAY, COPIES, NO_COPY, sentence

from .simulated import simulate, tables, with_copies


def test_copies_found():
    simulated = with_copies(simulate(1), [(8, 17, 0.95), (9, 18, 0.99)])
    verdict, text = sentence(tables(simulated, exact=([9], [30])).copies.iloc[0])
    assert verdict == COPIES
    assert text.startswith(
        "3 generated images of 60 are copies of 2 real images of 1 patient (1 has equal pixels; "
        "similarity 0.95 to 1.00; false discovery rate"
    )
    assert text.endswith("tables/release.csv says which must not leave, tables/exposed.csv whose they are.")


def test_one_exact_copy():
    _, text = sentence(tables(simulate(1), exact=([9], [30])).copies.iloc[0])
    assert text.startswith(
        "1 generated image of 60 is a copy of 1 real image of 1 patient (1 has equal pixels; similarity 1.00): "
    )


def test_no_copy_says_what_would_have_been_found():
    copies = tables(simulate(1)).copies.iloc[0]
    spikes = spike_table("set", ["shift", "blur"] * 20, [1] * 40, np.arange(40), np.arange(40) > 0)
    verdict, text = sentence(copies, spikes)
    assert verdict == NO_COPY
    assert "Of 40 perturbed copies (shift, blur), each alone among the generated images, 98 % [87, 100]" in text
    assert "was not measured" in sentence(copies)[1]
    assert "private" not in text


def test_cannot_say_says_how_many_patients_are_needed():
    simulated = simulate(1, patients=6)
    verdict, text = sentence(tables(simulated).copies.iloc[0])
    assert verdict == CANNOT_SAY
    assert "There are 3 patients not used or held out; at least 8 are needed: add images of 5 more." in text


def test_equal_pixels_are_copies_where_nothing_else_can_be_said():
    verdict, text = sentence(tables(simulate(1, patients=6), exact=([0], [0])).copies.iloc[0])
    assert verdict == COPIES and "Only equal pixels could be told from chance." in text


@pytest.mark.parametrize(
    ("column", "value", "remark"),
    [
        ("unused_images_copied", 2, "check their labels"),
        ("labels_swapped", True, "nearer to patients not used"),
        ("left_out", "p1, p2", "both there of p1, p2"),
        ("alike", "p1 and p2", "as alike as of one: p1 and p2. Are they one?"),
        ("alike", "; ".join(f"p{n} and q{n}" for n in range(7)), "p4 and q4 and 2 more. Are they one?"),
        ("patients_known", False, "grouped by likeness into 30"),
        ("chance", "real images", "asks for nearer copies"),
    ],
)
def test_remarks(column, value, remark):
    copies = tables(simulate(1)).copies.iloc[0].copy()
    assert remark not in sentence(copies)[1]
    copies[column] = value
    assert remark in sentence(copies)[1]
