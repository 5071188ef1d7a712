import numpy as np

from genprint.copies.collapse import clusters, sizes


def test_chains_and_equal_pixels_are_one_cluster():
    left, right, similarity = np.array([0, 1, 3]), np.array([1, 2, 4]), np.array([0.99, 0.96, 0.5])
    cluster = clusters(left, right, similarity, 6, hashes=["a", "b", "c", "d", "e", "d"])
    assert cluster.tolist() == [0, 0, 0, 3, 4, 3]
    assert sizes(cluster).tolist() == [3, 3, 3, 2, 1, 2]


def test_without_pairs_every_image_is_alone():
    none = np.empty(0, np.int64)
    assert clusters(none, none, none, 3).tolist() == [0, 1, 2]
    assert clusters(none, none, none, 2, hashes=["", ""]).tolist() == [0, 1]
