"""The global pools: questions to PyTorch's adaptive ones, with an output of 1×1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from tests.oracle.dice import Dice
from tests.oracle.question import Arrays, Question, as_arrays, leaves

if TYPE_CHECKING:
    from tests.oracle.axis import Pair


@dataclass(frozen=True)
class GlobalAveragePool(Question):
    """The mean of each channel."""

    x: tuple[int, int, int]

    layer: ClassVar[str] = "global_avg_pool2d"
    SETTINGS: ClassVar[tuple[str, ...]] = ()
    STRATA: ClassVar[dict[str, dict[str, Any]]] = {
        "anything": {},
        "a single row": {"height": (1, 1)},
        "a single column": {"width": (1, 1)},
        "one cell": {"height": (1, 1), "width": (1, 1)},
        "one channel": {"channels": (1, 1), "height": (2, 6)},
        "many channels": {"channels": (5, 8), "height": (1, 3), "width": (1, 4)},
    }

    @classmethod
    def drawn(
        cls, name: str, seed: int, turn: int, channels: Pair = (1, 4), height: Pair = (1, 5), width: Pair = (1, 5)
    ) -> Self:
        dice = Dice(seed)
        shape = (dice.between(*channels), dice.between(*height), dice.between(*width))
        return cls(name, seed, ("whole", "normal")[turn % 2], shape)

    def arrays(self) -> Arrays:
        dice = self.dice
        x = dice.numbers(self.numbers, self.x, largest=3)
        return {"x": x, "dy": dice.numbers(self.numbers, self.x[:1])}

    def answers(self) -> Arrays:
        import torch

        x, dy = leaves(*self.arrays().values())
        y = torch.nn.functional.adaptive_avg_pool2d(x, 1)[:, 0, 0]
        y.backward(dy)
        return as_arrays(y=y, dx=x.grad)


@dataclass(frozen=True)
class GlobalMaxPool(GlobalAveragePool):
    """The largest cell of each channel."""

    layer: ClassVar[str] = "global_max_pool2d"

    def answers(self) -> Arrays:
        import torch

        x, dy = leaves(*self.arrays().values())
        y, where = torch.nn.functional.adaptive_max_pool2d(x, 1, return_indices=True)
        y[:, 0, 0].backward(dy)
        return as_arrays(y=y[:, 0, 0], where=where[:, 0, 0], dx=x.grad)
