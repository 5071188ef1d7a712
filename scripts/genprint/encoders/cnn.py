"""A small convolutional network of our own."""

from collections import OrderedDict
from itertools import pairwise
from typing import Any

import numpy as np
from torch import nn

from genprint.encoders._torch import checked, reproducible
from genprint.encoders._training import TRAINING, Grey, arrays, features, fit, load

YIELDS = "vector"
TRAINED = True
MEMORY = {"weights": 0, "activations": 450}
PARAMETERS = TRAINING
CHANNELS = (1, 8, 16, 32, 64)
POOLED = 4  # side of the last feature map, whatever the size of the image
DIMENSION = 128


def train(
    images: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    *,
    seed: int,
    device: str,
    threads: int,
    precision: str,
    **training: Any,
) -> dict[str, np.ndarray]:
    """Train four blocks of convolution, max-pooling, batch normalisation and ReLU with a linear embedding on top.

    Zuo & Zhou, CLEF 2025, section 3.2: "multiple convolutional, activation, and pooling layers"; neither their number
    nor their sizes nor the objective are given. The triplets are those of Cao & Zhou, CLEF 2024, figure 2.

    Args, returns and errors: ``genprint.encoders.train``.
    """
    with reproducible(seed, threads, device) as device_used:
        network = _network()
        fit(network, images, labels, groups, device=device_used, precision=checked(precision), **training)
        return arrays(network)


def encode(
    images: np.ndarray, weights: dict[str, np.ndarray], *, threads: int, device: str, precision: str, **training: Any
) -> np.ndarray:
    """Return embeddings of images of any size of at least 16 x 16 pixels, float32 (N, 128)."""
    with reproducible(0, threads, device) as device_used:
        network = _network()
        load(network, weights, "the weights dictionary")
        return features(network, images, device_used, checked(precision))


def _network() -> nn.Module:
    layers: OrderedDict[str, nn.Module] = OrderedDict(grey=Grey([0.5], [0.5]))
    for number, (before, after) in enumerate(pairwise(CHANNELS), start=1):
        layers[f"block{number}"] = nn.Sequential(
            nn.Conv2d(before, after, kernel_size=3, padding=1, bias=False),
            nn.MaxPool2d(2),  # first, as the rest then has a quarter of the pixels to work on
            nn.BatchNorm2d(after),
            nn.ReLU(),
        )
    layers["pool"] = nn.AdaptiveAvgPool2d(POOLED)
    layers["flatten"] = nn.Flatten()
    layers["embedding"] = nn.Linear(CHANNELS[-1] * POOLED**2, DIMENSION)
    return nn.Sequential(layers)
