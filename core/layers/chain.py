"""Convolution, ReLU and max pooling in a row: one training step, by `yield from` the layers' own algorithms alone.

The surprising part is how little of the gradient survives: the pool hands it to one cell of each window, ReLU stops it
where z was not above zero, and only what is left reaches the weights.

x input (C, H, W) · w weight (F, C, KH, KW) · b bias (F,) · z (F, MH, MW) · a = ReLU(z) · y pooled (F, OH, OW)
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core import fast
from core.layers import activation, conv, max_pool
from core.layers import gradient_check as checking
from core.layers.activation import activated, through
from core.layers.walk import walk_of
from core.layers.whole import FORWARD, INPUT_GRADIENT, UPDATE, WEIGHT_GRADIENT, loss
from core.layers.whole_pools import pooled, to_all, to_winners
from core.offer import limits
from core.offer.layer import MAPS, Example, Layer, Named, Opened
from core.offer.part import Part
from core.offer.settings import Four, Pair, Real, SettingError, Sides, Whole, defaults, knob
from core.offer.window import WORDS, Axis, along
from core.recording.recorder import algorithm
from core.text.plot import Descent


@algorithm(
    formula=r"""
    @{z}_{f,i,j} = @{b}_f + \sum_{c,u,v} @{w product}_{f,c,u,v} \cdot @{x_padded x patch product}_{c,\,i \cdot s_h +
      u,\,j \cdot s_w + v}
    @{a}_{f,i,j} = \max(@{z}_{f,i,j},\, 0)
    @{y where}_{f,i,j} = \max_{u,v} @{a window}_{f,\,i \cdot s^{\text{pool}}_h + u,\,j \cdot s^{\text{pool}}_w + v}
    """,
)
def forward(x, x_padded, patch, w, product, b, z, a, window, y, where, *, padding, padding_mode, stride, pool_stride):
    """The input passes three layers: the convolution makes `z`, ReLU makes `a` of it, and max pooling makes the output
    `y`.

    Each layer sees only what the one before it hands over. What the way back will need is kept: the padded input, z
    with its signs, and where the largest cell of each window stood.
    """
    _, _, MW = a.shape
    yield from conv.pad(x, x_padded, padding=padding, padding_mode=padding_mode)
    yield from conv.correlate(x_padded, patch, w, product, b, z, stride=stride, dilation=(1, 1), groups=1)
    yield from activation.relu(z, a)
    yield from max_pool.pool(
        a, window, y, where, in_width=MW, stride=pool_stride, padding=((0, 0), (0, 0)), dilation=(1, 1), ties="first"
    )


@algorithm(
    forward,
    formula=r"@{da}_{f,m,n} = \sum_{i,j} @{dy}_{f,i,j} \cdot \mathbf{1}[\,@{where}_{f,i,j} = m \cdot W + n\,]",
)
def back_through_pool(dy, where, da):
    """The gradient of each output goes back to the one cell that won its window; all other cells get zero.

    The pool has nothing to learn. It only decides which way the gradient takes.

    Look: Each number of `dy` lands on the one cell of `da` that `where` remembers; all the rest stays 0.

    Question: With windows of 2×2 side by side, what share of `da` can get something?

    Answer: A quarter: one cell of four.
    """
    yield from max_pool.to_the_winner(dy, where, da)


@algorithm(back_through_pool, formula=r"@{dz}_{f,i,j} = @{da}_{f,i,j} \cdot \mathbf{1}[\,@{z}_{f,i,j} > 0\,]")
def back_through_relu(z, da, dz):
    """Where `z` is above zero the gradient passes; everywhere else it is stopped.

    What is left is the sensitivity map of the convolution. Only places that won their window, and where ReLU was on,
    have a δ other than zero: the weights will learn from those places alone.

    Look: A cell of `dz` is other than 0 only where `z` is above 0 and `da` has something to pass on.

    Question: Can a cell win its window in the pool and still get no δ?

    Answer: Yes, if no z under the window is above 0: after ReLU all are 0, and the first of them wins all the same.
    """
    yield from activation.relu_backward(z, da, dz)


@algorithm(
    back_through_relu,
    formula=r"""
    @{dx_padded dx} = \sum_f @{w_flipped w product_dx}_f \star @{dz_padded dz_expanded patch_dx product_dx}_f
    @{dw}_f = @{dz_expanded dz product_dw}_f \star @{x_padded patch_dw product_dw}, \quad @{db}_f = \sum_{i,j}
      @{dz}_{f,i,j}
    """,
)
def back_through_convolution(
    dz, dz_expanded, dz_padded, w, w_flipped, patch_dx, product_dx, dx_padded, dx, x_padded, patch_dw, product_dw, dw,
    db, *, kernel_size, stride, padding, padding_mode,
):  # fmt: skip
    """From the sensitivity map come all gradients of the convolution: those of its input, its weights and its bias.

    `dx` is what a layer before this one would go on with, as its own dy: that is how a gradient finds its way back
    through a network of any depth. `dw` and `db` stay here, and tell which way to move the weights and the bias.
    """
    yield from conv.expand(dz, dz_expanded, stride=stride)
    yield from conv.pad_fully(dz_expanded, dz_padded, kernel_size=kernel_size, dilation=(1, 1))
    yield from conv.flip(w, w_flipped)
    yield from conv.input_gradient(
        dz_padded, patch_dx, w_flipped, product_dx, dx_padded, dx,
        padding=padding, padding_mode=padding_mode, dilation=(1, 1), groups=1,
    )  # fmt: skip
    yield from conv.weight_gradient(x_padded, patch_dw, dz_expanded, product_dw, dw, dilation=(1, 1), groups=1)
    yield from conv.bias_gradient(dz, db)


@algorithm(forward, formula=r"@{loss_start} = \sum_{f,i,j} @{dy}_{f,i,j} \cdot @{y}_{f,i,j}")
def loss_before(dy, y, loss_start):
    """The loss L = Σ dy · y, before anything is learned: a number that is to become smaller.

    A real loss would be computed from y and the right answer, and dy from that. Here dy is given, and L is the loss
    that has just this gradient.

    Look: `loss_start` is a single number: every cell of `y`, weighted by its cell of `dy`.

    Question: To make the loss smaller, which cells of `y` have to shrink?

    Answer: Those whose `dy` is positive; those whose `dy` is negative have to grow.
    """
    loss_start[0] = (dy[:] * y[:]).sum()
    yield "multiply dy and y cell by cell, and sum: the loss before the update"


# The words and the loops of these two are those of conv2d; here they start from the gradients of all three layers.
gradient_check = replace(conv.gradient_check, after=(back_through_convolution,))
update = replace(conv.update, after=(back_through_convolution,))


@algorithm(
    update,
    formula=r"""
    @{z_new}_{f,i,j} = @{b}_f + \sum_{c,u,v} @{w product}_{f,c,u,v} \cdot @{x_padded patch product}_{c,\,i \cdot s_h +
      u,\,j \cdot s_w + v}
    @{a_new}_{f,i,j} = \max(@{z_new}_{f,i,j},\, 0)
    @{y_new where_new}_{f,i,j} = \max_{u,v} @{a_new window}_{f,\,i \cdot s^{\text{pool}}_h + u,\,j \cdot
      s^{\text{pool}}_w + v}
    """,
)
def forward_again(x_padded, patch, w, product, b, z_new, a_new, window, y_new, where_new, *, stride, pool_stride):
    """The same input once more, through the weights that have just been updated.

    Look: `z_new`, `a_new` and `y_new` come of the same input and the same loops as before: only `w` and `b` are
    different.

    Question: Can another cell win a window now than before?

    Answer: Yes: the step has moved all numbers a little, and the largest need not be the same one.
    """
    _, _, MW = a_new.shape
    yield from conv.correlate(x_padded, patch, w, product, b, z_new, stride=stride, dilation=(1, 1), groups=1)
    yield from activation.relu(z_new, a_new)
    yield from max_pool.pool(
        a_new, window, y_new, where_new, in_width=MW, stride=pool_stride, padding=((0, 0), (0, 0)), dilation=(1, 1),
        ties="first",
    )  # fmt: skip


@algorithm(
    loss_before,
    forward_again,
    formula=r"@{loss_end} = \sum_{f,i,j} @{dy}_{f,i,j} \cdot @{y_new}_{f,i,j} \overset{?}{<} @{loss_start}",
    plot=Descent(before="loss_start", after="loss_end", function=update),
)
def loss_after(dy, y_new, loss_start, loss_end):
    """The loss after the update: has the step helped?

    The gradients promise that a small enough step makes the loss smaller. They know the slope where they stand, and
    nothing of what lies further on.

    Look: Hold `loss_end` against `loss_start`.

    Question: In the example, turn the learning rate up to 0.2: the loss falls to 0. What has become of `y_new`?

    Answer: It is 0 everywhere: the step was so large that every ReLU is shut. Through a shut ReLU no gradient comes
    back, so from this input the network will never learn anything again.
    """
    loss_end[0] = (dy[:] * y_new[:]).sum()
    if loss_end[0] < loss_start[0]:
        yield "the loss has become smaller: the step has helped"
    else:
        yield "the loss has not become smaller: the step was too large, or no gradient came through"


algorithms = walk_of(
    __name__,
    """Forward through a small network of convolution, ReLU and max pooling, back, and one update.

    At the end the input goes through once more, and the loss shows whether the step has helped.
    """,
    forward, loss_before, back_through_pool, back_through_relu, back_through_convolution, gradient_check, update,
    forward_again, loss_after,
)  # fmt: skip


@defaults(in_channels=1, in_height=6, in_width=6, stride=1)
@dataclass(frozen=True)
class ChainSettings(conv.KernelSettings):
    """The convolution's settings under their usual names, and those of the pool."""

    padding: Four | str = knob(0, Sides(0, limits.PADDING, WORDS), "Padding", "Window")
    pool_size: tuple[int, int] = knob((2, 2), Pair(1, limits.KERNEL), "Pool size", "Window")
    pool_stride: tuple[int, int] = knob((2, 2), Pair(1, limits.STRIDE), "Pool stride", "Window")
    learning_rate: float = knob(0.02, Real(0, 10), "Learning rate", "Function")
    seed: int = knob(0, Whole(0, limits.SEED), "Seed (0: the example)", "Numbers")

    @cached_property
    def pool_axes(self) -> tuple[Axis, Axis]:
        """The pool's window along the height and along the width of a map."""
        height, width = self.axes
        for axis, size in zip((height, width), self.pool_size, strict=True):
            if size > axis.out:
                template = "a window of {size} does not fit a map whose {axis} is {out}"
                raise SettingError("pool_size", template, size=size, axis=axis.name, out=axis.out)
        return along((height.out, width.out), self.pool_size, self.pool_stride)


def arrays(s: ChainSettings) -> dict[str, Named]:
    named = conv.convolution(s)
    named |= checking.arrays({name: named[name] for name in conv.CHECKED})
    height, width = s.pool_axes
    maps, pooled = named["z"].shape, (s.out_channels, height.out, width.out)
    named |= {
        "a": Named(maps, "value", "after the activation", MAPS),
        "window": Named(s.pool_size, "scratch", "cells under the window"),
        "y": Named(pooled, "value", "output", MAPS),
        "where": Named(pooled, "count", "winner's place in a", MAPS),
        "dy": Named(pooled, "gradient", "∂L/∂y, arriving", MAPS),
        "da": Named(maps, "gradient", "∂L/∂a, back through the pool", MAPS),
        "z_new": Named(maps, "value", "before the activation, anew", MAPS),
        "a_new": Named(maps, "value", "after the activation, anew", MAPS),
        "y_new": Named(pooled, "value", "output of the updated weights", MAPS),
        "where_new": Named(pooled, "count", "winner's place in a_new", MAPS),
        "loss_start": Named((1,), "value", "loss L before the update"),
        "loss_end": Named((1,), "value", "loss L after the update"),
    }
    return {
        name: named[name] for name in algorithms["walk"].parameters if name in named
    }  # in the order in which data flows


# No z is 0 and no window has two equal maxima above zero, so that the gradient check meets no kink. In one window of
# the first map no cell is above zero: what the pool hands back there, ReLU stops.
EXAMPLE: Example = {
    "x": [
        [
            [3, 1, 0, 1, 0, 0],
            [3, 3, 0, 1, 3, 0],
            [3, 1, 1, 0, 1, 1],
            [0, 3, 3, 2, 2, 0],
            [1, 3, 3, 0, 1, 1],
            [3, 3, 1, 3, 3, 0],
        ]
    ],
    "w": [[[[-1, 1, 0], [0, -1, -1], [-1, 1, 1]]], [[[0, -1, 1], [1, 1, -1], [0, -1, 0]]]],
    "b": [1, -1],
    "dy": [[[1, 2], [3, -1]], [[-2, 1], [2, 1]]],
}


def others(s: ChainSettings, named: dict[str, Named]) -> dict[str, object]:
    def loss_of(x: np.ndarray, w: np.ndarray, b: np.ndarray, dy: np.ndarray) -> checking.Loss:
        z = fast.conv2d(x, w, b, stride=s.stride, padding=s.sides)
        a = np.maximum(z, 0)
        y, _ = fast.max_pool2d(a, s.pool_size, stride=s.pool_stride)
        # A nudge crosses a kink where a z changes its sign, and where other cells than before equal their maximum.
        winners = max_pool.windows_of(a, *s.pool_axes) == y[..., None, None]
        return dy * y, np.concatenate([np.sign(z).ravel(), winners.ravel()]), dy * y

    cells = {name: array.cells for name, array in named.items()}
    products = cells["z"] * cells["patch"] + cells["y"] * cells["window"]
    return {"padding_mode": "zeros"} | checking.arguments(loss_of, products)


def formula(s: ChainSettings) -> list[dict[str, object]]:
    of_maps = [{**axis.formula(), "label": f"Map {axis.name}"} for axis in s.axes]
    return of_maps + [axis.formula() for axis in s.pool_axes]


def torch(s: ChainSettings) -> str:
    (top, bottom), (left, right) = s.sides
    return f"""
    for leaf in (x, w, b):
        leaf.requires_grad_()


    def network():
        # F.pad takes the sides from the last axis on: left, right, top, bottom.
        z = F.conv2d(F.pad(x, ({left}, {right}, {top}, {bottom})), w, b, stride={s.stride})
        a = F.relu(z)
        return z, a, F.max_pool2d(a, {s.pool_size}, {s.pool_stride})


    z, a, y = network()
    z.retain_grad()
    a.retain_grad()
    loss_start = (dy * y).sum().reshape(1)
    loss_start.backward()
    da, dz, dx, dw, db = a.grad, z.grad, x.grad, w.grad, b.grad

    with torch.no_grad():  # one step of gradient descent, and the loss anew
        w -= {s.learning_rate} * dw
        b -= {s.learning_rate} * db
        z_new, a_new, y_new = network()
        loss_end = (dy * y_new).sum().reshape(1)
    """


POOL = {"kernel_size": "pool_size", "stride": "pool_stride", "padding": "pool_padding"}  # the last of which it lacks
WHOLE = {
    **FORWARD,
    "a": Part(activated, "z"),
    "y": Part(pooled, "a", settings=POOL),
    "da": Part(to_winners, "a", "dy", settings=POOL, size=to_all),
    "dz": Part(through, "z", "da"),
    **INPUT_GRADIENT,
    **WEIGHT_GRADIENT,
    **UPDATE,
    "loss_start": Part(loss, "dy", "y"),
}

SAME = (  # those of the convolution that are called here as they are there
    "x", "x_padded", "w", "b", "z", "dz", "dz_expanded", "dz_padded", "w_flipped", "dx_padded", "dx", "dw", "db",
)  # fmt: skip
OPENS = (
    Opened(
        "conv2d",
        (forward, back_through_convolution, update),
        {name: name for name in SAME} | {"y": "z", "dy": "dz"},
        lambda s: {"stride": s.stride, "padding": s.padding, "learning_rate": s.learning_rate},
    ),
    Opened(
        "activation",
        (forward, back_through_relu),
        {"z": "z", "y": "a", "dy": "da", "dz": "dz"},
        lambda _: {"activation": "relu"},
    ),
    Opened(
        "max_pool2d",
        (forward, back_through_pool),
        {"x": "a", "y": "y", "where": "where", "dy": "dy", "dx": "da"},
        lambda s: {"kernel_size": s.pool_size, "stride": s.pool_stride, "padding": 0},
    ),
)

layer = Layer(
    name="chain",
    title="One training step",
    group="Ideas",
    settings=ChainSettings,
    axes=conv.axes_of("x", "w", "b", "dy"),
    arrays=arrays,
    algorithms=algorithms,
    example=EXAMPLE,
    others=others,
    formula=formula,
    torch=torch,
    whole=WHOLE,
    handed={function: {"stride": "pool_stride"} for function in (max_pool.pool, max_pool.first_in_rows)},
    opens=OPENS,
)
