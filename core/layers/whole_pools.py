"""The arrays of the pooling layers in whole-array NumPy, as `core.offer.part` has them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core import fast
from core.layers.whole import NONE, ONE, Pair, Shape, Sides
from core.offer.part import Part


@dataclass(frozen=True)
class Windows:
    """The windows of a pool over a plane with its border, gone through by cell: that of all windows at once."""

    out: Pair
    kernel: Pair
    stride: Pair
    padding: Sides
    dilation: Pair

    def padded(self, x: np.ndarray, around: float) -> np.ndarray:
        """x in a border that every window fits into."""
        (top, _), (left, _) = self.padding
        reach = [(o - 1) * s + d * (k - 1) + 1 for o, k, s, d in zip(*self._axes, strict=True)]
        x_padded = np.full((len(x), max(top + x.shape[1], reach[0]), max(left + x.shape[2], reach[1])), around)
        x_padded[:, top : top + x.shape[1], left : left + x.shape[2]] = x
        return x_padded

    def cropped(self, x_padded: np.ndarray, shape: Shape) -> np.ndarray:
        """What lies within the border."""
        (top, _), (left, _) = self.padding
        return x_padded[:, top : top + shape[1], left : left + shape[2]]

    def cells(self) -> Iterator[tuple[int, int, slice, slice]]:
        """Each cell of the window, row by row, and where it stands in all windows."""
        (OH, OW), (KH, KW), (SH, SW), (DH, DW) = self._axes
        for u, v in np.ndindex(KH, KW):
            rows = slice(u * DH, u * DH + (OH - 1) * SH + 1, SH)
            yield u, v, rows, slice(v * DW, v * DW + (OW - 1) * SW + 1, SW)

    def best(self, x_padded: np.ndarray) -> np.ndarray:
        """The largest of every window."""
        best = np.full((len(x_padded), *self.out), -np.inf)
        for _, _, rows, columns in self.cells():
            np.maximum(best, x_padded[:, rows, columns], out=best)
        return best

    def places(self, x_padded: np.ndarray, ties: str) -> tuple[np.ndarray, np.ndarray]:
        """Row and column of the cell that wins every window, by one of the rules that have a single winner."""
        best, i, j = self.best(x_padded), *np.indices(self.out)
        row, column = np.zeros(best.shape, int), np.zeros(best.shape, int)
        order = sorted(self.cells(), key=lambda cell: cell[1::-1] if ties.endswith("in_columns") else cell[:2])
        # Written over and over, so that the one that wins comes last.
        for u, v, rows, columns in order if ties.startswith("last") else order[::-1]:
            wins = x_padded[:, rows, columns] == best
            np.copyto(row, i * self.stride[0] + u * self.dilation[0], where=wins)
            np.copyto(column, j * self.stride[1] + v * self.dilation[1], where=wins)
        return row, column

    @property
    def _axes(self) -> tuple[Pair, Pair, Pair, Pair]:
        return self.out, self.kernel, self.stride, self.dilation


def pooled(
    x: np.ndarray,
    *, shape: Shape, kernel_size: Pair, stride: Pair, padding: Sides = NONE, dilation: Pair = ONE,
    around: float = -np.inf,
) -> np.ndarray:  # fmt: skip
    """The largest cell of every window."""
    windows = Windows((shape[1], shape[2]), kernel_size, stride, padding, dilation)
    return windows.best(windows.padded(x, around))


def to_winners(
    x: np.ndarray, dy: np.ndarray,
    *, shape: Shape, kernel_size: Pair, stride: Pair, padding: Sides = NONE, dilation: Pair = ONE, ties: str = "first",
    adds: bool = True, around: float = -np.inf,
) -> np.ndarray:  # fmt: skip
    """Each dy to the cell that won its window, adding up, or with the last written over what came before."""
    windows = Windows((dy.shape[1], dy.shape[2]), kernel_size, stride, padding, dilation)
    x_padded = windows.padded(x, around)
    dx_padded = np.zeros(x_padded.shape)
    if ties in ("split", "all"):
        best = windows.best(x_padded)
        count = sum(x_padded[:, rows, columns] == best for *_, rows, columns in windows.cells())
        for *_, rows, columns in windows.cells():
            dx_padded[:, rows, columns] += (x_padded[:, rows, columns] == best) * (
                dy / count if ties == "split" else dy
            )
    else:
        row, column = windows.places(x_padded, ties)
        for plane, rows, columns, gradients in zip(dx_padded, row, column, dy, strict=True):
            if adds:
                np.add.at(plane, (rows, columns), gradients)
            else:
                plane[rows, columns] = gradients  # of several for one cell the last stays
    return windows.cropped(dx_padded, shape)


def to_all(
    x: np.ndarray, dy: np.ndarray,
    *, shape: Shape, kernel_size: Pair, stride: Pair, padding: Sides = NONE, dilation: Pair = ONE, ties: str = "first",
) -> np.ndarray:  # fmt: skip
    """The most that a cell can get: of every window that it lies under."""
    same = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
    return to_winners(np.zeros(x.shape), dy, shape=shape, ties="all", **same)  # type: ignore[arg-type]


def averaged(
    x: np.ndarray,
    *, kernel_size: Pair, stride: Pair, padding: Sides = NONE, ceil_mode: bool = False, count_include_pad: bool = True,
) -> np.ndarray:  # fmt: skip
    """The mean of every window."""
    return fast.avg_pool2d(
        x, kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode, count_include_pad=count_include_pad
    )


def shared_out(
    dy: np.ndarray,
    *, shape: Shape, kernel_size: Pair, stride: Pair, padding: Sides = NONE, ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> np.ndarray:  # fmt: skip
    """Each dy in equal shares to the cells of its window, adding up."""
    return fast.avg_pool2d_backward(
        dy, np.zeros(shape), kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )  # fmt: skip


def largest(x: np.ndarray) -> np.ndarray:
    """The largest of each channel."""
    most: np.ndarray = x.max((1, 2))
    return most


def to_largest(x: np.ndarray, dy: np.ndarray, *, ties: str = "first") -> np.ndarray:
    """Each dy to the largest of its channel."""
    height, width = x.shape[1:]
    return to_winners(x, dy[:, None, None], shape=x.shape, kernel_size=(height, width), stride=ONE, ties=ties)


def mean(x: np.ndarray) -> np.ndarray:
    """The mean of each channel."""
    mean: np.ndarray = x.mean((1, 2))
    return mean


def spread_out(dy: np.ndarray, *, shape: Shape) -> np.ndarray:
    """Each dy in equal shares to its channel."""
    return np.broadcast_to((dy / (shape[1] * shape[2]))[:, None, None], shape).copy()


MAX_POOL = {"y": Part(pooled, "x"), "dx": Part(to_winners, "x", "dy", size=to_all)}
AVG_POOL = {"y": Part(averaged, "x"), "dx": Part(shared_out, "dy")}
GLOBAL_MAX_POOL = {"y": Part(largest, "x"), "dx": Part(to_largest, "x", "dy")}
GLOBAL_AVG_POOL = {"y": Part(mean, "x"), "dx": Part(spread_out, "dy")}
