"""The transposed convolution: questions to torch.nn.functional.conv_transpose2d."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from tests.oracle.axis import Pair, as_pair
from tests.oracle.dice import Dice
from tests.oracle.question import Arrays, WithWeights, as_arrays, leaves

if TYPE_CHECKING:
    from collections.abc import Callable


class Spread(NamedTuple):
    """How the stamps spread along the height, or along the width."""

    size: int
    kernel: int
    stride: int
    padding: int
    extra: int  # output padding
    dilation: int

    @property
    def reach(self) -> int:
        """From the first to the last cell of a stamp."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def outputs(self) -> int:
        return (self.size - 1) * self.stride + self.reach + self.extra - 2 * self.padding


@dataclass(frozen=True)
class TransposedConvolution(WithWeights):
    """One transposed convolution."""

    x: tuple[int, int, int]
    w: tuple[int, int, int, int]  # (C, F/groups, KH, KW)
    stride: int | Pair = 1
    padding: int | Pair = 0
    output_padding: int | Pair = 0
    dilation: int | Pair = 1
    groups: int = 1
    bias: bool = True

    layer: ClassVar[str] = "conv_transpose2d"
    SETTINGS: ClassVar[tuple[str, ...]] = ("stride", "padding", "output_padding", "dilation", "groups")
    STRATA: ClassVar[dict[str, dict[str, Any]]] = {
        "anything": {"groups": (1, 2)},
        "output padding": {"each": lambda a: a.extra > 0},
        "output padding of the stride or more": {"each": lambda a: a.extra >= a.stride},
        "dilation": {"each": lambda a: a.dilation > 1 and a.kernel > 1},
        "groups": {"groups": (2, 3), "channels": (1, 2), "filters": (1, 2)},
        "depthwise": {"groups": (2, 4), "channels": (1, 1), "filters": (1, 1)},
        "stride above the kernel": {"each": lambda a: a.stride > a.reach and a.size > 1},
        "stamps side by side": {"each": lambda a: a.stride == a.reach > 1 and a.size > 1},
        "stamps that overlap": {"each": lambda a: a.stride < a.reach and a.size > 1 and a.dilation == 1},
        "1x1 kernel": {"each": lambda a: a.kernel == 1},
        "1x1 input": {"each": lambda a: a.size == 1},
        "padding above kernel - 1": {"each": lambda a: a.padding >= a.reach},
        "neither input nor kernel square": {"pair": lambda h, w: h.size != w.size and h.kernel != w.kernel},
        "settings differ by axis": {
            "pair": lambda h, w: all(one != other for one, other in zip(h[2:], w[2:], strict=True))
        },
        "many channels and filters": {"channels": (3, 4), "filters": (3, 4)},
        "no bias": {"bias": False, "groups": (1, 2)},
    }

    @classmethod
    def drawn(
        cls,
        name: str,
        seed: int,
        turn: int,
        each: Callable[[Spread], bool] = lambda axis: True,
        pair: Callable[[Spread, Spread], bool] = lambda height, width: True,
        channels: Pair = (1, 3),
        filters: Pair = (1, 3),
        groups: Pair = (1, 1),
        bias: bool = True,
    ) -> TransposedConvolution:
        dice = Dice(seed)
        while True:
            height, width = _spread(dice, each), _spread(dice, each)
            shares, maps = dice.between(*groups), dice.between(*filters)
            x = (shares * dice.between(*channels), height.size, width.size)
            w = (x[0], maps, height.kernel, width.kernel)
            small = prod(x) <= 64 and prod(w) <= 108 and shares * maps * height.outputs * width.outputs <= 144
            if small and pair(height, width):
                break
        settings = [dice.setting(*both) for both in list(zip(height, width, strict=True))[2:]]
        return cls(name, seed, ("whole", "normal")[turn % 2], x, w, *settings, groups=shares, bias=bias)

    @property
    def axes(self) -> tuple[Spread, Spread]:
        """The vertical and the horizontal direction."""
        settings = (self.stride, self.padding, self.output_padding, self.dilation)
        height, width = zip(self.x[1:], self.w[2:], *map(as_pair, settings), strict=True)
        return Spread(*height), Spread(*width)

    def arrays(self) -> Arrays:
        dice, filters, (height, width) = self.dice, self.w[1] * self.groups, self.axes
        given = {"x": dice.numbers(self.numbers, self.x, largest=3)}
        given |= self.parameters(self.w, filters, dice, self.bias)
        return given | {"dy": dice.numbers(self.numbers, (filters, height.outputs, width.outputs))}

    def answers(self) -> Arrays:
        import torch

        x, w, b, dy = leaves(*self.arrays().values())
        settings = self.stride, self.padding, self.output_padding, self.groups, self.dilation
        y = torch.nn.functional.conv_transpose2d(x[None], w, b if self.bias else None, *settings)[0]
        y.backward(dy)
        return as_arrays(y=y, dx=x.grad, dw=w.grad, db=b.grad)


def _spread(dice: Dice, test: Callable[[Spread], bool]) -> Spread:
    while True:
        axis = Spread(
            size=dice.between(1, 5),
            kernel=dice.between(1, 4),
            stride=dice.one_of((1, 1, 2, 2, 3, 4)),
            padding=dice.between(0, 3),
            extra=dice.between(0, 2),
            dilation=dice.one_of((1, 1, 1, 2, 3)),
        )
        if axis.outputs >= 1 and axis.extra < max(axis.stride, axis.dilation) and test(axis):
            return axis
