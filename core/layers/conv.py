"""The convolution layer of deep learning, from the input to the updated weights.

Its kernel slides unflipped over the input: mathematically a cross-correlation. Every chapter of its life is an
algorithm of its own; `walk` makes one story of them. The surprising one is the input gradient: expand the sensitivity
map to the size it would have at stride 1, pad it by dilation·(kernel − 1), correlate with the flipped kernel, sum over
the filters and crop the padding. That holds for every setting, leftover rows and a padding wider than the kernel
included; padding by kernel − 1 − padding, as often taught, does not.

x input (C, H, W) · w weight (F, C/groups, KH, KW) · b bias (F,) · z (F, OH, OW) · d + name: gradient with respect to it
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core import fast
from core.layers import gradient_check as checking
from core.layers.activation import ACTIVATIONS, FROM_OUTPUT
from core.layers.gradient_check import farthest, nudge, verdict
from core.layers.walk import walk_of
from core.layers.whole import CONVOLUTION, pad_whole
from core.offer import limits
from core.offer.layer import MAPS, PER_FILTER, Example, Layer, Named, Onward
from core.offer.settings import Choice, Four, Pair, Real, SettingError, Sides, Whole, knob
from core.offer.window import WORDS, Axis, Windowed
from core.recording.recorder import algorithm
from core.recording.trace import Arrays
from core.text.formula import in_groups
from core.text.plot import Change


@algorithm(
    formula=lambda settings: (
        r"@{x_padded} \leftarrow 0"
        "\n"
        r"@{x_padded}_{c,\,p_t+i,\,p_l+j} \leftarrow @{x}_{c,i,j}"
        if settings.get("padding_mode", "zeros") == "zeros"
        else r"@{x_padded}_{c,i,j} = @{x}_{c,\,\text{inside}(i - p_t),\,\text{inside}(j - p_l)}"
    ),
)
def pad(x, x_padded, *, padding, padding_mode):
    """Cells are set around the input, so that the kernel can reach past its edge: zeros, unless another mode is chosen.

    Without them the output would shrink at every layer, and the cells at the edge would be seen less often than those
    in the middle.

    Look: Cells of `x_padded` with a line under their number were filled in; all others are copies of `x`.

    Question: With a kernel of 3×3 and a stride of 1, which padding makes the output as large as the input?

    Answer: 1: the output has H + 2p − k + 1 rows, and with k = 3 and p = 1 those are H.
    """
    _, H, W = x.shape
    (TOP, _), (LEFT, _) = padding
    if padding_mode == "zeros":
        x_padded[:] = 0
        yield "begin with zeros everywhere"
        rows, columns = slice(TOP, TOP + H), slice(LEFT, LEFT + W)
        x_padded[:, rows, columns] = x[:]
        yield "set the input into the middle: the zeros left around it are the padding"
    else:
        yield from pad_with_copies(
            x, x_padded, padding=padding, padding_mode=padding_mode
        )  # fmt: skip


def inside(place, size, padding_mode):
    """Which cell of the input stands at a place that may lie outside of it, along one axis.

    >>> [inside(place, 4, "reflect") for place in range(-2, 6)]
    [2, 1, 0, 1, 2, 3, 2, 1]
    """
    match padding_mode:
        case "reflect":  # the edge is the mirror, and is not repeated
            return min(abs(place), 2 * (size - 1) - place) if place >= size else abs(place)
        case "replicate":
            return min(max(place, 0), size - 1)
        case _:  # circular
            return place % size


@algorithm(
    formula=r"""
    @{x_padded}_{c,i,j} = @{x}_{c,\,@[row],\,@[column]}
    @[row] = \text{inside}(i - p_t), \quad @[column] = \text{inside}(j - p_l)
    """,
)
def pad_with_copies(x, x_padded, *, padding, padding_mode):
    """The border is made of cells of the input: mirrored (reflect), the nearest (replicate) or from across (circular).

    So the kernel meets nothing at the edge that the input does not have. Backward, every copy hands its gradient to the
    cell that it is a copy of.
    """
    C, PADDED_H, PADDED_W = x_padded.shape
    _, H, W = x.shape
    (TOP, _), (LEFT, _) = padding
    for c in range(C):
        for i, j in np.ndindex(PADDED_H, PADDED_W):
            row = inside(i - TOP, H, padding_mode)
            column = inside(j - LEFT, W, padding_mode)
            x_padded[c, i, j] = x[c, row, column]
            yield "copy the cell of the input that belongs here"
        yield "one channel is padded"


@algorithm(
    pad,
    formula=in_groups(
        r"""
        @{z}_{f,i,j} = @{b}_f + \sum_{c',u,v} @{w product}_{f,c',u,v} \cdot @{x_padded patch product}_{@[first_channel]
          + c',\,@(under)}
        @[first_channel] = \lfloor f \cdot \text{groups} / F \rfloor \cdot C / \text{groups}
        """
    ),
)
def correlate(x_padded, patch, w, product, b, z, *, stride, dilation, groups):
    """Each output cell is the patch under the kernel times the kernel, summed, plus the bias: a cross-correlation,
    which deep learning calls a convolution.

    In mathematics a convolution flips the kernel first. The stride is how far the patch moves from one output cell to
    the next. With groups, each filter sees the channels of its group alone.

    Look: The kernel lies on `x_padded` as a box, and moves on by the stride with every new cell of `z`; where boxes
    overlap, cells are used again.

    Question: Which cells of `x_padded` have a part in the most outputs? Turn the stride up: are there cells with a part
    in none?

    Answer: Those in the middle lie under the most patches. With a stride above the kernel's size, or where the last
    step does not fit, some lie under none: they are struck through.
    """
    F, DEPTH, KH, KW = w.shape
    _, OH, OW = z.shape
    (SH, SW), (DH, DW) = stride, dilation
    for f in range(F):
        first_channel = f // (F // groups) * DEPTH
        channels = slice(first_channel, first_channel + DEPTH)
        for i, j in np.ndindex(OH, OW):
            rows = slice(i * SH, i * SH + DH * KH, DH)
            columns = slice(j * SW, j * SW + DW * KW, DW)
            patch[:] = x_padded[channels, rows, columns]
            yield "place the kernel, take its patch"
            product[:] = patch[:] * w[f]
            yield "multiply patch and kernel, cell by cell"
            z[f, i, j] = product[:].sum() + b[f]
            yield "sum the products and add the bias"
        yield "one filter has made its feature map"


@algorithm(correlate, formula=r"@{y}_{f,i,j} = \varphi(@{z}_{f,i,j})")
def activate(z, y, *, activation):
    """The activation function turns what the kernel computed, `z`, into the layer's output `y`, cell by cell."""
    yield from ACTIVATIONS[activation].forward(z, y)


@algorithm(correlate, formula=r"@{dz}_{f,i,j} = @{dy}_{f,i,j} \cdot \varphi'(@{z}_{f,i,j})")
def through_activation(z, dy, dz, *, activation):
    """The gradient `dy` arrives from the layer behind; the last layer of a network has it from the loss. Times the
    slope of the activation it becomes the sensitivity map, δ = `dz`.

    This is the chain rule: y = f(z), so ∂L/∂z = ∂L/∂y · f′(z). All that follows starts from δ.
    """
    yield from ACTIVATIONS[activation].backward(z, dy, dz)


@algorithm(
    through_activation,
    formula=r"""
    @{dz_expanded} \leftarrow 0
    @{dz_expanded}_{f,\,i \cdot s_h,\,j \cdot s_w} \leftarrow @{dz}_{f,i,j}
    """,
)
def expand(dz, dz_expanded, *, stride):
    """The sensitivity map is spread out to the size it would have at stride 1, with zeros in between.

    With a stride of s the layer computed only every s-th output of the stride-1 correlation. The outputs that it
    skipped never existed and the loss does not depend on them, so their gradient is zero: those are the s − 1 zeros
    between neighbours. The rows and columns left over at the end are zeros for the same reason. With a stride of 1
    nothing is inserted.

    Look: Count the underlined zeros between two neighbours in `dz_expanded`: one fewer than the stride.

    Question: Set the stride to 1: what does this chapter still do?

    Answer: It only copies: no output was skipped, so nothing is inserted.
    """
    F, OH, OW = dz.shape
    SH, SW = stride
    dz_expanded[:] = 0
    yield "begin with zeros everywhere: outputs that the stride skipped have no gradient"
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            dz_expanded[f, i * SH, j * SW] = dz[f, i, j]
            yield "set each δ at its row and column times the stride"
        yield "one sensitivity map is expanded"


@algorithm(
    expand,
    formula=r"""
    @{dz_padded} \leftarrow 0
    @{dz_padded}_{f,\,d_h (k_h - 1) + i,\,d_w (k_w - 1) + j} \leftarrow @{dz_expanded}_{f,i,j}
    """,
)
def pad_fully(dz_expanded, dz_padded, *, kernel_size, dilation):
    """The expanded map is framed by dilation × (kernel − 1) zeros, so that every placement with an overlap is reached.

    A cell at the corner of the padded input took part in a single output. To collect for it, the kernel has to stand
    almost outside, with just one of its cells over the map.

    Look: The frame of `dz_padded` is just so wide that the kernel, in the corner, covers a single cell of
    `dz_expanded`.

    Question: How wide is the frame for a kernel of 1×1?

    Answer: 0: dilation × (1 − 1). Such a kernel never reaches past the edge.
    """
    _, EH, EW = dz_expanded.shape
    (KH, KW), (DH, DW) = kernel_size, dilation
    top, left = DH * (KH - 1), DW * (KW - 1)
    rows, columns = slice(top, top + EH), slice(left, left + EW)
    dz_padded[:] = 0
    yield "begin with zeros everywhere"
    dz_padded[:, rows, columns] = dz_expanded[:]
    yield "set the expanded map into the middle"


@algorithm(formula=r"@{w_flipped}_{f,\,c,\,k_h - 1 - u,\,k_w - 1 - v} = @{w}_{f,c,u,v}")
def flip(w, w_flipped):
    """Each kernel is turned by 180°: left becomes right and top becomes bottom.

    An input cell went to the output on its left by a weight on the right of the kernel, and to the output on its right
    by a weight on the left. Collecting what comes back to it, outputs and weights run in opposite directions; the
    turned kernel makes them run the same way.

    The same in indices, along one axis and at stride 1: forward, weight u multiplied the input at i + u on its way to
    output i. So the input at place t went to output t − u by weight u: as the weight's index goes up, the output's goes
    down. What comes back to t is the sum of δ[t − u] · w[u] over u, and with the kernel turned that sum is a plain
    correlation again, with the very same loop as in the forward pass.

    Look: The weight in the first corner of `w` arrives in the last corner of `w_flipped`; the centre of an odd kernel
    stays.

    Question: What do you get if you turn a kernel twice?

    Answer: The kernel as it was: 180° twice is a whole turn.
    """
    F, C, KH, KW = w.shape
    for f, c in np.ndindex(F, C):
        for u, v in np.ndindex(KH, KW):
            row, column = KH - 1 - u, KW - 1 - v
            w_flipped[f, c, row, column] = w[f, c, u, v]
            yield "set each weight in the place opposite, through the centre of the kernel"
        yield "one kernel is turned by 180°"


_gathered = in_groups(
    r"""
    @{dx_padded}_{c,i,j} = \sum_{f',u,v} @{w_flipped product_dx}_{@[first_filter] + f',\,@[c_in_group],\,u,\,v} \cdot
      @{dz_padded patch_dx product_dx}_{@[first_filter] + f',\,@(beside)}
    @[first_filter] = \lfloor c \cdot \text{groups} / C \rfloor \cdot F / \text{groups}, \quad @[c_in_group] = c \bmod
      (C / \text{groups})
    """
)


def _gathered_and_cropped(settings: Mapping[str, Any]) -> str:
    """Where the border was made of copies nothing is cropped, and the rest is the formula of `fold_back`."""
    crop = "\n" r"@{dx}_{c,i,j} = @{dx_padded}_{c,\,@(inside)} \quad \forall{c,i,j}"
    return _gathered(settings) + (crop if settings.get("padding_mode", "zeros") == "zeros" else "")


@algorithm(pad_fully, flip, formula=_gathered_and_cropped)
def input_gradient(
    dz_padded, patch_dx, w_flipped, product_dx, dx_padded, dx, *, padding, padding_mode, dilation, groups
):
    """Each input cell collects, from every output it fed, that output's δ times the weight between the two.

    The turned kernel slides over the padded map with stride 1, once for each input channel. The products are summed
    over all filters, since the input cell fed every one of them (of its group). The padding is cropped: nobody wants
    its gradient. Where the border was made of copies, their gradients go to the cells that they are copies of.

    Look: The patch of `dz_padded` goes through the maps of all filters (of the group) at once, and all its products end
    in one cell of `dx_padded`.

    Question: Which cells of `dx_padded` are computed and then not kept?

    Answer: Those of the padding, if there is any. Zeros need no gradient; where the border was copied, its gradients go
    back to the originals.
    """
    F, DEPTH, KH, KW = w_flipped.shape
    C, PADDED_H, PADDED_W = dx_padded.shape
    _, H, W = dx.shape
    ((TOP, _), (LEFT, _)), (DH, DW) = padding, dilation
    for c in range(C):
        first_filter, c_in_group = c // DEPTH * (F // groups), c % DEPTH
        filters = slice(first_filter, first_filter + F // groups)
        for i, j in np.ndindex(PADDED_H, PADDED_W):
            rows = slice(i, i + DH * KH, DH)
            columns = slice(j, j + DW * KW, DW)
            patch_dx[:] = dz_padded[filters, rows, columns]
            yield "take the patch of the padded map"
            product_dx[:] = patch_dx[:] * w_flipped[filters, c_in_group]
            yield "multiply it by the turned kernels, one for each filter"
            dx_padded[c, i, j] = product_dx[:].sum()
            yield "sum all products of all filters"
        yield "one channel has its gradient"
    if padding_mode == "zeros":
        rows, columns = slice(TOP, TOP + H), slice(LEFT, LEFT + W)
        dx[:] = dx_padded[:, rows, columns]
        yield "crop the padding: what is left is the gradient of the input"
    else:
        yield from fold_back(dx_padded, dx, padding=padding, padding_mode=padding_mode)


@algorithm(
    formula=r"""
    @{dx} \leftarrow 0
    @{dx}_{c,\,@[row],\,@[column]} \leftarrow @{dx}_{c,\,@[row],\,@[column]} + @{dx_padded}_{c,i,j}
    @[row] = \text{inside}(i - p_t), \quad @[column] = \text{inside}(j - p_l)
    """,
)
def fold_back(dx_padded, dx, *, padding, padding_mode):
    """The gradient of every cell of the border is folded back onto the cell that it is a copy of, and added there.

    A cell that was copied fed the outputs by each of its copies as well, so what comes back to them is its own.
    """
    C, PADDED_H, PADDED_W = dx_padded.shape
    _, H, W = dx.shape
    (TOP, _), (LEFT, _) = padding
    dx[:] = 0
    yield "begin with zeros everywhere"
    for c in range(C):
        for i, j in np.ndindex(PADDED_H, PADDED_W):
            row = inside(i - TOP, H, padding_mode)
            column = inside(j - LEFT, W, padding_mode)
            dx[c, row, column] += dx_padded[c, i, j]
            yield "add the gradient to the cell that stood here"
        yield "one channel is folded back"


@algorithm(
    input_gradient,
    formula=r"@{dx_before} = @{dx} \odot \varphi_{\ell-1}', \qquad \varphi_{\ell-1}(z^{\ell-1}) = @{x}",
)
def hand_over(x, dx, dx_before, *, activation_before):
    """The input was the output of the layer before; times the slope of its activation, `dx` is that layer's δ.

    Here the chain rule takes its next step, and the layer before goes on from its own sensitivity map.

    Look: `dx_before` is `dx` times a slope that is read off `x`: this layer's input is what that activation gave.

    Question: Why is the slope taken from the activation's output, and not from its input?

    Answer: The output is all that this layer has ever seen: what went into that activation stays with the layer before.
    """
    yield from FROM_OUTPUT[activation_before](x, dx, dx_before)


@algorithm(
    pad,
    expand,
    formula=in_groups(
        r"""
        @{dw}_{f,@[c_in_group],u,v} = \sum_{i,j} @{dz_expanded product_dw}_{f,i,j} \cdot @{x_padded patch_dw
          product_dw}_{c,\,@(beside)}
        c = \lfloor f \cdot \text{groups} / F \rfloor \cdot C / \text{groups} + @[c_in_group]
        """
    ),
)
def weight_gradient(x_padded, patch_dw, dz_expanded, product_dw, dw, *, dilation, groups):
    """Each weight collects, from every place the kernel stood, the input it met there times the δ that came of it.

    This is a correlation once more, of the input with the expanded sensitivity map: the map takes the kernel's part.
    Where the stride skipped a place, the map has a zero, and the input there counts for nothing.

    Look: For each weight of `dw` the whole map `dz_expanded` is laid over `x_padded` anew, moved to that weight's place
    in the kernel.

    Question: In a fully connected layer each weight meets one input. How many does a weight meet here?

    Answer: As many as its map has outputs, OH × OW: it is shared by all places, and every one has its part in the
    gradient.
    """
    F, DEPTH, KH, KW = dw.shape
    _, EH, EW = dz_expanded.shape
    DH, DW = dilation
    for f, c_in_group in np.ndindex(F, DEPTH):
        c = f // (F // groups) * DEPTH + c_in_group
        for u, v in np.ndindex(KH, KW):
            rows = slice(u * DH, u * DH + EH)
            columns = slice(v * DW, v * DW + EW)
            patch_dw[:] = x_padded[c, rows, columns]
            yield "take the inputs under the map, moved to this weight"
            product_dw[:] = patch_dw[:] * dz_expanded[f]
            yield "multiply each by the δ that lies on it"
            dw[f, c_in_group, u, v] = product_dw[:].sum()
            yield "their sum is the gradient of the weight"
        yield "one kernel has its gradient"


@algorithm(through_activation, formula=r"@{db}_f = \sum_{i,j} @{dz}_{f,i,j}")
def bias_gradient(dz, db):
    """A bias is added to every cell of its map, so its gradient is the sum of that map's δ.

    Look: Each map of `dz` has one cell of `db`, which grows by one δ at a time.

    Question: If every δ were 1, what would `db` be?

    Answer: The number of cells of a map, for the bias has raised every one of them.
    """
    F, OH, OW = dz.shape
    for f in range(F):
        db[f] = 0
        for i, j in np.ndindex(OH, OW):
            db[f] += dz[f, i, j]
            yield "add one δ"
        yield "one bias has its gradient"


@algorithm(
    weight_gradient,
    bias_gradient,
    formula=r"""
    @{w}_{f,c,u,v} \leftarrow @{w}_{f,c,u,v} - \eta \cdot @{dw}_{f,c,u,v}
    @{b}_f \leftarrow @{b}_f - \eta \cdot @{db}_f
    """,
    plot=Change(of=("w", "b")),
)
def update(dw, w, db, b, *, learning_rate):
    """Every weight and bias takes one step against its gradient: if it is small enough, the loss becomes smaller.

    The learning rate says how large the step is: this is one step of gradient descent.

    Look: Where a cell of `dw` is positive the weight in `w` becomes smaller, where it is negative larger.

    Question: Set the learning rate to 0, then to 10: with which of the two would you train?

    Answer: With neither: 0 learns nothing, and steps of 10 jump far past the valley.
    """
    F, C, KH, KW = w.shape
    for f in range(F):
        for c, u, v in np.ndindex(C, KH, KW):
            w[f, c, u, v] -= learning_rate * dw[f, c, u, v]
            yield "move one weight against its gradient"
        b[f] -= learning_rate * db[f]
        yield "move the bias too: one filter is updated"


@algorithm(input_gradient, weight_gradient, bias_gradient, formula=checking.compared("w"))
def gradient_check(
    x_nudged, w_nudged, b_nudged, dy, loss,
    numeric_dw, dw, difference_dw, kinks_dw, numeric_db, db, difference_db, kinks_db,
    numeric_dx, dx, difference_dx, kinks_dx, found, *, epsilon, most, loss_of,
):  # fmt: skip
    """Are the gradients right? Nudge weights, biases and inputs one by one, and see how the loss really changes.

    Look: One cell is nudged at a time, and `loss` with it. How far the two gradients are apart stands in
    `difference_dw`, `difference_db` and `difference_dx`.

    Question: Why is the loss taken on both sides, at +ε and at −ε, and not on one side only?

    Answer: The error of one side shrinks with ε, that of both with ε²: what the curvature adds on one side it takes
    away on the other.
    """
    judged = []
    for nudged, numeric, analytic, difference, kinks in (
        (w_nudged, numeric_dw, dw, difference_dw, kinks_dw),
        (b_nudged, numeric_db, db, difference_db, kinks_db),
        (x_nudged, numeric_dx, dx, difference_dx, kinks_dx),
    ):
        cells = yield from nudge(
            nudged, loss, numeric, analytic, difference, kinks, dy, x_nudged, w_nudged, b_nudged,
            epsilon=epsilon, most=most, loss_of=loss_of,
        )  # fmt: skip
        judged += cells
    _, (numeric, analytic, difference, kinks), *_ = farthest(judged)
    yield from verdict(numeric, analytic, difference, kinks, found, judged=judged)


algorithms = walk_of(
    __name__,
    "The whole life of a convolution layer: forward, backward, one update, and the check of its gradients.",
    pad, correlate, activate, through_activation, expand, pad_fully, flip, input_gradient,
    (hand_over, 'activation_before != "identity"'), weight_gradient, bias_gradient, update, gradient_check,
)  # fmt: skip


PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


@dataclass(frozen=True)
class KernelSettings(Windowed):
    """What every layer whose kernel slides over maps begins with; the defaults are those of the article."""

    in_channels: int = knob(3, Whole(1, limits.CHANNELS), "Input channels", "Sizes")
    in_height: int = knob(5, Whole(1, limits.SIDE), "Input height", "Sizes")
    in_width: int = knob(5, Whole(1, limits.SIDE), "Input width", "Sizes")
    out_channels: int = knob(2, Whole(1, limits.CHANNELS), "Filters", "Sizes")
    kernel_height: int = knob(3, Whole(1, limits.KERNEL), "Kernel height", "Sizes")
    kernel_width: int = knob(3, Whole(1, limits.KERNEL), "Kernel width", "Sizes")
    stride: tuple[int, int] = knob((2, 2), Pair(1, limits.STRIDE), "Stride", "Window")


@dataclass(frozen=True)
class ConvSettings(KernelSettings):
    """What a reader can turn; the names are those of torch.nn.Conv2d where it has them."""

    padding: Four | str = knob(1, Sides(0, limits.PADDING, WORDS), "Padding", "Window")
    padding_mode: str = knob("zeros", Choice(PADDING_MODES), "Padding mode", "Window")
    dilation: tuple[int, int] = knob((1, 1), Pair(1, limits.DILATION), "Dilation", "Window")
    groups: int = knob(1, Whole(1, limits.CHANNELS, listed=True), "Groups", "Window")
    activation: str = knob("identity", Choice(tuple(ACTIVATIONS)), "Activation", "Function")
    activation_before: str = knob("identity", Choice(tuple(FROM_OUTPUT)), "Layer before", "Function")
    grad_output: str = knob("given", Choice(("given", "ones")), "Gradient dy", "Function")
    learning_rate: float = knob(0.001, Real(0, 10), "Learning rate", "Function")
    seed: int = knob(0, Whole(0, limits.SEED), "Seed (0: the example)", "Numbers")


def check_padding(padding_mode: str, *axes: Axis) -> None:
    """A mirror needs another row behind the edge for each row that it shows, and a circle goes round once at most."""
    for axis in axes:
        reach = max(axis.before, axis.after)
        if padding_mode == "reflect" and reach >= axis.size:
            template = "reflect needs a padding below the input's {axis} of {size}; it is {reach}"
            raise SettingError("padding", template, axis=axis.name, size=axis.size, reach=reach)
        if padding_mode == "circular" and reach > axis.size:
            template = "circular needs a padding of at most the input's {axis} of {size}; it is {reach}"
            raise SettingError("padding", template, axis=axis.name, size=axis.size, reach=reach)


def check_groups(groups: int, in_channels: int, out_channels: int) -> None:
    """Every group has as many channels, and as many filters, as any other."""
    if in_channels % groups or out_channels % groups:
        template = "groups must divide the {channels} input channels and the {filters} filters"
        raise SettingError("groups", template, channels=in_channels, filters=out_channels)


def arrays(s: ConvSettings) -> dict[str, Named]:
    check_groups(s.groups, s.in_channels, s.out_channels)
    named = convolution(s, s.groups)
    check_padding(s.padding_mode, *s.axes)
    return named | checking.arrays({name: named[name] for name in CHECKED})


def convolution(s: Any, groups: int = 1) -> dict[str, Named]:
    """The arrays of a convolution, forward and back, in whatever layer: by settings of the usual names."""
    height, width = s.axes
    F, C, DEPTH, KH, KW = s.out_channels, s.in_channels, s.in_channels // groups, s.kernel_height, s.kernel_width
    x, w, padded = (C, s.in_height, s.in_width), (F, DEPTH, KH, KW), (C, height.padded, width.padded)
    z = (F, height.out, width.out)
    expanded = (F, height.padded - height.reach + 1, width.padded - width.reach + 1)
    fully = (F, height.padded + height.reach - 1, width.padded + width.reach - 1)
    return {
        "x": Named(x, "input", "input"),
        "x_padded": Named(padded, "input", "padded input", fill="padding"),
        "w": Named(w, "parameter", "weights"),
        "b": Named((F,), "parameter", "bias", PER_FILTER),
        "patch": Named((DEPTH, KH, KW), "scratch", "patch under the kernel"),
        "product": Named((DEPTH, KH, KW), "scratch", "patch × kernel"),
        "z": Named(z, "value", "before the activation", MAPS),
        "y": Named(z, "value", "output", MAPS),
        "dy": Named(z, "gradient", "∂L/∂y, arriving", MAPS),
        "dz": Named(z, "gradient", "∂L/∂z, the sensitivity map δ", MAPS),
        "dz_expanded": Named(expanded, "gradient", "expanded sensitivity map", MAPS, fill="inserted"),
        "dz_padded": Named(fully, "gradient", "expanded map, padded fully", MAPS, fill="padding"),
        "w_flipped": Named(w, "parameter", "kernels turned by 180°"),
        "patch_dx": Named((F // groups, KH, KW), "scratch", "patch of the padded map", MAPS),
        "product_dx": Named((F // groups, KH, KW), "scratch", "patch × turned kernels", MAPS),
        "dx_padded": Named(padded, "gradient", "∂L/∂x with its padding"),
        "dx": Named(x, "gradient", "∂L/∂x, gradient of the input"),
        "dx_before": Named(x, "gradient", "δ of the layer before"),
        "patch_dw": Named(expanded[1:], "scratch", "inputs under the map"),
        "product_dw": Named(expanded[1:], "scratch", "inputs × δ"),
        "dw": Named(w, "gradient", "∂L/∂w, gradient of the weights"),
        "db": Named((F,), "gradient", "∂L/∂b, gradient of the bias", PER_FILTER),
    }


def axes_of(*names: str) -> dict[str, tuple[str | None, ...]]:
    """The settings that set the axes of these arrays, in whatever layer that has no groups."""
    maps = ("out_channels", None, None)
    settings: dict[str, tuple[str | None, ...]] = {
        "x": ("in_channels", "in_height", "in_width"),
        "w": ("out_channels", "in_channels", "kernel_height", "kernel_width"),
        "b": ("out_channels",),
        "dy": maps,
        "dz": maps,
    }
    return {name: settings[name] for name in names}


CHECKED = ("w", "b", "x")  # the arrays that the gradient check nudges


# The example of the article (hanbt, learn_dl, cnn.py, init_test).
ARTICLE: Example = {
    "x": [
        [[0, 1, 1, 0, 2], [2, 2, 2, 2, 1], [1, 0, 0, 2, 0], [0, 1, 1, 0, 0], [1, 2, 0, 0, 2]],
        [[1, 0, 2, 2, 0], [0, 0, 0, 2, 0], [1, 2, 1, 2, 1], [1, 0, 0, 0, 0], [1, 2, 1, 1, 1]],
        [[2, 1, 2, 0, 0], [1, 0, 0, 1, 0], [0, 2, 1, 0, 1], [0, 1, 2, 2, 2], [2, 1, 0, 0, 1]],
    ],
    "w": [
        [
            [[-1, 1, 0], [0, 1, 0], [0, 1, 1]],
            [[-1, -1, 0], [0, 0, 0], [0, -1, 0]],
            [[0, 0, -1], [0, 1, 0], [1, -1, -1]],
        ],
        [
            [[1, 1, -1], [-1, -1, 1], [0, -1, 1]],
            [[0, 1, 0], [-1, 0, -1], [-1, 1, 0]],
            [[-1, 0, 0], [-1, 0, 1], [-1, 0, 0]],
        ],
    ],
    "b": [1, 0],
    "dy": [[[0, 1, 1], [2, 2, 2], [1, 0, 0]], [[1, 0, 2], [0, 0, 0], [1, 2, 1]]],
}


def given(s: ConvSettings, made: Arrays, brought: Collection[str]) -> Arrays:
    """dy may be ones, and x is what the activation before this layer gives."""
    if s.grad_output == "ones":
        if "dy" in brought:
            raise SettingError("grad_output", "{setting} is ones, and dy is given too: take one of the two away")
        made["dy"] = np.ones(made["dy"].shape)
    before = ACTIVATIONS[s.activation_before]
    if "x" not in brought:
        made["x"] = before.function(made["x"])  # the article's x is the output of a ReLU as it stands
    low, high = before.outputs
    if not ((low < made["x"]) & (made["x"] < high)).all():
        template = "x is the output of a {activation}: its numbers must lie between {low} and {high}"
        raise SettingError("x", template, activation=s.activation_before, low=low, high=high)
    return made


def others(s: ConvSettings, named: dict[str, Named]) -> dict[str, object]:
    activation = ACTIVATIONS[s.activation]

    def loss_of(x: np.ndarray, w: np.ndarray, b: np.ndarray, dy: np.ndarray) -> checking.Loss:
        padded = pad_whole(x, s.sides, s.padding_mode)
        z = fast.conv2d(padded, w, b, stride=s.stride, dilation=s.dilation, groups=s.groups)
        return dy * activation.function(z), activation.kinks(z), dy * z

    products = named["z"].cells * (named["patch"].cells + activation.price)
    return checking.arguments(loss_of, products, activation.epsilon)


def torch(s: ConvSettings) -> str:
    (top, bottom), (left, right) = s.sides
    mode = "constant" if s.padding_mode == "zeros" else s.padding_mode
    before = "" if s.activation_before == "identity" else f"dx_before = {ACTIVATIONS[s.activation_before].torch_back}"
    return f"""
    for leaf in (x, w, b):
        leaf.requires_grad_()

    # F.pad takes the sides from the last axis on: left, right, top, bottom.
    x_padded = F.pad(x, ({left}, {right}, {top}, {bottom}), mode="{mode}")
    z = F.conv2d(x_padded, w, b, stride={s.stride}, dilation={s.dilation}, groups={s.groups})
    z.retain_grad()
    y = {ACTIVATIONS[s.activation].torch}

    y.backward(dy)
    dz, dx, dw, db = z.grad, x.grad, w.grad, b.grad
    {before}
    with torch.no_grad():  # one step of gradient descent
        w -= {s.learning_rate} * dw
        b -= {s.learning_rate} * db
    """


layer = Layer(
    name="conv2d",
    title="Convolution layer",
    group="Layers",
    settings=ConvSettings,
    axes=axes_of("x", "w", "b", "dy") | {"w": ("out_channels", "in_channels/groups", "kernel_height", "kernel_width")},
    arrays=arrays,
    algorithms=algorithms,
    example=ARTICLE,
    given=given,
    others=others,
    torch=torch,
    whole=CONVOLUTION,
    onward=Onward("chain", ("x", "w", "b"), "Walk on to max pooling"),
    summary="Number by number: forward, then the gradients.",
)
