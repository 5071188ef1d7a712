"""The code for GPUs, run on the CPU: no more than rounding apart from the CPU's own."""

from itertools import product

import numpy as np
import pytest

from genprint.similarity import pairwise

torch = pytest.importorskip("torch")

from genprint.similarity import _torch  # noqa: E402

RANDOM = np.random.default_rng(0)
NOISE = RANDOM.normal(0, 30, (7, 40, 53))
IMAGES = (128 + 80 * np.sin(np.arange(53) / RANDOM.uniform(1, 9, (7, 1, 1))) + NOISE).clip(0, 255).astype(np.uint8)
A, B = IMAGES[:4], IMAGES[2:]
VECTORS = RANDOM.normal(1, 1, (12, 300)).astype(np.float32)
CASES = [
    ("euclidean", {}),
    ("cosine", {}),
    ("jaccard", {"threshold": 100}),
    ("jaccard", {"threshold": IMAGES.mean(axis=0)}),
    ("ssim", {"window": "uniform", "data_range": 255}),
    ("ssim", {"window": "gaussian", "data_range": 300.0}),
    *(
        ("ssim3", {"pooling": pooling, "edge": edge, "gradient": gradient, "data_range": 255})
        for pooling, edge, gradient in product(["region-means", "pixel-weights"], ["either", "reference"], ["l2", "l1"])
    ),
]


def assert_close(found, expected):
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_images(name, options):
    found = getattr(_torch, name)(A, B, *options.values(), device="cpu")
    assert_close(found, pairwise(name, A, B, **options))


@pytest.mark.parametrize(("name", "options"), CASES[:6:2])
def test_blocked_by_memory(name, options, monkeypatch):
    monkeypatch.setattr(_torch, "BYTES", 8 * A[0].size * 3)
    assert_close(getattr(_torch, name)(A, B, *options.values(), device="cpu"), pairwise(name, A, B, **options))


@pytest.mark.parametrize(("name", "identical"), [("euclidean", 0), ("cosine", 1)])
def test_vectors(name, identical):
    near = np.concatenate([VECTORS, VECTORS + np.float32(1e-4), np.zeros((1, 300), np.float32)])
    found = getattr(_torch, name)(VECTORS, near, device="cpu")
    assert_close(found, pairwise(name, VECTORS, near))
    assert (np.diag(found) == identical).all()


def test_ssim_of_vectors():
    found = _torch.ssim(VECTORS, VECTORS[::-1], "uniform", 5.0, device="cpu")
    assert_close(found, pairwise("ssim", VECTORS, VECTORS[::-1], data_range=5.0))


def test_nothing_in_common_of_nothing():
    empty = np.zeros((2, 5))
    np.testing.assert_array_equal(_torch.jaccard(empty, empty, 0, device="cpu"), 1)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu():
    np.testing.assert_array_equal(pairwise("ssim", A, B, device="auto"), pairwise("ssim", A, B))
    with pytest.raises(ValueError, match="no CUDA device was found; write device: auto or cpu"):
        pairwise("ssim", A, B, device="cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_on_the_gpu():
    for name, options in CASES:
        assert_close(pairwise(name, A, B, device="cuda", **options), pairwise(name, A, B, **options))
