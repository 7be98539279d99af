"""The kernel: turned where it should not be, not turned where it should, turned by half, or the wrong axes of it."""

from collections.abc import Iterable, Iterator
from itertools import combinations

import numpy as np

from core.comparison.mistake import Call, Wrong, mistake
from core.layers.whole import convolved, correlated, cross_correlated, scattered, turned, weighed

TURNED = (scattered, turned)  # these turn the kernel
AS_IT_IS = (correlated, cross_correlated)  # these do not
ROWS_AND_COLUMNS = {2, 3}  # the axes of a kernel in a weight


@mistake("kernel_not_flipped", "{array}: the kernel is not turned by 180°", of=TURNED)
def kernel_not_flipped(call: Call) -> Iterator[np.ndarray]:
    yield call.again(w=call.arrays["w"][..., ::-1, ::-1])


@mistake(
    "correlation_for_convolution",
    "{array} is a correlation, not a convolution: the kernel is as it was",
    of=(convolved,),
)
def correlation_for_convolution(call: Call) -> Iterator[np.ndarray]:
    yield call.again(w=call.arrays["w"][::-1, ::-1])


@mistake(
    "kernel_flipped_top_to_bottom_only",
    "{array}: the kernel is turned over from top to bottom only, and left and right stay where they are",
    of=(*TURNED, convolved),
)
def kernel_flipped_top_to_bottom_only(call: Call) -> Iterator[np.ndarray]:
    yield call.again(w=call.arrays["w"][..., ::-1])  # which undoes the other half


@mistake(
    "kernel_flipped_left_to_right_only",
    "{array}: the kernel is turned over from left to right only, and top and bottom stay where they are",
    of=(*TURNED, convolved),
)
def kernel_flipped_left_to_right_only(call: Call) -> Iterator[np.ndarray]:
    yield call.again(w=call.arrays["w"][..., ::-1, :])


@mistake(
    "kernel_turned_by_90_degrees",
    "{array}: the kernel is turned by 90°, and should be by 180°",
    of=(*TURNED, convolved),
)
def kernel_turned_by_90_degrees(call: Call) -> Iterator[np.ndarray]:
    w = call.arrays["w"]
    if w.shape[-1] == w.shape[-2]:
        yield from (call.again(w=np.rot90(w, times, (-2, -1))) for times in (1, 3))  # which 180° more exchange


@mistake(
    "kernel_transposed",
    "{array}: the kernel is transposed, and should be turned by 180°",
    of=(*TURNED, convolved),
)
def kernel_transposed(call: Call) -> Iterator[np.ndarray]:
    w = call.arrays["w"]
    if w.shape[-1] == w.shape[-2]:
        yield call.again(w=w.swapaxes(-1, -2)[..., ::-1, ::-1])


@mistake(
    "weight_flipped_along_other_axes",
    "{array}: the weight is flipped along axes {axes}, and should be along axes 2, 3: rows and columns",
    of=TURNED,
)
def weight_flipped_along_other_axes(call: Call) -> Iterator[Wrong]:
    for off, w in _flips(call):  # from what is right, which flips rows and columns
        yield Wrong(call.again(w=w), {"axes": _listed(ROWS_AND_COLUMNS ^ {*off})})


@mistake(
    "weight_flipped",
    "{array}: the weight is flipped along axes {axes}, and should slide as it is",
    of=(correlated,),
)
def weight_flipped(call: Call) -> Iterator[Wrong]:
    for axes, w in _flips(call):
        yield Wrong(call.again(w=w), {"axes": _listed(axes)})


def _flips(call: Call) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """Two axes of a weight or more, filters or channels among them, and the weight flipped along these: whole, or group
    by group. With filters or channels alone they stand in reverse order, which has a name of its own.
    """
    w, groups = call.arrays["w"], call.setting("groups", 1)
    long = [axis for axis, size in enumerate(w.shape) if size > 1] if w.ndim == 4 else []
    for axes in (one for count in range(2, len(long) + 1) for one in combinations(long, count)):
        if not {*axes} <= ROWS_AND_COLUMNS:
            yield axes, np.flip(w, axes)
            if 0 in axes and 1 < groups < len(w):
                yield axes, np.concatenate([np.flip(one, axes) for one in np.split(w, groups)])


def _listed(axes: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(axes)))


@mistake(
    "convolution_for_correlation",
    "{array}: the kernel is turned by 180° and should slide as it is: a convolution in place of a correlation",
    of=AS_IT_IS,
)
def convolution_for_correlation(call: Call) -> Iterator[np.ndarray]:
    yield call.again(w=call.arrays["w"][..., ::-1, ::-1])


@mistake(
    "kernel_flipped_along_one_axis",
    "{array}: the kernel is turned over along one axis, and should slide as it is",
    of=AS_IT_IS,
)
def kernel_flipped_along_one_axis(call: Call) -> Iterator[np.ndarray]:
    yield call.again(w=call.arrays["w"][..., ::-1, :])
    yield call.again(w=call.arrays["w"][..., ::-1])


@mistake("weight_gradient_flipped", "{array} is turned by 180°", of=(weighed,))
def weight_gradient_flipped(call: Call) -> Iterator[np.ndarray]:
    yield call.right[..., ::-1, ::-1]


@mistake("weight_gradient_flipped_along_one_axis", "{array} is turned over along one axis", of=(weighed,))
def weight_gradient_flipped_along_one_axis(call: Call) -> Iterator[np.ndarray]:
    yield call.right[..., ::-1, :]
    yield call.right[..., ::-1]
