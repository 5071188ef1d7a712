"""A diffusion model: noise, denoised step by step. Of all generators, the kind that is most said to memorise."""

from typing import Any

import numpy as np
import torch
from monai.networks.nets import DiffusionModelUNet
from monai.networks.schedulers import DDIMScheduler, DDPMScheduler
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel

from genprint.encoders._torch import descend, reproducible
from genprint.generators._networks import SIZE, TRAINING, averaged, is_told, moved, random_shifts, scaled, unscaled
from genprint.runtime.progress import counted

HELD_OUT = False
PARAMETERS = {
    **TRAINING,
    "size": {**SIZE, "default": 32},
    "channels": {
        "type": "integer",
        "minimum": 8,
        "maximum": 1_024,
        "multipleOf": 8,
        "default": 32,
        "description": "Channels at the size of the image; each smaller size has twice as many.",
    },
    "sampling_steps": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1_000,
        "default": 50,
        "description": "Steps from noise to an image.",
    },
}
NOISE_LEVELS = 1000
COARSEST = 8  # pixels a side where the network is deepest, and looks at all of an image
BLOCK = 64  # samples generated at a time, which bounds the memory


def generate(
    images: np.ndarray,
    count: int,
    *,
    seed: int,
    size: int,
    steps: int,
    batch: int,
    channels: int,
    learning_rate: float,
    augmentation: bool,
    average: float,
    sampling_steps: int,
    device: str,
    threads: int,
) -> np.ndarray:
    """Train a denoising diffusion model on images (N, H, W) and sample ``count`` images, uint8 (count, H, W).

    Ho, Jain & Abbeel, NeurIPS 2020, arXiv 2006.11239: a U-Net sees sqrt(a_t) x + sqrt(1 - a_t) e, an image with noise
    at a random one of 1,000 levels t, of the cosine schedule of Nichol & Dhariwal, ICML 2021, arXiv 2102.09672. It
    predicts sqrt(a_t) e - sqrt(1 - a_t) x, from which both can be told at any level (Salimans & Ho, ICLR 2022, arXiv
    2202.00512); one that predicts e alone leaves samples of few steps noisy. Samples
    are those of Song, Meng & Ermon, ICLR 2021, arXiv 2010.02502. Network and schedules are MONAI's. Augmentation
    mirrors and shifts the training images at random. Prints the loss ten times. Equal seeds and threads give equal
    bytes on a CPU.

    Raises:
        ValueError: a loss that is not finite, or no CUDA device where one is asked for.
    """
    with reproducible(seed, threads, device) as device_used:
        real = scaled(images, size, device_used)
        network = _network(size, channels).to(device_used)
        chosen = averaged(network, average)
        _train(network, chosen, real, steps, batch, learning_rate, augmentation)
        chosen.eval()
        scheduler = DDIMScheduler(**_SCHEDULE, clip_sample=True)
        scheduler.set_timesteps(sampling_steps)
        samples = []
        with torch.inference_mode():
            for noise in counted(torch.randn(count, 1, size, size).split(BLOCK), "blocks of samples"):
                made = noise.to(device_used)
                for level in scheduler.timesteps:
                    predicted = chosen(made, timesteps=torch.full((len(made),), int(level), device=device_used))
                    made, _ = scheduler.step(predicted, int(level), made)
                samples.append(unscaled(made, images.shape[1:]))
        return np.concatenate(samples)


_SCHEDULE: dict[str, Any] = {
    "num_train_timesteps": NOISE_LEVELS,
    "schedule": "cosine",
    "prediction_type": "v_prediction",
}


def _train(
    network: nn.Module,
    average: AveragedModel,
    real: torch.Tensor,
    steps: int,
    batch: int,
    learning_rate: float,
    augmentation: bool,
) -> None:
    scheduler = DDPMScheduler(**_SCHEDULE)
    optimiser = torch.optim.Adam(network.parameters(), learning_rate, foreach=False)
    losses = []
    for step in counted(range(1, steps + 1), "steps"):
        images = real[torch.randint(len(real), (batch,))]
        if augmentation:
            mirrored = torch.where((torch.rand(batch, 1, 1, 1) < 0.5).to(images.device), images.flip(3), images)
            images = moved(mirrored, random_shifts(mirrored) // 2)
        noise = torch.randn(images.shape).to(images.device)
        level = torch.randint(NOISE_LEVELS, (batch,)).to(images.device)
        noisy = scheduler.add_noise(original_samples=images, noise=noise, timesteps=level)
        wanted = scheduler.get_velocity(images, noise, level)
        losses.append(descend(optimiser, functional.mse_loss(network(noisy, timesteps=level), wanted)))
        average.update_parameters(network)
        if is_told(step, steps):
            print(f"step {step}/{steps}  loss {np.mean(losses):.4f}", flush=True)
            if not np.isfinite(losses).all():
                raise ValueError(f"the diffusion model diverged by step {step}; lower its learning rate")
            losses = []


def _network(size: int, channels: int) -> nn.Module:
    levels = (size // COARSEST).bit_length()
    widths = [channels * min(4, 2**level) for level in range(levels)]
    return DiffusionModelUNet(
        spatial_dims=2,
        in_channels=1,
        out_channels=1,
        channels=widths,
        attention_levels=[False] * (levels - 1) + [True],
        num_res_blocks=1,
        num_head_channels=widths[-1] // 2,
        norm_num_groups=8,
    )
