"""Smoothed bootstrap in PCA space: a generator with a dial for how much it leaks."""

import numpy as np
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

HELD_OUT = False
PARAMETERS = {
    "h": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1,
        "default": 0.3,
        "description": "Bandwidth: near 0 the samples are copies, at 1 they come from one Gaussian fit to all images.",
    },
    "components": {
        "type": ["integer", "null"],
        "minimum": 1,
        "maximum": 1_000_000,
        "default": None,
        "description": "Principal components kept, at most one less than the images; null keeps all of them.",
    },
}
BLOCK = 256  # samples back-projected at a time, which bounds the memory


def generate(images: np.ndarray, count: int, *, seed: int, h: float, components: int | None) -> np.ndarray:
    """Sample ``count`` images, uint8 (count, H, W), around randomly drawn training images.

    In the coordinates of a PCA of the training images (N, H, W) a sample is

        x = sqrt(1 - h^2) c_i + h s z

    with c_i a training image drawn with replacement, s the standard deviation of each component and z standard
    normal. The shrinkage keeps the variance of the training images whatever h is (Silverman, Density Estimation,
    1986, section 6.4; the kernel density with Gaussian kernel, Parzen 1962, doi 10.1214/aoms/1177704472). Samples
    are rounded and clipped to 0..255.

    Even h = 1 is not free of leaks: the Gaussian is fit to the training images and sits on their patients.

    Raises:
        ValueError: more components than the images have.
    """
    most = min(len(images) - 1, images[0].size)
    if components is not None and components > most:
        raise ValueError(f"{components} components are too many for {len(images)} images; write at most {most}")
    random = np.random.default_rng(seed)
    with threadpool_limits(1):  # a sum over more BLAS threads is another sum
        pca = PCA(components or most, svd_solver="full")
        centres = pca.fit_transform(images.reshape(len(images), -1).astype(np.float64))
        spread = np.sqrt(pca.explained_variance_)
        drawn = centres[random.integers(len(images), size=count)]
        noise = random.standard_normal((count, pca.n_components_))
        coordinates = np.sqrt(1 - h**2) * drawn + h * spread * noise
        samples = np.empty((count, images[0].size), np.uint8)
        for start in range(0, count, BLOCK):
            block = slice(start, start + BLOCK)
            samples[block] = np.clip(np.rint(pca.inverse_transform(coordinates[block])), 0, 255)
    return samples.reshape(count, *images.shape[1:])
