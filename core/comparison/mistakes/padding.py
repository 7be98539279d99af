"""The padding: on the wrong side, not taken away again, or of another kind."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from core.comparison.mistake import Call, Wrong, mistake
from core.comparison.mistakes.windows import cells_on, share_of
from core.layers.whole import NONE, ONE, cropped, padded, scattered
from core.layers.whole_pools import averaged, pooled, shared_out, to_winners

CROPPED = (cropped, to_winners, shared_out)


@mistake(
    "padding_not_cropped",
    "{array} still has its padding, which should be cropped",
    of=CROPPED,
    upstream=False,
    misshapen="{setting} must have the shape {wanted}; it has {shape}: its padding is still to be cropped",
)
def padding_not_cropped(call: Call) -> Iterator[np.ndarray]:
    yield _with_bias(call, _uncropped(call))


def _uncropped(call: Call) -> np.ndarray:
    """The map with its padding still on; that of a pool as if the padding were a part of the plane."""
    if call.function is cropped:
        return call.arrays["whole"]
    padding = call.setting("padding", NONE)
    shape = (len(call.right), *(size + sum(sides) for size, sides in zip(call.right.shape[1:], padding, strict=True)))
    if call.function is to_winners:
        x = np.pad(call.arrays["x"], ((0, 0), *padding), constant_values=-np.inf)
        return call.again(x=x, shape=shape, padding=NONE)
    dy = call.arrays["dy"]
    own = share_of(call) * cells_on(shape, dy.shape, call, NONE)  # that plane would divide by all of its cells
    return call.again(dy=dy * own, shape=shape, padding=NONE, count_include_pad=True)


def _with_bias(call: Call, maps: np.ndarray) -> np.ndarray:
    b = call.arrays.get("b")
    return maps if b is None else maps + b[:, None, None]


def _starts(before: int, after: int) -> list[int]:
    """Where a map could begin: as it should, right away, at the very end, or with the sides exchanged."""
    return list(dict.fromkeys((before, 0, before + after, after)))


@mistake(
    "padding_cropped_on_the_wrong_side",
    "{array}: the padding is cropped on the wrong side: it begins at row {row} and column {column} of the padded map, "
    "and should begin at row {top} and column {left}",
    of=CROPPED,
)
def padding_cropped_on_the_wrong_side(call: Call) -> Iterator[Wrong]:
    uncropped = _uncropped(call)
    (top, bottom), (left, right) = call.setting("padding", NONE)
    for row, column in list(product(_starts(top, bottom), _starts(left, right)))[1:]:
        values = {"row": row, "column": column, "top": top, "left": left}
        yield Wrong(_with_bias(call, call.over_zeros(uncropped[:, row:, column:])), values)


@mistake(
    "padding_on_the_wrong_side",
    "{array}: the padding is on the wrong side: {of} begins at row {row} and column {column}, and should begin at row "
    "{top} and column {left}",
    of=(padded,),
)
def padding_on_the_wrong_side(call: Call) -> Iterator[Wrong]:
    (top, bottom), (left, right) = call.setting("padding", NONE)
    for row, column in list(product(_starts(top, bottom), _starts(left, right)))[1:]:
        sides = (row, top + bottom - row), (column, left + right - column)
        if call.setting("padding_mode", "zeros") == "zeros":
            values = {"of": call.names["x"], "row": row, "column": column, "top": top, "left": left}
            yield Wrong(call.again(padding=sides), values)


@mistake("padding_mode_ignored", "{array}: the padding is zeros, and should be made of copies", of=(padded,))
def padding_mode_ignored(call: Call) -> Iterator[np.ndarray]:
    if call.setting("padding_mode", "zeros") != "zeros":
        yield call.again(padding_mode="zeros")


@mistake(
    "copies_not_folded_back",
    "{array}: the gradients of the padding are thrown away, and should go to the cells that it is a copy of",
    of=(cropped,),
)
def copies_not_folded_back(call: Call) -> Iterator[np.ndarray]:
    if call.setting("padding_mode", "zeros") != "zeros":
        yield call.again(padding_mode="zeros")


@mistake(
    "padding_from_the_width",
    "{array}: rows are padded by the width of the kernel, and should be by its height: all is {rows} rows too low",
    of=(scattered,),
)
def padding_from_the_width(call: Call) -> Iterator[Wrong]:
    (_, _, KH, KW), (DH, DW) = call.arrays["w"].shape, call.setting("dilation", ONE)
    rows = DW * (KW - 1) - DH * (KH - 1)
    if rows > 0:  # with too few rows NumPy stops with an error
        yield Wrong(_moved(call.right, rows), {"rows": rows})


@mistake(
    "padding_from_the_height",
    "{array}: columns are padded by the height of the kernel, and should be by its width: all is {columns} "
    "columns too far to the right",
    of=(scattered,),
)
def padding_from_the_height(call: Call) -> Iterator[Wrong]:
    (_, _, KH, KW), (DH, DW) = call.arrays["w"].shape, call.setting("dilation", ONE)
    columns = DH * (KH - 1) - DW * (KW - 1)
    if columns > 0:
        yield Wrong(_moved(call.right.swapaxes(1, 2), columns).swapaxes(1, 2), {"columns": columns})


def _moved(maps: np.ndarray, rows: int) -> np.ndarray:
    """All moved down by so many rows, and zeros above."""
    out = np.zeros(maps.shape)
    out[:, rows:] = maps[:, :-rows]
    return out


@mistake("zeros_around_the_pool", "{array}: the padding of the maximum is 0, and should be −∞", of=(pooled, to_winners))
def zeros_around_the_pool(call: Call) -> Iterator[np.ndarray]:
    yield call.again(around=0.0)


@mistake(
    "padding_counted_otherwise",
    "{array}: the divisor of the mean counts the padding where it should not, or does not where it should",
    of=(averaged, shared_out),
)
def padding_counted_otherwise(call: Call) -> Iterator[np.ndarray]:
    yield call.again(count_include_pad=not call.setting("count_include_pad", True))
