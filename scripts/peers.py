"""Measure the pair kernels beside what people use: the same pairs, in the same run, on one core each.

Machines differ and are noisy, so what counts is the ratio. Every contestant is timed in turn, several times, and the
median is taken; the largest absolute difference between ours and theirs shows that both compute the same. This is a
benchmark of its own: nothing of it is in the library, and no result of any other rule depends on it.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from scipy import ndimage
from scipy.spatial.distance import cdist
from skimage.metrics import structural_similarity
from sklearn.metrics.pairwise import cosine_similarity, euclidean_distances
from threadpoolctl import threadpool_limits

from genprint.files import write_text
from genprint.images.phantom import phantom
from genprint.runtime.job import logged
from genprint.similarity import pairwise

SIZES = (64, 128, 256)
DIMENSIONS = (2048, 65536)
ROUNDS = 7
THEIR_IMAGES = 6  # a side; they need milliseconds a pair
GAUSSIAN = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}

Compare = Callable[[np.ndarray, np.ndarray], np.ndarray]


class Case(NamedTuple):
    """One comparison: ours on ``ours``, each peer on the first ``theirs`` images a side of the same sets."""

    kernel: str
    size: str
    images: tuple[np.ndarray, np.ndarray]
    compare: Compare
    theirs: int
    peers: dict[str, Compare]


def measure(report: Callable[[str], object] = print) -> pd.DataFrame:
    """Return a row for each case and peer: kernel, size, both speeds, their ratio, the difference, share of sgemm."""
    torch.set_num_threads(1)
    rows = []
    with threadpool_limits(1), torch.inference_mode():
        for case in _cases():
            for row in _contest(case):
                rows.append(row)
                report("  ".join(f"{value:.4g}" if isinstance(value, float) else value for value in row.values()))
    return pd.DataFrame(rows)


def markdown(table: pd.DataFrame) -> str:
    """Return the table of `measure` for people, with what its columns say."""
    titles = ["kernel", "size", "peer", "ours, pairs/s", "peer, pairs/s", "ratio", "largest difference"]
    printed = table.assign(largest_difference=table["largest_difference"].map("{:.1e}".format))
    printed = printed.set_axis([*titles, "share of sgemm"], axis=1)
    text = printed.to_markdown(index=False, floatfmt=",.3g", disable_numparse=[titles.index("largest difference")])
    return (
        f"Medians of {ROUNDS} rounds, one core each. The share of sgemm is our pairs per second as a share of what "
        f"numpy's `a @ b.T` does on the same pixels in float32.\n\n{text}\n"
    )


def _contest(case: Case) -> Iterator[dict[str, str | float]]:
    """Everyone's times in turn, round after round; a row per peer."""
    a, b = case.images
    few = a[: case.theirs], b[: case.theirs]
    flat = [images.reshape(len(images), -1).astype(np.float32) for images in (a, b)]
    mine = case.compare(*few).astype(np.float64)
    differences = {name: float(np.abs(mine - peer(*few)).max()) for name, peer in case.peers.items()}
    ours, products, theirs = [], [], {name: [] for name in case.peers}
    for _ in range(ROUNDS):
        ours.append(len(a) * len(b) / _seconds(case.compare, a, b))
        products.append(len(a) * len(b) / _seconds(lambda x, y: x @ y.T, *flat))
        for name, peer in case.peers.items():
            theirs[name].append(len(few[0]) * len(few[1]) / _seconds(peer, *few))
    for name, speeds in theirs.items():
        yield {
            "kernel": case.kernel,
            "size": case.size,
            "peer": name,
            "pairs_per_second": statistics.median(ours),
            "peer_pairs_per_second": statistics.median(speeds),
            "ratio": _median_ratio(ours, speeds),
            "largest_difference": differences[name],
            "share_of_sgemm": _median_ratio(ours, products),
        }


def _median_ratio(ours: list[float], others: list[float]) -> float:
    return statistics.median(mine / other for mine, other in zip(ours, others, strict=True))


def _seconds(function: Callable, *arguments) -> float:
    started = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - started


def _cases() -> Iterator[Case]:
    for size in SIZES:
        images = _slices(size, 96), _slices(size, 96, seed=1)
        shape = f"{size} x {size}"
        skimage = _each(lambda x, y: structural_similarity(x, y, data_range=255))
        yield Case("ssim uniform 7", shape, images, _ours("ssim"), THEIR_IMAGES, {"scikit-image": skimage})
        peers = {
            "scikit-image": _each(lambda x, y: structural_similarity(x, y, data_range=255, **GAUSSIAN)),
            "pytorch-msssim": _torch_ssim,
        }
        yield Case("ssim gaussian 11", shape, images, _ours("ssim", window="gaussian"), THEIR_IMAGES, peers)
        yield Case("3-ssim", shape, images, _ours("ssim3"), THEIR_IMAGES, {"numpy": _each(three_component_ssim)})
    for dimensions in DIMENSIONS:
        side = 2048 if dimensions <= 2048 else 1024
        random = np.random.default_rng(0)
        vectors = tuple(random.random((side, dimensions), np.float32) for _ in range(2))
        grey = tuple(random.integers(0, 256, (side, dimensions), np.uint8) for _ in range(2))
        bits = tuple(half > 0.5 for half in vectors)
        for kind, sets in (("float32", vectors), ("uint8", grey)):
            yield Case(f"euclidean {kind}", str(dimensions), sets, _ours("euclidean"), 64, _EUCLIDEAN)
            yield Case(f"cosine {kind}", str(dimensions), sets, _ours("cosine"), 64, _COSINE)
        yield Case("jaccard", f"{dimensions} bits", bits, _ours("jaccard"), 64, {"scipy": _jaccard})


def three_component_ssim(reference: np.ndarray, image: np.ndarray) -> float:
    """3-SSIM of one pair, written down plainly with numpy and scipy (Li & Bovik, doi 10.1117/1.3267087)."""
    x, y = reference.astype(np.float64), image.astype(np.float64)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

    def mean(values: np.ndarray) -> np.ndarray:
        return ndimage.gaussian_filter(values, 1.5, truncate=3.5)

    mx, my = mean(x), mean(y)
    vx, vy, covariance = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    ssim = ((2 * mx * my + c1) * (2 * covariance + c2)) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    p, q = (np.hypot(ndimage.sobel(values, 0), ndimage.sobel(values, 1)) for values in (x, y))
    inside = np.s_[5:-5, 5:-5]
    ssim, p, q, high = ssim[inside], p[inside], q[inside], 0.12 * p.max()
    edge = (p > high) | (q > high)
    smooth = (p < high / 2) & (q <= high) & ~edge
    regions = [(edge, 0.5), (~edge & ~smooth, 0.25), (smooth, 0.25)]
    means = [(ssim[region].mean(), weight) for region, weight in regions if region.any()]
    return sum(value * weight for value, weight in means) / sum(weight for _, weight in means)


def _ours(name: str, **options) -> Compare:
    return lambda a, b: pairwise(name, a, b, **options)


def _each(function: Callable[[np.ndarray, np.ndarray], float]) -> Compare:
    return lambda a, b: np.array([[function(x, y) for y in b] for x in a])


def _torch_ssim(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    from pytorch_msssim import ssim as torch_ssim  # here, because nothing else in the project has it

    y = torch.from_numpy(b).float()[:, None]
    rows = [torch.from_numpy(x).float().expand_as(y) for x in a]
    return np.stack([torch_ssim(x, y, data_range=255, size_average=False).numpy() for x in rows])


def _jaccard(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return 1 - cdist(a, b, "jaccard")


_EUCLIDEAN = {
    "scipy": lambda a, b: -cdist(a, b),
    "scikit-learn": lambda a, b: -euclidean_distances(a.astype(np.float32), b.astype(np.float32)),
}
_COSINE = {
    "scipy": lambda a, b: 1 - cdist(a, b, "cosine"),
    "scikit-learn": lambda a, b: cosine_similarity(a.astype(np.float32), b.astype(np.float32)),
}


def _slices(size: int, count: int, *, seed: int = 0) -> np.ndarray:
    """Simulated CT slices; noisy repetitions of a few, for speed does not depend on what they show."""
    few, _ = phantom(patients=4, slices=2, size=size, window_center=-600, window_width=1500, seed=seed)
    noise = np.random.default_rng(seed).normal(0, 8, (count, size, size))
    return np.clip(np.resize(few, (count, size, size)) + noise, 0, 255).astype(np.uint8)


if "snakemake" in globals():
    with logged(snakemake.log[0]):
        measured = measure()
        write_text(snakemake.output.csv, measured.to_csv(index=False, lineterminator="\n", float_format="%.6g"))
        write_text(snakemake.output.md, markdown(measured))
