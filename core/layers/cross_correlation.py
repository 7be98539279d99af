"""Cross-correlation and mathematical convolution, side by side on the same numbers.

Deep learning's "convolution" slides the kernel as it is, which mathematics calls a cross-correlation. A convolution
turns the kernel by 180° first. For a kernel that the turn does not change the two are one.

x input (H, W) · w kernel (KH, KW) · outputs (OH, OW)
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from core.layers.walk import walk_of
from core.layers.whole import convolved, cross_correlated, turned
from core.offer import limits
from core.offer.layer import Example, Layer, Named
from core.offer.part import Part
from core.offer.settings import Choice, SettingError, Whole, knob
from core.offer.window import Windowed
from core.recording.recorder import algorithm
from core.recording.trace import Arrays


@algorithm(formula=r"@{out}_{i,j} = \sum_{u,v} @{kernel product}_{u,v} \cdot @{x patch product}_{i + u,\,j + v}")
def slide(x, patch, kernel, product, out):
    """The kernel slides over the input: at every place it is multiplied with the patch below, and the sum is taken."""
    OH, OW = out.shape
    KH, KW = kernel.shape
    for i, j in np.ndindex(OH, OW):
        rows, columns = slice(i, i + KH), slice(j, j + KW)
        patch[:] = x[rows, columns]
        yield "place the kernel, take its patch"
        product[:] = patch[:] * kernel[:]
        yield "multiply patch and kernel, cell by cell"
        out[i, j] = product[:].sum()
        yield "sum the products"


@algorithm(
    formula=(
        r"@{correlation}_{i,j} = (@{x patch} \star @{w product})_{i,j} = \sum_{u,v} @{w product}_{u,v} \cdot "
        r"@{x patch}_{i + u,\,j + v}"
    ),
)
def cross_correlate(x, patch, w, product, correlation):
    """Cross-correlation: the kernel slides over the input just as it is written. So do the layers called "Conv2d".

    The output is large where the input has the kernel's pattern, and also where the input is simply large.

    Look: A cell of `correlation` is large where the patch of `x` is large in the same places as `w`.

    Question: Add 10 to every cell of the input: does the output still point at the pattern?

    Answer: Yes, but every cell has grown by 10 times the sum of the weights. Only with a sum of 0 does brightness not
    matter.
    """
    yield from slide(x, patch, w, product, correlation)


@algorithm(formula=r"@{w_turned}_{k_h - 1 - u,\,k_w - 1 - v} = @{w}_{u,v}")
def turn(w, w_turned):
    """For a convolution the kernel is turned by 180° first: what was on the left is on the right, top is bottom.

    The turned kernel is written cell by cell into the place opposite, through the centre. A kernel that looks the same
    upside down stays as it is: then nothing below will differ.

    Look: The first weight of `w` becomes the last of `w_turned`.

    Question: For which kernels does nothing change?

    Answer: For those that look the same upside down. Set the kernel to symmetric and see.
    """
    KH, KW = w.shape
    for u, v in np.ndindex(KH, KW):
        w_turned[KH - 1 - u, KW - 1 - v] = w[u, v]
        yield "set each weight in the place opposite, through the centre of the kernel"


@algorithm(
    turn,
    formula=r"@{convolution}_{i,j} = \sum_{u,v} @{w_turned product}_{u,v} \cdot @{x patch}_{i + u,\,j + v}",
)
def convolve(x, patch, w_turned, product, convolution):
    """Convolution: the turned kernel slides over the same input, and all else is as before.

    Why turn it at all? With the turn, and as long as no border is cut off, the order no longer matters: x ∗ w is w ∗ x,
    and (x ∗ w) ∗ v is x ∗ (w ∗ v). A correlation has neither. A layer that learns its weights needs none of this: it
    would just learn them turned.

    Look: The box on `x` goes the same way as before; only the kernel is another one, `w_turned`.

    Question: An image of zeros with a single 1 in it: what does a convolution make of it, and what a correlation?

    Answer: The convolution draws the kernel as it is written, the correlation draws it turned.
    """
    yield from slide(x, patch, w_turned, product, convolution)


@algorithm(cross_correlate, convolve, formula=r"@{difference}_{i,j} = @{convolution}_{i,j} - @{correlation}_{i,j}")
def compare(correlation, convolution, difference):
    """Cell by cell, what the turn has changed: a kernel that found dark to light now finds light to dark.

    Look: `difference` is 0 where the turn has changed nothing.

    Question: Set the kernel to symmetric: what becomes of `difference`?

    Answer: It is 0 everywhere: the turned kernel is the same kernel.
    """
    OH, OW = correlation.shape
    cells, differ, first = OH * OW, 0, None
    for i, j in np.ndindex(OH, OW):
        difference[i, j] = convolution[i, j] - correlation[i, j]
        if difference[i, j] == 0:
            yield "here both are equal"
        else:
            first = first or (i, j)
            differ += 1
            yield "here they differ"
    if differ > 0:
        yield "the two differ in {differ} of {cells} cells, first in {difference[first]}"
    else:
        yield "the two are equal in all {cells} cells: the turn has changed nothing"


algorithms = walk_of(
    __name__,
    "The same input and kernel, cross-correlated and convolved: only the turn of the kernel by 180° is different.",
    cross_correlate, turn, convolve, compare,
)  # fmt: skip


@dataclass(frozen=True)
class CorrelationSettings(Windowed):
    """The sizes, and whether the kernel looks the same when it is turned."""

    in_height: int = knob(5, Whole(1, limits.SIDE), "Input height", "Sizes")
    in_width: int = knob(5, Whole(1, limits.SIDE), "Input width", "Sizes")
    kernel_height: int = knob(3, Whole(1, limits.KERNEL), "Kernel height", "Sizes")
    kernel_width: int = knob(3, Whole(1, limits.KERNEL), "Kernel width", "Sizes")
    kernel: str = knob("plain", Choice(("plain", "symmetric")), "Kernel", "Numbers")
    seed: int = knob(0, Whole(0, limits.SEED), "Seed (0: the example)", "Numbers")


def arrays(s: CorrelationSettings) -> dict[str, Named]:
    height, width = s.axes
    kernel, out = (s.kernel_height, s.kernel_width), (height.out, width.out)
    return {
        "x": Named((s.in_height, s.in_width), "input", "input"),
        "patch": Named(kernel, "scratch", "patch under the kernel"),
        "w": Named(kernel, "parameter", "kernel"),
        "product": Named(kernel, "scratch", "patch × kernel"),
        "correlation": Named(out, "value", "cross-correlation"),
        "w_turned": Named(kernel, "parameter", "kernel, turned by 180°"),
        "convolution": Named(out, "value", "mathematical convolution"),
        "difference": Named(out, "value", "convolution − cross-correlation"),
    }


# A step from dark to light, and a kernel that looks for just that: the sign of the result tells the two apart.
EXAMPLE: Example = {
    "x": [[0, 0, 1, 2, 2], [0, 0, 1, 2, 2], [0, 1, 2, 2, 3], [0, 1, 2, 3, 3], [1, 1, 2, 3, 3]],
    "w": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],  # Sobel
}


def given(s: CorrelationSettings, made: Arrays, brought: Collection[str]) -> Arrays:
    """A kernel that is to be symmetric is added to itself turned."""
    if s.kernel == "symmetric":
        if "w" in brought:
            raise SettingError("kernel", "{setting} is symmetric, and w is given too: take one of the two away")
        made["w"] = np.abs(made["w"]) + np.abs(made["w"][::-1, ::-1])
    return made


def torch(_: CorrelationSettings) -> str:
    return """
    # What PyTorch calls a convolution is the cross-correlation; for the other the kernel is turned first.
    w_turned = w.flip(0, 1)
    correlation = F.conv2d(x[None], w[None, None])[0]
    convolution = F.conv2d(x[None], w_turned[None, None])[0]
    difference = convolution - correlation
    """


layer = Layer(
    name="cross_correlation",
    title="Cross-correlation and convolution",
    group="Ideas",
    settings=CorrelationSettings,
    axes={"x": ("in_height", "in_width"), "w": ("kernel_height", "kernel_width")},
    arrays=arrays,
    algorithms=algorithms,
    example=EXAMPLE,
    given=given,
    torch=torch,
    whole={
        "correlation": Part(cross_correlated, "x", "w"),
        "w_turned": Part(turned, "w"),
        "convolution": Part(convolved, "x", "w"),
    },
)
