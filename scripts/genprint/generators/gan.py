"""DCGAN: a small adversarial network, for real leaks of unknown size."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm
from torch.optim.swa_utils import AveragedModel

from genprint.encoders._torch import descend, reproducible
from genprint.generators._networks import (
    SIZE,
    TRAINING,
    averaged,
    differentiable_augmentation,
    is_told,
    scaled,
    unscaled,
)
from genprint.runtime.progress import counted

HELD_OUT = False
PARAMETERS = {
    **TRAINING,
    "size": {**SIZE, "default": 64},
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
}
BLOCK = 64  # samples generated at a time, which bounds the memory


def generate(
    images: np.ndarray,
    count: int,
    *,
    seed: int,
    size: int,
    steps: int,
    batch: int,
    latent: int,
    channels: int,
    learning_rate: float,
    augmentation: bool,
    average: float,
    device: str,
    threads: int,
) -> np.ndarray:
    """Train a DCGAN on images (N, H, W) and sample ``count`` images, uint8 (count, H, W).

    Radford, Metz & Chintala, ICLR 2016, arXiv 1511.06434: a discriminator of strided convolutions, a generator with
    batch normalisation, Adam with beta_1 0.5. The generator enlarges and then convolves, as transposed convolutions
    leave a checkerboard (Odena, Dumoulin & Olah, Distill 2016, 10.23915/distill.00003), and the discriminator has
    spectral normalisation (Miyato et al., ICLR 2018, arXiv 1802.05957) instead of batch normalisation, so that a few
    dozen images teach it something before it knows them by heart. With augmentation the discriminator sees real and
    generated images through `differentiable_augmentation` alone, for the same reason. Samples come from the average
    of the generator over its last steps. Prints the losses ten times. Equal seeds and threads give equal bytes on a
    CPU.

    Raises:
        ValueError: a size that is no power of two from 8 on, a loss that is not finite, or no CUDA device where one
            is asked for.
    """
    if size < 8 or size & (size - 1):
        raise ValueError(f"size is {size}; write a power of two from 8 on")
    with reproducible(seed, threads, device) as device_used:
        real = scaled(images, size, device_used)
        generator = _generator(size, latent, channels).to(device_used)
        discriminator = _discriminator(size, channels).to(device_used)
        chosen = averaged(generator, average)
        distorted = differentiable_augmentation if augmentation else nn.Identity()
        _train(generator, chosen, discriminator, real, latent, steps, batch, learning_rate, distorted)
        chosen.eval()
        with torch.inference_mode():
            blocks = torch.randn(count, latent, 1, 1).split(BLOCK)
            return np.concatenate([unscaled(chosen(noise.to(device_used)), images.shape[1:]) for noise in blocks])


def _train(
    generator: nn.Module,
    average: AveragedModel,
    discriminator: nn.Module,
    real: torch.Tensor,
    latent: int,
    steps: int,
    batch: int,
    learning_rate: float,
    distorted: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    judge, forger = (
        torch.optim.Adam(network.parameters(), learning_rate, betas=(0.5, 0.999), foreach=False)
        for network in (discriminator, generator)
    )
    losses = []
    for step in counted(range(1, steps + 1), "steps"):
        fake = generator(torch.randn(batch, latent, 1, 1).to(real.device))
        drawn = real[torch.randint(len(real), (batch,))]
        judged = _cross_entropy(discriminator(distorted(drawn)), 1)
        judged = judged + _cross_entropy(discriminator(distorted(fake.detach())), 0)
        caught = descend(judge, judged)
        losses.append((caught, descend(forger, _cross_entropy(discriminator(distorted(fake)), 1))))
        average.update_parameters(generator)
        if is_told(step, steps):
            means = np.mean(losses, axis=0)
            print(f"step {step}/{steps}  discriminator {means[0]:.3f}  generator {means[1]:.3f}", flush=True)
            if not np.isfinite(means).all():
                raise ValueError(f"the GAN diverged by step {step}; lower its learning rate")
            losses = []


def _cross_entropy(logits: torch.Tensor, truth: int) -> torch.Tensor:
    return functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, truth))


def _generator(size: int, latent: int, channels: int) -> nn.Sequential:
    widths = _widths(size, channels)[::-1]
    layers: list[nn.Module] = [nn.ConvTranspose2d(latent, widths[0], kernel_size=4, bias=False)]
    for before, after in zip(widths, [*widths[1:], 1], strict=True):
        layers += [
            nn.BatchNorm2d(before),
            nn.ReLU(),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(before, after, kernel_size=3, padding=1, bias=False),
        ]
    return nn.Sequential(*layers, nn.Tanh())


def _discriminator(size: int, channels: int) -> nn.Sequential:
    widths = _widths(size, channels)
    layers: list[nn.Module] = []
    for before, after in pairwise([1, *widths]):
        layers += [spectral_norm(nn.Conv2d(before, after, kernel_size=4, stride=2, padding=1)), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, spectral_norm(nn.Conv2d(widths[-1], 1, kernel_size=4)))


def _widths(size: int, channels: int) -> list[int]:
    """Return channels from the layer next to the image down to the one of 4 x 4 pixels."""
    return [channels * 2**halving for halving in range((size // 4).bit_length() - 1)]
