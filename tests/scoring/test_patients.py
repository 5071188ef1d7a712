import numpy as np

from genprint.scoring.patients import patient_scores


def test_by_hand():
    score = np.array([[1.0, np.nan], [5, 2], [4, np.nan], [3, np.nan], [7, np.nan]])
    largest, mean = patient_scores(score, [0, 0, 0, 0, 1])
    np.testing.assert_array_equal(largest, [[5, 2], [7, np.nan]])
    np.testing.assert_array_equal(mean, [[4, 2], [7, np.nan]])


def test_a_patient_with_one_image_has_its_score_twice():
    score = np.random.default_rng(0).normal(size=(5, 3))
    for found in patient_scores(score, np.arange(5)):
        np.testing.assert_array_equal(found, score)


def test_nobody_has_no_score():
    for found in patient_scores(np.zeros((0, 2)), np.empty(0, int)):
        assert found.shape == (0, 2)
