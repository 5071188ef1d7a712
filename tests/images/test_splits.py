from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genprint.images.splits import draw_patients, folds, split_patients
from genprint.plan.protocol import FOLDS, HALVES

SHARES = {"used": 0.3, "not_used": 0.3, "held_out": 0.2, "other": 0.2}
patients = st.lists(st.integers(1, 9), min_size=8, max_size=40)  # images of each


def groups_of(sizes):
    return [f"p{number}" for number, size in enumerate(sizes) for _ in range(size)]


def parts_of_groups(groups, parts):
    found = defaultdict(set)
    for group, part in zip(groups, parts, strict=True):
        found[group].add(part)
    return found


@given(patients, st.integers(0, 2**40))
def test_groups_stay_together_and_every_role_has_one(sizes, seed):
    groups = groups_of(sizes)
    roles = split_patients(groups, SHARES, seed)
    assert all(len(found) == 1 for found in parts_of_groups(groups, roles).values())
    assert set(roles) == set(SHARES)


@given(patients, st.integers(0, 99), st.randoms())
def test_the_order_of_the_images_does_not_matter(sizes, seed, random):
    groups = groups_of(sizes)
    shuffled = random.sample(groups, len(groups))
    first = dict(zip(groups, split_patients(groups, SHARES, seed), strict=True))
    assert first == dict(zip(shuffled, split_patients(shuffled, SHARES, seed), strict=True))


@given(patients, st.integers(0, 99))
def test_image_counts_are_close_to_the_shares(sizes, seed):
    groups = groups_of(sizes)
    counts = Counter(split_patients(groups, SHARES, seed))
    assert all(abs(counts[role] - share * len(groups)) <= 9 for role, share in SHARES.items())


def test_equal_groups_are_split_exactly():
    counts = Counter(split_patients(groups_of([6] * 60), SHARES, 7))
    assert counts == {"used": 108, "not_used": 108, "held_out": 72, "other": 72}


def test_what_no_share_claims_is_left_over():
    counts = Counter(split_patients(groups_of([1] * 100), {"used": 0.5, "not_used": 0.2, "held_out": 0}, 0))
    assert counts == {"used": 50, "not_used": 20, None: 30}


def test_the_large_patient_is_not_always_in_the_same_role():
    groups = groups_of([50, *[1] * 50])
    roles = {split_patients(groups, {"used": 0.5, "not_used": 0.5}, seed)[0] for seed in range(20)}
    assert roles == {"used", "not_used"}


def test_another_seed_is_another_split():
    groups = groups_of([2] * 40)
    assert split_patients(groups, SHARES, 1) != split_patients(groups, SHARES, 2)


def test_a_tiny_share_gets_a_group():
    counts = Counter(split_patients(groups_of([5] * 10), {"used": 0.99, "not_used": 0.01}, 0))
    assert counts == {"used": 45, "not_used": 5}


def test_as_many_groups_as_roles_is_enough_and_fewer_are_not():
    assert Counter(split_patients(groups_of([9, 1, 1, 1]), SHARES, 0)).keys() == SHARES.keys()
    with pytest.raises(ValueError, match=r"3 groups .* 4 parts .*at least 4 groups"):
        split_patients(groups_of([9, 1, 1]), SHARES, 0)


@pytest.mark.parametrize("shares", [{"used": 0.7, "not_used": 0.7}, {"used": -0.1, "not_used": 0.5}, {"used": 0}])
def test_shares_that_are_none(shares):
    with pytest.raises(ValueError, match="shares"):
        split_patients(["a", "b"], shares, 0)


labelled = st.lists(
    st.tuples(st.sampled_from(["used", "not_used", "unknown"]), st.integers(1, 4)), min_size=1, max_size=30
).map(lambda drawn: [("used", 2), ("used", 1), ("not_used", 1), ("not_used", 3), *drawn])


def images_of(drawn):
    rows = [(label, f"p{number}") for number, (label, size) in enumerate(drawn) for _ in range(size)]
    return [label for label, _ in rows], [group for _, group in rows]


@given(labelled, st.integers(0, 2**40))
def test_halves_keep_groups_and_balance_labels(drawn, seed):
    labels, groups = images_of(drawn)
    sides = folds(labels, groups, HALVES, seed)
    for found in parts_of_groups(groups, sides).values():
        assert len(found) == 1
    for label in ("used", "not_used"):
        counts = Counter(side for side, own in zip(sides, labels, strict=True) if own == label)
        assert set(counts) == {"calibration", "evaluation"}
        assert abs(counts["calibration"] - counts["evaluation"]) <= 4
    assert all((side is None) == (label == "unknown") for side, label in zip(sides, labels, strict=True))


@given(labelled, st.integers(0, 99), st.randoms())
def test_halves_do_not_depend_on_the_order(drawn, seed, random):
    rows = list(zip(*images_of(drawn), strict=True))
    shuffled = random.sample(rows, len(rows))
    sides = dict(zip(rows, folds(*zip(*rows, strict=True), HALVES, seed), strict=True))
    assert sides == dict(zip(shuffled, folds(*zip(*shuffled, strict=True), HALVES, seed), strict=True))


def test_a_group_with_both_labels_stays_on_one_side():
    labels = ["used", "not_used"] * 6
    groups = [f"p{index // 2}" for index in range(12)]
    sides = folds(labels, groups, HALVES, 0)
    assert sides[::2] == sides[1::2]
    assert Counter(sides) == {"calibration": 6, "evaluation": 6}


def test_images_of_other_roles_are_in_no_half():
    labels = ["used", "used", "not_used", "not_used", "unknown", "held_out", "generated"]
    assert folds(labels, ["a", "b", "c", "d", "e", "f", None], HALVES, 0)[4:] == [None] * 3
    assert folds(["unknown", "generated"], ["a", None], HALVES, 0) == [None, None]


@pytest.mark.parametrize(
    ("labels", "groups"),
    [
        (["used", "used", "not_used"], ["a", "b", "c"]),
        (["used", "used", "not_used", "not_used"], ["a", "b", "c", "c"]),
        (["used", "used"], ["a", "b"]),
        (["used", "not_used"], ["a", "a"]),
    ],
)
def test_labels_that_cannot_reach_both_halves(labels, groups):
    with pytest.raises(ValueError, match=r"cannot be parted into calibration and evaluation.*calibrated_by"):
        folds(labels, groups, HALVES, 0)


def test_another_seed_is_another_half():
    labels, groups = ["used", "not_used"] * 20, [f"p{index}" for index in range(40)]
    assert folds(labels, groups, HALVES, 1) != folds(labels, groups, HALVES, 2)


@given(st.integers(0, 2**40))
def test_folds_keep_groups_and_have_both_labels(seed):
    labels, groups = images_of([("used", 2), ("not_used", 3), ("unknown", 1)] * 8)
    found = folds(labels, groups, FOLDS, seed)
    assert all(len(own) == 1 for own in parts_of_groups(groups, found).values())
    for label in ("used", "not_used"):
        assert {fold for fold, own in zip(found, labels, strict=True) if own == label} == set(FOLDS)


def test_folds_are_of_about_one_size_and_need_three_patients_of_each_label():
    labels, groups = ["used", "not_used"] * 30, [f"p{index}" for index in range(60)]
    assert set(Counter(folds(labels, groups, FOLDS, 1)).values()) == {20}
    with pytest.raises(ValueError, match="write `protocol: halves`"):
        folds(labels[:4], groups[:4], FOLDS, 1)


@given(patients, st.integers(0, 99), st.integers(1, 7))
def test_patients_are_drawn_in_the_number_asked_for_and_nested(sizes, seed, used):
    groups = groups_of(sizes)
    roles = parts_of_groups(groups, draw_patients(used, groups, seed))
    assert all(len(found) == 1 for found in roles.values())
    counts = Counter(role for (role,) in roles.values())
    assert counts["used"] == used and counts["not_used"] == min(used, len(sizes) - used)
    more = dict(zip(groups, draw_patients(min(used + 1, len(sizes) - 1), groups, seed), strict=True))
    assert all(more[group] == "used" for group, (role,) in roles.items() if role == "used")


def test_somebody_must_not_be_used():
    with pytest.raises(ValueError, match="5 patients are to be used, but there are 5, and some must not be; write few"):
        draw_patients(5, groups_of([2] * 5), 0)
