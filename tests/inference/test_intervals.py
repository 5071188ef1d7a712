import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from genprint.inference.intervals import (
    Interval,
    design_effect,
    group_sums,
    mover_difference,
    mover_mean,
    percentile,
    wilson,
)


@given(st.integers(1, 300), st.floats(0, 1), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_wilson_equal_to_scipy(trials, share, level):
    successes = round(share * trials)
    reference = stats.binomtest(successes, trials).proportion_ci(level, method="wilson")
    found = wilson(successes / trials, trials, level)
    assert found.low == pytest.approx(reference.low, abs=1e-12)
    assert found.high == pytest.approx(reference.high, abs=1e-12)


def test_wilson_by_hand():
    # z^2 = 3.841459; 8 of 10: (0.8 + 0.192073 -+ 1.959964 sqrt(0.016 + 0.009604)) / 1.384146.
    found = wilson(np.array([0.8, 0, 1, np.nan]), np.array([10, 10, 10, 10]))
    np.testing.assert_allclose(found.low, [0.490162, 0, 0.722467, np.nan], atol=5e-7)
    np.testing.assert_allclose(found.high, [0.943318, 0.277533, 1, np.nan], atol=5e-7)
    assert found.low[1] == 0 and found.high[2] == 1


def test_wilson_of_no_trials_is_undefined():
    assert np.isnan(wilson(np.array([np.nan]), np.array([0]))).all()


def test_independent_images_have_no_design_effect():
    rng = np.random.default_rng(0)
    success = rng.choice([0, 1, np.nan], (50, 20), p=[0.5, 0.4, 0.1])
    np.testing.assert_array_equal(design_effect(success, np.arange(50)), 1)


def test_images_of_a_patient_all_alike_are_one_image():
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(400), 3)
    success = np.repeat(rng.random((400, 1)) < 0.4, 3, axis=0).astype(float)
    assert design_effect(success, groups)[0] == pytest.approx(3, rel=0.01)
    # Always right: nothing is known of how patients differ, so they may be all alike.
    np.testing.assert_array_equal(design_effect(np.ones((1200, 1)), groups), 3)


def test_design_effect_by_hand():
    # Patients with 2 of 2, 1 of 2, 0 of 2, 0 of 1: p = 3/7, residuals 8/7, 1/7, -6/7, -3/7.
    success = np.array([[1], [1], [1], [0], [0], [0], [0], [np.nan]], float)
    groups = np.array(["a", "a", "b", "b", "c", "c", "d", "d"])
    between = 4 / 3 * (64 + 1 + 36 + 9) / 49 / 49
    largest = (4 + 4 + 4 + 1) / 7
    assert between / (3 / 7 * 4 / 7 / 6) == pytest.approx(1.4966, abs=1e-4)
    assert design_effect(success, groups)[0] == pytest.approx(min(between / (3 / 7 * 4 / 7 / 6), largest))


def test_design_effect_is_that_of_the_intraclass_correlation():
    # 1 + (m - 1) rho (Kish): a patient's images share their value with probability 1/2, hence rho = 1/2.
    rng = np.random.default_rng(2)
    patients, images, columns = 200, 4, 50
    common = np.repeat(rng.random((patients, columns)) < 0.5, images, axis=0)
    own = rng.random((patients * images, columns)) < 0.5
    shared = rng.random((patients, columns)) < 0.5
    success = np.where(np.repeat(shared, images, axis=0), common, own).astype(float)
    effect = design_effect(success, np.repeat(np.arange(patients), images))
    assert effect.mean() == pytest.approx(1 + 3 * 0.5, rel=0.05)


def test_group_sums():
    values = np.array([[1, 10], [2, 20], [3, 30], [4, 40]])
    np.testing.assert_array_equal(group_sums(values, ["b", "a", "b", "a"]), [[6, 60], [4, 40]])
    assert group_sums(np.zeros((0, 3)), np.array([])).shape == (0, 3)


def test_percentile_equal_to_numpy_and_without_the_undefined():
    values = np.random.default_rng(3).normal(size=(4, 101))
    values[1, :40] = np.nan
    values[2, :51] = np.nan
    values[3] = np.nan
    found = percentile(values, 0.9)
    np.testing.assert_allclose(found.low[:2], np.nanquantile(values[:2], 0.05, axis=1))
    np.testing.assert_allclose(found.high[:2], np.nanquantile(values[:2], 0.95, axis=1))
    assert np.isnan([bound[2:] for bound in found]).all()


def test_mover_by_hand():
    # Mean 0.6; distances 0.3, 0.4 below and 0.06, 0.08 above: 0.5 / 2 and 0.1 / 2.
    found = mover_mean(np.array([0.5, 0.7]), Interval(np.array([0.2, 0.3]), np.array([0.56, 0.78])))
    np.testing.assert_allclose(found, [0.35, 0.65])
    found = mover_difference(0.9, Interval(0.6, 0.95), 0.5, Interval(0.38, 0.9))
    np.testing.assert_allclose(found, [0.4 - np.hypot(0.3, 0.4), 0.4 + np.hypot(0.05, 0.12)])


def test_mover_covers_the_mean_of_two_rates():
    rng = np.random.default_rng(4)
    rates, trials = np.array([[0.9], [0.6]]), np.array([[30], [50]])
    observed = rng.binomial(trials, rates, (2, 4000)) / trials
    found = mover_mean(observed, wilson(observed, trials))
    assert 0.94 < np.mean((found.low <= 0.75) & (found.high >= 0.75)) < 0.965
