"""Which confusion matrices give a row: against exact fractions over all matrices, and by hand."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from genprint.audit.matrices import Sizes, deviations, printed
from genprint.audit.rows import CONSISTENT, IMPOSSIBLE, UNDECIDABLE, audit_mean, audit_row
from genprint.scoring.metrics import DECISION_METRICS, Confusion

RATIONAL = [name for name in DECISION_METRICS if name != "mcc"]


@st.composite
def matrices(draw, largest=40):
    used, not_used = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    tp, fp = draw(st.integers(0, used)), draw(st.integers(0, not_used))
    return Confusion(tp, fp, used - tp, not_used - fp)


def exact(name, tp, fp, fn, tn):
    """A metric by its definition, as a fraction; 0 / 0 is 0."""
    n = tp + fp + fn + tn
    chance = Fraction((tp + fp) * (tp + fn) + (fn + tn) * (fp + tn), n * n)
    numerator, denominator = {
        "accuracy": (tp + tn, n),
        "precision": (tp, tp + fp),
        "recall": (tp, tp + fn),
        "specificity": (tn, tn + fp),
        "f1": (2 * tp, 2 * tp + fp + fn),
        "kappa": (Fraction(tp + tn, n) - chance, 1 - chance),
        "advantage": (tp * (fp + tn) - fp * (tp + fn), (tp + fn) * (fp + tn)),
    }[name]
    return Fraction(numerator) / denominator if denominator else Fraction(0)


def brute_force(row, pairs):
    """Deviation and number of matrices within rounding, over every matrix of the sizes."""
    off = []
    for used, not_used in pairs:
        for tp, fp in product(range(used + 1), range(not_used + 1)):
            units = [
                abs(exact(name, tp, fp, used - tp, not_used - fp) - Fraction(text)) * 10 ** printed(text).digits
                for name, text in row.items()
            ]
            off.append(max(units))
    return float(min(off)), sum(units <= Fraction(1, 2) for units in off)


def rounded(confusion, digits, names=tuple(DECISION_METRICS)):
    return {name: f"{np.nan_to_num(float(DECISION_METRICS[name](confusion))):.{digits}f}" for name in names}


@settings(max_examples=40)
@given(matrices(largest=12), st.integers(1, 3), st.data())
def test_equal_to_exact_fractions_over_all_matrices(confusion, digits, data):
    names = data.draw(st.lists(st.sampled_from(RATIONAL), min_size=3, unique=True))
    shift = st.integers(-3, 3).map(lambda units: Fraction(units, 10**digits))
    row = {
        name: f"{float(Fraction(text) + data.draw(shift)):.{digits}f}"
        for name, text in rounded(confusion, digits, names).items()
    }
    used, not_used = (confusion[0] + confusion[2], confusion[1] + confusion[3])
    sizes = data.draw(
        st.sampled_from(
            [
                Sizes.of(used=used, not_used=not_used),
                Sizes.of(total=used + not_used),
                Sizes.of(total=(2, 9), balanced=True),
                Sizes.of(used=(max(used - 1, 1), used), not_used=(1, 3)),
            ]
        )
    )
    deviation, count = brute_force(row, zip(*(side.tolist() for side in sizes.pairs()), strict=True))
    found = audit_row(row, sizes)
    assert found.deviation == pytest.approx(deviation, abs=1e-8)
    assert found.fitting == count
    assert found.verdict == (CONSISTENT if count else IMPOSSIBLE)
    numbers = {name: printed(text) for name, text in row.items()}
    assert np.abs(deviations(numbers, Confusion(*map(np.array, found.matrix)))).max() == pytest.approx(found.deviation)


@settings(max_examples=40)
@given(matrices(largest=300), st.integers(2, 4))
def test_metrics_of_any_matrix_are_consistent(confusion, digits):
    tp, fp, fn, tn = confusion
    row = rounded(confusion, digits)
    for sizes in (Sizes.of(used=tp + fn, not_used=fp + tn), Sizes.of(total=sum(confusion))):
        found = audit_row(row, sizes)
        assert found.verdict == CONSISTENT
        assert found.share_used[0] <= (tp + fn) / sum(confusion) <= found.share_used[1]


@settings(max_examples=20)
@given(matrices(largest=100), st.sampled_from(RATIONAL), st.integers(2, 9))
def test_a_number_that_no_matrix_reaches_is_impossible(confusion, name, units):
    # With the other metrics exact to six digits, the matrix is the only one; one metric is then some units off.
    tp, fp, fn, tn = confusion
    row = rounded(confusion, 6)
    assume(audit_row(row, Sizes.of(used=tp + fn, not_used=fp + tn)).fitting == 1)
    row[name] = f"{float(row[name]) + units * 1e-6:.6f}"
    found = audit_row(row, Sizes.of(used=tp + fn, not_used=fp + tn))
    assert found.verdict == IMPOSSIBLE and 1 < found.deviation <= units + 0.5
    assert f"the rest fits if {name} {row[name]} was" in found.note


def test_large_sets_are_searched_exactly():
    confusion = Confusion(7_123, 4_001, 2_877, 5_999)
    found = audit_row(rounded(confusion, 5), Sizes.of(used=10_000, not_used=10_000))
    assert (found.matrix, found.fitting) == (confusion, 1)


def test_by_hand():
    row = {"accuracy": "0.75", "precision": "0.75", "recall": "0.75", "kappa": "0.50", "mcc": "0.50"}
    found = audit_row(row, Sizes.of(used=4, not_used=4))
    assert (found.verdict, found.matrix, found.fitting, found.deviation) == (CONSISTENT, Confusion(3, 1, 1, 3), 1, 0)
    # No recall of four images is 0.60: the nearest, 0.50 and 0.75, are 10 and 15 units away.
    found = audit_row({"recall": "0.60"}, Sizes.of(used=4, not_used=4))
    assert (found.verdict, found.deviation, found.matrix.true_positive) == (IMPOSSIBLE, 10, 2)


@pytest.mark.parametrize(
    ("recall", "verdict", "note"),
    [
        ("0.063", CONSISTENT, "only if ties are rounded half up"),
        ("0.062", CONSISTENT, "only if ties are rounded half to even"),
        ("0.0625", CONSISTENT, ""),
        ("0.061", IMPOSSIBLE, "the rest fits if recall 0.061 was 0.062"),
    ],
)
def test_ties(recall, verdict, note):
    # Recall 1/16 = 0.0625; accuracy 17/32 = 0.53125 and specificity 1 leave no other matrix.
    row = {"recall": recall, "accuracy": "0.53125", "specificity": "1.0", "precision": "1.0"}
    found = audit_row(row, Sizes.of(used=16, not_used=16))
    assert (found.verdict, found.note) == (verdict, note)


def test_digits_that_were_cut_off_are_recognised():
    row = dict.fromkeys(["accuracy", "precision", "recall", "specificity", "f1"], "0.66")
    found = audit_row(row, Sizes.of(used=3, not_used=3))
    assert (found.verdict, found.matrix) == (IMPOSSIBLE, Confusion(2, 1, 1, 2))
    assert found.deviation == pytest.approx(2 / 3)
    assert found.note.startswith("digits cut off instead of rounded would explain it")


def test_an_undefined_ratio_is_printed_as_0():
    row = {"precision": "0.00", "recall": "0.00", "f1": "0.00", "accuracy": "0.50", "mcc": "0.00"}
    assert audit_row(row, Sizes.of(used=5, not_used=5)).matrix == Confusion(0, 0, 5, 5)


def test_too_few_metrics_decide_nothing_unless_even_they_fit_no_matrix():
    assert audit_row({}, Sizes.of(total=9)).verdict == UNDECIDABLE
    assert audit_row({"accuracy": "", "f1": ""}, Sizes.of(total=9)).note == "prints no metric of a decision"
    few = audit_row({"f1": "0.6", "recall": ""}, Sizes.of(total=9))
    assert few.verdict == UNDECIDABLE and "f1 only" in few.note
    assert audit_row({"f1": "0.613"}, Sizes.of(total=4)).verdict == IMPOSSIBLE


@settings(max_examples=100)
@given(st.integers(1, 4), st.integers(1, 30), st.integers(1, 30), st.data())
def test_a_true_mean_is_never_called_impossible(count, used, not_used, data):
    alike = data.draw(st.booleans())
    drawn = []
    for _ in range(count):
        if not alike:
            used, not_used = data.draw(st.integers(1, 30)), data.draw(st.integers(1, 30))
        tp, fp = data.draw(st.integers(0, used)), data.draw(st.integers(0, not_used))
        drawn.append(Confusion(tp, fp, used - tp, not_used - fp))
    mean = {
        name: np.mean([np.nan_to_num(float(DECISION_METRICS[name](one))) for one in drawn]) for name in DECISION_METRICS
    }
    row = {name: f"{value:.3f}" for name, value in mean.items()}
    sizes = Sizes.of(used=used, not_used=not_used) if alike else Sizes.of(used=(1, 30), not_used=(1, 30))
    found = audit_mean(row, sizes, count)
    assert found.verdict != IMPOSSIBLE
    assert count > 1 or found.verdict == CONSISTENT


def test_means_by_hand():
    balanced = Sizes.of(total=(2, 100), balanced=True)
    # Two of one: the mean F1 of (1, 1) and (0.5, 0.5) is 0.75, that of the means as well, and no law is broken.
    assert audit_mean({"precision": "0.75", "recall": "0.75", "f1": "0.75"}, balanced, 2).verdict == CONSISTENT
    # 2 (0.5 + t)^2 / (1 + 2t) = 0.5 + t reaches 0.6 - t at t = 0.05, which is 5 units.
    found = audit_mean({"precision": "0.50", "recall": "0.50", "f1": "0.60"}, Sizes.of(total=100), 2)
    assert (found.verdict, found.deviation) == (IMPOSSIBLE, pytest.approx(5))
    # |0.70 - (0.50 + 0.80) / 2| = 5 units, shared by three numbers that weigh 1 + 1/2 + 1/2.
    found = audit_mean({"accuracy": "0.70", "recall": "0.50", "specificity": "0.80"}, balanced, 2)
    assert (found.verdict, found.deviation) == (IMPOSSIBLE, pytest.approx(2.5))
    # Data sets with other shares of used images may do it: nothing is known then.
    assert audit_mean({"accuracy": "0.70", "recall": "0.50"}, Sizes.of(total=100), 2).verdict == UNDECIDABLE
    found = audit_mean({"accuracy": "0.70", "kappa": "0.50"}, balanced, 2)
    assert (found.verdict, found.deviation) == (IMPOSSIBLE, pytest.approx(10 / 3))


def test_a_mean_that_only_unequal_matrices_give_is_undecidable():
    # Recall 1 and 0 at precision 1 and 0: F1 1 and 0, mean 1/2 everywhere but for accuracy (1 and 1/2).
    row = {"precision": "0.50", "recall": "0.50", "f1": "0.50", "accuracy": "0.75", "specificity": "1.00"}
    found = audit_mean(row, Sizes.of(total=(2, 100), balanced=True), 2)
    assert (found.verdict, found.note) == (UNDECIDABLE, "no 2 equal matrices give it, unequal ones may")


def test_all_unknown_metrics_are_named():
    with pytest.raises(ValueError, match="unknown metrics auroc, dice; write accuracy, precision"):
        audit_row({"auroc": "0.5", "f1": "0.5", "dice": "0.1"}, Sizes.of(total=4))
