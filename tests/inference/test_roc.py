import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genprint.inference.resampling import patient_weights
from genprint.inference.roc import GRID, rates, roc_curve
from genprint.scoring.metrics import auc, tpr_at_fpr


def at(curve, fpr):
    return curve[round(fpr * 100)]


def test_a_hand_computed_curve():
    used = np.array([True, False, True, False])
    recall = roc_curve(used, np.array([4.0, 3, 2, 1])).recall
    assert at(recall, 0) == at(recall, 0.49) == 0.5
    assert at(recall, 0.5) == at(recall, 1) == 1


def test_images_that_tie_are_on_a_straight_line():
    used = np.array([True, False, True])
    recall = roc_curve(used, np.array([1.0, 1, 0])).recall
    np.testing.assert_allclose(recall[:-1], GRID[:-1] / 2)
    assert at(recall, 1) == 1
    np.testing.assert_allclose(roc_curve(used, np.zeros(3)).recall, GRID)


@given(st.integers(0, 2**32 - 1))
def test_it_is_the_largest_tpr_within_each_budget(seed):
    rng = np.random.default_rng(seed)
    used = np.append([True, False], rng.random(30) < 0.5)
    score = rng.permutation(32).astype(float)
    recall = roc_curve(used, score).recall
    for fpr in (0, 0.07, 0.1, 0.29, 0.5, 1):
        assert at(recall, fpr) == pytest.approx(tpr_at_fpr(used, score, fpr))
    assert (np.diff(recall) >= 0).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_the_auc_is_below_it_whatever_ties(seed, levels):
    rng = np.random.default_rng(seed)
    used = rng.permutation(np.repeat([True, False], [13, 20]))  # every image not used is five steps of the grid wide
    score = rng.integers(0, levels, 33).astype(float)
    recall = roc_curve(used, score).recall
    jumps = sum(recall[k + 1] - recall[k] for k in range(4, 100, 5)) / 200  # what trapezoids add to upright steps
    assert np.trapezoid(recall, GRID) == pytest.approx(auc(used, score), abs=jumps + 1e-9)
    for fpr in (0, 0.1, 0.5, 1):
        assert at(recall, fpr) >= tpr_at_fpr(used, score, fpr) - 1e-12


def test_the_band_is_that_of_the_resamples():
    rng = np.random.default_rng(1)
    used = np.repeat([True, False], 40)
    score = used + rng.normal(size=80)
    weights = patient_weights(used, np.arange(80) // 2, 400, 0)
    curve = roc_curve(used, score, weights)
    assert (curve.low <= curve.high).all()
    assert (curve.low <= curve.recall + 1e-9).mean() > 0.95 and (curve.high >= curve.recall - 1e-9).mean() > 0.95
    narrow = roc_curve(used, score, weights, level=0.5)
    assert (narrow.high - narrow.low <= curve.high - curve.low + 1e-12).all()


def test_weights_of_one_have_no_band():
    used, score = np.array([True, False]), np.array([1.0, 0])
    curve = roc_curve(used, score, np.ones((3, 2)))
    assert (curve.low == curve.recall).all() and (curve.high == curve.recall).all()
    assert np.isnan(roc_curve(used, score).low).all()
    assert len(curve.recall) == len(GRID)


def test_the_operating_point():
    used = np.array([True, True, False, False])
    assert rates(used, np.array([True, False, True, False])) == (0.5, 0.5)


def test_one_label_has_no_curve():
    with pytest.raises(ValueError, match="used and not used"):
        roc_curve(np.array([True]), np.array([1.0]))
