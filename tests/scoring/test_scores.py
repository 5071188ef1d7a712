import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genprint.scoring import evidence as evidence_module
from genprint.scoring.controls import real_only
from genprint.scoring.evidence import Evidence
from genprint.scoring.scores import SCORE_RULES, score_by

NEED_HELD_OUT = {"dcr-difference", "dpi"}
NEED_ALL_PAIRS = {"mean", "quantile", "ball", "votes", "dpi"}
SCALE_FREE = {"nndr", "ball", "votes", "calibrated-ratio", "identifiability", "dpi"}

GOLDEN = Evidence(
    np.array([[0, 1, 2], [1, 1, 4], [3, 2, 2]], np.float32),
    np.array([[np.nan, 1, 3], [1, np.nan, 2], [3, 2, np.nan]], np.float32),
    np.array([[2], [0.5], [2]], np.float32),
)


@pytest.mark.parametrize(
    ("rule", "options", "expected"),
    [
        ("max", {}, [0, -1, -2]),
        ("mean", {}, [-1, -2, -7 / 3]),
        ("nearest-mean", {"nearest": 2}, [-0.5, -1, -2]),
        ("nearest-mean", {"nearest": 99}, [-1, -2, -7 / 3]),
        ("quantile", {"quantile": 0}, [0, -1, -2]),
        ("quantile", {"quantile": 0.75}, [-1.5, -2.5, -2.5]),
        ("nndr", {}, [0, -1, -1]),
        # The minima 0, 1, 2 make a ball of radius 1, which contains its boundary.
        ("ball", {}, [2 / 3, 2 / 3, 0]),
        # The second and the third generated image have two nearest candidates each.
        ("votes", {}, [2, 0.5, 0.5]),
        ("calibrated-ratio", {"nearest": 2}, [0, -1 / 1.5, -2 / 2.5]),
        ("identifiability", {}, [1, 0, 0]),
        ("dcr-difference", {}, [2, -0.5, 0]),
        # Row 2: the held-out image and one of two equal generated ones. Row 3: two places for three equal images.
        ("dpi", {"neighbourhood": 2}, [1, 1 / 2, 2 / 3]),
    ],
)
def test_by_hand(rule, options, expected):
    np.testing.assert_allclose(score_by(rule, GOLDEN, options), expected, rtol=1e-12)


def evidence_of(distance_generated, distance_real, distance_held_out=None):
    distance_real = np.array(distance_real, np.float32)
    np.fill_diagonal(distance_real, np.nan)
    return Evidence(np.array(distance_generated, np.float32), distance_real, distance_held_out)


@st.composite
def evidences(draw, *, held_out=True):
    """Small whole distances: plenty of ties, duplicates and copies, and sums that are exact."""
    reals, generated, others = draw(st.integers(1, 7)), draw(st.integers(1, 9)), draw(st.integers(1, 5))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    upper = np.triu(random.integers(0, 6, (reals, reals)))
    return evidence_of(
        random.integers(0, 6, (reals, generated)),
        upper + upper.T,
        random.integers(0, 6, (reals, others)).astype(np.float32) if held_out else None,
    )


@pytest.mark.filterwarnings("error")
@given(evidences(), st.booleans())
def test_scores_are_float64_and_null_only_for_a_reason(evidence, control):
    evidence = real_only(evidence) if control else evidence
    reals, generated = evidence.distance_generated.shape
    for rule in SCORE_RULES:
        score = score_by(rule, evidence)
        assert score.shape == (reals,) and score.dtype == np.float64
        assert not np.isinf(score).any()
        assert not np.signbit(score[score == 0]).any(), "no -0 in the tables"
        enough = reals > 2 and generated > 1 and rule != "calibrated-ratio"
        assert not enough or not np.isnan(score).any(), rule


@given(evidences(), st.randoms(use_true_random=False))
def test_order_of_images_decides_nothing(evidence, random):
    reals, generated = evidence.distance_generated.shape
    rows = np.array(random.sample(range(reals), reals))
    columns = np.array(random.sample(range(generated), generated))
    shuffled = Evidence(
        evidence.distance_generated[np.ix_(rows, columns)],
        evidence.distance_real[np.ix_(rows, rows)],
        evidence.distance_held_out[rows],
    )
    for rule in SCORE_RULES:
        for control in (lambda seen: seen, real_only):
            np.testing.assert_array_equal(
                score_by(rule, control(shuffled)), score_by(rule, control(evidence))[rows], rule
            )


@given(evidences())
def test_blocks_of_rows_change_nothing(evidence):
    whole = {rule: score_by(rule, evidence) for rule in SCORE_RULES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evidence_module, "_BLOCK_ELEMENTS", 1)
        for rule in SCORE_RULES:
            np.testing.assert_array_equal(score_by(rule, evidence), whole[rule], rule)


@given(evidences())
def test_ratios_and_counts_have_no_unit(evidence):
    scaled = Evidence(evidence.distance_generated * 4, evidence.distance_real * 4, evidence.distance_held_out * 4)
    for rule in SCALE_FREE:
        np.testing.assert_array_equal(score_by(rule, scaled), score_by(rule, evidence), rule)


@given(evidences())
def test_votes_are_shared_out_completely(evidence):
    np.testing.assert_allclose(score_by("votes", evidence).mean(), 1)


def test_candidates_that_tie_for_a_vote_get_the_same_score_wherever_they_stand():
    # A library that takes argmin gives every vote to the first row.
    evidence = evidence_of(np.ones((4, 7)), np.ones((4, 4)))
    np.testing.assert_array_equal(score_by("votes", evidence), np.ones(4))


@given(evidences(held_out=False))
def test_without_held_out_images_their_rules_are_null(evidence):
    for rule in NEED_HELD_OUT:
        assert np.isnan(score_by(rule, evidence)).all()


def test_copies_are_found_by_every_rule_and_do_not_divide_by_zero():
    # Candidates 0 to 5 of 8 were copied, some twice; most minima are 0, so the ball has radius 0.
    distance = np.ones((8, 8)) + np.arange(8) / 10
    distance[np.arange(6), np.arange(6)] = 0
    distance[0, 6] = distance[1, 7] = 0
    evidence = evidence_of(distance, np.ones((8, 8)), np.full((8, 2), 0.5, np.float32))
    for rule in SCORE_RULES:
        if rule not in {"mean", "nearest-mean", "quantile", "dpi"}:  # these look beyond the copy
            score = score_by(rule, evidence)
            assert score[:6].min() > score[6:].max(), rule


@pytest.mark.parametrize("duplicate", [[[0, 0, 5]], [[0, 3, 5]]])
def test_nndr_of_an_exact_copy_is_0(duplicate):
    assert score_by("nndr", evidence_of(duplicate, [[0]])) == [0]


def test_a_ratio_with_only_its_denominator_0_is_null():
    evidence = evidence_of([[2], [0]], [[0, 0], [0, 0]])
    np.testing.assert_array_equal(score_by("calibrated-ratio", evidence), [np.nan, 0])


def test_ball_and_votes_mean_the_same_at_every_number_of_generated_images():
    once = np.random.default_rng(0).random((6, 10))
    for rule in ("ball", "votes"):
        np.testing.assert_allclose(
            score_by(rule, evidence_of(np.tile(once, 5), np.ones((6, 6)))),
            score_by(rule, evidence_of(once, np.ones((6, 6)))),
        )


# Evidence from similarities


def matrices(seed=0, reals=9, generated=12):
    random = np.random.default_rng(seed)
    real = np.triu(random.random((reals, reals), np.float32), 1)
    real = real + real.T
    np.fill_diagonal(real, np.nan)
    return random.random((reals, generated), np.float32), real


LABELS = ["used", "held_out", "not_used", "unknown", "held_out", "used", "not_used", "used", "unknown"]


def test_held_out_images_are_cut_out_of_the_candidates():
    similarity, real = matrices()
    evidence = Evidence.from_similarities(similarity, real, LABELS, identical=1)
    candidates, held_out = [0, 2, 3, 5, 6, 7, 8], [1, 4]
    np.testing.assert_array_equal(evidence.distance_generated, 1 - similarity[candidates])
    np.testing.assert_array_equal(evidence.distance_real, 1 - real[np.ix_(candidates, candidates)])
    np.testing.assert_array_equal(evidence.distance_held_out, 1 - real[np.ix_(candidates, held_out)])
    assert evidence.distance_generated.dtype == np.float32
    assert not evidence.thinned


def test_similarities_are_not_changed_and_the_diagonal_does_not_matter():
    similarity, real = matrices()
    np.fill_diagonal(real, 1)
    before = similarity.copy(), real.copy()
    evidence = Evidence.from_similarities(similarity, real, ["used"] * 9, identical=1)
    assert np.isnan(evidence.distance_real.diagonal()).all()
    assert evidence.distance_held_out is None
    np.testing.assert_array_equal(similarity, before[0])
    np.testing.assert_array_equal(real, before[1])


def test_rounding_above_the_similarity_of_an_image_with_itself_is_distance_0():
    evidence = Evidence.from_similarities(np.array([[1.0000001]]), np.array([[np.nan]]), ["used"], identical=1)
    assert evidence.distance_generated == [[0]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(label=["used"] * 8), "8 labels"),
        (dict(label=["held_out"] * 9), "no candidate"),
        (dict(real_generated=np.empty((9, 0))), "no candidate or no generated image"),
        (dict(real_generated=np.full((9, 12), -np.inf)), "infinite"),
        (dict(real_generated=np.full((9, 12), 1.5)), r"similarity 1\.5 is above 1"),
        (dict(real_generated=np.full((9, 12), np.nan)), "108 pairs are missing"),
        (dict(real_generated=np.full((9, 12), np.nan), top=2), "9 images have fewer than the 2 pairs"),
    ],
)
def test_matrices_that_cannot_be_evidence(change, message):
    similarity, real = matrices()
    given = dict(real_generated=similarity, real_real=real, label=["used"] * 9, identical=1)
    with pytest.raises(ValueError, match=message):
        Evidence.from_similarities(**given | change)


def thinned(similarity, top, block):
    """Every pair that is among the ``top`` of either image in a block of columns and rows."""
    kept = np.full_like(similarity, np.nan)
    for i in range(0, similarity.shape[0], block):
        for j in range(0, similarity.shape[1], block):
            part = np.nan_to_num(similarity[i : i + block, j : j + block], nan=-9)
            by_row = np.argsort(np.argsort(-part, axis=1, kind="stable"), axis=1) < top
            by_column = np.argsort(np.argsort(-part, axis=0, kind="stable"), axis=0) < top
            chosen = (by_row | by_column) & (part > -9)
            kept[i : i + block, j : j + block][chosen] = part[chosen]
    return kept


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(2, 12), st.booleans())
def test_pairs_that_were_not_kept_make_scores_null_but_never_wrong(seed, top, block, control):
    similarity, real = matrices(seed)
    whole = Evidence.from_similarities(similarity, real, LABELS, identical=1)
    thin = Evidence.from_similarities(
        thinned(similarity, top, block), thinned(real, top, block), LABELS, identical=1, top=top
    )
    if control:
        whole, thin = real_only(whole), real_only(thin)
    for rule in SCORE_RULES:
        found, expected = score_by(rule, thin), score_by(rule, whole)
        known = ~np.isnan(found)
        np.testing.assert_array_equal(found[known], expected[known], rule)
        if rule in NEED_ALL_PAIRS and thin.thinned:
            assert not known.any(), rule
        if rule == "max" and not control:
            assert known.all()


def test_top_is_no_thinning_where_nothing_is_missing():
    similarity, real = matrices()
    evidence = Evidence.from_similarities(similarity, real, ["used"] * 9, identical=1, top=3)
    assert not evidence.thinned
