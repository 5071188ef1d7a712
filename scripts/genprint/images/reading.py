"""From image files of the usual kinds to one array of 8-bit grey images, with a table of what each image is."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd

from genprint.images import dicom, pictures
from genprint.images.dicom import Window
from genprint.images.folder import Annotation, Fault, ImageError, UnusableFileError, annotate, list_images, other_case
from genprint.images.grey_levels import (
    Decoded,
    Levels,
    Range,
    count_levels,
    described,
    levels_of,
    range_of,
    scaled,
    warning,
)
from genprint.runtime.failures import without_means
from genprint.runtime.progress import counted

MOST_PIXELS = 8192 * 8192  # more is a mistake, or a file made to fill the memory


class Images(NamedTuple):
    """What `read_images` has read.

    ``images``: uint8 (N, H, W). ``table``: the columns ``image_id``, ``file``, ``sha256`` (of the bytes of the file),
    ``bytes``, ``height`` and ``width`` (of the file and of the image in it), ``group`` and ``label`` of these N images,
    in natural order of their ids, the generated ones last. ``skipped``: the files left out, and why. ``how``: what
    their grey levels come from. ``warning``: what was lost on the way, or "".
    """

    images: np.ndarray
    table: pd.DataFrame
    skipped: list[Fault]
    how: str
    warning: str


class _Unreadable(NamedTuple):
    """A file that was not read: what its user is told, and what the decoder said, if it is none of our words."""

    fault: Fault
    cause: Exception | None = None


class _Picture(NamedTuple):
    """A file that was read: its grey levels, unless the whole data set decides on them."""

    grey: np.ndarray | None
    levels: Levels
    left: int
    """How many grey levels it has."""
    shape: tuple[int, int]
    sha256: str
    bytes: int
    original: tuple[int, int]
    """Its height and width in the file."""


def read_images(
    files: Mapping[str, Sequence[str]],
    *,
    patterns: Mapping[str, Sequence[str]] | None = None,
    identify: str = "stem",
    labels: Annotation | None = None,
    groups: Annotation | None = None,
    size: int | None = None,
    window_center: float | None = None,
    window_width: float | None = None,
    range: str | Sequence[float] = "auto",
    largest_file: int = 256,
    on_bad_image: str = "error",
    threads: int = 1,
) -> Images:
    """Read the image files of a data set, and what csv files say about them.

    Args:
        files: the files of every role (`genprint.images.folder.list_files`); ``patterns`` and ``identify`` as in
            `genprint.images.folder.list_images`.
        labels, groups: whether images of the role "unknown" were used, and the patient of each real image
            (`genprint.images.folder.annotate`).
        size: side of the square that every image is fitted to (`fitted`); None if all images have one size.
        window_center, window_width: intensity window of DICOM images in Hounsfield units
            (`genprint.images.dicom.windowed`, LINEAR_EXACT).
        range: which numbers are black and white where a file does not say it: "auto", "full", or two numbers
            (`genprint.images.grey_levels.range_of`). It is the same for all images.
        largest_file: megabytes that a file may have, compressed or not.
        on_bad_image: "error", or "skip" to go on without the files that cannot be read. What makes the data set itself
            wrong, such as an empty role, an id used twice or a csv file that does not fit, is an error all the same.

    Raises:
        ImageError: lists everything that is wrong with the image files and the csv files.
    """
    if on_bad_image not in ("error", "skip"):
        raise ValueError(f'on_bad_image is "{on_bad_image}": write "error" or "skip"')
    listed, faults = list_images(files, identify=identify, patterns=patterns)
    faults += other_case(patterns or {})
    columns, csv_faults = annotate(listed, labels=labels, groups=groups)
    window = None if window_center is None or window_width is None else Window(window_center, window_width)
    read = partial(_read_file, size=size, window=window, largest_file=largest_file)
    paths = [image.file for image in listed]
    with ThreadPoolExecutor(threads) as pool:
        outcomes = list(counted(pool.map(read, paths), "images", len(listed)))
    unreadable = [outcome.fault for outcome in outcomes if isinstance(outcome, _Unreadable)]
    causes = [outcome.cause for outcome in outcomes if isinstance(outcome, _Unreadable) and outcome.cause]
    kept = {index: outcome for index, outcome in enumerate(outcomes) if isinstance(outcome, _Picture)}
    faults += csv_faults + _unequal([(listed[index].file, picture.shape) for index, picture in kept.items()])
    faults += _mixed([(listed[index].file, picture.levels.modality) for index, picture in kept.items()])
    advice = "Correct or remove what is listed"
    if on_bad_image == "error":
        faults += unreadable
        advice += ", or write `images.on_bad_image: skip` to go on without unreadable files" if unreadable else ""
    else:
        lost = {image.role for image in listed} - {listed[index].role for index in kept}
        faults += [Fault(role, "none of its files can be read") for role in sorted(lost)]
    if faults:
        # Only the log has what decoders say: a mistake of this library must not pass for a damaged file unseen.
        said = ExceptionGroup("what decoders say of the first files", causes[:5]) if causes else None
        raise ImageError(faults, advice + ".") from said
    # Files that leave their grey levels to the data set are read once more, now that its range is known.
    levels = [picture.levels for picture in kept.values()]
    span = range_of(levels, range)
    again = {index: picture for index, picture in kept.items() if picture.grey is None}
    with ThreadPoolExecutor(threads) as pool:
        read = partial(_read_file, size=size, window=window, largest_file=largest_file, span=span, final=True)
        finals = list(counted(pool.map(read, [paths[index] for index in again]), "images", len(again)))
    for (index, before), after in zip(again.items(), finals, strict=True):
        if isinstance(after, _Unreadable) or after.sha256 != before.sha256:
            raise ImageError([Fault(paths[index], "has changed while it was read")], "Start again.")
        kept[index] = after
    table = pd.DataFrame(
        {
            "image_id": [listed[index].image_id for index in kept],
            "file": [listed[index].file for index in kept],
            "sha256": [picture.sha256 for picture in kept.values()],
            "bytes": [picture.bytes for picture in kept.values()],
            "height": [picture.original[0] for picture in kept.values()],
            "width": [picture.original[1] for picture in kept.values()],
            **{name: [column[index] for index in kept] for name, column in columns.items()},
        }
    )
    loss = warning([picture.left for picture in kept.values()], [one.values for one in levels])
    grey = np.stack([picture.grey for picture in kept.values() if picture.grey is not None])
    return Images(grey, table, unreadable, described(levels, span), loss)


def read_image(data: bytes, *, window_center: float | None = None, window_width: float | None = None) -> np.ndarray:
    """Decode the bytes of a PNG, JPEG, TIFF or DICOM file to 8-bit grey by itself, uint8 (H, W).

    16-bit grey keeps the full range of its kind (0..65535 becomes 0..255). A DICOM image has its window
    (`genprint.images.dicom.decode`) or, where it has none, its smallest number is black and its largest white.

    Raises:
        UnusableFileError: as `genprint.images.pictures.decode` and `genprint.images.dicom.decode` do.
    """
    window = None if window_center is None or window_width is None else Window(window_center, window_width)
    decoded = _decode(data, window, most_bytes=MOST_PIXELS)
    return (
        scaled(decoded, range_of([levels_of(decoded)], "auto") or decoded.full)
        if decoded.grey is None
        else decoded.grey
    )


def fitted(image: np.ndarray, size: int) -> np.ndarray:
    """Resize an image (H, W) by pixel areas, aspect kept, into the middle of a black square (size, size)."""
    scale = size / max(image.shape)
    height, width = (max(1, round(side * scale)) for side in image.shape)
    top, left = (size - height) // 2, (size - width) // 2
    square = np.zeros((size, size), np.uint8)
    square[top : top + height, left : left + width] = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return square


def _decode(data: bytes, window: Window | None, *, most_bytes: int) -> Decoded:
    if not data:
        raise UnusableFileError("the file is empty")
    if dicom.is_dicom(data):
        return dicom.decode(data, window, most_pixels=MOST_PIXELS, most_bytes=most_bytes)
    if data[:2] in (b"\x02\0", b"\x08\0") and data[4:6].isalpha() and data[4:6].isupper():
        raise UnusableFileError("a DICOM file without its preamble; write it anew with `dcmconv` or pydicom")
    return pictures.decode(data, most_pixels=MOST_PIXELS)


def _read_file(
    file: str,
    *,
    size: int | None,
    window: Window | None,
    largest_file: int,
    span: Range | None = None,
    final: bool = False,
) -> _Picture | _Unreadable:
    """Read a file; ``final`` gives it the range of the data set, or of its kind if ``span`` is None."""
    try:
        path, most = Path(file), largest_file * 2**20
        if (length := path.stat().st_size) > most:
            return _Unreadable(Fault(file, f"has {length / 2**20:.0f} MB; `images.largest_file` allows {largest_file}"))
        data = path.read_bytes()
        decoded = _decode(data, window, most_bytes=most)
        grey = scaled(decoded, span or decoded.full) if final and decoded.grey is None else decoded.grey
        left = 0 if grey is None else count_levels(grey)
        if grey is not None and size:
            grey = fitted(grey, size)
        original = decoded.values.shape
    except Exception as error:  # decoders raise whatever a damaged file leads them to
        if without_means(error):
            raise
        if isinstance(error, PermissionError):
            return _Unreadable(Fault(file, "may not be read: give permission to read it"))
        if isinstance(error, UnusableFileError):
            return _Unreadable(Fault(file, str(error)))
        return _Unreadable(Fault(file, pictures.DAMAGED), error)
    shape = (size, size) if size else original
    return _Picture(grey, levels_of(decoded), left, shape, hashlib.sha256(data).hexdigest(), len(data), original)


def _mixed(modalities: list[tuple[str, str | None]]) -> list[Fault]:
    """Return the DICOM files of another modality than most: their numbers do not mean the same."""
    counts = Counter(modality for _, modality in modalities if modality).most_common()
    if len(counts) < 2:
        return []
    usual = counts[0][0]
    return [
        Fault(
            file, f"is {modality}, while most DICOM files are {usual}: an image says nothing about one of another kind"
        )
        for file, modality in modalities
        if modality not in (None, usual)
    ]


def _unequal(shapes: list[tuple[str, tuple[int, int]]]) -> list[Fault]:
    """Return the files that have another size than most."""
    counts = Counter(shape for _, shape in shapes).most_common()
    if len(counts) < 2:
        return []
    height, width = usual = counts[0][0]
    reason = f"{{}} x {{}} pixels, while most images have {width} x {height}: write `images.size` to resize them"
    return [Fault(file, reason.format(*shape[::-1])) for file, shape in shapes if shape != usual]
