"""The transposed convolution: each input cell stamps the kernel onto the output, and a small map becomes larger.

The surprising part is that nothing here is new. Stamping is the input gradient of a convolution, seen as a scatter;
`gather` computes the same numbers with the functions of conv2d, and `compare` holds the two against each other. The
way back is a plain convolution.

x input (C, H, W) · w weight (C, F/groups, KH, KW) · b bias (F,) · y (F, OH, OW)
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core import fast
from core.layers import conv
from core.layers import gradient_check as checking
from core.layers.walk import walk_of
from core.layers.whole import TRANSPOSED
from core.offer import limits
from core.offer.layer import MAPS, PER_FILTER, Layer, Named
from core.offer.places import counted
from core.offer.settings import Four, Pair, Sides, Whole, defaults, knob
from core.offer.window import WORDS, Spread, spread
from core.recording.recorder import algorithm
from core.recording.trace import Arrays
from core.text.formula import in_groups

KERNELS = ("channel", "filter", "row", "column")  # its weights are stored the other way round than a convolution's


@algorithm(
    formula=in_groups(
        r"""
        @{y_padded} \leftarrow 0
        @{y_padded}_{@[first_filter] + f',\,@(under)} \leftarrow \cdots + @{x product}_{c,i,j} \cdot @{w
          product}_{c,f',u,v}
        @[first_filter] = \lfloor c \cdot \text{groups} / C \rfloor \cdot F / \text{groups}
        """
    ),
)
def stamp(x, w, product, y_padded, *, stride, dilation, groups):
    """Each input cell stamps the kernel, times itself, onto the output; where stamps overlap, they add up.

    A convolution reads a patch and writes one cell. Here the same weights work in the other direction: one cell is read
    and a patch is written. The stride is how far apart neighbouring cells stamp, so a larger stride makes a larger
    output. With groups, each channel stamps onto the maps of its group alone.

    Look: One cell of `x` is read and a whole patch of `y_padded` is written: a convolution, the other way round.

    Question: From which stride on do the stamps no longer overlap?

    Answer: From the size of the kernel on. Below it, a stride that does not divide that size makes them overlap
    unevenly: a checkerboard.
    """
    C, DEPTH, KH, KW = w.shape
    _, H, W = x.shape
    (SH, SW), (DH, DW) = stride, dilation
    y_padded[:] = 0
    yield "begin with zeros everywhere"
    for c in range(C):
        first_filter = c // (C // groups) * DEPTH
        maps = slice(first_filter, first_filter + DEPTH)
        for i, j in np.ndindex(H, W):
            rows = slice(i * SH, i * SH + DH * KH, DH)
            columns = slice(j * SW, j * SW + DW * KW, DW)
            product[:] = x[c, i, j] * w[c]
            yield "multiply the kernels by one input cell: a stamp"
            y_padded[maps, rows, columns] += product[:]
            yield "add the stamp to what lies there"
        yield "one channel has stamped all its cells"


@algorithm(stamp, formula=r"@{y}_{f,i,j} = @{y_padded}_{f,\,@(inside)} + @{b}_f")
def crop(y_padded, b, y, *, padding):
    """The padding is cropped from the stamped maps, and every cell gets the bias of its map.

    Padding takes away here: it is the border that a convolution with this padding would have set around its input.
    Output padding makes the maps longer at the bottom and on the right before they are cropped. With a stride,
    convolutions of several input sizes end in the same output size, and it says to which of them this layer goes back.
    Where no stamp reaches, a cell holds its bias alone.

    With "same" the output is the stride times as large as the input, and the way back of a convolution with "same" ends
    there: as much is cropped as that one sets around its input, an odd row or column last, with "same_lower" first.
    Stamps smaller than the stride leave nothing to crop; what is missing after the last one holds the bias alone.

    Look: What lies outside of the box on `y_padded` is lost; every map of `y` gets its bias from `b`.

    Question: Turn the padding up: does `y` become larger or smaller?

    Answer: Smaller: padding takes away here what it adds before a convolution.
    """
    F, OH, OW = y.shape
    (TOP, _), (LEFT, _) = padding
    for f in range(F):
        y[f] = y_padded[f, TOP : TOP + OH, LEFT : LEFT + OW] + b[f]
        yield "crop one map and add its bias"


@algorithm(
    formula=in_groups(
        r"""
        @{gathered_padded}_{f,i,j} = \sum_{c',u,v} @{w_flipped product_y}_{c_0 + c',f',u,v} \cdot @{x_padded patch_y
          product_y}_{c_0 + c',\,@(beside)}
        c_0 = \lfloor f \cdot \text{groups} / F \rfloor \cdot C / \text{groups}, \quad f' = f \bmod (F / \text{groups})
        @{gathered}_{f,i,j} = @{gathered_padded}_{f,\,@(inside)} \quad \forall{f,i,j}
        """
    ),
)
def gather(
    x, x_expanded, x_padded, w, w_flipped, patch_y, product_y, gathered_padded, gathered,
    *, stride, kernel_size, padding, padding_mode, dilation, groups,
):  # fmt: skip
    """The same output once more, collected instead of stamped: this is how conv2d computes its input gradient.

    All four functions are those of conv2d. There they start from a sensitivity map; here x takes its place. Forward,
    this layer does to its input what the convolution with the same kernels does to a gradient on its way back. That is
    why it is called transposed: written as a matrix, one is the other with rows and columns exchanged.
    """
    yield from conv.expand(x, x_expanded, stride=stride)
    yield from conv.pad_fully(x_expanded, x_padded, kernel_size=kernel_size, dilation=dilation)
    yield from conv.flip(w, w_flipped)
    yield from conv.input_gradient(
        x_padded, patch_y, w_flipped, product_y, gathered_padded, gathered,
        padding=padding, padding_mode=padding_mode, dilation=dilation, groups=groups,
    )  # fmt: skip


@algorithm(crop, gather, formula=r"@{difference}_{f,i,j} = (@{y}_{f,i,j} - @{b}_f) - @{gathered}_{f,i,j}")
def compare(y, gathered, b, difference):
    """What was stamped is held against what was gathered, cell by cell: the difference is zero.

    Both add up the very same products. Stamping goes through the input and asks where each cell goes to; gathering goes
    through the output and asks where each cell comes from.

    Look: Every cell of `difference` is 0, but for rounding.

    Question: Which of the two ways multiplies by zeros?

    Answer: Gathering, wherever zeros stand between the cells or around them. Stamping never does.
    """
    F, OH, OW = y.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            unbiased = y[f, i, j] - b[f]
            difference[f, i, j] = unbiased - gathered[f, i, j]
            yield "stamped minus gathered: zero where both agree"
        yield "one map is compared"


@algorithm(
    formula=r"""
    @{dy_padded} \leftarrow 0
    @{dy_padded}_{f,\,p_t+i,\,p_l+j} \leftarrow @{dy}_{f,i,j}
    """,
)
def pad_gradient(dy, dy_padded, *, padding, padding_mode):
    """The gradient that arrives gets zeros where the padding was cropped.

    In a network `dy` comes from the layer behind; the last layer has it from the loss.

    What was cropped never reached the loss, so its gradient is zero.

    Look: `dy_padded` is `dy` in a frame as wide as what was cropped, and the frame is 0.

    Question: Why is the frame 0?

    Answer: A cell that was cropped had no part in the output, so the loss does not depend on it.
    """
    yield from conv.pad(dy, dy_padded, padding=padding, padding_mode=padding_mode)


@algorithm(
    pad_gradient,
    formula=in_groups(
        r"""
        @{dx}_{c,i,j} = \sum_{f',u,v} @{w product_dx}_{c,f',u,v} \cdot @{dy_padded patch_dx product_dx}_{f_0 +
          f',\,@(under)}
        f_0 = \lfloor c \cdot \text{groups} / C \rfloor \cdot F / \text{groups}
        """
    ),
)
def input_gradient(dy_padded, patch_dx, w, product_dx, no_bias, dx, *, stride, dilation, groups):
    """Each input cell collects, from every cell under its stamp, that cell's gradient times the weight in between.

    The patch under a stamp, times the kernel, summed: that is a plain convolution of dy, with the same kernels and the
    same stride, and it is conv2d's own loop that runs here, with a bias of zero. So each of the two layers is the
    other's way back.

    Look: It is the loop of a forward convolution: a patch of `dy_padded`, the kernel `w` as it is, one cell of `dx`.

    Question: Is the kernel turned here?

    Answer: No: the stamp was the kernel as it is, and on the way back each weight meets the cell that it wrote.
    """
    yield from conv.correlate(
        dy_padded, patch_dx, w, product_dx, no_bias, dx, stride=stride, dilation=dilation, groups=groups
    )


@algorithm(
    pad_gradient,
    gather,
    formula=in_groups(
        r"""
        @{dw}_{c,f',u,v} = \sum_{i,j} @{x_expanded product_dw}_{c,i,j} \cdot @{dy_padded patch_dw product_dw}_{f_0 +
          f',\,@(beside)}
        f_0 = \lfloor c \cdot \text{groups} / C \rfloor \cdot F / \text{groups}
        """
    ),
)
def weight_gradient(dy_padded, patch_dw, x_expanded, product_dw, dw, *, dilation, groups):
    """Each weight collects, from every stamp, the input cell it was multiplied by times the gradient where it landed.

    This is conv2d's own function with the parts exchanged: dy_padded takes the part of the padded input, and the
    expanded x that of the sensitivity map.

    Look: For each weight of `dw`, the whole `x_expanded` is laid over `dy_padded`, moved to that weight's place.

    Question: In conv2d, which arrays stand in these two places?

    Answer: The expanded sensitivity map, and the padded input: the two have changed places.
    """
    yield from conv.weight_gradient(
        dy_padded, patch_dw, x_expanded, product_dw, dw, dilation=dilation, groups=groups
    )  # fmt: skip


@algorithm(formula=r"@{db}_f = \sum_{i,j} @{dy}_{f,i,j}")
def bias_gradient(dy, db):
    """A bias is added to every cell of its output map, so its gradient is the sum of that map's dy."""
    yield from conv.bias_gradient(dy, db)


# Its words and its loop are those of conv2d; here it starts from this layer's gradients.
gradient_check = replace(conv.gradient_check, after=(input_gradient, weight_gradient, bias_gradient))


algorithms = walk_of(
    __name__,
    "Stamp the output, gather it once more and compare, then the way back.",
    stamp, crop, gather, compare, pad_gradient, input_gradient, weight_gradient, bias_gradient, gradient_check,
)  # fmt: skip


@defaults(in_channels=1, in_height=2, in_width=3)
@dataclass(frozen=True)
class ConvTransposeSettings(conv.KernelSettings):
    """What a reader can turn; the names are those of torch.nn.ConvTranspose2d where it has them."""

    out_channels: int = knob(1, Whole(1, limits.CHANNELS), "Output channels", "Sizes")
    padding: Four | str = knob(1, Sides(0, limits.PADDING, WORDS), "Padding", "Window")
    output_padding: tuple[int, int] = knob((0, 0), Pair(0, limits.STRIDE - 1), "Output padding", "Window")
    dilation: tuple[int, int] = knob((1, 1), Pair(1, limits.DILATION), "Dilation", "Window")
    groups: int = knob(1, Whole(1, limits.CHANNELS, listed=True), "Groups", "Window")
    seed: int = knob(0, Whole(0, limits.SEED), "Seed (0: the example)", "Numbers")

    @cached_property
    def axes(self) -> tuple[Spread, Spread]:  # type: ignore[override]  # stamps are no windows
        """The stamps along the height and along the width."""
        (SH, SW), (EH, EW), (DH, DW), by = self.stride, self.output_padding, self.dilation, self.padding
        vertical, horizontal = (by, by) if isinstance(by, str) else (by[:2], by[2:])
        return (
            spread("height", self.in_height, self.kernel_height, SH, vertical, EH, DH),
            spread("width", self.in_width, self.kernel_width, SW, horizontal, EW, DW),
        )


def arrays(s: ConvTransposeSettings) -> dict[str, Named]:
    conv.check_groups(s.groups, s.in_channels, s.out_channels)
    height, width = s.axes
    C, F, KH, KW = s.in_channels, s.out_channels, s.kernel_height, s.kernel_width
    x, w, y = (C, s.in_height, s.in_width), (C, F // s.groups, KH, KW), (F, height.out, width.out)
    padded, expanded = (F, height.padded, width.padded), (C, height.expanded, width.expanded)
    fully = (C, height.padded + height.reach - 1, width.padded + width.reach - 1)
    stamped, collected = (F // s.groups, KH, KW), (C // s.groups, KH, KW)
    named = {
        "x": Named(x, "input", "input"),
        "w": Named(w, "parameter", "weights", KERNELS),
        "product": Named(stamped, "scratch", "the stamp: input cell × kernels", MAPS),
        "y_padded": Named(padded, "value", "all stamps, before the crop", MAPS),
        "b": Named((F,), "parameter", "bias", PER_FILTER),
        "y": Named(y, "value", "output", MAPS),
        "x_expanded": Named(expanded, "input", "expanded input", fill="inserted"),
        "x_padded": Named(fully, "input", "expanded input, padded fully", fill="padding"),
        "w_flipped": Named(w, "parameter", "kernels turned by 180°", KERNELS),
        "patch_y": Named(collected, "scratch", "patch of the expanded input"),
        "product_y": Named(collected, "scratch", "patch × turned kernels"),
        "gathered_padded": Named(padded, "value", "gathered, before the crop", MAPS),
        "gathered": Named(y, "value", "gathered, without the bias", MAPS),
        "difference": Named(y, "value", "stamped − gathered", MAPS),
        "dy": Named(y, "gradient", "∂L/∂y, arriving", MAPS),
        "dy_padded": Named(padded, "gradient", "∂L/∂y, padded", MAPS, fill="padding"),
        "patch_dx": Named(stamped, "scratch", "gradients under the stamp", MAPS),
        "product_dx": Named(stamped, "scratch", "gradients × kernels", MAPS),
        "no_bias": Named((C,), "parameter", "a bias of zero"),
        "dx": Named(x, "gradient", "∂L/∂x, gradient of the input"),
        "patch_dw": Named(expanded[1:], "scratch", "gradients under the expanded input"),
        "product_dw": Named(expanded[1:], "scratch", "gradients × inputs"),
        "dw": Named(w, "gradient", "∂L/∂w, gradient of the weights", KERNELS),
        "db": Named((F,), "gradient", "∂L/∂b, gradient of the bias", PER_FILTER),
    }
    return named | checking.arrays({name: named[name] for name in conv.CHECKED})


def given(s: ConvTransposeSettings, made: Arrays, brought: Collection[str]) -> Arrays:
    """The example's x counts, to tell stamps apart."""
    if s.seed == 0 and "x" not in brought:
        made["x"] = 1 + counted(made["x"].shape, arrays(ConvTransposeSettings())["x"].shape) % 10
    # No bias is a given zero, so that nobody takes it for one that is still to be computed.
    return made | {"no_bias": np.zeros(s.in_channels)}


def others(s: ConvTransposeSettings, named: dict[str, Named]) -> dict[str, object]:
    def loss_of(x: np.ndarray, w: np.ndarray, b: np.ndarray, dy: np.ndarray) -> checking.Loss:
        y = fast.conv_transpose2d(
            x, w, b, stride=s.stride, padding=s.padding if isinstance(s.padding, str) else s.sides,
            output_padding=s.output_padding, dilation=s.dilation, groups=s.groups,
        )  # fmt: skip
        return dy * y, checking.NO_KINKS, dy * y

    return {"padding_mode": "zeros"} | checking.arguments(loss_of, named["x"].cells * named["product"].cells)


def torch(s: ConvTransposeSettings) -> str:
    height, width = s.axes
    (top, bottom), (left, right) = s.sides
    is_even = (top, left) == (bottom, right)
    padding = (top, left) if is_even else (0, 0)
    window = f"stride={s.stride}, padding={padding}, output_padding={(height.extra, width.extra)}"
    call = f"F.conv_transpose2d(\n        x, w, b, {window}, groups={s.groups}, dilation={s.dilation}\n    )"
    rest = "" if is_even else f"[:, {top}:{top + height.out}, {left}:{left + width.out}]"
    comment = "" if is_even else "# PyTorch crops evenly: here what the padding takes is cropped afterwards.\n    "
    return f"""
    for leaf in (x, w, b):
        leaf.requires_grad_()

    {comment}y = {call}{rest}
    y.backward(dy)
    dx, dw, db = x.grad, w.grad, b.grad
    """


layer = Layer(
    name="conv_transpose2d",
    title="Transposed convolution",
    group="Layers",
    settings=ConvTransposeSettings,
    axes={
        "x": ("in_channels", "in_height", "in_width"),
        "w": ("in_channels", "out_channels/groups", "kernel_height", "kernel_width"),
        "b": ("out_channels",),
        "dy": ("out_channels", None, None),
    },
    arrays=arrays,
    given=given,
    algorithms=algorithms,
    others=others,
    torch=torch,
    whole=TRANSPOSED,
)
