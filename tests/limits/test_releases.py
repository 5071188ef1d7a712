"""What the search for copies says of trials: planted copies are withheld, and nothing else."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genprint.images.datasets import Side, content_hashes
from genprint.images.phantom import phantom
from genprint.limits.releases import row_of, searches, withheld_table


@pytest.fixture(scope="module")
def real():
    images, table = phantom(patients=24, slices=2, size=32, window_center=-600, window_width=1500, seed=1)
    number = table["group"].factorize()[0]
    table = table.assign(sha256=content_hashes(images), label=np.where(number % 2, "used", "not_used"))
    return Side(images, table)


def test_copies_of_used_images_are_withheld_and_counted(real):
    used = real.images[(real.table["label"] == "used").to_numpy()]
    fresh, _ = phantom(patients=12, slices=1, size=32, window_center=-600, window_width=1500, seed=77)
    release = np.concatenate([used[:3], fresh[:9]])
    copied = np.arange(len(release)) < 3
    sides = (Side(images, pd.DataFrame({"image_id": [str(n) for n in range(12)]})) for images in (release, fresh[:12]))
    first, none = searches(real, sides, nearest=3)
    row = row_of(first, copied)
    assert (row["n_mem"], row["n_copies"], row["copied"], row["copied_withheld"]) == (3, 3, 3, 3)
    assert row["unused_copied"] == 0 and row["q"] == 0
    is_used = (real.table["label"] == "used").to_numpy()
    assert (first.similarity[is_used][:3] == 1).all() and (first.similarity[~is_used] < 1).all()
    others = np.arange(len(release)) == 2  # if only one of the three were a copy, and another of the rest
    others[7] = True
    row = row_of(first, others)
    assert (row["copied"], row["copied_withheld"], row["n_copies"]) == (2, 1, 3)
    nothing = row_of(none, np.zeros(12, bool))
    assert nothing["n_mem"] == nothing["n_copies"] == 0 and nothing["q"] > 0.05


def rows(*counts):
    names = ("copied", "copied_withheld", "n_copies")
    fixed = {"ladder": "l", "level": 0.5, "generated": 20, "used": 10, "n_mem": 2}
    return pd.DataFrame([fixed | dict(zip(names, own, strict=True)) for own in counts])


def test_rates_are_those_computed_by_hand():
    table = withheld_table(rows((4, 4, 4), (4, 2, 6), (0, 0, 1))).iloc[0]
    # 4 of 4 and 2 of 4; the third release has no copy to find.
    assert table["sensitivity"] == pytest.approx(0.75)
    assert table["sensitivity_deviation"] == pytest.approx(np.std([1, 0.5], ddof=1))
    # 0 of 16, 4 of 16 and 1 of 20 other images are withheld.
    assert table["specificity"] == pytest.approx(np.mean([1, 0.75, 0.95]))
    assert table["specificity_low"] < table["specificity"] < table["specificity_high"] == 1
    assert (table["releases"], table["with_copies"]) == (3, 3) and table["n_mem"] == pytest.approx(0.2)


def test_where_nobody_knows_the_copies_there_are_no_rates():
    table = withheld_table(rows((None, None, 3), (None, None, 0))).iloc[0]
    assert np.isnan(table["sensitivity"]) and np.isnan(table["specificity"])
    assert table["with_copies"] == 1


@given(st.lists(st.tuples(st.integers(1, 10), st.integers(0, 10), st.integers(0, 10)), min_size=2, max_size=6))
def test_rates_stay_between_0_and_1(counts):
    table = withheld_table(
        rows(*((copied, min(copied, found), min(copied, found) + wrong) for copied, found, wrong in counts))
    )
    for name in ("sensitivity", "specificity"):
        row = table.iloc[0]
        assert 0 <= row[name] <= 1
        assert not row[f"{name}_low"] > row[name] + 1e-12 and not row[f"{name}_high"] < row[name] - 1e-12
