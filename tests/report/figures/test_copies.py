import numpy as np
import pandas as pd
import pytest

from genprint.copies.overlay import CopiedPair
from genprint.report.figures.copies import copied_figure, copies_figure, spikes_figure


def nearest(similarities, *, flagged=(), dataset="d"):
    """For each label the similarity of every generated image to the nearest image of it."""
    parts = [
        pd.DataFrame(
            {
                "dataset": dataset,
                "image_id": [f"g{place}" for place in range(len(values))],
                "label": label,
                "similarity": values,
                "flagged": np.isin(np.arange(len(values)), flagged),
            }
        )
        for label, values in similarities.items()
    ]
    return pd.concat(parts, ignore_index=True)


def test_every_similarity_is_counted_and_every_copy_is_marked():
    table = nearest({"used": [0.305, 0.315, 0.99], "not_used": [0.31, 0.35, 0.41]}, flagged=[2])
    (axis,) = copies_figure([table], [0.8]).axes
    heights = [patch.get_xy()[:, 1].max() for patch in axis.patches]
    assert heights == [2, 1]  # two used images between 0.30 and 0.32, not used ones each in a bin of their own
    ticks, bound = axis.lines
    assert ticks.get_xdata().tolist() == [0.99] and bound.get_xdata() == [0.8, 0.8]
    assert axis.get_title() == "d: 1 of 3 are copies"


def test_where_nothing_can_be_said_there_is_no_bound():
    figure = copies_figure([nearest({"unknown": [0.3]}), nearest({"used": [0.5]}, dataset="e")], [np.nan, 0.7])
    assert [len(axis.lines) for axis in figure.axes] == [0, 1]


def spikes(n=10):
    rows = [("shift", "0.1", n, 0.9), ("noise", "40.0", n, 0.0), ("all", "", 2 * n, 0.45)]
    table = pd.DataFrame(rows, columns=["kind", "strength", "n", "share"])
    return table.assign(dataset="d", low=table["share"] - 0.1, high=table["share"] + 0.1)


def test_spikes_are_drawn_by_kind_and_strength_without_the_total():
    (axis,) = spikes_figure([spikes()]).axes
    assert [text.get_text() for text in axis.get_yticklabels()] == ["shift 0.1", "noise 40"]
    assert axis.lines[0].get_xdata().tolist() == [0.9, 0.0]
    assert axis.yaxis.get_inverted()


def test_without_spikes_the_figure_says_so():
    assert "copies.spikes is 0" in spikes_figure([spikes(0)]).texts[0].get_text()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_copy_stands_beside_its_original_and_their_difference(count):
    real = np.full((4, 4), 100, np.uint8)
    covered = np.eye(4, dtype=bool)
    pair = CopiedPair(real + np.uint8(7), real, real, covered, "g", "r", "d, similarity 0.9")
    figure = copied_figure([pair] * count)
    assert len(figure.axes) == 4 * count
    if count:
        assert np.array_equal(figure.axes[3].images[0].get_array(), 7 * covered)
