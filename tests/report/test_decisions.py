import numpy as np
import pandas as pd
import pytest

from genprint.files import read_table, write_table
from genprint.report import decisions

NAN = np.nan


def selection(**rule):
    rows = [
        {"metric": "kappa", "chosen_on": "calibration", "rule": "nndr"},
        {"metric": "auc", "chosen_on": "evaluation", "rule": "ball"},
        {"metric": "auc", "chosen_on": "calibration", "rule": "max"} | rule,
        {"metric": "auc", "chosen_on": "calibration", "part": "fold-2", "rule": "mean"} | rule,
    ]
    return pd.DataFrame([{"variant": "v", "encoder": "e", "similarity": "s", "part": "fold-1"} | row for row in rows])


def test_what_is_looked_at_was_chosen_on_calibration_images_by_auc():
    run = {"variant": "v", "encoder": "e", "similarity": "s"}
    found = decisions.chosen_combinations(selection())
    assert found == {"fold-1": run | {"rule": "max"}, "fold-2": run | {"rule": "mean"}}


def test_nothing_is_chosen_where_nothing_could_be():
    assert decisions.chosen_combinations(selection(rule=None)) == {}


@pytest.fixture
def candidates():
    """Three candidates by two sources, decided, one of them without a score."""
    rows = [
        {"image_id": name, "group": None, "label": label, "split": split, "source": source, "score": score}
        | {"threshold": 0.5, "decision": np.nan if np.isnan(score) else float(score >= 0.5)}
        for source, scores in (("generated", (0.2, 0.9, NAN)), ("real-only", (0.5, 0.4, 0.3)))
        for name, label, split, score in zip(
            "abc", ("not_used", "used", "unknown"), ("evaluation", "evaluation", None), scores, strict=True
        )
    ]
    nearest = {"image_id": ["c", "a", "b"], "nearest": ["g2", "g1", "g0"], "nearest_similarity": [0.4, 0.2, 0.9]}
    return decisions.with_nearest(pd.DataFrame(rows), pd.DataFrame(nearest))


def test_every_candidate_has_its_nearest_generated_image(candidates):
    method = candidates[candidates["source"] == "generated"]
    assert method["image_id"].tolist() == ["a", "b", "c"]
    assert method["nearest"].tolist() == ["g1", "g0", "g2"]
    assert method["nearest_similarity"].tolist() == [0.2, 0.9, 0.4]


def test_the_control_has_nothing_generated(candidates):
    control = candidates[candidates["source"] == "real-only"]
    assert control["image_id"].tolist() == ["a", "b", "c"]
    assert control["nearest"].isna().all() and control["nearest_similarity"].isna().all()


def test_what_is_missing_survives_a_file(candidates, tmp_path):
    run = dict.fromkeys(("dataset", "variant", "encoder", "similarity", "rule", "threshold_rule"), "x")
    write_table(tmp_path / "decisions.parquet", candidates.assign(**run), decisions.DECISIONS, {})
    read = read_table(tmp_path / "decisions.parquet")
    assert read["group"].isna().all() and read["nearest"].isna().sum() == 3
    assert read["split"].tolist()[:2] == ["evaluation", "evaluation"] and pd.isna(read["split"][2])
    assert read["score"].tolist() == pytest.approx(candidates["score"].tolist(), nan_ok=True)


def ranked(**columns):
    return pd.DataFrame(
        {
            "dataset": "d",
            "image_id": list("abcde"),
            "label": ["used", "not_used", "unknown", "used", "used"],
            "source": "generated",
            "score": [0.5, 0.9, 0.7, 0.5, NAN],
            "threshold": 0.6,
            "decision": [0, 1, 1, 0, NAN],
            "nearest": list("vwxyz"),
            "nearest_similarity": 0.1,
        }
        | columns
    )


def test_those_at_risk_are_ranked_and_known_unused_images_are_not_among_them():
    found = decisions.most_at_risk([ranked(), ranked(dataset="other")], count=2)
    assert found["image_id"].tolist() == ["c", "a"] * 2
    assert found["rank"].tolist() == [1, 2] * 2
    assert found["dataset"].tolist() == ["d", "d", "other", "other"]
    assert found["called"].tolist() == ["used", "not used"] * 2


def test_nobody_is_at_risk_without_a_score():
    assert decisions.most_at_risk([ranked(score=NAN)], count=5).empty
    assert decisions.patients_at_risk([ranked(score=NAN, group="p")], count=5).empty


def test_patients_at_risk_are_ranked_by_their_three_best_images():
    table = ranked(group=["p", "q", "r", "p", "p"], score=[0.5, 0.9, 0.45, 0.3, NAN])
    found = decisions.patients_at_risk([table], count=2)
    assert found["patient"].tolist() == ["r", "p"]
    assert found["images"].tolist() == [1, 2] and found["called_used"].tolist() == [1, 0]
    assert found["largest"].tolist() == [0.45, 0.5] and found["mean_of_three"].tolist() == [0.45, 0.4]
    assert decisions.patients_at_risk([ranked(group=None)], count=9)["patient"].tolist() == ["c", "a", "d"]


def test_the_triplet_is_used_generated_not_used():
    assert decisions.explaining_triplet(ranked()) == ("a", "v", "b")


def test_without_labels_all_candidates_stand_in():
    assert decisions.explaining_triplet(ranked(label="unknown")) == ("b", "w", "a")


BLIND = pd.DataFrame([{"dataset": "d", "auc": 0.55, "p": 0.4}])


def test_controls_stand_beside_the_chosen_run_only():
    run = {"variant": "v", "encoder": "e", "similarity": "s", "rule": "max", "threshold_rule": "youden"}
    values = {"n_used": 4, "n_not_used": 5, "auc": 0.8, "auc_low": 0.7, "auc_high": 0.9, "real_only_auc": 0.5}
    ablation = pd.DataFrame(
        [{"dataset": "d"} | run | values, {"dataset": "d"} | run | values | {"rule": "mean", "auc": 1.0}]
    )
    table = ranked(**run)
    found = decisions.beside_controls(ablation, [table], BLIND, {"d": {"source": "controlled", "trained_on": "other"}})
    assert len(found) == 1
    assert found.loc[0, ["auc", "auc_low", "real_only_auc"]].tolist() == [0.8, 0.7, 0.5]
    assert "negative control" in found.loc[0, "truth"]
