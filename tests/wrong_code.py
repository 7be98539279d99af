"""Code written the wrong way, once for each known mistake: plain NumPy loops, and nothing of core.

Each takes a layer that somebody has, and gives the name of an array and the wrong numbers of it; None where these
settings do not let the mistake be made.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import erf, exp, prod, sqrt, tanh
from typing import Any, ClassVar

import numpy as np

Pair = tuple[int, int]
Array = np.ndarray
Made = tuple[str, Array] | None


@dataclass
class Mine:
    """A convolution of somebody's own."""

    layer: ClassVar = "conv2d"

    x: Array
    w: Array
    b: Array
    dy: Array
    stride: Pair
    padding: tuple[Pair, Pair]
    dilation: Pair
    groups: int
    activation: str
    seed: int
    padding_mode: str = "zeros"

    @property
    def settings(self) -> dict[str, Any]:
        names = ("stride", "padding", "dilation", "groups", "activation", "padding_mode")
        return {name: getattr(self, name) for name in ("x", "w", "b", "dy", *names)}

    # The layer as it should be; each step takes what may be wrong

    @property
    def sizes(self) -> tuple[int, ...]:
        return (*self.x.shape, *self.w.shape)

    def padded(self, x: Array | None = None, mode: str | None = None) -> Array:
        mode = {"zeros": "constant"}.get(mode or self.padding_mode, mode or self.padding_mode)
        return np.pad(self.x if x is None else x, ((0, 0), *self.padding), mode)  # type: ignore[call-overload]

    def first(self, f: int) -> int:
        """The first channel that a filter sees."""
        return f // (len(self.w) // self.groups) * self.w.shape[1]

    def under(self, i: int, j: int, stride: Pair | None = None, dilation: Pair | None = None) -> tuple[slice, slice]:
        (SH, SW), (DH, DW), (KH, KW) = stride or self.stride, dilation or self.dilation, self.w.shape[2:]
        return slice(i * SH, i * SH + DH * KH, DH), slice(j * SW, j * SW + DW * KW, DW)

    def z(self, x_padded: Array | None = None, w: Array | None = None, b: Array | None = None, **how: Any) -> Array:
        x_padded, w, b = (
            own if one is None else one for own, one in ((self.padded(), x_padded), (self.w, w), (self.b, b))
        )
        first = how.pop("first", self.first)
        z = np.zeros(self.dy.shape)
        for f, i, j in np.ndindex(z.shape):
            rows, columns = self.under(i, j, **how)
            patch = x_padded[first(f) : first(f) + w.shape[1], rows, columns]
            z[f, i, j] = (whole(patch, w[f]) * w[f]).sum() + b[f]
        return z

    def dz(self, at: Array | None = None) -> Array:
        return self.dy * np.vectorize(SLOPES[self.activation], [float])(self.z() if at is None else at)

    def stamped(self, dz: Array, w: Array | None = None, *, add: bool = True, **how: Any) -> Array:
        """dx with its padding: every δ stamps the kernel."""
        w, first = self.w if w is None else w, how.pop("first", self.first)
        dx = np.zeros(self.padded().shape)
        for f, i, j in np.ndindex(dz.shape):
            rows, columns = self.under(i, j, **how)
            here = dx[first(f) : first(f) + w.shape[1], rows, columns]
            stamp = dz[f, i, j] * w[f, :, : here.shape[1], : here.shape[2]]
            if add:
                here += stamp
            else:
                here[:] = stamp
        return dx

    def gathered(self, dz: Array, kernels: Array, frame: Pair | None = None, stride: Pair | None = None) -> Array:
        """The same as textbooks have it: expanded, padded fully, and the turned kernels over it, as far as they go."""
        (SH, SW), (DH, DW), (F, D, KH, KW) = stride or self.stride, self.dilation, self.w.shape
        _, PH, PW = self.padded().shape
        expanded = np.zeros((F, PH - DH * (KH - 1), PW - DW * (KW - 1)))
        if stride:
            expanded = dz
        else:
            for i, j in np.ndindex(dz.shape[1:]):
                expanded[:, i * SH, j * SW] = dz[:, i, j]
        top, left = frame or (DH * (KH - 1), DW * (KW - 1))
        map_ = np.pad(expanded, ((0, 0), (top, top), (left, left)))
        dx = np.zeros(self.padded().shape)
        share = F // self.groups
        for c, i, j in np.ndindex(dx.shape):
            filters = slice(c // D * share, c // D * share + share)
            patch = map_[filters, i : i + DH * (KH - 1) + 1 : DH, j : j + DW * (KW - 1) + 1 : DW]
            if patch.shape[1:] == (KH, KW):
                dx[c, i, j] = (patch * kernels[filters, c % D]).sum()
        return dx

    def cropped(self, dx: Array, top: int | None = None, left: int | None = None) -> Array:
        (_, H, W), ((T, _), (L, _)) = self.x.shape, self.padding
        top, left = T if top is None else top, L if left is None else left
        return dx[:, top : top + H, left : left + W]

    def dx(self, dz: Array | None = None, **how: Any) -> Array:
        return self.cropped(self.stamped(self.dz() if dz is None else dz, **how))

    def dw(self, dz: Array | None = None, x_padded: Array | None = None, **how: Any) -> Array:
        dz, x_padded = self.dz() if dz is None else dz, self.padded() if x_padded is None else x_padded
        first, add, dw = how.pop("first", self.first), how.pop("add", True), np.zeros(self.w.shape)
        for f, i, j in np.ndindex(dz.shape):
            rows, columns = self.under(i, j, **how)
            met = dz[f, i, j] * whole(x_padded[first(f) : first(f) + self.w.shape[1], rows, columns], dw[f])
            dw[f] = dw[f] + met if add else met
        return dw


def whole(patch: Array, kernel: Array) -> Array:
    """A patch that does not reach beyond the edge: there NumPy stops with an error, or would soon."""
    if patch.shape != kernel.shape:
        raise ValueError(patch.shape)
    return patch


def sigmoid(z: float) -> float:
    return 1 / (1 + exp(-z))


SLOPES: dict[str, Callable[[float], float]] = {
    "identity": lambda z: 1.0,
    "relu": lambda z: float(z > 0),
    "leaky_relu": lambda z: 1.0 if z > 0 else 0.01,
    "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    "tanh": lambda z: 1 - tanh(z) ** 2,
    "gelu": lambda z: (1 + erf(z / sqrt(2))) / 2 + z * exp(-z * z / 2) / sqrt(2 * np.pi),
}
FUNCTIONS: dict[str, Callable[[float], float]] = {"sigmoid": sigmoid, "tanh": tanh, "relu": lambda z: max(z, 0.0)}


def drawn(seed: int, **fixed: Any) -> Mine:
    """A layer with settings and numbers of that seed."""
    dice = np.random.default_rng(seed)

    def pair(low: int, high: int) -> Pair:
        first, second = dice.integers(low, high + 1, 2)
        return int(first), int(second)

    groups = fixed.get("groups") or int(dice.integers(1, 3))
    depth, share = pair(1, 3)
    (H, W), (KH, KW) = pair(4, 6), pair(1, 3)
    stride = fixed.get("stride") or pair(1, 3)
    dilation = fixed.get("dilation") or pair(1, 2)
    padding = fixed.get("padding") or (pair(0, 2), pair(0, 2))
    activations = ("identity", "identity", "identity", "sigmoid", "tanh", "relu", "leaky_relu", "gelu")
    activation = fixed.get("activation") or str(dice.choice(activations))
    out = [
        (size + sum(sides) - d * (k - 1) - 1) // s + 1
        for size, sides, d, k, s in zip((H, W), padding, dilation, (KH, KW), stride, strict=True)
    ]
    whole = fixed.get("whole", seed % 2)
    numbers = (lambda *shape: dice.integers(-3, 4, shape) * 1.0) if whole else (lambda *shape: dice.normal(size=shape))
    F = groups * share
    return Mine(
        numbers(groups * depth, H, W), numbers(F, depth, KH, KW), numbers(F), numbers(F, *out),
        stride, padding, dilation, groups, activation, seed, fixed.get("padding_mode", "zeros"),
    )  # fmt: skip


def read_as(array: Array, order: tuple[int, ...]) -> Array:
    """Written in one order, read in another."""
    return np.ascontiguousarray(array.transpose(order)).ravel().reshape(array.shape)


@dataclass(frozen=True)
class Written:
    """Code that makes one mistake, and what must be so for it to be made."""

    code: Callable[[Any], Made]
    fixed: dict[str, Any] = field(default_factory=dict)
    draw: Callable[..., Any] = drawn


CODE: dict[str, list[Written]] = {}


def wrong(
    key: str, draw: Callable[..., Any] = drawn, **fixed: Any
) -> Callable[[Callable[[Any], Made]], Callable[[Any], Made]]:
    def keep(code: Callable[[Any], Made]) -> Callable[[Any], Made]:
        CODE.setdefault(key, []).append(Written(code, fixed, draw))
        return code

    return keep


def short(key: str, name: str, code: Callable[[Any], Array], draw: Callable[..., Any] = drawn, **fixed: Any) -> None:
    def made(mine: Any) -> Made:
        try:
            return name, code(mine)
        except ValueError:  # NumPy stops at a patch that reaches beyond the edge
            return None

    wrong(key, draw, **fixed)(made)


# The kernel
short("kernel_not_flipped", "dx", lambda m: m.cropped(m.gathered(m.dz(), m.w)))
short("kernel_flipped_top_to_bottom_only", "dx", lambda m: m.cropped(m.gathered(m.dz(), m.w[:, :, ::-1])))
short("kernel_flipped_left_to_right_only", "dx", lambda m: m.cropped(m.gathered(m.dz(), m.w[:, :, :, ::-1])))
short("convolution_for_correlation", "z", lambda m: m.z(w=m.w[:, :, ::-1, ::-1]))
short("kernel_flipped_along_one_axis", "z", lambda m: m.z(w=m.w[:, :, ::-1]))
short("kernel_flipped_along_one_axis", "z", lambda m: m.z(w=m.w[:, :, :, ::-1]))
short("weight_gradient_flipped", "dw", lambda m: m.dw()[:, :, ::-1, ::-1])
short("weight_gradient_flipped_along_one_axis", "dw", lambda m: m.dw()[:, :, :, ::-1])
short("weight_gradient_flipped_along_one_axis", "dw", lambda m: m.dw()[:, :, ::-1])
short("weight_transposed", "dx", lambda m: m.dx(w=read_as(m.w, (1, 0, 2, 3))))
short("weight_transposed", "z", lambda m: m.z(w=read_as(m.w, (1, 0, 2, 3))))


def square(mine: Mine) -> Array:
    """The weight, if its kernels are square: no other fits once it is turned by 90°."""
    if mine.w.shape[2] != mine.w.shape[3]:
        raise ValueError(mine.w.shape)
    return mine.w


short("kernel_turned_by_90_degrees", "dx", lambda m: m.cropped(m.gathered(m.dz(), np.rot90(square(m), 1, (2, 3)))))
short("kernel_turned_by_90_degrees", "dx", lambda m: m.cropped(m.gathered(m.dz(), np.rot90(square(m), -1, (2, 3)))))
short("kernel_transposed", "dx", lambda m: m.cropped(m.gathered(m.dz(), square(m).swapaxes(2, 3))))


def flipped(mine: Mine, axes: tuple[int, ...], right: tuple[int, ...] = (2, 3)) -> Array:
    """The weight flipped along these axes, if that is not the same as another mistake by its sizes alone."""
    if any(mine.w.shape[axis] == 1 for axis in {*axes} ^ {*right}):
        raise ValueError(mine.w.shape)
    return np.flip(mine.w, axes)


def each_turned(mine: Mine) -> Array:
    """Each filter by rot90(w[f], 2), which turns its first two axes: channels and rows."""
    flipped(mine, (1, 2))
    return np.array([np.rot90(kernel, 2) for kernel in mine.w])


OTHER_AXES = [(0, 1, 2, 3), (0, 1), (0,), (1,), (0, 2), (0, 3), (1, 3), (0, 1, 2), (0, 1, 3)]
short("weight_flipped_along_other_axes", "dx", lambda m: m.cropped(m.gathered(m.dz(), each_turned(m))))
for _axes in OTHER_AXES:
    short(
        "weight_flipped_along_other_axes",
        "dx",
        lambda m, axes=_axes: m.cropped(m.gathered(m.dz(), flipped(m, axes))),
    )


def flipped_in_groups(mine: Mine, axes: tuple[int, ...], right: tuple[int, ...] = (2, 3)) -> Array:
    """The same group by group."""
    flipped(mine, axes, right)
    if len(mine.w) == mine.groups:
        raise ValueError(mine.w.shape)
    return np.concatenate([np.flip(one, axes) for one in np.split(mine.w, mine.groups)])


for _axes in ((0, 1, 2, 3), (0, 1)):
    short(
        "weight_flipped_along_other_axes",
        "dx",
        lambda m, axes=_axes: m.cropped(m.gathered(m.dz(), flipped_in_groups(m, axes))),
        groups=2,
    )
short("weight_flipped", "z", lambda m: m.z(w=flipped_in_groups(m, (0, 1, 2, 3), ())), groups=2)
short("weight_flipped", "z", lambda m: m.z(w=flipped(m, (0, 1, 2, 3), ())))
short("weight_flipped", "z", lambda m: m.z(w=flipped(m, (1, 2, 3), ())))
short("weight_flipped", "z", lambda m: m.z(w=flipped(m, (0, 1), ())))


def transposed_in_groups(w: Array, groups: int) -> Array:
    return np.concatenate([read_as(one, (1, 0, 2, 3)) for one in np.split(w, groups)])


short("weight_transposed_in_groups", "z", lambda m: m.z(w=transposed_in_groups(m.w, 2)), groups=2)
short("weight_transposed_in_groups", "dx", lambda m: m.dx(w=transposed_in_groups(m.w, 2)), groups=2)
short("weight_transposed_in_groups", "dw", lambda m: transposed_in_groups(m.dw(), 2), groups=2)


def several(array: Array) -> Array:
    """The array, if no axis has one cell alone: some orders are the same then."""
    if min(array.shape) == 1:
        raise ValueError(array.shape)
    return array


# The matrices of im2col
def im2col(mine: Mine, w_rows: Array, order: tuple[int, ...] = (0, 1, 2)) -> Array:
    """z, each patch a column with its cells in some order, each row of the weight as it is."""
    z, x_padded = np.zeros(mine.dy.shape), mine.padded()
    for f, i, j in np.ndindex(z.shape):
        rows, columns = mine.under(i, j)
        patch = x_padded[mine.first(f) : mine.first(f) + mine.w.shape[1], rows, columns]
        z[f, i, j] = (patch.transpose(order).ravel() * w_rows[f]).sum() + mine.b[f]
    return z


def col2im(mine: Mine, w_rows: Array, order: tuple[int, ...] = (0, 1, 2)) -> Array:
    """dx, each column laid back as a patch, with its cells in some order."""
    dx, dz, shape = np.zeros(mine.padded().shape), mine.dz(), [mine.w.shape[1:][axis] for axis in order]
    for f, i, j in np.ndindex(dz.shape):
        rows, columns = mine.under(i, j)
        column = dz[f, i, j] * w_rows[f]
        here = dx[mine.first(f) : mine.first(f) + mine.w.shape[1], rows, columns]
        here += column.reshape(shape).transpose([order.index(axis) for axis in range(3)])
    return mine.cropped(dx)


def by_columns(mine: Mine) -> Array:
    return mine.w.reshape(-1, len(mine.w)).T


def by_columns_in_groups(mine: Mine) -> Array:
    return np.concatenate([one.reshape(-1, len(one)).T for one in np.split(mine.w, mine.groups)])


def by_rows(mine: Mine) -> Array:
    return mine.w.reshape(len(mine.w), -1)


def each_by_columns(mine: Mine) -> Array:
    """The rows of the weight as MATLAB flattens a kernel."""
    return np.array([several(kernel).ravel("F") for kernel in mine.w])


for _matrix in (by_columns, by_columns_in_groups):
    short("weight_flattened_by_columns", "z", lambda m, matrix=_matrix: im2col(m, matrix(m)))
    short("weight_flattened_by_columns", "dx", lambda m, matrix=_matrix: col2im(m, matrix(m)))
short("input_channels_last", "z", lambda m: im2col(m, by_rows(m), (1, 2, 0)))
short("input_channels_last", "dx", lambda m: col2im(m, by_rows(m), (1, 2, 0)))
short("input_by_columns", "z", lambda m: im2col(m, each_by_columns(m)))
short("input_by_columns", "dx", lambda m: col2im(m, each_by_columns(m)))
short("input_height_and_width_exchanged", "z", lambda m: im2col(m, by_rows(m), (0, 2, 1)))
short("input_height_and_width_exchanged", "dx", lambda m: col2im(m, by_rows(m), (0, 2, 1)))

# The sums
short(
    "no_zeros_for_the_stride",
    "dx",
    lambda m: m.cropped(m.gathered(m.dz(), m.w[:, :, ::-1, ::-1], stride=(1, 1))),
)
short("no_zeros_for_the_stride", "dw", lambda m: m.dw(stride=(1, 1)))
short("stride_ignored", "z", lambda m: m.z(stride=(1, 1)))
short("dilation_ignored", "z", lambda m: m.z(dilation=(1, 1)))
short("dilation_ignored", "dx", lambda m: m.dx(dilation=(1, 1)))
short("dilation_ignored", "dw", lambda m: m.dw(dilation=(1, 1)))
short("groups_ignored", "z", lambda m: m.z(first=lambda f: 0), groups=2)
short("groups_ignored", "dx", lambda m: m.dx(first=lambda f: 0), groups=2)
short("groups_ignored", "dw", lambda m: m.dw(first=lambda f: 0), groups=2)
short("bias_missing", "z", lambda m: m.z(b=np.zeros(len(m.b))))
short("bias_missing", "dx", lambda m: m.dx(m.dz(at=m.z(b=np.zeros(len(m.b))))), activation="relu")
short("bias_over_too_few_axes", "db", lambda m: m.dz()[:, 0].sum(1))
short("bias_over_too_few_axes", "db", lambda m: m.dz()[:, :, -1].sum(1))
short("bias_over_too_few_axes", "db", lambda m: m.dz()[:, :, 0].sum(1))


@wrong("groups_interleaved", groups=2)
def groups_interleaved(mine: Mine) -> Made:
    order = [c for g in range(2) for c in range(g, len(mine.x), 2)]
    return "z", mine.z(x_padded=mine.padded()[order])


def in_turn(mine: Mine) -> Callable[[int], int]:
    """Filters that are dealt out in turn: the first channel that one sees."""
    return lambda f: f % mine.groups * mine.w.shape[1]


short("filters_interleaved", "z", lambda m: m.z(first=in_turn(m)), groups=2)
short("filters_interleaved", "dx", lambda m: m.dx(first=in_turn(m)), groups=2)
short("filters_interleaved", "dw", lambda m: m.dw(first=in_turn(m)), groups=2)
short("last_row_lost", "dx", lambda m: m.dx(m.dz()[:, :-1]))
short("last_row_lost", "dw", lambda m: m.dw(m.dz()[:, :-1]))
short("last_row_lost", "db", lambda m: m.dz()[:, :-1].sum((1, 2)))
short("last_row_lost", "z", lambda m: np.concatenate([m.z()[:, :-1], 0 * m.dy[:, -1:]], 1))
short("last_row_lost", "dw", lambda m: np.concatenate([m.dw()[:, :, :-1], 0 * m.w[:, :, -1:]], 2))
short("last_column_lost", "dx", lambda m: m.dx(m.dz()[:, :, :-1]))
short("last_column_lost", "dw", lambda m: m.dw(m.dz()[:, :, :-1]))
short("last_column_lost", "db", lambda m: m.dz()[:, :, :-1].sum((1, 2)))
short("last_column_lost", "z", lambda m: np.concatenate([m.z()[:, :, :-1], 0 * m.dy[:, :, -1:]], 2))
short("last_column_lost", "dw", lambda m: np.concatenate([m.dw()[..., :-1], 0 * m.w[..., -1:]], 3))
short("last_row_and_column_lost", "dx", lambda m: m.dx(m.dz()[:, :-1, :-1]))
short("last_row_and_column_lost", "dw", lambda m: m.dw(m.dz()[:, :-1, :-1]))
short("last_row_and_column_lost", "db", lambda m: m.dz()[:, :-1, :-1].sum((1, 2)))
short("last_row_and_column_lost", "z", lambda m: np.pad(m.z()[:, :-1, :-1], ((0, 0), (0, 1), (0, 1))))
short("last_row_and_column_lost", "dw", lambda m: np.pad(m.dw()[..., :-1, :-1], ((0, 0), (0, 0), (0, 1), (0, 1))))


@wrong("filters_not_summed")
def filters_not_summed(mine: Mine) -> Made:
    share, dz = len(mine.w) // mine.groups, mine.dz()
    total = np.zeros(mine.padded().shape)
    for f in range(share):  # each filter of the groups writes over what the one before has left
        one = np.zeros(dz.shape)
        one[f::share] = dz[f::share]
        total[:] = mine.stamped(one)
    return "dx", mine.cropped(total)


@wrong("channels_not_summed")
def channels_not_summed(mine: Mine) -> Made:
    z, x_padded = np.zeros(mine.dy.shape), mine.padded()
    for f, i, j in np.ndindex(z.shape):
        rows, columns = mine.under(i, j)
        for c in range(mine.w.shape[1]):
            z[f, i, j] = (x_padded[mine.first(f) + c, rows, columns] * mine.w[f, c]).sum() + mine.b[f]
    return "z", z


@wrong("depth_from_the_filters", groups=1)
def depth_from_the_filters(mine: Mine) -> Made:
    dx = np.zeros(mine.x.shape)
    for c in range(len(mine.w)):
        if c >= len(dx):
            return None  # NumPy stops with an error
        dx[c] = mine.dx()[c]
    return "dx", dx


short("assigned_not_added", "dx", lambda m: m.dx(add=False))
short("assigned_not_added", "dw", lambda m: m.dw(add=False))
short("assigned_not_added", "db", lambda m: m.dz()[:, -1, -1])


# The padding
def starts(mine: Any, which: tuple[int, int]) -> Pair:
    """By the padding, from the first row, from the last that leaves enough, or by the padding of the other side."""
    (T, B), (L, R) = mine.padding
    return (T, 0, T + B, B)[which[0]], (L, 0, L + R, R)[which[1]]


def cropped_from(mine: Mine, which: tuple[int, int]) -> Array:
    return mine.cropped(mine.stamped(mine.dz()), *starts(mine, which))


for _which in [(1, 1), (2, 2), *((i, j) for i, j in np.ndindex(4, 4) if i != j), (3, 3)]:
    short("padding_cropped_on_the_wrong_side", "dx", lambda m, which=_which: cropped_from(m, which))


@wrong("padding_on_the_wrong_side")
def padding_on_the_wrong_side(mine: Mine) -> Made:
    x_padded = np.zeros(mine.padded().shape)
    x_padded[:, : mine.x.shape[1], : mine.x.shape[2]] = mine.x
    return "z", mine.z(x_padded=x_padded)


@wrong("padding_from_the_width")
def padding_from_the_width(mine: Mine) -> Made:
    wide = mine.dilation[1] * (mine.w.shape[3] - 1)
    if wide < mine.dilation[0] * (mine.w.shape[2] - 1):
        return None  # too few rows: NumPy stops with an error
    return "dx", mine.cropped(mine.gathered(mine.dz(), mine.w[:, :, ::-1, ::-1], frame=(wide, wide)))


@wrong("padding_from_the_height")
def padding_from_the_height(mine: Mine) -> Made:
    high = mine.dilation[0] * (mine.w.shape[2] - 1)
    if high < mine.dilation[1] * (mine.w.shape[3] - 1):
        return None
    return "dx", mine.cropped(mine.gathered(mine.dz(), mine.w[:, :, ::-1, ::-1], frame=(high, high)))


short("padding_mode_ignored", "z", lambda m: m.z(x_padded=m.padded(mode="zeros")), padding_mode="reflect")
short("copies_not_folded_back", "dx", lambda m: m.dx(), padding_mode="reflect")  # which only crops

# The order of axes
short("height_and_width_exchanged", "dw", lambda m: read_as(m.dw(), (0, 1, 3, 2)))
short("height_and_width_exchanged", "dx", lambda m: read_as(m.dx(), (0, 2, 1)))
short("channels_last", "dx", lambda m: read_as(m.dx(), (1, 2, 0)))
short("channels_last", "dw", lambda m: read_as(m.dw(), (0, 2, 3, 1)))
short("channels_last", "dx", lambda m: read_as(m.dx(), (2, 0, 1)))
short("channels_last", "dw", lambda m: read_as(m.dw(), (0, 3, 1, 2)))
short("filters_and_channels_exchanged", "dw", lambda m: read_as(m.dw(), (1, 0, 2, 3)))


@wrong("axes_in_another_order")
def transposed(mine: Mine) -> Made:
    return ("dw", read_as(mine.dw(), (3, 2, 1, 0))) if min(mine.w.shape) > 1 else None


short("channels_in_reverse", "dx", lambda m: m.dx()[::-1])
short(
    "channels_in_reverse_in_groups",
    "dx",
    lambda m: np.concatenate([one[::-1] for one in np.split(m.dx(), 2)]),
    groups=2,
)
short("channels_in_reverse_in_groups", "z", lambda m: m.z(w=m.w[:, ::-1]), groups=2)
short("filters_in_reverse", "z", lambda m: m.z(w=m.w[::-1]))
short("filters_in_reverse", "dx", lambda m: m.dx(w=m.w[::-1]))
short("filters_in_reverse", "dw", lambda m: m.dw()[::-1])
short("filters_in_reverse", "db", lambda m: m.dz().sum((1, 2))[::-1])
short("input_height_and_width_exchanged", "z", lambda m: m.z(x_padded=m.padded(read_as(m.x, (0, 2, 1)))))
short("input_height_and_width_exchanged", "z", lambda m: m.z(w=read_as(m.w, (0, 1, 3, 2))))
short("input_height_and_width_exchanged", "dx", lambda m: m.dx(w=read_as(m.w, (0, 1, 3, 2))))
short("input_channels_last", "z", lambda m: m.z(x_padded=m.padded(read_as(m.x, (1, 2, 0)))))
short("input_channels_last", "z", lambda m: m.z(x_padded=m.padded(read_as(m.x, (2, 0, 1)))))


# As code that came from MATLAB or Fortran
def flat_by_columns(array: Array) -> Array:
    """What is flattened by columns is taken by rows."""
    return several(array).ravel("F").reshape(array.shape)


def shaped_by_columns(array: Array) -> Array:
    """What is flattened by rows is given its shape by columns."""
    if array.shape == array.shape[::-1]:  # it is transposed then
        raise ValueError(array.shape)
    return several(array).ravel().reshape(array.shape, order="F")


for _made in (flat_by_columns, shaped_by_columns):
    short("input_by_columns", "z", lambda m, made=_made: m.z(x_padded=m.padded(made(m.x))))
    short("input_by_columns", "dx", lambda m, made=_made: m.dx(w=made(m.w)))
    short("input_by_columns", "dw", lambda m, made=_made: m.dw(made(m.dy)), activation="identity")
for _name in ("z", "dx", "dw"):
    short("laid_out_by_columns", _name, lambda m, name=_name: shaped_by_columns(getattr(m, name)()))
for _pair in ("stride", "dilation"):
    for _name in ("dx", "z", "dw"):
        short(
            "pair_exchanged",
            _name,
            lambda m, name=_name, pair=_pair: getattr(m, name)(**{pair: getattr(m, pair)[::-1]}),
            **{_pair: (2, 1)},
        )
short("pair_exchanged", "dx", lambda m: m.cropped(m.stamped(m.dz()), m.padding[1][0], m.padding[0][0]))
short("input_channels_last", "dx", lambda m: m.dx(w=read_as(m.w, (0, 2, 3, 1))))
for _name in ("z", "dx"):
    short("input_channels_last", _name, lambda m, name=_name: getattr(m, name)(w=read_as(m.w, (0, 3, 1, 2))))

# The activation
short("slope_ignored", "dx", lambda m: m.dx(m.dy), activation="relu")
short("slope_ignored", "dw", lambda m: m.dw(m.dy), activation="sigmoid")
short("slope_ignored", "db", lambda m: m.dy.sum((1, 2)), activation="tanh")
short("slope_at_y", "dx", lambda m: m.dx(m.dz(at=np.vectorize(sigmoid)(m.z()))), activation="sigmoid")
short("slope_at_y", "dz", lambda m: m.dz(at=np.tanh(m.z())), activation="tanh")
short("slope_at_dy", "dx", lambda m: m.dx(m.dy * (m.dy > 0)), activation="relu")
short("slope_at_dy", "dz", lambda m: m.dz(at=m.dy), activation="relu")
short("slope_at_dy", "dw", lambda m: m.dw(m.dz(at=m.dy)), activation="tanh")
short("slope_at_dy", "db", lambda m: m.dz(at=m.dy).sum((1, 2)), activation="gelu")
short("slope_of_y_at_z", "dx", lambda m: m.dx(m.dy * m.z() * (1 - m.z())), activation="sigmoid")
short("slope_of_one_at_zero", "dx", lambda m: m.dx(m.dy * (m.z() >= 0)), activation="relu", whole=True)
short("activation_missing", "y", lambda m: m.z(), activation="relu")

# The step
short("gradient_added", "w", lambda m: m.w + 0.001 * m.dw())
short("gradient_added", "b", lambda m: m.b + 0.001 * m.dz().sum((1, 2)))

# Every number alike
short("averaged", "dw", lambda m: m.dw() / 4)  # over a batch of four
short("averaged", "db", lambda m: m.dz().mean((1, 2)))
short("scaled", "dx", lambda m: m.dx() * 1.5)
short("scaled", "dw", lambda m: m.dw() * 4.0)
short("sign_turned", "dx", lambda m: -m.dx())
short("sign_turned", "b", lambda m: 0.001 * m.dz().sum((1, 2)) - m.b)
short("all_zeros", "dx", lambda m: 0 * m.dx())
short("all_zeros", "dw", lambda m: 0 * m.dw())
short("all_zeros", "db", lambda m: 0 * m.b)
short("rounded_in_print", "dx", lambda m: np.round(m.dx()), whole=False)
short("whole_numbers", "dx", lambda m: m.dx().astype(int) * 1.0, whole=False)


# --- Other layers -----------------------------------------------------------------------------------------------------


@dataclass
class Pool:
    """A pooling layer of somebody's own."""

    layer: str
    x: Array
    dy: Array
    kernel_size: Pair
    stride: Pair
    padding: tuple[Pair, Pair]
    seed: int
    ties: str = "first"
    ceil_mode: bool = False
    count_include_pad: bool = True

    @property
    def settings(self) -> dict[str, Any]:
        own = ["ties"] if self.layer == "max_pool2d" else ["ceil_mode", "count_include_pad"]
        return {name: getattr(self, name) for name in ("x", "dy", "kernel_size", "stride", "padding", *own)}

    def cells(self, i: int, j: int, stride: Pair | None = None) -> list[tuple[int, int]]:
        """The places under a window, row by row; those outside of x are in the padding."""
        (SH, SW), (KH, KW), ((T, _), (L, _)) = stride or self.stride, self.kernel_size, self.padding
        return [(i * SH + u - T, j * SW + v - L) for u, v in np.ndindex(KH, KW)]

    def inside(self, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
        _, H, W = self.x.shape
        return [(row, column) for row, column in places if 0 <= row < H and 0 <= column < W]

    def y(self, around: float | None = None, stride: Pair | None = None) -> Array:
        y = np.zeros(self.dy.shape)
        for c, i, j in np.ndindex(y.shape):
            places = self.cells(i, j, stride)
            numbers = [self.x[c, row, column] for row, column in self.inside(places)]
            y[c, i, j] = max([*numbers, *([around] if around is not None and len(numbers) < len(places) else [])])
        return y

    def at(self, c: int, place: tuple[int, int], around: float = -np.inf) -> float:
        return float(self.x[c, *place]) if self.inside([place]) else around

    def won(self, c: int, places: list[tuple[int, int]], around: float = -np.inf) -> list[tuple[int, int]]:
        best = max(self.at(c, place, around) for place in places)
        return [place for place in places if self.at(c, place, around) == best]

    def from_padded(self, dx: Array, start: tuple[int | None, int | None] = (None, None)) -> Array:
        """What is cut out of a map that has its padding, from some row and column on, the right ones if none is given;
        zeros where that is too few.
        """
        (_, H, W), ((T, _), (L, _)) = self.x.shape, self.padding
        top, left = (own if one is None else one for own, one in zip((T, L), start, strict=True))
        kept = dx[:, top : top + H, left : left + W]
        return np.pad(kept, ((0, 0), (0, H - kept.shape[1]), (0, W - kept.shape[2])))

    @property
    def plane(self) -> tuple[int, ...]:
        """The shape with the padding."""
        return (len(self.x), *(size + sum(sides) for size, sides in zip(self.x.shape[1:], self.padding, strict=True)))

    def first_won(self, start: tuple[int, int]) -> Array:
        """dx by windows on a padded map, which is cropped from there."""
        dx, ((T, _), (L, _)) = np.zeros(self.plane), self.padding
        for c, i, j in np.ndindex(self.dy.shape):
            row, column = self.won(c, self.cells(i, j))[0]
            dx[c, row + T, column + L] += self.dy[c, i, j]
        return self.from_padded(dx, start)

    def shared_from(self, start: tuple[int, int]) -> Array:
        """dx of the mean by windows on a padded map, which is cropped from there."""
        dx, ((T, _), (L, _)) = np.zeros(self.plane), self.padding
        for c, i, j in np.ndindex(self.dy.shape):
            places = self.cells(i, j)
            for row, column in self.counted(places):
                dx[c, row + T, column + L] += self.dy[c, i, j] / self.divisor(places)
        return self.from_padded(dx, start)

    def lying(self) -> Array:
        """dx with the row of a winner taken for its column in the window, and the other way round."""
        (_, H, W), (_, KW) = self.x.shape, self.kernel_size
        ((T, _), (L, _)), (SH, SW) = self.padding, self.stride
        dx = np.zeros((len(self.x), T + H + 9, L + W + 9))
        for c, i, j in np.ndindex(self.dy.shape):
            places = self.cells(i, j)
            v, u = divmod(places.index(self.won(c, places)[0]), KW)
            dx[c, i * SH + u, j * SW + v] += self.dy[c, i, j]
        return self.from_padded(dx)

    def overwritten(self, rule: str) -> Array:
        """dx with each window written whole."""
        dx = np.zeros(self.x.shape)
        for c, i, j in np.ndindex(self.dy.shape):
            places = self.cells(i, j)
            won = self.won(c, places)
            mask = {"all": won, "split": won, "first": won[:1]}[rule]
            for row, column in self.inside(places):
                share = ((row, column) in mask) / (len(won) if rule == "split" else 1)
                dx[c, row, column] = share * self.dy[c, i, j]
        return dx

    def dx(
        self, rule: str = "first", *, add: bool = True, around: float = -np.inf, stride: Pair | None = None
    ) -> Array:
        dx = np.zeros(self.x.shape)
        for c, i, j in np.ndindex(self.dy.shape):
            won = self.won(c, self.cells(i, j, stride), around)
            by_column = sorted(won, key=lambda place: place[::-1])
            order = {"last": [won[-1]], "first": [won[0]], "columns": [by_column[0]], "last columns": [by_column[-1]]}
            for row, column in self.inside(order.get(rule, won)):
                share = self.dy[c, i, j] / (len(won) if rule == "split" else 1)
                dx[c, row, column] = dx[c, row, column] + share if add else share
        return dx

    def counted(self, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Those on the plane with its padding: a window of the ceil mode may reach beyond."""
        (_, H, W), ((_, B), (_, R)) = self.x.shape, self.padding
        return [(row, column) for row, column in places if row < H + B and column < W + R]

    def divisor(self, places: list[tuple[int, int]], *, count_padding: bool | None = None) -> int:
        is_all = self.count_include_pad if count_padding is None else count_padding
        return len(self.counted(places) if is_all else self.inside(places))

    def mean(
        self, *, count_padding: bool | None = None, divisor: int | None = None, stride: Pair | None = None
    ) -> Array:
        y = np.zeros(self.dy.shape)
        for c, i, j in np.ndindex(y.shape):
            places = self.cells(i, j, stride)
            total = sum(self.x[c, row, column] for row, column in self.inside(places))
            y[c, i, j] = total / (divisor or self.divisor(places, count_padding=count_padding))
        return y

    def shared(
        self,
        *,
        add: bool = True,
        count_padding: bool | None = None,
        divisor: int | None = None,
        stride: Pair | None = None,
    ) -> Array:
        dx = np.zeros(self.x.shape)
        for c, i, j in np.ndindex(self.dy.shape):
            places = self.cells(i, j, stride)
            for row, column in self.inside(places):
                share = self.dy[c, i, j] / (divisor or self.divisor(places, count_padding=count_padding))
                dx[c, row, column] = dx[c, row, column] + share if add else share
        return dx


def pool(seed: int, layer: str = "max_pool2d", **how: Any) -> Pool:
    """A pool whose input has many equal numbers."""
    dice = np.random.default_rng(seed)

    def pair(low: int, high: int) -> Pair:
        first, second = dice.integers(low, high + 1, 2)
        return int(first), int(second)

    (H, W), (KH, KW), stride = pair(4, 7), pair(2, 3), pair(1, 3)
    padding = pair(0, KH // 2), pair(0, KW // 2)
    out = []
    for size, sides, k, s in zip((H, W), padding, (KH, KW), stride, strict=True):
        rest = (size + sum(sides) - k) % s
        last = (size + sum(sides) - k) // s + (how.get("ceil_mode", False) and rest > 0)
        out.append(last + (last * s < size + sides[0]))  # a window begins on the plane or before it
    x = dice.integers(-4, 1, (2, H, W)) * 1.0
    return Pool(layer, x, dice.integers(1, 9, (2, *out)) * 1.0, (KH, KW), stride, padding, seed, **how)


short("ties_to_the_last", "dx", lambda m: m.dx("last"), pool)
short("ties_to_the_first", "dx", lambda m: m.dx("first"), pool, ties="split")
short("ties_to_the_first_in_columns", "dx", lambda m: m.dx("columns"), pool)
short("ties_to_the_last_in_columns", "dx", lambda m: m.dx("last columns"), pool)
short("ties_shared", "dx", lambda m: m.dx("split"), pool)
short("ties_to_all", "dx", lambda m: m.dx("all"), pool)
short("assigned_not_added", "dx", lambda m: m.dx(add=False), pool)
short("assigned_not_added", "dx", lambda m: m.shared(add=False), pool, layer="avg_pool2d")
short("zeros_around_the_pool", "y", lambda m: m.y(around=0.0), pool)
short("last_row_lost", "y", lambda m: np.concatenate([m.y()[:, :-1], 0 * m.dy[:, -1:]], 1), pool)
short("last_row_lost", "dx", lambda m: Pool.dx(replace(m, dy=m.dy[:, :-1])), pool)
short("last_column_lost", "y", lambda m: np.concatenate([m.y()[:, :, :-1], 0 * m.dy[:, :, -1:]], 2), pool)
short("last_column_lost", "dx", lambda m: Pool.dx(replace(m, dy=m.dy[:, :, :-1])), pool)
short("last_row_and_column_lost", "y", lambda m: np.pad(m.y()[:, :-1, :-1], ((0, 0), (0, 1), (0, 1))), pool)
short("last_row_and_column_lost", "dx", lambda m: Pool.dx(replace(m, dy=m.dy[:, :-1, :-1])), pool)
short("zeros_around_the_pool", "dx", lambda m: m.dx(around=0.0), pool)
short("zeros_around_the_pool", "dx", lambda m: m.dx("split", around=0.0), pool, ties="split")
for _rule in ("all", "first"):
    short("window_overwritten", "dx", lambda m, rule=_rule: m.overwritten(rule), pool)
short("window_overwritten", "dx", lambda m: m.overwritten("split"), pool, ties="split")
short("winner_row_and_column_exchanged", "dx", lambda m: m.lying(), pool)
short("stride_ignored", "y", lambda m: m.y(stride=(1, 1)), pool)
short("stride_ignored", "dx", lambda m: m.dx(stride=(1, 1)), pool)
short("average_pooling_for_max_pooling", "y", lambda m: m.mean(), pool)
short("average_pooling_for_max_pooling", "dx", lambda m: m.shared(), pool)
for _which in [(1, 1), (2, 2), (0, 1), (3, 0)]:
    short("padding_cropped_on_the_wrong_side", "dx", lambda m, which=_which: m.first_won(starts(m, which)), pool)
    for _counts in (True, False):
        short(
            "padding_cropped_on_the_wrong_side",
            "dx",
            lambda m, which=_which: m.shared_from(starts(m, which)),
            pool,
            layer="avg_pool2d",
            count_include_pad=_counts,
        )


def side_by_side(mine: Pool) -> Pair:
    """The size of the kernel as a stride, if no window leaves the plane by it."""
    if any(k > s for k, s in zip(mine.kernel_size, mine.stride, strict=True)):
        raise ValueError(mine.kernel_size)
    return mine.kernel_size


short("stride_from_the_kernel", "y", lambda m: m.y(stride=side_by_side(m)), pool)
short("stride_from_the_kernel", "dx", lambda m: m.dx(stride=side_by_side(m)), pool)


def in_ceil_mode(mine: Pool) -> int:
    """The size of the kernel, if some window reaches beyond the padding: else that is how the padding counts."""
    kernel_size = prod(mine.kernel_size)
    if all(len(mine.counted(mine.cells(i, j))) == kernel_size for i, j in np.ndindex(mine.dy.shape[1:])):
        raise ValueError(mine.stride)
    return kernel_size


# Average pools
AVERAGE: dict[str, Any] = {"draw": pool, "layer": "avg_pool2d"}
for _counts in (True, False):
    how = AVERAGE | {"count_include_pad": _counts}
    short("padding_counted_otherwise", "y", lambda m: m.mean(count_padding=not m.count_include_pad), **how)
    short("padding_counted_otherwise", "dx", lambda m: m.shared(count_padding=not m.count_include_pad), **how)
    short("not_divided", "y", lambda m: m.mean(divisor=1), **how)
    short("not_divided", "dx", lambda m: m.shared(divisor=1), **how)
    short("divided_by_the_kernel_size", "y", lambda m: m.mean(divisor=in_ceil_mode(m)), ceil_mode=True, **how)
    short("divided_by_the_kernel_size", "dx", lambda m: m.shared(divisor=in_ceil_mode(m)), ceil_mode=True, **how)
    short("max_pooling_for_average_pooling", "y", lambda m: m.y(), **how)
    short("max_pooling_for_average_pooling", "y", lambda m: m.y(around=0.0), **how)
    short("stride_ignored", "y", lambda m: m.mean(stride=(1, 1)), **how)
    short("stride_ignored", "dx", lambda m: m.shared(stride=(1, 1)), **how)
    short("stride_from_the_kernel", "y", lambda m: m.mean(stride=side_by_side(m)), **how)
    short("stride_from_the_kernel", "dx", lambda m: m.shared(stride=side_by_side(m)), **how)
short("scaled", "y", lambda m: prod(m.kernel_size) * m.mean(), **AVERAGE)
short("scaled", "dx", lambda m: prod(m.kernel_size) * m.shared(), **AVERAGE)


@dataclass
class Plane:
    """A global pool of somebody's own."""

    layer: str
    x: Array
    dy: Array
    seed: int

    @property
    def settings(self) -> dict[str, Any]:
        return {"x": self.x, "dy": self.dy}

    def spread(self, divisor: int) -> Array:
        return np.array([np.full(self.x.shape[1:], one / divisor) for one in self.dy])


def plane(seed: int, layer: str) -> Plane:
    dice = np.random.default_rng(seed)
    C, H, W = (int(size) for size in dice.integers(2, 5, 3))
    return Plane(layer, dice.normal(size=(C, H, W)), dice.normal(size=C), seed)


GLOBAL_MAX: dict[str, Any] = {"draw": plane, "layer": "global_max_pool2d"}
GLOBAL_MEAN: dict[str, Any] = {"draw": plane, "layer": "global_avg_pool2d"}
short("average_pooling_for_max_pooling", "y", lambda m: m.x.mean((1, 2)), **GLOBAL_MAX)
short("average_pooling_for_max_pooling", "dx", lambda m: m.spread(prod(m.x.shape[1:])), **GLOBAL_MAX)
short("max_pooling_for_average_pooling", "y", lambda m: m.x.max((1, 2)), **GLOBAL_MEAN)
short("not_divided", "y", lambda m: m.x.sum((1, 2)), **GLOBAL_MEAN)
short("not_divided", "dx", lambda m: m.spread(1), **GLOBAL_MEAN)
short("scaled", "y", lambda m: m.x.sum((1, 2)), **GLOBAL_MEAN)
short("scaled", "dx", lambda m: m.spread(1), **GLOBAL_MEAN)


@dataclass
class Kernels:
    """A single map and a single kernel."""

    x: Array
    w: Array
    seed: int
    layer: ClassVar = "cross_correlation"

    @property
    def settings(self) -> dict[str, Any]:
        return {"x": self.x, "w": self.w}

    @property
    def dy(self) -> Array:
        return np.zeros(tuple(n - k + 1 for n, k in zip(self.x.shape, self.w.shape, strict=True)))

    def slid(self, w: Array) -> Array:
        KH, KW = w.shape
        out = [(self.x[i : i + KH, j : j + KW] * w).sum() for i, j in np.ndindex(self.dy.shape)]
        return np.array(out).reshape(self.dy.shape)


def kernels(seed: int) -> Kernels:
    dice = np.random.default_rng(seed)
    return Kernels(dice.normal(size=dice.integers(4, 7, 2)), dice.normal(size=dice.integers(1, 4, 2)), seed)


short("correlation_for_convolution", "convolution", lambda m: m.slid(m.w), kernels)
short("convolution_for_correlation", "correlation", lambda m: m.slid(m.w[::-1, ::-1]), kernels)
short("kernel_flipped_top_to_bottom_only", "convolution", lambda m: m.slid(m.w[::-1]), kernels)
short("kernel_flipped_left_to_right_only", "convolution", lambda m: m.slid(m.w[:, ::-1]), kernels)
short("kernel_flipped_along_one_axis", "correlation", lambda m: m.slid(m.w[::-1]), kernels)
short("kernel_flipped_along_one_axis", "correlation", lambda m: m.slid(m.w[:, ::-1]), kernels)


@dataclass
class Dense:
    """A fully connected layer of somebody's own."""

    x: Array
    w: Array
    b: Array
    dy: Array
    activation: str
    seed: int
    layer: ClassVar = "linear"

    @property
    def settings(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("x", "w", "b", "dy", "activation")}

    def z(self, w: Array | None = None, b: Array | None = None, *, add: bool = True) -> Array:
        w, z = self.w if w is None else w, np.zeros(len(self.w))
        for j, i in np.ndindex(self.w.shape):
            z[j] = w[j, i] * self.x[i] + (z[j] if add else 0)
        return z + (self.b if b is None else b)

    def dz(self) -> Array:
        return self.dy * np.vectorize(SLOPES[self.activation], [float])(self.z())

    def dx(self, w: Array | None = None, *, add: bool = True) -> Array:
        w, dx, dz = self.w if w is None else w, np.zeros(len(self.x)), self.dz()
        for j, i in np.ndindex(self.w.shape):
            dx[i] = dz[j] * w[j, i] + (dx[i] if add else 0)
        return dx

    def dw(self) -> Array:
        return np.array([[delta * x for x in self.x] for delta in self.dz()])


def dense(seed: int) -> Dense:
    """Square, so that a matrix fits either way."""
    dice = np.random.default_rng(seed)
    size = int(dice.integers(2, 5))
    x, b, dy = dice.normal(size=(3, size))
    return Dense(x, dice.normal(size=(size, size)), b, dy, list(SLOPES)[seed % len(SLOPES)], seed)


short("transposed", "dw", lambda m: m.dw().T, dense)
short("input_transposed", "z", lambda m: m.z(w=m.w.T), dense)
short("input_transposed", "dx", lambda m: m.dx(w=m.w.T), dense)
short("bias_missing", "z", lambda m: m.z(b=np.zeros(len(m.b))), dense)
short("slope_ignored", "dz", lambda m: m.dy, dense)
short("assigned_not_added", "z", lambda m: m.z(add=False), dense)
short("assigned_not_added", "dx", lambda m: m.dx(add=False), dense)


@dataclass
class Classifier:
    """Softmax and cross-entropy of somebody's own."""

    z: Array
    target: int
    seed: int
    layer: ClassVar = "softmax_cross_entropy"

    @property
    def settings(self) -> dict[str, Any]:
        return {"z": self.z, "target": self.target}

    @property
    def dy(self) -> Array:
        return np.ones(1)

    def p(self, z: Array | None = None) -> Array:
        powers = [exp(score) for score in (self.z if z is None else z)]
        return np.array([power / sum(powers) for power in powers])

    def dz(self, p: Array) -> Array:
        return np.array([one - (k == self.target) for k, one in enumerate(p)])


def classifier(seed: int) -> Classifier:
    dice = np.random.default_rng(seed)
    z = dice.normal(size=int(dice.integers(2, 7)))
    return Classifier(z, int(dice.integers(len(z))), seed)


short("softmax_twice", "p", lambda m: m.p(m.p()), classifier)
short("softmax_twice", "log_p", lambda m: np.log(m.p(m.p())), classifier)
short("softmax_twice", "dz", lambda m: m.dz(m.p(m.p())), classifier)
short("answer_not_subtracted", "dz", lambda m: m.p(), classifier)
