"""Activation functions: questions to PyTorch's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tests.oracle.dice import Dice
from tests.oracle.question import Arrays, Question, as_arrays, leaves

if TYPE_CHECKING:
    from collections.abc import Callable


def _functional(name: str) -> Callable[[Any], Any]:
    def call(z: Any) -> Any:
        import torch

        return getattr(torch.nn.functional, name)(z)

    return call


def _of_torch(name: str) -> Callable[[Any], Any]:
    def call(z: Any) -> Any:
        import torch

        return getattr(torch, name)(z)

    return call


# By the names of core; PyTorch's leaky ReLU has a slope of 0.01 and its GELU is the exact one, unless told otherwise.
ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z.clone(),
    "relu": _of_torch("relu"),
    "leaky_relu": _functional("leaky_relu"),
    "sigmoid": _of_torch("sigmoid"),
    "tanh": _of_torch("tanh"),
    "gelu": _functional("gelu"),
}

# What went into an activation, from what came out of it.
FROM_OUTPUT: dict[str, Callable[[Any], Any]] = {
    "identity": lambda x: x.clone(),
    "relu": lambda x: x.clone(),
    "leaky_relu": lambda x: x.where(x > 0, x * 100),
    "sigmoid": _of_torch("logit"),
    "tanh": _of_torch("atanh"),
}


@dataclass(frozen=True)
class Activation(Question):
    """One activation function on its own, forward and backward."""

    z: tuple[int, int, int]
    activation: str
    scale: int = 1  # far from zero sigmoids are flat, and exp leaves the range of floats

    layer: ClassVar[str] = "activation"
    SETTINGS: ClassVar[tuple[str, ...]] = ("activation",)
    STRATA: ClassVar[dict[str, dict[str, Any]]] = {
        "anything": {},
        "large": {"scale": 10},
        "far from zero": {"scale": 400, "least": 3},
        "one cell": {"largest": 1},
    }

    @classmethod
    def drawn(cls, name: str, seed: int, turn: int, least: int = 1, largest: int = 4, scale: int = 1) -> Activation:
        dice = Dice(seed)
        shape = (dice.between(1, min(largest, 3)), dice.between(least, largest), dice.between(least, largest))
        numbers = ("whole", "normal")[turn // len(ACTIVATIONS) % 2]
        return cls(name, seed, numbers, shape, tuple(ACTIVATIONS)[turn % len(ACTIVATIONS)], scale)

    def arrays(self) -> Arrays:
        dice = self.dice
        z = self.scale * dice.numbers(self.numbers, self.z, largest=3)
        return {"z": z, "dy": dice.numbers(self.numbers, self.z)}

    def answers(self) -> Arrays:
        z, dy = leaves(*self.arrays().values())
        y = ACTIVATIONS[self.activation](z)
        y.backward(dy)
        return as_arrays(y=y, dz=z.grad)
