import numpy as np
import pytest

from genprint.copies.chance import chance
from genprint.copies.recovery import recovered, share_by_patient, spike_table

from .simulated import simulate, table, with_copies


def test_a_spike_is_recovered_where_it_would_be_flagged():
    simulated = simulate(0)
    found = chance(*simulated.arguments)
    needed = found.least_similarity()[4]
    pairs = table([8, 8, 12, 9], [0, 1, 2, 3], [needed + 1e-4, needed - 1e-4, 0.99, 0.99])
    # The third is like another patient's image, the fourth like another image of the same patient.
    assert recovered(found, pairs, simulated.patient, np.array([8, 8, 8, 8])).tolist() == [True, False, False, True]
    # The same is said of a release with that copy as the only one.
    for similarity, flag in ((needed + 1e-4, True), (needed - 1e-4, False)):
        release = with_copies(simulated, [(8, 17, similarity)])
        judge = chance(*release.arguments)
        assert (judge.q(judge.score(np.array([similarity]), np.array([4]))) <= 0.05) == flag


def test_nothing_is_recovered_where_nothing_can_be_said():
    simulated = simulate(0)
    none = {name: column[:0] for name, column in simulated.real_pairs.items()}
    found = chance(none, none, simulated.patient, simulated.label, 60)
    assert not recovered(found, table([8], [0], [1.0]), simulated.patient, np.array([8])).any()


def test_table_by_kind_and_strength():
    kind, strength = ["shift", "shift", "blur", "shift"], [3, 3, "2 px", 6]
    found = spike_table("set", kind, strength, np.array([0, 1, 0, 0]), np.array([True, False, True, True]))
    assert found[["kind", "strength", "n", "recovered", "share"]].values.tolist() == [
        ["shift", "3", 2, 1, 0.5],
        ["blur", "2 px", 1, 1, 1.0],
        ["shift", "6", 1, 1, 1.0],
        ["all", "", 4, 3, 0.75],
    ]
    assert (found["low"] < found["share"]).all() and set(found["dataset"]) == {"set"}


def test_images_of_a_patient_count_together():
    # Three patients of four images: all alike they are three trials, each for itself (one patient each) twelve.
    together = share_by_patient(np.ones(12, bool), np.repeat(np.arange(3), 4))
    assert (together["count"], together["n"], together["high"]) == (12, 12, 1)
    assert together["low"] == pytest.approx(3 / (3 + 3.841459), abs=1e-6)
    assert share_by_patient(np.ones(12, bool), np.arange(12))["low"] == pytest.approx(12 / 15.841459, abs=1e-6)
    assert np.isnan(share_by_patient(np.zeros(0, bool), np.zeros(0, int))["share"])
