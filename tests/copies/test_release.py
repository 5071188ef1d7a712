"""Releases of simulated similarities, in which the truth is known."""

import numpy as np
import pandas as pd
import pytest

from genprint.copies.chance import FEWEST, competition
from genprint.copies.patients import patients
from genprint.copies.recovery import recovered, share_by_patient, spike_table
from genprint.copies.release import MOVES, release
from genprint.copies.sentence import CANNOT_SAY, COPIES, NO_COPY, sentence
from genprint.copies.tables import COPIES as COPIES_TABLE
from genprint.copies.tables import EXPOSED, RELEASE, SPIKES
from genprint.files import provenance, write_table

NOBODY = np.empty(0, np.int64), np.empty(0, np.int64)


def pairs(similarity):
    """All pairs of a matrix (N, G) as the search lists them."""
    left, right = (place.ravel() for place in np.indices(similarity.shape))
    table = {"left": left, "right": right, "similarity": similarity.ravel().astype(np.float32)}
    return table | {name: np.zeros(left.size, bool if name in ("mirrored", "inverted") else float) for name in MOVES}


def simulated(random, *, used=20, not_used=20, generated=300, planted=()):
    """Similarities by chance, and pairs of a real and a generated image that are put in."""
    real = used + not_used
    similarity = np.tanh(random.normal(0.2, 0.1, (real, generated)))
    for left, right, value in planted:
        similarity[left, right] = value
    among = np.triu(np.tanh(random.normal(0.2, 0.1, (real, real))), 1)
    labels = ["used"] * used + ["not_used"] * not_used
    return similarity, among, labels


def judged(similarity, among, labels, *, exact=NOBODY, groups=None):
    real, generated = similarity.shape
    ids = [f"r{place}" for place in range(real)]
    between = pairs(among)
    kept = np.flatnonzero(between["similarity"] != 0)
    between = {name: values[kept] for name, values in between.items()}
    groups = groups or [f"p{place // 2}" for place in range(real)]
    return release(
        "d",
        real=ids,
        labels=labels,
        patients=patients(ids, groups, between),
        generated=[f"g{place}" for place in range(generated)],
        pairs=pairs(similarity),
        real_pairs=between,
        exact=exact,
        cluster=np.arange(generated),
    )


@pytest.mark.simulation
def test_releases_without_copies_are_rarely_flagged():
    random = np.random.default_rng(1)
    any_flag = [judged(*simulated(random)).copies["n_copies"].iloc[0] > 0 for _ in range(200)]
    assert np.mean(any_flag) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


def test_one_copy_is_withheld_alone_and_its_patient_is_named():
    found = judged(*simulated(np.random.default_rng(2), planted=[(3, 17, 0.95)]))
    withheld = found.release[found.release["action"] == "withhold"]
    assert withheld[["image_id", "copy_of", "patient"]].values.tolist() == [["g17", "r3", "p1"]]
    assert found.exposed[["unit", "id", "copies"]].values.tolist() == [["patient", "p1", 1], ["image", "r3", 1]]
    assert found.copies[["n_mem", "n_copies", "patients_exposed"]].values.tolist() == [[1, 1, 1]]


def test_an_exact_copy_counts_whatever_else_is_said():
    few = simulated(np.random.default_rng(3), used=4, not_used=2, generated=20)
    found = judged(*few, exact=(np.array([1]), np.array([5])))
    assert found.release.loc[found.release["action"] == "withhold", "image_id"].tolist() == ["g5"]
    assert sentence(found.copies.iloc[0])[0] == COPIES


def test_too_few_patients_are_said_with_how_many_are_needed():
    similarity, among, labels = simulated(np.random.default_rng(4), used=2, not_used=2, generated=20)
    verdict, text = sentence(judged(similarity, among, labels).copies.iloc[0])
    assert verdict == CANNOT_SAY and f"at least {FEWEST} are needed" in text


@pytest.mark.parametrize("value", [0.0, 0.4])
def test_equal_similarities_flag_nothing(value):
    similarity, among, labels = simulated(np.random.default_rng(5))
    found = judged(np.full_like(similarity, value), np.triu(np.full_like(among, value), 1), labels)
    assert (found.release["action"] == "publish").all()


def test_one_patient_only_flags_nothing():
    similarity, among, labels = simulated(np.random.default_rng(6), used=3, not_used=3)
    found = judged(similarity, among, labels, groups=["p"] * 6)
    assert (found.release["action"] == "publish").all() and not found.copies["tail_held"].iloc[0]


def test_a_patient_on_both_sides_is_left_out_and_listed():
    similarity, among, labels = simulated(np.random.default_rng(7))
    labels[1] = "not_used"
    found = judged(similarity, among, labels)
    assert found.copies["left_out"].iloc[0] == "p0"
    assert "p0" in sentence(found.copies.iloc[0])[1]


def test_the_order_of_generated_images_changes_nothing():
    similarity, among, labels = simulated(np.random.default_rng(8), planted=[(3, 17, 0.9), (6, 2, 0.7)])
    order = np.random.default_rng(9).permutation(similarity.shape[1])
    one, other = judged(similarity, among, labels).release, judged(similarity[:, order], among, labels).release
    columns = ["similarity", "p", "q", "copy_of", "action"]
    pd.testing.assert_frame_equal(one[columns].iloc[order].reset_index(drop=True), other[columns])


def test_where_nothing_is_found_the_sentence_says_what_would_have_been():
    found = judged(*simulated(np.random.default_rng(10)))
    spikes = spike_table("d", ["shift"] * 4, ["0.1"] * 4, np.array([0, 0, 1, 1]), np.array([True, True, True, False]))
    verdict, text = sentence(found.copies.iloc[0], spikes)
    assert verdict == NO_COPY and "Of 4 perturbed copies (shift)" in text and "75 %" in text
    assert "private" not in text


def test_a_spike_is_recovered_if_it_would_be_flagged_alone():
    found = judged(*simulated(np.random.default_rng(11)))
    table = {"left": np.array([0, 2]), "right": np.array([0, 1]), "similarity": np.array([0.99, 0.3])}
    patient = np.repeat(np.arange(20), 2)
    assert recovered(found.chance, table, patient, np.array([0, 2])).tolist() == [True, False]


def test_the_share_has_wilsons_interval_by_patient():
    alone = share_by_patient(np.array([True] * 9 + [False]), np.arange(10))
    assert alone["share"] == 0.9 and (alone["low"], alone["high"]) == pytest.approx((0.596, 0.982), abs=0.001)
    together = share_by_patient(np.array([True] * 8 + [False] * 2), np.repeat(np.arange(5), 2))
    assert together["low"] < share_by_patient(np.array([True] * 8 + [False] * 2), np.arange(10))["low"]


def test_competition_by_hand():
    used, unused = np.array([0.9, 0.8, 0.7, 0.3]), np.array([0.1, 0.2, 0.1, 0.5])
    assert competition(used, unused).tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1])


def test_tables_are_what_their_schemas_say(tmp_path):
    found = judged(*simulated(np.random.default_rng(12), planted=[(3, 17, 0.95)]))
    spikes = spike_table("d", ["shift"], ["0.1"], np.array([0]), np.array([True]))
    origin = provenance(code="", seed=0)
    tables = {"r": (found.release, RELEASE), "e": (found.exposed, EXPOSED), "c": (found.copies, COPIES_TABLE)}
    for name, (table, schema) in (tables | {"s": (spikes, SPIKES)}).items():
        write_table(tmp_path / name, table, schema, origin)
        assert list(table) == schema.names
