import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as sklearn_metrics

from genprint.scoring import metrics
from genprint.scoring.metrics import BUDGETS, COUNTS, METRICS, Confusion, measure


@st.composite
def samples(draw):
    """Truth and scores with many ties."""
    n = draw(st.integers(1, 60))
    score = st.integers(-4, 4).map(lambda value: value / 4)
    return draw(arrays(bool, n)), draw(arrays(float, n, elements=score))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
@settings(max_examples=60, deadline=None)
@given(samples(), st.sampled_from([-np.inf, -0.5, 0.125, 1.0, np.inf]))
def test_equal_to_scikit_learn(sample, threshold):
    used, score = sample
    found = measure(used, score, threshold)
    decision = score >= threshold
    reference = {
        "accuracy": sklearn_metrics.accuracy_score(used, decision),
        "precision": sklearn_metrics.precision_score(used, decision, zero_division=np.nan),
        "recall": sklearn_metrics.recall_score(used, decision, zero_division=np.nan),
        "specificity": sklearn_metrics.recall_score(~used, ~decision, zero_division=np.nan),
        "f1": sklearn_metrics.f1_score(used, decision, zero_division=np.nan),
    }
    if len(set(used) | set(decision)) == 2:  # else 0 / 0, which scikit-learn calls 1 or warns of
        reference["kappa"] = sklearn_metrics.cohen_kappa_score(used, decision)
    if len(set(used)) == len(set(decision)) == 2:
        reference["mcc"] = sklearn_metrics.matthews_corrcoef(used, decision)
    else:
        assert np.isnan(found["mcc"])
    if len(set(used)) == 2:
        reference["advantage"] = sklearn_metrics.balanced_accuracy_score(used, decision, adjusted=True)
    else:
        assert np.isnan(found["advantage"])
    if len(set(used)) == 2:
        reference["auc"] = sklearn_metrics.roc_auc_score(used, score)
        fpr, tpr, _ = sklearn_metrics.roc_curve(used, score, drop_intermediate=False)
        reference["tpr_at_1_permille_fpr"] = tpr[fpr <= 0.001].max()
        reference["tpr_at_1_percent_fpr"] = tpr[fpr <= 0.01].max()
        reference["tpr_at_10_percent_fpr"] = tpr[fpr <= 0.10].max()
    else:
        assert np.isnan([found["auc"], found["tpr_at_1_percent_fpr"]]).all()
    for name, value in reference.items():
        assert found[name] == pytest.approx(value, abs=1e-12, nan_ok=True), name
    matrix = sklearn_metrics.confusion_matrix(used, decision, labels=[True, False])
    assert [[found["true_positive"], found["false_negative"]], [found["false_positive"], found["true_negative"]]] == (
        matrix.tolist()
    )


def test_by_hand_with_precision_and_recall_the_right_way_round():
    found = measure(np.array([True] * 4 + [False] * 6), np.array([9, 8, 7, 1, 6, 5, 2, 2, 2, 2.0]), 4)
    assert [found[name] for name in COUNTS] == [10, 4, 6, 0, 3, 2, 1, 4]
    assert found["precision"] == 3 / 5
    assert found["recall"] == 3 / 4
    assert found["specificity"] == 4 / 6
    assert found["f1"] == pytest.approx(2 / 3)
    # Agreement 0.7; by chance 0.5 x 0.4 + 0.5 x 0.6.
    assert found["kappa"] == pytest.approx((0.7 - 0.5) / 0.5)
    # Of 24 pairs the used one scores lower in 2 x 1 + 4 x 1.
    assert found["auc"] == pytest.approx(18 / 24)


@given(samples(), st.sampled_from([-0.5, 0.125, 1.0]))
@example((np.array([True, False, True, True]), np.array([0, -0.75, 0, 0])), -0.5)  # its mcc was 1 and a rounding
def test_values_are_within_their_ranges(sample, threshold):
    found = measure(*sample, threshold)
    assert list(found) == [*COUNTS, *METRICS]
    for name, metric in METRICS.items():
        assert np.isnan(found[name]) or metric.low <= found[name] <= metric.high, name


@given(samples(), st.randoms(use_true_random=False))
def test_order_of_images_decides_nothing(sample, random):
    used, score = sample
    order = random.sample(range(used.size), used.size)
    np.testing.assert_equal(measure(used[order], score[order], 0.125), measure(used, score, 0.125))


@given(samples())
def test_ranking_metrics_are_kept_by_increasing_functions(sample):
    used, score = sample
    for name in ("auc", *BUDGETS):
        np.testing.assert_equal(measure(used, np.exp(3 * score), 0)[name], measure(used, score, 0)[name])


@given(samples())
def test_exchanging_the_classes_mirrors_the_metrics(sample):
    used, score = sample
    found, mirrored = measure(used, score, 0.125), measure(~used, -score, -0.125)
    for name, mirror in {
        "recall": "specificity",
        "accuracy": "accuracy",
        "kappa": "kappa",
        "mcc": "mcc",
        "advantage": "advantage",
    }.items():
        assert found[name] == pytest.approx(mirrored[mirror], nan_ok=True), name
    assert found["auc"] == pytest.approx(mirrored["auc"], nan_ok=True)
    assert found["auc"] == pytest.approx(1 - measure(~used, score, 0)["auc"], nan_ok=True)


def test_auc_counts_ties_as_one_half():
    # argsort taken for ranks makes this 0 or 1, depending on the order of the images.
    assert metrics.auc(np.array([True, False]), np.zeros(2)) == 0.5
    assert metrics.auc(np.array([False, True]), np.zeros(2)) == 0.5


def test_tpr_at_fpr_is_a_step_and_not_interpolated():
    used = np.array([True, False, True, True, False, False])
    score = np.array([6, 5, 4, 3, 2, 1.0])
    # Thresholds have FPR 0 with TPR 1/3, then FPR 1/3: an interpolation at 10 % promises 0.53.
    assert metrics.tpr_at_fpr(used, score, 0.10) == 1 / 3
    assert metrics.tpr_at_fpr(used, score, 1 / 3) == 1


def test_budget_is_met_exactly():
    used = np.repeat([False, True], [100, 1])
    score = np.concatenate(([3.0], np.zeros(99), [2.0]))
    assert metrics.tpr_at_fpr(used, score, 0.01) == 1
    assert metrics.tpr_at_fpr(used[1:], score[[0, *range(2, 101)]], 0.01) == 0


def test_no_score_and_no_threshold_are_counted_and_left_out():
    used, score = np.array([True, True, False, False]), np.array([1, np.nan, 0, np.nan])
    found = measure(used, score, 0.5)
    assert [found[name] for name in COUNTS] == [4, 2, 2, 2, 1, 0, 0, 1]
    assert found["accuracy"] == found["auc"] == 1
    without = measure(used, score, np.nan)
    assert without["n_undecided"] == 4
    assert np.isnan(without["accuracy"])
    assert without["auc"] == 1


def test_nothing_at_all_is_null():
    found = measure(np.empty(0, bool), np.empty(0), 0)
    assert {found[name] for name in COUNTS} == {0}
    assert np.isnan([found[name] for name in METRICS]).all()


@pytest.mark.parametrize("n_used", [1, 30, 99])
def test_constant_answer_has_the_values_that_the_descriptions_give(n_used):
    p = n_used / 100
    stated = {"p": p, "1": 1, "0": 0, "1/2": 0.5, "2p / (1 + p)": 2 * p / (1 + p), "undefined": np.nan}
    found = measure(np.arange(100) < n_used, np.zeros(100), -np.inf)
    for name, metric in METRICS.items():
        assert found[name] == pytest.approx(stated[metric.constant_used], nan_ok=True), name


def test_counts_may_be_arrays():
    counts = Confusion(*np.array([[230, 1], [247, 0], [20, 0], [3, 0]]))
    np.testing.assert_allclose(metrics.kappa(counts), [-0.068, np.nan])
    np.testing.assert_allclose(metrics.f1(counts), [460 / 727, 1])
