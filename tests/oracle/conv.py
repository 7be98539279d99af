"""The convolution layer: questions to torch.nn.Conv2d."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tests.oracle.activation import ACTIVATIONS, FROM_OUTPUT
from tests.oracle.axis import Axis, Pair, Sides, axes_of, conv_axis
from tests.oracle.dice import Dice
from tests.oracle.question import Arrays, WithWeights, as_arrays, leaves

if TYPE_CHECKING:
    from collections.abc import Callable

MODES = ("zeros", "reflect", "replicate", "circular")
FORMS = ("numbers", "sides", "same", "valid")


@dataclass(frozen=True)
class Convolution(WithWeights):
    """One convolution layer, with the activation of it and of the layer before.

    >>> toy = Convolution("toy", seed=1, numbers="whole", x=(2, 5, 5), w=(3, 2, 3, 3), stride=2, padding=(1, 0))
    >>> toy.arrays()["dy"].shape
    (3, 3, 2)
    """

    x: tuple[int, int, int]
    w: tuple[int, int, int, int]
    stride: int | Pair = 1
    padding: int | Pair | Sides | str = 0
    padding_mode: str = "zeros"
    dilation: int | Pair = 1
    groups: int = 1
    bias: bool = True
    activation: str = "identity"
    activation_before: str = "identity"
    learning_rate: float = 0.001
    touches_zero: bool = False  # the bias is chosen so that z[0, 0, 0] is exactly 0: the corner of ReLU

    layer: ClassVar[str] = "conv2d"
    SETTINGS: ClassVar[tuple[str, ...]] = (
        "stride", "padding", "padding_mode", "dilation", "groups", "activation", "activation_before", "learning_rate",
    )  # fmt: skip
    # `each` is a test that the height and the width must pass, `pair` one for both together. With groups, channels and
    # filters are those of one group.
    STRATA: ClassVar[dict[str, dict[str, Any]]] = {
        "anything": {"groups": (1, 2), "forms": FORMS, "modes": MODES},
        "square, the size is kept": {
            "each": lambda a: a.stride == 1 and a.outputs == a.size and a.before > 0,
            "pair": lambda h, w: h == w,
        },
        "ReLU at 0": {"activation": "relu", "numbers": "whole", "touches_zero": True},
        "stride above the kernel": {"each": lambda a: a.stride > a.kernel},
        "kernel = padded input": {"each": lambda a: a.kernel == a.padded and a.before > 0},
        "kernel = input": {"each": lambda a: a.kernel == a.size > 1 and a.dilation == 1},
        "1x1 kernel": {"each": lambda a: a.kernel == 1},
        "1x1 input": {"each": lambda a: a.size == 1},
        "a leftover row or column": {"pair": lambda h, w: h.leftover > 0 or w.leftover > 0},
        "leftover rows and columns": {"each": lambda a: a.leftover > 0},
        "padding above kernel - 1": {"pair": lambda h, w: h.before >= h.reach or w.before >= w.reach},
        "padding above kernel - 1, stride above 1": {"each": lambda a: a.before >= a.reach and a.stride > 1},
        "neither input nor kernel square": {"pair": lambda h, w: h.size != w.size and h.kernel != w.kernel},
        "stride, padding, dilation differ by axis": {
            "pair": lambda h, w: h.stride != w.stride and h.before != w.before and h.dilation != w.dilation
        },
        "one channel": {"channels": (1, 1), "filters": (2, 4)},
        "one filter": {"channels": (2, 4), "filters": (1, 1)},
        "many channels and filters": {"channels": (3, 4), "filters": (3, 4)},
        "dilation 2": {"each": lambda a: a.dilation == 2 and a.kernel > 1},
        "dilation 3": {"each": lambda a: a.dilation == 3 and a.kernel > 1},
        "a layer before": {"befores": tuple(FROM_OUTPUT)[1:]},
        "groups": {"groups": (2, 3), "channels": (1, 2), "filters": (1, 2)},
        "depthwise": {"groups": (2, 4), "channels": (1, 1), "filters": (1, 2), "each": lambda a: a.kernel > 1},
        "four-sided padding": {
            "forms": ("sides",),
            "pair": lambda h, w: len({h.before, h.after, w.before, w.after}) > 2,
        },
        "same": {"forms": ("same",), "pair": lambda h, w: h.kernel > 1},
        "same, the odd one comes last": {"forms": ("same",), "each": lambda a: a.after > a.before},
        "valid": {"forms": ("valid",), "each": lambda a: a.kernel > 1},
        "reflect": {"modes": ("reflect",), "forms": ("numbers", "sides"), "each": lambda a: a.before > 0},
        "replicate": {"modes": ("replicate",), "forms": ("numbers", "sides"), "each": lambda a: a.before > 0},
        "circular": {"modes": ("circular",), "forms": ("numbers", "sides"), "each": lambda a: a.before > 0},
        "copies, groups and a stride": {
            "modes": MODES[1:],
            "groups": (2, 2),
            "channels": (1, 2),
            "filters": (1, 2),
            "each": lambda a: a.before > 0 and a.stride > 1 and a.outputs > 1,
        },
        "even kernels": {"each": lambda a: a.kernel % 2 == 0},
        "no bias": {"bias": False, "groups": (1, 2)},
    }

    @classmethod
    def drawn(
        cls,
        name: str,
        seed: int,
        turn: int,
        each: Callable[[Axis], bool] = lambda axis: True,
        pair: Callable[[Axis, Axis], bool] = lambda height, width: True,
        channels: Pair = (1, 3),
        filters: Pair = (1, 3),
        groups: Pair = (1, 1),
        forms: tuple[str, ...] = ("numbers",),
        modes: tuple[str, ...] = ("zeros",),
        befores: tuple[str, ...] = ("identity",),
        activation: str | None = None,
        numbers: str | None = None,
        bias: bool = True,
        touches_zero: bool = False,
    ) -> Convolution:
        """The strata meet every activation in turn, and each of those whole numbers and normal ones in turn."""
        dice = Dice(seed)
        while True:
            form, mode, shares = dice.one_of(forms), dice.one_of(modes), dice.between(*groups)
            height, width = conv_axis(dice, form, each), conv_axis(dice, form, each)
            depth = dice.between(*channels)
            x = (shares * depth, height.size, width.size)
            w = (shares * dice.between(*filters), depth, height.kernel, width.kernel)
            small = prod(x) <= 144 and prod(w) <= 108 and w[0] * height.outputs * width.outputs <= 64
            if small and pair(height, width) and _can_pad(mode, height) and _can_pad(mode, width):
                break
        return cls(
            name,
            seed,
            numbers or ("whole", "normal")[turn // len(ACTIVATIONS) % 2],
            x,
            w,
            dice.setting(height.stride, width.stride),
            padding_setting(dice, form, height, width),
            mode,
            dice.setting(height.dilation, width.dilation),
            shares,
            bias,
            activation or tuple(ACTIVATIONS)[turn % len(ACTIVATIONS)],
            befores[turn % len(befores)],
            dice.one_of((0.001, 0.01, 0.125)),
            touches_zero,
        )

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """The vertical and the horizontal direction."""
        return axes_of(self.x[1:], self.w[2:], self.stride, self.padding, self.dilation, ceil=False)

    def arrays(self) -> Arrays:
        dice, (height, width) = self.dice, self.axes
        given = {"x": dice.outputs_of(self.activation_before, self.numbers, self.x)}
        given |= self.parameters(self.w, self.w[0], dice, self.bias)
        given["dy"] = dice.numbers(self.numbers, (self.w[0], height.outputs, width.outputs))
        if self.touches_zero:
            put_z_on_zero(given, self.axes)
        return given

    def answers(self) -> Arrays:
        import torch

        x, w, b, dy = leaves(*self.arrays().values())
        z = convolved(x, w, b if self.bias else None, self)
        z.retain_grad()
        y = ACTIVATIONS[self.activation](z)
        y.backward(dy)
        answers = {"z": z, "y": y, "dz": z.grad, "dx": x.grad, "dw": w.grad, "db": b.grad}
        if self.activation_before != "identity":
            # x came out of an activation; u is what went into it
            before = ACTIVATIONS[self.activation_before]
            u = FROM_OUTPUT[self.activation_before](x.detach()).requires_grad_()
            (answers["dx_before"],) = torch.autograd.grad(before(u), u, x.grad)
        return as_arrays(**answers)

    def expected(self, answers: Arrays) -> Arrays:
        return self.stepped(answers, self.learning_rate)


def convolved(x: Any, w: Any, b: Any, question: Any) -> Any:
    """PyTorch's own layer, with these parameters in it. It has no four-sided padding, so there x is padded before."""
    import torch

    padding, mode = question.padding, question.padding_mode
    if isinstance(padding, tuple) and isinstance(padding[0], tuple):
        (top, bottom), (left, right) = padding
        named = "constant" if mode == "zeros" else mode
        x, padding, mode = torch.nn.functional.pad(x[None], (left, right, top, bottom), named)[0], 0, "zeros"
    layer = torch.nn.Conv2d(
        len(x), len(w), tuple(w.shape[2:]), question.stride, padding, question.dilation, question.groups,
        bias=b is not None, padding_mode=mode, dtype=torch.float64,
    )  # fmt: skip
    parameters = {"weight": w} if b is None else {"weight": w, "bias": b}
    return torch.func.functional_call(layer, parameters, (x[None],))[0]


def padding_setting(dice: Dice, form: str, height: Axis, width: Axis) -> int | Pair | Sides | str:
    """The padding as a reader gives it."""
    if form == "sides":
        return (height.before, height.after), (width.before, width.after)
    return dice.setting(height.before, width.before) if form == "numbers" else form


def put_z_on_zero(given: Arrays, axes: tuple[Axis, Axis]) -> None:
    """Choose the first bias so that z[0, 0, 0] is exactly 0."""
    height, width = axes
    sides = (height.before, height.after), (width.before, width.after)
    patch = np.pad(given["x"], ((0, 0), *sides))[:, : height.reach : height.dilation, : width.reach : width.dilation]
    given["b"][0] = -(given["w"][0] * patch).sum()


def _can_pad(mode: str, axis: Axis) -> bool:
    """A mirror needs another cell behind the edge for each that it shows; a circle goes round once at most."""
    return max(axis.before, axis.after) <= {"reflect": axis.size - 1, "circular": axis.size}.get(mode, 3)
