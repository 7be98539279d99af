"""What the questions about max pooling and average pooling have in common."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar

from tests.oracle.axis import Axis, Pair, axes_of, pool_axis
from tests.oracle.dice import Dice
from tests.oracle.question import Arrays, Question

if TYPE_CHECKING:
    from collections.abc import Callable

STRATA: dict[str, dict[str, Any]] = {
    "anything": {},
    "windows that overlap": {"each": lambda a: a.stride < a.kernel and a.outputs > 1 and a.dilation == 1},
    "gaps between the windows": {"each": lambda a: a.stride > a.reach and a.outputs > 1},
    "padding": {"each": lambda a: a.before > 0},
    "the last window hangs over": {"each": lambda a: a.hangs_over, "ceil": True},
    "padding, and the last window hangs over it": {"each": lambda a: a.hangs_over and a.before > 0, "ceil": True},
    "a last window is left out": {"pair": lambda h, w: h.left_out or w.left_out, "ceil": True},
    "window = input": {"each": lambda a: a.kernel == a.size and a.before == 0 and a.dilation == 1},
    "1x1 window": {"each": lambda a: a.kernel == 1},
    "rows and columns left over": {"each": lambda a: a.leftover > 0, "ceil": False},
    "nothing square": {"pair": lambda h, w: h.size != w.size and h.kernel != w.kernel and h.outputs != w.outputs},
    "settings differ by axis": {"pair": lambda h, w: h.stride != w.stride and h.before != w.before},
}


@dataclass(frozen=True)
class Pool(Question):
    """One pooling layer."""

    x: tuple[int, int, int]
    kernel_size: int | Pair
    stride: int | Pair = 1
    padding: int | Pair = 0
    ceil_mode: bool = False
    dilation: int | Pair = 1

    DILATIONS: ClassVar[tuple[int, ...]] = (1,)

    @classmethod
    def drawn(
        cls,
        name: str,
        seed: int,
        turn: int,
        each: Callable[[Axis], bool] = lambda axis: True,
        pair: Callable[[Axis, Axis], bool] = lambda height, width: True,
        numbers: str | None = None,
        ceil: bool | None = None,
        **own: Any,
    ) -> Any:
        """The strata meet whole numbers and normal ones in turn, and each of those both kinds of rounding."""
        dice = Dice(seed)
        if ceil is None:
            ceil = turn // 2 % 2 == 1
        while True:
            height, width = (pool_axis(dice, ceil, cls.DILATIONS, each) for _ in range(2))
            x = (dice.between(1, 3), height.size, width.size)
            if prod(x) <= 100 and x[0] * height.outputs * width.outputs <= 72 and pair(height, width):
                break
        return cls(
            name,
            seed,
            numbers or ("whole", "normal")[turn % 2],
            x,
            dice.setting(height.kernel, width.kernel),
            dice.setting(height.stride, width.stride),
            dice.setting(height.before, width.before),
            ceil,
            dice.setting(height.dilation, width.dilation),
            **own,
        )

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """The vertical and the horizontal direction."""
        kernel = self.kernel_size if isinstance(self.kernel_size, tuple) else (self.kernel_size, self.kernel_size)
        return axes_of(self.x[1:], kernel, self.stride, self.padding, self.dilation, self.ceil_mode)

    def arrays(self) -> Arrays:
        dice, (height, width) = self.dice, self.axes
        x = dice.numbers(self.numbers, self.x, largest=3)
        return {"x": x, "dy": dice.numbers(self.numbers, (self.x[0], height.outputs, width.outputs))}
