"""Fully connected layers: questions to torch.nn.functional.linear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tests.oracle.activation import ACTIVATIONS
from tests.oracle.dice import Dice
from tests.oracle.question import Arrays, WithWeights, as_arrays, leaves

if TYPE_CHECKING:
    from tests.oracle.axis import Pair


@dataclass(frozen=True)
class Linear(WithWeights):
    """A matrix of weights, a bias and an activation, forward and backward, and one update."""

    w: tuple[int, int]
    activation: str
    bias: bool = True
    learning_rate: float = 0.125
    touches_zero: bool = False

    layer: ClassVar[str] = "linear"
    SETTINGS: ClassVar[tuple[str, ...]] = ("activation", "learning_rate")
    STRATA: ClassVar[dict[str, dict[str, Any]]] = {
        "anything": {},
        "z at 0": {"touches_zero": True, "numbers": "whole"},
        "one input": {"inputs": (1, 1)},
        "one output": {"outputs": (1, 1)},
        "more outputs than inputs": {"inputs": (1, 4), "outputs": (5, 8)},
        "no bias": {"bias": False},
    }

    @classmethod
    def drawn(
        cls,
        name: str,
        seed: int,
        turn: int,
        inputs: Pair = (2, 12),
        outputs: Pair = (1, 6),
        numbers: str | None = None,
        bias: bool = True,
        touches_zero: bool = False,
    ) -> Linear:
        """The strata meet every activation in turn, and each of those whole numbers and normal ones in turn."""
        dice, count = Dice(seed), len(ACTIVATIONS)
        return cls(
            name,
            seed,
            numbers or ("whole", "normal")[turn // count % 2],
            (dice.between(*outputs), dice.between(*inputs)),
            tuple(ACTIVATIONS)[turn % count],
            bias,
            dice.one_of((0.001, 0.01, 0.125)),
            touches_zero,
        )

    def arrays(self) -> Arrays:
        dice, (outputs, inputs) = self.dice, self.w
        given = {"x": dice.numbers(self.numbers, (inputs,), largest=3)}
        given |= self.parameters(self.w, outputs, dice, self.bias)
        given["dy"] = dice.numbers(self.numbers, (outputs,))
        if self.touches_zero:
            given["b"][0] = -(given["w"][0] * given["x"]).sum()
        return given

    def answers(self) -> Arrays:
        import torch

        x, w, b, dy = leaves(*self.arrays().values())
        z = torch.nn.functional.linear(x, w, b if self.bias else None)
        z.retain_grad()
        y = ACTIVATIONS[self.activation](z)
        y.backward(dy)
        return as_arrays(z=z, y=y, dz=z.grad, dx=x.grad, dw=w.grad, db=b.grad)

    def expected(self, answers: Arrays) -> Arrays:
        return self.stepped(answers, self.learning_rate)
