"""Intrinsics: count bits with the machine's own instruction, over vectors where it has them.

Written for LLVM, which makes of them whatever the machine can: one instruction on a processor with
AVX-512 VPOPCNTDQ, several on others, with the same sums.
"""

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_WIDTH = 8  # numbers of 64 bits in a vector
_NUMBER = ir.IntType(64)
_VECTOR = ir.VectorType(_NUMBER, _WIDTH)
_LINE = 64  # bytes of a cache line
_ALIGNED_TO = 8  # windows begin at any word


@intrinsic
def _popcount(_context: Any, _number: Any) -> Any:
    def generate(_lowering: Any, builder: Any, _signature: Any, values: Any) -> Any:
        return builder.ctpop(values[0])

    return types.uint64(types.uint64), generate


popcount: Any = _popcount  # bits set in a uint64


@intrinsic
def _fetch(_context: Any, array: Any, _first: Any, _words: Any) -> Any:
    def generate(lowering: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = lowering.make_array(signature.args[0])(lowering, builder, values[0]).data
        byte = ir.IntType(8).as_pointer()
        flag = ir.IntType(32)
        prefetch = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
            builder.module,
            ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag]),
            "llvm.prefetch.p0",
        )
        last = builder.add(values[1], values[2])
        step = _NUMBER(_LINE // 8)
        with cgutils.for_range_slice(builder, values[1], last, step) as (word, _):
            place = builder.bitcast(builder.gep(data, [word]), byte)
            builder.call(prefetch, [place, flag(0), flag(3), flag(1)])  # to read, near, data
        return lowering.get_dummy_value()

    return types.void(array, types.int64, types.int64), generate


fetch: Any = _fetch  # (array, first, words): soon read, counted in words over the whole array


def windows_adder(lanes: int) -> Any:
    """Make the intrinsic that compares words of a row with a probe at `lanes` turns at once.

    It adds up what differs: (row, places, probe, (first, last), sums).
    row: uint64[k, 2], code and mask. places: uint64[k], where in the probe each word's window of
    `lanes` words begins. probe: uint64[2, width], code and mask. (first, last): which words.
    sums: uint64[2, lanes]; bits that differ where both masks trust them, and bits they trust.

    By hand, because the loop over turns must stay in registers: numba cannot know that `sums` is
    no part of `probe`, and would store and load it at every word.
    """

    @intrinsic
    def add_windows(_context: Any, row: Any, places: Any, probe: Any, ends: Any, sums: Any) -> Any:
        def generate(lowering: Any, builder: Any, signature: Any, values: Any) -> Any:
            def array(nth: int) -> Any:
                return lowering.make_array(signature.args[nth])(lowering, builder, values[nth])

            ends = [builder.extract_value(values[3], nth) for nth in range(2)]
            arrays = (array(0).data, array(1).data, array(2), array(4).data)
            _add_windows(builder, lanes // _WIDTH, arrays, ends)
            return lowering.get_dummy_value()

        return types.void(row, places, probe, ends, sums), generate

    return add_windows


def _add_windows(builder: Any, groups: int, arrays: Any, ends: Any) -> None:
    row, places, probe, sums = arrays
    width = builder.extract_value(probe.shape, 1)
    count_bits = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
        builder.module, ir.FunctionType(_VECTOR, [_VECTOR]), f"llvm.ctpop.v{_WIDTH}i64"
    )

    def vector_at(base: Any, place: Any) -> Any:
        return builder.bitcast(builder.gep(base, [place]), _VECTOR.as_pointer())

    def load(base: Any, place: Any) -> Any:
        return builder.load(vector_at(base, place), align=_ALIGNED_TO)

    totals = []
    for nth in range(2 * groups):
        total = cgutils.alloca_once(builder, _VECTOR)  # type: ignore[no-untyped-call]
        builder.store(load(sums, _NUMBER(nth * _WIDTH)), total)
        totals.append(total)
    with cgutils.for_range_slice(builder, ends[0], ends[1], _NUMBER(1)) as (word, _):
        twice = builder.shl(word, _NUMBER(1))
        code = _everywhere(builder, builder.load(builder.gep(row, [twice])))
        after = builder.add(twice, _NUMBER(1))
        mask = _everywhere(builder, builder.load(builder.gep(row, [after])))
        window = builder.load(builder.gep(places, [word]))
        for group in range(groups):
            place = builder.add(window, _NUMBER(group * _WIDTH))
            trusted = builder.and_(load(probe.data, builder.add(place, width)), mask)
            differing = builder.and_(builder.xor(load(probe.data, place), code), trusted)
            for total, bits in ((totals[group], differing), (totals[groups + group], trusted)):
                count = builder.call(count_bits, [bits])
                builder.store(builder.add(builder.load(total), count), total)
    for nth, total in enumerate(totals):
        place = vector_at(sums, _NUMBER(nth * _WIDTH))
        builder.store(builder.load(total), place, align=_ALIGNED_TO)


def _everywhere(builder: Any, number: Any) -> Any:
    """The number in every place of a vector."""
    nothing = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(nothing, number, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), _WIDTH), [0] * _WIDTH)
    return builder.shuffle_vector(first, nothing, zeros)
