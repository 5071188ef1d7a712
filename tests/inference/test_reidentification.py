import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from genprint.inference.reidentification import reidentification
from genprint.scoring.evidence import Evidence


def known(points):
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distance, np.nan)
    return Evidence(distance_generated=distance[:, :1], distance_real=distance)


def every(count):
    return [np.ones(count, bool)]


def test_verification_is_the_auc_of_pairs_and_retrieval_that_of_nearest_neighbours():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(12), 3)
    points = rng.normal(size=(12, 3))[groups] + 0.4 * rng.normal(size=(36, 3))
    verification, retrieval = reidentification([known(points)], [groups], every(36))
    rows, columns = np.triu_indices(36, k=1)
    distance = np.linalg.norm(points[rows] - points[columns], axis=1)
    assert verification == pytest.approx(roc_auc_score(groups[rows] == groups[columns], -distance))
    full = np.linalg.norm(points[:, None] - points, axis=2) + np.diag([np.inf] * 36)
    assert retrieval == pytest.approx((groups[full.argmin(axis=1)] == groups).mean())
    assert 0.5 < verification < 1 and 0.1 < retrieval < 1


def test_only_the_rows_that_count_do_and_folds_are_averaged():
    rng = np.random.default_rng(1)
    groups = np.repeat(["a", "b", "c", "d"], 2)
    near, far = rng.normal(size=(8, 2)), rng.normal(size=(8, 2))
    near[1::2] = near[::2] + 1e-3
    first, second = np.arange(8) < 4, np.arange(8) >= 4
    alone = [reidentification([known(points)], [groups], [rows]) for points, rows in ((near, first), (far, second))]
    assert alone[0] == (1, 1)
    both = reidentification([known(near), known(far)], [groups, groups], [first, second])
    assert both == pytest.approx(tuple(np.mean(alone, axis=0)))


def test_ties_count_half_and_in_equal_shares():
    points = np.zeros((4, 1))
    assert reidentification([known(points)], [list("aabb")], every(4)) == pytest.approx((0.5, 1 / 3))


def test_without_two_images_of_a_patient_nothing_is_said():
    rng = np.random.default_rng(2)
    assert np.isnan(reidentification([known(rng.normal(size=(5, 2)))], [list("abcde")], every(5))).all()
    thinned = Evidence(np.zeros((2, 1)), np.zeros((2, 2)), thinned=True)
    assert np.isnan(reidentification([thinned], [list("aa")], every(2))).all()


def test_an_image_whose_patient_has_no_other_is_not_looked_for():
    points = np.array([[0.0], [0.1], [5.0], [5.2], [0.05]])
    groups = ["a", "a", "b", "b", "alone"]
    # Either image of a has the one that is alone nearer than the other of a.
    assert reidentification([known(points)], [groups], every(5))[1] == 0.5
