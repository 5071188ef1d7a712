import numpy as np
import pandas as pd
import pytest

from genprint.copies.alignment import describe
from genprint.copies.overlay import moved, registered_pairs
from genprint.copies.search import search

from .textures import textures

IMAGE = textures(1, seed=7)[0]

ROW = {
    "dataset": "d",
    "image_id": "g",
    "name": "r",
    "inverted": False,
    "shift_x": 0.0,
    "shift_y": 0.0,
    "angle": 0.0,
    "scale": 1.0,
    "mirrored": False,
}


def copied(*rows):
    return pd.DataFrame([ROW | row for row in rows])


@pytest.mark.parametrize("mirrored", [False, True])
def test_what_the_search_describes_is_where_the_image_is_moved(mirrored):
    generated, _ = moved(IMAGE, shift=(0.06, -0.04), angle=8, scale=1.1, mirrored=mirrored)
    pair = search(IMAGE[None], generated[None], nearest=1)
    assert pair["similarity"][0] > 0.9 and pair["mirrored"][0] == mirrored
    move = {name: float(pair[name][0]) for name in ("angle", "scale")}
    shift = float(pair["shift_x"][0]), float(pair["shift_y"][0])
    again, covered = moved(IMAGE, shift=shift, mirrored=bool(pair["mirrored"][0]), **move)
    assert np.abs(again.astype(int) - generated)[covered].mean() < 4
    assert np.abs(IMAGE.astype(int) - generated)[covered].mean() > 12


def test_a_quarter_turn_is_anticlockwise_and_a_shift_is_to_the_right_and_down():
    image = np.zeros((5, 5), np.uint8)
    image[2, 4] = 255
    turned, _ = moved(image, shift=(0, 0), angle=90, scale=1, mirrored=False)
    assert np.argwhere(turned == 255).tolist() == [[0, 2]]
    shifted, covered = moved(image, shift=(-0.2, 0.4), angle=0, scale=1, mirrored=False)
    assert np.argwhere(shifted == 255).tolist() == [[4, 3]]
    assert not covered[:2].any() and not covered[:, 4].any() and covered[2:, :4].all()
    assert describe(np.array([[1.0, 0, 0.2], [0, 1, -0.4]]))["shift_y"] == pytest.approx(0.4)


def test_of_each_real_image_the_nearest_copy_is_taken_the_least_alike_first():
    real, generated = (np.arange(count, dtype=np.uint8)[:, None, None] + np.zeros((8, 8), np.uint8) for count in (3, 5))
    rows = [(0, 0, 0.9), (1, 0, 0.95), (2, 1, 0.8), (3, 2, 0.99), (4, 2, 0.99)]
    table = copied(*({"position": g, "real_position": r, "similarity": s} for g, r, s in rows))
    pairs = registered_pairs(table, real, generated, most=2)
    assert [(pair.generated[0, 0], pair.real[0, 0]) for pair in pairs] == [(2, 1), (1, 0)]
    assert [(pair.generated[0, 0]) for pair in registered_pairs(table, real, generated, most=9)] == [2, 1, 3]
    assert registered_pairs(table.iloc[:0], real, generated, most=2) == []


def test_an_inverted_copy_is_laid_over_the_inverted_image():
    row = {"position": 0, "real_position": 0, "similarity": 1.0, "inverted": True}
    (pair,) = registered_pairs(copied(row), IMAGE[None], 255 - IMAGE[None], most=1)
    assert np.array_equal(pair.registered, pair.generated) and np.array_equal(pair.real, IMAGE)
