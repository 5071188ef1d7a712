"""Every similarity with torch, for a GPU: float64 throughout, blocked by memory.

The definitions are those of the method files. float64 costs a GPU little here, because memory is what limits it.
"""

from collections.abc import Callable, Iterator

import numpy as np
import torch

from genprint.runtime.progress import steps

BYTES = 2**28  # of one intermediate result; about ten are alive at a time


def euclidean(a: np.ndarray, b: np.ndarray, device: str = "cuda") -> np.ndarray:
    """Negative Euclidean distances, as ``euclidean.similarity``."""
    return _of_vectors(a, b, lambda x, y, products: -_distances(x, y, products), device)


def cosine(a: np.ndarray, b: np.ndarray, device: str = "cuda") -> np.ndarray:
    """Cosines, as ``cosine.similarity``."""

    def cosines(x, y, products):
        lengths = x.norm(dim=1)[:, None] * y.norm(dim=1)
        equal = _distances(x, y, products) == 0
        return torch.where(lengths > 0, torch.where(equal, 1, products / lengths), 0)

    return _of_vectors(a, b, cosines, device)


def jaccard(a: np.ndarray, b: np.ndarray, threshold: float | np.ndarray, device: str = "cuda") -> np.ndarray:
    """Jaccard indices, as ``jaccard.similarity``."""

    def indices(x, y, both):
        either = x.sum(dim=1)[:, None] + y.sum(dim=1) - both
        return torch.where(either > 0, both / either, 1)

    return _of_vectors(a, b, indices, device, lambda images: images > threshold)


def ssim(a: np.ndarray, b: np.ndarray, window: str, data_range: float, device: str = "cuda") -> np.ndarray:
    """SSIM, as ``ssim.similarity``."""
    if a.ndim == 2:
        a, b = a[:, None, :], b[:, None, :]
        windows = [_windows(size, torch.ones(size).double() / size) for size in (1, a.shape[2])]
        scale = 1.0
    elif window == "uniform":
        windows = [_windows(size, torch.ones(7).double() / 7) for size in a.shape[1:]]
        scale = 49 / 48
    else:
        windows, scale = _gaussian_windows(a), 1.0
    return _of_images(a, b, lambda x, y: _ssim_map(x, y, windows, scale, data_range).mean(dim=(-2, -1)), device)


def ssim3(
    a: np.ndarray, b: np.ndarray, pooling: str, edge: str, gradient: str, data_range: float, device: str = "cuda"
) -> np.ndarray:
    """3-SSIM, as ``ssim3.similarity``."""
    windows = _gaussian_windows(a)
    power = 2 if gradient == "l2" else 1

    def similarities(x, y):
        ssim_map = _ssim_map(x, y, windows, 1.0, data_range)
        reference, other = _gradients(x, power), _gradients(y, power)
        largest = reference.amax(dim=(-2, -1), keepdim=True)
        above, below = largest * 3**power / 25**power, largest * 1.5**power / 25**power
        reference, other = reference[..., 5:-5, 5:-5], other[..., 5:-5, 5:-5]
        active = other > above
        edges = (reference > above) | active if edge == "either" else (reference > above).expand(ssim_map.shape)
        smooth = (reference < below) & ~active & ~edges
        regions = torch.stack([edges, ~edges & ~smooth, smooth]).double()
        sums, counts = (regions * ssim_map).sum(dim=(-2, -1)), regions.sum(dim=(-2, -1))
        if pooling == "region-means":
            sums, counts = sums / counts.clamp(min=1), (counts > 0).double()
        weights = torch.tensor([0.5, 0.25, 0.25], dtype=torch.float64, device=x.device)[:, None, None]
        return (weights * sums).sum(dim=0) / (weights * counts).sum(dim=0)

    return _of_images(a, b, similarities, device)


def _of_vectors(
    a: np.ndarray, b: np.ndarray, finish: Callable, device: str, prepare: Callable = lambda images: images
) -> np.ndarray:
    similarities = np.empty((len(a), len(b)), np.float32)
    size = max(1, BYTES // (8 * a[0].size))
    with steps(similarities.size, "pairs") as advance:
        for rows, x in _loaded(a, size, device, prepare):
            for columns, y in _loaded(b, size, device, prepare):
                x, y = x.flatten(1), y.flatten(1)
                similarities[rows, columns] = finish(x, y, x @ y.T).cpu().numpy()
                advance(len(x) * len(y))
    return similarities


def _of_images(a: np.ndarray, b: np.ndarray, compare: Callable, device: str) -> np.ndarray:
    similarities = np.empty((len(a), len(b)), np.float32)
    pairs = max(1, BYTES // (8 * a[0].size))
    size = min(len(b), pairs)
    with steps(similarities.size, "pairs") as advance:
        for columns, y in _loaded(b, size, device):
            for rows, x in _loaded(a, max(1, pairs // size), device):
                similarities[rows, columns] = compare(x[:, None], y[None]).cpu().numpy()
                advance(len(x) * len(y))
    return similarities


def _loaded(
    images: np.ndarray, size: int, device: str, prepare: Callable = lambda images: images
) -> Iterator[tuple[slice, torch.Tensor]]:
    for start in range(0, len(images), size):
        part = slice(start, start + size)
        yield part, torch.from_numpy(np.array(prepare(images[part]))).to(device).double()


def _distances(x: torch.Tensor, y: torch.Tensor, products: torch.Tensor) -> torch.Tensor:
    lengths = x.square().sum(dim=1)[:, None] + y.square().sum(dim=1)
    squares = lengths - 2 * products
    rows, columns = torch.nonzero(squares < 1e-6 * lengths, as_tuple=True)
    size = max(1, BYTES // (8 * x.shape[1]))
    for i, j in zip(rows.split(size), columns.split(size), strict=True):
        squares[i, j] = (x[i] - y[j]).square().sum(dim=1)
    return squares.clamp(min=0).sqrt()


def _windows(size: int, weights: torch.Tensor) -> torch.Tensor:
    """Matrix (size, size - len(weights) + 1) that takes weighted means over all windows of a line."""
    matrix = torch.zeros(size, size - len(weights) + 1, dtype=torch.float64)
    for k, weight in enumerate(weights.tolist()):
        matrix.diagonal(-k).fill_(weight)
    return matrix


def _gaussian_windows(images: np.ndarray) -> list[torch.Tensor]:
    bell = torch.exp(-0.5 * (torch.arange(-5, 6, dtype=torch.float64) / 1.5) ** 2)
    return [_windows(size, bell / bell.sum()) for size in images.shape[1:]]


def _ssim_map(
    x: torch.Tensor, y: torch.Tensor, windows: list[torch.Tensor], scale: float, data_range: float
) -> torch.Tensor:
    down, along = (matrix.to(x) for matrix in windows)

    def mean(images):
        return down.T @ images @ along

    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    mx, my = mean(x), mean(y)
    variances = scale * ((mean(x * x) - mx * mx) + (mean(y * y) - my * my))
    covariances = scale * (mean(x * y) - mx * my)
    return (2 * mx * my + c1) * (2 * covariances + c2) / ((mx * mx + my * my + c1) * (variances + c2))


def _gradients(images: torch.Tensor, power: int) -> torch.Tensor:
    """Sobel gradient with mirrored border: its squared Euclidean length (power 2) or its Manhattan length (1)."""
    framed = torch.nn.functional.pad(images.flatten(0, 1)[:, None], (1, 1, 1, 1), mode="replicate")[:, 0]

    def difference(framed):
        smoothed = framed[:, :-2] + 2 * framed[:, 1:-1] + framed[:, 2:]
        return smoothed[:, :, 2:] - smoothed[:, :, :-2]

    along, down = difference(framed), difference(framed.transpose(1, 2)).transpose(1, 2)
    return (along.abs() ** power + down.abs() ** power).unflatten(0, images.shape[:2])
