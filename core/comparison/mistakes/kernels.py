"""The kernel: turned where it should not be, not turned where it should, or turned by half."""

from collections.abc import Iterator

import numpy as np

from core.comparison.mistake import Call, mistake
from core.layers.whole import convolved, correlated, cross_correlated, scattered, turned, weighed

TURNED = (scattered, turned)  # these turn the kernel
AS_IT_IS = (correlated, cross_correlated)  # these do not


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
