import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genprint.plan.protocol import FOLDS, next_part
from genprint.scoring.controls import real_only
from genprint.scoring.evaluation import decisions, evaluate, rank_among, with_copies
from genprint.scoring.evidence import Evidence, evidence_of_parts
from genprint.scoring.metrics import COUNTS, METRICS, measure
from genprint.scoring.scores import SCORE_RULES, score_by
from genprint.scoring.thresholds import THRESHOLD_RULES, Calibration, decide, threshold_by

RULES = [(rule, threshold_rule) for rule in SCORE_RULES for threshold_rule in THRESHOLD_RULES]


def distances(left, right):
    return np.sqrt(((left[:, None] - right) ** 2).sum(axis=2)).astype(np.float32)


def benchmark(*, used=20, not_used=20, held_out=10, unknown=4, generated=60, noise=0.1, seed=0):
    """Points instead of images: the first generated ones are the used ones with noise. Real images come mixed."""
    random = np.random.default_rng(seed)
    label = np.repeat(["used", "not_used", "held_out", "unknown"], [used, not_used, held_out, unknown]).astype(object)
    real = random.normal(size=(label.size, 6))
    made = random.normal(size=(generated, 6))
    made[:used] = real[:used] + noise * random.normal(size=(used, 6))
    labelled = np.isin(label.astype(str), ("used", "not_used"))
    order = random.permutation(label.size)
    images = {
        "image_id": np.array([f"real_{number}" for number in range(label.size)], object)[order],
        "group": np.array([f"patient_{number // 2}" for number in range(label.size)], object)[order],
        "label": label[order],
        "split": np.where(labelled, np.resize(["calibration", "evaluation"], label.size), None)[order],
    }
    return -distances(real[order], made), -distances(real[order], real[order]), pd.DataFrame(images)


def run(real_generated, real_real, images, **options):
    evidence = Evidence.from_similarities(real_generated, real_real, images["label"], identical=0)
    return evaluate([evidence], images, **options)


def row(columns, **where):
    at = np.all([columns[name] == value for name, value in where.items()], axis=0)
    assert np.count_nonzero(at) == 1, where
    return columns[at].iloc[0]


def test_tables_are_long_and_complete():
    scores, thresholds, metrics = run(*benchmark())
    assert list(scores) == ["image_id", "group", "label", "split", "source", "rule", "score"]
    assert list(thresholds) == ["source", "rule", "threshold_rule", "part", "threshold", "reason"]
    assert list(metrics) == ["source", "rule", "threshold_rule", "split", *COUNTS, *METRICS]
    candidates = 20 + 20 + 4
    assert len(scores) == 2 * len(SCORE_RULES) * candidates
    assert len(thresholds) == 2 * len(RULES)
    assert len(metrics) == 2 * len(RULES) * 2
    assert set(scores["source"]) == set(thresholds["source"]) == {"generated", "real-only"}
    assert scores["score"].dtype == thresholds["threshold"].dtype == metrics["f1"].dtype == np.float64
    assert metrics["true_positive"].dtype == np.int64
    assert "held_out" not in set(scores["label"])


def test_every_value_is_that_of_the_rules():
    real_generated, real_real, images = benchmark()
    scores, thresholds, metrics = run(real_generated, real_real, images, scores={"nearest": 3})
    evidence = Evidence.from_similarities(real_generated, real_real, images["label"], identical=0)
    candidate = images[images["label"] != "held_out"]
    used, split = (candidate["label"] == "used").to_numpy(), candidate["split"].to_numpy()
    half = split == "calibration"
    for source, seen in {"generated": evidence, "real-only": real_only(evidence)}.items():
        score = score_by("nearest-mean", seen, {"nearest": 3})
        at = (scores["source"] == source) & (scores["rule"] == "nearest-mean")
        np.testing.assert_array_equal(scores["score"][at], score)
        np.testing.assert_array_equal(scores["image_id"][at], candidate["image_id"])
        control = score_by("nearest-mean", real_only(evidence), {"nearest": 3})
        known = Calibration(score[half], used[half], control[half])
        for name in THRESHOLD_RULES:
            where = {"source": source, "rule": "nearest-mean", "threshold_rule": name}
            threshold = row(thresholds, **where)["threshold"]
            assert threshold == threshold_by(name, known)
            for part in ("calibration", "evaluation"):
                found = row(metrics, **where, split=part)
                expected = measure(used[split == part], score[split == part], threshold)
                assert {name: found[name] for name in expected} == pytest.approx(expected, nan_ok=True)


def test_a_leak_is_found_and_the_control_finds_nothing():
    metrics = run(*benchmark(used=60, not_used=60, generated=200)).metrics
    where = {"rule": "max", "threshold_rule": "best-kappa", "split": "evaluation"}
    assert row(metrics, source="generated", **where)["auc"] > 0.99
    assert row(metrics, source="generated", **where)["kappa"] > 0.9
    assert abs(row(metrics, source="real-only", **where)["auc"] - 0.5) < 0.2


@pytest.mark.parametrize("twice", [False, True])
def test_exact_copies_are_all_recalled(twice):
    """The positive control crashes one tool, and another finds 58 % of exact duplicates."""
    real_generated, real_real, images = benchmark(noise=0, used=30, not_used=20)
    # Rounding puts a copy just beside the similarity of an image with itself.
    real_generated = np.where(real_generated == 0, np.float32(-6e-8), real_generated)
    if twice:
        real_generated = np.hstack([real_generated, real_generated])
    metrics = run(real_generated, real_real, images).metrics
    for rule in ("max", "ball", "calibrated-ratio", "identifiability", "dcr-difference"):
        found = row(metrics, source="generated", rule=rule, threshold_rule="best-f1", split="evaluation")
        assert found["recall"] == 1, rule
        assert found["auc"] == 1 or rule in ("identifiability", "dcr-difference"), rule


def test_evaluation_images_have_no_part_in_the_thresholds():
    # A threshold at the median of all scores moves with them.
    real_generated, real_real, images = benchmark()
    before = run(real_generated, real_real, images).thresholds
    judged = images["split"] == "evaluation"
    swapped = images["label"].map({"used": "not_used", "not_used": "used"})
    changed = images.assign(label=images["label"].where(~judged, swapped))
    real_generated[judged.to_numpy()] *= 3
    after = run(real_generated, real_real, changed).thresholds
    for rule in ("max", "mean", "nearest-mean", "quantile", "nndr"):  # the others look at the other candidates
        for name in set(THRESHOLD_RULES):
            where = {"source": "generated", "rule": rule, "threshold_rule": name}
            np.testing.assert_equal(row(after, **where)["threshold"], row(before, **where)["threshold"])


def test_order_of_images_decides_nothing():
    real_generated, real_real, images = benchmark()
    order = np.random.default_rng(1).permutation(len(real_real))
    shuffled = images.iloc[order].reset_index(drop=True)
    one = run(real_generated, real_real, images)
    other = run(real_generated[order], real_real[np.ix_(order, order)], shuffled)
    pd.testing.assert_frame_equal(other.thresholds, one.thresholds, check_exact=True)
    pd.testing.assert_frame_equal(other.metrics, one.metrics, check_exact=True)


def test_without_labels_there_are_scores_and_empty_metrics():
    scores, thresholds, metrics = run(*benchmark(used=0, not_used=0, held_out=0, unknown=12))
    assert np.isfinite(scores["score"][scores["rule"] == "max"]).all()
    assert np.isnan(thresholds["threshold"]).all()
    assert set(thresholds["reason"]) == {"no calibration image has a score"}
    assert not any(metrics[name].any() for name in COUNTS)
    assert all(np.isnan(metrics[name]).all() for name in METRICS)


def test_thresholds_of_another_data_set_judge_every_labelled_image():
    development = run(*benchmark())
    test = run(*benchmark(seed=1, used=15), calibration=development.thresholds)
    np.testing.assert_array_equal(test.thresholds["threshold"], development.thresholds["threshold"])
    assert set(test.metrics["split"]) == {"evaluation"}
    assert set(test.metrics["n"]) == {35}
    assert set(test.scores["split"].dropna()) == {"evaluation"} and test.scores["split"].isna().any()


def test_a_calibration_that_lacks_rules_is_refused():
    thresholds = run(*benchmark()).thresholds[1:]
    with pytest.raises(ValueError, match="no threshold for generated x max x best-f1; evaluate it again"):
        run(*benchmark(), calibration=thresholds)


def test_images_that_do_not_match_are_refused():
    real_generated, real_real, images = benchmark()
    evidence = Evidence.from_similarities(real_generated, real_real, images["label"], identical=0)
    with pytest.raises(ValueError, match="53 candidates, but evidence about 44"):
        evaluate([evidence], images.assign(label="used")[1:])
    stray = np.where(np.isin(images["image_id"].astype(str), ("real_3", "real_30")), None, images["split"])
    with pytest.raises(ValueError, match=r"without a split: real_(3, real_30|30, real_3); give"):
        evaluate([evidence], images.assign(split=stray))


def cross_fitted(images):
    """The same images with folds in place of halves, by patient."""
    patient = images["group"].str.removeprefix("patient_").astype(int)
    return images.assign(split=("fold-" + (patient % 3 + 1).astype(str)).where(images["split"].notna(), None))


def test_every_fold_is_decided_by_what_the_next_chose_and_every_image_is_judged_once():
    real_generated, real_real, images = benchmark()
    folded = cross_fitted(images)
    scores, thresholds, metrics = run(real_generated, real_real, folded)
    assert set(metrics["split"]) == {"evaluation"} and set(metrics["n"]) == {40}
    assert thresholds["part"].tolist() == list(FOLDS) * (2 * len(RULES))
    at = scores[(scores["source"] == "generated") & (scores["rule"] == "max")]
    real_only_at = scores[(scores["source"] == "real-only") & (scores["rule"] == "max")]
    where = {"source": "generated", "rule": "max", "threshold_rule": "best-kappa"}
    decided = decisions(scores, thresholds, rule="max", threshold_rule="best-kappa")
    for fold in FOLDS:
        others = (at["split"] == next_part(fold)).to_numpy()
        known = Calibration(
            at["score"].to_numpy()[others],
            (at["label"] == "used").to_numpy()[others],
            real_only_at["score"].to_numpy()[others],
        )
        threshold = row(thresholds, **where, part=fold)["threshold"]
        assert threshold == threshold_by("best-kappa", known)
        of_fold = decided[(decided["split"] == fold) & (decided["source"] == "generated")]
        assert set(of_fold["threshold"]) == {threshold}
    judged = decided[decided["split"].notna() & (decided["source"] == "generated")]
    right = (judged["decision"] == 1) == (judged["label"] == "used")
    assert row(metrics, **where)["accuracy"] == pytest.approx(right.mean())
    # Images without a label are decided by what the first fold is decided by.
    unknown = decided[(decided["label"] == "unknown") & (decided["source"] == "generated")]
    assert set(unknown["threshold"]) == {row(thresholds, **where, part="fold-1")["threshold"]}


def test_scores_of_cross_fitted_encoders_are_ranks_within_their_fold():
    real_generated, real_real, images = benchmark()
    folded = cross_fitted(images)
    held_out = (folded["label"] == "held_out").to_numpy()
    parts = [(folded["split"] == fold).to_numpy() | held_out for fold in FOLDS]
    parts[0] |= (folded["label"] == "unknown").to_numpy()
    # Another encoder is another scale: the second fold's similarities are ten times as large.
    scaled = np.where(parts[1][:, None], 10 * real_generated, real_generated)
    found = evaluate(evidence_of_parts(scaled, real_real, folded["label"], parts, identical=0), folded)
    at = found.scores[(found.scores["source"] == "generated") & (found.scores["rule"] == "max")]
    nearest = pd.Series(scaled.max(axis=1), folded["image_id"])
    for fold in FOLDS:
        own = at[at["split"] == fold]
        ranks = nearest[own["image_id"]].rank().to_numpy()
        np.testing.assert_allclose(own["score"], (ranks - 0.5) / len(own))
    unknown = at[at["label"] == "unknown"]
    of_first = nearest[at.loc[at["split"] == "fold-1", "image_id"]].to_numpy()
    for name, score in zip(unknown["image_id"], unknown["score"], strict=True):
        assert score == np.mean(of_first < nearest[name])
    # What decides about a fold is chosen by the ranks of the next one, whose encoder has not learnt from it.
    following = at["split"] == "fold-1"
    real_only_at = found.scores[(found.scores["source"] == "real-only") & (found.scores["rule"] == "max")]
    known = Calibration(
        at.loc[following, "score"].to_numpy(),
        (at.loc[following, "label"] == "used").to_numpy(),
        real_only_at["score"].to_numpy()[following.to_numpy()],
    )
    where = {"source": "generated", "rule": "max", "threshold_rule": "best-f1", "part": "fold-3"}
    assert row(found.thresholds, **where)["threshold"] == threshold_by("best-f1", known)


def test_ranks_by_hand():
    ranks = rank_among(np.array([1, 2, 2, 5, np.nan]), np.array([2, 2, 4, np.nan]))
    np.testing.assert_allclose(ranks, [0, 1 / 3, 1 / 3, 1, np.nan])
    assert np.isnan(rank_among(np.array([1.0]), np.array([np.nan]))).all()


def test_decisions():
    scores, thresholds, _ = run(*benchmark())
    decided = decisions(scores, thresholds, rule="max", threshold_rule="otsu")
    assert decided["source"].tolist() == ["generated"] * 44 + ["real-only"] * 44
    for source in ("generated", "real-only"):
        rows, at = decided[decided["source"] == source], (scores["source"] == source) & (scores["rule"] == "max")
        assert rows["image_id"].tolist() == scores["image_id"][at].tolist()
        threshold = row(thresholds, source=source, rule="max", threshold_rule="otsu")["threshold"]
        assert set(rows["threshold"]) == {threshold}
        np.testing.assert_array_equal(rows["decision"], decide(scores["score"][at], threshold))
    with pytest.raises(ValueError, match=r"no threshold by 'best' for scores by 'max'; write a .* best-f1, .* nndr"):
        decisions(scores, thresholds, rule="max", threshold_rule="best")


def test_one_image_of_each_kind_is_enough_to_run():
    scores, thresholds, metrics = run(*benchmark(used=1, not_used=0, held_out=1, unknown=0, generated=1))
    assert len(scores["score"]) == 2 * len(SCORE_RULES)
    assert len(metrics["f1"]) == 2 * len(thresholds["threshold"])


def test_a_job_imports_nothing_heavy():
    code = (
        "import sys, genprint.scoring.evaluation, genprint.tables.submissions;"
        "print({'scipy', 'sklearn', 'torch'} & set(sys.modules))"
    )
    scripts = Path(__file__).resolve().parents[2] / "scripts"
    done = subprocess.run([sys.executable, "-c", code], cwd=scripts, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_an_image_with_a_copy_is_used_whatever_its_score():
    decided = pd.DataFrame({"image_id": ["a", "b", "c", "d"], "decision": [0.0, np.nan, 0.0, 1.0]})
    found = with_copies(decided, {"a", "b", "elsewhere"})
    assert found["decision"].tolist() == [1, 1, 0, 1] and decided["decision"].iloc[0] == 0
