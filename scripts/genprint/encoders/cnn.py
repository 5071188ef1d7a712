"""A small convolutional network of our own."""

from collections import OrderedDict
from itertools import pairwise

import numpy as np
from torch import nn

from genprint.encoders._torch import reproducible
from genprint.encoders._training import Grey, arrays, features, fit, load

YIELDS = "vector"
TRAINED = True
MEMORY = {"weights": 0, "activations": 450}
PARAMETERS = {
    "objective": {
        "type": "string",
        "enum": ["triplet", "classifier", "autoencoder"],
        "default": "triplet",
        "description": "What training optimises: triplet (generated near used, far from not used), classifier "
        "(used against not used) or autoencoder (reconstruction).",
    },
    "epochs": {
        "type": "integer",
        "minimum": 0,
        "default": 10,
        "description": "Passes over the training images; 0 leaves the network untrained.",
    },
    "batch": {
        "type": "integer",
        "minimum": 2,
        "default": 32,
        "description": "Smallest number of images, or of triplets, in a training step.",
    },
    "learning_rate": {
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 0.001,
        "description": "Step size of Adam.",
    },
    "margin": {
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 1.0,
        "description": "Margin of the triplet loss.",
    },
    "threads": {
        "type": "integer",
        "minimum": 1,
        "default": 1,
        "description": "Threads of training and encoding; another number gives slightly other weights.",
    },
}
CHANNELS = (1, 8, 16, 32, 64)
POOLED = 4  # side of the last feature map, whatever the size of the image
DIMENSION = 128


def train(
    images: np.ndarray,
    labels: np.ndarray,
    *,
    seed: int,
    device: str = "auto",
    objective: str = "triplet",
    epochs: int = 10,
    batch: int = 32,
    learning_rate: float = 0.001,
    margin: float = 1.0,
    threads: int = 1,
) -> dict[str, np.ndarray]:
    """Train four blocks of convolution, max-pooling, batch normalisation and ReLU with a linear embedding on top.

    Zuo & Zhou, CLEF 2025, section 3.2: "multiple convolutional, activation, and pooling layers"; neither their number
    nor their sizes nor the objective are given. The triplets are those of Cao & Zhou, CLEF 2024, figure 2.

    Args, returns and errors: ``genprint.encoders.train``.
    """
    with reproducible(seed, threads, device) as found:
        network = _network()
        fit(
            network,
            images,
            labels,
            objective=objective,
            epochs=epochs,
            batch=batch,
            learning_rate=learning_rate,
            margin=margin,
            device=found,
        )
        return arrays(network)


def encode(images: np.ndarray, weights: dict[str, np.ndarray], *, threads: int = 1, device: str = "auto") -> np.ndarray:
    """Embeddings of images of any size of at least 16 x 16 pixels, float32 (N, 128)."""
    with reproducible(0, threads, device) as found:
        network = _network()
        load(network, weights, "the weights dictionary")
        return features(network, images, found)


def _network() -> nn.Module:
    layers = OrderedDict(grey=Grey([0.5], [0.5]))
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
