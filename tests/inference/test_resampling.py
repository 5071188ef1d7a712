import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from genprint.inference.resampling import patient_weights, resampled_decisions, resampled_ranking
from genprint.scoring.metrics import measure
from genprint.scoring.thresholds import decide


@given(st.integers(0, 10_000), st.integers(0, 30), st.floats(0, 0.4))
def test_with_weights_1_the_metrics_themselves(seed, n, missing):
    rng = np.random.default_rng(seed)
    used = rng.random(n) < 0.5
    score = rng.integers(0, 6, (n, 5)) / 4
    score[rng.random(score.shape) < missing] = np.nan
    threshold = np.array([0.5, -np.inf, np.inf, np.nan, 1.0])
    ones = np.ones((2, n))
    found = resampled_decisions(ones, used, decide(score, threshold)) | resampled_ranking(ones, used, score)._asdict()
    for column in range(5):
        expected = measure(used, score[:, column], threshold[column])
        for name, values in found.items():
            np.testing.assert_equal(values[column].tolist(), [expected[name]] * 2, name)


@given(st.integers(0, 10_000))
def test_a_weight_is_so_many_copies(seed):
    rng = np.random.default_rng(seed)
    used, score = np.arange(20) % 2 == 0, rng.integers(0, 8, (20, 1)) / 8
    weights = rng.integers(0, 4, (3, 20)).astype(float)
    found = resampled_decisions(weights, used, decide(score, 0.5)) | resampled_ranking(weights, used, score)._asdict()
    for row, times in enumerate(weights.astype(int)):
        expected = measure(np.repeat(used, times), np.repeat(score[:, 0], times), 0.5)
        for name, values in found.items():
            np.testing.assert_equal(values[0, row], expected[name], name)


def test_auc_equal_to_scikit_learn():
    rng = np.random.default_rng(1)
    used, score, weights = rng.random(60) < 0.4, rng.random((60, 1)), rng.integers(0, 5, (4, 60)).astype(float)
    found = resampled_ranking(weights, used, score).auc[0]
    reference = [roc_auc_score(used, score[:, 0], sample_weight=row) for row in weights]
    np.testing.assert_allclose(found, reference, rtol=1e-12)


def test_no_column_depends_on_its_neighbours():
    rng = np.random.default_rng(2)
    used, groups, score = rng.random(40) < 0.5, np.arange(40) // 2, rng.random((40, 9))
    weights = patient_weights(used, groups, 200, seed=3)
    together = (
        resampled_decisions(weights, used, decide(score, 0.5)) | resampled_ranking(weights, used, score)._asdict()
    )
    for block in (slice(0, 1), slice(1, 4), slice(4, 9)):
        alone = resampled_decisions(weights, used, decide(score[:, block], 0.5))
        alone |= resampled_ranking(weights, used, score[:, block])._asdict()
        for name, values in together.items():
            np.testing.assert_array_equal(alone[name], values[block])


def test_patients_are_drawn_whole_and_within_their_class():
    groups = np.array(["a", "a", "b", "b", "b", "c", "d", "d", "e", "m", "m"])
    used = np.isin(groups, ["a", "b", "c"])
    used[9] = True
    weights = patient_weights(used, groups, 2000, seed=4)
    for name in set(groups):
        inside = weights[:, groups == name]
        assert (inside == inside[:, :1]).all()
    assert (weights == weights.round()).all()
    patient = {name: weights[:, list(groups).index(name)] for name in "abcdem"}
    # Every class keeps its size in patients: 3, 2, and the one with both labels, which is in every resample.
    unit = patient["m"][0]
    np.testing.assert_allclose((patient["a"] + patient["b"] + patient["c"]) / unit, 3)
    np.testing.assert_allclose((patient["d"] + patient["e"]) / unit, 2)
    assert (patient["m"] == unit).all()


@pytest.mark.parametrize("patients", [3, 8])
def test_variance_of_a_mean_is_not_too_small(patients):
    # One class of 2 x patients images: the variance of the mean of patients' values is s^2 / patients.
    rng = np.random.default_rng(5)
    value = rng.normal(size=patients)
    groups = np.repeat(np.arange(2 * patients), 2)
    used = groups < patients
    weights = patient_weights(used, groups, 40_000, seed=6)[:, used]
    means = (weights * np.repeat(value, 2)).sum(axis=1) / weights.sum(axis=1)
    assert means.var() == pytest.approx(value.var(ddof=1) / patients, rel=0.05)


def test_equal_seeds_equal_weights():
    used, groups = np.arange(20) % 3 == 0, np.arange(20) // 2
    first = patient_weights(used, groups, 50, seed=7)
    np.testing.assert_array_equal(first, patient_weights(used, groups, 50, seed=7))
    assert (first != patient_weights(used, groups, 50, seed=8)).any()
