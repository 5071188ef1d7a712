import numpy as np
from scipy import stats

from genprint.inference.relabelling import p_values, permuted_labels


def test_a_patient_passes_its_label_on_as_a_whole():
    groups = np.repeat(["a", "b", "c", "d", "e"], [3, 3, 2, 2, 4])
    used = np.repeat([True, False, True, False, True], [3, 3, 2, 2, 4])
    labels = permuted_labels(used, groups, 500, seed=1)
    for name in "abcde":
        inside = labels[:, groups == name]
        assert (inside == inside[:, :1]).all()
    of_group = labels[:, [0, 3, 6, 8, 10]]
    assert (of_group.sum(axis=1) == 3).all()
    # Every one of the 10 ways to give three of five patients the label, each about as often.
    ways, counts = np.unique(of_group, axis=0, return_counts=True)
    assert len(ways) == 10
    assert stats.chisquare(counts).pvalue > 0.001


def test_a_patient_with_both_labels_keeps_their_numbers():
    groups = np.array(["m"] * 5 + ["a", "b", "b", "c"])
    used = np.array([True, True, False, False, False, True, False, False, True])
    labels = permuted_labels(used, groups, 400, seed=2)
    assert (labels[:, :5].sum(axis=1) == 2).all()
    assert len(np.unique(labels[:, :5], axis=0)) == 10
    assert (labels[:, 6] == labels[:, 7]).all()
    assert (labels[:, [5, 6, 8]].sum(axis=1) == 2).all()


def test_labels_stay_within_their_stratum():
    groups, used = np.arange(20) // 2, np.arange(20) % 4 < 2
    strata = np.repeat(["x", "y"], 10)
    labels = permuted_labels(used, groups, 3000, seed=6, strata=strata)
    for stratum in "xy":
        own = strata == stratum
        assert (labels[:, own].sum(axis=1) == used[own].sum()).all()
    assert len(np.unique(labels, axis=0)) == 100  # of the 10 ways in either


def test_images_without_patients_are_permuted_one_by_one():
    used = np.arange(6) < 3
    labels = permuted_labels(used, [f"image {i}" for i in range(6)], 1000, seed=3)
    assert len(np.unique(labels, axis=0)) == 20


def test_equal_seeds_equal_permutations():
    used, groups = np.arange(20) % 3 == 0, np.arange(20) // 2
    first = permuted_labels(used, groups, 50, seed=4)
    np.testing.assert_array_equal(first, permuted_labels(used, groups, 50, seed=4))
    assert (first != permuted_labels(used, groups, 50, seed=5)).any()


def test_p_by_hand():
    permuted = np.array([[0.1, 0.5], [0.3, 0.5], [0.2, np.nan], [0.4, 0.1]])
    # 0.3 is reached by 0.3 and 0.4; 0.5 by both 0.5 and, because nobody knows better, by NaN.
    np.testing.assert_array_equal(p_values(np.array([0.3, 0.5]), permuted), [3 / 5, 4 / 5])
    assert np.isnan(p_values(np.array([np.nan]), permuted[:, :1]))
