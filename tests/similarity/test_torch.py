"""The code for GPUs, run on the CPU: no more than rounding apart from the CPU's own."""

from itertools import product

import numpy as np
import pytest

from genprint.similarity import pairwise

torch = pytest.importorskip("torch")

from genprint.similarity import _torch  # noqa: E402

RANDOM = np.random.default_rng(0)
NOISE = RANDOM.normal(0, 30, (21, 40, 53))
IMAGES = (128 + 80 * np.sin(np.arange(53) / RANDOM.uniform(1, 9, (21, 1, 1))) + NOISE).clip(0, 255).astype(np.uint8)
A, B = IMAGES[:9], IMAGES[4:]
VECTORS = RANDOM.normal(1, 1, (12, 300)).astype(np.float32)


@pytest.fixture(autouse=True, params=[2**28, 8 * 40 * 53 * 3])
def small_blocks(request, monkeypatch):
    monkeypatch.setattr(_torch, "BYTES", request.param)


def assert_close(found, expected):
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("name", ["euclidean", "cosine"])
def test_products(name):
    method = getattr(_torch, name)
    assert_close(method(A, B, "cpu"), pairwise(name, A, B))
    near = np.concatenate([VECTORS, VECTORS + np.float32(1e-4), np.zeros((1, 300), np.float32)])
    found = method(VECTORS, near, "cpu")
    assert_close(found, pairwise(name, VECTORS, near))
    assert (np.diag(found) == (1 if name == "cosine" else 0)).all()


@pytest.mark.parametrize("threshold", [100, IMAGES.mean(axis=0)])
def test_jaccard(threshold):
    assert_close(_torch.jaccard(A, B, threshold, "cpu"), pairwise("jaccard", A, B, threshold=threshold))
    empty = np.zeros((2, 5))
    np.testing.assert_array_equal(_torch.jaccard(empty, empty, 0, "cpu"), 1)


@pytest.mark.parametrize(("window", "data_range"), [("uniform", 255), ("gaussian", 255), ("gaussian", 300.0)])
def test_ssim(window, data_range):
    expected = pairwise("ssim", A, B, window=window, data_range=data_range)
    assert_close(_torch.ssim(A, B, window, data_range, "cpu"), expected)
    expected = pairwise("ssim", VECTORS, VECTORS[::-1], data_range=data_range)
    assert_close(_torch.ssim(VECTORS, VECTORS[::-1], window, data_range, "cpu"), expected)


@pytest.mark.parametrize(
    ("pooling", "edge", "gradient"),
    list(product(["region-means", "pixel-weights"], ["either", "reference"], ["l2", "l1"])),
)
def test_ssim3(pooling, edge, gradient):
    expected = pairwise("ssim3", A, B, pooling=pooling, edge=edge, gradient=gradient)
    assert_close(_torch.ssim3(A, B, pooling, edge, gradient, 255, "cpu"), expected)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu():
    np.testing.assert_array_equal(pairwise("ssim", A, B, device="auto"), pairwise("ssim", A, B))
    with pytest.raises(ValueError, match="no CUDA device was found; set device to auto or cpu"):
        pairwise("ssim", A, B, device="cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
@pytest.mark.parametrize("name", ["euclidean", "cosine", "jaccard", "ssim", "ssim3"])
def test_on_the_gpu(name):
    assert_close(pairwise(name, A, B, device="cuda"), pairwise(name, A, B))
