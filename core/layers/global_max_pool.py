"""Global max pooling: the largest cell of each channel stands for all of it.

It is max pooling with a window as large as the input, so there is nothing to slide and nothing overlaps.

x input (C, H, W) · y output (C,) · where the winners stand (C,) · d + name: gradient with respect to it
"""

from dataclasses import dataclass

import numpy as np

from core.layers import gradient_check as checking
from core.layers.gradient_check import nudge, verdict
from core.layers.walk import walk_of
from core.layers.whole_pools import GLOBAL_MAX_POOL
from core.offer import limits
from core.offer.layer import PER_CHANNEL, Example, Layer, Named
from core.offer.settings import Settings, Whole, knob
from core.recording.recorder import algorithm
from core.text.plot import Contest


@algorithm(
    formula=r"""
    @{y}_c = \max_{i,j} @{x}_{c,i,j}
    @{where}_c = @[row] \cdot W + @[column]
    """,
    plot=Contest(of="x", to="y"),
)
def pool(x, y, where):
    """The largest cell of each channel becomes its output, and where it stands is remembered for the way back.

    So the output has one number for each channel, whatever the size of the input: how strongly something was found,
    anywhere.

    Of equal cells the first is remembered, read row by row. So does PyTorch's AdaptiveMaxPool2d(1); its amax, which
    gives the same output, shares the gradient among equal cells instead. NaN wins over every number.

    Look: Of each channel of `x` one cell reaches `y`, and `where` keeps its place.

    Question: Shift the whole input by one column: what happens to `y`?

    Answer: Nothing, as long as the largest cell is not pushed out: the output does not tell where it was.
    """
    C, _, W = x.shape
    for c in range(C):
        row, column = divmod(int(np.argmax(x[c])), W)
        yield "find the largest cell of the channel; of equal ones the first counts, read row by row"
        y[c] = x[c, row, column]
        where[c] = row * W + column
        yield "it stands for the whole channel; remember where it is: row × width + column"


@algorithm(
    pool,
    formula=r"""
    @{dx} \leftarrow 0
    @{dx}_{c,\,@[row],\,@[column]} \leftarrow @{dy}_c
    @[row] \cdot W + @[column] = @{where}_c
    """,
)
def backward(dy, where, dx):
    """The gradient of each channel goes back to the one cell that won; all others get nothing.

    In a network `dy` comes from the layer behind; the last layer has it from the loss.

    Nudge a loser a little and the output stays as it is: its slope is 0. Nudge the winner and the output moves just as
    far: its slope is 1.

    Look: Each channel of `dx` has at most one cell that is not 0.

    Question: How much does the network learn from the cells that lost?

    Answer: Nothing this time: their slope is 0, and only the winner hears what was wrong.
    """
    C, _, W = dx.shape
    dx[:] = 0
    yield "begin with zeros everywhere"
    for c in range(C):
        row, column = divmod(int(where[c]), W)
        dx[c, row, column] = dy[c]
        yield "the remembered winner of the channel takes the whole gradient"


@algorithm(backward, formula=checking.compared("x"))
def gradient_check(x_nudged, dy, loss, numeric_dx, dx, difference_dx, kinks_dx, found, *, epsilon, most, loss_of):
    """Is the gradient of the input right? Nudge each x, and see how the loss really changes.

    A tie is a kink: nudged up, one of two equal cells takes the lead; nudged down, the other one does. So the numeric
    gradient gives each of them half, and the rule gives all to the first.

    Look: Where `kinks_dx` is above 0 a tie is being broken; elsewhere `difference_dx` is 0 but for rounding.

    Question: Why does the loss stay as it is when a loser is nudged?

    Answer: The maximum does not change as long as the loser stays below it.
    """
    judged = yield from nudge(
        x_nudged, loss, numeric_dx, dx, difference_dx, kinks_dx, dy, epsilon=epsilon, most=most, loss_of=loss_of
    )
    yield from verdict(numeric_dx, dx, difference_dx, kinks_dx, found, judged=judged)


algorithms = walk_of(
    __name__,
    "The largest of each map: forward, backward to it, and the check of the gradient.",
    pool, backward, gradient_check,
)  # fmt: skip


@dataclass(frozen=True)
class GlobalPoolSettings(Settings):
    """The size of the input is all there is to turn."""

    in_channels: int = knob(2, Whole(1, limits.CHANNELS), "Input channels", "Sizes")
    in_height: int = knob(2, Whole(1, limits.SIDE), "Input height", "Sizes")
    in_width: int = knob(4, Whole(1, limits.SIDE), "Input width", "Sizes")
    seed: int = knob(0, Whole(0, limits.SEED), "Seed (0: the example)", "Numbers")


def arrays(s: GlobalPoolSettings) -> dict[str, Named]:
    named = global_arrays(s)
    return named | {"where": Named(named["y"].shape, "count", "winner's place in x", PER_CHANNEL)}


def global_arrays(s: GlobalPoolSettings) -> dict[str, Named]:
    """The arrays of any layer that makes one number of a channel."""
    x, y = (s.in_channels, s.in_height, s.in_width), (s.in_channels,)
    named = {
        "x": Named(x, "input", "input"),
        "y": Named(y, "value", "output", PER_CHANNEL),
        "dy": Named(y, "gradient", "∂L/∂y, arriving", PER_CHANNEL),
        "dx": Named(x, "gradient", "∂L/∂x, gradient of the input"),
    }
    return named | checking.arrays({"x": named["x"]})


# Eight cells a channel: their sums are 16 and 24, and the shares of dy are 1 and 2.
EXAMPLE: Example = {
    "x": [[[1, 2, 3, 2], [0, 4, 1, 3]], [[5, 2, 1, 4], [3, 0, 6, 3]]],
    "dy": [8, 16],
}


def others(s: GlobalPoolSettings, named: dict[str, Named]) -> dict[str, object]:
    def loss_of(x: np.ndarray, dy: np.ndarray) -> checking.Loss:
        y = x.max((1, 2))
        # A nudge that changes which cells equal the maximum has come from a tie, or has passed one.
        return dy * y, x == y[:, None, None], dy * y

    return checking.arguments(loss_of, named["x"].cells)


def torch(_: GlobalPoolSettings) -> str:
    return """
    x.requires_grad_()
    y, where = (one.flatten() for one in F.adaptive_max_pool2d(x, 1, return_indices=True))
    y.backward(dy)
    dx = x.grad
    """


layer = Layer(
    name="global_max_pool2d",
    title="Global max pooling",
    group="Layers",
    settings=GlobalPoolSettings,
    axes={"x": ("in_channels", "in_height", "in_width"), "dy": ("in_channels",)},
    arrays=arrays,
    algorithms=algorithms,
    example=EXAMPLE,
    others=others,
    torch=torch,
    whole=GLOBAL_MAX_POOL,
)
