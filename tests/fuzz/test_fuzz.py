"""Hostile input, made at random: `make fuzz` tries it by the thousand, the other tests a little of it every time.

Whatever the bytes are, they are read or refused in the words of this project: without a traceback, within a time and
with a memory that has a bound. `GENPRINT_FUZZ` is the number of examples of each test.
"""

import faulthandler
import io
import os
import re
import resource
from pathlib import Path

import numpy as np
import pydicom
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.data import get_testdata_file

from genprint.images.folder import Annotation, ImageError, ImageFile, annotate, faults_of_csv
from genprint.images.reading import read_images
from genprint.plan import configuration
from genprint.plan.configuration_files import refuse
from genprint.tables.submissions import check_run_file, decoded, run_format

pytestmark = [pytest.mark.fuzz, pytest.mark.filterwarnings("ignore")]

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = int(os.environ.get("GENPRINT_FUZZ", "60"))
MEMORY = 2 << 30  # bytes beyond what the libraries take
SECONDS = 60  # for one example, on any machine
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    derandomize=EXAMPLES < 1000,  # a failure that comes and goes helps nobody; `make fuzz` looks for new ones
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
# What Python and its libraries say, and no user understands.
FOREIGN = re.compile(
    r"Traceback|NoneType|object has no|<class|codec can|invalid literal|unpack|subscript|Error\b|Exception\b|errno"
)


@pytest.fixture(autouse=True)
def bounds():
    """No more memory than is allowed; `settled` bounds the time."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)
    faulthandler.cancel_dump_traceback_later()


def settled(function, *arguments, **options):
    """Return what a function returns, or None where it refuses in words."""
    faulthandler.dump_traceback_later(SECONDS, exit=True)
    try:
        return function(*arguments, **options)
    except ValueError as error:
        told = str(error)
        assert type(error) in (ValueError, ImageError, configuration.ConfigurationError), (
            f"{type(error).__name__}: {told}"
        )
        assert told and not FOREIGN.search(told), told
        return None
    finally:
        faulthandler.cancel_dump_traceback_later()


def _pictures() -> list[bytes]:
    random = np.random.default_rng(0)
    grey = random.integers(0, 256, (24, 20)).astype(np.uint8)
    deep = random.integers(0, 4096, (24, 20)).astype(np.uint16)
    kinds = [
        (grey, "PNG", {}),
        (deep, "PNG", {}),
        (np.stack([grey] * 3, -1), "PNG", {}),
        (grey, "JPEG", {}),
        (grey, "JPEG", {"progressive": True}),
        (grey, "TIFF", {}),
        (grey, "TIFF", {"compression": "tiff_lzw"}),
        (grey.astype(np.float32), "TIFF", {"compression": "tiff_deflate"}),
        (deep, "TIFF", {}),
        (grey, "BMP", {}),
        (grey, "WEBP", {}),
        (grey, "GIF", {}),
    ]
    files = []
    for pixels, kind, options in kinds:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, kind, **options)
        files.append(buffer.getvalue())
    for name in ("CT_small.dcm", "MR_small.dcm", "JPEG2000.dcm", "rtplan.dcm"):
        files.append(Path(get_testdata_file(name)).read_bytes())
    dataset = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    dataset.WindowCenter, dataset.WindowWidth, dataset.RescaleType = [40, 50], [400, 500], "HU"
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    return [*files, buffer.getvalue()]


NUMBERS = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF]


@st.composite
def damaged(draw, originals):
    """A file with up to eight changes: bytes set, cut, put twice, exchanged, or a number written over them."""
    content = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 8))):
        if not content:
            break
        # Most of what matters is in the first bytes.
        last = draw(st.sampled_from([min(64, len(content)), min(1024, len(content)), len(content)]))
        place = draw(st.integers(0, last - 1))
        length = draw(st.integers(1, 64))
        match draw(st.sampled_from(["set", "flip", "cut", "end", "twice", "number", "random"])):
            case "set":
                content[place] = draw(st.integers(0, 255))
            case "flip":
                content[place] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del content[place : place + length]
            case "end":
                del content[place:]
            case "twice":
                content[place:place] = content[place : place + length] * draw(st.integers(1, 50))
            case "number":
                width = draw(st.sampled_from([1, 2, 4]))
                number = draw(st.sampled_from(NUMBERS)) & ((1 << 8 * width) - 1)
                content[place : place + width] = number.to_bytes(width, draw(st.sampled_from(["little", "big"])))
            case "random":
                content[place : place + length] = draw(st.binary(max_size=64))
    return bytes(content)


@FUZZ
@given(damaged(_pictures()), st.sampled_from([None, 16]), st.sampled_from(["png", "dcm", "tif", "jpg", ""]))
def test_any_picture_is_read_or_refused_in_words(tmp_path_factory, content, size, suffix):
    folder = tmp_path_factory.getbasetemp()
    file = folder / f"picture.{suffix}"
    file.write_bytes(content)
    found = settled(read_images, {"used": [str(file)]}, size=size, window_center=-600, window_width=1500)
    if found is not None:
        assert found.images.dtype == np.uint8 and found.images.ndim == 3
        assert size is None or found.images.shape == (1, size, size)
    file.unlink()


TABLES = [
    b"image_id,patient\nused-1,a\nused-2,b\n",
    '\ufeffimage_id;patient\r\nused-1;ä\r\nused-2;"b;c"\r\n'.encode(),
    "image_id\tpatient\nused-1\tNA\nused-2\tnan\n".encode("utf-16"),
]


@FUZZ
@given(damaged(TABLES))
def test_any_csv_file_is_read_or_its_faults_are_told(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / "patients.csv"
    file.write_bytes(content)
    annotation = Annotation(str(file), "patient")
    images = [ImageFile(f"used-{number}", "used", f"used-{number}.png") for number in (1, 2)]
    found = settled(annotate, images, groups=annotation)
    assert found is not None
    columns, faults = found
    assert len(columns["group"]) == 2 and set(faults_of_csv(annotation)) <= set(faults)
    assert faults or columns["group"] != ["used-1", "used-2"]
    for fault in faults:
        assert not FOREIGN.search(fault.reason), fault.reason


SCHEMA = yaml.safe_load((ROOT / "config/schemas/config.schema.yaml").read_text())
HOSTILE = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([10**400, -1, 0, 1e309, -1e309, float("nan"), 1e-320, 64.0]),
        st.floats(),
        st.text(max_size=12),
        st.sampled_from(["", "all", "original", "nan", "../x", "a\nb", "<b>", "{x}", "leak", "true", "a" * 5000]),
        st.dates(),
        st.binary(max_size=4),
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.one_of(st.text(max_size=8), st.integers()), inner, max_size=3)
    ),
    max_leaves=6,
)


def _places(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _places(inner, (*path, index))


@FUZZ
@given(st.sampled_from(["config", "audit", "imageclef2025", "limits", "sweep"]), st.data())
def test_any_configuration_is_completed_or_refused_in_words(name, data):
    config = yaml.safe_load((ROOT / f"config/{name}.yaml").read_text())
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([place for place in _places(config) if place]))
        inner = config
        for key in path[:-1]:
            inner = inner[key]
        match data.draw(st.sampled_from(["value", "key", "gone"])):
            case "value":
                inner[path[-1]] = data.draw(HOSTILE)
            case "key" if isinstance(inner, dict):
                inner[data.draw(st.one_of(st.text(max_size=8), st.integers(), st.none()))] = inner[path[-1]]
            case _:
                del inner[path[-1]]
    settled(configuration.complete, config, SCHEMA)


@FUZZ
@given(damaged([(ROOT / "config/config.yaml").read_bytes(), b"a: &x [1]\nb: [*x, *x]\nc: {d: *x}\n"]))
def test_any_configuration_file_is_looked_through(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / "config.yaml"
    file.write_bytes(content)
    settled(refuse, [file])


@FUZZ
@given(
    damaged([b"a,1\nb,0\nc,1\n", b"0,a\n1,b\n1,c\n", "\ufeffimage,label\r\na,1\r\nb,0\r\nc,1\r\n".encode()]),
    st.sampled_from(["imageclef2023", "imageclef2025", "generic"]),
)
def test_any_run_file_is_taken_or_refused_in_words(content, preset):
    text = settled(decoded, content)
    if text is not None:
        settled(check_run_file, text, ["a", "b", "c"], run_format(preset))
