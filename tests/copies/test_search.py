import numpy as np
import pytest

from genprint.copies.search import CANDIDATES, merge, search, search_block, search_patients
from genprint.images.perturbations import perturb

from .textures import textures

REAL, OTHERS = textures(20, seed=1), textures(30, seed=2)
PLANTED = {3: ("shift", 0.1), 7: ("rotation", 15.0), 11: ("scale", 0.85), 12: ("mirror", 5.0), 18: ("combined", 1.0)}


@pytest.fixture(scope="module")
def release():
    """Generated images of which the first are moved copies of some of REAL."""
    copies = [perturb(REAL[i], *how, 0) for i, how in PLANTED.items()]
    return np.concatenate([np.stack(copies), 255 - REAL[:1], REAL[5:6], OTHERS])


def assert_equal(found, expected):
    assert list(found) == list(expected)
    for name, column in expected.items():
        np.testing.assert_array_equal(found[name], column, strict=True)


def test_planted_copies_are_above_all_else(release):
    found = search(REAL, release, nearest=3)
    sources = [*PLANTED, 0, 5]
    true = np.isin(found["right"], range(len(sources)))
    true[true] = found["left"][true] == np.array(sources)[found["right"][true]]
    assert np.count_nonzero(true) == len(sources)
    assert found["similarity"][true].min() > found["similarity"][~true].max() + 0.1
    inverted = found["right"][true & found["inverted"]]
    np.testing.assert_array_equal(inverted, [len(PLANTED)])
    assert found["similarity"][true].max() == 1


def test_every_image_of_either_side_has_its_candidates(release):
    found = search(REAL, release, nearest=2)
    assert np.bincount(found["left"], minlength=len(REAL)).min() >= 2
    assert np.bincount(found["right"], minlength=len(release)).min() >= 2
    pairs = np.stack([found["left"], found["right"]], axis=1)
    np.testing.assert_array_equal(pairs, np.unique(pairs, axis=0))


def test_threads_do_not_show(release):
    assert_equal(search(REAL, release, nearest=2, threads=3), search(REAL, release, nearest=2))


def test_blocks_merge_into_the_whole(release):
    blocks = []
    for rows in (slice(0, 8), slice(8, 20)):
        for columns in (slice(0, 30), slice(30, len(release))):
            block = search(REAL[rows], release[columns], nearest=2)
            blocks.append(block | {"left": block["left"] + rows.start, "right": block["right"] + columns.start})
    assert_equal(merge(blocks, nearest=2), search(REAL, release, nearest=2))


@pytest.mark.parametrize("in_place", [None, 0.1])
def test_blocks_of_a_symmetric_pairing_merge_into_the_whole(in_place):
    patients = np.repeat(np.arange(10), 2)
    blocks = [
        search_block(
            REAL,
            REAL,
            slice(*rows),
            slice(*columns),
            patients=(patients, patients),
            nearest=2,
            same=True,
            in_place=in_place,
        )
        for rows, columns in [((0, 8), (0, 8)), ((0, 8), (8, 20)), ((8, 20), (8, 20)), ((8, 20), (20, 28))]
    ]
    of = None if in_place else (patients, patients)
    whole = search(REAL, REAL, nearest=2, upper=True, patients=of, in_place=in_place)
    merged = merge(blocks, nearest=2)
    for name, column in whole.items():
        np.testing.assert_array_equal(merged[name], column)
    assert len(blocks[-1]) == 0 and list(blocks[-1]) == CANDIDATES.names


def test_a_search_of_patients_is_the_same_in_blocks_of_any_size():
    patients = np.repeat(np.arange(5), 4)
    whole = search(REAL, REAL, nearest=2, upper=True, patients=(patients, patients))
    for block in (7, 64):
        merged = search_patients(REAL, patients, nearest=2, block=block)
        for name, column in whole.items():
            np.testing.assert_array_equal(merged[name], column)
    apart = np.concatenate([whole["left"][whole["apart"]], whole["right"][whole["apart"]]])
    assert np.bincount(apart).min() >= 2


def test_order_does_not_show_in_a_pair(release):
    found, turned = search(REAL, release, nearest=3), search(REAL[::-1], release[::-1], nearest=3)
    left, right = len(REAL) - 1 - turned["left"], len(release) - 1 - turned["right"]
    order = np.lexsort((right, left))
    assert_equal({name: column[order] for name, column in (turned | {"left": left, "right": right}).items()}, found)


def test_images_of_one_value_are_no_copies(release):
    flat = np.stack([np.full(REAL.shape[1:], value, np.uint8) for value in (0, 90)])
    found = search(np.concatenate([flat[:1], REAL[:2]]), np.concatenate([flat[1:], release[:2]]), nearest=9)
    flats = (found["left"] == 0) | (found["right"] == 0)
    assert np.count_nonzero(flats) == 5
    assert (found["similarity"][flats] == 0).all() and np.isnan(found["scale"][flats]).all()
    assert not found["mirrored"][flats].any() and not found["inverted"][flats].any()


def test_one_image_on_either_side():
    found = search(REAL[:1], REAL[:1], nearest=5)
    assert found["similarity"].tolist() == [1] and found["scale"].tolist() == [1]


def test_copies_of_ct_slices(ct_slices):
    real, copies = ct_slices[:12], np.stack([perturb(image, "combined", 1.0, 0) for image in ct_slices[:12]])
    found = search(real, np.concatenate([copies, ct_slices[12:]]), nearest=1)
    best = {pair[1]: pair[0] for pair in zip(found["left"], found["right"], strict=True) if pair[1] < 12}
    assert sum(best[i] == i for i in range(12)) >= 11
