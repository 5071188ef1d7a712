import numpy as np
import pytest

from genprint.generators import METHODS, generate

# Where the defaults are for larger images than these, or ask for more time.
SMALL = {
    "copy": {"share": 0.5},
    "diffusion": {"size": 16, "steps": 2, "batch": 2, "channels": 8, "sampling_steps": 2, "device": "cpu"},
    "gan": {"size": 16, "steps": 2, "batch": 4, "channels": 2, "latent": 4, "device": "cpu"},
}


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (10, 20, 24), dtype=np.uint8)


@pytest.mark.parametrize("name", METHODS)
def test_samples_have_the_size_of_the_images_and_follow_the_seed(name, images):
    def samples(seed):
        return generate(name, images, 7, seed=seed, held_out=images[::-1], **SMALL.get(name, {}))

    first = samples(0)
    assert first.shape == (7, 20, 24)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(samples(0), first)
    assert (samples(1) != first).any()


@pytest.mark.parametrize("name", METHODS)
def test_neither_the_images_nor_numpys_global_state_are_touched(name, images):
    images.flags.writeable = False
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    generate(name, images, 3, seed=0, held_out=images, **SMALL.get(name, {}))
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_wrong_calls_say_what_is_wrong(images):
    with pytest.raises(ValueError, match=f"no generator 'vae'.*{', '.join(METHODS)}"):
        generate("vae", images, 1, seed=0)
    with pytest.raises(ValueError, match="float32"):
        generate("parzen", images.astype(np.float32), 1, seed=0)
    with pytest.raises(ValueError, match="1 training images and 0 samples"):
        generate("parzen", images[:1], 0, seed=0)
