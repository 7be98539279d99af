"""The corners that must be among the questions, each said again from the settings and PyTorch's answers.

Not by the names of the strata, which could be wrong.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.oracle.activation import ACTIVATIONS
from tests.oracle.axis import as_pair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.oracle.axis import Axis
    from tests.oracle.question import Arrays

    Corner = Callable[[Any, Arrays], bool]


def windows(question: Any) -> Iterator[tuple[tuple[int, int, int], list[tuple[int, int]]]]:
    """Each place of a pool's output, and the cells of the input that its window holds, row by row."""
    height, width = question.axes
    for c in range(question.x[0]):
        for i, top in enumerate(height.starts):
            for j, left in enumerate(width.starts):
                rows = [top + u * height.dilation for u in range(height.kernel)]
                columns = [left + v * width.dilation for v in range(width.kernel)]
                held = [(r, q) for r in rows for q in columns if 0 <= r < height.size and 0 <= q < width.size]
                yield (c, i, j), held


def ties(question: Any, answers: Arrays) -> list[tuple[int, int, int]]:
    """The places whose maximum stands in more than one cell of the window."""
    x, y = question.arrays()["x"], answers["y"]
    return [place for place, held in windows(question) if sum(x[place[0], r, q] == y[place] for r, q in held) > 1]


def tie_goes_to_the_first(question: Any, answers: Arrays) -> bool:
    """Where there is a tie, and another place than the first would be another answer."""
    x, W, tied = question.arrays()["x"], question.x[2], ties(question, answers)
    found = [(place, held) for place, held in windows(question) if place in tied]
    return question.ties == "first" and any(
        next(r * W + q for r, q in held if x[place[0], r, q] == answers["y"][place]) == answers["where"][place]
        for place, held in found
    )


def wins_twice(question: Any, answers: Arrays) -> bool:
    """Whether a cell wins several windows and their gradients add up, so that to overwrite would be seen."""
    dy, W = question.arrays()["dy"], question.x[2]
    if "where" not in answers:
        return False
    overwritten = np.zeros(question.x)
    for (c, i, j), place in np.ndenumerate(answers["where"]):
        overwritten[c, int(place) // W, int(place) % W] = dy[c, i, j]
    return not np.allclose(overwritten, answers["dx"])


def places(axis: Axis, rounded: Callable[[float], int]) -> int:
    return rounded((axis.padded - axis.reach) / axis.stride) + 1


def floor(number: float) -> int:
    return int(number // 1)


SAME_ODD = "same with an odd row, which comes last"


def with_odd_row_last(c: Any, a: Arrays) -> bool:
    """Where the odd row or column first would have been another answer."""
    if c.padding != "same" or c.groups > 1:
        return False
    given, (DH, DW) = c.arrays(), as_pair(c.dilation)
    rows, columns = DH * (c.w[2] - 1), DW * (c.w[3] - 1)
    flipped = (rows - rows // 2, rows // 2), (columns - columns // 2, columns // 2)
    padded = np.pad(given["x"], ((0, 0), *flipped))
    first = [
        (given["w"][f] * padded[:, i : i + rows + 1 : DH, j : j + columns + 1 : DW]).sum() + given["b"][f]
        for f, i, j in np.ndindex(a["z"].shape)
    ]
    return not np.allclose(first, a["z"].ravel())


def is_folded(c: Any, answers: Arrays, mode: str) -> bool:
    """Where to crop the padding, instead of folding it back onto the cells that it copies, would be another answer."""
    if c.padding_mode != mode or c.groups > 1:
        return False
    w, dz, (height, width) = c.arrays()["w"], answers["dz"], c.axes
    dx_padded = np.zeros((c.x[0], height.padded, width.padded))
    for f, i, j in np.ndindex(dz.shape):
        rows = slice(i * height.stride, i * height.stride + height.reach, height.dilation)
        columns = slice(j * width.stride, j * width.stride + width.reach, width.dilation)
        dx_padded[:, rows, columns] += w[f] * dz[f, i, j]
    cropped = dx_padded[:, height.before : height.before + height.size, width.before : width.before + width.size]
    return not np.allclose(cropped, answers["dx"])


def sides(c: Any) -> list[int]:
    return [side for a in c.axes for side in (a.before, a.after)]


CONV: dict[str, Corner] = {
    "ReLU at 0": lambda c, a: c.activation == "relu" and bool((a["z"] == 0).any()),
    "ReLU at 0, a gradient arriving there": lambda c, a: (
        c.activation == "relu" and bool(((a["z"] == 0) & (c.arrays()["dy"] != 0)).any())
    ),
    "leaky ReLU at 0, a gradient arriving there": lambda c, a: (
        c.activation == "leaky_relu" and bool(((a["z"] == 0) & (c.arrays()["dy"] != 0)).any())
    ),
    "ReLU of the layer before at 0": lambda c, a: (
        c.activation_before == "relu" and bool(((c.arrays()["x"] == 0) & (a["dx"] != 0)).any())
    ),
    "stride above the kernel": lambda c, _: all(a.stride > a.kernel and a.outputs > 1 for a in c.axes),
    "kernel = padded input": lambda c, _: all(a.kernel == a.padded for a in c.axes),
    "kernel = padded input, padding above 0": lambda c, _: all(a.kernel == a.padded > a.size for a in c.axes),
    "kernel = input": lambda c, _: c.w[2:] == c.x[1:],
    "1×1 kernel": lambda c, _: c.w[2:] == (1, 1),
    "1×1 input": lambda c, _: c.x[1:] == (1, 1),
    "1×1 output": lambda _, a: a["y"].shape[1:] == (1, 1),
    "rows left over": lambda c, _: c.axes[0].leftover > 0,
    "columns left over": lambda c, _: c.axes[1].leftover > 0,
    "p > k − 1": lambda c, _: all(min(a.before, a.after) > a.kernel - 1 for a in c.axes),
    "p > d(k − 1)": lambda c, _: all(min(a.before, a.after) > a.dilation * (a.kernel - 1) > 0 for a in c.axes),
    "p > k − 1 with a stride and rows left over": lambda c, _: any(
        a.before > a.kernel - 1 and a.stride > 1 and a.leftover for a in c.axes
    ),
    "no padding": lambda c, _: sides(c) == [0, 0, 0, 0],
    "input not square": lambda c, _: c.x[1] != c.x[2],
    "kernel not square": lambda c, _: c.w[2] != c.w[3],
    "kernel of even size": lambda c, _: c.w[2] % 2 == c.w[3] % 2 == 0,
    "kernel of even size, with padding": lambda c, _: c.w[2] % 2 == c.w[3] % 2 == 0 and min(sides(c)) > 0,
    "strides that differ": lambda c, _: len(set(as_pair(c.stride))) == 2,
    "paddings that differ": lambda c, _: c.axes[0].before == c.axes[0].after != c.axes[1].before == c.axes[1].after,
    "dilations that differ": lambda c, _: len(set(as_pair(c.dilation))) == 2,
    "settings as numbers": lambda c, _: isinstance(c.stride, int) and isinstance(c.padding, int),
    "settings as pairs": lambda c, _: isinstance(c.stride, tuple) and isinstance(c.dilation, tuple),
    "one channel": lambda c, _: c.x[0] == 1 < c.w[0],
    "one filter": lambda c, _: c.w[0] == 1 < c.x[0],
    "several channels and filters": lambda c, _: c.w[0] > 1 and c.w[1] > 1,
    "dilation 2": lambda c, _: all(a.dilation == 2 and a.kernel > 1 for a in c.axes),
    "dilation 3": lambda c, _: all(a.dilation == 3 and a.kernel > 1 for a in c.axes),
    "dilation and stride": lambda c, _: all(a.dilation > 1 and a.stride > 1 and a.outputs > 1 for a in c.axes),
    "groups of several channels and filters": lambda c, _: (
        c.groups > 1 and c.x[0] // c.groups > 1 and c.w[0] // c.groups > 1
    ),
    "groups with other numbers of channels and filters": lambda c, _: c.groups > 1 and c.x[0] != c.w[0],
    "depthwise": lambda c, _: c.groups == c.x[0] == c.w[0] > 1,
    "depthwise, several filters for each channel": lambda c, _: c.groups == c.x[0] > 1 and c.w[0] > c.x[0],
    "groups and a stride": lambda c, _: c.groups > 1 and all(a.stride > 1 and a.outputs > 1 for a in c.axes),
    "groups and dilation": lambda c, _: c.groups > 1 and any(a.dilation > 1 and a.kernel > 1 for a in c.axes),
    "four sides that differ": lambda c, _: len(set(sides(c))) == 4,
    "padding at the end alone": lambda c, _: any(a.before == 0 < a.after for a in c.axes),
    "padding at the beginning alone": lambda c, _: any(a.after == 0 < a.before for a in c.axes),
    "four sides, a stride and rows left over": lambda c, _: any(
        a.before != a.after and a.stride > 1 and a.leftover for a in c.axes
    ),
    "same": lambda c, a: c.padding == "same" and a["y"].shape[1:] == c.x[1:] and c.w[2:] != (1, 1),
    SAME_ODD: with_odd_row_last,
    "same and dilation": lambda c, _: c.padding == "same" and all(a.dilation > 1 and a.kernel > 1 for a in c.axes),
    "valid": lambda c, _: c.padding == "valid" and c.w[2:] != (1, 1),
    **{
        f"{mode}": lambda c, _, mode=mode: c.padding_mode == mode and min(sides(c)) > 0
        for mode in ("reflect", "replicate", "circular")
    },
    **{
        f"{mode} on four sides": lambda c, _, mode=mode: c.padding_mode == mode and len(set(sides(c))) > 2
        for mode in ("reflect", "replicate", "circular")
    },
    **{
        f"{mode}, gradients folded back": lambda c, a, mode=mode: is_folded(c, a, mode)
        for mode in ("reflect", "replicate", "circular")
    },
    "reflect, the whole input mirrored": lambda c, _: (
        c.padding_mode == "reflect" and any(max(a.before, a.after) == a.size - 1 for a in c.axes)
    ),
    "circular, once around": lambda c, _: (
        c.padding_mode == "circular" and any(max(a.before, a.after) == a.size for a in c.axes)
    ),
    "replicate wider than the input": lambda c, _: (
        c.padding_mode == "replicate" and any(max(a.before, a.after) > a.size for a in c.axes)
    ),
    "copies and groups": lambda c, _: c.padding_mode != "zeros" and c.groups > 1 and min(sides(c)) > 0,
    "no bias": lambda c, a: not c.bias and "db" not in a and not c.arrays()["b"].any(),
    "a bias": lambda c, a: "db" in a and bool(c.arrays()["b"].all()),
    **{f"activation {name}": lambda c, _, name=name: c.activation == name for name in ACTIVATIONS},
    **{
        f"{name} before": lambda c, a, name=name: c.activation_before == name and "dx_before" in a
        for name in ("relu", "leaky_relu", "sigmoid", "tanh")
    },
    "whole numbers": lambda c, _: c.numbers == "whole",
    "normal numbers": lambda c, _: c.numbers == "normal",
}


TRANSPOSED: dict[str, Corner] = {
    "output padding": lambda c, _: all(a.extra > 0 for a in c.axes),
    "output padding of the stride or more": lambda c, _: all(a.stride <= a.extra < a.dilation for a in c.axes),
    "output padding above the padding": lambda c, _: all(a.extra > a.padding for a in c.axes),
    "output paddings that differ": lambda c, _: len(set(as_pair(c.output_padding))) == 2,
    "dilation": lambda c, _: all(a.dilation > 1 and a.kernel > 1 for a in c.axes),
    "dilation and stride": lambda c, _: all(a.dilation > 1 and a.kernel > 1 and a.stride > 1 for a in c.axes),
    "groups of several channels and maps": lambda c, _: c.groups > 1 and c.w[1] > 1 and c.x[0] // c.groups > 1,
    "depthwise": lambda c, _: c.groups == c.x[0] > 1 and c.w[1] == 1,
    "groups and output padding": lambda c, _: c.groups > 1 and any(a.extra > 0 for a in c.axes),
    "stride above the kernel": lambda c, _: all(a.stride > a.kernel and a.size > 1 for a in c.axes),
    "cells that no stamp reaches": lambda c, a: stamps(c, a).min() == 0,
    "stamps that overlap": lambda c, a: stamps(c, a).max() > 1 and min(c.x[1:]) > 1,
    "stamps side by side": lambda c, _: all(a.stride == a.kernel > 1 and a.dilation == 1 < a.size for a in c.axes),
    "1×1 kernel": lambda c, _: c.w[2:] == (1, 1),
    "1×1 input": lambda c, _: c.x[1:] == (1, 1),
    "1×1 output": lambda _, a: a["y"].shape[1:] == (1, 1),
    "kernel of even size": lambda c, _: c.w[2] % 2 == c.w[3] % 2 == 0,
    "p > k − 1": lambda c, _: all(a.padding > a.kernel - 1 for a in c.axes),
    "no padding": lambda c, _: as_pair(c.padding) == (0, 0),
    "input not square": lambda c, _: c.x[1] != c.x[2],
    "kernel not square": lambda c, _: c.w[2] != c.w[3],
    "strides that differ": lambda c, _: len(set(as_pair(c.stride))) == 2,
    "paddings that differ": lambda c, _: len(set(as_pair(c.padding))) == 2,
    "dilations that differ": lambda c, _: len(set(as_pair(c.dilation))) == 2,
    "one channel": lambda c, _: c.x[0] == 1,
    "no bias": lambda c, a: not c.bias and "db" not in a,
    "whole numbers": lambda c, _: c.numbers == "whole",
    "normal numbers": lambda c, _: c.numbers == "normal",
}


def stamps(c: Any, answers: Arrays) -> np.ndarray:
    """How many stamps lie on each cell of the output."""
    counts = np.zeros(answers["y"].shape[1:])
    height, width = c.axes
    for i, j, u, v in np.ndindex(*c.x[1:], *c.w[2:]):
        row = i * height.stride + u * height.dilation - height.padding
        column = j * width.stride + v * width.dilation - width.padding
        if 0 <= row < counts.shape[0] and 0 <= column < counts.shape[1]:
            counts[row, column] += 1
    return counts


POOL: dict[str, Corner] = {
    "windows that overlap": lambda c, _: all(a.stride < a.kernel and a.outputs > 1 for a in c.axes),
    "windows side by side": lambda c, _: all(a.stride == a.kernel > 1 and a.outputs > 1 for a in c.axes),
    "gaps between the windows": lambda c, _: all(a.stride > a.kernel and a.outputs > 1 for a in c.axes),
    "a stride that does not divide": lambda c, _: not c.ceil_mode and any(a.leftover for a in c.axes),
    "ceil mode adds rows and columns": lambda c, a: (
        c.ceil_mode
        and all(
            out == places(axis, ceil) > places(axis, floor) for axis, out in zip(c.axes, a["y"].shape[1:], strict=True)
        )
    ),
    "ceil mode leaves a last window out": lambda c, a: (
        c.ceil_mode and any(out < places(axis, ceil) for axis, out in zip(c.axes, a["y"].shape[1:], strict=True))
    ),
    "ceil mode where every stride divides": lambda c, _: c.ceil_mode and all(not a.leftover for a in c.axes),
    "ceil mode with padding, the last window beyond it": lambda c, _: (
        c.ceil_mode and all(a.before > 0 and a.starts[-1] + a.reach > a.size + a.after for a in c.axes)
    ),
    "padding": lambda c, _: all(a.before > 0 for a in c.axes),
    "padding of half a window": lambda c, _: all(a.before * 2 == a.kernel for a in c.axes),
    "window = input": lambda c, _: as_pair(c.kernel_size) == c.x[1:],
    "1×1 window": lambda c, _: as_pair(c.kernel_size) == (1, 1),
    "1×1 input": lambda c, _: c.x[1:] == (1, 1),
    "1×1 output": lambda _, a: a["y"].shape[1:] == (1, 1),
    "input not square": lambda c, _: c.x[1] != c.x[2],
    "window not square": lambda c, _: len(set(as_pair(c.kernel_size))) == 2,
    "strides that differ": lambda c, _: len(set(as_pair(c.stride))) == 2,
    "paddings that differ": lambda c, _: len(set(as_pair(c.padding))) == 2,
    "one channel": lambda c, _: c.x[0] == 1,
    "several channels": lambda c, _: c.x[0] > 1,
    "whole numbers": lambda c, _: c.numbers == "whole",
    "normal numbers": lambda c, _: c.numbers == "normal",
}

MAX_POOL: dict[str, Corner] = POOL | {
    "a tie goes to the first": tie_goes_to_the_first,
    "a tie under windows that overlap": lambda c, a: (
        tie_goes_to_the_first(c, a) and all(s.stride < s.kernel for s in c.axes)
    ),
    "a tie is shared": lambda c, a: c.ties == "split" and len(ties(c, a)) > 0,
    "a cell wins several windows": wins_twice,
    "dilation": lambda c, _: all(a.dilation > 1 and a.kernel > 1 for a in c.axes),
    "dilations that differ": lambda c, _: len(set(as_pair(c.dilation))) == 2,
    "dilation, padding and ceil mode": lambda c, _: c.ceil_mode and all(a.dilation > 1 and a.before for a in c.axes),
    "zeros in the padding would win": lambda c, a: min(s.before for s in c.axes) > 0 and bool((a["y"] < 0).all()),
}


def counts(question: Any, answers: Arrays) -> list[tuple[int, int]]:
    """For each window how many cells of the input it holds, and what PyTorch divided by (seen where no sum is 0)."""
    x, y = question.arrays()["x"], answers["y"]
    found = [(held, sum(x[place[0], r, q] for r, q in held), y[place]) for place, held in windows(question)]
    return [(len(held), round(total / mean)) for held, total, mean in found if total and mean]


def is_padded_beyond(question: Any) -> bool:
    """Whether windows hold padding, and the last ones hang over it."""
    return all(s.before > 0 and s.starts[-1] + s.reach > s.size + s.after for s in question.axes)


def window_cells(question: Any) -> int:
    return int(np.prod(as_pair(question.kernel_size)))


AVG_POOL: dict[str, Corner] = POOL | {
    "the padding counts": lambda c, a: (
        c.count_include_pad
        and {divisor for _, divisor in counts(c, a)} == {window_cells(c)}
        and any(held < window_cells(c) for held, _ in counts(c, a))
    ),
    "the padding does not count": lambda c, a: (
        not c.count_include_pad
        and all(held == divisor for held, divisor in counts(c, a))
        and any(held < window_cells(c) for held, _ in counts(c, a))
    ),
    "the padding counts, what hangs over does not": lambda c, a: (
        is_padded_beyond(c) and any(held < divisor < window_cells(c) for held, divisor in counts(c, a))
    ),
    "neither the padding counts nor what hangs over": lambda c, a: (
        is_padded_beyond(c) and len(counts(c, a)) > 1 and all(held == divisor for held, divisor in counts(c, a))
    ),
}

GLOBAL: dict[str, Corner] = {
    "a single row": lambda c, _: c.x[1] == 1 < c.x[2],
    "a single column": lambda c, _: c.x[2] == 1 < c.x[1],
    "one cell": lambda c, _: c.x[1:] == (1, 1),
    "one channel": lambda c, _: c.x[0] == 1,
    "not square": lambda c, _: c.x[1] != c.x[2],
    "whole numbers": lambda c, _: c.numbers == "whole",
    "normal numbers": lambda c, _: c.numbers == "normal",
}

GLOBAL_MAX: dict[str, Corner] = GLOBAL | {
    "a tie goes to the first": lambda c, a: any(
        (plane == y).sum() > 1 and int(np.flatnonzero(plane == y)[0]) == where
        for plane, y, where in zip(c.arrays()["x"], a["y"], a["where"], strict=True)
    ),
}

ACTIVATION: dict[str, Corner] = {
    **{f"{name}": lambda c, _, name=name: c.activation == name for name in ACTIVATIONS},
    **{
        f"{name} at 0": lambda c, _, name=name: c.activation == name and bool((c.arrays()["z"] == 0).any())
        for name in ACTIVATIONS
    },
    **{
        f"{name} far below and far above 0": lambda c, _, name=name: (
            c.activation == name and bool((c.arrays()["z"] < -710).any() and (c.arrays()["z"] > 710).any())
        )
        for name in ACTIVATIONS
    },
    "one cell": lambda c, _: c.z == (1, 1, 1),
    "normal numbers": lambda c, _: c.numbers == "normal",
}


def has_pool_tie(question: Any, answers: Arrays) -> bool:
    """Whether the maximum of a pool's window, above zero, stands in several of its cells."""
    down, across = question.pool_axes
    for f, i, j in np.ndindex(answers["y"].shape):
        rows = slice(i * down.stride, i * down.stride + down.kernel)
        columns = slice(j * across.stride, j * across.stride + across.kernel)
        largest = answers["y"][f, i, j]
        if largest > 0 and (answers["a"][f, rows, columns] == largest).sum() > 1:
            return True
    return False


CHAIN: dict[str, Corner] = {
    "ReLU at 0, a gradient arriving there": lambda _, a: bool(((a["z"] == 0) & (a["da"] != 0)).any()),
    "ReLU stops a gradient": lambda _, a: bool(((a["da"] != 0) & (a["dz"] == 0)).any()),
    "a window that ReLU has silenced": lambda _, a: bool((a["y"] == 0).any() and (a["y"] > 0).any()),
    "a tie above zero": has_pool_tie,
    "the update makes the loss smaller": lambda _, a: bool(a["loss_end"] < a["loss_start"]),
    "the update is too large": lambda _, a: bool(a["loss_end"] > a["loss_start"]),
    "another cell wins after the update": lambda _, a: not np.array_equal(a["where_new"], a["where"]),
    "pools that overlap": lambda c, _: all(a.stride < a.kernel and a.outputs > 1 for a in c.pool_axes),
    "a cell wins several pools": lambda _, a: any(
        len(set(where[y > 0])) < len(where[y > 0]) for where, y in zip(a["where"], a["y"], strict=True)
    ),
    "gaps between the pools": lambda c, _: all(a.stride > a.kernel and a.outputs > 1 for a in c.pool_axes),
    "maps left over by the pool": lambda c, _: all(a.leftover > 0 for a in c.pool_axes),
    "pool = map": lambda c, _: all(a.kernel == a.size > 1 for a in c.pool_axes),
    "1×1 pool": lambda c, _: as_pair(c.pool_size) == (1, 1),
    "pool not square": lambda c, _: len(set(as_pair(c.pool_size))) == 2,
    "a convolution with a stride, rows left over": lambda c, _: any(a.stride > 1 and a.leftover for a in c.axes),
    "kernel not square": lambda c, _: c.w[2] != c.w[3],
    "same": lambda c, _: c.padding == "same" and c.w[2:] != (1, 1),
    "valid": lambda c, _: c.padding == "valid",
    "four-sided padding": lambda c, _: all(a.before != a.after for a in c.axes),
    "one channel": lambda c, _: c.x[0] == 1,
    "several channels and filters": lambda c, _: c.x[0] > 1 and c.w[0] > 1,
    "whole numbers": lambda c, _: c.numbers == "whole",
    "normal numbers": lambda c, _: c.numbers == "normal",
}

LINEAR: dict[str, Corner] = {
    **{f"{name}": lambda c, _, name=name: c.activation == name for name in ACTIVATIONS},
    "ReLU at 0, a gradient arriving there": lambda c, a: (
        c.activation == "relu" and bool(((a["z"] == 0) & (c.arrays()["dy"] != 0)).any())
    ),
    "leaky ReLU at 0, a gradient arriving there": lambda c, a: (
        c.activation == "leaky_relu" and bool(((a["z"] == 0) & (c.arrays()["dy"] != 0)).any())
    ),
    "an output that ReLU has shut": lambda c, a: (
        c.activation == "relu" and bool(((a["dz"] == 0) & (c.arrays()["dy"] != 0)).any())
    ),
    "one input": lambda c, _: c.w[1] == 1,
    "one output": lambda c, _: c.w[0] == 1,
    "more outputs than inputs": lambda c, _: c.w[0] > c.w[1],
    "more inputs than outputs": lambda c, _: c.w[1] > c.w[0],
    "as many of both": lambda c, _: c.w[1] == c.w[0] > 1,
    "no bias": lambda c, a: not c.bias and "db" not in a and not c.arrays()["b"].any(),
    "a bias": lambda c, a: "db" in a and bool(c.arrays()["b"].all()),
    "whole numbers": lambda c, _: c.numbers == "whole",
    "normal numbers": lambda c, _: c.numbers == "normal",
}

CROSS_ENTROPY: dict[str, Corner] = {
    "the right class has the largest score": lambda c, a: np.argmax(a["p"]) == c.target and c.classes > 1,
    "the right class has the smallest score": lambda c, a: np.argmin(a["p"]) == c.target and c.classes > 1,
    "equal largest scores": lambda _, a: int((a["p"] == a["p"].max()).sum()) > 1,
    "a probability that is rounded to 0": lambda _, a: bool((a["p"] == 0).any()),
    "a loss of 0": lambda c, a: c.classes > 1 and a["y"][0] == 0,
    "the right class has a probability of 0": lambda c, a: a["p"][c.target] == 0 and bool(np.isfinite(a["y"]).all()),
    "one class": lambda c, _: c.classes == 1,
    "ten classes": lambda c, _: c.classes == 10,
    "the last class is right": lambda c, _: c.target == c.classes - 1 > 0,
    "whole numbers": lambda c, _: c.numbers == "whole",
    "normal numbers": lambda c, _: c.numbers == "normal",
}

NETWORK: dict[str, Corner] = {
    "the answer is right": lambda c, a: c.classes > 1 and np.argmax(a["p"]) == int(c.digit),
    "the answer is wrong": lambda c, a: np.argmax(a["p"]) != int(c.digit),
    "the update makes the answer right": lambda c, a: (
        np.argmax(a["p"]) != int(c.digit) and np.argmax(a["p_new"]) == int(c.digit)
    ),
    "the update makes the loss smaller": lambda _, a: bool(a["loss_end"] < a["loss_start"]),
    "a tie above zero": has_pool_tie,
    "ReLU stops a gradient": lambda _, a: bool(((a["da"] != 0) & (a["dz"] == 0)).any()),
    "a pixel that no path leaves": lambda _, a: bool((a["dx"] == 0).any() and a["dx"].any()),
    "pools that overlap": lambda c, _: all(a.stride < a.kernel and a.outputs > 1 for a in c.pool_axes),
    "a convolution with a stride": lambda c, _: any(a.stride > 1 and a.outputs > 1 for a in c.axes),
    "same": lambda c, _: c.padding == "same" and c.w[2:] != (1, 1),
    "several channels and filters": lambda c, _: c.x[0] > 1 and c.w[0] > 1,
    "one class": lambda c, _: c.classes == 1,
    "ten classes": lambda c, _: c.classes == 10,
    "the last class is right": lambda c, _: int(c.digit) == c.classes - 1 > 0,
    "whole numbers": lambda c, _: c.numbers == "whole",
    "normal numbers": lambda c, _: c.numbers == "normal",
}

BATCH: dict[str, Corner] = {
    "both of one class": lambda c, _: c.first == c.second and c.classes > 1,
    "two classes": lambda c, _: c.first != c.second,
    "one class": lambda c, _: c.classes == 1,
    "the last class is right": lambda c, _: c.second == c.classes - 1 > 0,
    "whole numbers": lambda c, _: c.numbers == "whole",
    "normal numbers": lambda c, _: c.numbers == "normal",
}

TRAINING: dict[str, Corner] = {
    "at least 50 steps": lambda _, a: a["loss"].size >= 50,
    "the loss becomes smaller": lambda _, a: bool(a["loss"][-1].mean() < a["loss"][0].mean() / 2),
    "half of the digits kept apart are read": lambda _, a: bool(a["accuracy"][-1] >= 0.5),
    "momentum": lambda c, _: c.momentum > 0.5,
    "no momentum": lambda c, _: c.momentum == 0,
    "digits left over": lambda c, _: 240 % c.batch_size != 0,
    "in the same order": lambda c, _: not c.shuffle,
    "in another order each epoch": lambda c, a: c.shuffle and len(a["loss"]) > 1,
    "biases that stay": lambda c, a: not c.bias and np.array_equal(c.arrays()["b"], a["b"]) and a["db"].any(),
    "biases that learn": lambda c, a: c.bias and not np.array_equal(c.arrays()["b"], a["b"]),
    "a filter that no gradient reaches": lambda _, a: bool((a["dw"] == 0).all((1, 2, 3)).any()),
    "whole numbers": lambda c, _: c.numbers == "whole",
    "normal numbers": lambda c, _: c.numbers == "normal",
}

CORNERS: dict[str, dict[str, Corner]] = {
    "conv2d": CONV,
    "conv_transpose2d": TRANSPOSED,
    "max_pool2d": MAX_POOL,
    "avg_pool2d": AVG_POOL,
    "global_max_pool2d": GLOBAL_MAX,
    "global_avg_pool2d": GLOBAL,
    "activation": ACTIVATION,
    "chain": CHAIN,
    "linear": LINEAR,
    "softmax_cross_entropy": CROSS_ENTROPY,
    "network": NETWORK,
    "batch": BATCH,
    "training": TRAINING,
}
