"""DCGAN: a small adversarial network, for real leaks of unknown size."""

from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from genprint.encoders._torch import descend, reproducible
from genprint.runtime.progress import counted

HELD_OUT = False
PARAMETERS = {
    "size": {
        "type": "integer",
        "enum": [16, 32, 64, 128, 256],
        "default": 64,
        "description": "Side in pixels of the images inside the network; it resizes from and to the real size.",
    },
    "epochs": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1_000_000,
        "default": 200,
        "description": "Passes over the training images.",
    },
    "batch": {
        "type": "integer",
        "minimum": 2,
        "maximum": 65_536,
        "default": 8,
        "description": "Smallest number of images in a training step.",
    },
    "latent": {
        "type": "integer",
        "minimum": 1,
        "maximum": 100_000,
        "default": 100,
        "description": "Dimensions of the random vector behind a sample.",
    },
    "channels": {
        "type": "integer",
        "minimum": 1,
        "maximum": 4_096,
        "default": 16,
        "description": "Channels of the layers next to the image; each layer further in has twice as many.",
    },
    "learning_rate": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 10,
        "default": 0.0005,
        "description": "Step size of Adam.",
    },
    "device": {
        "type": "string",
        "enum": ["auto", "cpu", "cuda"],
        "default": "auto",
        "description": "auto (a GPU where there is one), cpu or cuda.",
    },
    "threads": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1_024,
        "default": 1,
        "description": "Threads on a CPU; another number gives slightly other images.",
    },
}
BLOCK = 64  # samples generated at a time, which bounds the memory


def generate(
    images: np.ndarray,
    count: int,
    *,
    seed: int,
    size: int,
    epochs: int,
    batch: int,
    latent: int,
    channels: int,
    learning_rate: float,
    device: str,
    threads: int,
) -> np.ndarray:
    """Train a DCGAN on images (N, H, W) and sample ``count`` images, uint8 (count, H, W).

    Radford, Metz & Chintala, ICLR 2016, arXiv 1511.06434: strided convolutions, batch normalisation, Adam with
    beta_1 0.5, weights from N(0, 0.02^2). Dropout keeps the discriminator from learning a few hundred images by heart
    before the generator has a gradient to follow, and the steps are larger and more than in the paper for the same
    reason. Prints the losses of every epoch. Equal seeds and threads give equal bytes on a CPU.

    Raises:
        ValueError: a size that is no power of two from 8 on, a loss that is not finite, or no CUDA device where one
            is asked for.
    """
    if size < 8 or size & (size - 1):
        raise ValueError(f"size is {size}; write a power of two from 8 on")
    with reproducible(seed, threads, device) as found:
        pixels = torch.from_numpy(np.array(images)).to(found).unsqueeze(1)
        real = functional.interpolate(pixels / 127.5 - 1, (size, size), mode="bilinear", antialias=True)
        generator = _generator(size, latent, channels).apply(_initialise).to(found)
        discriminator = _discriminator(size, channels).apply(_initialise).to(found)
        _train(generator, discriminator, real, latent, epochs, batch, learning_rate)
        generator.eval()
        samples = []
        with torch.inference_mode():
            for noise in torch.randn(count, latent, 1, 1).split(BLOCK):
                made = generator(noise.to(found))
                made = functional.interpolate(made, images.shape[1:], mode="bilinear", antialias=True)
                samples.append(((made + 1) * 127.5).round().clamp(0, 255).byte().squeeze(1).cpu())
        return torch.cat(samples).numpy()


def _train(
    generator: nn.Module,
    discriminator: nn.Module,
    real: torch.Tensor,
    latent: int,
    epochs: int,
    batch: int,
    learning_rate: float,
) -> None:
    judge, forger = (
        torch.optim.Adam(network.parameters(), learning_rate, betas=(0.5, 0.999), foreach=False)
        for network in (discriminator, generator)
    )
    for epoch in counted(range(1, epochs + 1), "epochs"):
        losses = []
        # Batches of nearly equal size: a lone last image would leave batch normalisation nothing to normalise by.
        for part in torch.randperm(len(real)).tensor_split(max(1, len(real) // batch)):
            fake = generator(torch.randn(len(part), latent, 1, 1).to(real.device))
            judged = _cross_entropy(discriminator(real[part]), 1) + _cross_entropy(discriminator(fake.detach()), 0)
            caught = descend(judge, judged)
            fooled = descend(forger, _cross_entropy(discriminator(fake), 1))
            losses.append((caught, fooled))
        means = np.mean(losses, axis=0)
        print(
            f"epoch {epoch}/{epochs}  discriminator {means[0]:.3f}  generator {means[1]:.3f}",
            flush=True,
        )
        if not np.isfinite(means).all():
            raise ValueError(f"the GAN diverged in epoch {epoch}; lower its learning rate")


def _cross_entropy(logits: torch.Tensor, truth: int) -> torch.Tensor:
    return functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, truth))


def _generator(size: int, latent: int, channels: int) -> nn.Sequential:
    widths = _widths(size, channels)[::-1]
    layers: list[nn.Module] = [nn.ConvTranspose2d(latent, widths[0], kernel_size=4, bias=False)]
    for before, after in zip(widths, [*widths[1:], 1], strict=True):
        layers += [
            nn.BatchNorm2d(before),
            nn.ReLU(),
            nn.ConvTranspose2d(before, after, kernel_size=4, stride=2, padding=1, bias=False),
        ]
    return nn.Sequential(*layers, nn.Tanh())


def _discriminator(size: int, channels: int) -> nn.Sequential:
    widths = _widths(size, channels)
    layers: list[nn.Module] = [
        nn.Conv2d(1, widths[0], kernel_size=4, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Dropout2d(0.25),
    ]
    for before, after in pairwise(widths):
        layers += [
            nn.Conv2d(before, after, kernel_size=4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.LeakyReLU(0.2),
            nn.Dropout2d(0.25),
        ]
    return nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, kernel_size=4))


def _widths(size: int, channels: int) -> list[int]:
    """Return channels from the layer next to the image down to the one of 4 x 4 pixels."""
    return [channels * 2**halving for halving in range((size // 4).bit_length() - 1)]


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
