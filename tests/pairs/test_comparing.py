import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genprint.images.parts import ANY
from genprint.pairs.comparing import (
    Compared,
    compare,
    compare_listed,
    compare_listed_sides,
    compare_sides,
    fingerprint,
    kept,
    known,
)

matrices = st.integers(1, 7).flatmap(
    lambda n: st.lists(st.floats(-1, 1, width=32), min_size=n * n, max_size=n * n).map(
        lambda values: np.array(values, np.float32).reshape(n, n)
    )
)


def test_all_pairs_in_row_major_order():
    rows, columns = kept(np.zeros((2, 3), np.float32), upper=False, top=None)
    assert rows.tolist() == [0, 0, 0, 1, 1, 1]
    assert columns.tolist() == [0, 1, 2, 0, 1, 2]


def test_upper_triangle_without_the_diagonal():
    rows, columns = kept(np.zeros((3, 3), np.float32), upper=True, top=None)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2)]


@given(matrices, st.integers(1, 8), st.booleans())
def test_top_keeps_the_nearest_of_every_image(matrix, top, upper):
    if upper:
        matrix = np.triu(matrix, 1) + np.triu(matrix, 1).T
    stored = np.full(matrix.shape, np.nan, np.float32)
    positions = kept(matrix, upper=upper, top=top)
    stored[positions] = matrix[positions]
    if upper:
        stored[positions[1], positions[0]] = matrix[positions]
        np.fill_diagonal(matrix, np.nan)
    for whole, part in ((matrix, stored), (matrix.T, stored.T)):
        for row, found in zip(whole, part, strict=True):
            row, found = row[~np.isnan(row)], found[~np.isnan(found)]
            nearest = np.sort(row)[::-1][:top]
            assert np.array_equal(np.sort(found)[::-1][: len(nearest)], nearest)


def test_a_block_behind_skipped_images_is_empty():
    images = np.zeros((2, 8, 8), np.uint8)
    assert compare("cosine", images[:0], images, constants={}, threads=1, device="cpu").shape == (
        0,
        2,
    )


def test_constants_reach_only_the_similarities_that_name_them():
    features = np.array([[0.2, 0.8], [0.6, 0.1]], np.float32)
    constants = {"threshold": np.array([0.5, 0.5], np.float32), "data_range": 1.0}
    jaccard = compare("jaccard", features, features, constants=constants, threads=1, device="cpu")
    assert jaccard.tolist() == [[1, 0], [0, 1]]
    assert compare(
        "cosine", features, features, constants=constants, threads=1, device="cpu"
    ).diagonal() == pytest.approx(1)


@pytest.mark.parametrize("method", ["ssim", "cosine"])
def test_listed_pairs_have_the_values_of_all_pairs(method):
    images = np.random.default_rng(0).integers(0, 256, (2, 12, 16, 16), np.uint8)
    positions = np.array([0, 0, 0, 2, 11]), np.array([3, 0, 11, 5, 1])
    surroundings = {"constants": {}, "threads": 1, "device": "cpu"}
    listed = compare_listed(method, *images, positions, **surroundings)
    assert np.array_equal(listed, compare(method, *images, **surroundings)[positions])


def test_nothing_listed_is_nothing_compared():
    images, nothing = np.zeros((2, 8, 8), np.uint8), np.empty(0, np.intp)
    listed = compare_listed("ssim", images, images, (nothing, nothing), constants={}, threads=1, device="cpu")
    assert listed.shape == (0,)


@given(matrices, st.integers(1, 8), st.booleans())
def test_a_shortlist_is_the_same_whether_all_pairs_are_known_or_the_nearest(matrix, nearest, upper):
    if upper:
        matrix = np.triu(matrix, 1) + np.triu(matrix, 1).T
    expected = kept(matrix, upper=upper, top=nearest)
    for top in (None, nearest + 1):
        positions = kept(matrix, upper=upper, top=top)
        stored = np.full(matrix.shape, np.nan, np.float32)
        stored[positions] = matrix[positions]
        if upper:
            stored[positions[1], positions[0]] = matrix[positions]
        found = known(stored, upper=upper, top=nearest)
        assert [part.tolist() for part in found] == [part.tolist() for part in expected]


def test_a_shortlist_has_no_pair_that_is_not_known():
    stored = np.array([[np.nan, 0.5, np.nan], [0.2, np.nan, 0.4]], np.float32)
    rows, columns = known(stored, upper=False, top=3)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 1), (1, 0), (1, 2)]


def test_a_fingerprint_changes_with_all_that_a_block_depends_on():
    images, nobody = np.arange(32, dtype=np.uint8).reshape(2, 4, 2, 2), np.full(4, ANY)
    left, right = Compared(images[0], nobody, list("abcd")), Compared(images[1], nobody, list("efgh"))
    given = dict(left=left, right=right, top=3, threshold=np.ones(2))
    changes = [
        {"left": left._replace(values=images[1])},
        {"left": left._replace(models=np.array([0, 0, 0, 1]))},
        {"right": right._replace(values=images[1].astype(np.float32))},
        {"right": right._replace(values=images[1].reshape(4, 4))},
        {"right": right._replace(ids=list("efgx"))},
        {"left": left._replace(ids=list("abcde")), "right": right._replace(ids=list("fgh"))},
        {"top": None},
        {"threshold": np.zeros(2)},
    ]
    prints = {fingerprint(**given | change) for change in [{}, *changes]}
    assert len(prints) == 1 + len(changes)
    assert fingerprint(**given) in prints


def test_features_are_compared_by_the_encoder_that_judges_both():
    """Two encoders, of which the second sees every vector scaled; the free image is seen as the other one is."""
    random = np.random.default_rng(0)
    features = random.random((5, 3)).astype(np.float32)
    left = Compared(np.stack([features, 10 * features]), np.array([0, 0, 1, 1, ANY]), list("abcde"))
    right = Compared(left.values[:, :2] + 1, np.full(2, ANY), list("fg"))
    constants = {"threshold": np.array([[0.5] * 3, [5.0] * 3], np.float32), "data_range": np.array([1.0, 10.0])}
    options = {"constants": constants, "threads": 1, "device": "cpu"}
    among = compare_sides("euclidean", left, left, **options)
    assert np.isnan(among[:2, 2:4]).all() and np.isnan(among[2:4, :2]).all()
    assert np.isfinite(among[4]).all() and np.isfinite(among[:, 4]).all()
    alone = {"constants": {}, "threads": 1, "device": "cpu"}
    first, second = (compare("euclidean", values, values, **alone) for values in left.values)
    np.testing.assert_array_equal(among[np.ix_([0, 1, 4], [0, 1, 4])], first[np.ix_([0, 1, 4], [0, 1, 4])])
    np.testing.assert_array_equal(among[2:4, 2:], second[2:4, 2:])
    to_generated = compare_sides("euclidean", left, right, **options)
    for row, model in enumerate([0, 0, 1, 1, 0]):
        one = compare("euclidean", left.values[model], right.values[model], **alone)
        np.testing.assert_array_equal(to_generated[row], one[row])
    # Each encoder has its own constants, and listed pairs have the values of all pairs.
    whole = compare_sides("jaccard", left, left, **options)
    positions = np.nonzero(~np.isnan(whole))
    np.testing.assert_array_equal(compare_listed_sides("jaccard", left, left, positions, **options), whole[positions])


def test_images_are_the_same_to_every_encoder():
    images = np.random.default_rng(1).integers(0, 256, (4, 8, 8), np.uint8)
    table = pd.DataFrame({"image_id": list("abcd"), "label": "used", "split": ["fold-1", "fold-2"] * 2})
    side = Compared.of(images, table, slice(1, 4))
    assert side.ids == ["b", "c", "d"] and (side.models == ANY).all()
    options = {"constants": {}, "threads": 1, "device": "cpu"}
    whole = compare_sides("ssim", side, side, **options)
    np.testing.assert_array_equal(whole, compare("ssim", images[1:], images[1:], **options))
    features = Compared.of(np.zeros((2, 4, 3), np.float32), table, slice(1, 4))
    assert features.models.tolist() == [1, 0, 1] and features.values.shape == (2, 3, 3)
