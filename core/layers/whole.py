"""The arrays of the layers in whole-array NumPy, as `core.offer.part` has them.

The surprising decision: these functions take what does not fit. Code that makes a mistake often runs all the same: a
loop over the right output with the wrong stride reads other cells, and what it never reaches stays zero. So the inputs
are taken as far as the sum goes, and the result is laid over zeros of the right shape. With the right settings nothing
is ever cut off.
"""

from typing import Any

import numpy as np

from core import fast
from core.layers.activation import activated, from_output, slopes, through
from core.offer.part import Part
from core.offer.places import laid_over

Shape = tuple[int, ...]
Pair = tuple[int, int]
Sides = tuple[Pair, Pair]
ONE: Pair = (1, 1)
NONE: Sides = ((0, 0), (0, 0))
MODES = {"zeros": "constant", "replicate": "edge", "circular": "wrap"}


def pad_whole(x: np.ndarray, padding: Sides, padding_mode: str = "zeros") -> np.ndarray:
    """The padded input by whole-array NumPy. A gradient check asks for it hundreds of times."""
    (top, bottom), (left, right) = padding
    if not (top or bottom or left or right):
        return x
    if padding_mode == "zeros":  # np.pad does the same, ten times as slowly
        channels, height, width = x.shape
        wide = np.zeros((channels, top + height + bottom, left + width + right), x.dtype)
        wide[:, top : top + height, left : left + width] = x
        return wide
    mode: Any = MODES.get(padding_mode, padding_mode)
    return np.pad(x, ((0, 0), *padding), mode)


# --- Convolutions -----------------------------------------------------------------------------------------------------


def padded(x: np.ndarray, *, padding: Sides, padding_mode: str = "zeros") -> np.ndarray:
    """x in the middle of its padding."""
    return pad_whole(x, padding, padding_mode)


def correlated(
    x_padded: np.ndarray, w: np.ndarray, b: np.ndarray | None = None,
    *, shape: Shape, stride: Pair = ONE, dilation: Pair = ONE, groups: int = 1,
) -> np.ndarray:  # fmt: skip
    """Patch times kernel, summed, plus the bias, at each place of the result."""
    least = [d * (k - 1) + 1 for d, k in zip(dilation, w.shape[2:], strict=True)]
    room = (len(x_padded), *map(max, zip(x_padded.shape[1:], least, strict=True)))
    z = fast.conv2d(_fitted(x_padded, room), w, b, stride=stride, dilation=dilation, groups=groups)
    return _fitted(z, shape)


def scattered(
    dz: np.ndarray, w: np.ndarray, *, shape: Shape, stride: Pair = ONE, dilation: Pair = ONE, groups: int = 1
) -> np.ndarray:
    """Each δ stamps the kernel, times itself, and stamps add up: the turned kernel over the expanded map."""
    just = np.zeros((w.shape[1] * groups, *_reached(dz, w.shape, stride, dilation)))
    dx = fast.conv2d_input_gradient(dz, just, w, stride=stride, dilation=dilation, groups=groups)
    return _fitted(dx, shape)


def weighed(
    dz: np.ndarray, x_padded: np.ndarray, *, shape: Shape, stride: Pair = ONE, dilation: Pair = ONE, groups: int = 1
) -> np.ndarray:
    """Each weight collects the inputs that it met, times the δ that came of each."""
    met = _fitted(x_padded, (len(x_padded), *_reached(dz, shape, stride, dilation)))
    return fast.conv2d_weight_gradient(dz, met, np.zeros(shape), stride=stride, dilation=dilation, groups=groups)


def cropped(
    whole: np.ndarray, b: np.ndarray | None = None, *, shape: Shape, padding: Sides, padding_mode: str = "zeros"
) -> np.ndarray:
    """What is within the padding, plus a bias if there is one; copies in the padding go to what they are copies of."""
    (top, _), (left, _) = padding
    if padding_mode == "zeros":
        kept = whole[:, top : top + shape[1], left : left + shape[2]]
    else:
        mode: Any = MODES.get(padding_mode, padding_mode)
        rows, columns = (np.pad(np.arange(size), sides, mode) for size, sides in zip(shape[1:], padding, strict=True))
        kept = np.zeros(shape)
        for fold, gradients in zip(kept, whole, strict=True):
            np.add.at(fold, (rows[:, None], columns), gradients)
    return kept if b is None else kept + b[:, None, None]


def summed(dz: np.ndarray) -> np.ndarray:
    """The gradient of a bias: the sum of its map."""
    total: np.ndarray = dz.sum((1, 2))
    return total


def updated(w: np.ndarray, dw: np.ndarray, *, learning_rate: float) -> np.ndarray:
    """One step against the gradient."""
    moved: np.ndarray = w - learning_rate * dw
    return moved


def turned(w: np.ndarray) -> np.ndarray:
    """Kernels turned by 180°."""
    opposite: np.ndarray = w[..., ::-1, ::-1]
    return opposite


def cross_correlated(x: np.ndarray, w: np.ndarray, *, shape: Shape) -> np.ndarray:
    """A single map and a single kernel, as it is."""
    [only] = correlated(x[None], w[None, None], shape=(1, *shape))
    return np.asarray(only)


def convolved(x: np.ndarray, w: np.ndarray, *, shape: Shape) -> np.ndarray:
    """The same with the kernel turned: a convolution as mathematics has it."""
    return cross_correlated(x, turned(w), shape=shape)


def _reached(dz: np.ndarray, kernels: Shape, stride: Pair, dilation: Pair) -> Pair:
    """How many rows and columns the kernel reaches over from the places of dz, without leftovers."""
    sizes = zip(dz.shape[1:], kernels[2:], stride, dilation, strict=True)
    height, width = ((out - 1) * s + d * (k - 1) + 1 for out, k, s, d in sizes)
    return height, width


def _fitted(array: np.ndarray, shape: Shape) -> np.ndarray:
    return array if array.shape == shape else laid_over(array, np.zeros(shape))


# --- The loss, and what the layers have of all this -------------------------------------------------------------------


def loss(dy: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The loss whose gradient dy is."""
    return np.array([(dy * y).sum()])


FORWARD = {
    "x_padded": Part(padded, "x"),
    "z": Part(correlated, "x_padded", "w", "b"),
    "y": Part(activated, "z"),
}
INPUT_GRADIENT = {
    "w_flipped": Part(turned, "w"),
    "dx_padded": Part(scattered, "dz", "w"),
    "dx": Part(cropped, "dx_padded"),
}
WEIGHT_GRADIENT = {"dw": Part(weighed, "dz", "x_padded"), "db": Part(summed, "dz")}
UPDATE = {"w": Part(updated, "w", "dw"), "b": Part(updated, "b", "db")}
BACKWARD = {"dz": Part(through, "z", "dy", size=slopes), **INPUT_GRADIENT, **WEIGHT_GRADIENT}
CONVOLUTION = {**FORWARD, **BACKWARD, **UPDATE, "dx_before": Part(from_output, "x", "dx")}
TRANSPOSED = {
    "y_padded": Part(scattered, "x", "w"),
    "y": Part(cropped, "y_padded", "b"),
    "w_flipped": Part(turned, "w"),
    "gathered_padded": Part(scattered, "x", "w"),
    "gathered": Part(cropped, "gathered_padded"),
    "dy_padded": Part(padded, "dy"),
    "dx": Part(correlated, "dy_padded", "w"),
    "dw": Part(weighed, "x", "dy_padded"),
    "db": Part(summed, "dy"),
}
