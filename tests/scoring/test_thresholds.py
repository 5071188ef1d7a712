import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.mixture import GaussianMixture

from genprint.scoring.metrics import measure
from genprint.scoring.thresholds import THRESHOLD_RULES, Calibration, NoThresholdError, decide, threshold_by

MAXIMISES = {"best-f1": "f1", "best-kappa": "kappa", "best-accuracy": "accuracy"}


def calibration_of(score, used, real_only=None):
    score = np.asarray(score, float)
    return Calibration(score, np.asarray(used, bool), score if real_only is None else np.asarray(real_only, float))


@st.composite
def calibrations(draw):
    """Two classes, at least two distinct scores, many ties."""
    n = draw(st.integers(2, 30))
    score = draw(arrays(float, n, elements=st.integers(-5, 5).map(float)))
    used = draw(arrays(bool, n))
    used[:2], score[:2] = (True, False), (score[0], score[0] + 1)
    return calibration_of(score, used)


def goodness(rule, used, score, threshold):
    found = measure(used, score, threshold)
    if rule == "youden":
        return found["recall"] + found["specificity"] - 1
    if rule == "prevalence":
        return -abs(found["false_positive"] - found["false_negative"])
    return found[MAXIMISES[rule]]


@given(calibrations())
def test_supervised_rules_find_the_best_of_all_cuts_and_then_the_highest(calibration):
    distinct = np.unique(calibration.score)
    cuts = [-np.inf, *((distinct[1:] + distinct[:-1]) / 2), np.inf]
    for rule in (*MAXIMISES, "youden", "prevalence"):
        values = [goodness(rule, calibration.used, calibration.score, cut) for cut in cuts]
        best = max(cut for cut, value in zip(cuts, values, strict=True) if value >= np.nanmax(values) - 1e-12)
        assert threshold_by(rule, calibration) == best, rule


@given(calibrations())
def test_otsu_has_the_largest_variance_between_the_sides(calibration):
    score = calibration.score
    distinct = np.unique(score)

    def between(cut):
        above, below = score[score >= cut], score[score < cut]
        return above.size * below.size * (above.mean() - below.mean()) ** 2

    values = {cut: between(cut) for cut in (distinct[1:] + distinct[:-1]) / 2}
    assert values[threshold_by("otsu", calibration)] == pytest.approx(max(values.values()))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(3, 8), st.floats(0.3, 0.7))
def test_mixture_is_where_the_posterior_of_scikit_learn_changes(seed, gap, share):
    random = np.random.default_rng(seed)
    lower = random.random(300) < share
    score = np.where(lower, random.normal(0, 1, 300), random.normal(gap, 0.7, 300)) * 50 - 1000
    threshold = threshold_by("mixture", calibration_of(score, lower))
    reference = GaussianMixture(2, tol=1e-9, max_iter=2000, reg_covar=1e-9, random_state=0).fit(score[:, None])
    upper = reference.means_.ravel().argmax()
    around = reference.predict_proba([[threshold - 0.5], [threshold + 0.5]])[:, upper]
    assert around[0] < 0.5 < around[1]


def test_mixture_of_two_equal_halves_is_in_the_middle():
    half = np.array([-1.0, 0, 1])
    threshold = threshold_by("mixture", calibration_of(np.concatenate((half, half + 10)), [False] * 3 + [True] * 3))
    assert threshold == pytest.approx(5)


@given(calibrations(), st.randoms(use_true_random=False))
def test_order_of_images_decides_nothing(calibration, random):
    order = random.sample(range(calibration.used.size), calibration.used.size)
    shuffled = calibration_of(calibration.score[order], calibration.used[order])
    for rule in THRESHOLD_RULES:
        assert outcome(rule, shuffled) == outcome(rule, calibration)


def outcome(rule, calibration):
    try:
        return threshold_by(rule, calibration)
    except NoThresholdError as error:
        return str(error)


@given(calibrations())
def test_images_without_a_score_change_nothing(calibration):
    more = calibration_of(np.append(calibration.score, [np.nan, np.nan]), np.append(calibration.used, [True, False]))
    for rule in THRESHOLD_RULES:
        assert outcome(rule, more) == outcome(rule, calibration)


def test_by_hand():
    calibration = calibration_of([1, 2, 3, 4, 5], [False, False, True, False, True], [0, 1, 2, 3, 4])
    # F1: 0.8 at 2.5 (TP 2, FP 1). Accuracy and kappa tie at 2.5 and 4.5; the higher accuses fewer.
    assert threshold_by("best-f1", calibration) == 2.5
    assert threshold_by("best-accuracy", calibration) == 4.5
    assert threshold_by("youden", calibration) == 2.5
    assert threshold_by("prevalence", calibration) == 3.5
    assert threshold_by("real-real-max", calibration) == 4
    assert threshold_by("real-real-mean-sd", calibration, {"deviations": 1}) == pytest.approx(2 + np.sqrt(2.5))


def test_without_a_signal_f1_calls_everything_used_and_accuracy_nothing():
    calibration = calibration_of([1, 2, 3, 4], [True, True, False, False])
    assert threshold_by("best-f1", calibration) == -np.inf
    assert threshold_by("best-accuracy", calibration) == np.inf


def test_prevalence_need_not_be_one_half():
    # The median of the scores would call half of them used.
    threshold = threshold_by("prevalence", calibration_of(np.arange(10), np.arange(10) >= 8))
    assert threshold == 7.5


@pytest.mark.parametrize("low", [0.1, 1e300, -5e-324])
def test_neighbouring_floats_are_separated(low):
    high = np.nextafter(low, np.inf)
    threshold = threshold_by("best-accuracy", calibration_of([low, high], [False, True]))
    np.testing.assert_array_equal(decide(np.array([low, high]), threshold), [0, 1])


@pytest.mark.parametrize(
    ("rule", "calibration", "reason"),
    [
        *((rule, calibration_of([1, 1], [True, False]), "the same score") for rule in ("best-f1", "otsu", "mixture")),
        ("best-kappa", calibration_of([1, 2], [True, True]), "one class only"),
        ("youden", calibration_of([1, 2, np.nan], [True, True, False]), "one class only"),
        *((rule, calibration_of([np.nan, np.nan], [True, False]), "has a score") for rule in THRESHOLD_RULES),
        *((rule, calibration_of([], []), "has a score") for rule in THRESHOLD_RULES),
        ("real-real-mean-sd", calibration_of([1, 2], [True, False], [1, np.nan]), "no standard deviation"),
        ("mixture", calibration_of(np.random.default_rng(1).normal(size=40), [True] * 40), "overlap"),
    ],
)
def test_a_threshold_that_cannot_be_chosen_says_why(rule, calibration, reason):
    with pytest.raises(NoThresholdError, match=reason):
        threshold_by(rule, calibration)


@pytest.mark.filterwarnings("error")
@settings(deadline=None)
@given(calibrations(), st.floats(-300, 300))
def test_no_numerical_trouble_at_any_scale(calibration, exponent):
    scaled = calibration_of(calibration.score * 10.0 ** (exponent / 3), calibration.used)
    for rule in THRESHOLD_RULES:
        threshold = outcome(rule, scaled)  # or the reason why there is none
        assert isinstance(threshold, str) or not np.isnan(threshold), rule


def test_used_if_the_score_reaches_the_threshold():
    score = np.array([0, 1, 2, np.nan])
    np.testing.assert_array_equal(decide(score, 1), [0, 1, 1, np.nan])
    np.testing.assert_array_equal(decide(score, -np.inf), [1, 1, 1, np.nan])
    np.testing.assert_array_equal(decide(score, np.inf), [0, 0, 0, np.nan])
    assert np.isnan(decide(score, np.nan)).all()
