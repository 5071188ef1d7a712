import numpy as np

from genprint.figures.images import image_sheet, labelled_rows, side_by_side


def test_rows_by_label():
    images = np.zeros((3, 4, 4), np.uint8)
    labels = np.array(["used", "not_used", "used"], object)
    rows = labelled_rows(["a"], [images], [labels], [images[:1]])
    assert {name: len(shown) for name, shown in rows.items()} == {
        "a: used": 2,
        "a: not used": 1,
        "a: generated": 1,
    }
    assert [axis.get_title(loc="left") for axis in image_sheet(rows).axes] == list(rows)


def test_variants_alternate_between_real_and_generated():
    real, generated = np.zeros((9, 4, 4), np.uint8), np.ones((9, 4, 4), np.uint8)
    rows = side_by_side(["original", "dog"], [real, generated, real, generated])
    assert [len(shown) for shown in rows.values()] == [10, 10]
    assert rows["dog: real, then generated"].mean() == 0.5
