"""The layers in whole-array NumPy: no loop over cells, for where speed matters more than being watched.

x is (C, H, W) or a batch (N, C, H, W), float32 or float64; results have its dtype, and the other arrays are taken in
it. Settings carry PyTorch's names and meanings: a number or a pair (height, width). Padding may also be four-sided,
((top, bottom), (left, right)), "valid", which is none, or "same", by which an output has ⌈size / stride⌉ cells; an odd
row or column of the padding then comes last, as in TensorFlow and ONNX's SAME_UPPER ("same_upper" is taken too). With
"same_lower" it comes first. Inputs are never written to. What makes no sense is a ValueError that names the array or
the setting.

The surprising decision: there are three products here, not six. A transposed convolution is the input gradient of a
convolution, and the other way round, so each pass of the two is one of `_correlate`, `_scatter` and `_weigh`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod
from typing import Any

import numpy as np

from core.offer.settings import SettingError
from core.offer.window import Axis, Spread, along, spread

Setting = int | Sequence[int]
Padding = Setting | str | Sequence[Sequence[int]]
Pair = tuple[int, int]
Sides = tuple[Pair, Pair]
Shape = tuple[int, ...]
Index = tuple[Any, ...]
Meeting = tuple[int, slice, slice]


def conv2d(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray | None = None,
    *,
    stride: Setting = 1,
    padding: Padding = 0,
    dilation: Setting = 1,
    groups: int = 1,
) -> np.ndarray:
    """Cross-correlate x with every filter and add the bias.

    >>> conv2d(np.ones((1, 3, 3)), np.ones((1, 1, 2, 2)), np.zeros(1))
    array([[[4., 4.],
            [4., 4.]]])

    w is (F, C/groups, KH, KW) and b is (F,). The first F/groups filters see the first C/groups channels, and so on.
    """
    x, w, b = _floats("x", x), _floats("w", w, x), b if b is None else _floats("b", b, x)
    window = _conv_window(x, w, stride, padding, dilation, groups)
    return _biased(_correlate(x, w, window, groups), b)


def conv2d_backward(
    dy: np.ndarray,
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray | None = None,
    *,
    stride: Setting = 1,
    padding: Padding = 0,
    dilation: Setting = 1,
    groups: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients dx, dw and db of conv2d, from the gradient dy of its output.

    >>> dx, dw, db = conv2d_backward(np.ones((1, 2, 2)), np.ones((1, 3, 3)), np.ones((1, 1, 2, 2)))
    >>> dx
    array([[[1., 2., 1.],
            [2., 4., 2.],
            [1., 2., 1.]]])
    >>> dw, db
    (array([[[[4., 4.],
             [4., 4.]]]]), array([4.]))

    db is what a bias would get, whether there was one or not; of b only the shape matters.
    """
    settings: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    dx = conv2d_input_gradient(dy, x, w, **settings)
    dw = conv2d_weight_gradient(dy, x, w, **settings)
    return dx, dw, _bias_gradient(dy, b, x)


def conv2d_input_gradient(
    dy: np.ndarray,
    x: np.ndarray,
    w: np.ndarray,
    *,
    stride: Setting = 1,
    padding: Padding = 0,
    dilation: Setting = 1,
    groups: int = 1,
) -> np.ndarray:
    """The dx of conv2d_backward alone; of x only the shape and the dtype matter.

    >>> conv2d_input_gradient(np.ones((1, 2, 2)), np.zeros((1, 3, 3)), np.ones((1, 1, 2, 2)))
    array([[[1., 2., 1.],
            [2., 4., 2.],
            [1., 2., 1.]]])
    """
    x, w, dy = _floats("x", x), _floats("w", w, x), _floats("dy", dy, x)
    window = _conv_window(x, w, stride, padding, dilation, groups)
    _same_shape("dy", dy, (*x.shape[:-3], w.shape[0], *window.out))
    return _scatter(dy, w, window, groups)


def conv2d_weight_gradient(
    dy: np.ndarray,
    x: np.ndarray,
    w: np.ndarray,
    *,
    stride: Setting = 1,
    padding: Padding = 0,
    dilation: Setting = 1,
    groups: int = 1,
) -> np.ndarray:
    """The dw of conv2d_backward alone; of w only the shape matters.

    >>> conv2d_weight_gradient(np.ones((1, 2, 2)), np.ones((1, 3, 3)), np.zeros((1, 1, 2, 2)))
    array([[[[4., 4.],
             [4., 4.]]]])
    """
    x, w, dy = _floats("x", x), _floats("w", w, x), _floats("dy", dy, x)
    window = _conv_window(x, w, stride, padding, dilation, groups)
    _same_shape("dy", dy, (*x.shape[:-3], w.shape[0], *window.out))
    return _weigh(dy, x, w.shape, window, groups)


def conv_transpose2d(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray | None = None,
    *,
    stride: Setting = 1,
    padding: Padding = 0,
    output_padding: Setting = 0,
    dilation: Setting = 1,
    groups: int = 1,
) -> np.ndarray:
    """Every cell of x stamps the kernel, times itself, onto the output; where stamps overlap they add up.

    >>> conv_transpose2d(np.array([[[1.0, 2.0]]]), np.ones((1, 1, 2, 2)))
    array([[[1., 3., 2.],
            [1., 3., 2.]]])

    It is the input gradient of conv2d, on its own: the padding is cropped from the output, and `output_padding` says
    how many rows and columns such a conv2d would have left over. w is (C, F/groups, KH, KW): x has C channels and the
    output F. With "same" and "same_lower" the output is `stride` times as large as x, as in TensorFlow, and there is no
    output_padding: a kernel that reaches beyond its stride is cropped there, the odd row or column at the end or at the
    beginning, and one that does not leaves zeros after it.
    """
    x, w, b = _floats("x", x), _floats("w", w, x), b if b is None else _floats("b", b, x)
    window = _transposed_window(x, w, stride, padding, output_padding, dilation, groups)
    return _biased(_scatter(x, w, window, groups), b)


def conv_transpose2d_backward(
    dy: np.ndarray,
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray | None = None,
    *,
    stride: Setting = 1,
    padding: Padding = 0,
    output_padding: Setting = 0,
    dilation: Setting = 1,
    groups: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients dx, dw and db of conv_transpose2d, from the gradient dy of its output.

    >>> dx, dw, db = conv_transpose2d_backward(np.ones((1, 2, 3)), np.array([[[1.0, 2.0]]]), np.ones((1, 1, 2, 2)))
    >>> dx, dw, db
    (array([[[4., 4.]]]), array([[[[3., 3.],
             [3., 3.]]]]), array([6.]))

    db is what a bias would get, whether there was one or not; of b only the shape matters.
    """
    x, w, dy = _floats("x", x), _floats("w", w, x), _floats("dy", dy, x)
    window = _transposed_window(x, w, stride, padding, output_padding, dilation, groups)
    _same_shape("dy", dy, (*x.shape[:-3], w.shape[1] * groups, *window.size))
    return _correlate(dy, w, window, groups), _weigh(x, dy, w.shape, window, groups), _bias_gradient(dy, b, x)


def max_pool2d(
    x: np.ndarray,
    kernel_size: Setting,
    *,
    stride: Setting | None = None,
    padding: Padding = 0,
    dilation: Setting = 1,
    ceil_mode: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """The largest cell of every window, and where it stands: row · W + column, in x without its padding.

    >>> y, indices = max_pool2d(np.array([[[1.0, 3.0, 2.0, 0.0], [3.0, 2.0, 9.0, 4.0]]]), 2)
    >>> y, indices
    (array([[[3., 9.]]]), array([[[1, 6]]]))

    Without a stride the windows lie side by side. Of equal cells the first in row-major order wins. NaN wins over every
    number, and the last of several NaN over the others, as in PyTorch. The padding is −∞: in numbers at most half a
    window, with "same" what it takes. A dilated window can miss x altogether: its maximum is −∞ and its index −1, for
    there is no cell to name. (PyTorch gives −∞ as well, and an index that lies outside of the plane or points to a cell
    the window never saw.)
    """
    x = _floats("x", x)
    return _maxima(x, _pool_window(x, kernel_size, stride, padding, dilation, ceil_mode))


def max_pool2d_backward(
    dy: np.ndarray,
    x: np.ndarray,
    kernel_size: Setting,
    *,
    stride: Setting | None = None,
    padding: Padding = 0,
    dilation: Setting = 1,
    ceil_mode: bool = False,
) -> np.ndarray:
    """The gradient dx of max_pool2d: each dy goes to the cell that won its window, and adds up where one won several.

    >>> x = np.array([[[1.0, 3.0, 2.0, 0.0], [3.0, 2.0, 9.0, 4.0]]])
    >>> max_pool2d_backward(np.array([[[5.0, 7.0]]]), x, 2)
    array([[[0., 5., 0., 0.],
            [0., 0., 7., 0.]]])

    The dy of a window that missed x goes nowhere.
    """
    x, dy = _floats("x", x), _floats("dy", dy, x)
    window = _pool_window(x, kernel_size, stride, padding, dilation, ceil_mode)
    _same_shape("dy", dy, (*x.shape[:-2], *window.out))
    _, indices = _maxima(x, window)
    dx = np.zeros(x.shape, x.dtype)
    planes = np.arange(prod(x.shape[:-2])).reshape(*x.shape[:-2], 1, 1)
    places = indices + planes * prod(window.size)
    if window.misses:
        places, dy = places[indices >= 0], dy[indices >= 0]
    np.add.at(dx.reshape(-1), places.reshape(-1), dy.reshape(-1))
    return dx


def avg_pool2d(
    x: np.ndarray,
    kernel_size: Setting,
    *,
    stride: Setting | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> np.ndarray:
    """The mean of every window.

    >>> avg_pool2d(np.array([[[1.0, 3.0, 2.0, 0.0], [3.0, 1.0, 6.0, 4.0]]]), 2)
    array([[[2., 3.]]])

    Without a stride the windows lie side by side. The zeros of the padding, at most half a window, count as cells
    unless `count_include_pad` is false, with "same" too: TensorFlow and ONNX do not count them, unless ONNX is told to.
    In ceil mode a window may reach beyond the padding; what is there never counts.
    """
    x = _floats("x", x)
    window = _pool_window(x, kernel_size, stride, padding, 1, ceil_mode)
    (_, W), (OH, OW) = window.size, window.out
    rows = np.zeros((*x.shape[:-2], OH, W), x.dtype)
    for _, cells, places in window.down:  # rows are added up before columns: KH + KW additions instead of KH · KW
        total = rows[..., places, :]
        total += x[..., cells, :]
    y = np.zeros((*x.shape[:-2], OH, OW), x.dtype)
    for _, cells, places in window.across:
        total = y[..., places]
        total += rows[..., cells]
    y /= _divisor(window, _flag("count_include_pad", count_include_pad), x.dtype)
    return y


def avg_pool2d_backward(
    dy: np.ndarray,
    x: np.ndarray,
    kernel_size: Setting,
    *,
    stride: Setting | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> np.ndarray:
    """The gradient dx of avg_pool2d: each dy is shared out among the cells of its window.

    >>> avg_pool2d_backward(np.array([[[4.0, 8.0]]]), np.zeros((1, 2, 4)), 2)
    array([[[1., 1., 2., 2.],
            [1., 1., 2., 2.]]])

    Of x only the shape and the dtype matter.
    """
    x, dy = _floats("x", x), _floats("dy", dy, x)
    window = _pool_window(x, kernel_size, stride, padding, 1, ceil_mode)
    _same_shape("dy", dy, (*x.shape[:-2], *window.out))
    share = dy / _divisor(window, _flag("count_include_pad", count_include_pad), x.dtype)
    (_, W), (OH, _) = window.size, window.out
    rows = np.zeros((*x.shape[:-2], OH, W), x.dtype)
    for _, cells, places in window.across:
        total = rows[..., cells]
        total += share[..., places]
    dx = np.zeros(x.shape, x.dtype)
    for _, cells, places in window.down:
        total = dx[..., cells, :]
        total += rows[..., places, :]
    return dx


# The three products of a convolution. x and dy may be one image or a batch; a batch goes image by image, so that it
# takes no more memory for columns than one image does.


def _correlate(x: np.ndarray, w: np.ndarray, window: "_Window", groups: int) -> np.ndarray:
    """y[f, i, j] = Σ w[f, c, u, v] · x_padded[c, i·SH + u·DH, j·SW + v·DW], as one matrix product for each group."""
    F = w.shape[0]
    kernels = w.reshape(groups, F // groups, -1)
    y = np.empty((*x.shape[:-3], F, *window.out), x.dtype)
    maps = y.reshape(-1, groups, F // groups, prod(window.out))
    for n, image in enumerate(_images(_padded(x, window))):
        np.matmul(kernels, _columns(image, window, groups), out=maps[n])
    return y


def _scatter(dy: np.ndarray, w: np.ndarray, window: "_Window", groups: int) -> np.ndarray:
    """dx_padded[c, i·SH + u·DH, j·SW + v·DW] += w[f, c, u, v] · dy[f, i, j], but for the padding.

    The same sum as in `_correlate`, read from the other side: the columns come first, then each cell of the kernel adds
    its share to all the cells it met. Rows are added up before columns: KH + KW additions of large arrays do what
    KH · KW would. Where each row meets itself alone, as in a 1×1 convolution, there is nothing to add up.
    """
    F, KC, KH, KW = w.shape
    C, (H, W), (OH, OW) = KC * groups, window.size, window.out
    kernels = w.reshape(groups, F // groups, -1).transpose(0, 2, 1)
    dx = np.zeros((*dy.shape[:-3], C, H, W), dy.dtype)
    for maps, image in zip(_images(dy), _images(dx), strict=True):
        columns = (kernels @ maps.reshape(groups, F // groups, -1)).reshape(C, KH, KW, OH, OW)
        if window.down == [(0, slice(0, H, 1), slice(0, OH))]:  # each row meets itself alone
            rows = columns[:, 0]
        else:
            rows = np.zeros((C, KW, H, OW), dy.dtype)
            for u, cells, places in window.down:
                met = rows[:, :, cells]
                met += columns[:, u, :, places]
        for v, cells, places in window.across:
            met = image[:, :, cells]
            met += rows[:, v, :, places]
    return dx


def _weigh(dy: np.ndarray, x: np.ndarray, w_shape: tuple[int, ...], window: "_Window", groups: int) -> np.ndarray:
    """dw[f, c, u, v] = Σ dy[f, i, j] · x_padded[c, i·SH + u·DH, j·SW + v·DW], summed over the batch too."""
    F, *rest = w_shape
    dw = np.zeros((groups, F // groups, prod(rest)), x.dtype)
    for maps, image in zip(_images(dy), _images(_padded(x, window)), strict=True):
        columns = _columns(image, window, groups)
        dw += maps.reshape(groups, F // groups, -1) @ columns.transpose(0, 2, 1)
    return dw.reshape(w_shape)


def _columns(image: np.ndarray, window: "_Window", groups: int) -> np.ndarray:
    """The patch under the kernel at every place, as a column of a matrix for each group of channels.

    NumPy can see a plane as overlapping patches without copying a cell; flattening that view then copies them. This
    constructor is chosen over `as_strided` and `sliding_window_view` because it is quick, and checks its bounds.
    """
    channel, row, column = image.strides
    (SH, SW), (DH, DW) = window.stride, window.dilation
    shape = (image.shape[0], *window.kernel, *window.out)
    strides = (channel, row * DH, column * DW, row * SH, column * SW)
    patches: np.ndarray = np.ndarray(shape, image.dtype, image, 0, strides)
    return patches.reshape(groups, -1, prod(window.out))


def _images(x: np.ndarray) -> np.ndarray:
    return x if x.ndim == 4 else x[None]


def _padded(x: np.ndarray, window: "_Window") -> np.ndarray:
    """x in the middle of its padding, in C order."""
    if window.padded == window.size:
        return np.ascontiguousarray(x)
    x_padded = np.zeros((*x.shape[:-2], *window.padded), x.dtype)
    x_padded[window.inside] = x
    return x_padded


def _biased(y: np.ndarray, b: np.ndarray | None) -> np.ndarray:
    if b is not None:
        _same_shape("b", b, (y.shape[-3],))
        y += b[:, None, None]
    return y


def _bias_gradient(dy: np.ndarray, b: np.ndarray | None, x: np.ndarray) -> np.ndarray:
    if b is not None:
        _same_shape("b", _floats("b", b), (dy.shape[-3],))
    db: np.ndarray = _images(dy).sum((0, 2, 3), x.dtype)
    return db


def _maxima(x: np.ndarray, window: "_Window") -> tuple[np.ndarray, np.ndarray]:
    """The maximum of every window, and where on the plane it stands.

    Windows are compared cell by cell of the kernel, from the last to the first, so that of equal cells the first stays.
    """
    y = np.full((*x.shape[:-2], *window.out), -np.inf, x.dtype)
    K = prod(window.kernel)
    rank = np.uint8 if K < 256 else np.intp
    winners = np.zeros(y.shape, rank)  # the last cell of the kernel has rank 1, the first K, and 0 stands for none
    meetings = [
        (K - u * window.kernel[1] - v, (..., rows, columns), (..., down, across))
        for u, rows, down in window.down
        for v, columns, across in window.across
    ]
    for number, cells, places in reversed(meetings):
        cell, best, winner = x[cells], y[places], winners[places]
        # Ranks grow from cell to cell, so a maximum of ranks sets the winner. It is several times quicker than a mask.
        np.maximum(winner, (cell >= best) * rank(number), out=winner)
        np.maximum(best, cell, out=best)
    if np.isnan(y).any():  # NaN is not greater than anything, so it is looked for by itself
        for number, cells, places in meetings:
            winners[places][np.isnan(x[cells])] = number
    of_rank, of_row, of_column = window.positions
    indices: np.ndarray = of_rank[winners]
    indices += of_row
    indices += of_column
    if window.misses:
        indices[winners == 0] = -1
    return y, indices


def _divisor(window: "_Window", count_include_pad: bool, dtype: np.dtype) -> np.ndarray:
    """How many cells the mean of each window is over."""
    rows, columns = window.on_padded if count_include_pad else window.on_plane
    divisor: np.ndarray = (rows * columns).astype(dtype)
    return divisor


@dataclass(frozen=True, eq=False)
class _Window:
    """How a kernel slides over a plane: worked out once for the same sizes and settings, then used again and again."""

    size: Pair  # of the plane
    kernel: Pair
    stride: Pair
    padding: Sides
    dilation: Pair
    out: Pair  # places where the kernel stands, down and across

    @cached_property
    def padded(self) -> Pair:
        """The size with its padding."""
        (H, W), ((top, bottom), (left, right)) = self.size, self.padding
        return top + H + bottom, left + W + right

    @cached_property
    def inside(self) -> Index:
        """Where the plane lies within its padding."""
        (H, W), ((top, _), (left, _)) = self.size, self.padding
        return ..., slice(top, top + H), slice(left, left + W)

    @cached_property
    def down(self) -> list[Meeting]:
        """For each row of the kernel: its number, which rows of the plane it meets, and from which places.

        Padding is never met, so a pooling layer needs no padded copy. A row that meets nothing else is left out.
        """
        return self._meetings(0)

    @cached_property
    def across(self) -> list[Meeting]:
        """The same for the columns of the kernel."""
        return self._meetings(1)

    def _meetings(self, axis: int) -> list[Meeting]:
        size, stride, (before, _) = self.size[axis], self.stride[axis], self.padding[axis]
        meetings = []
        for k in range(self.kernel[axis]):
            offset = k * self.dilation[axis] - before  # what it meets from the first place
            first = max(0, -(offset // stride))
            end = min(self.out[axis], (size - 1 - offset) // stride + 1)
            if first < end:
                cells = slice(offset + first * stride, offset + (end - 1) * stride + 1, stride)
                meetings.append((k, cells, slice(first, end)))
        return meetings

    @cached_property
    def positions(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What the rank of a winner, its row and its column add to its position on the plane, row · W + column."""
        W = self.size[1]
        (SH, SW), (DH, DW), ((top, _), (left, _)) = self.stride, self.dilation, self.padding
        of_cell = np.add.outer(np.arange(self.kernel[0]) * DH * W, np.arange(self.kernel[1]) * DW)
        of_row = (np.arange(self.out[0]) * SH - top) * W
        return np.append(0, of_cell.reshape(-1)[::-1]), of_row[:, None], np.arange(self.out[1]) * SW - left

    @cached_property
    def misses(self) -> bool:
        """Whether a window stands on padding alone."""
        return not all(counts.all() for counts in self.on_plane)

    @cached_property
    def on_plane(self) -> tuple[np.ndarray, np.ndarray]:
        """How many rows of the kernel stand on the plane at each place, and how many columns."""
        return self._within(0, 0)[:, None], self._within(1, 0)

    @cached_property
    def on_padded(self) -> tuple[np.ndarray, np.ndarray]:
        """The same for the plane with its padding; in ceil mode a window may reach beyond even that."""
        return self._within(0, 1)[:, None], self._within(1, 1)

    def _within(self, axis: int, margins: int) -> np.ndarray:
        before, after = self.padding[axis]
        of_place = np.arange(self.out[axis]) * self.stride[axis] - before
        at = np.add.outer(of_place, np.arange(self.kernel[axis]) * self.dilation[axis])
        counts: np.ndarray = ((at >= -before * margins) & (at < self.size[axis] + after * margins)).sum(1)
        return counts


def _conv_window(
    x: np.ndarray, w: np.ndarray, stride: Setting, padding: Padding, dilation: Setting, groups: int
) -> _Window:
    settings = _pair("stride", stride, 1), _sides(padding), _pair("dilation", dilation, 1), _whole("groups", groups, 1)
    return _plan_conv(x.shape, w.shape, *settings)


@lru_cache(maxsize=1024)
def _plan_conv(x: Shape, w: Shape, stride: Pair, padding: Sides | str, dilation: Pair, groups: int) -> _Window:
    _check_image(x)
    _check_filters(w, "(F, C/groups, KH, KW)")
    C, F = x[-3], w[0]
    if C % groups or F % groups:
        raise ValueError(f"groups must divide the {C} channels of x and the {F} filters of w, got {groups}")
    if w[1] * groups != C:
        expected = f"{C // groups} of the {C} channels of x" if groups > 1 else f"the {C} channels of x"
        raise ValueError(f"a filter in w must see {expected}, w[f] has {w[1]}: the shape of w is {w}")
    return _plan((x[-2], x[-1]), (w[2], w[3]), stride, padding, dilation)


def _transposed_window(
    x: np.ndarray,
    w: np.ndarray,
    stride: Setting,
    padding: Padding,
    output_padding: Setting,
    dilation: Setting,
    groups: int,
) -> _Window:
    settings = _pair("stride", stride, 1), _sides(padding), _pair("output_padding", output_padding, 0)
    more = _pair("dilation", dilation, 1), _whole("groups", groups, 1)
    return _plan_transposed(x.shape, w.shape, *settings, *more)


@lru_cache(maxsize=1024)
def _plan_transposed(
    x: Shape, w: Shape, stride: Pair, padding: Sides | str, output_padding: Pair, dilation: Pair, groups: int
) -> _Window:
    _check_image(x)
    _check_filters(w, "(C, F/groups, KH, KW)")
    if w[0] != x[-3]:
        raise ValueError(f"w must have a kernel for each of the {x[-3]} channels of x, got {w[0]}: its shape is {w}")
    if w[0] % groups:
        raise ValueError(f"groups must divide the {w[0]} channels of x, got {groups}")
    out, kernel = (x[-2], x[-1]), (w[2], w[3])
    sides: Any = (padding, padding) if isinstance(padding, str) else padding
    settings = zip(("height", "width"), out, kernel, stride, sides, output_padding, dilation, strict=True)
    try:
        height, width = (spread(*axis) for axis in settings)
        size = height.out, width.out
    except SettingError as error:
        written = output_padding if error.setting == "output_padding" else sides
        raise ValueError(f"{error}, got {_brief(written)}") from None
    return _Window(size, kernel, stride, _sides_of(height, width), dilation, out)


def _pool_window(
    x: np.ndarray,
    kernel_size: Setting,
    stride: Setting | None,
    padding: Padding,
    dilation: Setting,
    ceil_mode: bool,
) -> _Window:
    kernel = _pair("kernel_size", kernel_size, 1)
    settings = kernel if stride is None else _pair("stride", stride, 1), _sides(padding), _pair("dilation", dilation, 1)
    return _plan_pool(x.shape, kernel, *settings, _flag("ceil_mode", ceil_mode))


@lru_cache(maxsize=1024)
def _plan_pool(x: Shape, kernel: Pair, stride: Pair, padding: Sides | str, dilation: Pair, ceil_mode: bool) -> _Window:
    _check_image(x)
    # "same" is what it takes: with a dilation that can be more than half of the window's cells.
    if not isinstance(padding, str) and any(max(sides) > k // 2 for sides, k in zip(padding, kernel, strict=True)):
        raise ValueError(
            f"padding must be at most half of kernel_size {_brief(kernel)} on each side, got {_brief(padding)}"
        )
    return _plan((x[-2], x[-1]), kernel, stride, padding, dilation, ceil_mode)


def _plan(
    size: Pair, kernel: Pair, stride: Pair, padding: Sides | str, dilation: Pair, ceil_mode: bool = False
) -> _Window:
    """The window with its number of places; padding in words becomes padding in numbers."""
    sides = padding if isinstance(padding, str) else (*padding[0], *padding[1])
    height, width = along(size, kernel, stride, sides, dilation, ceil_mode=ceil_mode)
    try:
        out = height.out, width.out
    except SettingError:
        (RH, H), (RW, W) = ((axis.reach, axis.padded) for axis in (height, width))
        raise ValueError(
            f"kernel_size must fit into the padded input: it takes {RH}×{RW} cells, dilation included, of {H}×{W}"
        ) from None
    return _Window(size, kernel, stride, _sides_of(height, width), dilation, out)


def _sides_of(height: Axis | Spread, width: Axis | Spread) -> Sides:
    return (height.before, height.after), (width.before, width.after)


_WORDS: dict[str, Sides | str] = {
    "same": "same",
    "same_upper": "same",
    "same_lower": "same_lower",
    "valid": ((0, 0), (0, 0)),
}
_DTYPES = frozenset({np.dtype(np.float32), np.dtype(np.float64)})


def _floats(name: str, array: np.ndarray, like: np.ndarray | None = None) -> np.ndarray:
    """The array, in the dtype of another one if there is such."""
    if not isinstance(array, np.ndarray):
        raise ValueError(f"{name} must be a NumPy array, got {type(array).__name__}; np.array({name}, float) makes one")
    if array.dtype not in _DTYPES:
        raise ValueError(f"{name} must be float32 or float64, got {array.dtype}; {name}.astype(float) makes it float64")
    return np.asarray(array) if like is None else np.asarray(array, like.dtype)


def _check_image(shape: Shape) -> None:
    if len(shape) not in (3, 4) or min(shape[-3:]) < 1:
        raise ValueError(f"x must be (C, H, W) or (N, C, H, W), with cells in every image, got the shape {shape}")


def _check_filters(shape: Shape, axes: str) -> None:
    if len(shape) != 4 or min(shape) < 1:
        raise ValueError(f"w must be {axes}, none of them 0, got the shape {shape}")


def _same_shape(name: str, array: np.ndarray, expected: Shape) -> None:
    if array.shape != expected:
        raise ValueError(f"{name} must have the shape {expected}, got {array.shape}")


def _told(value: object) -> str:
    """What came, in few words, whatever it is."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _brief(setting: Pair | Sides) -> str:
    """A setting in as few numbers as say it: for ((2, 2), (2, 2)) it is 2."""
    pairs = [side if isinstance(side, tuple) else (side, side) for side in setting]
    if any(first != second for first, second in pairs):
        return str(setting)
    height, width = (first for first, _ in pairs)
    return str(height if height == width else (height, width))


def _is_whole(value: object) -> bool:
    return type(value) is int or isinstance(value, np.integer)  # true and false are no numbers here


def _whole(name: str, value: Any, least: int) -> int:
    if not _is_whole(value) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {_told(value)}")
    return int(value)


def _pair(name: str, value: object, least: int) -> Pair:
    both = value if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2 or not (_is_whole(both[0]) and _is_whole(both[1])) or min(both) < least:
        raise ValueError(
            f"{name} must be a whole number of at least {least}, or two of them (height, width), got {_told(value)}"
        )
    return int(both[0]), int(both[1])


def _sides(padding: Padding) -> Sides | str:
    """Four-sided padding, or "same" or "same_lower"."""
    if isinstance(padding, str):
        if padding not in _WORDS:
            raise ValueError(f'padding must be "same", "same_lower" or "valid" if it is a word, got {_told(padding)}')
        return _WORDS[padding]
    if isinstance(padding, tuple | list) and any(isinstance(sides, tuple | list) for sides in padding):
        if len(padding) != 2 or not all(isinstance(sides, tuple | list) and len(sides) == 2 for sides in padding):
            raise ValueError(f"padding with four sides is ((top, bottom), (left, right)), got {_told(padding)}")
        return _pair("padding", padding[0], 0), _pair("padding", padding[1], 0)
    height, width = _pair("padding", padding, 0)
    return (height, height), (width, width)


def _flag(name: str, value: bool) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be True or False, got {_told(value)}")
    return bool(value)
