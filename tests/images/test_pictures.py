"""Values of PNG, JPEG and TIFF files: right, or refused in words."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import skimage
from PIL import Image, PngImagePlugin
from skimage import io as reference_io

from genprint.images.reading import read_image, read_images

SIX = np.array([[0, 60, 120], [180, 240, 255]], np.uint8)
BLOCKS = SIX.repeat(16, 0).repeat(16, 1)


def saved(image, kind, **options):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, kind, **options)
    return buffer.getvalue()


def tiff(values, *, bits, order="<", photometric=1, sample_format=None, packed=None):
    """An uncompressed TIFF of one strip."""
    height, width = values.shape
    data = values.astype(values.dtype.newbyteorder(order)).tobytes() if packed is None else packed
    tags = [(256, 3, width), (257, 3, height), (258, 3, bits), (259, 3, 1), (262, 3, photometric), (273, 4, 8)]
    tags += [(277, 3, 1), (278, 3, height), (279, 4, len(data))]
    tags += [(339, 3, sample_format)] if sample_format else []
    directory = struct.pack(f"{order}H", len(tags))
    for tag, kind, value in tags:
        payload = struct.pack(f"{order}HH", value, 0) if kind == 3 else struct.pack(f"{order}I", value)
        directory += struct.pack(f"{order}HHI", tag, kind, 1) + payload
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8 + len(data))
    return head + data + directory + struct.pack(f"{order}I", 0)


def packed_12(values):
    """Numbers of 12 bits, two in three bytes, rows padded to bytes."""
    rows = []
    for row in values:
        text = "".join(f"{value:012b}" for value in row)
        text += "0" * (-len(text) % 8)
        rows.append(bytes(int(text[place : place + 8], 2) for place in range(0, len(text), 8)))
    return b"".join(rows)


TWELVE = np.array([[0, 1024, 2048, 4095], [512, 1536, 3072, 4000]], np.uint16)
OF_TWELVE = [[0, 64, 128, 255], [32, 96, 191, 249]]  # rint(255 v / 4095)


def test_tiff_of_12_bits_has_the_range_of_12_bits():
    assert read_image(tiff(TWELVE, bits=12, packed=packed_12(TWELVE))).tolist() == OF_TWELVE


@pytest.mark.parametrize("order", ["<", ">"])
def test_16_bits_in_either_order_of_bytes(order):
    values = np.array([[0, 257, 25700], [40000, 65000, 65535]], np.uint16)
    assert read_image(tiff(values, bits=16, order=order)).tolist() == np.rint(values / 257).tolist()
    white = 255 - np.rint(values / 257)
    assert read_image(tiff(values, bits=16, order=order, photometric=0)).tolist() == white.tolist()


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((2, 3), np.int8),
        np.zeros((2, 3), np.int16),
        np.zeros((2, 3), np.int32),
        np.zeros((2, 3), np.uint32),
        np.zeros((2, 3), np.float16),
        np.zeros((2, 3), np.float32),
        np.zeros((2, 3), np.float64),
    ],
    ids=lambda values: str(values.dtype),
)
def test_numbers_without_a_natural_black_and_white_are_refused_by_name(values):
    kind = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    with pytest.raises(ValueError, match="signed, 32-bit or floating point pixels: save it with 8 or 16 bits"):
        read_image(tiff(values, bits=8 * values.itemsize, sample_format=kind))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_the_same_in_every_format(kind, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    content = saved(BLOCKS, kind, exif=exif, **({"quality": 100} if kind == "JPEG" else {}))
    turned = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: np.transpose,
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a, 2).T,
        8: np.rot90,
    }[orientation](BLOCKS)
    assert np.abs(read_image(content).astype(int) - turned).max() <= 2


def test_a_large_text_is_no_part_of_the_picture():
    text = PngImagePlugin.PngInfo()
    text.add_text("log", "x" * 3_000_000, zip=True)
    assert read_image(saved(SIX, "PNG", pnginfo=text)).tolist() == SIX.tolist()


def jpeg(**options):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    return saved(noise, "JPEG", quality=90, **options)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_jpeg_that_ends_early_is_refused_also_when_it_is_closed(progressive, share):
    whole = jpeg(progressive=progressive)
    assert read_image(whole).shape == (64, 64)
    cut = whole[: int(share * len(whole))]
    for damaged in (cut, cut + b"\xff\xd9"):
        with pytest.raises((ValueError, OSError)):
            read_image(damaged)


def test_a_jpeg_of_four_colours_is_read():
    buffer = io.BytesIO()
    Image.fromarray(BLOCKS).convert("CMYK").save(buffer, "JPEG", quality=95)
    assert read_image(buffer.getvalue()).shape == BLOCKS.shape


def test_a_jpeg_of_thousands_of_scans_is_refused_at_once():
    with pytest.raises(ValueError, match=r"a JPEG with 30\d\d scans"):
        read_image(jpeg() + 3000 * b"\xff\xda\x00\x08")


def test_a_chain_of_directories_is_refused_at_once():
    count, place = 200_000, 8
    chain = [b"II*\0", struct.pack("<I", place)]
    for _ in range(count):
        place += 6
        chain.append(struct.pack("<HI", 0, place))
    with pytest.raises(ValueError, match="has more than 1000 frames"):
        read_image(b"".join(chain))
    loop = b"II*\0" + struct.pack("<IHI", 8, 0, 8)
    with pytest.raises(ValueError, match="0 x 0 pixels"):
        read_image(loop)


def write(folder, name, content):
    (folder / name).write_bytes(content)
    return str(folder / name)


def test_values_of_a_narrow_range_are_stretched_over_the_data_set_alike(tmp_path):
    low = np.tile(np.arange(0, 2048, 8, dtype=np.uint16), (16, 1))
    roles = {
        "used": [write(tmp_path, "a.png", saved(low, "PNG"))],
        "generated": [write(tmp_path, "b.png", saved(low + np.uint16(2047), "PNG"))],
    }
    result = read_images(roles)
    both = np.stack([low, low + 2047]).astype(float)
    assert np.array_equal(result.images, np.rint(255 * both / both.max()))
    assert result.how == f"2 images by the values of 16-bit pictures, 0 is black and {both.max():g} is white"
    assert result.warning == ""
    full = read_images(roles, range="full")
    assert np.array_equal(full.images, np.rint(both / 257))
    assert "Only 9 of 256 grey levels are left" in full.warning and "256 different values" in full.warning
    given = read_images(roles, range=[0, 4094])
    assert np.array_equal(given.images, np.rint(255 * both / 4094))


def test_values_that_fill_their_range_are_left_as_they_were_written(tmp_path):
    wide = np.random.default_rng(0).integers(3000, 60_000, (16, 16)).astype(np.uint16)
    result = read_images({"real": [write(tmp_path, "a.png", saved(wide, "PNG"))]})
    assert np.array_equal(result.images[0], np.rint(wide / 257))
    assert "whole range 0 to 65535" in result.how


def test_few_levels_that_are_all_there_were_lose_nothing(tmp_path):
    result = read_images({"real": [write(tmp_path, "a.png", saved(SIX, "PNG"))]})
    assert result.warning == "" and result.images[0].tolist() == SIX.tolist()


def test_a_file_larger_than_allowed_is_named(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (1200, 1200), np.uint8)
    file = write(tmp_path, "a.png", saved(noise, "PNG"))
    with pytest.raises(ValueError, match=r"a\.png: has 1 MB; `images\.largest_file` allows 1"):
        read_images({"real": [file]}, largest_file=1)


def test_the_images_of_scikit_image_are_read_as_it_reads_them_or_refused_in_words():
    read, refused = 0, []
    for file in sorted(Path(skimage.data.__file__).parent.iterdir()):
        if file.suffix not in (".png", ".jpg", ".tif", ".tiff", ".gif"):
            continue
        try:
            image = read_image(file.read_bytes())
        except ValueError as error:
            refused.append(str(error))
            continue
        reference = reference_io.imread(file)
        if reference.ndim == 3:
            reference = np.asarray(Image.fromarray(reference).convert("L"))
        scale = {np.dtype(bool): 1 / 255, np.dtype(np.uint8): 1, np.dtype(np.uint16): 257}[reference.dtype]
        assert np.abs(image - reference / scale).max() <= 0.5, file.name
        read += 1
    assert read >= 5
    assert all("frames" in words or "pixels" in words or "not a PNG" in words for words in refused), refused


def test_a_chunk_without_an_end_is_no_image():
    broken = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 2**31, b"tEXt") + zlib.compress(b"x")
    with pytest.raises((ValueError, OSError)):
        read_image(broken)
