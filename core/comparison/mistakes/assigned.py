"""`=` for `+=`: what is written last is all that stays."""

from collections.abc import Iterator

import numpy as np

from core.comparison.mistake import Call, mistake
from core.layers.whole import ONE, scattered, summed, weighed
from core.layers.whole_linear import collected, connected
from core.layers.whole_pools import averaged, shared_out, to_winners

NONE = ((0, 0), (0, 0))


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
    (i, u), (j, v) = (_last(*axis) for axis in sizes)
    under = (u >= 0)[:, None] & (v >= 0)
    F, depth = w.shape[:2]
    delta = np.where(under, dz[:, i[:, None], j], 0).reshape(groups, F // groups, 1, *under.shape)
    weights = w[:, :, u[:, None], v].reshape(groups, F // groups, depth, *under.shape)
    yield (delta * weights).sum(1).reshape(call.right.shape)
    yield (delta * weights)[:, -1].reshape(call.right.shape)


def _shares(call: Call) -> np.ndarray:
    """Of the shares that meet in a cell the last: each window's share is what it alone would give there."""
    dy, kernel, stride = call.arrays["dy"], call.settings["kernel_size"], call.settings["stride"]
    padding = call.setting("padding", NONE)
    befores = [before for before, _ in padding]
    sizes = zip(call.right.shape[1:], dy.shape[1:], kernel, stride, befores, ONE, strict=True)
    (i, u), (j, v) = (_last(*axis) for axis in sizes)
    under = (u >= 0)[:, None] & (v >= 0)
    # Of ones the mean is how many cells stand on the plane, by the divisor.
    counted = {name: value for name, value in call.settings.items() if name != "shape"}
    mean = averaged(np.ones((1, *call.right.shape[1:])), **counted)[0]
    share = mean / np.outer(
        *(_on_plane(*axis) for axis in zip(call.right.shape[1:], dy.shape[1:], kernel, stride, befores, strict=True))
    )
    return np.where(under, (dy * share)[:, i[:, None], j], 0)


def _on_plane(size: int, out: int, kernel: int, stride: int, before: int) -> np.ndarray:
    """Along one axis, how many cells of each window stand on the plane."""
    at = np.add.outer(np.arange(out) * stride - before, np.arange(kernel))
    counts: np.ndarray = ((at >= 0) & (at < size)).sum(1)
    return counts


def _last(size: int, out: int, kernel: int, stride: int, before: int, dilation: int) -> tuple[np.ndarray, np.ndarray]:
    """Along one axis, for each cell the last place whose window holds it, and which of the window it is; -1: none."""
    place, cell = np.zeros(size, int), np.full(size, -1)
    for at in range(out):
        for k in range(kernel):
            here = at * stride - before + k * dilation
            if 0 <= here < size:
                place[here], cell[here] = at, k
    return place, cell
