"""A whole network on one picture: questions to PyTorch's layers, from the convolution to cross-entropy and back."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar

from tests.oracle.axis import Axis, Pair, Sides, as_pair, axes_of, conv_axis
from tests.oracle.conv import FORMS, convolved, padding_setting
from tests.oracle.dice import Dice
from tests.oracle.question import Arrays, Question, as_arrays, leaves

if TYPE_CHECKING:
    from collections.abc import Callable

LEARNED = ("w", "b", "w_linear", "b_linear")


@dataclass(frozen=True)
class Network(Question):
    """One training step: the answer, the loss, all gradients, the update, and the answer anew."""

    x: tuple[int, int, int]
    w: tuple[int, int, int, int]
    classes: int
    digit: str
    stride: int | Pair = 1
    padding: int | Pair | Sides | str = 0
    pool_size: int | Pair = 2
    pool_stride: int | Pair = 2
    learning_rate: float = 0.125

    padding_mode: ClassVar[str] = "zeros"
    dilation: ClassVar[int] = 1
    groups: ClassVar[int] = 1

    layer: ClassVar[str] = "network"
    SETTINGS: ClassVar[tuple[str, ...]] = ("digit", "stride", "padding", "pool_size", "pool_stride", "learning_rate")
    # `pool` is a test that both axes of the pool must pass.
    STRATA: ClassVar[dict[str, dict[str, Any]]] = {
        "anything": {"forms": FORMS},
        "ties": {"numbers": "whole", "pool": lambda a: a.kernel > 1},
        "pools that overlap": {"pool": lambda a: a.stride < a.kernel and a.outputs > 1},
        "a convolution with a stride": {"each": lambda a: a.stride > 1 and a.outputs > 1},
        "many channels and filters": {"channels": (2, 3), "filters": (2, 3)},
        "ten classes": {"classes": (10, 10)},
        "one class": {"classes": (1, 1)},
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
        classes: Pair = (2, 5),
        forms: tuple[str, ...] = ("numbers",),
        numbers: str | None = None,
    ) -> Network:
        dice, numbers = Dice(seed), numbers or ("whole", "normal")[turn % 2]
        while True:
            form = dice.one_of(forms)
            height, width = (
                conv_axis(dice, form, lambda axis: axis.dilation == 1 and each(axis), largest=8) for _ in range(2)
            )
            down, across = (Axis(axis.outputs, dice.between(1, 3), dice.between(1, 3)) for axis in (height, width))
            x = (dice.between(*channels), height.size, width.size)
            w = (dice.between(*filters), x[0], height.kernel, width.kernel)
            small = prod(x) <= 96 and prod(w) <= 54 and w[0] * height.outputs * width.outputs <= 50
            if small and all(axis.room >= 0 and pool(axis) for axis in (down, across)):
                break
        count = dice.between(*classes)
        return cls(
            name,
            seed,
            numbers,
            x,
            w,
            count,
            str(dice.between(0, count - 1)),
            dice.setting(height.stride, width.stride),
            padding_setting(dice, form, height, width),
            dice.setting(down.kernel, across.kernel),
            dice.setting(down.stride, across.stride),
            dice.one_of((0.001, 0.125, 1.0)),
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
        dice, (down, across), filters = self.dice, self.pool_axes, self.w[0]
        shapes = {
            "x": self.x,
            "w": self.w,
            "b": (filters,),
            "w_linear": (self.classes, filters * down.outputs * across.outputs),
            "b_linear": (self.classes,),
        }
        given = {name: dice.numbers(self.numbers, shape, largest=3) for name, shape in shapes.items()}
        given["w_linear"] = given["w_linear"] / 8  # else softmax is sure of everything
        return given

    def answers(self) -> Arrays:
        import torch

        x, *learned = leaves(*self.arrays().values())
        first = self._forward(x, *learned)
        inner = {name: first[name] for name in ("z", "a", "y", "flat", "scores")}
        for tensor in inner.values():
            tensor.retain_grad()
        first["loss"].backward()
        gradients = {f"d{name}": tensor.grad for name, tensor in (inner | self._by_name(x, *learned)).items()}
        torch.optim.SGD(learned, self.learning_rate).step()
        again = self._forward(x, *learned)
        losses = {"loss_start": first.pop("loss"), "loss_end": again.pop("loss")}
        # After the update rounding may decide a tie, so it is not asked where the winners stand.
        new = {f"{name}_new": tensor for name, tensor in again.items() if name != "where"}
        return as_arrays(**first, **gradients, **new, **losses)

    def expected(self, answers: Arrays) -> Arrays:
        given = self.arrays()
        return answers | {name: given[name] - self.learning_rate * answers[f"d{name}"] for name in LEARNED}

    def _by_name(self, x: Any, *learned: Any) -> dict[str, Any]:
        return {"x": x, **dict(zip(LEARNED, learned, strict=True))}

    def _forward(self, x: Any, w: Any, b: Any, w_linear: Any, b_linear: Any) -> dict[str, Any]:
        import torch

        functional = torch.nn.functional
        z = convolved(x, w, b, self)
        a = torch.relu(z)
        y, where = functional.max_pool2d(a, self.pool_size, self.pool_stride, return_indices=True)
        flat = torch.flatten(y)
        scores = functional.linear(flat, w_linear, b_linear)
        loss = functional.cross_entropy(scores, torch.tensor(int(self.digit))).reshape(1)
        p, log_p = functional.softmax(scores, 0), functional.log_softmax(scores, 0)
        return {"z": z, "a": a, "y": y, "where": where, "flat": flat, "scores": scores, "p": p, "log_p": log_p,
                "loss": loss}  # fmt: skip
