"""Grey levels: how the numbers in a file become 0..255, by the file alone or by all files of a data set together."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

FEWEST_LEVELS = 32
"""Grey levels of 256 below which too little of an image is left to compare."""
Range = tuple[float, float]


class Decoded(NamedTuple):
    """The numbers of a file, and what is known about their grey levels.

    ``grey`` is None where the file does not say which numbers are black and white: the range of the data set does.
    """

    values: np.ndarray
    """The numbers (H, W), in which larger is brighter unless ``inverted``."""
    grey: np.ndarray | None
    """uint8 (H, W)."""
    full: Range
    """The smallest and the largest number that a file of this kind can hold."""
    how: str
    """What the grey levels come from, in words."""
    inverted: bool = False
    background: np.ndarray | None = None
    """Where there is no image, bool (H, W): black, whatever is stored there."""
    modality: str | None = None
    """That of a DICOM file."""


class Levels(NamedTuple):
    """What a file says about the grey levels of its data set, without its numbers."""

    smallest: float
    largest: float
    full: Range
    values: int
    """How many different numbers it has; where at least `FEWEST_LEVELS` grey levels are left, how many these are."""
    levels: int
    """How many grey levels are left of them over the whole range of its kind, or by its own window."""
    decided: bool
    """Whether the file alone says which grey levels it has."""
    how: str
    modality: str | None
    picture: bool
    """Whether it is a picture rather than a DICOM file."""


def levels_of(decoded: Decoded) -> Levels:
    """Summarise a decoded file."""
    numbers = decoded.values if decoded.background is None else decoded.values[~decoded.background]
    numbers = numbers if numbers.size else decoded.values
    levels = count_levels(scaled(decoded, decoded.full) if decoded.grey is None else decoded.grey)
    return Levels(
        float(numbers.min()),
        float(numbers.max()),
        decoded.full,
        # Sorting all numbers takes longer than decoding them: where enough levels are left, nothing asks for it.
        np.unique(numbers).size if levels < FEWEST_LEVELS else levels,
        levels,
        decoded.grey is not None,
        decoded.how,
        decoded.modality,
        decoded.modality is None,
    )


def count_levels(grey: np.ndarray) -> int:
    """Count the grey levels that occur in an image uint8."""
    return int(np.count_nonzero(np.bincount(grey.ravel(), minlength=256)))


def scaled(decoded: Decoded, span: Range) -> np.ndarray:
    """Return the grey levels rint(255 (v - low) / (high - low)), clipped to 0..255, uint8 (H, W)."""
    low, high = span
    width = high - low if high > low else 1.0
    grey = np.rint(255 * ((decoded.values.astype(np.float64) - low) / width).clip(0, 1)).astype(np.uint8)
    return finished(grey, decoded.inverted, decoded.background)


def finished(grey: np.ndarray, inverted: bool, background: np.ndarray | None) -> np.ndarray:
    """Return grey levels with white for black where they are inverted, and black where there is no image."""
    grey = 255 - grey if inverted else grey
    return grey if background is None else np.where(background, np.uint8(0), grey)


def range_of(images: Sequence[Levels], wanted: str | Sequence[float]) -> Range | None:
    """Return the range that the undecided images of a data set have together; None for that of each one's kind.

    With "auto", pictures have the whole range of their kind, as they were written, unless fewer than `FEWEST_LEVELS`
    grey levels of the median picture would be left; then, and for DICOM files without a window, the range is from the
    smallest to the largest number of all images of the data set.

    Args:
        images: all images of the data set, real and generated.
        wanted: "auto", "full", or two numbers.
    """
    undecided = [image for image in images if not image.decided]
    if not isinstance(wanted, str):
        low, high = wanted
        return float(low), float(high)
    if wanted == "full" or not undecided:
        return None
    if all(image.picture for image in undecided):
        narrow = np.median([min(image.levels, image.values) for image in undecided]) < FEWEST_LEVELS
        more = np.median([image.values for image in undecided]) > np.median([image.levels for image in undecided])
        if not (narrow and more):
            return None
    return min(image.smallest for image in undecided), max(image.largest for image in undecided)


def described(images: Sequence[Levels], span: Range | None) -> str:
    """Say in words what the grey levels of a data set come from, the most common way first."""
    ways = Counter(image.how if image.decided else f"{image.how}, {_range(image, span)}" for image in images)
    return "; ".join(f"{count} {'image' if count == 1 else 'images'} by {how}" for how, count in ways.most_common())


def _range(image: Levels, span: Range | None) -> str:
    if span is None:
        return f"whole range {image.full[0]:g} to {image.full[1]:g}"
    return f"{span[0]:g} is black and {span[1]:g} is white"


def warning(levels: Sequence[int], values: Sequence[int]) -> str:
    """Return what was lost, if fewer than `FEWEST_LEVELS` grey levels are left of the median image; else "".

    Args:
        levels: how many grey levels each image has now.
        values: how many different numbers its file has.
    """
    left, had = float(np.median(levels)), float(np.median(values))
    if left >= FEWEST_LEVELS or had <= left:
        return ""
    return (
        f"Only {left:g} of 256 grey levels are left of the median image, whose file has {had:g} different values: what "
        "differs by less cannot be seen. Write the two values that are black and white, for example "
        "`images: {range: [0, 4095]}`, or for DICOM a window."
    )
