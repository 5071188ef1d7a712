import numpy as np
import pytest
import torch

from genprint.generators import generate
from genprint.generators._networks import averaged, differentiable_augmentation, moved
from genprint.generators.gan import _discriminator, _generator

TINY = {"size": 16, "steps": 4, "batch": 8, "average": 0.5, "channels": 4, "latent": 8, "device": "cpu"}


@pytest.mark.parametrize("size", [8, 16, 64, 128])
def test_networks_fit_each_other(size):
    made = _generator(size, 5, 2)(torch.randn(3, 5, 1, 1))
    assert made.shape == (3, 1, size, size)
    assert made.abs().max() <= 1
    assert _discriminator(size, 2)(made).shape == (3, 1, 1, 1)


def test_training_learns_what_all_images_share(capsys):
    """Bright left halves: a generator that has learned anything makes them brighter than the right ones."""
    images = np.random.default_rng(0).integers(0, 60, (40, 16, 16), dtype=np.uint8)
    images[..., :8] += 180
    samples = generate(
        "gan", images, 30, seed=0, **TINY | {"steps": 150, "learning_rate": 0.002, "average": 0.9}
    ).astype(float)
    assert samples[..., :8].mean() > samples[..., 8:].mean() + 60
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert lines[-1].startswith("step 150/150  discriminator ")


def test_the_machine_decides_nothing():
    images = np.random.default_rng(0).integers(0, 256, (9, 20, 12), dtype=np.uint8)
    expected = generate("gan", images, 70, seed=4, **TINY)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(threads + 1)
        torch.manual_seed(99)
        before = torch.get_rng_state()
        np.testing.assert_array_equal(generate("gan", images, 70, seed=4, **TINY), expected)
        assert torch.get_num_threads() == threads + 1
        assert torch.equal(torch.get_rng_state(), before)
    finally:
        torch.set_num_threads(threads)


def test_impossible_requests_say_so(monkeypatch):
    images = np.zeros((4, 16, 16), np.uint8)
    with pytest.raises(ValueError, match="size is 48; write a power of two"):
        generate("gan", images, 1, seed=0, **TINY | {"size": 48})
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="write device: auto or cpu"):
        generate("gan", images, 1, seed=0, **TINY | {"device": "cuda"})


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
