"""3-SSIM: SSIM weighted by edges, textures and smooth regions (Li & Bovik, 2010, doi 10.1117/1.3267087).

What the paper leaves open is an option: see PARAMETERS.
"""

import numpy as np

from genprint.similarity._blocks import compare_all, interleave, parts, precision, separate
from genprint.similarity._gaussian import RADIUS, SIDE, STRIP, Gaussian, gradients, pairs
from genprint.similarity._inputs import refuse_small
from genprint.similarity._lanes import zeros

ACCEPTS = ("image",)
IDENTICAL = 1.0
PARAMETERS = {
    "pooling": {
        "type": "string",
        "enum": ["region-means", "pixel-weights"],
        "default": "region-means",
        "description": "what the weights apply to: the mean SSIM of each region that is not empty, or the SSIM of "
        "every pixel",
    },
    "edge": {
        "type": "string",
        "enum": ["either", "reference"],
        "default": "either",
        "description": "where an edge is: where the gradient of either image is large, or that of the reference alone",
    },
    "gradient": {
        "type": "string",
        "enum": ["l2", "l1"],
        "default": "l2",
        "description": "length of the Sobel gradient: Euclidean (l2) or Manhattan (l1)",
    },
    "data_range": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1_000_000_000_000,
        "default": 255,
        "description": "largest minus smallest possible value of a pixel",
    },
}
WEIGHTS = np.array([0.5, 0.25, 0.25])[:, None, None]  # of edges, textures, smooth regions
EDGE, SMOOTH, OF = 3, 1.5, 25  # gradients above 3/25 = 0.12, below 1.5/25 = 0.06 of the reference's largest


def similarity(
    a: np.ndarray,
    b: np.ndarray,
    *,
    threads: int,
    device: str,
    pooling: str,
    edge: str,
    gradient: str,
    data_range: float,
) -> np.ndarray:
    """3-SSIM in -1..1 of every image of ``a``, the reference, with every image of ``b``.

    SSIM is that of a Gaussian window (11 x 11, sigma 1.5). With p the Sobel gradient, g its maximum over the reference:
    an edge is where p > 0.12 g in either image, a smooth region where p < 0.06 g in the reference and p <= 0.12 g in
    the other, texture is the rest. The three count 1/2, 1/4 and 1/4.

    The reference decides on the regions, so 3-SSIM is not symmetric: ``a`` holds the real images. Of two real images,
    that of the row is the reference.

    Raises:
        ValueError: Images of less than 11 x 11 pixels.
    """
    refuse_small(a, SIDE)
    if device == "cuda":
        from genprint.similarity import _torch

        return _torch.ssim3(a, b, pooling, edge, gradient, data_range)
    dtype = precision(a, b, data_range)
    return compare_all(a, b, lambda: _Regional(a.shape[1:], dtype, data_range, pooling, edge, gradient), threads)


class _Regional(Gaussian):
    def __init__(self, shape, dtype, data_range, pooling, edge, gradient):
        super().__init__(shape, dtype, data_range)
        self.pooling, self.edge, self.manhattan = pooling, edge, gradient == "l1"
        self.gradients = zeros(*shape, dtype=dtype)

    def lanes(self, images: np.ndarray) -> tuple:
        """What ``Gaussian`` prepares, and the gradients."""
        prepared = super().lanes(images)
        gradients(self.images, self.manhattan, self.gradients)
        return *prepared, self.gradients

    def planes(self, images: np.ndarray) -> list[tuple]:
        """For each strip, what ``Gaussian`` prepares; 1 or 0 for edges, textures, smooth regions; an edge's limit."""
        strips = super().planes(images)
        regions = [np.empty((3, *means.shape), means.dtype) for _, means, _ in strips]
        limits = np.empty(len(images), self.images.dtype)
        for some in parts(0, len(images)):
            whole, limits[some] = self._regions(images[some])
            for columns, strip in zip(parts(0, whole.shape[3], STRIP), regions, strict=True):
                strip[:, some] = whole[..., columns]
        return [(*strip, *region, limits) for strip, region in zip(strips, regions, strict=True)]

    def _regions(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        interleave(images, self.images)
        gradients(self.images, self.manhattan, self.gradients)
        gradient = np.empty(images.shape)
        separate(self.gradients, 0, gradient)
        power = 1 if self.manhattan else 2  # Euclidean lengths are kept squared, whole numbers for uint8 images
        edge, smooth = (gradient.max(axis=(1, 2)) * part**power / OF**power for part in (EDGE, SMOOTH))
        inner = gradient[:, RADIUS:-RADIUS, RADIUS:-RADIUS]
        edges, smooths = inner > edge[:, None, None], inner < smooth[:, None, None]
        # For whole numbers the same limit, exact in float32.
        limits = np.floor(edge) if self.gradients.dtype == np.float32 else edge
        return np.stack([edges, ~edges & ~smooths, smooths]), limits

    def similarities(self, planes: list[tuple], lanes: tuple) -> np.ndarray:
        """3-SSIM, float64 (P, 16)."""
        totals = zeros(len(planes[0][0]), 6, dtype=np.float64)
        *moments, gradient = lanes
        for k, (*strip, edge, texture, smooth, limits) in enumerate(planes):
            regions = edge, texture, smooth, limits, gradient
            pairs(*strip, *moments, regions, k * STRIP, *self.constants, *self.scratch, totals)
        edge, texture, smooth, active, textures, smooths = totals.transpose(1, 0, 2)
        edges = sum(strip[3].sum(axis=(1, 2), dtype=np.float64) for strip in planes)
        edges = np.broadcast_to(edges[:, None], textures.shape)
        actives = self.windows - edges - textures - smooths
        if self.edge == "either":
            sums, counts = np.stack([edge + active, texture, smooth]), np.stack([edges + actives, textures, smooths])
        else:
            sums, counts = np.stack([edge, texture + active, smooth]), np.stack([edges, textures + actives, smooths])
        if self.pooling == "region-means":
            sums, counts = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0), counts > 0
        return (WEIGHTS * sums).sum(axis=0) / (WEIGHTS * counts).sum(axis=0)
