import numpy as np
import pytest

from genprint.copies.tail import FEWEST, fisher_z, largest_share, outliers, tail

RANDOM = np.random.default_rng(0)


def test_up_to_the_threshold_the_tail_counts():
    fitted = tail(np.arange(20.0))
    assert fitted.survival(np.array([-1.0, 5.0])) == pytest.approx([1.0, (1 + 15) / 21])


def test_the_tail_falls_without_a_step():
    fitted = tail(RANDOM.exponential(1, 60))
    values = fitted.survival(np.linspace(0, 20, 2000))
    assert (np.diff(values) <= 1e-12).all() and 0 < values[-1] < 1e-4
    beyond = fitted.survival(fitted.threshold + np.array([1e-9, -1e-9]))
    assert beyond[0] == pytest.approx(beyond[1], rel=0.2)


def test_quantile_is_the_inverse_of_survival():
    fitted = tail(RANDOM.exponential(1, 60))
    assert fitted.survival(fitted.quantile(1e-5)) == pytest.approx(1e-5)


@pytest.mark.parametrize("values", [np.arange(FEWEST - 1.0), np.ones(50), np.empty(0)])
def test_too_few_or_equal_values_have_no_tail(values):
    assert tail(values) is None


def test_a_new_value_exceeds_as_often_as_the_tail_says():
    below = []
    for _ in range(2000):
        values = RANDOM.gumbel(size=21)
        below.append(tail(values[:20]).survival(values[20]) <= 0.01)
    assert np.mean(below) <= 0.01 + 3 * np.sqrt(0.01 * 0.99 / 2000)


def test_outliers_do_not_hide_each_other():
    values = np.concatenate([RANDOM.normal(0, 1, 30), [30.0, 31.0]])
    assert np.flatnonzero(outliers(values)).tolist() == [30, 31]
    assert not outliers(RANDOM.normal(0, 1, 30)).any()


def test_the_share_of_the_largest_is_exact_from_one_half_on():
    draws = RANDOM.exponential(1, (200_000, 5))
    share = draws.max(axis=1) / draws.sum(axis=1)
    assert largest_share(0.6, 5) == pytest.approx((share >= 0.6).mean(), abs=0.005)
    assert largest_share(0.1, 5) == 1


def test_fisher_z_is_finite_for_equal_images():
    assert fisher_z(np.array([0.0, 1.0])) == pytest.approx([0, 7.25], abs=0.01)
