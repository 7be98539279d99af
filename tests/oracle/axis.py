"""What happens along the height, or along the width: sizes worked out here once more, apart from core."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.dice import Dice

Pair = tuple[int, int]
Sides = tuple[Pair, Pair]


class Axis(NamedTuple):
    """A window that slides along one direction.

    >>> Axis(size=5, kernel=2, stride=2, ceil=True).outputs
    3
    """

    size: int
    kernel: int
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1
    ceil: bool = False

    @property
    def reach(self) -> int:
        """The cells from the first to the last one under the window, the gaps of dilation included."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def padded(self) -> int:
        return self.before + self.size + self.after

    @property
    def room(self) -> int:
        """How far the window can move over the padded input."""
        return self.padded - self.reach

    @property
    def leftover(self) -> int:
        """Rows or columns at the end that no window reaches, unless one may hang over."""
        return self.room % self.stride

    @property
    def left_out(self) -> bool:
        """Whether a last window would hang over, but begins behind the input: such a one does not count."""
        return (
            self.ceil and self.leftover > 0 and (self.room // self.stride + 1) * self.stride >= self.before + self.size
        )

    @property
    def hangs_over(self) -> bool:
        """Whether the last window reaches beyond the padded input."""
        return self.ceil and self.leftover > 0 and not self.left_out

    @property
    def outputs(self) -> int:
        return self.room // self.stride + 1 + self.hangs_over

    @property
    def starts(self) -> list[int]:
        """Where in the input each window begins; below 0 it is in the padding."""
        return [place * self.stride - self.before for place in range(self.outputs)]

    @property
    def holds_input(self) -> bool:
        """Whether every window holds a cell of the input: a dilated one can step over all of them."""
        return all(any(0 <= start + k * self.dilation < self.size for k in range(self.kernel)) for start in self.starts)


def as_pair(setting: int | Pair) -> Pair:
    """A number stands for both axes."""
    return setting if isinstance(setting, tuple) else (setting, setting)


def conv_axis(dice: Dice, form: str, test: Callable[[Axis], bool], largest: int = 9) -> Axis:
    """One whose kernel fits and which passes the test; the form of the padding is "numbers", "sides" or a word."""
    while True:
        size, kernel = dice.between(1, largest), dice.between(1, 5)
        stride, dilation = dice.one_of((1, 1, 1, 2, 2, 3, 4)), dice.one_of((1, 1, 1, 2, 3))
        before, after = dice.between(0, 3), dice.between(0, 3)
        if form == "numbers":
            after = before
        elif form == "valid":
            before = after = 0
        elif form == "same":  # PyTorch has it for a stride of 1
            stride, total = 1, dilation * (kernel - 1)
            before, after = total // 2, total - total // 2
        axis = Axis(size, kernel, stride, before, after, dilation)
        if axis.room >= 0 and test(axis):
            return axis


def pool_axis(dice: Dice, ceil: bool, dilations: tuple[int, ...], test: Callable[[Axis], bool]) -> Axis:
    """One that is legal for a pool, and passes the test."""
    while True:
        size, kernel, stride = dice.between(1, 8), dice.between(1, 4), dice.between(1, 5)
        padding, dilation = dice.between(0, kernel // 2), dice.one_of(dilations)
        axis = Axis(size, kernel, stride, padding, padding, dilation, ceil)
        if axis.room >= 0 and axis.holds_input and test(axis):
            return axis


def axes_of(
    size: Pair, kernel: Pair, stride: int | Pair, padding: int | Pair | Sides | str, dilation: int | Pair, ceil: bool
) -> tuple[Axis, Axis]:
    """The two axes, from settings as a layer takes them."""
    (H, W), (KH, KW), (SH, SW), (DH, DW) = size, kernel, as_pair(stride), as_pair(dilation)
    if padding == "same":
        rows, columns = DH * (KH - 1), DW * (KW - 1)
        padding = (rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2)
    both = (0, 0) if isinstance(padding, str) else as_pair(padding)  # type: ignore[arg-type]
    (top, bottom), (left, right) = as_pair(both[0]), as_pair(both[1])
    return Axis(H, KH, SH, top, bottom, DH, ceil), Axis(W, KW, SW, left, right, DW, ceil)
