"""Memory and time that the jobs of each stage need, from the sizes of the data; measured, then rounded up.

The figures behind these come from the benchmark files of Snakemake (`benchmarks/`; see docs/cluster.md for how they
were taken). They are what a scheduler is asked for, so they err on the large side; a job that still needs more is
submitted again with twice as much.
"""

from typing import NamedTuple

MB = 1_000_000
SNAKEMAKE_MB = 400  # two Snakemake processes stand around every job on a cluster
START_MINUTES = 10  # Python, compiling kernels, a file system that has other things to do
UNKNOWN_SIDE = 256  # pixels, where the configuration leaves it to the files: the third attempt has room for 512

# Megabytes of a job's own process with its libraries loaded and no data.
LIBRARIES_MB = {"plain": 120, "numba": 250, "torch": 500, "pandas": 250, "all": 800}


class Size(NamedTuple):
    """What the needs of a job depend on."""

    real: int
    generated: int
    pixels: int
    """Of one image."""
    runs: int = 1
    nearest: int | None = None
    """Of a shortlist: how many pairs of each image it lists in a block."""
    epochs: int = 1
    """Passes of an encoder's training over the images."""
    weights: int = 0
    """Megabytes of an encoder's weights with their gradients and what else training keeps of them."""
    activations: int = 0
    """Bytes of a training step for each pixel of one image."""
    trainings: int = 0
    """Encoders that a job trains one after the other, where it trains any number of them."""
    block: int = 1024
    top: int | None = None
    threads: int = 1


def megabytes(stage: str, size: Size) -> int:
    """Memory of one job of a stage, its Snakemake processes included."""
    images = size.real + size.generated
    side = min(size.block, max(size.real, size.generated))
    network = size.weights * MB + size.activations * size.pixels
    needed = {
        # The images as read, resized and in a copy that is sorted.
        "images": ("torch", 3 * images * size.pixels),
        "variants": ("plain", 2 * images * size.pixels),
        # The images are there twice. Encoding needs less than training, and no more than that is known of it.
        "train": ("torch", network + 2 * images * size.pixels),
        "encode": ("torch", network + images * size.pixels),
        # Prepared images of each thread, the block's own as float32, and 60 bytes for a pair on its way to the file.
        "similarity": ("numba", size.threads * 2**27 + 2 * side * 4 * size.pixels + 60 * side**2),
        # The same for a shortlist, and what it is made from.
        "shortlist": ("numba", size.threads * 2**27 + 2 * side * 4 * size.pixels + 70 * side**2),
        "evaluation": ("plain", evidence_bytes(size)),
        "statistics": ("plain", 100 * MB),
        "collection": ("pandas", size.runs * 3 * MB + 200 * images),
        # The images of all levels of a ladder with their features, and the distances of one method.
        "trials": ("all", network + 8 * images * size.pixels + 3 * 8 * size.real * images),
    }
    libraries, data = needed[stage]
    return SNAKEMAKE_MB + LIBRARIES_MB[libraries] + -(-data // MB)


def evidence_bytes(size: Size) -> int:
    """What scoring one run holds at most: float32 distances with copies, or only the nearest ones with their places."""
    columns = size.real + size.generated
    if size.top is not None:
        columns = min(columns, 4 * size.top)
        return 6 * 8 * size.real * columns + 300 * MB
    return 3 * 4 * size.real * columns


def minutes(stage: str, size: Size) -> int:
    """Wall-clock time of one job of a stage on one CPU core per thread, at three times what was measured."""
    images, pairs = size.real + size.generated, min(size.block, max(size.real, size.generated)) ** 2
    seconds = {
        "images": images * size.pixels / 5e6,
        "variants": images * size.pixels / 2e6,
        "train": _training(size),
        "encode": images * size.pixels / 3e5,
        "similarity": pairs * size.pixels / 5e8 / size.threads,
        # A listed pair costs nine times one of all pairs.
        "shortlist": 9 * min(pairs, 2 * (size.nearest or 0) * pairs**0.5) * size.pixels / 5e8 / size.threads,
        "evaluation": size.real * (size.real + size.generated) / 1e6,
        "statistics": images**2 / 1e7,
        "collection": size.runs * 10,
        # Per method and split: permutations, pairs, and what is trained.
        "trials": size.runs * images * (1 / 75 + size.real * size.pixels / 5e8) + size.trainings * _training(size),
    }[stage]
    return START_MINUTES + -(-int(3 * seconds) // 60)


def _training(size: Size) -> float:
    """Seconds of ResNet-50: it takes 40 for a million pixels and epoch, and 20 to encode them."""
    return (40 * size.epochs + 20) * (size.real + size.generated) * size.pixels / 1e6
