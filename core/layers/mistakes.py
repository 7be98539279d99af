"""What goes wrong: mistakes of published teaching code, each next to the code that is right.

Every one of them runs without an error and gives a gradient of the right shape. It is found by looking at the numbers:
at the first cell where they part from the right ones, and by the gradient check.

x input (C, H, W) · w weight (F, C, KH, KW) · b bias (F,) · dy gradient of the output (F, OH, OW) · dx of the input
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from core import fast
from core.layers import conv
from core.layers import gradient_check as checking
from core.layers.activation import ACTIVATIONS
from core.layers.gradient_check import nudge, verdict
from core.layers.walk import walk_of
from core.layers.whole import BACKWARD, FORWARD
from core.offer import limits
from core.offer.layer import MAPS, Layer, Named
from core.offer.settings import Choice, Pair, SettingError, Whole, defaults, knob
from core.recording.recorder import Algorithm, algorithm
from core.recording.trace import Arrays


@algorithm(
    formula=r"""
    @{y}_{f,i,j} = \varphi(@{z}_{f,i,j})
    @{z}_{f,i,j} = @{b}_f + \sum_{c,u,v} @{w product}_{f,c,u,v} \cdot @{x_padded x patch product}_{c,\,i \cdot s_h +
      u,\,j \cdot s_w + v}
    """,
)
def forward(x, x_padded, patch, w, product, b, z, y, *, padding, stride, activation):
    """The layer as it should be, forward. Nothing is wrong here: the mistake comes on the way back."""
    yield from conv.pad(x, x_padded, padding=padding, padding_mode="zeros")
    yield from conv.correlate(x_padded, patch, w, product, b, z, stride=stride, dilation=(1, 1), groups=1)
    yield from ACTIVATIONS[activation].forward(z, y)


@algorithm(
    forward,
    formula=r"""
    @{dz}_{f,i,j} = @{dy}_{f,i,j} \cdot \varphi'(@{z}_{f,i,j})
    @{dx_padded dx}_{c,i,j} = \sum_{f,u,v} @{w_flipped w product_dx}_{f,c,u,v} \cdot @{dz_padded dz_expanded patch_dx
      product_dx}_{f,\,i + u,\,j + v}
    """,
)
def right(
    z, dy, dz, dz_expanded, dz_padded, patch_dx, w, w_flipped, product_dx, dx_padded, dx,
    *, kernel_size, padding, stride, activation,
):  # fmt: skip
    """The right way back: through the activation, expand, pad fully, flip, correlate, sum the filters, crop."""
    yield from ACTIVATIONS[activation].backward(z, dy, dz)
    yield from conv.expand(dz, dz_expanded, stride=stride)
    yield from conv.pad_fully(dz_expanded, dz_padded, kernel_size=kernel_size, dilation=(1, 1))
    yield from conv.flip(w, w_flipped)
    yield from conv.input_gradient(
        dz_padded, patch_dx, w_flipped, product_dx, dx_padded, dx,
        padding=padding, padding_mode="zeros", dilation=(1, 1), groups=1,
    )  # fmt: skip


# --- The mistakes ----------------------------------------------------------------------------------------------


def gathered(weights: str, maps: str) -> str:
    """The sum of a wrong gradient of the padded input: over the padded map, by the weights."""
    return (
        r"@{dx_padded_wrong}_{c,i,j} = \sum_{f,u,v} "
        rf"@{{{weights}}}_{{f,c,u,v}} \cdot @{{{maps} patch_dx}}_{{f,\,i + u,\,j + v}}"
    )


FROM_WRONG = gathered("w_flipped product_dx", "dz_wrong")
UNTURNED = gathered("w product_wrong", "dz_padded")
SOME = gathered("w_flipped product_dx", "dz_padded") + r", \quad 0 \le c < F"
BEGUN = r"@{dx_padded_wrong} \leftarrow 0" "\n"
CROPPED = "\n" r"@{dx_wrong}_{c,i,j} = @{dx_padded_wrong}_{c,\,@(inside)} \quad \forall{c,i,j}"


@algorithm(right, formula=UNTURNED)
def kernel_not_flipped(dz_padded, patch_dx, w, product_wrong, dx_padded_wrong, dx_wrong, *, padding):
    """The mistake: the kernel is not turned by 180°. The loop is right, and each δ meets the weight opposite its own.

    It hides where kernels look the same upside down, and in a kernel of 1×1. The gradients of this layer's own weights
    stay right; only what the layers before it receive is wrong. So the loss may still go down, and nobody notices.

    Look: The box on `dz_padded` is where it should be; the kernel `w` that it is multiplied by has not been turned.

    Question: Which weight of a 3×3 kernel meets the right δ even so?

    Answer: The one in the centre: the turn leaves it where it is.
    """
    yield from gather_unturned(dz_padded, patch_dx, w, product_wrong, dx_padded_wrong, dx_wrong, padding=padding)


@algorithm(formula=UNTURNED + CROPPED)
def gather_unturned(dz_padded, patch_dx, w, product_wrong, dx_padded_wrong, dx_wrong, *, padding):
    """The kernel slides over the padded map just as it is written."""
    C, PADDED_H, PADDED_W = dx_padded_wrong.shape
    _, H, W = dx_wrong.shape
    _, _, KH, KW = w.shape
    (TOP, _), (LEFT, _) = padding
    for c in range(C):
        for i, j in np.ndindex(PADDED_H, PADDED_W):
            patch_dx[:] = dz_padded[:, i : i + KH, j : j + KW]
            yield "take the patch of the padded map"
            product_wrong[:] = patch_dx[:] * w[:, c]
            yield "multiply it by the kernels as they are"
            dx_padded_wrong[c, i, j] = product_wrong[:].sum()
            yield "sum all products of all filters"
        yield "one channel has its gradient"
    rows, columns = slice(TOP, TOP + H), slice(LEFT, LEFT + W)
    dx_wrong[:] = dx_padded_wrong[:, rows, columns]
    yield "crop the padding: what is left is the gradient of the input"


@algorithm(right, formula=r"@{dz_wrong}_{f,\,k_h - 1 + i,\,k_w - 1 + j} = @{dz}_{f,i,j}" "\n" + FROM_WRONG)
def no_zeros_for_the_stride(
    dz, dz_wrong, patch_dx, w_flipped, product_dx, dx_padded_wrong, dx_wrong, *, kernel_size, padding,
):  # fmt: skip
    """The mistake: the sensitivity map is not expanded. Its δ stand side by side, as if the stride had been 1.

    So they go back to the wrong inputs, all crowded into the upper left corner. At a stride of 1 nothing is wrong.

    Look: With a stride above 1, `dz_wrong` is too small: the kernel comes to its end before all of `dx_padded_wrong` is
    reached.

    Question: Set the stride to 1: what is left of the mistake?

    Answer: Nothing: there are no skipped outputs to leave room for.
    """
    yield from conv.pad_fully(dz, dz_wrong, kernel_size=kernel_size, dilation=(1, 1))
    yield from gather_what_there_is(
        dz_wrong, patch_dx, w_flipped, product_dx, dx_padded_wrong, dx_wrong, padding=padding
    )


@algorithm(formula=BEGUN + FROM_WRONG + CROPPED)
def gather_what_there_is(dz_wrong, patch_dx, w_flipped, product_dx, dx_padded_wrong, dx_wrong, *, padding):
    """The turned kernel slides over the map as far as it goes, and the rest of the gradient stays zero."""
    C, PADDED_H, PADDED_W = dx_padded_wrong.shape
    _, MAP_H, MAP_W = dz_wrong.shape
    _, H, W = dx_wrong.shape
    _, _, KH, KW = w_flipped.shape
    (TOP, _), (LEFT, _) = padding
    ROWS, COLUMNS = min(PADDED_H, MAP_H - KH + 1), min(PADDED_W, MAP_W - KW + 1)
    dx_padded_wrong[:] = 0
    yield "begin with zeros everywhere"
    for c in range(C):
        for i, j in np.ndindex(ROWS, COLUMNS):
            patch_dx[:] = dz_wrong[:, i : i + KH, j : j + KW]
            yield "take the patch of the padded map"
            product_dx[:] = patch_dx[:] * w_flipped[:, c]
            yield "multiply it by the turned kernels, one for each filter"
            dx_padded_wrong[c, i, j] = product_dx[:].sum()
            yield "sum all products of all filters"
        yield "one channel has its gradient"
    rows, columns = slice(TOP, TOP + H), slice(LEFT, LEFT + W)
    dx_wrong[:] = dx_padded_wrong[:, rows, columns]
    yield "crop the padding: what is left is the gradient of the input"


@algorithm(right, formula=r"@{dz_wrong}_{f,\,k_w - 1 + i,\,k_w - 1 + j} = @{dz_expanded}_{f,i,j}" "\n" + FROM_WRONG)
def padding_from_the_width(
    dz_expanded, dz_wrong, patch_dx, w_flipped, product_dx, dx_padded_wrong, dx_wrong, *, kernel_size, padding,
):  # fmt: skip
    """The mistake: rows and columns are padded alike, by the width of the kernel, and the kernel is not square.

    With a kernel wider than high there are too many rows above: the gradient is moved down by width − height rows. With
    a kernel higher than wide there are too few, and NumPy stops with an error. A square kernel hides it.

    Look: The frame of `dz_wrong` is as wide above and below as on the left and right, though the kernel is wider than
    high.

    Question: Make the kernel square: why does the mistake vanish?

    Answer: Then height − 1 and width − 1 are the same number.
    """
    _, KW = kernel_size
    yield from conv.pad_fully(dz_expanded, dz_wrong, kernel_size=(KW, KW), dilation=(1, 1))
    yield from conv.input_gradient(
        dz_wrong, patch_dx, w_flipped, product_dx, dx_padded_wrong, dx_wrong,
        padding=padding, padding_mode="zeros", dilation=(1, 1), groups=1,
    )  # fmt: skip


@algorithm(
    right,
    formula=(
        r"@{dx_padded_wrong}_{c,i,j} = \sum_{u,v} @{w_flipped product_dx}_{F-1,c,u,v} \cdot @{dz_padded "
        r"patch_dx}_{F-1,\,i + u,\,j + v}"
    ),
)
def filters_not_summed(dz_padded, patch_dx, w_flipped, product_dx, dx_padded_wrong, dx_wrong, *, padding):
    """The mistake: the gradients by the filters are not summed. Each filter writes over what the one before has left.

    An input goes to every filter, so all of them have a part in its gradient; here the last one is all that stays. With
    a single filter nothing is wrong.

    Look: Each cell of `dx_padded_wrong` is written once for every filter, and only the last writing stays.

    Question: By how much is a cell wrong?

    Answer: By what all filters but the last would have given: just that is missing.
    """
    yield from write_over(dz_padded, patch_dx, w_flipped, product_dx, dx_padded_wrong, dx_wrong, padding=padding)


@algorithm(
    formula=(
        r"@{dx_padded_wrong}_{c,i,j} \leftarrow \sum_{u,v} @{w_flipped product_dx}_{f,c,u,v} \cdot "
        r"@{dz_padded patch_dx}_{f,\,i + u,\,j + v}" + CROPPED
    ),
)
def write_over(dz_padded, patch_dx, w_flipped, product_dx, dx_padded_wrong, dx_wrong, *, padding):
    """For every filter the cell is written anew, with `=` where there should be `+=`."""
    F, C, KH, KW = w_flipped.shape
    _, PADDED_H, PADDED_W = dx_padded_wrong.shape
    _, H, W = dx_wrong.shape
    (TOP, _), (LEFT, _) = padding
    for c in range(C):
        for i, j in np.ndindex(PADDED_H, PADDED_W):
            for f in range(F):
                patch_dx[f] = dz_padded[f, i : i + KH, j : j + KW]
                product_dx[f] = patch_dx[f] * w_flipped[f, c]
                dx_padded_wrong[c, i, j] = product_dx[f].sum()
                yield "write what this filter gives over what was there"
            yield "the last filter has the cell to itself"
        yield "one channel has its gradient"
    rows, columns = slice(TOP, TOP + H), slice(LEFT, LEFT + W)
    dx_wrong[:] = dx_padded_wrong[:, rows, columns]
    yield "crop the padding: what is left is the gradient of the input"


@algorithm(right, formula=r"@{dz_expanded}_{f,\,i \cdot s_h,\,j \cdot s_w} = @{dy}_{f,i,j}" "\n" + FROM_WRONG)
def slope_ignored(
    dy, dz_expanded, dz_wrong, patch_dx, w_flipped, product_dx, dx_padded_wrong, dx_wrong,
    *, kernel_size, padding, stride,
):  # fmt: skip
    """The mistake: the derivative of the activation is left out. What arrives, `dy`, is taken for the sensitivity map
    δ.

    So gradients pass through a ReLU that was off. Without an activation function nothing is wrong.

    Look: `dz_expanded` and `dz_wrong` are made of `dy`, not of δ: cells that ReLU had switched off pass their gradient
    on.

    Question: Set the activation to identity: what is left of the mistake?

    Answer: Nothing: the slope is 1 everywhere, so `dy` is δ.
    """
    yield from conv.expand(dy, dz_expanded, stride=stride)
    yield from conv.pad_fully(dz_expanded, dz_wrong, kernel_size=kernel_size, dilation=(1, 1))
    yield from conv.input_gradient(
        dz_wrong, patch_dx, w_flipped, product_dx, dx_padded_wrong, dx_wrong,
        padding=padding, padding_mode="zeros", dilation=(1, 1), groups=1,
    )  # fmt: skip


@algorithm(right, formula=SOME)
def depth_from_the_filters(dz_padded, patch_dx, w_flipped, product_dx, dx_padded_wrong, dx_wrong, *, padding):
    """The mistake: the depth of the filters is taken from their number. So the loop over channels ends too early.

    Channels beyond the number of filters get no gradient. With more filters than channels NumPy stops with an error,
    and with as many nothing is wrong: the examples that code is tried with often have as many.

    Look: The last channels of `dx_padded_wrong` stay 0: the loop does not get to them.

    Question: Take as many filters as channels: does the check still find the mistake?

    Answer: No: the two numbers are then the same by chance.
    """
    yield from gather_some_channels(
        dz_padded, patch_dx, w_flipped, product_dx, dx_padded_wrong, dx_wrong, padding=padding
    )


@algorithm(formula=BEGUN + SOME + CROPPED)
def gather_some_channels(dz_padded, patch_dx, w_flipped, product_dx, dx_padded_wrong, dx_wrong, *, padding):
    """The loop goes over as many channels as there are filters."""
    F, _, KH, KW = w_flipped.shape
    _, PADDED_H, PADDED_W = dx_padded_wrong.shape
    _, H, W = dx_wrong.shape
    (TOP, _), (LEFT, _) = padding
    dx_padded_wrong[:] = 0
    yield "begin with zeros everywhere"
    for c in range(F):
        for i, j in np.ndindex(PADDED_H, PADDED_W):
            patch_dx[:] = dz_padded[:, i : i + KH, j : j + KW]
            yield "take the patch of the padded map"
            product_dx[:] = patch_dx[:] * w_flipped[:, c]
            yield "multiply it by the turned kernels, one for each filter"
            dx_padded_wrong[c, i, j] = product_dx[:].sum()
            yield "sum all products of all filters"
        yield "one channel has its gradient"
    rows, columns = slice(TOP, TOP + H), slice(LEFT, LEFT + W)
    dx_wrong[:] = dx_padded_wrong[:, rows, columns]
    yield "crop the padding: what is left is the gradient of the input"


# --- How it is found -------------------------------------------------------------------------------------------


@algorithm(
    formula=r"""
    @{error}_{c,i,j} = @{dx_wrong}_{c,i,j} - @{dx}_{c,i,j}
    @{wrong_so_far} = \sum \mathbf{1}[\,|@{error}| > @{rounding}\,]
    """,
)
def part_ways(dx, dx_wrong, error, rounding, wrong_so_far):
    """Cell by cell, the wrong gradient is held against the right one: where do they part first?

    A mistake need not show everywhere: some cells are right by chance. That is why a look at a few numbers does not do.
    The same products added up in another order may differ in the last digit. That is no mistake, and `rounding` is the
    most of it that all of dy and w together can leave.

    Look: `error` is 0 where the mistake does not show, and `wrong_so_far` counts the cells where it does.

    Question: Would a look at the first cell alone have found it?

    Answer: Step on to the first cell that differs: it is not always the first of all.
    """
    C, H, W = dx.shape
    wrong_so_far[0] = 0
    for c in range(C):
        for i, j in np.ndindex(H, W):
            error[c, i, j] = dx_wrong[c, i, j] - dx[c, i, j]
            wrong_so_far[0] += np.abs(error[c, i, j]) > rounding[0]
            if np.abs(error[c, i, j]) <= rounding[0]:
                yield "here the mistake does not show"
            elif wrong_so_far[0] == 1:
                yield "here the two part for the first time"
            else:
                yield "here they differ too"
        yield "one channel is compared"
    cells, wrong = C * H * W, int(wrong_so_far[0])
    if wrong > 0:
        first = tuple(np.argwhere(np.abs(error[:]) > rounding[0])[0])
        yield "the gradient is wrong in {wrong} of {cells} cells; the first of them is {error[first]}"
    else:
        yield "the gradient is wrong in none of {cells} cells: with these settings the mistake does not show"


WRONG = (
    checking.compared("x", "dx_wrong") + "\n"
    r"@{found} = \sum \mathbf{1}[\,|@{difference_wrong}| > 10^{-5} \max(|@{numeric_dx}|,\, |@{dx_wrong}|) + "
    r"\text{rounding, and no kink explains it}\,]"
)


@algorithm(formula=WRONG)
def gradient_check(
    x_nudged, loss, numeric_dx, dx_wrong, difference_wrong, kinks_dx, found, w, b, dy, *, epsilon, most, loss_of
):
    """The gradient check needs no right code beside it: nudge each input, and see how the loss really changes.

    Where it says that the formula is wrong, neither a kink nor rounding explains the difference. Whoever writes a
    backward pass should run this first.

    Look: A cell of `difference_wrong` that is not 0, beside a 0 in `kinks_dx`, shows that the code is wrong.

    Question: The shapes are right and nothing crashes. What else could have found the mistake?

    Answer: Other numbers to hold against: a library's gradient, or a case worked out by hand.
    """
    judged = yield from nudge(
        x_nudged, loss, numeric_dx, dx_wrong, difference_wrong, kinks_dx, dy, x_nudged, w, b,
        epsilon=epsilon, most=most, loss_of=loss_of,
    )  # fmt: skip
    yield from verdict(numeric_dx, dx_wrong, difference_wrong, kinks_dx, found, judged=judged)


# --- Settings and arrays ---------------------------------------------------------------------------------------


@defaults(in_channels=1, in_height=4, in_width=4, out_channels=1, kernel_height=2, kernel_width=2, stride=1)
@dataclass(frozen=True)
class MistakeSettings(conv.KernelSettings):
    """Those of a convolution layer that the mistakes have to do with."""

    padding: tuple[int, int] = knob((0, 0), Pair(0, limits.PADDING), "Padding", "Window")
    activation: str = knob("identity", Choice(tuple(ACTIVATIONS)), "Activation", "Function")
    seed: int = knob(0, Whole(0, limits.SEED), "Seed", "Numbers")


def arrays(s: MistakeSettings, wrong: Algorithm) -> dict[str, Named]:
    F, C, KH, KW = s.out_channels, s.in_channels, s.kernel_height, s.kernel_width
    named = conv.convolution(s)
    if wrong is padding_from_the_width and KH > KW:
        template = "with a kernel higher than wide ({height} × {width}) this code stops with an error: make it wider"
        raise SettingError("kernel_width", template, height=KH, width=KW)
    if wrong is depth_from_the_filters and F > C:
        template = "with more filters ({filters}) than channels ({channels}) this code stops with an error: take fewer"
        raise SettingError("out_channels", template, filters=F, channels=C)
    x, padded, framed = named["x"], named["dx_padded"], named["dz_padded"].shape
    (_, OH, OW), (_, EH, _) = named["z"].shape, named["dz_expanded"].shape
    by_mistake = {
        no_zeros_for_the_stride: (F, OH + 2 * (KH - 1), OW + 2 * (KW - 1)),
        padding_from_the_width: (F, EH + 2 * (KW - 1), framed[2]),
    }
    named |= {
        "dz_wrong": Named(by_mistake.get(wrong, framed), "gradient", "the map as the mistake pads it", MAPS),
        "product_wrong": named["product_dx"]._replace(label="patch × kernels, not turned"),
        "dx_padded_wrong": padded._replace(label="wrong, with its padding"),
        "dx_wrong": Named(x.shape, "gradient", "wrong gradient of the input"),
    }
    taken = dict.fromkeys((*forward.parameters, *right.parameters, *wrong.parameters))
    return {name: named[name] for name in taken if name in named} | comparison(x)


def comparison(x: Named) -> dict[str, Named]:
    """The arrays in which a wrong gradient of the input is held against the right one, and is checked."""
    return {
        "error": Named(x.shape, "gradient", "wrong − right"),
        "rounding": Named((1,), "value", "what rounding can leave"),
        "wrong_so_far": Named((1,), "count", "cells that differ so far"),
        **{name.replace("difference_dx", "difference_wrong"): one for name, one in checking.arrays({"x": x}).items()},
    }


def given(_: MistakeSettings, made: Arrays, brought: Collection[str]) -> Arrays:
    """Halves for b so that no z is at a kink, and what rounding can leave."""
    if "b" not in brought:
        made["b"] += 0.5
    # Of a sum of all δ · w that an input can have: a slope of an activation is below 2.
    most = 2 * np.abs(made["dy"]).max() * np.abs(made["w"]).sum((0, 2, 3)).max()
    return made | {"rounding": np.array([2.0**-46 * most])}


def others(s: MistakeSettings, named: dict[str, Named]) -> dict[str, object]:
    activation = ACTIVATIONS[s.activation]

    def loss_of(x: np.ndarray, w: np.ndarray, b: np.ndarray, dy: np.ndarray) -> checking.Loss:
        z = fast.conv2d(x, w, b, stride=s.stride, padding=s.padding)
        return dy * activation.function(z), activation.kinks(z), dy * z

    products = named["z"].cells * (named["patch"].cells + activation.price)
    return checking.arguments(loss_of, products, activation.epsilon)


def torch(s: MistakeSettings) -> str:
    (top, bottom), (left, right) = s.sides
    return f"""
    # Autograd does not make the mistake: this dx is the right one, to hold your own backward pass against.
    x.requires_grad_()
    x_padded = F.pad(x, ({left}, {right}, {top}, {bottom}))
    z = F.conv2d(x_padded, w, b, stride={s.stride})
    z.requires_grad_().retain_grad()
    y = {ACTIVATIONS[s.activation].torch}
    y.backward(dy)
    dx, dz = x.grad, z.grad
    """


def _layer(wrong: Algorithm, title: str, **values: object) -> Layer:
    algorithms = walk_of(
        wrong.name,
        "A mistake next to the code that is right: both run, are compared, and the gradient check finds it.",
        forward, right, wrong, replace(part_ways, after=(right, wrong)), replace(gradient_check, after=(wrong,)),
    )  # fmt: skip
    return Layer(
        name=wrong.name,
        title=title,
        group="What goes wrong",
        summary=" ".join(wrong.source.doc.partition("\n\n")[0].split()),
        settings=defaults(**values)(MistakeSettings),
        axes=conv.axes_of("x", "w", "b", "dy"),
        arrays=partial(arrays, wrong=wrong),
        given=given,
        algorithms=algorithms,
        others=others,
        torch=torch,
        whole=FORWARD | BACKWARD,
    )


SMALL = {"in_height": 3, "in_width": 3}

layers = (
    _layer(kernel_not_flipped, "The kernel is not flipped", kernel_height=3, kernel_width=3),
    _layer(no_zeros_for_the_stride, "No zeros for the stride", in_height=5, in_width=5, stride=(2, 2)),
    _layer(padding_from_the_width, "Padding from the width only", kernel_width=3, in_width=5),
    _layer(filters_not_summed, "The filters are not summed", out_channels=2, **SMALL),
    _layer(slope_ignored, "The slope of the activation is ignored", activation="relu"),
    _layer(depth_from_the_filters, "Depth taken from the number of filters", in_channels=3, out_channels=2, **SMALL),
)
