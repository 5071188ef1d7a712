"""What holds for every similarity."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genprint.plan.sources import declared, registered
from genprint.similarity import _blocks, _products, pairwise

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
NAMES = sorted(registered("genprint.similarity"))
FACTS = {name: declared(module) for name, module in registered("genprint.similarity").items()}
# Floating point numbers have no data range of their own.
RANGE = {name: {"data_range": 255} if "data_range" in facts["PARAMETERS"] else {} for name, facts in FACTS.items()}
# Every method by its defaults, and some by other options too.
IMAGE_CASES = [(name, RANGE[name]) for name in NAMES if "image" in FACTS[name]["ACCEPTS"]] + [
    ("jaccard", {"threshold": 127}),
    ("ssim", {"window": "gaussian"} | RANGE["ssim"]),
    ("ssim3", {"pooling": "pixel-weights", "edge": "reference", "gradient": "l1"} | RANGE["ssim3"]),
]
VECTOR_CASES = [(name, RANGE[name]) for name in NAMES if "vector" in FACTS[name]["ACCEPTS"]] + [
    ("jaccard", {"threshold": 0.3}),
    ("ssim", {"data_range": 2.0}),
]
MOST = {"registered": 6}  # images a side: a pair takes milliseconds
SYMMETRIC = [case for case in IMAGE_CASES if case[0] != "ssim3"]  # which weighs by the regions of its first image


def draw(random, count, height, width):
    """Images with flat parts, edges and noise, some of them alike."""
    rows, columns = np.mgrid[:height, :width]
    waves = np.sin(rows[None] / random.uniform(2, 9, (count, 1, 1)) + columns / random.uniform(2, 9, (count, 1, 1)))
    noise = random.normal(0, random.choice([0, 5, 40], (count, 1, 1)), (count, height, width))
    return np.clip(random.integers(0, 256, (count, 1, 1)) + 60 * waves + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", NAMES)
def test_facts_are_of_the_kind_that_the_plan_expects(name):
    facts = declared(registered("genprint.similarity")[name])
    assert {schema["type"] for schema in facts["PARAMETERS"].values()} <= {"string", "number"}
    assert set(facts["ACCEPTS"]) <= {"image", "vector"} and isinstance(facts["IDENTICAL"], float)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize(("name", "options"), IMAGE_CASES)
def test_images_compare_the_same_in_any_company(name, options, data):
    height, width = data.draw(st.integers(11, 80)), data.draw(st.integers(11, 80))
    sizes = [data.draw(st.integers(1, MOST.get(name, 40))) for _ in range(2)]
    dtype = data.draw(st.sampled_from([np.uint8, np.uint8, np.float32, np.float64]))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    a, b = (draw(random, size, height, width).astype(dtype) for size in sizes)
    whole = pairwise(name, a, b, **options)
    assert whole.shape == tuple(sizes) and whole.dtype == np.float32
    rows, columns = (random.permutation(size)[: data.draw(st.integers(1, size))] for size in sizes)
    part = pairwise(name, a[rows], b[columns], threads=data.draw(st.integers(1, 4)), **options)
    np.testing.assert_array_equal(part, whole[np.ix_(rows, columns)], strict=True)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize(("name", "options"), VECTOR_CASES)
def test_vectors_compare_the_same_in_any_company(name, options, data):
    dimensions = data.draw(st.integers(1, 1200))
    sizes = [data.draw(st.integers(1, 70)) for _ in range(2)]
    dtype = data.draw(st.sampled_from([np.uint8, np.float32, np.float64]))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    a, b = (random.normal(0.5, 1, (size, dimensions)) for size in sizes)
    b[:3] = a[: len(b[:3])][: len(b[:3])] if len(a) >= len(b[:3]) else b[:3]
    a, b = ((100 * x).clip(0, 255).astype(dtype) if dtype == np.uint8 else x.astype(dtype) for x in (a, b))
    whole = pairwise(name, a, b, **options)
    rows, columns = (random.permutation(size)[: data.draw(st.integers(1, size))] for size in sizes)
    part = pairwise(name, a[rows], b[columns], threads=data.draw(st.integers(1, 4)), **options)
    np.testing.assert_array_equal(part, whole[np.ix_(rows, columns)], strict=True)


@pytest.mark.parametrize(("name", "options"), IMAGE_CASES)
def test_blocks_inside_do_not_show(name, options, monkeypatch):
    images = draw(np.random.default_rng(5), MOST.get(name, 70), 30, 41)
    whole = pairwise(name, images, images, **options)
    monkeypatch.setattr(_blocks, "HELD_BYTES", 1)
    monkeypatch.setattr(_products, "TILE", 9)
    np.testing.assert_array_equal(pairwise(name, images, images, threads=3, **options), whole)


@pytest.mark.parametrize("name", ["euclidean", "cosine", "ssim"])
def test_many_vectors_compare_as_few(name):
    vectors = np.random.default_rng(6).normal(size=(700, 33)).astype(np.float32)
    whole = pairwise(name, vectors, vectors, **RANGE[name])
    part = pairwise(name, vectors[300:301], vectors[650:], **RANGE[name])
    np.testing.assert_array_equal(part, whole[300:301, 650:])


@pytest.mark.parametrize(("name", "options"), SYMMETRIC)
def test_symmetric_bit_for_bit(name, options):
    random = np.random.default_rng(1)
    for dtype in (np.uint8, np.float64):
        a, b = (draw(random, MOST.get(name, 20), 50, 47).astype(dtype) for _ in range(2))
        np.testing.assert_array_equal(pairwise(name, a, b, **options), pairwise(name, b, a, **options).T)


@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64])
@pytest.mark.parametrize(("name", "options"), IMAGE_CASES)
def test_an_image_is_identical_to_itself(name, options, dtype):
    images = draw(np.random.default_rng(2), 20, 64, 64)
    images[0], images[1] = 255, np.arange(64)
    identical = FACTS[name]["IDENTICAL"]
    similarities = pairwise(name, images.astype(dtype), images.astype(dtype), **options)
    assert (np.diag(similarities) == identical).all()
    assert (similarities <= identical).all() and (identical == 0 or (similarities >= -1).all())


@pytest.mark.parametrize(("name", "options"), IMAGE_CASES)
def test_one_by_one(name, options):
    a, b = draw(np.random.default_rng(3), 2, 40, 40)
    assert pairwise(name, a[None], b[None], **options).shape == (1, 1)


@pytest.mark.parametrize(("name", "options"), IMAGE_CASES)
def test_how_the_array_lies_in_memory_does_not_matter(name, options, tmp_path):
    images = draw(np.random.default_rng(4), MOST.get(name, 18), 48, 50)
    expected = pairwise(name, images, images, **options)
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    turned = np.ascontiguousarray(images.transpose(2, 1, 0)).transpose(2, 1, 0)
    for same in (mapped, turned, np.repeat(images, 2, axis=0)[::2]):
        np.testing.assert_array_equal(pairwise(name, same, same, **options), expected)


@pytest.mark.parametrize("name", ["euclidean", "cosine", "jaccard"])
def test_a_stack_is_not_a_volume(name):
    images = draw(np.random.default_rng(7), 6, 20, 20)
    np.testing.assert_array_equal(
        pairwise(name, images, images), pairwise(name, images.reshape(6, -1), images.reshape(6, -1))
    )


def test_bits_compare_as_bytes():
    bits = np.random.default_rng(8).random((9, 77)) < 0.3
    for name in ("euclidean", "cosine", "jaccard"):
        np.testing.assert_array_equal(pairwise(name, bits, bits), pairwise(name, bits.view(np.uint8), bits))


GOOD = np.zeros((2, 12, 12), np.uint8)
FLAT = np.zeros((2, 12), np.float32)


@pytest.mark.parametrize(
    ("name", "a", "b", "options", "message"),
    [
        ("sim", GOOD, GOOD, {}, f"there is no similarity 'sim'; write one of {', '.join(NAMES)}"),
        ("ssim", GOOD, GOOD, {"windows": 7}, "ssim has no option 'windows'; write one of window, data_range"),
        ("cosine", GOOD, GOOD, {"window": 7}, "cosine has no option 'window'; leave it out"),
        ("ssim", GOOD, GOOD, {"window": "box"}, "window is 'box'; write one of uniform, gaussian"),
        ("ssim", GOOD, GOOD, {"data_range": 0}, "data_range is 0; write a number above 0"),
        ("ssim", GOOD, GOOD, {"data_range": np.nan}, "data_range is nan; write a number above 0"),
        ("ssim", GOOD, GOOD, {"data_range": "255"}, "data_range is '255'; write a number above 0"),
        ("jaccard", GOOD, GOOD, {"threshold": np.inf}, "threshold is inf; write a number"),
        ("jaccard", FLAT, FLAT, {"threshold": np.zeros(11)}, r"threshold has shape \(11,\).* one or \(12,\)"),
        ("cosine", GOOD[0, 0], GOOD, {}, r"a has shape \(12,\); give \(N, H, W\) images or \(N, D\) vectors"),
        ("cosine", GOOD[None], GOOD, {}, r"a has shape \(1, 2, 12, 12\); give"),
        ("cosine", GOOD[:0], GOOD, {}, r"a has shape \(0, 12, 12\) and is empty"),
        ("cosine", FLAT, FLAT[:, :0], {}, r"b has shape \(2, 0\) and is empty"),
        ("cosine", GOOD, GOOD[:, :11], {}, r"a has shape \(2, 12, 12\) but b \(2, 11, 12\); bring both to one size"),
        ("cosine", GOOD, FLAT, {}, r"a has shape \(2, 12, 12\) but b \(2, 12\)"),
        ("cosine", GOOD.astype(int), GOOD, {}, "a is int64; convert it to uint8 or a floating point type"),
        ("cosine", GOOD.astype(complex), GOOD, {}, "a is complex128"),
        ("ssim3", FLAT, FLAT, {}, "ssim3 does not compare vectors; give images"),
        ("ssim", GOOD[:, :6], GOOD[:, :6], {}, "images of 6 x 12 are smaller than the window of 7 x 7"),
        ("ssim", GOOD[:, :, :10], GOOD[:, :, :10], {"window": "gaussian"}, "12 x 10 .* window of 11 x 11"),
        ("ssim3", GOOD[:, :10, :10], GOOD[:, :10, :10], {}, "10 x 10 are smaller than the window of 11 x 11"),
        ("cosine", GOOD, GOOD, {"threads": 0}, "threads is 0; write 1 or more"),
        ("cosine", GOOD, GOOD, {"device": "gpu"}, "device is 'gpu'; write cpu, cuda or auto"),
    ],
)
def test_refuses(name, a, b, options, message):
    with pytest.raises(ValueError, match=message):
        pairwise(name, a, b, **options)


def test_lists_all_that_is_wrong():
    with pytest.raises(ValueError, match=r"option 'x'.*; window is 'y'.*; a has.*; b is int64.*; threads is 0"):
        pairwise("ssim", GOOD[:0], GOOD.astype(int), x=1, window="y", threads=0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_refuses_what_is_not_finite(name, dtype, value):
    a, b = np.ones((5, 16, 16), dtype), np.ones((4, 16, 16), dtype)
    a[1, 0, 0] = a[3, 15, 15] = b[2, 7, 7] = value
    with pytest.raises(ValueError, match=r"a has NaN or infinite values at index 1, 3; .* b has .* at index 2; leave"):
        pairwise(name, a, b, **RANGE[name])


def test_only_what_is_needed_is_imported():
    script = """
import sys
import genprint.similarity
assert not {"numba", "torch", "scipy", "skimage", "sklearn"} & set(sys.modules)
import numpy as np
genprint.similarity.pairwise("euclidean", np.zeros((2, 3)), np.ones((2, 3)), device="auto")
from pathlib import Path
assert "torch" not in sys.modules or Path("/dev/nvidiactl").exists() or Path("/dev/dxg").exists()
"""
    subprocess.run([sys.executable, "-c", script], cwd=SCRIPTS, check=True)
