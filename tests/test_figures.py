import numpy as np
import pandas as pd

from genprint import figures


def ablation(datasets=("a", "b")):
    rows = [
        dict(
            dataset=d,
            variant="original",
            encoder="pixels",
            similarity=s,
            rule=r,
            auc=0.9,
            real_only_auc=0.5,
        )
        for d in datasets
        for s in ("ssim", "cosine")
        for r in ("max", "mean")
    ]
    return pd.DataFrame(rows)


def test_every_axis_is_labelled_and_every_run_is_there():
    figure = figures.auc_figure(ablation(), score_rule="max")
    assert [axis.get_title() for axis in figure.axes] == ["a", "b"]
    assert all(axis.get_xlabel() for axis in figure.axes)
    assert figure.axes[0].get_ylabel()
    assert len(figure.axes[0].get_yticklabels()) == 2


def test_the_same_figure_is_the_same_file(tmp_path):
    for name in ("1.png", "2.png"):
        figures.save(figures.auc_figure(ablation(), score_rule="max"), tmp_path / name)
    assert (tmp_path / "1.png").read_bytes() == (tmp_path / "2.png").read_bytes()


def test_rows_by_label():
    images = np.zeros((3, 4, 4), np.uint8)
    labels = np.array(["used", "not_used", "used"], object)
    rows = figures.labelled_rows(["a"], [images], [labels], [images[:1]])
    assert {name: len(shown) for name, shown in rows.items()} == {
        "a: used": 2,
        "a: not used": 1,
        "a: generated": 1,
    }
    assert [axis.get_title(loc="left") for axis in figures.image_sheet(rows).axes] == list(rows)


def test_variants_alternate_between_real_and_generated():
    real, generated = np.zeros((9, 4, 4), np.uint8), np.ones((9, 4, 4), np.uint8)
    rows = figures.side_by_side(["original", "dog"], [real, generated, real, generated])
    assert [len(shown) for shown in rows.values()] == [10, 10]
    assert rows["dog: real, then generated"].mean() == 0.5
