import numpy as np
import pytest
import torch

from genprint.generators import generate
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


def test_impossible_requests_say_so(monkeypatch):
    images = np.zeros((4, 16, 16), np.uint8)
    with pytest.raises(ValueError, match="size is 48; write a power of two"):
        generate("gan", images, 1, seed=0, **TINY | {"size": 48})
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="write device: auto or cpu"):
        generate("gan", images, 1, seed=0, **TINY | {"device": "cuda"})
