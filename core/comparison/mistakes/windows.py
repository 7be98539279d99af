"""How the windows of a pool lie on its plane, for what is wrong with them. No mistake is declared here."""

from typing import Any

import numpy as np

from core.comparison.mistake import Call
from core.layers.whole import NONE, ONE, Pair, Sides
from core.layers.whole_pools import Windows, averaged, shared_out
from core.offer.places import laid_over


def windows_of(call: Call, out: tuple[int, ...]) -> Windows:
    """The windows of a pool with so many places."""
    (OH, OW), settings = out, call.settings
    return Windows(
        (OH, OW), settings["kernel_size"], settings["stride"], call.setting("padding", NONE),
        call.setting("dilation", ONE),
    )  # fmt: skip


def with_stride(call: Call, stride: Pair) -> np.ndarray:
    """The result with another stride, over as many places."""
    if call.function is not shared_out:
        return call.over_zeros(call.again(stride=stride))
    dy = call.arrays["dy"]
    ground = averaged(np.zeros(call.right.shape), **{**_of_the_mean(call), "stride": stride})
    return call.again(stride=stride, dy=laid_over(dy, np.zeros((len(dy), *ground.shape[1:]))))


def share_of(call: Call) -> np.ndarray:
    """What a cell gets of each window of an average pool: one by its divisor."""
    plane, out = (call.arrays["x"], call.right) if call.function is averaged else (call.right, call.arrays["dy"])
    ones = averaged(np.ones((1, *plane.shape[1:])), **_of_the_mean(call))[0]  # the cells of x, by the divisor
    share: np.ndarray = ones / cells_on(plane.shape, out.shape, call, call.setting("padding", NONE))
    return share


def cells_on(plane: tuple[int, ...], out: tuple[int, ...], call: Call, padding: Sides) -> np.ndarray:
    """How many cells of each window stand on a plane."""
    befores = [before for before, _ in padding]
    axes = zip(plane[1:], out[1:], call.settings["kernel_size"], call.settings["stride"], befores, strict=True)
    return np.outer(*(_along(*axis) for axis in axes))


def last_over(size: int, out: int, kernel: int, stride: int, before: int, dilation: int) -> tuple[np.ndarray, ...]:
    """Along one axis, for each cell the last place whose window holds it, and which of the window it is; -1: none."""
    place, cell = np.zeros(size, int), np.full(size, -1)
    for at in range(out):
        for k in range(kernel):
            here = at * stride - before + k * dilation
            if 0 <= here < size:
                place[here], cell[here] = at, k
    return place, cell


def _of_the_mean(call: Call) -> dict[str, Any]:
    """The settings that both ways of an average pool have."""
    return {name: value for name, value in call.settings.items() if name != "shape"}


def _along(size: int, out: int, kernel: int, stride: int, before: int) -> np.ndarray:
    """Along one axis, how many cells of each window stand on the plane."""
    at = np.add.outer(np.arange(out) * stride - before, np.arange(kernel))
    counts: np.ndarray = ((at >= 0) & (at < size)).sum(1)
    return counts
