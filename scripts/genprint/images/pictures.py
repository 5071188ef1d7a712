"""PNG, JPEG and TIFF files: one grey image."""

import io
import struct
from collections.abc import Iterator

import numpy as np
import simplejpeg
import tifffile
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from genprint.images.folder import UnusableFileError
from genprint.images.grey_levels import Decoded, finished

FORMATS = ("PNG", "JPEG", "TIFF")  # Pillow reads many more, some of them by odd decoders
BITS_PER_SAMPLE, PHOTOMETRIC_INTERPRETATION, SAMPLE_FORMAT, WHITE_IS_ZERO = 258, 262, 339, 0  # TIFF tags; a value
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
TIFF_SIGNATURES = (b"II*\0", b"MM\0*")
TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt")
START_OF_SCAN = b"\xff\xda"
MOST_SCANS, MOST_DIRECTORIES = 200, 1000  # of a JPEG and of a TIFF; each costs time, and nobody needs more
DAMAGED = "is damaged or cut short: copy it again from where it came"
SIGNED_OR_FLOAT = "signed, 32-bit or floating point pixels: save it with 8 or 16 bits, unsigned, or as DICOM"


def decode(data: bytes, *, most_pixels: int) -> Decoded:
    """Decode the bytes of a PNG, JPEG or TIFF file.

    A palette is looked up; colour becomes luma (ITU-R 601), and transparency is ignored. The image is turned as its
    EXIF orientation says.

    Raises:
        UnusableFileError: no such image, several frames, too many pixels, a kind of pixel that has no unique grey
            value, or a file that ends early. A damaged file may raise what its decoder raises.
    """
    if data[:2] == b"\xff\xd8":
        _check_scans(data)
    elif data[:4] in TIFF_SIGNATURES:
        _check_directories(data)
    elif data.startswith(PNG_SIGNATURE):
        data = _without_text(data)
    try:
        image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        if data[:4] in TIFF_SIGNATURES:
            return _unusual_tiff(data, most_pixels)
        raise UnusableFileError("not a PNG, JPEG, TIFF or DICOM image, or one without pixels") from None
    if image.format != "TIFF" and (frames := getattr(image, "n_frames", 1)) > 1:
        raise UnusableFileError(f"has {frames} frames: save every image as a file of its own")
    if not 0 < image.width * image.height <= most_pixels:
        raise UnusableFileError(f"{image.width} x {image.height} pixels; an image has 1 to {most_pixels}")
    if image.format == "PNG":
        Image.open(io.BytesIO(data), formats=("PNG",)).verify()  # checksums, and the end that a truncated file lacks
    if image.format == "JPEG":
        _check_whole(data)
    tags = image.tag_v2 if isinstance(image, TiffImageFile) else {}
    if tags and any(kind != 1 for kind in np.atleast_1d(tags.get(SAMPLE_FORMAT, 1))):
        raise UnusableFileError(SIGNED_OR_FLOAT)
    bits = int(np.max(tags.get(BITS_PER_SAMPLE, 16)))
    white_is_zero = tags.get(PHOTOMETRIC_INTERPRETATION) == WHITE_IS_ZERO
    if image.format != "TIFF":  # which Pillow turns itself
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint16)
        return Decoded(values, None, (0, (1 << bits) - 1), f"the values of {bits}-bit pictures", white_is_zero)
    if image.mode in ("I", "F"):
        raise UnusableFileError(SIGNED_OR_FLOAT)
    if image.mode == "P":
        image = image.convert("RGBA")  # not to RGB, which complains of palettes with transparency
    grey = finished(np.asarray(image.convert("L")), False, None)
    return Decoded(grey, grey, (0, 255), "the values of 8-bit pictures")


def _unusual_tiff(data: bytes, most_pixels: int) -> Decoded:
    """Decode a TIFF of a kind that Pillow does not know, such as big-endian 16-bit numbers with white as zero."""
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            page = file.pages.first
            unsigned = page.dtype is not None and page.dtype.kind == "u" and page.dtype.itemsize <= 2
            if not 0 < page.imagewidth * page.imagelength <= most_pixels:
                raise UnusableFileError(
                    f"{page.imagewidth} x {page.imagelength} pixels; an image has 1 to {most_pixels}"
                )
            if page.samplesperpixel != 1 or not unsigned:
                raise UnusableFileError(SIGNED_OR_FLOAT)
            values, bits = page.asarray(), int(page.bitspersample)
            white_is_zero = page.photometric == WHITE_IS_ZERO
    except (IndexError, tifffile.TiffFileError):
        raise UnusableFileError("a TIFF file without an image") from None
    return Decoded(values, None, (0, (1 << bits) - 1), f"the values of {bits}-bit pictures", white_is_zero)


def _without_text(data: bytes) -> bytes:
    """A PNG file without its text, which is no part of the picture and may be of any length."""
    kept = [PNG_SIGNATURE]
    for kind, chunk in _chunks(data):
        if kind not in TEXT_CHUNKS:
            kept.append(chunk)
    return b"".join(kept)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(PNG_SIGNATURE)
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        yield data[place + 4 : place + 8], data[place : place + length + 12]
        place += length + 12


def _check_scans(data: bytes) -> None:
    """Refuse a JPEG with so many scans that decoding it would not end; each one goes over the whole image."""
    if (scans := data.count(START_OF_SCAN)) > MOST_SCANS:
        raise UnusableFileError(f"a JPEG with {scans} scans, which would take too long to decode: save it again")


def _check_whole(data: bytes) -> None:
    """Refuse a JPEG whose data end early: libjpeg fills the rest with grey, and Pillow keeps its warning to itself."""
    try:
        simplejpeg.decode_jpeg(data, "GRAY", strict=True)
    except ValueError as error:
        if any(word in str(error).lower() for word in ("premature", "corrupt", "truncated", "extraneous")):
            raise UnusableFileError(DAMAGED) from None
        # What this decoder cannot do (four colours, for example), the other one may.


def _check_directories(data: bytes) -> None:
    """Refuse a TIFF with several pages, whose directories Pillow would follow to their end, however many there are."""
    order = "<" if data[:2] == b"II" else ">"
    pages, place = 0, struct.unpack(f"{order}I", data[4:8])[0] if len(data) >= 8 else 0
    seen = set()
    while 0 < place <= len(data) - 2 and place not in seen:
        seen.add(place)
        entries = struct.unpack(f"{order}H", data[place : place + 2])[0]
        end = place + 2 + 12 * entries
        pages += 1
        if pages > MOST_DIRECTORIES or end + 4 > len(data):
            break
        place = struct.unpack(f"{order}I", data[end : end + 4])[0]
    if pages > 1:
        some = f"more than {MOST_DIRECTORIES}" if pages > MOST_DIRECTORIES else f"{pages}"
        raise UnusableFileError(f"has {some} frames: save every image as a file of its own")
