"""Rows of `LANES` numbers that a compiled search handles as one vector.

numba does not reliably turn short loops into vector instructions. These functions say what is meant in LLVM's own
vector types, from which the compiler makes the widest instructions that the processor has, and correct ones on every
processor. Numbers are integers (sums: integers or floats, added lane by lane in the order of the calls).
"""

# numba reads the names of arguments from the outer function; the inner one gets the values.
# ruff: noqa: ARG001
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 64
"""Searches that go together. 64 was fastest of 16, 32, 64 and 128 over two real networks."""
LINE_BYTES = 64


def for_numba(function: Any) -> Any:
    """Register a function that builds instructions, for use within compiled ones."""
    return intrinsic(function)


def row_pointer(context: Any, builder: Any, array_type: Any, array: Any, row: Any) -> Any:
    """Return a pointer to one row of a C-contiguous array of shape (n, LANES), as a vector."""
    item = context.get_data_type(array_type.dtype)
    base = builder.bitcast(
        context.make_array(array_type)(context, builder, array).data, ir.VectorType(item, LANES).as_pointer()
    )
    return builder.gep(base, [row])


def load(builder: Any, pointer: Any, width: int) -> Any:
    """Load a row that is aligned like one of its items."""
    row = builder.load(pointer)
    row.align = width
    return row


def store(builder: Any, row: Any, pointer: Any, width: int) -> None:
    """Store a row that is aligned like one of its items."""
    builder.store(row, pointer).align = width


def repeated(builder: Any, value: Any) -> Any:
    """Return a row that holds one value in every lane."""
    row_type = ir.VectorType(value.type, LANES)
    i32 = ir.IntType(32)
    blank = ir.Constant(row_type, ir.Undefined)
    one = builder.insert_element(blank, value, ir.Constant(i32, 0))
    return builder.shuffle_vector(one, blank, ir.Constant(ir.VectorType(i32, LANES), [0] * LANES))


def lesser(builder: Any, a: Any, b: Any) -> Any:
    """Return the lesser of two rows of signed integers, lane by lane."""
    return builder.select(builder.icmp_signed("<", a, b), a, b)


@for_numba
def lower_by_arcs(_typing: Any, lane: Any, source: Any, cost: Any, row: Any, start: Any, stop: Any) -> Any:
    """``lane[row] = min(lane[row], lane[source[a]] + cost[a])`` for a in start … stop; returns whether it changed."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        lanes, sources, costs, at, first, last = args
        width = signature.args[0].dtype.bitwidth // 8
        pointer = row_pointer(context, builder, signature.args[0], lanes, at)
        old = load(builder, pointer, width)
        best = cgutils.alloca_once(builder, old.type)  # type: ignore[no-untyped-call]
        builder.store(old, best)
        source_data = context.make_array(signature.args[1])(context, builder, sources).data
        cost_data = context.make_array(signature.args[2])(context, builder, costs).data
        with cgutils.for_range_slice(builder, first, last, ir.Constant(first.type, 1)) as (a, _):
            other = builder.sext(builder.load(builder.gep(source_data, [a])), at.type)
            step = builder.load(builder.gep(cost_data, [a]))
            there = load(builder, row_pointer(context, builder, signature.args[0], lanes, other), width)
            over = builder.add(there, repeated(builder, step))
            builder.store(lesser(builder, over, builder.load(best)), best)
        new = builder.load(best)
        store(builder, new, pointer, width)
        mask = builder.bitcast(builder.icmp_signed("!=", new, old), ir.IntType(LANES))
        return builder.icmp_unsigned("!=", mask, ir.Constant(mask.type, 0))

    return types.boolean(lane, source, cost, types.intp, types.intp, types.intp), build


@for_numba
def lower_by_row(_typing: Any, into: Any, row: Any, lane: Any, other: Any, step: Any) -> Any:
    """``into[row] = min(into[row], lane[other] + step)``."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        target, at, lanes, there, added = args
        width = signature.args[0].dtype.bitwidth // 8
        pointer = row_pointer(context, builder, signature.args[0], target, at)
        from_row = load(builder, row_pointer(context, builder, signature.args[2], lanes, there), width)
        over = builder.add(from_row, repeated(builder, added))
        store(builder, lesser(builder, over, load(builder, pointer, width)), pointer, width)
        return context.get_dummy_value()

    return types.void(into, types.intp, lane, types.intp, into.dtype), build


@for_numba
def add_within(_typing: Any, total: Any, row: Any, lane: Any, other: Any, limit: Any, amount: Any) -> Any:
    """``total[row] += amount`` in the lanes where ``lane[other] <= limit``."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, at, lanes, there, bound, added = args
        width = signature.args[2].dtype.bitwidth // 8
        sum_width = signature.args[0].dtype.bitwidth // 8
        costs = load(builder, row_pointer(context, builder, signature.args[2], lanes, there), width)
        within = builder.icmp_signed("<=", costs, repeated(builder, bound))
        pointer = row_pointer(context, builder, signature.args[0], sums, at)
        old = load(builder, pointer, sum_width)
        part = builder.select(within, repeated(builder, added), ir.Constant(old.type, None))
        floats = isinstance(signature.args[0].dtype, types.Float)
        store(builder, builder.fadd(old, part) if floats else builder.add(old, part), pointer, sum_width)
        return context.get_dummy_value()

    return types.void(total, types.intp, lane, types.intp, lane.dtype, total.dtype), build


@njit(cache=True, nogil=True)
def rows_of(n, like):  # type: ignore[no-untyped-def]
    """``n`` rows of the items of ``like``, not filled, each at the start of a cache line."""
    spare = LINE_BYTES // like.itemsize
    raw = np.empty(n * LANES + spare, like.dtype)
    skip = (-(raw.ctypes.data // like.itemsize)) % spare
    return raw[skip : skip + n * LANES].reshape(n, LANES)
