"""Average pooling: the mean of the cells under each window, and the gradient shared out among them.

The one thing that can be got wrong is what to divide by: at the border a window holds padding, and in ceil mode the
last one hangs over the end. So the counts are a chapter of their own.

x input (C, H, W) · window (KH, KW) · counts (OH, OW) · y output (C, OH, OW) · d + name: gradient with respect to it
"""

from dataclasses import dataclass

import numpy as np

from core import fast
from core.layers import conv
from core.layers import gradient_check as checking
from core.layers.gradient_check import NO_KINKS, nudge, verdict
from core.layers.max_pool import ARTICLE, PoolSettings, around, check_padding, is_even
from core.layers.walk import walk_of
from core.layers.whole_pools import AVG_POOL
from core.offer import limits
from core.offer.layer import Layer, Named
from core.offer.settings import Flag, Four, Sides, Whole, knob
from core.offer.window import WORDS
from core.recording.recorder import algorithm


@algorithm(formula=conv.pad.source.formula)
def pad(x, x_padded, *, padding):
    """Zeros are set around the input, so that windows can reach past its edge.

    In ceil mode the last window may hang over the end, even over that of the padding: zeros stand in for what is
    missing there. With a padding of 0 and without an overhang the padded input is the input. With "same" there is one
    window for every stride begun, and the padding is what those take: where its rows or columns are odd in number, the
    odd one comes last, with "same_lower" first.

    Look: Where `x_padded` has a frame it is made of zeros. Whether they count is decided in the next chapter.

    Question: With a padding of 0, can anything be added to the input?

    Answer: Only in ceil mode, where the last window can hang over the end.
    """
    _, H, W = x.shape
    (TOP, _), (LEFT, _) = padding
    x_padded[:] = 0
    yield "begin with zeros everywhere"
    rows, columns = slice(TOP, TOP + H), slice(LEFT, LEFT + W)
    x_padded[:, rows, columns] = x[:]
    yield "set the input into the middle: any zeros left around it are the padding"


@algorithm(pad, formula=r"@{counts x_padded}_{i,j} = (@[bottom] - @[top]) \cdot (@[right] - @[left])")
def count(x_padded, counts, *, in_size, kernel_size, stride, padding, count_include_pad):
    """For each window the cells are counted that its sum will be divided by; all channels share the counts.

    If count_include_pad is true, as PyTorch has it unless it is told otherwise, the zeros of the padding count like
    cells of the input and pull the mean at the border towards zero. If it is false, cells of the input alone are
    counted. What hangs over in ceil mode never counts. TensorFlow never counts the padding, nor does ONNX unless it is
    told otherwise: for their numbers with "same", turn counting it off.

    Look: Where a cell of `counts` is smaller than the window, part of that window does not count.

    Question: Set a padding of 1 and turn counting the padding off: which counts change?

    Answer: Those of the windows that reach into the padding: then only cells of the input count.
    """
    OH, OW = counts.shape
    (H, W), (KH, KW), (SH, SW) = in_size, kernel_size, stride
    (TOP, _), (LEFT, _) = padding
    BORDER = padding if count_include_pad else ((0, 0), (0, 0))
    (ABOVE, BELOW), (BEFORE, BEHIND) = BORDER
    for i in range(OH):
        top = max(i * SH, TOP - ABOVE)
        bottom = min(i * SH + KH, TOP + H + BELOW)
        for j in range(OW):
            left = max(j * SW, LEFT - BEFORE)
            right = min(j * SW + KW, LEFT + W + BEHIND)
            _, tall, wide = x_padded[:, top:bottom, left:right].shape
            counts[i, j] = tall * wide
            yield "count the cells of this window that its sum is divided by"
        yield "one row of windows is counted"


@algorithm(
    count,
    formula=r"""
    @{y}_{c,i,j} = \frac{1}{@{counts}_{i,j}} \sum_{u,v} @{x_padded window}_{c,\,i \cdot s_h + u,\,j \cdot s_w + v}
    """,
)
def pool(x_padded, window, counts, y, *, stride):
    """Each output is the mean of the cells under its window: their sum, divided by their count.

    Every cell has its say, but none alone: a single high value is smoothed away. Cells that no window reaches are never
    read.

    Look: `window` holds the cells under the box; their sum, divided by the cell of `counts`, is the cell of `y`.

    Question: Can a mean be larger than the largest cell that counts?

    Answer: No, and it is as large only if all are equal. So peaks become lower.
    """
    C, OH, OW = y.shape
    KH, KW = window.shape
    SH, SW = stride
    for c in range(C):
        for i, j in np.ndindex(OH, OW):
            rows = slice(i * SH, i * SH + KH)
            columns = slice(j * SW, j * SW + KW)
            window[:] = x_padded[c, rows, columns]
            yield "take the cells under the window"
            y[c, i, j] = window[:].sum() / counts[i, j]
            yield "add them up and divide by their count"
        yield "one channel is pooled"


@algorithm(
    count,
    formula=r"""
    @{dx_padded} \leftarrow 0
    @{dx_padded}_{c,\,i \cdot s_h + u,\,j \cdot s_w + v} \leftarrow \cdots + \frac{1}{@{counts}_{i,j}} \cdot
      @{dy}_{c,i,j}
    @{dx}_{c,i,j} = @{dx_padded}_{c,\,@(inside)} \quad \forall{c,i,j}
    """,
)
def backward(dy, counts, dx_padded, dx, *, kernel_size, stride, padding):
    """Each output's gradient is divided by the count and goes in equal shares to all cells under the window.

    In a network `dy` comes from the layer behind; the last layer has it from the loss.

    A cell that grows by ε lets the mean grow by ε divided by the count: that is its slope, wherever in the window it
    stands.

    Where windows overlap, a cell has a part in several of them, and its shares add up. What falls on the padding is
    cropped: nobody wants its gradient.

    Look: Every cell under a window gets the same share of its `dy`; where windows overlap, the shares add up in
    `dx_padded`.

    Question: With windows side by side and no padding, is the sum of `dx` that of `dy`?

    Answer: Yes: each gradient is divided among its cells, and nothing gets lost.
    """
    C, OH, OW = dy.shape
    _, H, W = dx.shape
    (KH, KW), (SH, SW) = kernel_size, stride
    (TOP, _), (LEFT, _) = padding
    dx_padded[:] = 0
    yield "begin with zeros everywhere"
    for c in range(C):
        for i, j in np.ndindex(OH, OW):
            rows = slice(i * SH, i * SH + KH)
            columns = slice(j * SW, j * SW + KW)
            share = dy[c, i, j] / counts[i, j]
            dx_padded[c, rows, columns] += share
            yield "add an equal share of the gradient to every cell under the window"
        yield "one channel has passed back"
    rows, columns = slice(TOP, TOP + H), slice(LEFT, LEFT + W)
    dx[:] = dx_padded[:, rows, columns]
    yield "crop the padding: what is left is the gradient of the input"


@algorithm(backward, formula=checking.compared("x"))
def gradient_check(x_nudged, dy, loss, numeric_dx, dx, difference_dx, kinks_dx, found, *, epsilon, most, loss_of):
    """Is the gradient of the input right? Nudge each x, and see how the loss really changes.

    A mean has no kinks and no ties, so the two gradients agree everywhere, but for rounding.

    Look: One cell of `x_nudged` changes at a time. `difference_dx` stays 0, but for rounding.

    Question: Does the gradient of the input depend on the input at all?

    Answer: No: a mean is linear, and its slopes are the same everywhere.
    """
    judged = yield from nudge(
        x_nudged, loss, numeric_dx, dx, difference_dx, kinks_dx, dy, epsilon=epsilon, most=most, loss_of=loss_of
    )
    yield from verdict(numeric_dx, dx, difference_dx, kinks_dx, found, judged=judged)


algorithms = walk_of(
    __name__,
    "Forward, backward in equal shares, and the check of the gradient.",
    pad, count, pool, backward, gradient_check,
)  # fmt: skip


@dataclass(frozen=True)
class AvgPoolSettings(PoolSettings):
    """What a reader can turn; the names are those of torch.nn.AvgPool2d where it has them."""

    padding: Four | str = knob(0, Sides(0, limits.KERNEL // 2, WORDS), "Padding", "Window")
    ceil_mode: bool = knob(False, Flag(), "Ceil mode", "Window")
    count_include_pad: bool = knob(True, Flag(), "Count the padding", "Window")
    seed: int = knob(0, Whole(0, limits.SEED), "Seed (0: the example)", "Numbers")


def arrays(s: AvgPoolSettings) -> dict[str, Named]:
    height, width = s.axes
    y = (s.in_channels, height.out, width.out)
    check_padding(height, width)
    padded = (s.in_channels, height.covered, width.covered)
    x = Named((s.in_channels, s.in_height, s.in_width), "input", "input")
    named = {
        "x": x,
        "x_padded": Named(padded, "input", "padded input", fill="padding"),
        "counts": Named(y[1:], "count", "cells that count"),
        "window": Named((s.kernel_height, s.kernel_width), "scratch", "cells under the window"),
        "y": Named(y, "value", "output"),
        "dy": Named(y, "gradient", "∂L/∂y, arriving"),
        "dx_padded": Named(padded, "gradient", "∂L/∂x and its border"),
        "dx": Named(x.shape, "gradient", "∂L/∂x, gradient of the input"),
    }
    return named | checking.arrays({"x": x})


def others(s: AvgPoolSettings, named: dict[str, Named]) -> dict[str, object]:
    def loss_of(x: np.ndarray, dy: np.ndarray) -> checking.Loss:
        y = fast.avg_pool2d(
            x, (s.kernel_height, s.kernel_width), stride=s.stride, padding=s.sides, ceil_mode=s.ceil_mode,
            count_include_pad=s.count_include_pad,
        )  # fmt: skip
        return dy * y, NO_KINKS, dy * y

    return {"in_size": (s.in_height, s.in_width)} | checking.arguments(loss_of, s.in_channels * s.windows)


def torch(s: AvgPoolSettings) -> str:
    height, width = s.axes
    kernel = f"({s.kernel_height}, {s.kernel_width}), {s.stride}"
    if is_even(height, width):
        window = f"{kernel}, {(height.before, width.before)}"
        return f"""
        x.requires_grad_()
        y = F.avg_pool2d(x, {window}, ceil_mode={s.ceil_mode}, count_include_pad={s.count_include_pad})
        y.backward(dy)
        dx = x.grad
        """
    left, right, top, bottom = around(height, width)
    counted = "x"
    if s.count_include_pad:
        counted = f"F.pad(x, ({width.before}, {width.after}, {height.before}, {height.after}))"
        left, right, top, bottom = 0, right - width.after, 0, bottom - height.after
    return f"""
    # PyTorch pads a pool evenly: here zeros are set around x beforehand, and the cells that count are counted.
    x.requires_grad_()
    counted = {counted}
    frame = ({left}, {right}, {top}, {bottom})
    total = F.avg_pool2d(F.pad(counted, frame), {kernel}, divisor_override=1)
    counts = F.avg_pool2d(F.pad(torch.ones_like(counted), frame), {kernel}, divisor_override=1)[0]
    y = total / counts
    y.backward(dy)
    dx = x.grad
    """


layer = Layer(
    name="avg_pool2d",
    title="Average pooling",
    group="Layers",
    settings=AvgPoolSettings,
    axes={"x": ("in_channels", "in_height", "in_width"), "dy": ("in_channels", None, None)},
    arrays=arrays,
    algorithms=algorithms,
    example=ARTICLE,
    others=others,
    torch=torch,
    whole=AVG_POOL,
)
