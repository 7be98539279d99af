"""What goes wrong in overlapping max pooling: `=` where there should be `+=`.

x input (C, H, W) · y output (C, OH, OW) · where the winners stand · dy gradient of the output · dx of the input
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from core import fast
from core.layers import gradient_check as checking
from core.layers import max_pool, mistakes
from core.layers.gradient_check import nudge, verdict
from core.layers.walk import walk_of
from core.layers.whole_pools import MAX_POOL
from core.offer import limits
from core.offer.layer import Example, Layer, Named
from core.offer.places import laid_over
from core.offer.settings import Whole, defaults, knob
from core.recording.recorder import algorithm
from core.recording.trace import Arrays


@algorithm(
    formula=r"""
    @{y}_{c,i,j} = \max_{u,v} @{x window}_{c,\,i \cdot s_h + u,\,j \cdot s_w + v}
    @{where}_{c,i,j} = m \cdot W + n
    """,
)
def forward(x, window, y, where, *, in_width, stride):
    """The layer as it should be, forward. Nothing is wrong here: the mistake comes on the way back.

    The windows overlap, and the largest cell of the input wins several of them.

    Look: Watch how often the same place turns up in `where`.

    Question: Under how many windows does a cell in the middle lie?

    Answer: With windows of 2×2 and a stride of 1 under four; with a stride of 2 under one.
    """
    yield from max_pool.first_in_rows(
        x, window, y, where, in_width=in_width, stride=stride, padding=((0, 0), (0, 0)), dilation=(1, 1)
    )


@algorithm(
    forward,
    formula=r"@{dx}_{c,m,n} = \sum_{i,j} @{dy}_{c,i,j} \cdot \mathbf{1}[\,@{where}_{c,i,j} = m \cdot W + n\,]",
)
def right(dy, where, dx):
    """The right way back: where windows overlap, the gradients that meet in a cell add up.

    Look: A cell of `dx` grows each time that it is the winner.

    Question: What is the sum of all cells of `dx`?

    Answer: That of `dy`: nothing gets lost on the way back.
    """
    yield from max_pool.to_the_winner(dy, where, dx)


@algorithm(
    forward,
    formula=r"""
    @{dx_wrong} \leftarrow 0
    @{dx_wrong}_{c,\,@[row],\,@[column]} \leftarrow @{dy}_{c,i,j}
    @[row] \cdot W + @[column] = @{where}_{c,i,j}
    """,
)
def assign(dy, where, dx_wrong):
    """The mistake: the gradient is written with `=` where there should be `+=`.

    A cell that won several windows keeps the gradient of the last one, and loses all the others. With windows side by
    side nothing is wrong, which is how the mistake gets into code that is only ever tried with 2×2 windows.

    Look: A cell of `dx_wrong` that holds a gradient already is written over by the next one.

    Question: Set the stride to the size of the window: is the mistake still there?

    Answer: In the code it is, in the numbers it is not: no cell wins twice then.
    """
    C, OH, OW = dy.shape
    _, _, W = dx_wrong.shape
    dx_wrong[:] = 0
    yield "begin with zeros everywhere"
    for c in range(C):
        for i, j in np.ndindex(OH, OW):
            row, column = divmod(int(where[c, i, j]), W)
            dx_wrong[c, row, column] = dy[c, i, j]
            yield "write the gradient over whatever was there"
        yield "one channel has passed back"


@algorithm(right, assign, formula=mistakes.part_ways.source.formula)
def part_ways(dx, dx_wrong, error, rounding, wrong_so_far):
    """Where do the two part? At the cells that won more than one window."""
    yield from mistakes.part_ways(dx, dx_wrong, error, rounding, wrong_so_far)


@algorithm(assign, formula=mistakes.WRONG)
def gradient_check(
    x_nudged, loss, numeric_dx, dx_wrong, difference_wrong, kinks_dx, found, dy, *, epsilon, most, loss_of
):
    """The gradient check needs no right code beside it: nudge each input, and see how the loss really changes.

    Where it says that the formula is wrong, neither a kink nor rounding explains the difference. Whoever writes a
    backward pass should run this first.

    Look: A cell of `difference_wrong` that is not 0, beside a 0 in `kinks_dx`, shows that the code is wrong.

    Question: The shapes are right and nothing crashes. What else could have found the mistake?

    Answer: Other numbers to hold against: a library's gradient, or a case worked out by hand.
    """
    judged = yield from nudge(
        x_nudged, loss, numeric_dx, dx_wrong, difference_wrong, kinks_dx, dy,
        epsilon=epsilon, most=most, loss_of=loss_of,
    )  # fmt: skip
    yield from verdict(numeric_dx, dx_wrong, difference_wrong, kinks_dx, found, judged=judged)


algorithms = walk_of(
    __name__,
    "The mistake: in overlapping max pooling, the gradients that meet in a cell are not added up.",
    forward, right, assign, part_ways, gradient_check,
)  # fmt: skip


@defaults(in_channels=1, in_height=3, in_width=3, stride=1)
@dataclass(frozen=True)
class AssignedSettings(max_pool.PoolSettings):
    """Those of a max pool that the mistake has to do with: the windows overlap where the stride is below their size."""

    seed: int = knob(0, Whole(0, limits.SEED), "Seed (0: the example)", "Numbers")


def arrays(s: AssignedSettings) -> dict[str, Named]:
    height, width = s.axes
    y = (s.in_channels, height.out, width.out)
    x = Named((s.in_channels, s.in_height, s.in_width), "input", "input")
    named = {
        "x": x,
        "window": Named((s.kernel_height, s.kernel_width), "scratch", "cells under the window"),
        "y": Named(y, "value", "output"),
        "where": Named(y, "count", "winner's place in x"),
        "dy": Named(y, "gradient", "∂L/∂y, arriving"),
        "dx": Named(x.shape, "gradient", "∂L/∂x, gradient of the input"),
        "dx_wrong": Named(x.shape, "gradient", "wrong gradient of the input"),
    }
    return named | mistakes.comparison(x)


# All four windows hold the 9: its gradient is the sum of all that arrives.
CENTRE: Example = {"x": [[[1, 2, 1], [2, 9, 2], [1, 2, 1]]]}


def given(s: AssignedSettings, made: Arrays, brought: Collection[str]) -> Arrays:
    """No two cells of a window are equal and largest, dy is above 0, and rounding leaves so much."""
    if "x" not in brought:
        x = distinct(made["x"].shape, s.seed)
        made["x"] = laid_over(np.array(CENTRE["x"]), x) if s.seed == 0 else x
    if "dy" not in brought:
        made["dy"] = np.abs(made["dy"]) + 1
    # Of a sum of all gradients that a cell can have.
    most = np.abs(made["dy"]).max() * s.kernel_height * s.kernel_width
    return made | {"rounding": np.array([2.0**-46 * most])}


def distinct(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Numbers that no window has twice, above the example's: each channel repeats a square as large as any window."""
    side = limits.KERNEL
    channels, *rows_and_columns = (range(size) for size in shape)
    squares = [np.random.default_rng([seed, c]).permutation(side * side).reshape(side, side) for c in channels]
    rows, columns = (np.array(places) % side for places in rows_and_columns)
    return np.array([square[np.ix_(rows, columns)] for square in squares]) + 10.0


def others(s: AssignedSettings, named: dict[str, Named]) -> dict[str, object]:
    def loss_of(x: np.ndarray, dy: np.ndarray) -> checking.Loss:
        y, _ = fast.max_pool2d(x, (s.kernel_height, s.kernel_width), stride=s.stride)
        return dy * y, max_pool.windows_of(x, *s.axes) == y[..., None, None], dy * y

    return checking.arguments(loss_of, s.in_channels * s.windows)


def torch(s: AssignedSettings) -> str:
    return f"""
    # Autograd does not make the mistake: this dx is the right one, to hold your own backward pass against.
    x.requires_grad_()
    y, where = F.max_pool2d(x, ({s.kernel_height}, {s.kernel_width}), {s.stride}, return_indices=True)
    y.backward(dy)
    dx = x.grad
    """


layer = Layer(
    name="assigned_not_added",
    title="= instead of += in max pooling",
    group="What goes wrong",
    settings=AssignedSettings,
    axes={"x": ("in_channels", "in_height", "in_width"), "dy": ("in_channels", None, None)},
    arrays=arrays,
    algorithms=algorithms,
    example=CENTRE,
    given=given,
    others=others,
    torch=torch,
    whole=MAX_POOL,
)
