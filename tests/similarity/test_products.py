"""Exact products: no order of additions shows, whatever adds them, and they are right."""

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from threadpoolctl import threadpool_info

from genprint.similarity import _products, pairwise

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
METHODS = ["euclidean", "cosine", "jaccard"]
KINDS = [np.uint8, np.float32, np.float64]


def draw(random, shape, dtype):
    values = random.normal(100, 60, shape).clip(0, 255)
    return values.astype(dtype)


def products(a, b, **options):
    """Products in float64, with the sums and sums of squares of both sets, as the methods get them."""
    seen = []

    def finish(x, y, found):
        seen.append((found.copy(), x.total, x.square, y.total, y.square))
        return found

    _products.compare_products(a, b, finish, 1, **options)
    return seen[0]


def exactly(x, y):
    return sum((Fraction(float(p)) * Fraction(float(q)) for p, q in zip(x, y, strict=True)), Fraction(0))


def length(x):
    return float(exactly(x, x)) ** 0.5


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("name", METHODS)
def test_neither_blocks_nor_threads_nor_order_show(name, dtype, monkeypatch):
    random = np.random.default_rng(0)
    a, b = draw(random, (40, 2500), dtype), draw(random, (33, 2500), dtype)
    b[:9] = a[3:12]
    options = {"threshold": 100} if name == "jaccard" else {}
    whole = pairwise(name, a, b, **options)
    for tile, threads in ((1, 1), (7, 3), (16, 2)):
        monkeypatch.setattr(_products, "TILE", tile)
        rows, columns = random.permutation(40), random.permutation(33)
        some = pairwise(name, a[rows], b[columns], threads=threads, **options)
        np.testing.assert_array_equal(some, whole[np.ix_(rows, columns)], strict=True)


@pytest.mark.parametrize("dtype", KINDS)
def test_within_a_run_the_order_of_dimensions_does_not_show(dtype):
    random = np.random.default_rng(1)
    a, b = draw(random, (5, _products.RUN), dtype), draw(random, (6, _products.RUN), dtype)
    turned = random.permutation(_products.RUN)
    for found, expected in zip(products(a[:, turned], b[:, turned]), products(a, b), strict=True):
        np.testing.assert_array_equal(found, expected)


KERNELS = """
import sys
import numpy as np
from threadpoolctl import threadpool_info
from genprint.similarity import pairwise
random = np.random.default_rng(2)
values = random.normal(100, 60, (70, 3000)).clip(0, 255)
values[40:] = values[:30] + random.choice([0, 1e-3], (30, 1))
for dtype in np.uint8, np.float32, np.float64:
    a, b = values[:37].astype(dtype), values[31:].astype(dtype)
    for name in "euclidean", "cosine", "jaccard":
        sys.stdout.buffer.write(pairwise(name, a, b, **({"threshold": 99} if name == "jaccard" else {})).tobytes())
print({pool["architecture"] for pool in threadpool_info() if pool["user_api"] == "blas"}, file=sys.stderr)
"""


def compared_with(environment):
    kept = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    process = subprocess.run(
        [sys.executable, "-c", KERNELS], cwd=SCRIPTS, env=kept | environment, capture_output=True, check=True
    )
    return process.stdout, process.stderr.decode()


@pytest.mark.skipif(
    not any(pool["internal_api"] == "openblas" and "architecture" in pool for pool in threadpool_info()),
    reason="numpy has another BLAS than OpenBLAS with kernels to choose from",
)
def test_the_kernels_of_blas_do_not_show():
    found = {compared_with({"OPENBLAS_CORETYPE": kernel} if kernel else {}) for kernel in ("", "Haswell", "Nehalem")}
    assert len({architecture for _, architecture in found}) > 1
    assert len({values for values, _ in found}) == 1
    several = compared_with({"OPENBLAS_NUM_THREADS": "4"})[0]
    assert several in {values for values, _ in found}


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), dimensions=st.integers(1, 3000))
def test_products_of_bytes_are_exact(seed, dimensions):
    a, b = np.random.default_rng(seed).integers(0, 256, (2, 4, dimensions), dtype=np.uint8)
    x, y = (values.astype(np.int64) - 128 for values in (a, b))
    expected = (x @ y.T, *(f(v)[:, None] for v in (x, y) for f in (lambda v: v.sum(1), lambda v: (v * v).sum(1))))
    for found, exact in zip(products(a, b), expected, strict=True):
        np.testing.assert_array_equal(found, exact)


def test_the_largest_bytes_are_exact():
    extreme = np.repeat(np.array([[0], [255]], np.uint8), 70_000, axis=1)
    np.testing.assert_array_equal(products(extreme, extreme)[0], 70_000.0 * np.outer([-128, 127], [-128, 127]))


NUMBERS = st.floats(1e-100, 1e6) | st.floats(-1e6, -1e-100) | st.sampled_from([0.0, 1.0, -1.0, 1 / 3])


@settings(max_examples=100, deadline=None)
@given(arrays.arrays(np.float64, st.tuples(st.just(2), st.integers(1, 60)), elements=NUMBERS))
def test_products_of_numbers_are_right(vectors):
    x, y = vectors
    found, _, square, _, _ = (float(values[0, 0]) for values in products(x[None], y[None]))
    size = length(x) * length(y)
    assert abs(Fraction(found) - exactly(x, y)) <= Fraction(1e-11) * Fraction(size)
    assert abs(Fraction(square) - exactly(x, x)) <= Fraction(1e-11) * exactly(x, x)


@pytest.mark.parametrize("spike", [1.0, 1e3, 1e6, 2.0**21, 1e9])
def test_a_spike_in_65536_dimensions(spike):
    x, y = np.full((2, 1, 65536), 1 / 3)
    x[0, 12345] = spike
    found = products(x, y)[0][0, 0]
    assert abs(found - float(exactly(x[0], y[0]))) <= 1e-9 * np.linalg.norm(x) * np.linalg.norm(y)
    np.testing.assert_allclose(pairwise("euclidean", x, y), -np.linalg.norm(x - y), rtol=1e-6)


@pytest.mark.parametrize("scale", [2.0**-1050, 1e-310, 1e-200, 1e-38, 1.0, 1e30, 1e200, 1e305])
def test_no_scale_is_too_small_or_too_large_for_an_angle(scale):
    values = np.random.default_rng(3).integers(-99, 100, (12, 80)).astype(np.float64)
    a, b = values[:6] * scale, values[4:]
    np.testing.assert_allclose(pairwise("cosine", a, b), pairwise("cosine", values[:6], values[4:]), atol=1e-6)


def test_what_is_too_large_for_float64_is_infinitely_far_and_equal_ones_are_not():
    a = np.random.default_rng(4).normal(0, 1e307, (3, 50))
    a[2] = -a[0]
    distances = pairwise("euclidean", a, a)
    assert (np.diag(distances) == 0).all()
    assert np.isneginf(distances[~np.eye(3, dtype=bool)]).all()
    assert (pairwise("euclidean", a, np.zeros((1, 50))) == -np.inf).all()


@pytest.mark.parametrize(
    ("dtype", "smallest"), [(np.float16, 2.0**-24), (np.float32, 2.0**-149), (np.float64, 2.0**-1074)]
)
def test_the_smallest_numbers_have_angles_and_distances(dtype, smallest):
    a = (np.array([[3, 4], [4, 3], [0, 0], [3, 4]]) * smallest).astype(dtype)
    np.testing.assert_allclose(
        pairwise("cosine", a, a), [[1, 0.96, 0, 1], [0.96, 1, 0, 0.96], [0, 0, 0, 0], [1, 0.96, 0, 1]], rtol=1e-6
    )
    distances = np.sqrt(np.array([[0, 2, 25, 0], [2, 0, 25, 2], [25, 25, 0, 25], [0, 2, 25, 0]])) * smallest
    np.testing.assert_allclose(pairwise("euclidean", a, a), -distances.astype(np.float32), rtol=1e-6, atol=0)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32), dimensions=st.integers(1, 2000), size=st.integers(1, 12), dtype=st.sampled_from(KINDS)
)
def test_a_set_beside_itself(seed, dimensions, size, dtype):
    a = draw(np.random.default_rng(seed), (size, dimensions), dtype)
    distances, cosines, shares = (pairwise(name, a, a) for name in METHODS)
    for values in (distances, cosines, shares):
        np.testing.assert_array_equal(values, values.T)
    assert (np.diag(distances) == 0).all() and (np.diag(shares) == 1).all()
    assert (np.diag(cosines)[a.any(axis=1)] == 1).all()


def test_more_dimensions_than_a_run_of_truths():
    bits = np.random.default_rng(5).random((6, 9001)) < 0.4
    both = bits.astype(int) @ bits.T.astype(int)
    either = bits.sum(axis=1)[:, None] + bits.sum(axis=1) - both
    np.testing.assert_array_equal(pairwise("jaccard", bits, bits), (both / either).astype(np.float32))
