"""What encoders that learn nothing here share: networks that somebody has trained on other images."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from genprint.encoders._torch import reproducible
from genprint.encoders._training import Grey, features

SIZED = {
    "side": {
        "type": "integer",
        "minimum": 16,
        "maximum": 4_096,
        "default": 224,
        "description": "Pixels of each side of what the network sees; images are resized to it.",
    },
    "threads": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1_024,
        "default": 1,
        "description": "Threads of encoding.",
    },
}
"""Options of every such encoder."""
STANDARDISED = {
    "channels": {
        "type": "integer",
        "enum": [1, 3],
        "default": 3,
        "description": "Input channels: 1, or 3 with the grey image in each.",
    },
    "mean": {
        "type": "array",
        "items": {"type": "number"},
        "minItems": 1,
        "maxItems": 3,
        "default": [0.485, 0.456, 0.406],
        "description": "What is subtracted from grey levels from 0 to 1, of each channel or of all.",
    },
    "deviation": {
        "type": "array",
        "items": {"type": "number", "exclusiveMinimum": 0},
        "minItems": 1,
        "maxItems": 3,
        "default": [0.229, 0.224, 0.225],
        "description": "What they are then divided by, of each channel or of all.",
    },
}
"""Options of those that do not know how they were trained."""


class Prepared(nn.Module):
    """Grey levels uint8 (B, H, W) to float32 (B, C, S, S): resized, scaled to 0..1, standardised for each channel."""

    def __init__(self, side: int, channels: int, mean: list[float], deviation: list[float]):
        super().__init__()
        if wrong := [len(given) for given in (mean, deviation) if len(given) not in (1, channels)]:
            raise ValueError(f"mean and deviation need one number or {channels}, not {wrong[0]}: one for each channel")
        self.side = side
        self.grey = Grey(*((given * channels)[:channels] for given in (mean, deviation)))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        size = (self.side, self.side)
        resized = functional.interpolate(images.unsqueeze(1).float(), size, mode="bilinear", antialias=True)
        return self.grey(resized.squeeze(1))


class Pooled(nn.Module):
    """What a network yields as one vector for each image: of several outputs the first, of a map the mean."""

    def __init__(self, network: Callable[[torch.Tensor], Any]):
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        output = self.network(images)
        if isinstance(output, Mapping):
            output = next(iter(output.values()))
        elif isinstance(output, (tuple, list)):
            output = output[0]
        if output.ndim < 2 or len(output) != len(images):
            raise ValueError(
                f"the network yields {tuple(output.shape)} for {len(images)} images; export one that yields features"
            )
        return output.mean(dim=(2, 3)) if output.ndim == 4 else output.flatten(1)


def encode_fixed(
    load: Callable[[torch.device], Callable[[torch.Tensor], Any]],
    images: np.ndarray,
    *,
    device: str,
    threads: int,
    side: int,
    channels: int,
    mean: list[float],
    deviation: list[float],
) -> np.ndarray:
    """Return features of images uint8 (N, H, W) by the network that ``load`` returns, float32 (N, D)."""
    with reproducible(0, threads, device) as device_used:
        network = nn.Sequential(Prepared(side, channels, mean, deviation), Pooled(load(device_used)))
        return features(network, images, device_used, "float32")
