import numpy as np
import pytest
from scipy import stats

from genprint.generators import generate
from genprint.inference.fidelity import COMPARABLE, energy_distance, fidelity

from .test_blind import images


@pytest.fixture(scope="module")
def real():
    """Images of sixty patients, two of each."""
    return images(np.random.default_rng(0), patients=60), np.repeat(np.arange(60), 2)


def test_in_one_dimension_it_is_the_energy_distance_of_scipy():
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(30, 1)), rng.normal(1, 2, size=(40, 1))
    assert energy_distance(left, right) == pytest.approx(stats.energy_distance(left[:, 0], right[:, 0]) ** 2)
    assert energy_distance(left, left) == pytest.approx(0)


def test_images_of_other_patients_are_as_alike_as_real_ones_are(real):
    others = images(np.random.default_rng(1), patients=60)
    assert 0.5 < fidelity(*real, others)[0] < 1.6


def test_a_generator_that_knows_the_images_is_comparable(real):
    made = generate("parzen", real[0], 200, seed=1, h=0.5)
    assert fidelity(*real, made)[0] > 3 * COMPARABLE


@pytest.mark.parametrize("made", ["noise", "black", "one image"])
def test_what_is_no_image_of_the_kind_is_not_comparable(real, made):
    random = np.random.default_rng(2)
    generated = {
        "noise": random.integers(0, 256, (100, 32, 32), np.uint8),
        "black": np.zeros((100, 32, 32), np.uint8),
        "one image": np.repeat(real[0][:1], 100, axis=0),
    }[made]
    assert fidelity(*real, generated)[0] < (COMPARABLE if made != "one image" else 0.5)


def test_the_number_of_generated_images_hardly_matters(real):
    made = generate("parzen", real[0], 1000, seed=3, h=0.9)
    few, many = fidelity(*real, made[:100])[0], fidelity(*real, made)[0]
    assert few == pytest.approx(many, rel=0.3)


def test_too_few_images_have_none_and_a_reason(real):
    value, reason = fidelity(real[0][:12], real[1][:12], real[0])
    assert np.isnan(value) and "12 real images of 6 patients and 120 generated" in reason
    value, reason = fidelity(np.zeros((40, 32, 32), np.uint8), np.arange(40), np.zeros((40, 32, 32), np.uint8))
    assert np.isnan(value) and "the same" in reason
