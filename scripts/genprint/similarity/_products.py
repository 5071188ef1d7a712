"""Inner products of all pairs of two sets of vectors, each with the same bits wherever its pair stands.

BLAS is as fast, but what it returns for a pair can depend on the pair's row and column and on the sizes of the
matrices (on processors with AVX2 it does). Here the terms of every pair are added in the order of the dimensions: up to
64 in float32, these sums up to 512 terms in float32, and those in float64.

uint8 values are taken minus 128, which makes all of it exact: the sums are whole numbers of at most 2**24. For floating
point values the error is below 1e-6 |x| |y|, and about 1e-7 for ordinary data. In |x|^2 + |y|^2 - 2 x.y it would be
large beside the distance of near-duplicates, the pairs that matter, so near pairs are computed from differences.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from genprint.runtime.progress import steps
from genprint.similarity._compiled import kernel
from genprint.similarity._inputs import refuse_not_finite
from genprint.similarity._lanes import (
    LANES,
    Lanes,
    call,
    double,
    fma,
    load,
    store,
    zeros,
)

TILE = 1024  # vectors of either set that a thread takes at a time
RUN = 512  # dimensions that are packed together
CHAIN = 64  # terms that are added one by one
BLOCK = 8  # panels that stay in the second-level cache
# Rows and lanes whose sums are held in registers: most of the 32 registers of 512 bits, or of the 16 of 256 bits.
ROWS, COLUMNS = (12, 2) if llvmlite.binding.get_host_cpu_features().get("avx512f") else (6, 1)
PANEL = COLUMNS * LANES
SAFE = 2.0**-60, 2.0**100  # |x|^2 between which products of float32 neither overflow nor lose terms that count


@dataclass(frozen=True)
class Vectors:
    """Vectors (n, D); their sum and sum of squares after subtraction of ``centre``, float64 (n, 1)."""

    values: np.ndarray
    centre: float
    total: np.ndarray
    square: np.ndarray


def compare_products(
    a: np.ndarray,
    b: np.ndarray,
    finish: Callable[[Vectors, Vectors, np.ndarray], np.ndarray],
    threads: int,
) -> np.ndarray:
    """``finish(x, y, products)`` for all tiles of two sets, float32 (N, M).

    ``products`` float64 (n, m) holds the inner products of ``x.values - x.centre`` with ``y.values - y.centre``.
    """
    x, y = _comparable(a, b)
    similarities = np.empty((len(a), len(b)), np.float32)
    tiles = [(rows, columns) for rows in _tiles(len(a), 1) for columns in _tiles(len(b), threads)]

    def compare(tile):
        rows, columns = tile
        left, right, products = _products(x[rows], y[columns])
        if not (np.isfinite(left.square).all() and np.isfinite(right.square).all()):
            refuse_not_finite(a, b)
        similarities[rows, columns] = finish(left, right, products)
        advance(products.size)

    with ThreadPoolExecutor(threads) as pool, steps(similarities.size, "pairs") as advance:
        list(pool.map(compare, tiles))
    return similarities


def recompute_products(x: Vectors, y: Vectors, near: np.ndarray, products: np.ndarray) -> None:
    """Put float64 products where ``near`` (n, m), and where the numbers are beyond float32; uint8 are exact already."""
    _recompute(_direct_products, x, y, near, products)


def recompute_squares(x: Vectors, y: Vectors, near: np.ndarray, squares: np.ndarray) -> None:
    """The same for squared Euclidean distances, from differences."""
    _recompute(_direct_squares, x, y, near, squares)


def _recompute(direct: Callable, x: Vectors, y: Vectors, near: np.ndarray, values: np.ndarray) -> None:
    if x.values.dtype != np.uint8:
        lost_x, lost_y = (~((v.square > SAFE[0]) & (v.square < SAFE[1])) for v in (x, y))
        direct(x.values, y.values, near | lost_x | lost_y.T, values)


def _comparable(*sets: np.ndarray) -> list[np.ndarray]:
    """The sets as contiguous read-only (N, D) of one type: uint8, float32 or float64."""
    dtype = np.result_type(*sets)
    if dtype != np.uint8:
        dtype = np.result_type(dtype, np.float32)
    views = [np.ascontiguousarray(vectors, dtype).reshape(len(vectors), -1)[:] for vectors in sets]
    for view in views:
        view.flags.writeable = False  # numba compiles a kernel for writable arrays anew
    return views


def _tiles(size: int, threads: int) -> list[slice]:
    count = threads * -(-size // (threads * TILE))
    bounds = [size * k // count for k in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(bounds) if start < stop]


def _products(x: np.ndarray, y: np.ndarray) -> tuple[Vectors, Vectors, np.ndarray]:
    centre = 128.0 if x.dtype == np.uint8 else 0.0
    groups, panels = -(-len(x) // ROWS), -(-len(y) // PANEL)
    left = np.zeros((groups, RUN * ROWS + LANES), np.float32)
    right = zeros(panels, RUN * COLUMNS, dtype=np.float32).reshape(panels, -1)
    edge = np.full((LANES, LANES), centre, x.dtype)
    products = np.zeros((groups * ROWS, panels * PANEL))
    x_moments, y_moments = np.zeros((groups, 2, LANES)), np.zeros((panels * COLUMNS, 2, LANES))
    _add_products(x, y, np.float32(centre), left, right, edge, products, x_moments, y_moments)
    return (
        _described(x, centre, x_moments[:, :, :ROWS]),
        _described(y, centre, y_moments),
        products[: len(x), : len(y)],
    )


def _described(values: np.ndarray, centre: float, moments: np.ndarray) -> Vectors:
    return Vectors(values, centre, *(lanes.reshape(-1, 1)[: len(values)] for lanes in moments.transpose(1, 0, 2)))


@kernel
def _add_products(x, y, centre, left, right, edge, products, x_moments, y_moments):
    dimensions, pitch = x.shape[1], products.shape[1]
    for start in range(0, dimensions, RUN):
        stop = min(start + RUN, dimensions)
        for group in range(len(left)):
            _pack_rows(x, group * ROWS, start, stop, centre, edge, left[group], x_moments[group])
        for group in range(len(y_moments)):
            if group * LANES < len(y):
                panel = right[group // COLUMNS, group % COLUMNS * LANES :]
                _pack_columns(y, group * LANES, start, stop, centre, edge, panel, y_moments[group])
        for low in range(0, len(right), BLOCK):
            for group in range(len(left)):
                for panel in range(low, min(low + BLOCK, len(right))):
                    tile = products[group * ROWS :, panel * PANEL :]
                    _multiply(left[group], right[panel], stop - start, tile, pitch)


def _packing(count, step):
    """Copy a run of ``count`` vectors side by side, ``step`` entries for each dimension, and add up their moments."""
    transpose = _transposition(count, step)

    @njit(forceinline=True)
    def pack(vectors, first, start, stop, centre, edge, panel, moments):
        total, square = load(moments, 0), load(moments, 1)
        last, pitch = min(count, len(vectors) - first) - 1, vectors.shape[1]
        flat, whole = vectors.reshape(-1), start + (stop - start) // LANES * LANES
        for k in range(start, whole, LANES):
            sums = transpose(flat, first * pitch + k, pitch, last, centre, panel, (k - start) * step)
            total, square = total + sums[0], square + sums[1]
        if whole < stop:
            for row in range(last + 1):
                for k in range(LANES):
                    edge[row, k] = vectors[first + row, whole + k] if whole + k < stop else vectors.dtype.type(centre)
            sums = transpose(edge.reshape(-1), 0, LANES, last, centre, panel, (whole - start) * step)
            total, square = total + sums[0], square + sums[1]
        store(moments, 0, total)
        store(moments, 1, square)

    return pack


def _transposition(count, step):
    @intrinsic
    def transpose(typing, vectors, at, pitch, last, centre, panel, to):
        """Write 16 dimensions of up to 16 vectors, and return the vectors' sums and sums of squares over them."""
        returned = types.UniTuple(Lanes(types.float64), 2)

        def generate(context, builder, signature, arguments):
            vectors, panel = (
                context.make_array(signature.args[k])(context, builder, arguments[k]).data for k in (0, 5)
            )
            _, at, pitch, last, centre, _, to = arguments
            dtype, integer = signature.args[0].dtype, at.type
            floats, doubles = (ir.VectorType(number, LANES) for number in (ir.FloatType(), ir.DoubleType()))
            loaded = ir.VectorType(context.get_value_type(dtype), LANES)
            vector = doubles if dtype == types.float64 else floats
            indices = ir.VectorType(ir.IntType(32), LANES)
            undefined = ir.Constant(floats, ir.Undefined)
            alone = builder.insert_element(undefined, centre, ir.IntType(32)(0))
            centres = builder.shuffle_vector(alone, undefined, ir.Constant(indices, [0] * LANES))

            def taken(row):
                valid = builder.select(builder.icmp_signed("<", integer(row), last), integer(row), last)
                address = builder.gep(vectors, [builder.add(at, builder.mul(valid, pitch))])
                values = builder.load(builder.bitcast(address, loaded.as_pointer()), align=dtype.bitwidth // 8)
                return builder.fsub(builder.uitofp(values, floats), centres) if dtype == types.uint8 else values

            def zipped(start):
                pairs = [index for k in range(start, start + LANES // 2) for index in (k, LANES + k)]
                return ir.Constant(indices, pairs)

            rows = [taken(row) for row in range(count)] + [ir.Constant(vector, [0.0] * LANES)] * (LANES - count)
            for _ in range(4):  # zipping the halves transposes once it has been done as often as 2 goes into 16
                rows = [
                    builder.shuffle_vector(low, high, zipped(start))
                    for low, high in zip(rows[: LANES // 2], rows[LANES // 2 :], strict=True)
                    for start in (0, LANES // 2)
                ]
            total = square = ir.Constant(doubles, [0.0] * LANES)
            for k, row in enumerate(rows):
                narrow = builder.fptrunc(row, floats) if vector == doubles else row
                wide = row if vector == doubles else builder.fpext(row, doubles)
                address = builder.gep(builder.gep(panel, [to]), [integer(k * step)])
                builder.store(narrow, builder.bitcast(address, floats.as_pointer()), align=4)
                total, square = builder.fadd(total, wide), call(builder, "llvm.fma", wide, wide, square)
            return context.make_tuple(builder, returned, [total, square])

        i = types.intp
        return returned(vectors, i, i, i, types.float32, panel, i), generate

    return transpose


_pack_rows = _packing(ROWS, ROWS)
_pack_columns = _packing(LANES, PANEL)


@intrinsic
def _multiply(typing, left, right, length, products, pitch):
    """Add the products of ROWS packed vectors with PANEL packed vectors to a tile of ``products``."""

    def generate(context, builder, signature, arguments):
        left, right, products = (
            context.make_array(signature.args[k])(context, builder, arguments[k]).data for k in (0, 1, 3)
        )
        length, pitch = arguments[2], arguments[4]
        integer = length.type
        floats, doubles = (ir.VectorType(number, LANES) for number in (ir.FloatType(), ir.DoubleType()))
        zero, undefined = ir.Constant(floats, [0.0] * LANES), ir.Constant(floats, ir.Undefined)
        first = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        tile = [(row, column) for row in range(ROWS) for column in range(COLUMNS)]

        def loop(start, stop, step, values, body):
            """``for index in range(start, stop, step): values = body(index, values)``, at least once."""
            before, inside = builder.block, builder.append_basic_block("inside")
            builder.branch(inside)
            builder.position_at_end(inside)
            index = builder.phi(integer)
            held = [builder.phi(floats) for _ in values]
            results = body(index, held)
            following = builder.add(index, integer(step))
            for phi, initial, result in zip([index, *held], [start, *values], [following, *results], strict=True):
                phi.add_incoming(initial, before)
                phi.add_incoming(result, builder.block)
            after = builder.append_basic_block("after")
            builder.cbranch(builder.icmp_signed("<", following, stop), inside, after)
            builder.position_at_end(after)
            return results

        def add_terms(k, sums):
            packed = builder.gep(right, [builder.mul(k, integer(PANEL))])
            columns = [
                builder.load(
                    builder.bitcast(builder.gep(packed, [integer(column * LANES)]), floats.as_pointer()), align=4
                )
                for column in range(COLUMNS)
            ]
            packed = builder.gep(left, [builder.mul(k, integer(ROWS))])
            values = [builder.load(builder.gep(packed, [integer(row)])) for row in range(ROWS)]
            alone = [builder.insert_element(undefined, value, ir.IntType(32)(0)) for value in values]
            rows = [builder.shuffle_vector(value, undefined, first) for value in alone]
            return [
                call(builder, "llvm.fma", rows[row], columns[column], total)
                for (row, column), total in zip(tile, sums, strict=True)
            ]

        def add_chains(start, sums):
            end = builder.add(start, integer(CHAIN))
            stop = builder.select(builder.icmp_signed("<", end, length), end, length)
            chains = loop(start, stop, 1, [zero] * len(tile), add_terms)
            return [builder.fadd(total, chain) for total, chain in zip(sums, chains, strict=True)]

        i32, bytes_ = ir.IntType(32), ir.IntType(8).as_pointer()
        prefetch_type = ir.FunctionType(ir.VoidType(), [bytes_, i32, i32, i32])
        prefetch = cgutils.get_or_insert_function(builder.module, prefetch_type, "llvm.prefetch.p0")
        for row in range(ROWS):
            for line in range(0, PANEL, 8):  # of 64 bytes, needed when the sums are there
                at = builder.add(builder.mul(pitch, integer(row)), integer(line))
                address = builder.bitcast(builder.gep(products, [at]), bytes_)
                builder.call(prefetch, [address, i32(1), i32(3), i32(1)])  # to write, to every cache, data

        sums = loop(integer(0), length, CHAIN, [zero] * len(tile), add_chains)
        for (row, column), total in zip(tile, sums, strict=True):
            at = builder.add(builder.mul(pitch, integer(row)), integer(column * LANES))
            address = builder.bitcast(builder.gep(products, [at]), doubles.as_pointer())
            builder.store(builder.fadd(builder.load(address, align=8), builder.fpext(total, doubles)), address, align=8)
        return context.get_dummy_value()

    return types.void(left, right, types.intp, products, types.intp), generate


@kernel
def _direct_products(x, y, near, products):
    whole = x.shape[1] // LANES
    for i in range(len(x)):
        for j in range(len(y)):
            if near[i, j]:
                lanes = np.zeros(LANES)
                total = load(lanes, 0)
                for k in range(whole):
                    total = fma(double(load(x[i], k)), double(load(y[j], k)), total)
                store(lanes, 0, total)
                for k in range(whole * LANES, x.shape[1]):
                    lanes[k % LANES] += np.float64(x[i, k]) * np.float64(y[j, k])
                products[i, j] = lanes.sum()


@kernel
def _direct_squares(x, y, near, squares):
    whole = x.shape[1] // LANES
    for i in range(len(x)):
        for j in range(len(y)):
            if near[i, j]:
                lanes = np.zeros(LANES)
                total = load(lanes, 0)
                for k in range(whole):
                    difference = double(load(x[i], k) - load(y[j], k))
                    total = fma(difference, difference, total)
                store(lanes, 0, total)
                for k in range(whole * LANES, x.shape[1]):
                    difference = np.float64(x[i, k] - y[j, k])
                    lanes[k % LANES] += difference * difference
                squares[i, j] = lanes.sum()
