import numpy as np
import pandas as pd
import pytest
from scipy import stats

from genprint.inference.sets import c_t, nearer_to_used, set_statistics
from genprint.scoring.evidence import Evidence


def points(rng, count):
    return rng.normal(size=(count, 4))


def distances(left, right):
    return np.linalg.norm(left[:, None] - right, axis=2)


def test_the_share_by_hand():
    # Three generated images: nearest to a used one, to one not used, and as near to one of either.
    distance = np.array([[1.0, 3, 2], [2, 1, 2], [5, 5, 5], [5, 5, 5]])
    share, p = nearer_to_used(distance, [True, False, True, False], list("abcd"), permutations=2000, seed=0)
    assert share == 0.5
    # Of the six ways to label two of four patients as used, five reach a half: all but those of the two others.
    assert p == pytest.approx(5 / 6, abs=0.03)


def test_a_release_around_used_images_is_seen_and_chance_is_not():
    rng = np.random.default_rng(0)
    real, used = points(rng, 60), np.arange(60) % 2 == 0
    for made, low, high in ((real[used], 0.9, 1), (points(rng, 30), 0.2, 0.8)):
        generated = made[rng.integers(0, len(made), 200)] + 0.05 * points(rng, 200)
        share, p = nearer_to_used(distances(real, generated), used, np.arange(60), permutations=999, seed=1)
        assert low <= share <= high and (p < 0.01) == (low > 0.5)


def test_the_p_is_no_smaller_than_chance_has_it_and_counts_patients():
    """A release that collapsed onto one image is near to one patient, whose label is a coin."""
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(20), 3)
    found = []
    for _ in range(200):
        real = points(rng, 20)[groups] + 0.1 * points(rng, 60)
        used = np.isin(groups, rng.permutation(20)[:10])
        made = points(rng, 3)[rng.integers(0, 3, 100)] + 0.1 * points(rng, 100)
        found.append(nearer_to_used(distances(real, made), used, groups, permutations=99, seed=2)[1])
    assert stats.binomtest(int(np.sum(np.array(found) <= 0.05)), 200, 0.05, alternative="greater").pvalue > 0.01


def test_c_t_is_the_standardised_u():
    rng = np.random.default_rng(2)
    real, generated, used = points(rng, 40), points(rng, 50), np.arange(40) < 20
    generated[:10] = real[0]
    to_generated, among = np.round(distances(real, generated), 1), np.round(distances(real, real), 1)
    nearest = to_generated[used].min(axis=0), among[~used][:, used].min(axis=1)
    p = stats.mannwhitneyu(*nearest, alternative="greater", method="asymptotic", use_continuity=False).pvalue
    assert c_t(to_generated, among, used) == pytest.approx(stats.norm.isf(p))


def test_c_t_tells_copies_from_images_of_the_same_kind():
    rng = np.random.default_rng(3)
    real, used = points(rng, 80), np.arange(80) < 40
    among = distances(real, real)
    copies = real[rng.integers(0, 40, 100)] + 0.01 * points(rng, 100)
    assert c_t(distances(real, copies), among, used) < -5
    assert abs(c_t(distances(real, points(rng, 100)), among, used)) < 4
    assert c_t(np.zeros((80, 5)), np.zeros((80, 80)), used) == 0


def test_what_cannot_be_said_is_null():
    rng = np.random.default_rng(4)
    real, label = points(rng, 12), np.array(["used", "not_used"] * 6, object)
    to_generated, among = -distances(real, points(rng, 9)), -distances(real, real)
    table = pd.DataFrame({"label": label, "group": np.repeat(np.arange(6), 2), "split": "evaluation"})
    whole = Evidence.from_similarities(to_generated, among, label, identical=0)
    options = {"permutations": 9, "seed": 0}
    assert np.isfinite(set_statistics([whole], table, **options).to_numpy(float)).all()
    for labels in ("used", "unknown"):
        found = set_statistics([whole], table.assign(label=labels), **options)
        assert np.isnan(found.drop(columns=["verification_auc", "retrieval"]).to_numpy(float)).all()
        assert np.isfinite(found[["verification_auc", "retrieval"]].to_numpy(float)).all()
    folds = table.assign(split=["fold-1", "fold-2"] * 6, group="one")
    halves = [Evidence(whole.distance_generated[own], whole.distance_real[np.ix_(own, own)]) for own in FOLDS_OF_12]
    assert np.isnan(set_statistics(halves, folds, **options).iloc[0, :3].to_numpy(float)).all()


FOLDS_OF_12 = (np.arange(12) % 2 == 0, np.arange(12) % 2 == 1)


def test_patients_are_looked_for_among_the_images_of_each_fold():
    rng = np.random.default_rng(5)
    real, generated = points(rng, 12), points(rng, 9)
    real[6:] = real[:6] + 1e-3
    table = pd.DataFrame(
        {"label": ["used", "not_used"] * 6, "group": list("abcdef") * 2, "split": ["fold-1", "fold-2"] * 6}
    )
    evidence = [
        Evidence(distances(real[own], generated), distances(real[own], real[own]) + np.diag([np.nan] * 6))
        for own in FOLDS_OF_12
    ]
    found = set_statistics(evidence, table, permutations=9, seed=0).iloc[0]
    assert (found["verification_auc"], found["retrieval"]) == (1, 1)


def test_of_halves_patients_are_looked_for_among_those_that_no_encoder_has_seen():
    rng = np.random.default_rng(6)
    real, generated = points(rng, 12), points(rng, 9)
    real[1:6:2] = real[0:6:2] + 1e-3  # the pairs of the first half alone are alike
    table = pd.DataFrame({"label": ["used", "not_used"] * 6, "group": np.repeat(list("abcdef"), 2)})
    whole = Evidence(distances(real, generated), distances(real, real) + np.diag([np.nan] * 12))
    found = [
        set_statistics([whole], table.assign(split=halves), permutations=9, seed=0).iloc[0]["retrieval"]
        for halves in (np.repeat(["evaluation", "calibration"], 6), np.repeat(["calibration", "evaluation"], 6))
    ]
    assert found[0] == 1 and found[1] < 1
