"""Why the kernel is turned by 180°: the input gradient told from both its ends, which meet.

Told from the output it is a scatter: every δ stamps δ·w onto the inputs that made it, by the kernel as it is. Told from
the input it is a gather: every input collects from the outputs it went to, and then δ and w run against each other.
Turning the kernel makes them run the same way: the gather is a correlation again, and both give the same numbers.

x input (C, H, W) · w weight (F, C, KH, KW) · dz sensitivity map (F, OH, OW) · dx gradient of the input (C, H, W)
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from core.layers import conv
from core.layers.walk import walk_of
from core.layers.whole import FORWARD, cropped, scattered, turned
from core.offer import limits
from core.offer.layer import Example, Layer, Named
from core.offer.part import Part
from core.offer.settings import Four, Pair, Sides, Whole, defaults, knob
from core.offer.window import WORDS
from core.recording.recorder import algorithm
from core.recording.trace import Arrays


@algorithm(formula=conv.correlate.source.formula)
def forward(x, x_padded, patch, w, product, b, z, *, padding, stride, dilation):
    """First the way there. Keep an eye on one input cell while the patch moves over it.

    At first the patch is left of the cell, which stands under a weight on the right of the kernel. As the patch moves
    on to the right, the cell slips under the weights further left. The outputs that it goes to run one way, the weights
    that it goes there by run the other way: that is the whole secret, and the rest is collecting.

    Look: Keep your eye on one cell in the middle of `x_padded`, and on the weight that lies over it.

    Question: In which order does that cell meet the weights?

    Answer: From the last to the first: the kernel comes from the left and from above, with its right and its lower
    weights ahead.
    """
    yield from conv.pad(x, x_padded, padding=padding, padding_mode="zeros")
    yield from conv.correlate(x_padded, patch, w, product, b, z, stride=stride, dilation=dilation, groups=1)


@algorithm(
    formula=r"""
    @{dx_scattered} \leftarrow 0
    @{dx_scattered}_{c,\,@(under)} \leftarrow \cdots + @{dz stamp}_{f,i,j} \cdot @{w stamp}_{f,c,u,v}
    """,
)
def scatter(dz, w, stamp, dx_scattered, *, stride, dilation):
    """The way back, told from the output: each δ goes to all inputs under its patch, by the weights they came by.

    It is stamped onto the gradient as δ · w, with the kernel just as it was on the way there. Nothing is turned. Where
    stamps overlap they add up, since an input that went to several outputs has a part in each of them.

    Look: `stamp` is `w` times one δ, and it is added to `dx_scattered` where the patch of that output stood.

    Question: In the example, what does the thousands digit of a cell of `dx_scattered` tell?

    Answer: By which weight the cell went to the output whose δ is 1000; 0 if it did not.
    """
    F, _, KH, KW = w.shape
    _, OH, OW = dz.shape
    (SH, SW), (DH, DW) = stride, dilation
    dx_scattered[:] = 0
    yield "begin with zeros everywhere"
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            rows = slice(i * SH, i * SH + DH * KH, DH)
            columns = slice(j * SW, j * SW + DW * KW, DW)
            stamp[:] = dz[f, i, j] * w[f]
            yield "one δ times the kernel, as it is"
            dx_scattered[:, rows, columns] += stamp[:]
            yield "add the stamp where the patch of this output stood"
        yield "one filter has stamped all its δ"


@algorithm(
    formula=r"""
    @{dz_expanded}_{f,\,i \cdot s_h,\,j \cdot s_w} = @{dz}_{f,i,j}
    @{dz_padded}_{f,\,d_h (k_h - 1) + i,\,d_w (k_w - 1) + j} = @{dz_expanded}_{f,i,j}
    """,
)
def spread(dz, dz_expanded, dz_padded, *, kernel_size, stride, dilation):
    """To be told from the input, the sensitivity map is spread out first: an output that was never computed has a zero.

    Between neighbours there are zeros for the outputs that the stride skipped, and around the map there are zeros for
    those that would lie outside. So whatever output an input asks for, there is something to find.
    """
    yield from conv.expand(dz, dz_expanded, stride=stride)
    yield from conv.pad_fully(dz_expanded, dz_padded, kernel_size=kernel_size, dilation=dilation)


@algorithm(
    spread,
    formula=r"""
    @{dx_collected}_{c,i,j} \leftarrow @{dx_collected}_{c,i,j} + @{w}_{f,c,u,v} \cdot
      @{dz_padded}_{f,\,@[row],\,@[column]}
    @[row] = i + d_h (k_h - 1 - u), \quad @[column] = j + d_w (k_w - 1 - v)
    """,
)
def collect(w, dz_padded, dx_collected, *, dilation):
    """The way back, told from the input: of each weight it asks which output it reached by it, and adds δ · weight.

    Watch the two boxes: the weight goes to the right and down, the δ that belongs to it goes to the left and up. They
    run against each other, for by weight u the input at t went to the output t − u: the larger u, the further left.

    Look: Two boxes run against each other: on `w` to the right and down, on `dz_padded` to the left and up.

    Question: In which order would you have to read the weights for both to run the same way?

    Answer: From the last to the first: that is the kernel turned by 180°.
    """
    F, C, KH, KW = w.shape
    _, PADDED_H, PADDED_W = dx_collected.shape
    DH, DW = dilation
    for c in range(C):
        for i, j in np.ndindex(PADDED_H, PADDED_W):
            dx_collected[c, i, j] = 0
            for f, u, v in np.ndindex(F, KH, KW):
                row = i + DH * (KH - 1 - u)
                column = j + DW * (KW - 1 - v)
                delta = dz_padded[f, row, column]
                dx_collected[c, i, j] += delta * w[f, c, u, v]
                if v > 0:
                    yield "the weight goes on to the right, its δ to the left"
                elif u > 0:
                    yield "the next row of weights below, the next row of δ above"
                else:
                    yield "begin with the first weight: it belongs to the last δ"
            yield "this input has collected all that comes back to it"
        yield "one channel has its gradient"


@algorithm(formula=conv.flip.source.formula)
def turn(w, w_flipped):
    """So the kernel is turned by 180°: now its first weight belongs to the first δ, and the last to the last.

    Nothing changes but the order in which the same products are added up.
    """
    yield from conv.flip(w, w_flipped)


@algorithm(
    spread,
    turn,
    formula=r"""
    @{dx_gathered}_{c,i,j} \leftarrow @{dx_gathered}_{c,i,j} + @{w_flipped}_{f,c,u,v} \cdot
      @{dz_padded}_{f,\,@[row],\,@[column]}
    @[row] = i + d_h \cdot u, \quad @[column] = j + d_w \cdot v
    """,
)
def gather(w_flipped, dz_padded, dx_gathered, *, dilation):
    """With the turned kernel weight and δ run the same way, and collecting is a correlation: the loop of the way there.

    This is the form of the textbooks: the padded sensitivity map, correlated with the kernel turned by 180°. Libraries
    say "full convolution" for it, since a mathematical convolution is a correlation with the turned kernel.

    Look: Now both boxes run the same way, over `w_flipped` and over `dz_padded`.

    Question: Is there a product here that was not there when collecting?

    Answer: No: each δ meets the same weight as before, only in another order.
    """
    F, C, KH, KW = w_flipped.shape
    _, PADDED_H, PADDED_W = dx_gathered.shape
    DH, DW = dilation
    for c in range(C):
        for i, j in np.ndindex(PADDED_H, PADDED_W):
            dx_gathered[c, i, j] = 0
            for f, u, v in np.ndindex(F, KH, KW):
                row, column = i + DH * u, j + DW * v
                delta = dz_padded[f, row, column]
                dx_gathered[c, i, j] += delta * w_flipped[f, c, u, v]
                if v > 0:
                    yield "the weight and the δ both go on to the right"
                elif u > 0:
                    yield "both go on to the row below"
                else:
                    yield "begin with the first weight and the first δ"
            yield "this input has collected all that comes back to it"
        yield "one channel has its gradient"


@algorithm(
    scatter,
    collect,
    gather,
    formula=r"""
    @{difference} = \max(@{dx_scattered},\, @{dx_collected},\, @{dx_gathered}) - \min(@{dx_scattered},\,
      @{dx_collected},\, @{dx_gathered})
    """,
)
def compare(dx_scattered, dx_collected, dx_gathered, difference):
    """Cell by cell, every way leads to the same number.

    The scatter never turned a kernel and the gather did: they are one sum, read from its two ends. With whole numbers
    the difference is exactly zero; with others the order of adding may leave a rounding error in the last digit.

    Look: Every cell of `difference` is 0, but for rounding.

    Question: Two of the three never turned a kernel. Which two?

    Answer: Stamping and collecting. Only the gather did, to become a plain correlation.
    """
    C, PADDED_H, PADDED_W = dx_scattered.shape
    for c in range(C):
        for i, j in np.ndindex(PADDED_H, PADDED_W):
            stamped, gathered = dx_scattered[c, i, j], dx_gathered[c, i, j]
            collected = dx_collected[c, i, j]
            largest = max(stamped, collected, gathered)
            difference[c, i, j] = largest - min(stamped, collected, gathered)
            yield "stamped, collected, gathered: the same number"
        yield "one channel is compared"


@algorithm(gather, formula=r"@{dx}_{c,i,j} = @{dx_gathered}_{c,\,@(inside)} \quad \forall{c,i,j}")
def crop(dx_gathered, dx, *, padding):
    """The padding is cropped, since nobody wants its gradient: what is left is the gradient of the input.

    Look: The box on `dx_gathered` is all that is kept: as many cells as the input has.

    Question: With which padding is nothing cropped?

    Answer: With 0: then the padded input is the input.
    """
    _, H, W = dx.shape
    (TOP, _), (LEFT, _) = padding
    rows, columns = slice(TOP, TOP + H), slice(LEFT, LEFT + W)
    dx[:] = dx_gathered[:, rows, columns]
    yield "crop the padding: what is left is the gradient of the input"


algorithms = walk_of(
    __name__,
    """The input gradient from both its ends, with all its numbers.

    In the example the weights are 1 to 9 and the δ are 1, 10, 100 and 1000. So every digit of a result is a weight, and
    its place tells by which δ it came: 1245 is 5 by the first, 4 by the second, 2 by the third and 1 by the fourth. It
    is the gradient of the input cell that holds a 5: the patches meet that cell with the weights 5, 4, 2 and 1 in turn.
    """,
    forward, scatter, spread, collect, turn, gather, crop, compare,
)  # fmt: skip


@defaults(in_channels=1, in_height=4, in_width=4, out_channels=1, stride=1)
@dataclass(frozen=True)
class InputGradientSettings(conv.KernelSettings):
    """Those of the convolution that the gradient is of."""

    padding: Four | str = knob(0, Sides(0, limits.PADDING, WORDS), "Padding", "Window")
    dilation: tuple[int, int] = knob((1, 1), Pair(1, limits.DILATION), "Dilation", "Window")
    seed: int = knob(0, Whole(0, limits.SEED), "Seed (0: the example)", "Numbers")


def arrays(s: InputGradientSettings) -> dict[str, Named]:
    named = conv.convolution(s)
    padded = named["dx_padded"].shape
    named |= {
        "stamp": named["patch"]._replace(label="δ × kernel"),
        "dx_scattered": Named(padded, "gradient", "∂L/∂x, stamped"),
        "dx_collected": Named(padded, "gradient", "∂L/∂x, collected"),
        "dx_gathered": Named(padded, "gradient", "∂L/∂x, by the turned kernel"),
        "difference": Named(padded, "gradient", "largest − smallest of the three"),
    }
    return {name: named[name] for name in algorithms["walk"].parameters if name in named}


# Every digit of a result is a weight, and its place tells by which δ it came.
DIGITS: Example = {
    "x": np.arange(16.0).reshape(1, 4, 4),  # no two are equal, so that a cell can be followed
    "w": np.arange(1.0, 10.0).reshape(1, 1, 3, 3),
    "dz": np.array([[[1.0, 10.0], [100.0, 1000.0]]]),
}


def given(s: InputGradientSettings, made: Arrays, _: Collection[str]) -> Arrays:
    return made | {"b": np.zeros(s.out_channels)}


def torch(s: InputGradientSettings) -> str:
    (top, bottom), (left, right) = s.sides
    return f"""
    x.requires_grad_()
    # F.pad takes the sides from the last axis on: left, right, top, bottom.
    x_padded = F.pad(x, ({left}, {right}, {top}, {bottom}))
    x_padded.retain_grad()
    z = F.conv2d(x_padded, w, b, stride={s.stride}, dilation={s.dilation})
    z.backward(dz)
    dx, dx_gathered = x.grad, x_padded.grad  # without the padding, and with it
    """


WAYS = ("dx_scattered", "dx_collected", "dx_gathered")  # which lead to the same

layer = Layer(
    name="input_gradient",
    title="Why is the kernel turned by 180°?",
    group="Ideas",
    settings=InputGradientSettings,
    axes=conv.axes_of("x", "w", "dz"),
    arrays=arrays,
    algorithms=algorithms,
    example=DIGITS,
    given=given,
    torch=torch,
    whole=FORWARD
    | dict.fromkeys(WAYS, Part(scattered, "dz", "w"))
    | {"dx": Part(cropped, "dx_gathered"), "w_flipped": Part(turned, "w")},
)
