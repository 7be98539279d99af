"""Convolution, ReLU and max pooling in a row: questions to the three of PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar

from tests.oracle.axis import Axis, Pair, Sides, as_pair, axes_of, conv_axis
from tests.oracle.conv import FORMS, convolved, padding_setting, put_z_on_zero
from tests.oracle.dice import Dice
from tests.oracle.question import Arrays, WithWeights, as_arrays, leaves

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Chain(WithWeights):
    """One training step of a small network: forward, back, the update, and forward again."""

    x: tuple[int, int, int]
    w: tuple[int, int, int, int]
    stride: int | Pair = 1
    padding: int | Pair | Sides | str = 0
    pool_size: int | Pair = 2
    pool_stride: int | Pair = 2
    learning_rate: float = 0.1
    touches_zero: bool = False

    padding_mode: ClassVar[str] = "zeros"
    dilation: ClassVar[int] = 1
    groups: ClassVar[int] = 1

    layer: ClassVar[str] = "chain"
    SETTINGS: ClassVar[tuple[str, ...]] = ("stride", "padding", "pool_size", "pool_stride", "learning_rate")
    # `pool` is a test that both axes of the pool must pass.
    STRATA: ClassVar[dict[str, dict[str, Any]]] = {
        "anything": {"forms": FORMS},
        "ReLU at 0": {"touches_zero": True, "numbers": "whole"},
        "pools that overlap": {"pool": lambda a: a.stride < a.kernel and a.outputs > 1},
        "gaps between the pools": {"pool": lambda a: a.stride > a.kernel and a.outputs > 1},
        "ties": {"numbers": "whole", "pool": lambda a: a.kernel > 1},
        "pool = map": {"pool": lambda a: a.kernel == a.size > 1},
        "1x1 pool": {"pool": lambda a: a.kernel == 1},
        "maps left over": {"pool": lambda a: a.leftover > 0},
        "a convolution with a stride": {"each": lambda a: a.stride > 1 and a.outputs > 1},
        "same": {"forms": ("same",), "each": lambda a: a.kernel > 1},
        "four-sided padding": {"forms": ("sides",), "each": lambda a: a.before != a.after},
        "many channels and filters": {"channels": (2, 3), "filters": (2, 3)},
    }

    @classmethod
    def drawn(
        cls,
        name: str,
        seed: int,
        turn: int,
        each: Callable[[Axis], bool] = lambda axis: True,
        pool: Callable[[Axis], bool] = lambda axis: True,
        channels: Pair = (1, 2),
        filters: Pair = (1, 2),
        forms: tuple[str, ...] = ("numbers",),
        numbers: str | None = None,
        touches_zero: bool = False,
    ) -> Chain:
        dice, numbers = Dice(seed), numbers or ("whole", "normal")[turn % 2]
        while True:
            form = dice.one_of(forms)
            height, width = (
                conv_axis(dice, form, lambda axis: axis.dilation == 1 and each(axis), largest=8) for _ in range(2)
            )
            down, across = (Axis(axis.outputs, dice.between(1, 4), dice.between(1, 4)) for axis in (height, width))
            x = (dice.between(*channels), height.size, width.size)
            w = (dice.between(*filters), x[0], height.kernel, width.kernel)
            small = prod(x) <= 128 and prod(w) <= 80 and w[0] * height.outputs * width.outputs <= 72
            if small and all(axis.room >= 0 and pool(axis) for axis in (down, across)):
                break
        return cls(
            name,
            seed,
            numbers,
            x,
            w,
            dice.setting(height.stride, width.stride),
            padding_setting(dice, form, height, width),
            dice.setting(down.kernel, across.kernel),
            dice.setting(down.stride, across.stride),
            # whole numbers stay exact, so that no rounding decides a tie after the update
            dice.one_of((0.125, 0.25) if numbers == "whole" else (0.001, 0.1, 0.125)),
            touches_zero,
        )

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """The vertical and the horizontal direction of the convolution."""
        return axes_of(self.x[1:], self.w[2:], self.stride, self.padding, 1, ceil=False)

    @property
    def pool_axes(self) -> tuple[Axis, Axis]:
        height, width = (axis.outputs for axis in self.axes)
        return axes_of((height, width), as_pair(self.pool_size), self.pool_stride, 0, 1, ceil=False)

    def arrays(self) -> Arrays:
        dice, (down, across) = self.dice, self.pool_axes
        given = {"x": dice.numbers(self.numbers, self.x, largest=3)}
        given |= self.parameters(self.w, self.w[0], dice, bias=True)
        given["dy"] = dice.numbers(self.numbers, (self.w[0], down.outputs, across.outputs))
        if self.touches_zero:
            put_z_on_zero(given, self.axes)
        return given

    def answers(self) -> Arrays:
        import torch

        x, w, b, dy = leaves(*self.arrays().values())
        first = _forward(x, w, b, self)
        first["z"].retain_grad()
        first["a"].retain_grad()
        first["y"].backward(dy)
        gradients = {"da": first["a"].grad, "dz": first["z"].grad, "dx": x.grad, "dw": w.grad, "db": b.grad}
        torch.optim.SGD([w, b], self.learning_rate).step()
        again = _forward(x, w, b, self)
        losses = {name: (dy * way["y"]).sum()[None] for name, way in (("loss_start", first), ("loss_end", again))}
        return as_arrays(**first, **gradients, **{f"{name}_new": tensor for name, tensor in again.items()}, **losses)

    def expected(self, answers: Arrays) -> Arrays:
        return self.stepped(answers, self.learning_rate)


def _forward(x: Any, w: Any, b: Any, question: Chain) -> dict[str, Any]:
    import torch

    z = convolved(x, w, b, question)
    a = torch.relu(z)
    y, where = torch.nn.functional.max_pool2d(a, question.pool_size, question.pool_stride, return_indices=True)
    return {"z": z, "a": a, "y": y, "where": where}
