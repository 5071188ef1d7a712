"""Measure the usual way, a loop over scikit-image and numpy, on a tenth of the images of config/papersize.yaml.

No rule of the workflow calls this; a person does: python scripts/loops.py
Every pair of images is compared in Python, one similarity after the other, in one process on one core. The seconds of
all pairs are those of a tenth of the images times the ratio of the numbers of pairs, and marked as scaled.
"""

import time

import numpy as np
from skimage.metrics import structural_similarity
from tabulate import tabulate

SIDE = 256
DATASETS = ((200, 5000), (500, 2000))
VARIANTS = 6
TENTH = 10


def jaccard(a: np.ndarray, b: np.ndarray) -> float:
    """Return the share of pixels above 127 in both images among those above it in either."""
    a, b = a > 127, b > 127
    return float((a & b).sum() / max(1, (a | b).sum()))


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    """Return the cosine of the angle between two images."""
    a, b = a.ravel().astype(float), b.ravel().astype(float)
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


SIMILARITIES = {
    "euclidean": lambda a, b: float(np.linalg.norm(a.astype(float) - b)),
    "cosine": cosine,
    "ssim": lambda a, b: structural_similarity(a, b, data_range=255),
    "jaccard": jaccard,
}


def pairs(real: int, generated: int) -> int:
    """Return how many pairs a run compares: real with generated images, and real ones with each other."""
    return real * generated + real * (real - 1) // 2


random = np.random.default_rng(0)
images = {
    sizes: [random.integers(0, 256, (size // TENTH, SIDE, SIDE), dtype=np.uint8) for size in sizes]
    for sizes in DATASETS
}
rows = []
for name, similarity in SIMILARITIES.items():
    measured = scaled = 0.0
    for sizes, (real, generated) in images.items():
        start = time.perf_counter()
        for place, one in enumerate(real):
            for other in (*generated, *real[place + 1 :]):
                similarity(one, other)
        seconds = time.perf_counter() - start
        measured += seconds
        scaled += VARIANTS * seconds * pairs(*sizes) / pairs(len(real), len(generated))
    rows.append((name, measured, scaled))
    print(f"{name}: {measured:.0f} s", flush=True)
headers = ("similarity", "a tenth of the images, s", f"all images, {VARIANTS} variants, s (scaled)")
print(tabulate(rows, headers, tablefmt="github", floatfmt=".0f"))
