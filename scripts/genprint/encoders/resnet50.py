"""ResNet-50, from scratch or from local weights."""

from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.networks.nets import resnet50
from safetensors.torch import load_file
from torch import nn

from genprint.encoders._torch import checked, reproducible
from genprint.encoders._training import TRAINING, Grey, arrays, features, fit, load

YIELDS = "vector"
TRAINED = True
MEMORY = {"weights": 800, "activations": 7500}
PARAMETERS = {
    **TRAINING,
    "steps": {
        "type": "integer",
        "minimum": 0,
        "maximum": 1_000_000,
        "default": 100,
        "description": "Steps of training at most, of `batch` each; it ends before, when the loss of the patients held "
        "out no longer falls. 0 uses the initial or pretrained weights as they are.",
    },
    "batch": {
        "type": "integer",
        "minimum": 2,
        "maximum": 65_536,
        "default": 16,
        "description": "Smallest number of images, or of triplets, in a training step.",
    },
    "learning_rate": {
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 0.0001,
        "description": "Step size of Adam.",
    },
    "resize": {
        "type": ["integer", "null"],
        "minimum": 16,
        "maximum": 4_096,
        "default": 128,
        "description": "Pixels of the longer side inside the network; larger images are reduced by averaging. null "
        "leaves images as they are.",
    },
    "channels": {
        "type": "integer",
        "enum": [1, 3],
        "default": 1,
        "description": "Input channels: 1, or 3 with the grey image in each. Pretrained weights are summed for 1.",
    },
    "pretrained": {
        "type": ["string", "null"],
        "default": None,
        "description": "File of weights to start from, .safetensors or a torch file of plain tensors, with the names "
        "of torchvision's ResNet-50; null starts from random weights.",
    },
}
# Colour statistics of ImageNet, which torchvision's weights expect; one channel gets their average.
MEAN = {1: [0.449], 3: [0.485, 0.456, 0.406]}
STD = {1: [0.226], 3: [0.229, 0.224, 0.225]}


def train(
    images: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    *,
    seed: int,
    device: str,
    channels: int,
    pretrained: str | None,
    threads: int,
    precision: str,
    **training: Any,
) -> dict[str, np.ndarray]:
    """Train MONAI's ResNet-50 without its classification layer.

    He et al., CVPR 2016, doi 10.1109/CVPR.2016.90, with the stride in the 3 x 3 convolutions as torchvision has it.
    Zuo & Zhou, CLEF 2025, section 3.2, call theirs "a custom ResNet50 model, which was trained on the dataset" and
    give no objective.

    A ``pretrained`` file is read as plain tensors: nothing in it is executed. MONAI's names are torchvision's; ``fc``
    is left out, and the counters ``num_batches_tracked``, which old files lack, may be missing.

    Args, returns and errors: ``genprint.encoders.train``; ValueError also for a ``pretrained`` file that holds anything
    but finite tensors, or other tensors than the network's (all are listed).
    """
    with reproducible(seed, threads, device) as device_used:
        network = _network(channels)
        resnet = network.get_submodule("resnet")
        if pretrained is not None:
            load(resnet, _read_pretrained(Path(pretrained), resnet), pretrained)
        fit(network, images, labels, groups, device=device_used, precision=checked(precision), **training)
        return arrays(resnet)


def encode(
    images: np.ndarray, weights: dict[str, np.ndarray], *, threads: int, device: str, precision: str, **training: Any
) -> np.ndarray:
    """Return features after global average pooling, float32 (N, 2048)."""
    with reproducible(0, threads, device) as device_used:
        first = weights.get("conv1.weight", np.empty((64, 1)))
        network = _network(3 if first.shape[1] == 3 else 1)
        load(network.get_submodule("resnet"), weights, "the weights dictionary")
        return features(network, images, device_used, checked(precision))


def _network(channels: int) -> nn.Module:
    # Not MONAI's defaults but the layout of the paper and of torchvision.
    resnet = resnet50(
        spatial_dims=2,
        n_input_channels=channels,
        conv1_t_stride=2,
        bias_downsample=False,
        feed_forward=False,
    )
    return nn.Sequential(OrderedDict(grey=Grey(MEAN[channels], STD[channels]), resnet=resnet))


def _read_pretrained(path: Path, resnet: nn.Module) -> dict[str, np.ndarray]:
    try:
        if path.suffix == ".safetensors":
            stored = load_file(path)
        else:
            stored = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise
    except Exception as error:  # whatever an unpickler makes of any bytes
        # The reason stays in the traceback: torch's advice is to run whatever code the file holds.
        raise ValueError(f"{path} is not a file of plain tensors; save a state dict with safetensors") from error
    if not isinstance(stored, dict):
        raise ValueError(f"{path} holds a {type(stored).__name__}; save the state dict of a ResNet-50")
    wrong = [
        name for name, tensor in stored.items() if not (isinstance(tensor, torch.Tensor) and tensor.isfinite().all())
    ]
    if wrong:
        raise ValueError(f"{path}: not a tensor of finite numbers: {', '.join(map(str, wrong))}; save a state dict")
    weights = {name: tensor.float().numpy() for name, tensor in stored.items() if name not in ("fc.weight", "fc.bias")}
    expected = arrays(resnet)
    counters = {name: array for name, array in expected.items() if name.endswith("num_batches_tracked")}
    first = weights.get("conv1.weight", expected["conv1.weight"])
    if first.shape[1:2] == (3,) and expected["conv1.weight"].shape[1] == 1:
        weights["conv1.weight"] = first.sum(axis=1, keepdims=True)
    return counters | weights
