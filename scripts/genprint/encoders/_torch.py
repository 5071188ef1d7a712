"""Torch with nothing left to chance: the seed, the threads and the algorithms are the caller's."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def reproducible(seed: int, threads: int, device: str) -> Iterator[torch.device]:
    """Seed torch and fix its threads and algorithms inside the block; yield the device to compute on.

    On a CPU the results are equal bit for bit for equal ``seed`` and ``threads``, whatever the machine has. On a GPU
    they are as equal as its kernels allow.

    Raises:
        ValueError: "cuda" is asked for and there is none.
    """
    has_gpu = torch.cuda.is_available()
    if device == "cuda" and not has_gpu:
        raise ValueError("no CUDA device was found; write device: auto or cpu")
    found = torch.device("cuda" if has_gpu and device != "cpu" else "cpu")
    if found.type == "cuda":  # the CPU kernels used here are deterministic, and this imports the compiler
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it cuBLAS is not deterministic
        torch.use_deterministic_algorithms(True, warn_only=True)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed % 2**63)
            yield found
    finally:
        torch.set_num_threads(before)


def checked(precision: str) -> str:
    """Return the precision, if what computes has it: bf16 on a CPU takes instructions that not every one has.

    Raises:
        ValueError: bf16 without them.
    """
    if precision == "bf16" and not torch.cuda.is_available() and not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        raise ValueError("this processor has no bf16 arithmetic; write precision: float32")
    return precision


def descend(optimiser: torch.optim.Optimizer, loss: torch.Tensor) -> float:
    """Take one step down the gradient of ``loss``; return its value."""
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()
