"""What the search for matrices rests on: printed numbers, class sizes, and how metrics rise and fall."""

from itertools import product

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from genprint.audit.matrices import Sizes, excess, printed
from genprint.scoring.metrics import DECISION_METRICS, Confusion


def test_digits_are_those_printed():
    assert printed("0.92")[1:] == (0.92, 2) and printed("0.920").digits == 3
    assert printed("-0.068").unit == 0.001 and printed("30").unit == 1
    with pytest.raises(ValueError, match="'n/a' is not a number"):
        printed("n/a")


@pytest.mark.parametrize("name", DECISION_METRICS)
def test_metrics_rise_with_tp_and_fall_with_fp(name):
    # The search rests on it.
    for used, not_used in product(range(1, 13), repeat=2):
        tp, fp = np.arange(used + 1)[:, None], np.arange(not_used + 1)
        tp, fp = np.broadcast_arrays(tp, fp)
        value = np.nan_to_num(DECISION_METRICS[name](Confusion(tp, fp, used - tp, not_used - fp)))
        assert (np.diff(value, axis=0) >= -1e-12).all() and (np.diff(value, axis=1) <= 1e-12).all()


def test_excess_by_hand():
    # 7.9 <= 6.4 holds if both are 7.5 units of 0.1 off.
    assert excess([(1, printed("7.9")), (-1, printed("6.4"))]) == 7.5
    assert excess([(1, printed("6.4")), (-1, printed("7.9"))]) == -7.5
    assert excess([(1, printed("0.5")), (-2, printed("0.70"))], constant=1) == pytest.approx(0.1 / 0.12)


@example(used=(3, 5), not_used=None, total=(6, 8), balanced=False)
@given(
    used=st.none() | st.tuples(st.integers(1, 6), st.integers(6, 9)),
    not_used=st.none() | st.tuples(st.integers(1, 6), st.integers(6, 9)),
    total=st.tuples(st.integers(2, 12), st.integers(12, 16)),
    balanced=st.booleans(),
)
def test_sizes_are_all_that_meet_what_is_known(used, not_used, total, balanced):
    sizes = Sizes.of(used=used, not_used=not_used, total=total, balanced=balanced)
    expected = {
        (p, n)
        for p, n in product(range(1, 20), repeat=2)
        if (used is None or used[0] <= p <= used[1])
        and (not_used is None or not_used[0] <= n <= not_used[1])
        and total[0] <= p + n <= total[1]
        and (p == n or not balanced)
    }
    assert set(zip(*(side.tolist() for side in sizes.pairs()), strict=True)) == expected
    shares = [p / (p + n) for p, n in expected]
    assert sizes.share_used == (min(shares), max(shares))


def test_sizes_without_a_limit_or_without_a_solution():
    with pytest.raises(ValueError, match="give total, or used and not_used"):
        Sizes.of(used=5)
    with pytest.raises(ValueError, match="no class sizes meet"):
        Sizes.of(total=7, balanced=True)
    assert Sizes.of(used=5, balanced=True).pairs()[1].tolist() == [5]
