import numpy as np
import pytest
from scipy import stats

from genprint.inference.intervals import Interval, wilson
from genprint.inference.resampling import patient_weights
from genprint.inference.uncertainty import (
    Sample,
    decision_intervals,
    difference_interval,
    epsilon_bound,
    patients_found,
    ranking_intervals,
)
from genprint.scoring.metrics import DECISION_METRICS, METRICS, auc, measure


def sample(used, groups=None, resamples=300):
    groups = np.arange(used.size) if groups is None else groups
    return Sample(used, groups, patient_weights(used, groups, resamples, seed=0))


def intervals(images, score, threshold):
    return decision_intervals(images, (score >= threshold).astype(float)) | ranking_intervals(images, score)[0]


def test_every_metric_has_an_interval_around_it():
    rng = np.random.default_rng(0)
    used = np.arange(60) % 2 == 0
    score = used[:, None] + rng.normal(size=(60, 8))
    found = intervals(sample(used, np.arange(60) // 4 * 2 + used), score, 0.5)
    assert set(found) == set(METRICS)
    for column in range(8):
        observed = measure(used, score[:, column], 0.5)
        for name, interval in found.items():
            assert METRICS[name].low <= interval.low[column] <= observed[name] <= interval.high[column], name
            assert interval.high[column] <= METRICS[name].high, name


def test_rates_of_independent_images_have_wilsons_interval():
    rng = np.random.default_rng(1)
    used, score = np.arange(50) < 30, rng.random((50, 1))
    found = intervals(sample(used), score, 0.5)
    observed = measure(used, score[:, 0], 0.5)
    called = observed["true_positive"] + observed["false_positive"]
    for name, trials in (("accuracy", 50), ("precision", called), ("recall", 30), ("specificity", 20)):
        reference = stats.binomtest(round(observed[name] * trials), trials).proportion_ci(method="wilson")
        assert found[name].low[0] == pytest.approx(reference.low)
        assert found[name].high[0] == pytest.approx(reference.high)


@pytest.mark.parametrize("right", [True, False])
def test_always_right_or_wrong_is_not_certain(right):
    used = np.arange(40) < 20
    score = np.where(used == right, 1.0, 0.0)[:, None]
    found = intervals(sample(used, np.arange(40) // 2), score, 0.5)
    # Ten patients of either class: recall and specificity down to Wilson's bound of 10 of 10.
    bound = float(wilson(1.0, 10).low)
    metric = {
        "auc": bound,
        "f1": bound,
        "kappa": 2 * bound - 1,
        "mcc": 2 * bound - 1,
        "advantage": 2 * bound - 1,
        "recall": bound,
    }
    for name, value in metric.items():
        low, high = (interval[0] for interval in found[name])
        if right:
            assert (low, high) == pytest.approx((value, 1))
        else:
            wrong = (METRICS[name].low, METRICS[name].low + METRICS[name].high - value)
            assert (low, high) == pytest.approx(wrong)


def test_a_constant_answer_may_have_kappa_0_by_chance():
    used = np.arange(40) < 20
    found = intervals(sample(used), np.zeros((40, 1)), 0.0)
    assert found["kappa"].low[0] < 0 < found["kappa"].high[0]
    assert found["auc"].low[0] < 0.5 < found["auc"].high[0]


def test_what_cannot_be_said_is_undefined():
    rng = np.random.default_rng(2)
    score = rng.random((12, 2))
    score[:, 1] = np.nan
    one_patient = sample(np.arange(12) < 4, np.arange(12) // 4)
    found = intervals(one_patient, score, 0.5)
    assert np.isnan(found["auc"]).all() and np.isnan(found["f1"]).all()
    for used in (np.zeros(12, bool), np.ones(12, bool)):
        found = intervals(sample(used), score, 0.5)
        assert all(np.isnan(found[name]).all() for name in ("auc", "kappa", "tpr_at_1_percent_fpr"))
    nothing = sample(np.zeros(0, bool))
    assert np.isnan(list(intervals(nothing, np.zeros((0, 2)), 0.5).values())).all()


def test_a_cut_within_the_budget_is_that_of_the_metric():
    # Ten images not used: one false positive is within 10 %, none within 1 %.
    score = np.array([9, 8, 7, 6, 5.5, 8.5, 6.5, *range(8)])[:, None]
    used = np.arange(15) < 5
    found = ranking_intervals(sample(used), score)[0]
    observed = measure(used, score[:, 0], 0)
    for name, rate in (("tpr_at_1_percent_fpr", 1 / 5), ("tpr_at_10_percent_fpr", 2 / 5)):
        assert observed[name] == rate
        reference = wilson(rate, 5)
        assert found[name].low[0] <= reference.low and found[name].high[0] >= reference.high


def test_a_difference_in_pairs_is_narrower_than_without():
    rng = np.random.default_rng(3)
    used = np.arange(80) % 2 == 0
    first = used + rng.normal(size=80)
    second = first + rng.normal(0, 0.3, 80)
    images = sample(used)
    found, resampled = ranking_intervals(images, np.column_stack([first, second]))
    each = [Interval(found["auc"].low[[k]], found["auc"].high[[k]]) for k in range(2)]
    values = [np.array([auc(used, score)]) for score in (first, second)]
    paired = difference_interval(images, values, each, (resampled[[0]], resampled[[1]]))
    assert paired.low < values[0] - values[1] < paired.high
    assert paired.high - paired.low < 0.6 * (each[0].high - each[0].low)
    # Twice the same: no resample differs, and nothing is certain for all that.
    same = difference_interval(images, [values[0]] * 2, [each[0]] * 2, (resampled[[0]],) * 2)
    assert same.low < 0 < same.high


@pytest.mark.simulation
def test_intervals_cover_and_without_patients_they_would_not():
    """400 data sets of 20 + 20 patients with 3 images each, whose scores correlate at 0.8 within a patient."""
    rng = np.random.default_rng(4)
    patients, images, data_sets, shift, between = 20, 3, 400, 1.0, 0.8
    groups = np.repeat(np.arange(2 * patients), images)
    used = groups < patients
    of_patient = np.repeat(rng.normal(0, between**0.5, (2 * patients, data_sets)), images, axis=0)
    score = shift * used[:, None] + of_patient + rng.normal(0, (1 - between) ** 0.5, (used.size, data_sets))
    recall, false = stats.norm.sf(shift / 2 - shift), stats.norm.sf(shift / 2)
    truth = {
        "auc": stats.norm.cdf(shift / 2**0.5),
        "recall": recall,
        "specificity": 1 - false,
        "f1": 2 * recall / (1 + recall + false),
        "kappa": recall - false,
    }
    assert truth.keys() - DECISION_METRICS.keys() == {"auc"}
    by_patient = intervals(sample(used, groups, 1000), score, shift / 2)
    by_image = intervals(sample(used, None, 1000), score, shift / 2)
    for name, value in truth.items():
        covered, too_few = (
            stats.binomtest(np.count_nonzero((found.low <= value) & (value <= found.high)), data_sets, 0.95)
            for found in (by_patient[name], by_image[name])
        )
        assert covered.pvalue > 0.01, (name, covered.statistic)
        assert too_few.statistic < 0.88 and too_few.pvalue < 1e-6, (name, too_few.statistic)


def test_epsilon_by_hand():
    # 20 used and 20 not used patients of one image each: 18 found, one called used by mistake.
    used = np.arange(40) < 20
    decision = np.where(used, np.arange(40) < 18, np.arange(40) == 20).astype(float)[:, None]
    low, high = stats.beta.ppf(0.025, 18, 3), stats.beta.ppf(0.975, 2, 19)
    of_rest = stats.beta.ppf(0.025, 19, 2), stats.beta.ppf(0.975, 3, 18)
    expected = max(np.log(low / high), np.log(of_rest[0] / of_rest[1]))
    assert epsilon_bound(sample(used), decision)[0] == pytest.approx(expected)
    coin = (np.arange(40) % 2).astype(float)[:, None]
    assert epsilon_bound(sample(used), coin)[0] == 0
    always = np.ones((40, 1))
    assert epsilon_bound(sample(used), always)[0] == 0


def test_epsilon_of_randomised_response_is_not_exceeded():
    """Labels told with probability exp(1) / (1 + exp(1)) are 1-differentially private; a bound above that is wrong."""
    rng = np.random.default_rng(3)
    used = np.arange(60) < 30
    told = rng.random((60, 400)) < np.e / (1 + np.e)
    found = epsilon_bound(sample(used), np.where(told, used[:, None], ~used[:, None]).astype(float))
    assert np.mean(found > 1) < 0.05 and found.max() > 0.3


def test_patients_and_not_images_are_counted_as_found():
    used, groups = np.array([1, 1, 1, 1, 0, 0], bool), np.array(["a", "a", "b", "c", "d", "e"])
    score = np.array([9.0, 8, 7, 1, 6, 2])[:, None]
    assert patients_found(sample(used, groups), score, 0.01).tolist() == [2]
    assert patients_found(sample(used, groups), score, 0.5).tolist() == [2]
