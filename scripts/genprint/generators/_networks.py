"""What the generators that are networks share: images in and out, and what keeps them from learning them by heart."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

TRAINING = {
    "steps": {
        "type": "integer",
        "minimum": 1,
        "maximum": 10_000_000,
        "default": 2000,
        "description": "Steps of training, of `batch` images each.",
    },
    "batch": {
        "type": "integer",
        "minimum": 2,
        "maximum": 65_536,
        "default": 16,
        "description": "Images in a training step, drawn at random.",
    },
    "learning_rate": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 10,
        "default": 0.0005,
        "description": "Step size of Adam.",
    },
    "augmentation": {
        "type": "boolean",
        "default": True,
        "description": "Whether the network sees distorted images, so that it learns fewer by heart.",
    },
    "average": {
        "type": "number",
        "minimum": 0,
        "exclusiveMaximum": 1,
        "default": 0.995,
        "description": "Images come from weights of which a step keeps this share: the average over many steps.",
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
"""Options of every generator that is a network."""
SIZE = {
    "type": "integer",
    "enum": [16, 32, 64, 128, 256],
    "description": "Side in pixels of the images inside the network; it resizes from and to the real size.",
}
"""The option `size`, to which each adds its own default."""
SHIFT = 0.125  # of the side
CUT_OUT = 0.5  # of the side


def scaled(images: np.ndarray, size: int, device: torch.device) -> torch.Tensor:
    """Return images uint8 (N, H, W) as float32 (N, 1, size, size) from -1 to 1."""
    pixels = torch.from_numpy(np.array(images)).to(device).unsqueeze(1)
    return functional.interpolate(pixels / 127.5 - 1, (size, size), mode="bilinear", antialias=True)


def unscaled(made: torch.Tensor, shape: tuple[int, ...]) -> np.ndarray:
    """Return images (N, 1, S, S) from -1 to 1 as uint8 (N, H, W) of a shape."""
    made = functional.interpolate(made, shape, mode="bilinear", antialias=True)
    return ((made + 1) * 127.5).round().clamp(0, 255).byte().squeeze(1).cpu().numpy()


def is_told(step: int, steps: int) -> bool:
    """Return whether a step of training is one of the ten, and the last, whose losses are printed."""
    return step % max(1, steps // 10) == 0 or step == steps


def averaged(network: nn.Module, share: float) -> AveragedModel:
    """Return the exponential moving average of a network's weights and statistics: call ``update_parameters``."""
    return AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(share), use_buffers=True)


def moved(images: torch.Tensor, shifts: torch.Tensor) -> torch.Tensor:
    """Return images (N, 1, S, S) moved by whole pixels (N, 2), black (-1) where nothing is moved to."""
    count, _, height, width = images.shape
    rows, columns = (
        torch.arange(length, device=images.device)[None] - shifts[:, axis, None]
        for axis, length in enumerate((height, width))
    )
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None]
    number = torch.arange(count, device=images.device)[:, None, None]
    own = images[number, 0, rows.clamp(0, height - 1)[:, :, None], columns.clamp(0, width - 1)[:, None]]
    return torch.where(inside, own, -1.0).unsqueeze(1)


def random_shifts(images: torch.Tensor) -> torch.Tensor:
    """Draw by how many pixels each image is moved, up to an eighth of its side, int64 (N, 2)."""
    most = int(images.shape[-1] * SHIFT)
    return torch.randint(-most, most + 1, (len(images), 2)).to(images.device)


def differentiable_augmentation(images: torch.Tensor) -> torch.Tensor:
    """Return images (N, 1, S, S) with other brightness and contrast, shifted, and a square cut out of each.

    Zhao et al., NeurIPS 2020, arXiv 2006.10738, policy "color, translation, cutout" without the colours: a
    discriminator sees real and generated images through it alone, and gradients pass.
    """
    count, _, side, _ = images.shape
    drawn = torch.rand(2, count, 1, 1, 1).to(images.device)
    bright = images + drawn[0] - 0.5
    mean = bright.mean(dim=(2, 3), keepdim=True)
    shifted = moved((bright - mean) * (drawn[1] + 0.5) + mean, random_shifts(images))
    half = int(side * CUT_OUT) // 2
    centre = torch.randint(0, side + 1, (count, 2, 1)).to(images.device)
    near = (torch.arange(side, device=images.device)[None, None] - centre).abs() < half
    cut = near[:, 0, :, None] & near[:, 1, None, :]
    return shifted.masked_fill(cut.unsqueeze(1), 0.0)
