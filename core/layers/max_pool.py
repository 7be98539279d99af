"""Max pooling: of the cells under each window the largest goes on, and the gradient goes back to it.

Where several cells of a window are equally large, somebody has to decide. PyTorch, TensorFlow and ONNX Runtime take
the first in row-major order; so does this layer, unless a reader asks for one of the other rules to see the difference.

x input (C, H, W) · window (KH, KW) · y output (C, OH, OW) · where winners stand · d + name: gradient with respect to it
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core import fast
from core.layers import gradient_check as checking
from core.layers.gradient_check import nudge, verdict
from core.layers.walk import walk_of
from core.layers.whole_pools import MAX_POOL
from core.offer import limits
from core.offer.layer import Example, Layer, Named
from core.offer.settings import Choice, Flag, Four, Pair, SettingError, Sides, Whole, knob
from core.offer.window import WORDS, Axis, Windowed
from core.recording.recorder import algorithm
from core.text.plot import Contest


@algorithm(
    formula=r"""
    @{x_padded} \leftarrow -\infty
    @{x_padded}_{c,\,p_t+i,\,p_l+j} \leftarrow @{x}_{c,i,j}
    """,
)
def pad(x, x_padded, *, padding):
    """Cells of −∞ are set around the input, so that windows can reach past its edge and what stands there never wins.

    Zeros would win wherever all cells of the input under a window are negative. In ceil mode the last window may hang
    over the end, even over that of the padding: what is missing there is −∞ too. With a padding of 0 and without an
    overhang the padded input is the input. With "same" there is one window for every stride begun, and the padding is
    what those take: where its rows or columns are odd in number, the odd one comes last, with "same_lower" first.

    Look: Where `x_padded` has a frame it is −∞: no number of `x` is smaller, so it never wins.

    Question: Where would a frame of zeros change the output?

    Answer: Under the windows at the border whose cells of the input are all negative: there the zero would win.
    """
    _, H, W = x.shape
    (TOP, _), (LEFT, _) = padding
    x_padded[:] = -np.inf
    yield "begin with −∞ everywhere"
    rows, columns = slice(TOP, TOP + H), slice(LEFT, LEFT + W)
    x_padded[:, rows, columns] = x[:]
    yield "set the input into the middle: any −∞ left around it is the padding, and wins no maximum"


MAXIMUM = r"@{y}_{c,i,j} = \max_{u,v} @{x_padded window}_{c,\,@(under)}"


@algorithm(pad, formula=MAXIMUM)
def pool(x_padded, window, y, where, *, in_width, stride, padding, dilation, ties):
    """The largest cell under each window becomes the output, and where it stands is remembered for the way back.

    The output tells how strongly something was found, and no longer exactly where. Cells that no window reaches are
    never read. NaN wins over every number, as in PyTorch: np.argmax takes it for the largest.

    Look: `window` holds the cells under the box; `y` gets the largest, and `where` its place in the input, counted row
    by row.

    Question: Move the largest cell to another place under the same window: what changes in `y`?

    Answer: Nothing, as long as no other window is concerned; only `where` changes. Small shifts do not reach the
    output.
    """
    if ties == "first_in_columns":
        yield from first_in_columns(
            x_padded, window, y, where, in_width=in_width, stride=stride, padding=padding, dilation=dilation
        )
    else:
        yield from first_in_rows(
            x_padded, window, y, where, in_width=in_width, stride=stride, padding=padding, dilation=dilation
        )


@algorithm(formula=MAXIMUM + "\n" r"@{where}_{c,i,j} = @[row] \cdot W + @[column]", plot=Contest(of="window", to="y"))
def first_in_rows(x_padded, window, y, where, *, in_width, stride, padding, dilation):
    """Of equal cells the first wins, read row by row, as in PyTorch, TensorFlow and ONNX Runtime."""
    C, OH, OW = y.shape
    KH, KW = window.shape
    (SH, SW), (DH, DW) = stride, dilation
    (TOP, _), (LEFT, _) = padding
    for c in range(C):
        for i, j in np.ndindex(OH, OW):
            rows = slice(i * SH, i * SH + DH * KH, DH)
            columns = slice(j * SW, j * SW + DW * KW, DW)
            window[:] = x_padded[c, rows, columns]
            yield "take the cells under the window"
            u, v = divmod(int(np.argmax(window[:])), KW)
            yield "find the largest; of equal cells the first counts, read row by row"
            row = i * SH + u * DH - TOP
            column = j * SW + v * DW - LEFT
            y[c, i, j] = window[u, v]
            where[c, i, j] = row * in_width + column
            yield "the largest is the output; remember its place: row × width + column"
        yield "one channel is pooled"


@algorithm(formula=MAXIMUM + "\n" r"@{where}_{c,i,j} = @[row] \cdot W + @[column]", plot=Contest(of="window", to="y"))
def first_in_columns(x_padded, window, y, where, *, in_width, stride, padding, dilation):
    """Of equal cells the first wins, read column by column.

    PyTorch, TensorFlow and ONNX Runtime read row by row: at a tie their gradient can go to another cell than here.
    """
    C, OH, OW = y.shape
    KH, KW = window.shape
    (SH, SW), (DH, DW) = stride, dilation
    (TOP, _), (LEFT, _) = padding
    for c in range(C):
        for i, j in np.ndindex(OH, OW):
            rows = slice(i * SH, i * SH + DH * KH, DH)
            columns = slice(j * SW, j * SW + DW * KW, DW)
            window[:] = x_padded[c, rows, columns]
            yield "take the cells under the window"
            v, u = divmod(int(np.argmax(window[:].T)), KH)
            yield "find the largest; of equal cells the first counts, read column by column"
            row = i * SH + u * DH - TOP
            column = j * SW + v * DW - LEFT
            y[c, i, j] = window[u, v]
            where[c, i, j] = row * in_width + column
            yield "the largest is the output; remember its place: row × width + column"
        yield "one channel is pooled"


def _to_winners(gets: str, of_each: str = "") -> str:
    """All cells that equal the maximum of their window win, and each gets this."""
    return "\n".join([
        r"@{winners}_{u,v} = \mathbf{1}[\,@{x_padded}_{c,\,@(under)} = @{y}_{c,i,j}\,]",
        *filter(None, [of_each]),
        rf"@{{dx_padded}}_{{c,\,@(under)}} \leftarrow \cdots + {gets}",
        r"@{dx}_{c,i,j} = @{dx_padded}_{c,\,@(inside)} \quad \forall{c,i,j}",
    ])  # fmt: skip


def _backward(settings: Mapping[str, Any]) -> str:
    """One winner is remembered; all who share are found anew."""
    ties = settings.get("ties")
    if ties not in ("split", "all"):
        return r"@{dx}_{c,m,n} = \sum_{i,j} @{dy}_{c,i,j} \cdot \mathbf{1}[\,@{where}_{c,i,j} = m \cdot W + n\,]"
    share = r"\,/\, \sum @{winners}" if ties == "split" else ""
    return _to_winners(r"@{winners}_{u,v} \cdot @{dy}_{c,i,j} " + share)


@algorithm(pool, formula=_backward)
def backward(x_padded, y, winners, where, dy, window_dx, dx_padded, dx, *, stride, padding, dilation, ties):
    """The gradient of each output goes back to the cell that won its window; the losers get nothing.

    In a network `dy` comes from the layer behind; the last layer has it from the loss.

    Nudge a loser a little and the output stays as it is: its slope is 0. Nudge the winner and the output moves just as
    far: its slope is 1.

    Where windows overlap, one cell can win several of them. Then their gradients add up: to overwrite instead of adding
    is the classic mistake here.

    Look: Cells of `dx` that won no window stay 0: all of `dy` goes to the winners.

    Question: Set the stride to 1, so that windows overlap: can one cell get more than one gradient?

    Answer: Yes, one from each window that it wins, and they add up.
    """
    if ties == "split":
        yield from shared_among_winners(
            x_padded, y, winners, dy, window_dx, dx_padded, dx, stride=stride, padding=padding, dilation=dilation
        )
    elif ties == "all":
        yield from whole_to_each_winner(
            x_padded, y, winners, dy, window_dx, dx_padded, dx, stride=stride, padding=padding, dilation=dilation
        )
    else:
        yield from to_the_winner(dy, where, dx)


@algorithm(
    formula=r"""
    @{dx} \leftarrow 0
    @{dx}_{c,\,@[row],\,@[column]} \leftarrow @{dx}_{c,\,@[row],\,@[column]} + @{dy}_{c,i,j}
    @[row] \cdot W + @[column] = @{where}_{c,i,j}
    """,
)
def to_the_winner(dy, where, dx):
    """The one remembered winner takes the whole gradient: of equal cells, only the first gets any."""
    C, OH, OW = dy.shape
    _, _, W = dx.shape
    dx[:] = 0
    yield "begin with zeros everywhere"
    for c in range(C):
        for i, j in np.ndindex(OH, OW):
            row, column = divmod(int(where[c, i, j]), W)
            dx[c, row, column] += dy[c, i, j]
            yield "add the gradient to the cell that is remembered as the winner"
        yield "one channel has passed back"


@algorithm(
    formula=_to_winners(
        r"@{window_dx}_{u,v}", r"@{window_dx}_{u,v} = @{winners}_{u,v} \cdot @{dy}_{c,i,j} \,/\, @[tied]"
    )
)
def shared_among_winners(x_padded, y, winners, dy, window_dx, dx_padded, dx, *, stride, padding, dilation):
    """All cells that equal the maximum of their window share its gradient in equal parts.

    PyTorch's amax shares like this. Max pooling does not, neither in PyTorch nor in TensorFlow or ONNX Runtime: there
    the first in row-major order takes all.
    """
    C, OH, OW = dy.shape
    _, H, W = dx.shape
    KH, KW = winners.shape
    (SH, SW), (DH, DW) = stride, dilation
    (TOP, _), (LEFT, _) = padding
    dx_padded[:] = 0
    yield "begin with zeros everywhere"
    for c in range(C):
        for i, j in np.ndindex(OH, OW):
            rows = slice(i * SH, i * SH + DH * KH, DH)
            columns = slice(j * SW, j * SW + DW * KW, DW)
            winners[:] = x_padded[c, rows, columns] == y[c, i, j]
            tied = int(winners[:].sum())
            yield "every cell under the window that equals its maximum wins: 1, the others 0"
            window_dx[:] = winners[:] * dy[c, i, j] / tied
            yield "the winners share the gradient in equal parts"
            dx_padded[c, rows, columns] += window_dx[:]
            yield "add the shares to the cells under the window"
        yield "one channel has passed back"
    rows, columns = slice(TOP, TOP + H), slice(LEFT, LEFT + W)
    dx[:] = dx_padded[:, rows, columns]
    yield "crop the padding: what is left is the gradient of the input"


@algorithm(formula=_to_winners(r"@{window_dx}_{u,v}", r"@{window_dx}_{u,v} = @{winners}_{u,v} \cdot @{dy}_{c,i,j}"))
def whole_to_each_winner(x_padded, y, winners, dy, window_dx, dx_padded, dx, *, stride, padding, dilation):
    """Every cell that equals the maximum of its window gets the whole gradient, not a share of it.

    At a tie more goes back than has arrived. PyTorch, TensorFlow and ONNX Runtime do not do so: there the first in
    row-major order takes all.
    """
    C, OH, OW = dy.shape
    _, H, W = dx.shape
    KH, KW = winners.shape
    (SH, SW), (DH, DW) = stride, dilation
    (TOP, _), (LEFT, _) = padding
    dx_padded[:] = 0
    yield "begin with zeros everywhere"
    for c in range(C):
        for i, j in np.ndindex(OH, OW):
            rows = slice(i * SH, i * SH + DH * KH, DH)
            columns = slice(j * SW, j * SW + DW * KW, DW)
            winners[:] = x_padded[c, rows, columns] == y[c, i, j]
            yield "every cell under the window that equals its maximum wins: 1, the others 0"
            window_dx[:] = winners[:] * dy[c, i, j]
            yield "each winner gets the whole gradient"
            dx_padded[c, rows, columns] += window_dx[:]
            yield "add it to the cells under the window"
        yield "one channel has passed back"
    rows, columns = slice(TOP, TOP + H), slice(LEFT, LEFT + W)
    dx[:] = dx_padded[:, rows, columns]
    yield "crop the padding: what is left is the gradient of the input"


@algorithm(backward, formula=checking.compared("x"))
def gradient_check(x_nudged, dy, loss, numeric_dx, dx, difference_dx, kinks_dx, found, *, epsilon, most, loss_of):
    """Is the gradient of the input right? Nudge each x, and see how the loss really changes.

    A tie is a kink: nudged up, one of two equal cells takes the lead; nudged down, the other one does. So the numeric
    gradient gives each of them half, whatever rule is chosen. The article's example has no tie: other seeds have some.

    Look: Where `kinks_dx` is above 0 a tie is being broken; elsewhere `difference_dx` is 0 but for rounding.

    Question: Change the seed until there is a tie: what does the numeric gradient give to each of the two?

    Answer: Half of what arrives: nudged up, a cell wins; nudged down, the other one does.
    """
    judged = yield from nudge(
        x_nudged, loss, numeric_dx, dx, difference_dx, kinks_dx, dy, epsilon=epsilon, most=most, loss_of=loss_of
    )
    yield from verdict(numeric_dx, dx, difference_dx, kinks_dx, found, judged=judged)


algorithms = walk_of(
    __name__,
    "Forward, backward to the winners, and the check of the gradient.",
    pad, pool, backward, gradient_check,
)  # fmt: skip


TIES = ("first", "first_in_columns", "split", "all")


@dataclass(frozen=True)
class PoolSettings(Windowed):
    """What every layer with a window that slides over channels begins with; the defaults are those of the article."""

    in_channels: int = knob(2, Whole(1, limits.CHANNELS), "Input channels", "Sizes")
    in_height: int = knob(4, Whole(1, limits.SIDE), "Input height", "Sizes")
    in_width: int = knob(4, Whole(1, limits.SIDE), "Input width", "Sizes")
    kernel_height: int = knob(2, Whole(1, limits.KERNEL), "Window height", "Sizes")
    kernel_width: int = knob(2, Whole(1, limits.KERNEL), "Window width", "Sizes")
    stride: tuple[int, int] = knob((2, 2), Pair(1, limits.STRIDE), "Stride", "Window")


@dataclass(frozen=True)
class MaxPoolSettings(PoolSettings):
    """What a reader can turn; the names are those of torch.nn.MaxPool2d where it has them."""

    padding: Four | str = knob(0, Sides(0, limits.KERNEL // 2, WORDS), "Padding", "Window")
    dilation: tuple[int, int] = knob((1, 1), Pair(1, limits.DILATION), "Dilation", "Window")
    ceil_mode: bool = knob(False, Flag(), "Ceil mode", "Window")
    ties: str = knob("first", Choice(TIES), "Ties", "Function")
    seed: int = knob(0, Whole(0, limits.SEED), "Seed (0: the example)", "Numbers")


def check_padding(*axes: Axis) -> None:
    """A padding in numbers is at most half of the window, as PyTorch has it: of its cells, whatever their dilation.

    "same" is what it takes: with a dilation that can be more.
    """
    for axis in axes:
        widest = max(axis.before, axis.after)
        if widest > axis.kernel // 2 and not axis.word:
            template = "{setting} must be at most half of the window's {axis} of {kernel}; it is {padding}"
            raise SettingError("padding", template, axis=axis.name, kernel=axis.kernel, padding=widest)


def check_windows(*axes: Axis) -> None:
    """Every window holds a cell of the input. A dilated one could step over all of them, and PyTorch lets it do so."""
    for axis in axes:
        for place in range(axis.out):
            first = place * axis.stride - axis.before
            if not any(0 <= first + k * axis.dilation < axis.size for k in range(axis.kernel)):
                template = (
                    "at a dilation of {dilation} a window steps over the input's {axis} of {size}: it holds no input"
                )
                raise SettingError("dilation", template, dilation=axis.dilation, axis=axis.name, size=axis.size)


def arrays(s: MaxPoolSettings) -> dict[str, Named]:
    height, width = s.axes
    check_padding(height, width)
    y, window = (s.in_channels, height.out, width.out), (s.kernel_height, s.kernel_width)
    check_windows(height, width)
    padded = (s.in_channels, height.covered, width.covered)
    x = Named((s.in_channels, s.in_height, s.in_width), "input", "input")
    named = {
        "x": x,
        "x_padded": Named(padded, "input", "padded input", fill="padding"),
        "window": Named(window, "scratch", "cells under the window"),
        "y": Named(y, "value", "output"),
        "where": Named(y, "count", "winner's place in x"),
        "dy": Named(y, "gradient", "∂L/∂y, arriving"),
        "winners": Named(window, "scratch", "1 where a cell wins"),
        "window_dx": Named(window, "scratch", "what the cells get of dy"),
        "dx_padded": Named(padded, "gradient", "∂L/∂x and its border"),
        "dx": Named(x.shape, "gradient", "∂L/∂x, gradient of the input"),
    }
    return named | checking.arrays({"x": x})


# The example of the article (hanbt, learn_dl, cnn.py, init_pool_test).
ARTICLE: Example = {
    "x": [
        [[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]],
        [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 0, 1], [3, 4, 5, 6]],
    ],
    "dy": [[[1, 2], [2, 4]], [[3, 5], [8, 2]]],
}


def others(s: MaxPoolSettings, named: dict[str, Named]) -> dict[str, object]:
    def loss_of(x: np.ndarray, dy: np.ndarray) -> checking.Loss:
        y, _ = fast.max_pool2d(
            x, (s.kernel_height, s.kernel_width), stride=s.stride,
            padding=s.padding if isinstance(s.padding, str) else s.sides, dilation=s.dilation, ceil_mode=s.ceil_mode,
        )  # fmt: skip
        # A nudge that changes which cells of a window equal its maximum has come from a tie, or has passed one.
        return dy * y, windows_of(x, *s.axes) == y[..., None, None], dy * y

    return checking.arguments(loss_of, s.in_channels * s.windows)


def windows_of(x: np.ndarray, height: Axis, width: Axis) -> np.ndarray:
    """The cells under every window, (C, OH, OW, KH, KW), by whole-array NumPy."""
    top, left = height.before, width.before
    x_padded = np.full((len(x), height.covered, width.covered), -np.inf)
    x_padded[:, top : top + height.size, left : left + width.size] = x
    every = np.lib.stride_tricks.sliding_window_view(x_padded, (height.reach, width.reach), (1, 2))
    return every[:, :: height.stride, :: width.stride, :: height.dilation, :: width.dilation][
        :, : height.out, : width.out
    ]


def torch(s: MaxPoolSettings) -> str:
    height, width = s.axes
    left, right, top, bottom = around(height, width)
    x_padded = f"x_padded = F.pad(x, ({left}, {right}, {top}, {bottom}), value=-torch.inf)"
    if s.ties in ("split", "all"):
        share = {
            "split": "y.backward(dy)  # the gradient of amax is shared among equal cells",
            "all": "windows.backward((windows == y[..., None, None]) * dy[..., None, None])  # not a rule of PyTorch's",
        }
        return f"""
        # F.max_pool2d gives the gradient to the first of equal cells. Another rule needs the windows themselves.
        x.requires_grad_()
        {x_padded}
        windows = x_padded.unfold(1, {height.reach}, {height.stride}).unfold(2, {width.reach}, {width.stride})
        windows = windows[:, :{height.out}, :{width.out}, ::{height.dilation}, ::{width.dilation}]
        y = windows.amax((-2, -1))
        {share[s.ties]}
        dx = x.grad
        """
    is_native = is_even(height, width)
    pairs = [(s.kernel_height, s.kernel_width), s.stride, (height.before, width.before), s.dilation]
    lines = ["x.requires_grad_()"]
    if not is_native:
        pairs[2] = (0, 0)
        lines += [
            "# PyTorch pads a pool evenly, and by half a window at most: here −∞ is set around x beforehand.",
            x_padded,
        ]
    plane = "x" if is_native else "x_padded"
    rest = f"ceil_mode={s.ceil_mode and is_native}, return_indices=True"
    if s.ties == "first":
        place = f"(places // {width.covered} - {top}) * {s.in_width} + places % {width.covered} - {left}"
        window = ", ".join(map(str, pairs))
        lines.append(f"y, {'where' if is_native else 'places'} = F.max_pool2d({plane}, {window}, {rest})")
        lines += [] if is_native else [f"where = {place}"]
    else:
        place = f"places % {s.in_height} * {s.in_width} + places // {s.in_height}"
        if not is_native:
            place = f"(places % {height.covered} - {top}) * {s.in_width} + places // {height.covered} - {left}"
        window = ", ".join(str(pair[::-1]) for pair in pairs)
        lines += [
            "# At a tie PyTorch takes the first cell row by row. To take it column by column, the two are exchanged.",
            f"pooled, places = F.max_pool2d({plane}.transpose(1, 2), {window}, {rest})",
            "y, places = pooled.transpose(1, 2), places.transpose(1, 2)",
            f"where = {place}",
        ]
    return "\n".join([*lines, "y.backward(dy)", "dx = x.grad"])


def is_even(*axes: Axis) -> bool:
    """Whether PyTorch's pools take this padding: as much after the input as before it, and at most half a window."""
    return all(axis.before == axis.after <= axis.kernel // 2 for axis in axes)


def around(height: Axis, width: Axis) -> tuple[int, int, int, int]:
    """What `F.pad` sets around the input, so that all windows fit: left, right, top, bottom."""
    left, right, top, bottom = (
        cells for axis in (width, height) for cells in (axis.before, axis.covered - axis.before - axis.size)
    )
    return left, right, top, bottom


layer = Layer(
    name="max_pool2d",
    title="Max pooling",
    group="Layers",
    settings=MaxPoolSettings,
    axes={"x": ("in_channels", "in_height", "in_width"), "dy": ("in_channels", None, None)},
    arrays=arrays,
    algorithms=algorithms,
    example=ARTICLE,
    others=others,
    torch=torch,
    whole=MAX_POOL,
)
