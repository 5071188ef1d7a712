import numpy as np
import pytest

from genprint.inference.permutation import (
    auc_of_labels,
    kappa_of_labels,
    largest,
    studentised,
    tpr_of_labels,
)
from genprint.inference.relabelling import p_values
from genprint.scoring import metrics
from genprint.scoring.thresholds import decide


def ties_and_gaps(rng, n, columns):
    """Scores with many ties, and some NaN."""
    score = rng.integers(0, 5, (n, columns)) / 4
    score[rng.random((n, columns)) < 0.1] = np.nan
    return score


def test_the_same_as_the_metrics_one_by_one():
    rng = np.random.default_rng(0)
    score = ties_and_gaps(rng, 40, 7)
    threshold = np.array([0.5, 0.25, np.nan, -np.inf, np.inf, 0.75, 0.4])
    labels = rng.random((9, 40)) < 0.4
    labels[8] = True
    auc, kappa = auc_of_labels(labels, score), kappa_of_labels(labels, decide(score, threshold))
    tpr = {name: tpr_of_labels(labels, score, budget) for name, budget in metrics.BUDGETS.items()}
    for row, used in enumerate(labels):
        for column in range(7):
            expected = metrics.measure(used, score[:, column], threshold[column])
            np.testing.assert_equal(auc[row, column], expected["auc"])
            np.testing.assert_equal(kappa[row, column], expected["kappa"])
            for name, rates in tpr.items():
                np.testing.assert_equal(rates[row, column], expected[name])


def max_t(observed, permuted):
    """Corrected p, as `genprint.inference.significance` puts it together from its parts."""
    observed, permuted = studentised(observed, permuted)
    return p_values(observed, largest(permuted)[:, None])


def test_max_t_by_hand():
    # Null means 0 and 10, null standard deviations 1 and 2: the columns differ in scale only.
    permuted = np.array([[-1.0, 12.0], [1.0, 12.0], [-1.0, 8.0], [1.0, 8.0]])
    observed = np.array([1.0, 13.0])
    # t = 1 and 1.5; the largest t of each permutation: 1, 1, -1, 1. The first is reached thrice, the second never.
    np.testing.assert_array_equal(max_t(observed, permuted), [4 / 5, 1 / 5])
    np.testing.assert_array_equal(p_values(observed, permuted), [3 / 5, 1 / 5])


def test_one_combination_needs_no_correction():
    rng = np.random.default_rng(5)
    observed, permuted = rng.random(1), rng.random((99, 1))
    np.testing.assert_array_equal(max_t(observed, permuted), p_values(observed, permuted))


def test_a_combination_that_never_varies_finds_nothing():
    rng = np.random.default_rng(6)
    permuted = np.column_stack([rng.normal(size=199), np.zeros(199)])
    corrected = max_t(np.array([4.0, 0.0]), permuted)
    assert corrected[0] == pytest.approx(1 / 200)
    assert corrected[1] > 0.3


def test_no_column_depends_on_the_order_or_number_of_the_others():
    rng = np.random.default_rng(7)
    permuted, observed = rng.random((50, 6)), rng.random(6)
    permuted[3, 2] = np.nan
    for column in range(6):
        alone = studentised(observed[[column]], permuted[:, [column]])
        for part, of_all in zip(alone, studentised(observed, permuted), strict=True):
            np.testing.assert_array_equal(part[..., 0], of_all[..., column])
    order = rng.permutation(6)
    np.testing.assert_array_equal(max_t(observed[order], permuted[:, order]), max_t(observed, permuted)[order])
