"""Pooling: the other kind of it, a stride or a divisor that is not its own, a winner at the wrong place."""

from collections.abc import Iterator
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from core.comparison.mistake import Call, Wrong, mistake
from core.comparison.mistakes.windows import share_of, windows_of, with_stride
from core.layers.whole import NONE, ONE
from core.layers.whole_pools import averaged, largest, mean, pooled, shared_out, spread_out, to_largest, to_winners


@mistake(
    "average_pooling_for_max_pooling",
    "{array} is that of average pooling, and should be that of max pooling",
    of=(pooled, to_winners, largest, to_largest),
)
def average_pooling_for_max_pooling(call: Call) -> Iterator[np.ndarray]:
    if call.function is largest:
        yield mean(call.arrays["x"])
    elif call.function is to_largest:
        yield spread_out(call.arrays["dy"], shape=call.right.shape)
    elif call.setting("dilation", ONE) == ONE:  # an average pool has none
        if call.function is pooled:
            yield averaged(call.arrays["x"], **_window(call))
        else:
            yield shared_out(call.arrays["dy"], shape=call.right.shape, **_window(call))


@mistake(
    "max_pooling_for_average_pooling",
    "{array} is that of max pooling, and should be that of average pooling",
    of=(averaged, mean),
)
def max_pooling_for_average_pooling(call: Call) -> Iterator[np.ndarray]:
    x = call.arrays["x"]
    if call.function is mean:
        yield largest(x)
    else:
        yield from (pooled(x, shape=call.right.shape, around=around, **_window(call)) for around in (0.0, -np.inf))


def _window(call: Call) -> dict[str, Any]:
    """What all pools have."""
    return {name: call.setting(name, NONE) for name in ("kernel_size", "stride", "padding")}


@mistake(
    "stride_from_the_kernel",
    "{array}: the stride is taken to be the size of the kernel, as if the windows lay side by side",
    of=(pooled, averaged, to_winners, shared_out),
)
def stride_from_the_kernel(call: Call) -> Iterator[np.ndarray]:
    kernel, stride = call.settings["kernel_size"], call.settings["stride"]
    if all(k <= s for k, s in zip(kernel, stride, strict=True)):  # else windows leave the plane, and NumPy stops
        yield with_stride(call, kernel)


@mistake(
    "winner_row_and_column_exchanged",
    "{array}: row and column of the winner are exchanged: cell k of a window is in row k // {width} and column "
    "k % {width}",
    of=(to_winners,),
)
def winner_row_and_column_exchanged(call: Call) -> Iterator[Wrong]:
    x, dy, ties = call.arrays["x"], call.arrays["dy"], call.setting("ties", "first")
    if ties in ("split", "all"):
        return
    windows = windows_of(call, dy.shape[1:])
    (SH, SW), (DH, DW) = windows.stride, windows.dilation
    x_padded, (i, j) = windows.padded(x, -np.inf), np.indices(windows.out)
    row, column = windows.places(x_padded, ties)
    down, right = i * SH + (column - j * SW) // DW * DH, j * SW + (row - i * SH) // DH * DW
    sides = (0, max(windows.kernel) * DH), (0, max(windows.kernel) * DW)  # a window lies on its side
    dx_padded = np.pad(np.zeros(x_padded.shape), ((0, 0), *sides))
    np.add.at(dx_padded, (np.arange(len(dy))[:, None, None], down, right), dy)
    yield Wrong(windows.cropped(dx_padded, call.right.shape), {"width": windows.kernel[1]})


@mistake(
    "divided_by_the_kernel_size",
    "{array}: every window is divided by {count}, the size of the kernel, and should be by those of its cells that "
    "count",
    of=(averaged, shared_out),
)
def divided_by_the_kernel_size(call: Call) -> Iterator[Wrong]:
    count = prod(call.settings["kernel_size"])
    counted = replace(call, settings={**call.settings, "count_include_pad": True})
    if not np.allclose(share_of(counted) * count, 1):  # else it is the padding that is counted otherwise
        yield Wrong(_times(call, 1 / (share_of(call) * count)), {"count": count})


@mistake(
    "not_divided",
    "{array}: nothing is divided by the number of cells: a sum in place of the mean",
    of=(averaged, shared_out, mean, spread_out),
)
def not_divided(call: Call) -> Iterator[np.ndarray]:
    if call.function in (averaged, shared_out):
        yield _times(call, 1 / share_of(call))
    else:
        plane = call.arrays["x"] if call.function is mean else call.right
        yield call.right * prod(plane.shape[1:])


def _times(call: Call, factors: np.ndarray) -> np.ndarray:
    """The result with each window so many times as large."""
    return call.again(dy=call.arrays["dy"] * factors) if "dy" in call.arrays else call.right * factors
