import pandas as pd

from genprint.figures import save
from genprint.figures.auc import auc_figure


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
    figure = auc_figure(ablation(), score_rule="max")
    assert [axis.get_title() for axis in figure.axes] == ["a", "b"]
    assert all(axis.get_xlabel() for axis in figure.axes)
    assert figure.axes[0].get_ylabel()
    assert len(figure.axes[0].get_yticklabels()) == 2


def test_the_same_figure_is_the_same_file(tmp_path):
    for name in ("1.png", "2.png"):
        save(auc_figure(ablation(), score_rule="max"), tmp_path / name)
    assert (tmp_path / "1.png").read_bytes() == (tmp_path / "2.png").read_bytes()
