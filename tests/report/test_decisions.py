import numpy as np
import pandas as pd
import pytest

from genprint.files import write_table
from genprint.report import shown

NAN = np.nan
SOURCES = ("generated", "real-only")


def selection(**rule):
    rows = [
        {"metric": "kappa", "chosen_on": "calibration", "rule": "nndr"},
        {"metric": "auc", "chosen_on": "evaluation", "rule": "ball"},
        {"metric": "auc", "chosen_on": "calibration", "rule": "max"} | rule,
    ]
    return pd.DataFrame([{"variant": "v", "encoder": "e", "similarity": "s"} | row for row in rows])


def test_what_is_shown_was_chosen_on_calibration_images_by_auc():
    assert shown.chosen_combination(selection()) == {"variant": "v", "encoder": "e", "similarity": "s", "rule": "max"}


def test_nothing_is_chosen_where_nothing_could_be():
    assert shown.chosen_combination(selection(rule=None)) is None


@pytest.fixture
def candidates():
    """Three candidates by two rules and from two sources, and one held-out image that has no score."""
    ids = ["a", "b", "c"]
    rows = [
        {"image_id": name, "group": "p", "label": label, "split": split, "source": source, "rule": rule, "score": score}
        for source, rule, scores in (
            ("generated", "max", (0.2, 0.9, NAN)),
            ("generated", "mean", (9, 9, 9)),
            ("real-only", "max", (0.5, 0.4, 0.3)),
        )
        for name, label, split, score in zip(
            ids, ("not_used", "used", "unknown"), ("evaluation", "evaluation", None), scores, strict=True
        )
    ]
    thresholds = [
        {"source": source, "rule": rule, "threshold_rule": name, "threshold": threshold}
        for source, rule, name, threshold in (
            ("generated", "max", "best-f1", 0.5),
            ("generated", "max", "youden", 0.1),
            ("generated", "mean", "best-f1", 0.0),
            ("real-only", "max", "best-f1", 0.4),
        )
    ]
    return shown.decided(
        pd.DataFrame(rows),
        pd.DataFrame(thresholds),
        np.array([0.2, 0.9, 0.4, 1.0], np.float32),
        np.array([1, 0, 1, 0]),
        ["g0", "g1"],
        ["a", "b", "c", "held-out"],
        rule="max",
        threshold_rule="best-f1",
    )


def test_every_candidate_is_decided_and_has_its_nearest_generated_image(candidates):
    method = candidates[candidates["source"] == "generated"]
    assert method["nearest"].tolist() == ["g1", "g0", "g1"]
    assert method["nearest_similarity"].tolist() == pytest.approx([0.2, 0.9, 0.4])
    assert method["decision"].tolist() == pytest.approx([0, 1, NAN], nan_ok=True)
    assert set(method["threshold"]) == {0.5}


def test_the_control_has_its_own_threshold_and_nothing_generated(candidates):
    control = candidates[candidates["source"] == "real-only"]
    assert control["decision"].tolist() == [1, 1, 0]
    assert control["nearest"].isna().all() and control["nearest_similarity"].isna().all()


def test_a_candidate_without_any_pair_has_no_nearest_image():
    rules = {"rule": "max", "threshold_rule": "best-f1"}
    found = shown.decided(
        pd.DataFrame([dict.fromkeys(shown.SHOWN, "a") | rules | {"source": s, "score": NAN} for s in SOURCES]),
        pd.DataFrame([rules | {"source": s, "threshold": 0.5} for s in SOURCES]),
        np.array([NAN]),
        np.array([-1]),
        ["g0", "g1"],
        ["a"],
        **rules,
    )
    assert found["nearest"].isna().all()


def test_what_is_missing_survives_a_file(candidates, tmp_path):
    missing = candidates.assign(group=pd.Series([None] * len(candidates), dtype="str"))
    write_table(tmp_path / "shown.parquet", shown.columns(missing), {})
    read = pd.read_parquet(tmp_path / "shown.parquet")
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
    found = shown.most_at_risk([ranked(), ranked(dataset="other")], count=2)
    assert found["image_id"].tolist() == ["c", "a"] * 2
    assert found["rank"].tolist() == [1, 2] * 2
    assert found["dataset"].tolist() == ["d", "d", "other", "other"]
    assert found["called"].tolist() == ["used", "not used"] * 2


def test_nobody_is_at_risk_without_a_score():
    assert shown.most_at_risk([ranked(score=NAN)], count=5).empty


def test_the_triplet_is_used_generated_not_used():
    assert shown.explaining_triplet(ranked()) == ("a", "v", "b")


def test_without_labels_all_candidates_stand_in():
    assert shown.explaining_triplet(ranked(label="unknown")) == ("b", "w", "a")


def test_controls_stand_beside_the_shown_run_only():
    run = {"variant": "v", "encoder": "e", "similarity": "s", "rule": "max", "threshold_rule": "youden"}
    values = {"n_used": 4, "n_not_used": 5, "auc": 0.8, "auc_low": 0.7, "auc_high": 0.9, "real_only_auc": 0.5}
    ablation = pd.DataFrame(
        [{"dataset": "d"} | run | values, {"dataset": "d"} | run | values | {"rule": "mean", "auc": 1.0}]
    )
    table = ranked(**run)
    found = shown.beside_controls(ablation, [table], {"d": {"source": "controlled", "trained_on": "other"}})
    assert len(found) == 1
    assert found.loc[0, ["auc", "auc_low", "real_only_auc"]].tolist() == [0.8, 0.7, 0.5]
    assert "negative control" in found.loc[0, "truth"]
