"""Any network in a local TorchScript or ONNX file, such as an export of SSCD, RadImageNet or RadDINO."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from genprint.encoders._fixed import SIZED, STANDARDISED, encode_fixed

YIELDS = "vector"
TRAINED = False
NEEDS_FILE = True
MEMORY = {"weights": 400, "activations": 0}
PARAMETERS = {
    **SIZED,
    **STANDARDISED,
    "pretrained": {
        "type": ["string", "null"],
        "default": None,
        "description": "File of the network, .onnx or TorchScript: it is run, so use none from a stranger. It is never "
        "downloaded, and its hash is recorded.",
    },
}


def encode(
    images: np.ndarray,
    weights: dict[str, np.ndarray],
    *,
    pretrained: str | None,
    device: str,
    threads: int,
    **options: Any,
) -> np.ndarray:
    """Return what the network yields, float32 (N, D): of several outputs the first, of a map its mean.

    ONNX files need the package onnxruntime, ``pip install -r requirements-encoders.txt``, and run on the CPU.

    Raises:
        ValueError: A file that is neither, a network that takes other images than the options say, or a missing
            package.
        FileNotFoundError: No file.
    """
    if pretrained is None:
        raise ValueError("torchscript needs the file of a network; write pretrained: path/to/network.pt")
    path = Path(pretrained)
    path.stat()

    def load(device_used: torch.device) -> Callable[[torch.Tensor], Any]:
        return _onnx(path, threads) if path.suffix == ".onnx" else _torchscript(path, device_used)

    try:
        return encode_fixed(load, images, device=device, threads=threads, **options)
    except RuntimeError as error:
        raise ValueError(
            f"{path} cannot encode images of {options['channels']} x {options['side']} x {options['side']}; write the "
            "side and the channels that the network takes"
        ) from error


def _torchscript(path: Path, device: torch.device) -> torch.jit.ScriptModule:
    try:
        return torch.jit.load(path, map_location=device).eval()
    except RuntimeError as error:
        raise ValueError(f"{path} is no TorchScript file; export the network with torch.jit.trace") from error


def _onnx(path: Path, threads: int) -> Callable[[torch.Tensor], torch.Tensor]:
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise ValueError(f"{path} needs onnxruntime: pip install -r requirements-encoders.txt") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # whatever a parser makes of any bytes
        raise ValueError(f"{path} is no ONNX file of a network; export it anew") from error
    name = session.get_inputs()[0].name

    def network(images: torch.Tensor) -> torch.Tensor:
        try:
            return torch.from_numpy(session.run(None, {name: images.cpu().numpy()})[0])
        except Exception as error:  # of its own kinds, which nobody needs to know
            raise RuntimeError("the network does not take these images") from error

    return network
