"""`=` for `+=`: what is written last is all that stays."""

from collections.abc import Iterator

import numpy as np

from core.comparison.mistake import Call, mistake
from core.comparison.mistakes.windows import last_over, share_of, windows_of
from core.layers.whole import ONE, scattered, summed, weighed
from core.layers.whole_linear import collected, connected
from core.layers.whole_pools import shared_out, to_winners


@mistake(
    "assigned_not_added",
    "{array} is written with = where there should be +=: of what meets in a cell only the last stays",
    of=(scattered, weighed, summed, connected, collected, to_winners, shared_out),
)
def assigned_not_added(call: Call) -> Iterator[np.ndarray]:
    if call.function is connected:
        bias = call.arrays.get("b", 0.0)
        yield call.arrays["w"][:, -1] * call.arrays["x"][-1] + bias
    elif call.function is collected:
        yield call.arrays["w"][-1] * call.arrays["dz"][-1]
    elif call.function is summed:
        yield call.arrays["dz"][:, -1, -1]
    elif call.function is weighed:
        last = np.zeros(call.arrays["dz"].shape)
        last[:, -1, -1] = call.arrays["dz"][:, -1, -1]
        yield call.again(dz=last)
    elif call.function is scattered:
        yield from _stamps(call)
    elif call.function is shared_out:
        yield _shares(call)
    elif call.setting("ties", "first") not in ("split", "all"):
        yield call.again(adds=False)


def _stamps(call: Call) -> Iterator[np.ndarray]:
    """Of the stamps that lie on a cell the last: of all filters together, or of the last filter."""
    dz, w, groups = call.arrays["dz"], call.arrays["w"], call.setting("groups", 1)
    stride, dilation = call.setting("stride", ONE), call.setting("dilation", ONE)
    sizes = zip(call.right.shape[1:], dz.shape[1:], w.shape[2:], stride, (0, 0), dilation, strict=True)
    (i, u), (j, v) = (last_over(*axis) for axis in sizes)
    under = (u >= 0)[:, None] & (v >= 0)
    F, depth = w.shape[:2]
    delta = np.where(under, dz[:, i[:, None], j], 0).reshape(groups, F // groups, 1, *under.shape)
    weights = w[:, :, u[:, None], v].reshape(groups, F // groups, depth, *under.shape)
    yield (delta * weights).sum(1).reshape(call.right.shape)
    yield (delta * weights)[:, -1].reshape(call.right.shape)


def _shares(call: Call) -> np.ndarray:
    """Of the shares that meet in a cell the last: each window's share is what it alone would give there."""
    dy, (i, j, under) = call.arrays["dy"], _last_windows(call)
    return np.where(under, (dy * share_of(call))[:, i, j], 0)


@mistake(
    "window_overwritten",
    "{array}: each window is written whole with =, and its zeros erase what other windows gave: it should be +=",
    of=(to_winners,),
)
def window_overwritten(call: Call) -> Iterator[np.ndarray]:
    x, dy, (i, j, under) = call.arrays["x"], call.arrays["dy"], _last_windows(call)
    windows = windows_of(call, dy.shape[1:])
    x_padded = windows.padded(x, -np.inf)
    best = windows.best(x_padded)
    wins = under & (x == best[:, i, j])  # of a mask x == max
    yield np.where(wins, dy[:, i, j], 0)
    ties = call.setting("ties", "first")
    if ties == "split":
        count = sum(x_padded[:, rows, columns] == best for *_, rows, columns in windows.cells())
        yield np.where(wins, (dy / count)[:, i, j], 0)
    elif ties != "all":
        (top, _), (left, _) = windows.padding
        row, column = (at[:, i, j] for at in windows.places(x_padded, ties))
        r, c = np.indices(x.shape[1:])
        yield np.where(under & (row == r + top) & (column == c + left), dy[:, i, j], 0)


def _last_windows(call: Call) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row and column of the last window over each cell of a plane, and whether there is one."""
    out = call.arrays["dy"].shape[1:]
    windows = windows_of(call, out)
    befores = [before for before, _ in windows.padding]
    sizes = zip(call.right.shape[1:], out, windows.kernel, windows.stride, befores, windows.dilation, strict=True)
    (i, u), (j, v) = (last_over(*axis) for axis in sizes)
    return i[:, None], j[None], (u >= 0)[:, None] & (v >= 0)
