import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from genprint.limits.curves import (
    ALWAYS_FOUND,
    NO_SCORE,
    NOT_FOUND,
    TOO_FEW,
    Axis,
    Curves,
    fit_curves,
    limit_of_detection,
    limits_table,
    power_table,
)
from genprint.limits.releases import WITHHELD
from genprint.tables.limits import printed
from genprint.tables.table import render

SHARES = Axis([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0], "log")
METHOD = {"variant": "original", "encoder": "pixels", "similarity": "ssim", "rule": "max"}
SIZES = {"p_perfect": 0.001, "n_used": 10, "n_not_used": 12, "groups_used": 5, "groups_not_used": 6}


def outcomes(*counts, trials=20):
    """Whether each of the trials found each level, the first ones first."""
    return np.arange(trials)[:, None] < np.array(counts)


def strengths(axis):
    return axis.strength(np.array(axis.levels))


def test_a_curve_through_two_points_by_hand():
    # 21 of 40 is 0.05 + 0.95 * 1/2, and 38 of 40 is 0.05 + 0.95 * 18/19.
    axis = Axis([1, 4], "log")
    curves = fit_curves(strengths(axis), np.array([[21, 38]]), 40, floor=0.05)
    assert curves.midpoint[0] == pytest.approx(0, abs=1e-4)
    assert curves.slope[0] == pytest.approx(np.log(18) / np.log(4), rel=1e-4)
    limit = limit_of_detection(outcomes(21, 38, trials=40), axis, wanted=0.9, resamples=50)
    # 0.9 is 0.05 + 0.95 * 17/19, whose logit is log(17 / 2).
    assert limit.limit == pytest.approx(4 ** (np.log(8.5) / np.log(18)), rel=1e-4)
    assert limit.reason is None


def test_the_fit_is_that_of_one_experiment_alone():
    found = np.random.default_rng(0).binomial(25, [0.04, 0.1, 0.2, 0.5, 0.8, 0.9, 1.0], size=(8, 7))
    x = strengths(SHARES)
    together = fit_curves(x, found, 25, floor=0.05)

    def loss(parameters, own):
        power = 0.05 + 0.95 * expit(np.exp(parameters[1]) * (x - parameters[0]))
        return -np.sum(own * np.log(power) + (25 - own) * np.log(1 - power))

    for own, midpoint, slope in zip(found, *together, strict=True):
        alone = minimize(
            loss, (np.log(0.1), 0.5), args=(own,), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-12}
        )
        assert midpoint == pytest.approx(alone.x[0], abs=1e-3)
        assert slope == pytest.approx(np.exp(alone.x[1]), rel=1e-3)


def test_power_rises_from_the_false_alarms_whatever_was_counted():
    found = np.random.default_rng(1).integers(0, 21, (50, 7))
    curves = fit_curves(strengths(SHARES), found, 20, floor=0.05)
    power = curves.power(np.linspace(-10, 3, 200), 0.05)
    assert (np.diff(power, axis=1) >= 0).all()
    assert power.min() >= 0.05
    assert power.max() <= 1


@pytest.mark.parametrize(
    ("counts", "reason"), [((0,) * 7, NOT_FOUND), ((1,) * 7, NOT_FOUND), ((20,) * 7, ALWAYS_FOUND)]
)
def test_a_limit_that_the_ladder_does_not_bracket_is_null_with_its_reason(counts, reason):
    limit = limit_of_detection(outcomes(*counts), SHARES)
    assert np.isnan([limit.limit, limit.limit_low, limit.limit_high]).all()
    assert limit.reason == reason


def test_without_a_score_there_is_no_limit():
    assert limit_of_detection(np.empty((0, 7), bool), SHARES).reason == NO_SCORE


def test_an_interval_is_no_narrower_than_its_step():
    limit = limit_of_detection(outcomes(0, 0, 0, 0, 20, 20, 20), SHARES)
    assert (limit.limit_low, limit.limit_high) == (0.1, 0.2)
    assert 0.1 < limit.limit <= 0.2


def test_a_bound_beyond_the_ladder_is_null():
    limit = limit_of_detection(outcomes(0, 0, 0, 0, 2, 12, 19), SHARES)
    assert limit.limit_low < 1
    assert np.isnan(limit.limit_high)


def test_a_falling_ladder_mirrors_a_rising_one():
    counts = 0, 1, 3, 12, 18, 20, 20
    rising = limit_of_detection(outcomes(*counts), SHARES)
    falling = limit_of_detection(outcomes(*counts), Axis([1 / level for level in SHARES.levels], "log"))
    assert falling.limit == pytest.approx(1 / rising.limit, rel=1e-4)
    assert falling.limit_low == pytest.approx(1 / rising.limit_high, rel=1e-4)
    assert falling.limit_high == pytest.approx(1 / rising.limit_low, rel=1e-4)
    assert falling.limit_low < falling.limit < falling.limit_high


@pytest.mark.parametrize("axis", [SHARES, Axis([1, 0.7, 0.1], "linear")])
def test_levels_and_strengths_belong_together(axis):
    assert (np.diff(strengths(axis)) > 0).all()
    np.testing.assert_allclose(axis.level(strengths(axis)), axis.levels)


@pytest.mark.simulation
def test_the_interval_covers_the_true_limit():
    truth = Curves(np.array([np.log(0.12)]), np.array([2.5]))
    power, limit = truth.power(strengths(SHARES), 0.05)[0], SHARES.level(truth.reaches(0.95, 0.05))[0]
    random = np.random.default_rng(3)
    covered = 0
    for repeat in range(40):
        found = limit_of_detection(random.random((20, 7)) < power, SHARES, resamples=200, seed=repeat)
        low, high = np.nan_to_num(found.limit_low, nan=0), np.nan_to_num(found.limit_high, nan=np.inf)
        covered += low <= limit <= high
    assert covered >= 36


def test_the_seed_decides_the_interval_and_nothing_else():
    found = outcomes(0, 1, 3, 9, 16, 19, 20)
    assert limit_of_detection(found, SHARES, seed=4) == limit_of_detection(found, SHARES, seed=4)
    assert limit_of_detection(found, SHARES, seed=4).limit == limit_of_detection(found, SHARES, seed=5).limit


@pytest.fixture
def trials():
    """Four splits: no false alarm, one of four at the first level, all at the second."""
    p = {np.nan: [0.5, 0.6, 0.05, 0.9], 0.1: [0.04, 0.3, 0.2, 0.1], 0.2: [0.01] * 4}
    return pd.DataFrame(
        [
            {"ladder": "copies", "level": level, "split": split, "auc": 0.5 + split / 10, "p": one} | METHOD | SIZES
            for level, values in p.items()
            for split, one in enumerate(values)
        ]
    )


def test_power_by_hand(trials):
    power = power_table(trials).set_index("level")
    assert power["found"].tolist() == [0, 1, 4]
    assert power["power"].tolist() == [0, 0.25, 1]
    assert power["auc"].tolist() == pytest.approx([0.65] * 3)
    # Wilson for 1 of 4, z = 1.959964: centre (0.25 + z^2/8) / (1 + z^2/4), half z sqrt(0.25 0.75 / 4 + z^2/64) / (...).
    assert power.loc[0.1, ["power_low", "power_high"]].tolist() == pytest.approx([0.0456, 0.6994], abs=1e-4)


def test_tables_say_what_was_tried_and_what_was_no_leak(trials):
    axes = {"copies": Axis([0.1, 0.2], "log")}
    ladders = {"copies": {"generator": {"method": "copy"}, "vary": "share", "levels": [0.1, 0.2]}}
    limits = limits_table(trials, axes, resamples=50)
    nothing = pd.DataFrame(columns=WITHHELD.names)
    table, _, withheld = printed(limits, power_table(trials), nothing, ladders, wanted=0.95, false_alarms=0.05)
    row = table.frame.iloc[0]
    assert (row["varied"], row["levels"], row["splits"]) == ("copy share", "0.1, 0.2", 4)
    assert (row["false_alarms"], row["n_used"], row["groups_not_used"]) == (0, 10, 6)
    assert 0.1 < row["limit"] <= 0.2
    assert set(render(table)) == {"csv", "md", "tex"}
    assert "write limits.copies: true" in render(withheld)["md"]


def test_a_method_without_scores_is_a_row_with_a_reason(trials):
    nothing = trials.assign(rule="dpi", p=np.nan, auc=np.nan)
    limits = limits_table(pd.concat([trials, nothing]), {"copies": Axis([0.1, 0.2], "log")}, resamples=50)
    row = limits[limits["rule"] == "dpi"].iloc[0]
    assert (row["splits"], row["reason"]) == (0, NO_SCORE)


def test_too_few_patients_are_no_fault_of_the_method(trials):
    axes = {"copies": Axis([0.1, 0.2], "log")}
    nothing = trials.assign(p=0.2)
    assert limits_table(nothing, axes, resamples=50)["reason"].tolist() == [NOT_FOUND]
    assert limits_table(nothing.assign(p_perfect=0.11), axes, resamples=50)["reason"].tolist() == [TOO_FEW]
