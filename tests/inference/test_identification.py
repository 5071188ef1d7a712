import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid

from genprint.inference.identification import CENTROID, NEIGHBOUR, Sets, accuracies, nearest_sets, sentence


def sets(apart, patients=12, images=2, seed=0):
    """Three sets of patients whose means lie some way apart."""
    rng = np.random.default_rng(seed)
    names = np.repeat(["a", "b", "c"], patients * images)
    groups = np.repeat(np.arange(3 * patients), images)
    means = apart * np.eye(3, 5)[np.repeat([0, 1, 2], patients * images)]
    own = rng.normal(size=(3 * patients, 5))[groups]
    return Sets((means + own + 0.1 * rng.normal(size=own.shape)).astype(np.float32), names, groups)


def test_rules_are_those_of_scikit_learn():
    real, other = sets(1.0), sets(1.0, seed=1)
    found = nearest_sets(real, other.features)
    centroid = NearestCentroid().fit(real.features, real.names).predict(other.features)
    neighbour = KNeighborsClassifier(1).fit(real.features, real.names).predict(other.features)
    assert found[CENTROID].tolist() == centroid.tolist()
    assert found[NEIGHBOUR].tolist() == neighbour.tolist()


def test_the_images_of_a_patient_are_left_out():
    real = sets(0.5)
    found = nearest_sets(real, real.features, real.groups)
    for number in (0, 25, 70):
        others = real.groups != real.groups[number]
        alone = nearest_sets(Sets(*(part[others] for part in real)), real.features[[number]])
        assert found.iloc[number].tolist() == alone.iloc[0].tolist()


@pytest.mark.parametrize(("apart", "easy"), [(0.0, False), (5.0, True)])
def test_sets_that_look_different_are_told_apart_without_any_generated_image(apart, easy):
    real = sets(apart)
    made = real.features[::3] + 0.01
    found = accuracies(real, made, real.names[::3], permutations=199, seed=0).set_index(["images", "rule"])
    assert (found.loc[("real", CENTROID), "p"] < 0.05) == easy
    assert found.loc[("generated", NEIGHBOUR), "accuracy"] == 1  # copies are found in either case
    assert found.loc[("generated", NEIGHBOUR), "p"] == pytest.approx(1 / 200)
    assert found["chance"].eq(1 / 3).all()
    assert (found["accuracy_low"] <= found["accuracy"]).all() and (found["accuracy"] <= found["accuracy_high"]).all()
    said = sentence(found.reset_index())
    assert ("no evidence" in said) == easy
    assert ("not how the sets look" in said) != easy


def test_images_of_nobody_are_not_recognised():
    real = sets(0.0)
    rng = np.random.default_rng(7)
    made = rng.normal(size=(60, 5)).astype(np.float32)
    found = accuracies(real, made, rng.choice(["a", "b", "c"], 60), permutations=199, seed=0)
    assert "were not recognised" in sentence(found)
    assert "is not known" in sentence(accuracies(real, made[:0], [], permutations=19, seed=0))
