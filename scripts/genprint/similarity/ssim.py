"""SSIM: structural similarity (Wang et al., IEEE Trans. Image Processing 13(4), 2004, doi 10.1109/TIP.2003.819861)."""

from collections.abc import Callable

import numpy as np

from genprint.similarity import _gaussian, _uniform
from genprint.similarity._blocks import Comparison, compare_all, precision
from genprint.similarity._inputs import refuse_small
from genprint.similarity._products import Vectors, compare_products

ACCEPTS = ("image", "vector")
IDENTICAL = 1.0
PARAMETERS = {
    "window": {
        "type": "string",
        "enum": ["uniform", "gaussian"],
        "default": "uniform",
        "description": "of images: uniform is 7 x 7 with the sample covariance, gaussian 11 x 11 with sigma 1.5 and "
        "the population covariance; a vector is one window",
    },
    "data_range": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1_000_000_000_000,
        "default": 255,
        "description": "largest minus smallest possible value of a pixel or feature",
    },
}


def similarity(
    a: np.ndarray,
    b: np.ndarray,
    *,
    threads: int,
    device: str,
    window: str,
    data_range: float,
) -> np.ndarray:
    """SSIM in -1..1: for each window ``(2 mx my + C1) (2 cxy + C2) / ((mx^2 + my^2 + C1) (cxx + cyy + C2))``.

    m are means, c covariances, C1 = (0.01 data_range)^2, C2 = (0.03 data_range)^2. Images: mean over the windows that
    lie inside the image, as scikit-image has it, whose ``structural_similarity`` this equals with the same window and
    data_range. Vectors: one window with the population covariance.

    Raises:
        ValueError: Images smaller than the window.
    """
    if a.ndim == 3:
        refuse_small(a, {"uniform": _uniform.SIDE, "gaussian": _gaussian.SIDE}[window])
    if device == "cuda":
        from genprint.similarity import _torch

        return _torch.ssim(a, b, window, data_range)
    if a.ndim == 2:
        return compare_products(a, b, lambda x, y, products: _of_vectors(x, y, products, data_range), threads)
    dtype = precision(a, b, data_range)
    method: Callable[..., Comparison] = _uniform.Uniform if window == "uniform" else _gaussian.Gaussian
    return compare_all(a, b, lambda: method(a.shape[1:], dtype, data_range), threads)


def _of_vectors(x: Vectors, y: Vectors, products: np.ndarray, data_range: float) -> np.ndarray:
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    dimensions = x.values.shape[1]
    (mx, vx), (my, vy) = ((v.total / dimensions, v.square / dimensions - (v.total / dimensions) ** 2) for v in (x, y))
    covariances = products / dimensions - mx * my.T
    luminances = 2 * (mx + x.centre) * (my.T + y.centre) + c1
    return luminances * (2 * covariances + c2) / ((luminances + (mx - my.T) ** 2) * (vx + vy.T + c2))
