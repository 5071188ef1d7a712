import os

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from genprint.images.splits import folds
from genprint.inference.relabelling import permuted_labels
from genprint.inference.significance import SPREAD, RunTables, significance
from genprint.plan.protocol import FOLDS, next_part
from genprint.scoring import metrics
from genprint.scoring.metrics import METRICS, measure

SOURCES = ("generated", "real-only")
NULLS = 200 if os.environ.get("GENPRINT_WHOLE") == "1" else 80
"""Data sets in which there is nothing to find."""
QUICK = {"resamples": 100, "permutations": 199}


def patients(count=16, images=3, split=("calibration", "evaluation")):
    """Columns of images: patients in turn used and not used, and in pairs on either half."""
    patient = np.repeat(np.arange(count), images)
    return {
        "image_id": np.array([f"image-{i:03}" for i in range(patient.size)], object),
        "group": np.array([f"patient-{i:02}" for i in patient], object),
        "label": np.array(["used", "not_used"], object)[patient % 2],
        "split": np.array(split, object)[patient // 2 % len(split)],
    }


def correlated(rng, images, columns):
    """Scores that say nothing of the labels, but resemble each other within a patient."""
    _, patient = np.unique(images["group"].astype(str), return_inverse=True)
    return rng.normal(size=(patient.max() + 1, columns))[patient] + 0.4 * rng.normal(size=(patient.size, columns))


def run(images, score, thresholds=(0.0, 0.3), *, name="a", calibration=None, learnt=False):
    """Tables of a run from scores (images, rules of both sources); every rule has the same thresholds."""
    at = [(source, f"rule-{rule}") for source in SOURCES for rule in range(score.shape[1] // 2)]
    identity = dict(zip(("variant", "encoder", "similarity"), (name, "pixels", "ssim"), strict=True))

    def columns(names, rows):
        return pd.DataFrame(rows, columns=names).assign(**identity)

    every = [
        pd.DataFrame(images).assign(source=source, rule=rule, score=values, **identity)
        for (source, rule), values in zip(at, score.T, strict=True)
    ]
    scores = pd.concat(every, ignore_index=True)
    combinations = [(*pair, f"cut-{i}", cut) for pair in at for i, cut in enumerate(map(float, thresholds))]
    half = images["split"] == "calibration"
    measured = [
        (source, rule, cut, "calibration", *(found["auc"], found["kappa"]))
        for source, rule, cut, threshold in combinations
        for found in [measure(images["label"][half] == "used", score[half, at.index((source, rule))], threshold)]
    ]
    return RunTables(
        scores,
        columns(
            ("source", "rule", "threshold_rule", "part", "threshold"),
            [(*names, part, cut) for *names, cut in combinations for part in judged_parts(images)],
        ),
        columns(("source", "rule", "threshold_rule", "split", "auc", "kappa"), measured)
        if calibration is None
        else calibration,
        learnt,
    )


def judged_parts(images):
    """The parts that thresholds are chosen for."""
    return sorted({split for split in images["split"] if split and split != "calibration"}) or ["evaluation"]


def row(table, **wanted):
    rows = table[np.all([table[name] == value for name, value in wanted.items()], axis=0)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_one_row_for_every_combination_with_every_metric():
    rng = np.random.default_rng(0)
    images = patients()
    runs = [run(images, correlated(rng, images, 6), name=name) for name in "ab"]
    table, selection = significance(runs, **QUICK)
    assert len(table) == 2 * 2 * 3 * 2
    assert all(f"{name}_{side}" in table for name in METRICS for side in ("low", "high"))
    assert set(table["resampled"]) == {"patients"}
    assert set(table["groups_used"]) == set(table["groups_not_used"]) == {4}
    assert list(selection["metric"]) == ["auc", "auc", "kappa", "kappa"]
    assert list(selection["chosen_on"]) == ["calibration", "evaluation"] * 2
    assert selection["threshold_rule"].isna().tolist() == [True, True, False, False]


def test_p_and_correction_as_the_permutations_give_them_one_by_one():
    rng = np.random.default_rng(1)
    images = patients()
    score = [correlated(rng, images, 6) for _ in range(2)]
    score[1][::5, 0] = np.nan
    table, _ = significance([run(images, s, name=name) for s, name in zip(score, "ab", strict=True)], seed=3, **QUICK)
    half = images["split"] == "evaluation"
    used = images["label"][half] == "used"
    labels = permuted_labels(used, images["group"][half], 199, seed=(3, 1))
    columns = [score[r][half, c] for r in range(2) for c in range(3)]
    auc = np.array([metrics.auc(used[~np.isnan(s)], s[~np.isnan(s)]) for s in columns])
    null = np.array([[metrics.auc(own[~np.isnan(s)], s[~np.isnan(s)]) for s in columns] for own in labels])
    distance, distances = (auc - null.mean(0)) / null.std(0), (null - null.mean(0)) / null.std(0)
    highest = distances.max(axis=1) + 1e-12
    for place, (name, rule) in enumerate((name, f"rule-{rule}") for name in "ab" for rule in range(3)):
        found = row(table, variant=name, source="generated", rule=rule, threshold_rule="cut-0")
        assert found["auc_p"] == (1 + np.sum(null[:, place] >= auc[place])) / 200
        assert found["auc_p_corrected"] == (1 + np.sum(highest >= distance[place])) / 200
        assert found["auc_p_corrected"] >= found["auc_p"]


def test_images_not_used_that_are_the_nearer_ones_have_a_p_of_their_own():
    images = patients(48)
    used = images["label"] == "used"
    noise = correlated(np.random.default_rng(7), images, 4)
    score = np.column_stack([noise[:, 0] - 3 * used, *noise.T[1:]])
    table, _ = significance([run(images, score)], resamples=100, permutations=199)
    reversed_ = row(table, source="generated", rule="rule-0", threshold_rule="cut-0")
    assert reversed_["reversed_auc_p"] == reversed_["reversed_auc_p_corrected"] == 1 / 200
    assert reversed_["auc_p"] == 1
    mirrored, _ = significance([run(images, -score)], resamples=100, permutations=199)
    again = row(mirrored, source="generated", rule="rule-0", threshold_rule="cut-0")
    assert again["auc_p_corrected"] == reversed_["reversed_auc_p_corrected"]
    assert (table["reversed_auc_p_corrected"] >= table["reversed_auc_p"]).all()


def test_a_score_of_two_values_hides_no_tail():
    """By chance it is at 0 nearly always, and so it is far from chance, in standard deviations, whenever it is not."""
    images = patients(48)
    used = images["label"] == "used"
    rng = np.random.default_rng(12)
    found = np.where(used, 5.0, 0.0) + rng.random(len(used))
    rare = (rng.random(len(used)) < 0.04).astype(float)
    score = np.column_stack([found, rare, *rng.random((2, len(used)))])
    table, _ = significance([run(images, score)], resamples=100, permutations=199)
    tail = row(table, source="generated", rule="rule-0", threshold_rule="cut-0")
    for name in ("tpr_at_1_permille_fpr", "tpr_at_1_percent_fpr"):
        assert tail[f"{name}_p"] == tail[f"{name}_p_corrected"] == 1 / 200
    assert tail["patients_at_1_percent_fpr"] == 12


def test_patients_have_an_auc_of_their_own():
    """One image of each used patient stands out, which hardly shows among their four images."""
    images = patients(40, 4)
    rng = np.random.default_rng(13)
    score = correlated(rng, images, 4)
    first = np.arange(len(score)) % 4 == 0
    score[first & (images["label"] == "used"), 0] += 10
    table, _ = significance([run(images, score)], resamples=100, permutations=199)
    found = row(table, source="generated", rule="rule-0", threshold_rule="cut-0")
    assert found["patient_auc"] == 1 and found["patient_auc_p"] == 1 / 200
    assert 0.9 < found["patient_auc_of_three"] <= 1
    chance = row(table, source="generated", rule="rule-1", threshold_rule="cut-0")
    assert chance["patient_auc"] < 0.9 and chance["patient_auc_p"] > 1 / 200


def test_order_of_runs_changes_no_row():
    rng = np.random.default_rng(2)
    images = patients()
    runs = [run(images, correlated(rng, images, 4), name=name) for name in "abc"]
    forth, back = significance(runs, **QUICK), significance(runs[::-1], **QUICK)
    rows = len(forth.significance["rule"]) // 3
    again = pd.concat([back.significance[start : start + rows] for start in (2 * rows, rows, 0)], ignore_index=True)
    pd.testing.assert_frame_equal(forth.significance, again, check_exact=True)
    pd.testing.assert_frame_equal(forth.selection, back.selection, check_exact=True)


def test_the_winner_is_picked_on_calibration_and_then_evaluated():
    rng = np.random.default_rng(3)
    images = patients()
    used = images["label"] == "used"
    score = correlated(rng, images, 6)
    calibration = images["split"] == "calibration"
    score[calibration, 1] = used[calibration]  # wins the calibration half, and knows nothing elsewhere
    score[~calibration, 2] = used[~calibration]  # the reverse
    score[:, 3:] = used[:, None]  # the control wins everything, and is no method
    table, selection = significance([run(images, score, thresholds=(0.5,))], **QUICK)
    for metric in ("auc", "kappa"):
        honest = row(selection, metric=metric, chosen_on="calibration")
        optimistic = row(selection, metric=metric, chosen_on="evaluation")
        assert (honest["rule"], optimistic["rule"]) == ("rule-1", "rule-2")
        assert honest["calibration"] == optimistic["value"] == 1
        assert honest["value"] < 1
        found = row(table, source="generated", rule="rule-1")
        assert honest["low"] == found[f"{metric}_low"] and honest["p"] == found[f"{metric}_p"]
        assert honest["p_corrected"] == found[f"{metric}_p_corrected"]


def test_of_equally_good_combinations_the_first():
    images = patients()
    score = np.repeat((images["label"] == "used")[:, None], 4, axis=1).astype(float)
    _, selection = significance([run(images, score, name=name) for name in "ba"], **QUICK)
    assert set(selection["variant"]) == {"b"} and set(selection["rule"]) == {"rule-0"}
    # The cut at 0 calls everything used.
    assert list(selection["threshold_rule"].fillna("none")) == ["none", "none", "cut-1", "cut-1"]


def test_what_the_generated_images_add_to_the_real_ones():
    rng = np.random.default_rng(4)
    images = patients(48)
    used = images["label"] == "used"
    noise = correlated(rng, images, 4)
    leak = np.column_stack([noise[:, 0] + 3 * used, noise[:, 1] + 3 * used, noise[:, 2], noise[:, 3] + 3 * used])
    table, _ = significance([run(images, leak)], resamples=300, permutations=199)
    through_generated = row(table, source="generated", rule="rule-0", threshold_rule="cut-0")
    through_real = row(table, source="generated", rule="rule-1", threshold_rule="cut-0")
    assert through_generated["auc_p"] == through_generated["auc_p_corrected"] == 1 / 200
    assert through_generated["auc_gain_low"] > 0.2
    assert through_real["auc_gain_low"] < 0 < through_real["auc_gain_high"]
    assert np.isnan(table["auc_gain"][table["source"] == "real-only"]).all()


@pytest.mark.parametrize("label", ["unknown", "used"])
def test_without_labels_of_both_classes_nothing_is_said(label):
    rng = np.random.default_rng(5)
    calibrating, images = patients(), patients()
    given = run(calibrating, correlated(rng, calibrating, 4)).calibration
    images["label"][:] = label
    images["split"][:] = "evaluation" if label == "used" else None
    table, selection = significance([run(images, correlated(rng, images, 4), calibration=given)], **QUICK)
    for name in ("auc_low", "kappa_high", "auc_p", "auc_p_corrected", "kappa_p", "kappa_p_corrected", "auc_gain"):
        assert np.isnan(table[name]).all(), name
    assert set(table["groups_not_used"]) == {0}
    # The winner of the data set that calibrates is known, and what it is worth here is not.
    assert selection["rule"].isna().tolist() == [False, True, False, True]
    assert np.isnan(selection["value"]).all()


def test_images_without_patients_are_resampled_as_images():
    images = patients(images=1)
    images["group"] = images["image_id"]
    table, _ = significance([run(images, np.random.default_rng(6).random((16, 4)))], **QUICK)
    assert set(table["resampled"]) == {"images"}


def test_runs_on_different_images_are_an_error():
    rng = np.random.default_rng(7)
    images, others = patients(), patients()
    others["image_id"] = others["image_id"][::-1]
    with pytest.raises(ValueError, match="other, pixels, ssim"):
        significance([run(images, rng.random((48, 4))), run(others, rng.random((48, 4)), name="other")], **QUICK)
    with pytest.raises(ValueError, match="no runs"):
        significance([], **QUICK)


def learnt(rng, images, columns, patient, others=True):
    """Scores of encoders that learn, for each fold, in which direction the used images of the next fold differ.

    Half of them see one number of each image and half see four, so that what the folds say depends on each other a lot.
    With ``others`` false they learn from the images that they judge.
    """
    features = correlated(rng, images | {"group": patient}, 4 * columns).reshape(-1, columns, 4)
    features[:, ::2, 1:] = 0
    sign = np.where(images["label"] == "used", 1.0, -1.0)
    score = np.empty((len(sign), columns))
    for fold in FOLDS:
        own = images["split"] == fold
        known = images["split"] == next_part(fold) if others else own
        direction = np.einsum("n,ncd->cd", sign[known], features[known])
        score[own] = stats.rankdata(np.einsum("ncd,cd->nc", features[own], direction), axis=0) / own.sum()
    return score


def test_every_image_is_judged_and_each_fold_by_what_was_chosen_on_the_other():
    rng = np.random.default_rng(8)
    images = patients(18, split=FOLDS)
    used = images["label"] == "used"
    score = correlated(rng, images, 6)
    for column, fold in enumerate(FOLDS):  # each is right on one fold, so it is chosen where it knows nothing
        own = images["split"] == fold
        score[own, column] = used[own]
    table, selection = significance([run(images, score, thresholds=(0.5,))], **QUICK)
    assert set(table["groups_used"]) == set(table["groups_not_used"]) == {9}
    for metric in ("auc", "kappa"):
        honest = selection[(selection["metric"] == metric) & (selection["chosen_on"] == "calibration")]
        assert honest["part"].tolist() == list(FOLDS)
        assert honest["rule"].tolist() == ["rule-1", "rule-2", "rule-0"]
        assert honest["calibration"].tolist() == [1, 1, 1]
        assert honest["value"].nunique() == honest["p"].nunique() == 1
        assert honest["value"].iloc[0] < 0.9 and honest["p_corrected"].isna().all()
    chosen = selection.iloc[0]
    ranks = np.empty(len(used))
    for fold, column in zip(FOLDS, (1, 2, 0), strict=True):
        own = images["split"] == fold
        ranks[own] = stats.rankdata(score[own, column])
    assert chosen["value"] == metrics.auc(used, ranks)


def test_one_choice_for_all_folds_has_its_own_row_again():
    images = patients(18, split=FOLDS)
    used = images["label"] == "used"
    score = np.column_stack([used + 0.01 * np.arange(len(used)), *np.random.default_rng(9).random((3, len(used)))])
    table, selection = significance([run(images, score)], **QUICK)
    found = row(table, source="generated", rule="rule-0", threshold_rule="cut-0")
    chosen = selection.iloc[0]
    assert chosen["value"] == 1
    names = {"low": "auc_low", "high": "auc_high", "p": "auc_p", "gain": "auc_gain", "gain_low": "auc_gain_low"}
    assert {name: chosen[name] for name in names} == {name: found[of] for name, of in names.items()}


def test_what_folds_say_counts_for_less_where_something_was_learnt():
    rng = np.random.default_rng(10)
    images = patients(36, split=FOLDS)
    score = correlated(rng, images, 4) + (images["label"] == "used")[:, None]
    (fixed, _), (trained, _) = (significance([run(images, score, learnt=on)], **QUICK) for on in (False, True))
    assert (trained["auc_p"] >= fixed["auc_p"]).all() and (trained["auc_p"] > fixed["auc_p"]).any()
    observed = np.array([metrics.auc(images["label"] == "used", column) for column in score.T])[
        [0, 0, 1, 1, 2, 2, 3, 3]
    ]
    for name, side in (("auc_low", np.maximum), ("auc_high", np.minimum)):
        bound = observed + SPREAD * (fixed[name] - observed)
        np.testing.assert_allclose(trained[name], side(bound, float(name == "auc_high")))


@pytest.mark.simulation
def test_chance_is_found_out_of_what_learnt_from_other_folds():
    """Null data sets of patients with 4 images each: encoders that learnt labels, and rules that did not.

    The false alarms are as few as they should be; they are not if the encoder has seen the fold it judges, or if
    labels and folds ignore patients. Nor does the effect that the verdict quotes lean to one side, and trained encoders
    are chosen no more often than their share.
    """
    ways = {"by patient": [], "by image": [], "of its own fold": []}
    quoted, covered, of_encoders = [], [], []
    for seed in range(NULLS):
        rng = np.random.default_rng(seed)
        images = patients(30, 4, split=("fold-1",))
        labels = permuted_labels(images["label"] == "used", images["group"], 1, seed)[0]
        images["label"] = np.where(labels, "used", "not_used").astype(object)
        by_patient = np.array(folds(images["label"], images["group"], FOLDS, seed), object)
        by_image = np.array(folds(images["label"], images["image_id"], FOLDS, seed), object)
        for way, least in list(ways.items())[: 3 if seed < 60 else 1]:
            own = images | {"split": by_image if way == "by image" else by_patient}
            if way == "by image":
                own["group"] = own["image_id"]
            trained = learnt(rng, own, 6, images["group"], others=way != "of its own fold")
            runs = [run(own, correlated(rng, images, 6)), run(own, trained, name="cnn", learnt=True)]
            few = {"resamples": 100 if way == "by patient" else 2, "permutations": 199}
            table, selection = significance(runs, seed=seed, **few)
            of_methods = table[table["source"] == "generated"]
            least.append(of_methods["auc_p_corrected"].min())
            if way == "by patient":
                chosen = selection[(selection["metric"] == "auc") & (selection["chosen_on"] == "calibration")]
                quoted.append(chosen["value"].iloc[0])
                covered.append(chosen["low"].iloc[0] <= 0.5 <= chosen["high"].iloc[0])
                of_encoders += (chosen["variant"] == "cnn").tolist()
    alarms = {
        way: stats.binomtest(sum(p <= 0.05 for p in least), len(least), 0.05, "greater") for way, least in ways.items()
    }
    assert alarms["by patient"].pvalue > 0.01, alarms
    assert max(alarms["by image"].pvalue, alarms["of its own fold"].pvalue) < 0.01, alarms
    assert abs(np.mean(quoted) - 0.5) < 3 * np.std(quoted) / np.sqrt(NULLS), np.mean(quoted)
    assert stats.binomtest(sum(covered), NULLS, 0.95, "less").pvalue > 0.01, np.mean(covered)
    # The folds of a data set choose much the same, so they count as one choice.
    assert stats.binomtest(sum(of_encoders) // 3, NULLS, 0.5, alternative="greater").pvalue > 0.01, np.mean(of_encoders)


@pytest.mark.simulation
def test_chance_is_found_out_and_without_patients_it_would_not_be():
    """Null data sets of 16 patients with 4 images each: how often is the best of 24 combinations significant?"""
    least = {"by patient": [], "by image": []}
    for seed in range(NULLS):
        rng = np.random.default_rng(seed)
        images = patients(16, 4, split=("evaluation",))
        labels = permuted_labels(images["label"] == "used", images["group"], 1, seed)[0]
        images["label"] = np.where(labels, "used", "not_used").astype(object)
        score = correlated(rng, images, 12)
        for groups, found in least.items():
            grouped = images if groups == "by patient" else images | {"group": images["image_id"]}
            table, _ = significance(
                [run(grouped, score[:, k : k + 6], name=str(k)) for k in (0, 6)],
                seed=seed,
                resamples=2,
                permutations=199,
            )
            of_methods = table["source"] == "generated"
            found.append([table[f"{metric}_p_corrected"][of_methods].min() for metric in ("auc", "kappa")])
    for column, metric in enumerate(("auc", "kappa")):
        by_patient, by_image = (
            stats.binomtest(int(np.sum(np.array(found)[:, column] <= 0.05)), NULLS, 0.05, alternative="greater")
            for found in least.values()
        )
        assert by_patient.pvalue > 0.01, (metric, by_patient.statistic)
        assert by_image.statistic > 0.2, (metric, by_image.statistic)
