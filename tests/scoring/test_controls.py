import numpy as np
import pytest
from sklearn.metrics import f1_score

from genprint.scoring.controls import constant_not_used, constant_used, random_answer, real_only
from genprint.scoring.evidence import Evidence
from genprint.scoring.metrics import measure
from genprint.scoring.scores import SCORE_RULES, score_by


def test_real_only_never_sees_the_generated_images():
    random = np.random.default_rng(0)
    real = random.random((5, 5))
    np.fill_diagonal(real, np.nan)
    held_out = random.random((5, 2))
    one, other = (real_only(Evidence(random.random((5, 7)), real, held_out)) for _ in range(2))
    for rule in SCORE_RULES:
        np.testing.assert_array_equal(score_by(rule, one), score_by(rule, other), rule)


def test_real_only_by_hand():
    evidence = real_only(Evidence(np.zeros((3, 2)), np.array([[np.nan, 1, 3], [1, np.nan, 2], [3, 2, np.nan]])))
    expected = {
        "max": [-1, -1, -2],
        "mean": [-2, -1.5, -2.5],
        "nndr": [-1 / 3, -1 / 2, -2 / 3],
        # Image 0 and image 2 are nearest to image 1, which is nearest to image 0.
        "votes": [1, 2, 0],
        "identifiability": [0, 0, 0],
    }
    for rule, score in expected.items():
        np.testing.assert_allclose(score_by(rule, evidence), score, err_msg=rule)


@pytest.mark.parametrize(("n_used", "n_not_used"), [(250, 250), (80, 20), (1, 9)])
def test_constant_answer_used(n_used, n_not_used):
    constant = constant_used(n_used, n_not_used)
    prevalence = n_used / (n_used + n_not_used)
    truth = np.repeat([1, 0], [n_used, n_not_used])
    assert constant["f1"] == pytest.approx(f1_score(truth, np.ones_like(truth)))
    assert constant["f1"] == pytest.approx(2 * prevalence / (1 + prevalence))
    assert constant["accuracy"] == constant["precision"] == prevalence
    assert (constant["recall"], constant["specificity"], constant["kappa"], constant["auc"]) == (1, 0, 0, 0.5)
    assert np.isnan(constant["mcc"])


def test_constant_answer_on_a_balanced_set_is_what_the_papers_have_to_beat():
    assert round(constant_used(250, 250)["f1"], 3) == 0.667


def test_constant_answer_without_labels_is_null():
    assert np.isnan(constant_used(0, 0)["f1"])


def test_constant_answer_not_used():
    constant = constant_not_used(30, 10)
    assert (constant["accuracy"], constant["recall"], constant["specificity"], constant["f1"]) == (0.25, 0, 1, 0)
    assert constant["kappa"] == 0 and np.isnan(constant["precision"])


@pytest.mark.parametrize(("n_used", "n_not_used"), [(50, 50), (30, 90)])
def test_the_random_answer_is_the_mean_of_many_coins(n_used, n_not_used):
    used = np.repeat([True, False], [n_used, n_not_used])
    coins = np.random.default_rng(0).random((4000, used.size))
    tossed = [measure(used, coin, 0.5) for coin in coins]
    for name, expected in random_answer(n_used, n_not_used).items():
        assert np.mean([metrics[name] for metrics in tossed]) == pytest.approx(expected, abs=0.01), name


def test_the_random_answer_without_labels_is_null():
    assert np.isnan(list(random_answer(0, 0).values())).all()
