import hashlib
import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from genprint.images.dicom import Window, windowed
from genprint.images.folder import Annotation, ImageError
from genprint.images.reading import fitted, read_image, read_images

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (12, 10), np.uint8)
DECODER_ERRORS = (ValueError, OSError, SyntaxError)
CT = {"window_center": -600, "window_width": 1500}


def encoded(picture, format="PNG", **options):
    picture = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def png(width, height, data=b""):
    """A PNG with any header, whatever its data."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def palette_image():
    picture = Image.new("P", GREY.shape[::-1])
    picture.putdata(GREY.ravel().tolist())
    picture.putpalette([255 - index // 3 for index in range(768)])
    return picture


def dicom(stored, *, slope=1, intercept=-1024, photometric="MONOCHROME2", frames=None, cut=0, pixels=True):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, "1.2.3"
    dataset.Rows, dataset.Columns = stored.shape[-2:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, photometric
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelRepresentation = int(stored.dtype.kind == "i")
    dataset.RescaleSlope, dataset.RescaleIntercept = slope, intercept
    if frames:
        dataset.NumberOfFrames = frames
    if pixels:
        dataset.PixelData = stored.tobytes()[: stored.nbytes - cut]
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset)
    return buffer.getvalue()


# Decoding


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_grey_is_kept(format):
    assert np.array_equal(read_image(encoded(GREY, format)), GREY)


def test_jpeg_is_close():
    smooth = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)
    assert np.abs(read_image(encoded(smooth, "JPEG", quality=95)).astype(int) - smooth).max() <= 3


def test_a_palette_is_looked_up():
    assert np.array_equal(read_image(encoded(palette_image())), 255 - GREY)


def test_a_palette_with_transparency_is_looked_up():
    assert np.array_equal(read_image(encoded(palette_image(), transparency=b"\0" * 256)), 255 - GREY)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA"])
def test_colour_becomes_luma(mode):
    colour = Image.fromarray(GREY).convert(mode)
    assert np.array_equal(read_image(encoded(colour)), GREY)


def test_luma_weights():
    pure = Image.new("RGB", (3, 1))
    pure.putdata([(255, 0, 0), (0, 255, 0), (0, 0, 255)])
    assert read_image(encoded(pure)).tolist() == [[76, 150, 29]]


def test_one_bit_is_black_and_white():
    assert set(np.unique(read_image(encoded(Image.fromarray(GREY > 127))))) == {0, 255}


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_full_range(format):
    levels = np.array([[0, 128, 129, 257, 32768, 65535]], np.uint16)
    assert read_image(encoded(levels, format)).tolist() == [[0, 0, 1, 1, 128, 255]]


def test_white_is_zero_tiff_is_inverted():
    levels = np.array([[0, 65535]], np.uint16)
    assert read_image(encoded(levels, "TIFF", tiffinfo={262: 0})).tolist() == [[255, 0]]
    assert np.array_equal(read_image(encoded(GREY, "TIFF", tiffinfo={262: 0})), GREY)  # Pillow inverts as it writes


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_pixels_without_a_unique_grey_value_are_refused(dtype):
    with pytest.raises(ValueError, match="32-bit"):
        read_image(encoded(GREY.astype(dtype), "TIFF"))


def test_real_slices_are_read_as_they_are(ct_folder, ct_slices):
    files = sorted((ct_folder / "images").glob("*.png"))[:24]
    for file, image in zip(files, ct_slices, strict=True):
        assert np.array_equal(read_image(file.read_bytes()), image)


# DICOM


@pytest.mark.parametrize(("dtype", "offset"), [(np.uint16, 1024), (np.int16, 0)])
def test_dicom_is_rescaled_and_windowed(dtype, offset):
    hounsfield = np.array([[-1024, -1000], [-600, 3000]])
    stored = (hounsfield + offset).astype(dtype)
    assert read_image(dicom(stored, intercept=-offset), **CT).tolist() == [[55, 60], [128, 255]]


def test_dicom_slope():
    stored = np.array([[0, 100, 200]], np.uint16)
    assert np.array_equal(
        read_image(dicom(stored, slope=2.5, intercept=-1000), **CT), windowed(stored * 2.5 - 1000, Window(-600, 1500))
    )


def test_monochrome1_is_inverted():
    stored = RANDOM.integers(0, 2000, (6, 5)).astype(np.uint16)
    plain, inverted = (read_image(dicom(stored, photometric=f"MONOCHROME{n}"), **CT) for n in (2, 1))
    assert np.array_equal(inverted, 255 - plain)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (dicom(np.zeros((3, 4, 4), np.uint16), frames=3), "3 frames"),
        (dicom(np.zeros((4, 4), np.uint16), photometric="RGB"), "in colour"),
        (dicom(np.zeros((4, 4), np.uint16), cut=8), "less than expected|bytes"),
        (dicom(np.zeros((4, 4), np.uint16), pixels=False), "without an image"),
    ],
)
def test_dicom_that_is_no_single_grey_image(data, reason):
    with pytest.raises(ValueError, match=reason):
        read_image(data, **CT)


def test_dicom_needs_a_window():
    with pytest.raises(ValueError, match="window_center"):
        read_image(dicom(np.zeros((4, 4), np.uint16)))


def test_window_by_hand():
    assert windowed([-1350, -1349, -600, 150, -5000, 5000], Window(-600, 1500)).tolist() == [0, 0, 128, 255, 0, 255]
    assert windowed([-1000, 40], Window(-600, 1500)).tolist() == [60, 236]


# Files that are no image


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"no image", "not a PNG, JPEG, TIFF or DICOM"),
        (b"\x89PNG\r\n\x1a\n", "not a PNG"),
        (png(0, 0), "without pixels"),
        (png(0, 7), "without pixels"),
        (png(10_000, 10_000), "10000 x 10000 pixels"),
        (encoded(GREY, "GIF"), "not a PNG"),
        (encoded(GREY, "TIFF", save_all=True, append_images=[Image.fromarray(GREY)] * 2), "3 frames"),
        (encoded(GREY, "PNG", save_all=True, append_images=[Image.fromarray(255 - GREY)]), "2 frames"),
    ],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_what_is_no_image_says_why(data, reason):
    with pytest.raises(ValueError, match=reason):
        read_image(data)


def test_a_decompression_bomb_is_refused():
    with pytest.raises(Image.DecompressionBombError):
        read_image(png(100_000, 100_000))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF"])
def test_a_truncated_file_is_refused_wherever_it_ends(format):
    whole = encoded(RANDOM.integers(0, 256, (64, 64), np.uint8), format)
    for kept in np.linspace(0, len(whole) - 5, 20).astype(int):
        with pytest.raises(DECODER_ERRORS):
            read_image(whole[:kept])


def test_a_damaged_png_is_refused():
    damaged = bytearray(encoded(GREY))
    damaged[len(damaged) // 2] ^= 1
    with pytest.raises(DECODER_ERRORS):
        read_image(bytes(damaged))


# Fitting


def test_fitting_keeps_the_aspect_in_the_middle_of_black():
    image = np.full((20, 40), 200, np.uint8)
    square = fitted(image, 16)
    assert square.shape == (16, 16)
    assert (square[4:12] == 200).all() and not square[:4].any() and not square[12:].any()


def test_fitting_averages_areas():
    image = RANDOM.integers(0, 256, (32, 32), np.uint8)
    blocks = image.reshape(8, 4, 8, 4).mean(axis=(1, 3))
    assert np.abs(fitted(image, 8) - blocks).max() <= 0.5
    assert np.array_equal(fitted(image, 32), image)
    assert np.array_equal(fitted(image, 12), cv2.resize(image, (12, 12), interpolation=cv2.INTER_AREA))


@pytest.mark.parametrize("shape", [(1, 1), (1, 1000), (1000, 1), (3, 7)])
def test_odd_shapes_fit(shape):
    assert fitted(np.full(shape, 9, np.uint8), 16).max() == 9


# Folders


@pytest.fixture
def folder(tmp_path):
    """Three roles of two images each; returns the files by role."""
    files = {}
    for role in ("used", "not_used", "generated"):
        for number in (10, 9):
            file = tmp_path / role / f"{role}_{number}.png"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(encoded(RANDOM.integers(0, 256, (12, 10), np.uint8)))
            files.setdefault(role, []).append(str(file))
    return files


def test_images_and_table_belong_together(folder):
    images, table, skipped, *_ = read_images(folder)
    assert images.shape == (6, 12, 10) and images.dtype == np.uint8
    ids = ["not_used_9", "not_used_10", "used_9", "used_10", "generated_9", "generated_10"]
    assert table["image_id"].tolist() == ids
    assert table["label"].tolist() == ["not_used"] * 2 + ["used"] * 2 + ["generated"] * 2
    assert table["group"].tolist()[:4] == ids[:4] and table["group"].isna().sum() == 2
    assert skipped == []
    for image, file, sha256 in zip(images, table["file"], table["sha256"], strict=True):
        data = Path(file).read_bytes()
        assert np.array_equal(image, read_image(data))
        assert sha256 == hashlib.sha256(data).hexdigest()


def test_neither_order_nor_threads_matter(folder):
    images, table, *_ = read_images(folder, size=8)
    backwards = {role: files[::-1] for role, files in reversed(folder.items())}
    again, other, *_ = read_images(backwards, size=8, threads=4)
    assert np.array_equal(images, again) and table.equals(other)


def test_everything_wrong_is_in_one_error(folder, tmp_path):
    used, not_used = map(Path, folder["used"]), map(Path, folder["not_used"])
    next(used).write_bytes(b"")
    next(used).write_bytes(b"no image")
    cut = next(not_used)
    cut.write_bytes(cut.read_bytes()[:80])
    odd = tmp_path / "generated" / "-rf.png"
    odd.write_bytes(encoded(np.zeros((5, 7), np.uint8)))
    twin = tmp_path / "elsewhere" / "used_9.png"
    twin.parent.mkdir()
    twin.write_bytes(encoded(GREY))
    labels = tmp_path / "labels.csv"
    labels.write_text("image_id,label\nnobody,used\n../x,used\n")
    folder["generated"].append(str(odd))
    folder["not_used"].append(str(twin))
    folder["held_out"] = []
    with pytest.raises(ImageError) as error:
        read_images(
            folder,
            patterns={"held_out": ["h/*.png"]},
            labels=Annotation(str(labels), "label"),
            groups=Annotation(str(tmp_path / "none.csv"), "patient"),
        )
    lines = str(error.value).splitlines()
    for expected in (
        "used_10.png: the file is empty",
        "used_9.png: not a PNG",
        "not_used_10.png: ",
        '-rf.png: the id "-rf"',
        "-rf.png: 7 x 5 pixels, while most images have 10 x 12",
        'elsewhere/used_9.png: has the id "used_9"',
        "held_out: no file matches h/*.png",
        'labels.csv, line 2: no real image is "nobody"',
        "labels.csv, line 3: the id ../x has / in it",
        "none.csv: cannot be read: No such file",
    ):
        assert sum(expected in line for line in lines) == 1, expected
    assert lines[-1].startswith("Correct or remove what is listed") and "on_bad_image: skip" in lines[-1]


def test_unreadable_files_are_skipped_and_named(folder):
    Path(folder["used"][0]).write_bytes(b"no image")
    images, table, skipped, *_ = read_images(folder, on_bad_image="skip")
    assert len(images) == 5 and "used_10" not in set(table["image_id"])
    assert len(table) == 5
    assert [fault.where for fault in skipped] == [folder["used"][0]]
    assert "not a PNG" in skipped[0].reason


def test_a_role_with_no_readable_file_is_an_error_even_then(folder):
    for file in folder["used"]:
        Path(file).write_bytes(b"no image")
    with pytest.raises(ImageError, match="used: none of its files can be read"):
        read_images(folder, on_bad_image="skip")


@pytest.mark.parametrize("on_bad_image", ["error", "skip"])
def test_mixed_sizes_need_a_size(folder, on_bad_image):
    Path(folder["used"][0]).write_bytes(encoded(np.zeros((12, 11), np.uint8)))
    with pytest.raises(
        ImageError, match=r"11 x 12 pixels, while most images have 10 x 12: write `images\.size`"
    ) as error:
        read_images(folder, on_bad_image=on_bad_image)
    assert len(error.value.faults) == 1
    assert read_images(folder, size=16).images.shape == (6, 16, 16)


def test_structural_faults_are_errors_also_with_skip(folder):
    folder["unknown"] = []
    with pytest.raises(ImageError, match="unknown: no file matches its patterns"):
        read_images(folder, on_bad_image="skip")


def test_all_kinds_of_files_go_together(tmp_path):
    contents = {
        "a.png": encoded(GREY),
        "b.tiff": encoded(GREY, "TIFF"),
        "c.jpg": encoded(GREY, "JPEG"),
        "d.dcm": dicom(np.zeros((12, 10), np.uint16)),
        "e.png": encoded(palette_image()),
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    result = read_images({"real": [str(tmp_path / name) for name in contents]}, **CT)
    assert result.table["image_id"].tolist() == list("abcde")
    assert result.images.shape == (5, 12, 10)
    assert np.array_equal(result.images[4], 255 - GREY)


def test_wrong_choice_says_what_to_write(folder):
    with pytest.raises(ValueError, match='write "error" or "skip"'):
        read_images(folder, on_bad_image="ignore")


def test_real_slices_are_grouped_by_patient(ct_folder):
    files = sorted(map(str, (ct_folder / "images").glob("*.png")))[:24]
    manifest = Annotation(str(ct_folder / "manifest.csv"), "patient_id", "file", "file")
    with pytest.raises(ImageError, match="no real image is"):
        read_images({"real": files}, groups=manifest)
    everything = sorted(map(str, (ct_folder / "images").glob("*.png")))
    images, table, *_ = read_images({"real": everything}, groups=manifest, size=64, threads=2)
    assert images.shape == (200, 64, 64)
    assert len(set(table["group"])) == 45


def test_what_a_decoder_says_is_for_the_log_and_not_for_the_user(tmp_path):
    content = encoded(GREY, "TIFF")
    (tmp_path / "cut.tif").write_bytes(content[:4] + b"\x98\x03")
    with pytest.raises(ImageError) as caught:
        read_images({"used": [str(tmp_path / "cut.tif")]})
    assert "cut.tif: is damaged or cut short: copy it again from where it came" in str(caught.value)
    assert isinstance(caught.value.__cause__, ExceptionGroup)
    assert any(isinstance(cause, struct.error) for cause in caught.value.__cause__.exceptions)
