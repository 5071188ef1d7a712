"""Lightly perturbed copies of the training images among copies of other images: the positive control."""

import numpy as np
from scipy import ndimage

from genprint.generators import parzen
from genprint.images.perturbations import perturb

HELD_OUT = True
PARAMETERS = {
    "share": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0.5,
        "description": "Share of the samples that are copies of training images; the others come from held-out ones.",
    },
    "of": {
        "type": ["integer", "null"],
        "minimum": 1,
        "maximum": 10_000_000,
        "default": None,
        "description": "How many training images are copied: the first, which are of the first patients; null for all.",
    },
    "h": {
        "type": ["number", "null"],
        "exclusiveMinimum": 0,
        "maximum": 1,
        "default": None,
        "description": "Bandwidth of a smoothed bootstrap (`parzen`) of held-out images that the other samples come "
        "from; null for copies of held-out images.",
    },
    "shift": {
        "type": "integer",
        "minimum": 0,
        "maximum": 4_096,
        "default": 1,
        "description": "Largest displacement of a copy in pixels, in each direction.",
    },
    "rotation": {
        "type": "number",
        "minimum": 0,
        "maximum": 180,
        "default": 0.0,
        "description": "Largest angle in degrees that a copy is turned by, in either direction.",
    },
    "elastic": {
        "type": "number",
        "minimum": 0,
        "maximum": 0.5,
        "default": 0.0,
        "description": "Root mean square of an elastic deformation of a copy, as a share of its side.",
    },
    "crop": {
        "type": "number",
        "minimum": 0,
        "exclusiveMaximum": 1,
        "default": 0.0,
        "description": "Share of its side that a copy lacks, cut off at random sides; what is left is enlarged.",
    },
    "blur": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0.0,
        "description": "Sigma of the Gaussian that blurs a copy, as a share of its side.",
    },
    "window": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1,
        "default": 1.0,
        "description": "Width of the window that a copy has anew, as a share of its grey levels; 1 leaves them.",
    },
    "intensity": {
        "type": "number",
        "minimum": 0,
        "exclusiveMaximum": 1,
        "default": 0.02,
        "description": "Largest relative change of a copy's grey levels.",
    },
    "noise": {
        "type": "number",
        "minimum": 0,
        "maximum": 100_000,
        "default": 2.0,
        "description": "Standard deviation of the Gaussian noise on a copy, in grey levels.",
    },
}


def generate(
    images: np.ndarray,
    count: int,
    *,
    seed: int,
    held_out: np.ndarray | None,
    share: float,
    of: int | None,
    h: float | None,
    shift: int,
    rotation: float,
    elastic: float,
    crop: float,
    blur: float,
    window: float,
    intensity: float,
    noise: float,
) -> np.ndarray:
    """Sample ``count`` images, uint8 (count, H, W), of which round(share * count) copy training images (N, H, W).

    The rest must say nothing about the training images. Whatever is fit to them leaks (parzen with h = 1 does), so
    the rest copies the held-out images (M, H, W), perturbed alike: a fresh draw from the population is what a generator
    that leaks nothing would give, and only membership tells the two kinds of samples apart. With ``h`` it is what
    parzen samples from them, and only the copies are perturbed. Hence also the limits: M bounds the diversity of the
    rest, and these images can serve neither as candidates nor as known unused ones.

    Every image is copied equally often, up to one; the samples are in random order. A copy is deformed, cropped,
    blurred and windowed (`genprint.images.perturbations`), turned about its centre by an angle that is uniform in
    -rotation..rotation (linear interpolation), displaced by a whole number of pixels in -shift..shift (the edge is
    repeated in both), multiplied by 1 + u with u uniform in -intensity..intensity, and gets noise N(0, noise^2). With
    nothing of all this it is exact.

    Samples of one seed are nested: a larger share keeps every copy of a smaller one, bit for bit, and puts more copies
    in the place of held-out images.

    Raises:
        ValueError: a share below 1 without held-out images, held-out images of another size, or ``of`` more images
            than there are.
    """
    copies = round(share * count)
    copied, rest, perturbation, order = np.random.default_rng(seed).spawn(4)
    if of is not None and of > len(images):
        raise ValueError(f"of is {of}, but there are {len(images)} training images; write at most that")
    samples = _repeated(images[:of], count, copied)
    if copies < count:
        if held_out is None or not len(held_out):
            raise ValueError(
                f"share {share} leaves {count - copies} samples to held-out images and there are none; "
                "give it some of other patients, or set share to 1"
            )
        if held_out.shape[1:] != images.shape[1:]:
            raise ValueError(
                f"held-out images are {held_out.shape[1:]}, training images {images.shape[1:]}; resize one of them"
            )
        if h is None:
            samples[copies:] = _repeated(held_out, count, rest)[copies:]
        else:
            number = int(rest.integers(2**63))
            samples[copies:] = parzen.generate(held_out, count, seed=number, h=h, components=None)[copies:]
    for index, random in enumerate(perturbation.spawn(count if h is None else copies)):
        copy = samples[index]
        for kind, size, none in (("elastic", elastic, 0), ("crop", crop, 0), ("blur", blur, 0), ("window", window, 1)):
            if size != none:
                copy = perturb(copy, kind, size, seed)
        samples[index] = _perturbed(copy, random, shift, rotation, intensity, noise)
    return samples[order.permutation(count)]


def copied(count: int, *, seed: int, share: float) -> np.ndarray:
    """Tell which of ``count`` samples of a seed copy training images, bool (count,)."""
    *_, order = np.random.default_rng(seed).spawn(4)
    return order.permutation(count) < round(share * count)


def _repeated(images: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    return images[np.resize(random.permutation(len(images)), count)]


def _perturbed(
    image: np.ndarray, random: np.random.Generator, shift: int, rotation: float, intensity: float, noise: float
) -> np.ndarray:
    height, width = image.shape
    angle = random.uniform(-rotation, rotation)
    top, left = random.integers(0, 2 * shift, size=2, endpoint=True)
    turned = ndimage.rotate(image.astype(np.float64), angle, reshape=False, order=1, mode="nearest") if angle else image
    moved = np.pad(turned, shift, mode="edge")[top : top + height, left : left + width]
    scaled = moved * (1 + random.uniform(-intensity, intensity))
    return np.clip(np.rint(scaled + random.normal(0, noise, image.shape)), 0, 255)
