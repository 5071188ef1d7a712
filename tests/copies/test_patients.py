import numpy as np

from genprint.copies.patients import patients

IDS = ["s1", "s2", "s10", "t", "u"]
PAIRS = {
    "left": np.array([0, 1, 3, 2]),
    "right": np.array([1, 2, 4, 3]),
    "similarity": np.array([0.9, 0.86, 0.8, 0.3]),
}


def test_unknown_patients_are_chains_of_near_images():
    found = patients(IDS, IDS, PAIRS)
    assert found.names.tolist() == ["s1", "s1", "s1", "t", "u"]
    assert (found.known, found.groups, found.largest, found.alike) == (False, 3, 3, ())


def test_the_bound_decides():
    assert patients(IDS, IDS, PAIRS, least=0.87).names.tolist() == ["s1", "s1", "s10", "t", "u"]
    assert patients(IDS, IDS, PAIRS, least=0.8).groups == 2


def test_order_of_images_and_pairs_makes_no_difference():
    expected = dict(zip(IDS, patients(IDS, IDS, PAIRS).names, strict=True))
    for seed in range(10):
        rng = np.random.default_rng(seed)
        order, rows = rng.permutation(len(IDS)), rng.permutation(4)
        place = np.argsort(order)
        pairs = {"left": place[PAIRS["right"]][rows], "right": place[PAIRS["left"]][rows]}
        ids = [IDS[old] for old in order]
        found = patients(ids, ids, pairs | {"similarity": PAIRS["similarity"][rows]})
        assert dict(zip(ids, found.names, strict=True)) == expected


def test_known_patients_stay_and_those_alike_are_told():
    found = patients(IDS, ["p2", "p10", "p2", "q", "q"], PAIRS)
    assert found.names.tolist() == ["p2", "p10", "p2", "q", "q"]
    assert (found.known, found.groups, found.largest) == (True, 3, 2)
    assert found.alike == (("p2", "p10"),)


def test_where_all_patients_are_alike_two_that_are_say_nothing():
    ids = [str(number) for number in range(20)]
    left, right = np.triu_indices(20, 1)
    names = [f"p{number // 2}" for number in range(20)]
    apart = left // 2 != right // 2
    for common, told in ((0.6, 1), (0.75, 0)):
        similarity = np.where((left == 3) & (right == 8), 0.9, common)
        pairs = {"left": left[apart], "right": right[apart], "similarity": similarity[apart]}
        assert len(patients(ids, names, pairs).alike) == told
    # Every patient is there by two names: the second nearest is another patient, and less near.
    names = [f"p{number % 10}{'ab'[number // 10]}" for number in range(20)]
    pairs = {"left": left, "right": right, "similarity": np.where(right - left == 10, 0.95, 0.6)}
    assert len(patients(ids, names, pairs).alike) == 10


def test_no_image_and_no_pair():
    empty = {name: np.zeros(0, int) for name in PAIRS}
    assert patients([], [], empty).groups == 0
    assert patients(["a"], ["a"], empty).names.tolist() == ["a"]
