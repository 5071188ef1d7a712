import numpy as np
import pytest
import torch
from monai.networks.schedulers import DDIMScheduler, DDPMScheduler

from genprint.generators import generate
from genprint.generators.diffusion import _SCHEDULE, _network

TINY = {"size": 16, "steps": 4, "batch": 4, "channels": 8, "sampling_steps": 3, "device": "cpu"}


@pytest.mark.parametrize("size", [16, 32, 64])
def test_the_network_gives_noise_of_the_size_of_the_image(size):
    noisy = torch.randn(2, 1, size, size)
    assert _network(size, 8)(noisy, timesteps=torch.tensor([3, 900])).shape == noisy.shape


@pytest.mark.parametrize("level", [10, 500, 990])
def test_what_training_wants_gives_the_image_back_in_sampling(level):
    image, noise, at = torch.rand(1, 1, 16, 16) * 2 - 1, torch.randn(1, 1, 16, 16), torch.tensor([level])
    training, sampling = DDPMScheduler(**_SCHEDULE), DDIMScheduler(**_SCHEDULE, clip_sample=True)
    sampling.set_timesteps(20)
    noisy = training.add_noise(original_samples=image, noise=noise, timesteps=at)
    _, given_back = sampling.step(training.get_velocity(image, noise, at), level, noisy)
    torch.testing.assert_close(given_back, image, atol=1e-4, rtol=0)


def test_training_learns_what_all_images_share(capsys):
    """Left halves around 210 and right ones around 30: those of the samples are as bright."""
    images = np.random.default_rng(0).integers(0, 60, (40, 16, 16), dtype=np.uint8)
    images[..., :8] += 180
    options = TINY | {"steps": 200, "batch": 8, "average": 0.9, "sampling_steps": 20, "augmentation": False}
    samples = generate("diffusion", images, 20, seed=0, **options).astype(float)
    assert samples[..., :8].mean() == pytest.approx(210, abs=25) and samples[..., 8:].mean() == pytest.approx(
        30, abs=25
    )
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == [f"{step}/200" for step in range(20, 201, 20)]


def test_augmentation_changes_what_is_learnt():
    images = np.random.default_rng(0).integers(0, 256, (9, 16, 16), dtype=np.uint8)
    plain, distorted = (generate("diffusion", images, 3, seed=0, **TINY, augmentation=each) for each in (False, True))
    assert (plain != distorted).any()


def test_divergence_says_so():
    images = np.random.default_rng(0).integers(0, 256, (4, 16, 16), dtype=np.uint8)
    with pytest.raises(ValueError, match="the diffusion model diverged by step 2; lower its learning rate"):
        generate("diffusion", images, 1, seed=0, **TINY, learning_rate=1e30)
