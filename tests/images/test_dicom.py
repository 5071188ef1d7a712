"""Values of DICOM files: right by the standard, or refused in words."""

import io
import zlib
from pathlib import Path

import numpy as np
import pydicom
import pydicom.data
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian
from skimage.transform import resize

from genprint.images import dicom as module
from genprint.images.dicom import Window, windowed
from genprint.images.folder import ImageError
from genprint.images.reading import read_image, read_images

from .dicoms import dicom, item

CT = {"window_center": -600, "window_width": 1500}
HOUNSFIELD = np.array([[-1024, -1000, -600, -300], [0, 100, 200, 400]])
OF_CT = [[55, 60, 128, 178], [230, 246, 255, 255]]  # rint(255 clip((h + 600) / 1500 + 0.5, 0, 1))
STORED = (HOUNSFIELD + 1024).astype(np.uint16)
RAMP = np.array([[200, 700], [1200, 1700]], np.uint16)
OF_RAMP = [[0, 85], [170, 255]]  # 950, 1500 wide


def transformation(**attributes):
    return item(PixelValueTransformationSequence=item(**attributes))


@pytest.mark.parametrize(
    "rescale",
    [
        {"RescaleSlope": 1, "RescaleIntercept": -1024},
        {"RescaleIntercept": -1024},
        {"SharedFunctionalGroupsSequence": transformation(RescaleSlope=1, RescaleIntercept=-1024, RescaleType="HU")},
        {
            "PerFrameFunctionalGroupsSequence": transformation(RescaleSlope=1, RescaleIntercept=-1024),
            "NumberOfFrames": 1,
        },
    ],
    ids=["of the image", "intercept alone", "shared groups", "per frame"],
)
def test_hounsfield_units_are_found_wherever_the_standard_puts_their_scale(rescale):
    assert read_image(dicom(STORED, **rescale), **CT).tolist() == OF_CT


def test_slope_alone():
    half = dicom((HOUNSFIELD // 2).astype(np.int16), RescaleSlope=2)
    assert read_image(half, **CT).tolist() == OF_CT


@pytest.mark.parametrize("modality", ["MR", "PT", "CR", "DX", "US", "OT"])
def test_another_modality_has_the_window_of_the_file_and_not_that_of_ct(modality):
    own = dicom(RAMP, modality=modality, WindowCenter=950, WindowWidth=1500)
    assert read_image(own, **CT).tolist() == OF_RAMP
    scaled = dicom(RAMP, modality=modality, RescaleSlope=2, RescaleIntercept=10, WindowCenter=1910, WindowWidth=3000)
    assert read_image(scaled, **CT).tolist() == OF_RAMP


def test_ct_without_a_scale_or_of_another_unit_is_not_in_hounsfield_units():
    window = {"WindowCenter": 950, "WindowWidth": 1500}
    assert read_image(dicom(RAMP, **window), **CT).tolist() == OF_RAMP
    unspecified = dicom(RAMP, RescaleSlope=1, RescaleIntercept=0, RescaleType="US", **window)
    assert read_image(unspecified, **CT).tolist() == OF_RAMP


def test_a_capture_of_a_ct_screen_has_grey_levels():
    grey = np.array([[0, 85], [170, 255]], np.uint8)
    assert read_image(dicom(grey, RescaleSlope=1, RescaleIntercept=0), **CT).tolist() == grey.tolist()
    assert read_image(dicom(grey, modality="US"), **CT).tolist() == grey.tolist()


def test_of_several_windows_the_first():
    several = dicom(RAMP, modality="MR", WindowCenter=[950, 40], WindowWidth=[1500, 80])
    assert read_image(several).tolist() == OF_RAMP


def test_window_functions_by_hand():
    values = [99, 100, 149.5, 199, 200]
    assert windowed(values, Window(150, 100, "LINEAR")).tolist() == [0, 0, 128, 255, 255]
    assert windowed([100, 150, 200], Window(150, 100, "LINEAR_EXACT")).tolist() == [0, 128, 255]
    logistic = 255 / (1 + np.exp(-4 * (np.array([100, 150, 175]) - 150) / 100))
    assert windowed([100, 150, 175], Window(150, 100, "SIGMOID")).tolist() == np.rint(logistic).tolist()
    assert windowed([149, 150], Window(150, 1, "LINEAR")).tolist() == [0, 255]


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_window_functions_are_those_of_pydicom(function):
    values = np.arange(0, 4096, 7, dtype=np.uint16)[None]
    content = dicom(values, bits=12, modality="MR", WindowCenter=1500, WindowWidth=900, VOILUTFunction=function)
    dataset = pydicom.dcmread(io.BytesIO(content))
    reference = pydicom.pixels.apply_windowing(values, dataset) / 4095 * 255
    assert np.abs(read_image(content).astype(float) - reference).max() <= 0.5 + 1e-6


def test_a_voi_lut():
    lookup = item(LUTDescriptor=[3, 100, 8], LUTData=np.array([10, 200, 90], np.uint16).tobytes())
    content = dicom(np.array([[99, 100, 101, 102, 500]], np.uint16), modality="MR", VOILUTSequence=lookup)
    assert read_image(content).tolist() == [[10, 10, 200, 90, 90]]


def test_a_modality_lut():
    lookup = item(
        LUTDescriptor=[4, 0, 16], LUTData=np.array([200, 700, 1200, 1700], np.uint16).tobytes(), ModalityLUTType="US"
    )
    content = dicom(
        np.array([[0, 1], [2, 3]], np.uint16), ModalityLUTSequence=lookup, WindowCenter=950, WindowWidth=1500
    )
    assert read_image(content, **CT).tolist() == OF_RAMP


def test_bits_above_those_stored_are_not_the_images():
    overlay = STORED | np.uint16(0x8000)
    assert read_image(dicom(overlay, bits=12, RescaleIntercept=-1024), **CT).tolist() == OF_CT


def test_left_aligned_bits():
    assert read_image(dicom(STORED << 4, bits=12, high=15, RescaleIntercept=-1024), **CT).tolist() == OF_CT


def test_signed_numbers_of_12_bits():
    stored = HOUNSFIELD.astype(np.int16) & 0x0FFF  # two's complement in 12 bits, the others clear
    content = dicom(stored.astype(np.int16), bits=12, RescaleSlope=1, RescaleIntercept=0)
    assert read_image(content, **CT).tolist() == OF_CT


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("padding", [0, 4000])
def test_padding_is_black(photometric, padding):
    stored = STORED.copy()
    stored[0, 0] = padding
    content = dicom(stored, photometric=photometric, RescaleIntercept=-1024, PixelPaddingValue=padding)
    image = read_image(content, **CT)
    expected = np.array(OF_CT) if photometric == "MONOCHROME2" else 255 - np.array(OF_CT)
    expected[0, 0] = 0
    assert image.tolist() == expected.tolist()


def test_padding_does_not_stretch_the_range_of_a_data_set(tmp_path):
    (tmp_path / "a.dcm").write_bytes(
        dicom(np.array([[0, 1000], [1500, 2000]], np.uint16), modality="MR", PixelPaddingValue=0)
    )
    images = read_images({"real": [str(tmp_path / "a.dcm")]}).images
    assert images[0].tolist() == [[0, 0], [128, 255]]


def test_pixels_that_are_not_square_become_so():
    image = read_image(
        dicom(STORED.repeat(8, 0).repeat(8, 1), RescaleIntercept=-1024, PixelAspectRatio=["2", "1"]), **CT
    )
    assert image.shape == (32, 32)
    plain = read_image(dicom(STORED.repeat(8, 0).repeat(8, 1), RescaleIntercept=-1024), **CT)
    assert np.abs(image - 255 * resize(plain / 255, (32, 32), order=1)).max() < 3
    assert read_image(dicom(STORED, RescaleIntercept=-1024, PixelAspectRatio=["1", "3"]), **CT).shape == (2, 12)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (dicom(STORED, Rows=None), "without Rows (0028,0010)"),
        (dicom(STORED, BitsAllocated=None, PhotometricInterpretation=None), "BitsAllocated (0028,0100), Photometric"),
        (dicom(STORED, RescaleSlope="", RescaleIntercept=-1024), "an empty RescaleSlope"),
        (dicom(STORED[None].repeat(2, 0)), "has 2 frames"),
        (dicom(STORED[None].repeat(2, 0), NumberOfFrames=2), "has 2 frames"),
        (dicom(STORED, PixelData=STORED.tobytes()[:-4]), "cut short"),
    ],
    ids=["no rows", "nothing of the pixels", "empty slope", "unsaid frames", "frames", "short"],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_fault_is_in_the_words_of_the_user(content, words):
    with pytest.raises(ValueError, match=r".") as error:
        read_image(content, **CT)
    assert words in str(error.value)
    for python in ("NoneType", "attribute", "literal", "unpack", "Traceback"):
        assert python not in str(error.value)


def meta_of(content):
    """The header of a file, written once more."""
    buffer = pydicom.filebase.DicomBytesIO()
    pydicom.filewriter.write_file_meta_info(
        buffer, pydicom.dcmread(io.BytesIO(content)).file_meta, enforce_standard=False
    )
    return buffer.getvalue()


def test_a_bomb_is_not_inflated():
    content = dicom(np.zeros((16, 16), np.uint16))
    dataset = pydicom.dcmread(io.BytesIO(content))
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset)
    whole = buffer.getvalue()
    assert read_image(whole, **CT).shape == (16, 16)
    place = 132 + len(meta_of(whole))
    body = zlib.decompress(whole[place:], -zlib.MAX_WBITS)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = whole[:place] + deflate.compress(body + bytes(50_000_000)) + deflate.flush()
    assert len(bomb) < 60_000
    with pytest.raises(ValueError, match="deflated and has more than 4 MB"):
        module.decode(bomb, None, most_pixels=10**6, most_bytes=4 * 2**20)


def write(folder, files):
    paths = []
    for name, content in files.items():
        (folder / name).write_bytes(content)
        paths.append(str(folder / name))
    return paths


def test_images_without_a_window_share_the_range_of_the_data_set(tmp_path):
    roles = {
        "used": write(tmp_path, {"a.dcm": dicom(np.array([[0, 500], [250, 500]], np.uint16), modality="MR")}),
        "generated": write(tmp_path, {"b.dcm": dicom(np.array([[500, 1000], [1000, 750]], np.uint16), modality="MR")}),
    }
    result = read_images(roles)
    assert result.images.tolist() == [[[0, 128], [64, 128]], [[128, 255], [255, 191]]]
    assert "0 is black and 1000 is white" in result.how and "MR" in result.how
    given = read_images(roles, range=[250, 750])
    assert given.images.tolist() == [[[0, 128], [0, 128]], [[128, 255], [255, 255]]]


def test_modalities_are_not_mixed(tmp_path):
    files = {"a.dcm": dicom(STORED, RescaleIntercept=-1024), "b.dcm": dicom(STORED, RescaleIntercept=-1024)}
    paths = write(tmp_path, files | {"c.dcm": dicom(STORED, modality="MR")})
    with pytest.raises(ImageError, match=r"c\.dcm: is MR, while most DICOM files are CT"):
        read_images({"real": paths}, **CT)


# Every file with pixels that comes with pydicom: its reference is pydicom's own way from stored to displayed numbers.
REFUSED = {
    "in colour": ("RGB", "YBR", "PALETTE"),
    "frames": ("rtdose.dcm", "rtdose_expb.dcm", "rtdose_rle.dcm"),
    "could not be decoded": ("JPEG-lossy.dcm", "JPGExtended.dcm", "JPEG2000-embedded-sequence-delimiter.dcm"),
    "cut short": ("MR_truncated.dcm",),
    "no number": ("badVR.dcm",),
    "without Rows": ("nested_priv_SQ.dcm", "meta_missing_tsyntax.dcm"),
}


def pydicom_files():
    root = Path(pydicom.data.__file__).parent / "test_files"
    for file in sorted(root.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            if module.is_dicom(content):
                yield file


@pytest.mark.filterwarnings("ignore")
def test_the_files_of_pydicom_are_read_right_or_refused_in_words():
    read, refused = 0, 0
    for file in pydicom_files():
        try:
            dataset = pydicom.dcmread(file)
        except Exception:
            continue
        if "PixelData" not in dataset:
            continue
        try:
            image = read_image(file.read_bytes(), **CT)
        except ValueError as error:
            refused += 1
            words = str(error)
            kind = str(dataset.get("PhotometricInterpretation", ""))
            expected = [why for why, names in REFUSED.items() if file.name in names or kind.startswith(names)]
            assert any(why in words for why in expected), (file.name, words)
            continue
        read += 1
        reference = reference_of(dataset)
        assert np.abs(image.astype(float) - reference).max() <= 1, file.name
    assert read >= 50 and refused >= 30


def reference_of(dataset):
    """Grey levels by pydicom's functions, unrounded."""
    values = pydicom.pixels.apply_modality_lut(dataset.pixel_array, dataset).astype(float)
    hounsfield = dataset.get("Modality") == "CT" and "RescaleIntercept" in dataset
    if hounsfield:
        grey = 255 * ((values + 600) / 1500 + 0.5).clip(0, 1)
    elif dataset.get("WindowCenter") is not None and dataset.get("WindowWidth") is not None:
        shown = pydicom.pixels.apply_windowing(values, dataset)
        bits = dataset.BitsStored
        signed = dataset.PixelRepresentation
        low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
        if "RescaleSlope" in dataset:
            slope, intercept = float(dataset.RescaleSlope), float(dataset.RescaleIntercept)
            low, high = low * slope + intercept, high * slope + intercept
        grey = 255 * (shown - low) / (high - low)
    elif dataset.BitsStored <= 8:
        grey = 255 * values / (2**dataset.BitsStored - 1)
    else:
        grey = 255 * (values - values.min()) / max(values.max() - values.min(), 1)
    if "PixelPaddingValue" in dataset:
        return np.where(dataset.pixel_array == int(dataset.PixelPaddingValue), 0, grey)
    return 255 - grey if dataset.PhotometricInterpretation == "MONOCHROME1" else grey


def test_a_full_memory_while_decoding_is_no_fault_of_the_file(tmp_path, monkeypatch):
    def pixel_array(dataset):
        raise MemoryError

    (tmp_path / "a.dcm").write_bytes(dicom(np.zeros((8, 8), np.int16)))
    monkeypatch.setattr(pydicom.Dataset, "pixel_array", property(pixel_array))
    with pytest.raises(MemoryError):
        read_images({"used": [str(tmp_path / "a.dcm")]}, window_center=-600, window_width=1500)
