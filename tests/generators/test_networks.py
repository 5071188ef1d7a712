"""What the generators that are networks share."""

import numpy as np
import pytest
import torch

from genprint.generators import generate
from genprint.generators._networks import averaged, differentiable_augmentation, is_told, moved

TINY = {
    "diffusion": {"size": 16, "steps": 4, "batch": 4, "channels": 8, "sampling_steps": 3, "device": "cpu"},
    "gan": {"size": 16, "steps": 4, "batch": 8, "channels": 4, "latent": 8, "device": "cpu"},
}


@pytest.mark.parametrize("name", TINY)
def test_the_machine_decides_nothing(name):
    images = np.random.default_rng(0).integers(0, 256, (9, 20, 12), dtype=np.uint8)
    expected = generate(name, images, 70, seed=4, **TINY[name])
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(threads + 1)
        torch.manual_seed(99)
        before = torch.get_rng_state()
        np.testing.assert_array_equal(generate(name, images, 70, seed=4, **TINY[name]), expected)
        assert torch.get_num_threads() == threads + 1
        assert torch.equal(torch.get_rng_state(), before)
    finally:
        torch.set_num_threads(threads)


def test_augmented_images_are_shifted_and_cut_and_gradients_pass():
    images = torch.rand(64, 1, 32, 32).requires_grad_()
    torch.manual_seed(0)
    distorted = differentiable_augmentation(images)
    assert distorted.shape == images.shape
    black = (distorted == -1).float().mean(dim=(1, 2, 3))
    assert 0 < black.max() <= 1 - (28 / 32) ** 2  # shifted by up to an eighth
    grey = (distorted == 0).float().mean(dim=(1, 2, 3))
    assert 0.05 < grey.mean() <= 0.25  # a square of half the side, partly outside
    distorted.sum().backward()
    assert (images.grad != 0).any(dim=(1, 2, 3)).all()


def test_moved_images_are_moved_and_black_comes_after_them():
    image = torch.arange(16.0).reshape(1, 1, 4, 4).repeat(2, 1, 1, 1)
    down, left = moved(image, torch.tensor([[1, 0], [0, -2]])).squeeze(1)
    assert down.tolist() == [[-1] * 4, *image[0, 0, :3].tolist()]
    assert left.tolist() == [[*row[2:], -1, -1] for row in image[0, 0].tolist()]


def test_samples_come_from_the_average_of_the_weights():
    network = torch.nn.Linear(1, 1, bias=False)
    average = averaged(network, 0.75)
    for weight in (1.0, 3.0, 3.0):
        torch.nn.init.constant_(network.weight, weight)
        average.update_parameters(network)
    assert float(average(torch.ones(1, 1))) == pytest.approx((1 * 0.75 + 3 * 0.25) * 0.75 + 3 * 0.25)


def test_ten_steps_and_the_last_are_told():
    assert [step for step in range(1, 26) if is_told(step, 25)] == [*range(2, 25, 2), 25]
    assert [step for step in range(1, 4) if is_told(step, 3)] == [1, 2, 3]
