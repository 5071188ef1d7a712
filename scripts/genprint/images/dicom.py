"""DICOM files: one grey image, its numbers in the unit that the file states, and the window it asks for."""

import io
import zlib
from typing import Any, NamedTuple

import numpy as np

from genprint.images.folder import UnusableFileError
from genprint.images.grey_levels import Decoded, Range, finished
from genprint.runtime.failures import without_means

DEFLATED = "1.2.840.10008.1.2.1.99"
GREY = ("MONOCHROME1", "MONOCHROME2")
NEEDED = {
    "Rows": "(0028,0010)",
    "Columns": "(0028,0011)",
    "BitsAllocated": "(0028,0100)",
    "PhotometricInterpretation": "(0028,0004)",
}


class Window(NamedTuple):
    """Which numbers are black and white, DICOM PS3.3 C.11.2.1.2 and C.11.2.1.3."""

    center: float
    width: float
    function: str = "LINEAR_EXACT"


def is_dicom(data: bytes) -> bool:
    """Tell whether the bytes begin as a DICOM file does."""
    return data[128:132] == b"DICM"


def decode(data: bytes, window: Window | None, *, most_pixels: int, most_bytes: int) -> Decoded:
    """Decode the bytes of a DICOM file with one grey image.

    Numbers go through the rescale slope and intercept (or the modality LUT), wherever the standard allows these to
    stand. In CT they are Hounsfield units, and ``window`` applies. In anything else the file's own window does: its VOI
    LUT, or the first of its windows by its own function. Without any, grey levels are left to the data set.

    Args:
        data: the file.
        window: that of Hounsfield units.
        most_pixels: of an image.
        most_bytes: that a deflated file may have once inflated.

    Raises:
        UnusableFileError: no grey image, several frames, too many pixels, or something that cannot be decoded.
    """
    import pydicom  # half a second that other images need not wait for

    _check_inflated(data, most_bytes)
    dataset = pydicom.dcmread(io.BytesIO(data))
    _check(dataset, most_pixels)
    stored = _stored(dataset)
    inverted = dataset.PhotometricInterpretation == "MONOCHROME1"
    background = _padding(dataset, stored)
    values, unit, full = _rescaled(dataset, stored)
    modality = _modality(dataset)
    own = _window_of(dataset)
    lookup = _lookup(dataset, values)
    # A capture of a screen keeps the modality of what was on it, and has grey levels.
    if unit == "HU" and int(dataset.get("BitsStored") or dataset.BitsAllocated) > 8:
        if window is None:
            raise UnusableFileError("a CT image needs `window_center` and `window_width`")
        grey = windowed(values, window)
        how = f"the window {window.center:g} HU, {window.width:g} wide"
    elif lookup is not None:
        grey, how = lookup, f"the VOI LUT of each {modality} file"
    elif own is not None:
        grey, how = windowed(values, own), f"the window of each {modality} file"
    else:
        grey, how = None, f"the values of {modality} files without a window"
    values, background = _square(dataset, values), _square(dataset, background)
    if grey is not None:
        grey = finished(_square(dataset, grey), inverted, background)
    return Decoded(values, grey, full, how, inverted, background, modality)


def windowed(values: np.ndarray, window: Window) -> np.ndarray:
    """Return grey levels 0..255 by one of the functions of DICOM PS3.3 C.11.2.1.2 and C.11.2.1.3, rounded.

    With c the centre and w the width: LINEAR 255 ((v - c + 0.5) / (w - 1) + 0.5), LINEAR_EXACT 255 ((v - c) / w + 0.5),
    both clipped, and SIGMOID 255 / (1 + exp(-4 (v - c) / w)).
    """
    values = np.asarray(values, float)
    center, width, function = window
    if function == "SIGMOID":
        return np.rint(255 / (1 + np.exp((-4 * (values - center) / width).clip(-700, 700)))).astype(np.uint8)
    if function == "LINEAR" and width == 1:  # a step
        share = (values > center - 0.5).astype(float)
    elif function == "LINEAR":
        share = (values - (center - 0.5)) / (width - 1) + 0.5
    else:
        share = (values - center) / width + 0.5
    return np.rint(255 * share.clip(0, 1)).astype(np.uint8)


def _check_inflated(data: bytes, most_bytes: int) -> None:
    """Refuse a deflated file that would be larger than allowed once inflated; pydicom would inflate it to its end."""
    end = 132
    while data[end : end + 2] == b"\x02\0":  # the elements of the header, which is never deflated
        long = data[end + 4 : end + 6] in (b"OB", b"UN")
        size = data[end + 8 : end + 12] if long else data[end + 6 : end + 8]
        end += (12 if long else 8) + int.from_bytes(size, "little")
    if DEFLATED.encode() not in data[132:end]:
        return
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    inflating.decompress(data[end:], most_bytes)
    if inflating.unconsumed_tail:
        raise UnusableFileError(f"is deflated and has more than {most_bytes // 2**20} MB once inflated")


def _check(dataset: Any, most_pixels: int) -> None:
    if not {"PixelData", "FloatPixelData", "DoubleFloatPixelData"} & set(dataset.dir()):
        raise UnusableFileError("a DICOM file without an image")
    missing = [f"{name} {tag}" for name, tag in NEEDED.items() if dataset.get(name) in (None, "")]
    if missing:
        raise UnusableFileError(f"a DICOM file without {', '.join(missing)}")
    if "TransferSyntaxUID" not in dataset.file_meta:
        raise UnusableFileError("a DICOM file that does not say how it is encoded (no Transfer Syntax UID)")
    if dataset.PhotometricInterpretation not in GREY:
        raise UnusableFileError(f"a DICOM image in colour ({dataset.PhotometricInterpretation})")
    try:
        frames = int(dataset.get("NumberOfFrames") or 1)
    except ValueError:
        raise UnusableFileError("a DICOM file whose Number of Frames is no number") from None
    if frames > 1:
        raise UnusableFileError(f"has {frames} frames: save every image as a file of its own")
    if not 0 < dataset.Rows * dataset.Columns <= most_pixels:
        raise UnusableFileError(f"{dataset.Columns} x {dataset.Rows} pixels; an image has 1 to {most_pixels}")


def _stored(dataset: Any) -> np.ndarray:
    """The stored numbers (H, W), without what stands in the bits that are not theirs."""
    from pydicom.uid import UID

    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    allocated = int(dataset.BitsAllocated)
    bits = int(dataset.get("BitsStored") or allocated)
    high = bits - 1 if dataset.get("HighBit") in (None, "") else int(dataset.HighBit)
    signed = bool(int(dataset.get("PixelRepresentation") or 0))
    whole = "PixelData" not in dataset or bits >= allocated or allocated > 32
    if not (whole or syntax.is_encapsulated):
        # pydicom keeps the lowest bits, which are not those of left-aligned numbers: it is to keep them all.
        dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = allocated, allocated - 1, 0
    try:
        stored = dataset.pixel_array
    except Exception as error:  # decoders raise whatever a damaged file leads them to
        if without_means(error):
            raise
        if syntax.is_encapsulated:
            raise UnusableFileError(
                f"compressed with {syntax.name}, which could not be decoded; decompress it with `gdcmconv --raw` or "
                "`dcmdjpeg`"
            ) from error
        raise UnusableFileError(_plain(str(error))) from error
    dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = bits, high, int(signed)
    if stored.ndim > 2 and stored.shape[0] > 1:
        raise UnusableFileError(f"has {len(stored)} frames: save every image as a file of its own")
    stored = stored.reshape(dataset.Rows, dataset.Columns)
    if whole or stored.dtype.kind == "f":
        return stored
    numbers = (stored.astype(np.int64) >> max(high + 1 - bits, 0)) & ((1 << bits) - 1)
    return np.where(numbers >> (bits - 1) & 1, numbers - (1 << bits), numbers) if signed else numbers


def _plain(message: str) -> str:
    """What a library says of a file that it cannot decode, in other words."""
    if "less than expected" in message or "bytes" in message:
        return "has fewer bytes than its size says: the file is cut short"
    return "cannot be decoded: what it says of its pixels does not fit them"


def _macro(dataset: Any, sequence: str, keyword: str) -> Any:
    """An attribute of the image, of the functional groups that all frames share, or of those of its one frame."""
    if dataset.get(keyword) not in (None, ""):
        return dataset.get(keyword)
    for groups in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in (dataset.get(groups) or [])[:1]:
            for item in (group.get(sequence) or [])[:1]:
                if item.get(keyword) not in (None, ""):
                    return item.get(keyword)
    return None


def _rescaled(dataset: Any, stored: np.ndarray) -> tuple[np.ndarray, str | None, Range]:
    """The numbers in the unit of the file, what that is (None if it does not say), and the range it can hold."""
    sequence = "PixelValueTransformationSequence"
    slope, intercept = (_number(dataset, sequence, name) for name in ("RescaleSlope", "RescaleIntercept"))
    bits = int(dataset.get("BitsStored") or dataset.BitsAllocated)
    signed = bool(int(dataset.get("PixelRepresentation") or 0))
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    if stored.dtype.kind == "f":
        low, high = stored.min(), stored.max()
    if dataset.get("ModalityLUTSequence"):
        from pydicom.pixels import apply_modality_lut

        values = np.asarray(apply_modality_lut(stored, dataset), float)
        of_lookup = str(dataset.ModalityLUTSequence[0].get("ModalityLUTType") or "US")
        return values, of_lookup, (float(values.min()), float(values.max()))
    if slope is None and intercept is None:
        return stored, None, (low, high)
    slope, intercept = 1.0 if slope is None else slope, 0.0 if intercept is None else intercept
    ends = sorted((low * slope + intercept, high * slope + intercept))
    usual = "HU" if _modality(dataset) == "CT" else None
    unit = _macro(dataset, sequence, "RescaleType") or usual
    return stored * slope + intercept, unit, (float(ends[0]), float(ends[1]))


def _modality(dataset: Any) -> str:
    of_class = {"1.2.840.10008.5.1.4.1.1.2": "CT", "1.2.840.10008.5.1.4.1.1.2.1": "CT"}
    return str(dataset.get("Modality") or of_class.get(dataset.get("SOPClassUID"), "unknown"))


def _number(dataset: Any, sequence: str, keyword: str) -> float | None:
    value = _macro(dataset, sequence, keyword)
    if value is None and keyword in dataset:
        raise UnusableFileError(f"an empty {keyword}")
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        raise UnusableFileError(f"{keyword} is {value!r}, which is no number") from None


def _window_of(dataset: Any) -> Window | None:
    """The first window of the file."""
    sequence = "FrameVOILUTSequence"
    center, width = (_macro(dataset, sequence, name) for name in ("WindowCenter", "WindowWidth"))
    if center is None or width is None:
        return None
    first = [value[0] if not isinstance(value, (str, int, float)) else value for value in (center, width)]
    function = str(_macro(dataset, sequence, "VOILUTFunction") or "LINEAR")
    if float(first[1]) < (1 if function == "LINEAR" else 1e-9):
        return None
    return Window(float(first[0]), float(first[1]), function)


def _lookup(dataset: Any, values: np.ndarray) -> np.ndarray | None:
    """Grey levels by the first VOI LUT of the file; None if it has none."""
    if not dataset.get("VOILUTSequence"):
        return None
    from pydicom.pixels import apply_voi

    bits = int(dataset.VOILUTSequence[0].LUTDescriptor[2])
    looked_up = np.asarray(apply_voi(np.rint(values).astype(np.int64), dataset, index=0), float)
    return np.rint(255 * (looked_up / ((1 << bits) - 1)).clip(0, 1)).astype(np.uint8)


def _padding(dataset: Any, stored: np.ndarray) -> np.ndarray | None:
    """Where the stored number says that there is no image (PS3.3 C.7.5.1.1.2)."""
    value = dataset.get("PixelPaddingValue")
    if value in (None, ""):
        return None
    limit = dataset.get("PixelPaddingRangeLimit")
    ends = sorted((int(value), int(value if limit in (None, "") else limit)))
    background = (stored >= ends[0]) & (stored <= ends[1])
    return background if background.any() and not background.all() else None


def _square(dataset: Any, image: Any) -> Any:
    """An image (H, W) with square pixels: the side whose pixels are longer gets more of them."""
    ratio = dataset.get("PixelAspectRatio")
    if image is None or not ratio or len(ratio) != 2 or int(ratio[0]) <= 0 or int(ratio[1]) <= 0:
        return image
    vertical, horizontal = int(ratio[0]), int(ratio[1])
    if vertical == horizontal:
        return image
    import cv2

    height, width = image.shape
    if vertical > horizontal:
        height = round(height * vertical / horizontal)
    else:
        width = round(width * horizontal / vertical)
    mask, kind = image.dtype.kind == "b", image.dtype
    source = image.astype(np.uint8 if mask else np.float64)
    resized = cv2.resize(source, (width, height), interpolation=cv2.INTER_NEAREST if mask else cv2.INTER_LINEAR)
    return np.rint(resized).astype(kind) if kind.kind in "ui" else resized.astype(kind)
