import pandas as pd

from genprint.report.figures.auc import MOST_ROWS, auc_figure


def ablation(datasets=("a", "b"), similarities=("ssim", "cosine"), **columns):
    rows = [
        {
            "dataset": dataset,
            "variant": "original",
            "encoder": "pixels",
            "similarity": similarity,
            "rule": rule,
            "n_used": 44,
            "n_not_used": 46,
            "auc": 0.9 - place / 1000,
            "real_only_auc": 0.5,
        }
        for dataset in datasets
        for place, similarity in enumerate(similarities)
        for rule in ("max", "mean")
    ]
    return pd.DataFrame(rows).assign(**columns)


def test_every_axis_is_labelled_and_every_run_is_there():
    figure = auc_figure(ablation(), score_rule="max")
    assert [axis.get_title() for axis in figure.axes] == [f"{name}\nn = 44 used, 46 not used" for name in "ab"]
    assert all(axis.get_xlabel() for axis in figure.axes)
    assert figure.axes[0].get_ylabel()
    assert len(figure.axes[0].get_yticklabels()) == 2


def test_intervals_are_drawn_where_there_are_any():
    def labels(table):
        return [text.get_text() for text in auc_figure(table, score_rule="max").legends[0].get_texts()]

    assert "interval" in labels(ablation(auc_low=0.8, auc_high=1.0))
    assert "interval" not in labels(ablation())


def test_of_very_many_runs_the_best_are_drawn_and_it_says_so():
    figure = auc_figure(ablation(similarities=[f"s{n:03}" for n in range(100)]), score_rule="max")
    names = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert len(names) == MOST_ROWS and "pixels · s000 · original" in names
    assert f"the best {MOST_ROWS} of 100 combinations" in figure.get_suptitle()


def test_a_data_set_without_labels():
    figure = auc_figure(ablation(auc=float("nan"), n_used=0, n_not_used=0), score_rule="max")
    assert "n = 0 used" in figure.axes[0].get_title()
