"""How alike the images or feature vectors of two sets are, for every pair: larger is more similar."""

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np

from genprint.plan import sources  # the method `registered` would hide the function of that name
from genprint.similarity._inputs import problems_with_options, problems_with_sets


def pairwise(
    name: str,
    a: np.ndarray,
    b: np.ndarray,
    *,
    threads: int = 1,
    device: str = "cpu",
    **options: Any,
) -> np.ndarray:
    """Similarity of every image (or vector) of ``a`` with every one of ``b``.

    A value depends on nothing but its pair and the options: on the CPU it is the same bit for bit whatever else is in
    the two sets, their order, and the number of threads.

    Args:
        name: a method of this package: "cosine", "euclidean", "jaccard", "ssim" or "ssim3".
        a: (N, H, W) images or (N, D) vectors, uint8, bool or floating point. Memory-mapped arrays are read in pieces.
        b: (M, H, W) or (M, D), of the same image size or number of dimensions.
        threads: CPU threads to use.
        device: "cpu"; "cuda" for an NVIDIA GPU; "auto" for the GPU if there is one. A GPU's values may differ from the
            CPU's by up to 1e-5.
        options: the method's ``PARAMETERS``.

    Returns:
        float32 (N, M).

    Raises:
        ValueError: unknown method or option, a value that an option does not take, sets that the method cannot compare
            (shape, type, NaN or infinite values, empty), or no GPU where one is asked for.
    """
    module = _module(name)
    facts = sources.declared(module)
    a, b = (np.asanyarray(images) for images in (a, b))
    problems = problems_with_options(name, facts["PARAMETERS"], options)
    problems += problems_with_sets(name, facts["ACCEPTS"], a, b)
    if "data_range" in facts["PARAMETERS"].keys() - options.keys() and "f" in (a.dtype.kind, b.dtype.kind):
        problems.append(
            "data_range is not given, and floating point numbers have none of their own: write the largest minus the "
            "smallest value that they can have"
        )
    if threads < 1:
        problems.append(f"threads is {threads}; write 1 or more")
    if device not in ("cpu", "cuda", "auto"):
        problems.append(f"device is {device!r}; write cpu, cuda or auto")
    if problems:
        raise ValueError("; ".join(problems))
    a, b = (images.view(np.uint8) if images.dtype == np.bool_ else images for images in (a, b))
    options = sources.defaults(facts["PARAMETERS"]) | options
    method = importlib.import_module(module)
    found = _found(device)
    return method.similarity(a, b, threads=threads, device=found, **options)


def _module(name: str) -> str:
    methods = sources.registered(__name__)
    if name not in methods:
        raise ValueError(f"there is no similarity {name!r}; write one of {', '.join(methods)}")
    return methods[name]


def _found(device: str) -> str:
    """The device that there is: "cpu" or "cuda". torch is imported only where there may be a GPU."""
    drivers = (Path("/dev/nvidiactl"), Path("/dev/dxg"))  # Linux, and Linux on Windows
    if device == "cpu" or (device == "auto" and sys.platform == "linux" and not any(d.exists() for d in drivers)):
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if device == "cuda":
        raise ValueError("no CUDA device was found; write device: auto or cpu")
    return "cpu"
