"""From image files of the usual kinds to one array of 8-bit grey images, with a table of what each image is."""

import hashlib
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd
from PIL import Image, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from genprint.images.folder import Annotation, Fault, ImageError, annotate, list_images
from genprint.runtime.progress import counted

MOST_PIXELS = 8192 * 8192  # more is a mistake, or a file made to fill the memory
FORMATS = ("PNG", "JPEG", "TIFF")  # Pillow reads many more, some of them by odd decoders
PHOTOMETRIC_INTERPRETATION, WHITE_IS_ZERO = 262, 0  # a TIFF tag and one of its values


class Images(NamedTuple):
    """What `read_images` has read.

    ``images``: uint8 (N, H, W). ``table``: the columns ``image_id``, ``file``, ``sha256`` (of the bytes of the file),
    ``group`` and ``label`` of these N images, in natural order of their ids, the generated ones last. ``skipped``: the
    files left out, and why.
    """

    images: np.ndarray
    table: pd.DataFrame
    skipped: list[Fault]


class _Picture(NamedTuple):
    grey: np.ndarray
    sha256: str


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
        window_center, window_width: intensity window of DICOM images in Hounsfield units (`window`).
        on_bad_image: "error", or "skip" to go on without the files that cannot be read. What makes the data set itself
            wrong, such as an empty role, an id used twice or a csv file that does not fit, is an error all the same.

    Raises:
        ImageError: lists everything that is wrong with the image files and the csv files.
    """
    if on_bad_image not in ("error", "skip"):
        raise ValueError(f'on_bad_image is "{on_bad_image}": write "error" or "skip"')
    listed, faults = list_images(files, identify=identify, patterns=patterns)
    columns, csv_faults = annotate(listed, labels=labels, groups=groups)
    read = partial(_read_file, size=size, window_center=window_center, window_width=window_width)
    with ThreadPoolExecutor(threads) as pool:
        pictures = list(counted(pool.map(read, (image.file for image in listed)), "images", len(listed)))
    unreadable = [picture for picture in pictures if isinstance(picture, Fault)]
    kept = {index: picture for index, picture in enumerate(pictures) if isinstance(picture, _Picture)}
    faults += csv_faults + _unequal([(listed[index].file, picture.grey.shape) for index, picture in kept.items()])
    advice = "Correct or remove what is listed"
    if on_bad_image == "error":
        faults += unreadable
        advice += ", or write `images.on_bad_image: skip` to go on without unreadable files" if unreadable else ""
    else:
        lost = {image.role for image in listed} - {listed[index].role for index in kept}
        faults += [Fault(role, "none of its files can be read") for role in sorted(lost)]
    if faults:
        raise ImageError(faults, advice + ".")
    table = pd.DataFrame(
        {
            "image_id": [listed[index].image_id for index in kept],
            "file": [listed[index].file for index in kept],
            "sha256": [picture.sha256 for picture in kept.values()],
            **{name: [column[index] for index in kept] for name, column in columns.items()},
        }
    )
    return Images(np.stack([picture.grey for picture in kept.values()]), table, unreadable)


def read_image(data: bytes, *, window_center: float | None = None, window_width: float | None = None) -> np.ndarray:
    """Decode the bytes of a PNG, JPEG, TIFF or DICOM file to 8-bit grey, uint8 (H, W).

    16-bit grey keeps its full range (0..65535 becomes 0..255); a palette is looked up; colour becomes luma (ITU-R
    601), and transparency is ignored. DICOM goes through rescale slope and intercept and the intensity window;
    MONOCHROME1 is inverted.

    Raises:
        ValueError: no such image, several frames, too many pixels, a kind of pixel that has no unique grey value, or a
            DICOM image without a window. A damaged file may raise what its decoder raises.
    """
    if data[128:132] == b"DICM":
        return _read_dicom(data, window_center, window_width)
    if not data:
        raise ValueError("the file is empty")
    try:
        image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise ValueError("not a PNG, JPEG, TIFF or DICOM image, or one without pixels") from None
    _check_extent(image.width, image.height, getattr(image, "n_frames", 1))
    if image.format == "PNG":
        Image.open(io.BytesIO(data), formats=("PNG",)).verify()  # checksums, and the end that a truncated file lacks
    if image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint16)
        if isinstance(image, TiffImageFile) and image.tag_v2.get(PHOTOMETRIC_INTERPRETATION) == WHITE_IS_ZERO:
            values = 65535 - values
        return np.rint(values / 257).astype(np.uint8)
    if image.mode in ("I", "F"):
        raise ValueError("signed, 32-bit or floating point pixels: save it with 8 or 16 bits, unsigned, or as DICOM")
    if image.mode == "P":
        image = image.convert("RGBA")  # not to RGB, which complains of palettes with transparency
    return np.asarray(image.convert("L"))


def fitted(image: np.ndarray, size: int) -> np.ndarray:
    """Resize an image (H, W) by pixel areas, aspect kept, into the middle of a black square (size, size)."""
    scale = size / max(image.shape)
    height, width = (max(1, round(side * scale)) for side in image.shape)
    top, left = (size - height) // 2, (size - width) // 2
    square = np.zeros((size, size), np.uint8)
    square[top : top + height, left : left + width] = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return square


def window(hounsfield: np.ndarray, center: float, width: float) -> np.ndarray:
    """Return the grey levels 255 (h - center + width / 2) / width, rounded and clipped to 0..255.

    The function LINEAR_EXACT of DICOM PS3.3 C.11.2.1.3.2.
    """
    share = (np.asarray(hounsfield, float) - center) / width + 0.5
    return np.rint(255 * share.clip(0, 1)).astype(np.uint8)


def _read_file(
    file: str, *, size: int | None, window_center: float | None, window_width: float | None
) -> _Picture | Fault:
    try:
        data = Path(file).read_bytes()
        grey = read_image(data, window_center=window_center, window_width=window_width)
        grey = fitted(grey, size) if size else grey
    except Exception as error:  # decoders raise whatever a damaged file leads them to
        return Fault(file, str(error).partition("\n")[0] or type(error).__name__)
    return _Picture(grey, hashlib.sha256(data).hexdigest())


def _read_dicom(data: bytes, window_center: float | None, window_width: float | None) -> np.ndarray:
    import pydicom  # half a second that other images need not wait for
    from pydicom.pixels import apply_modality_lut

    dataset = pydicom.dcmread(io.BytesIO(data))
    if "PixelData" not in dataset:
        raise ValueError("a DICOM file without an image")
    _check_extent(dataset.Columns, dataset.Rows, int(dataset.get("NumberOfFrames") or 1))
    kind = dataset.PhotometricInterpretation
    if kind not in ("MONOCHROME1", "MONOCHROME2"):
        raise ValueError(f"a DICOM image in colour ({kind})")
    if window_center is None or window_width is None:
        raise ValueError("a DICOM image needs `window_center` and `window_width`")
    grey = window(apply_modality_lut(dataset.pixel_array, dataset), window_center, window_width)
    return 255 - grey if kind == "MONOCHROME1" else grey


def _check_extent(width: int, height: int, frames: int) -> None:
    if frames > 1:
        raise ValueError(f"has {frames} frames: save every image as a file of its own")
    if not 0 < width * height <= MOST_PIXELS:
        raise ValueError(f"{width} x {height} pixels; an image has 1 to {MOST_PIXELS}")


def _unequal(shapes: list[tuple[str, tuple[int, int]]]) -> list[Fault]:
    """Return the files that have another size than most."""
    counts = Counter(shape for _, shape in shapes).most_common()
    if len(counts) < 2:
        return []
    height, width = usual = counts[0][0]
    reason = f"{{}} x {{}} pixels, while most images have {width} x {height}: write `images.size` to resize them"
    return [Fault(file, reason.format(*shape[::-1])) for file, shape in shapes if shape != usual]
