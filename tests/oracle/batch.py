"""Batches of two: questions to PyTorch, which sends both inputs through a fully connected layer at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tests.oracle.dice import Dice
from tests.oracle.question import Arrays, WithWeights, as_arrays, leaves

if TYPE_CHECKING:
    from tests.oracle.axis import Pair


@dataclass(frozen=True)
class Batch(WithWeights):
    """Two pictures, the class of each, a matrix of weights, and one update by the mean of both."""

    classes: int
    first: int
    second: int
    size: tuple[int, int]
    learning_rate: float = 0.125

    layer: ClassVar[str] = "batch"
    SETTINGS: ClassVar[tuple[str, ...]] = ("first", "second", "learning_rate")
    STRATA: ClassVar[dict[str, dict[str, Any]]] = {
        "anything": {},
        "two of one class": {"alike": True},
        "one class": {"classes": (1, 1)},
        "one row": {"rows": (1, 1)},
    }

    @classmethod
    def drawn(
        cls,
        name: str,
        seed: int,
        turn: int,
        classes: Pair = (2, 6),
        rows: Pair = (1, 5),
        alike: bool = False,
    ) -> Batch:
        dice = Dice(seed)
        count = dice.between(*classes)
        first, other = (dice.between(0, count - 1) for _ in range(2))
        size = (dice.between(*rows), dice.between(1, 5))
        return cls(name, seed, ("whole", "normal")[turn % 2], count, first, first if alike else other, size)

    def arrays(self) -> Arrays:
        dice, (rows, columns) = self.dice, self.size
        pictures = {name: dice.numbers(self.numbers, (rows, columns), largest=3) for name in ("x_first", "x_second")}
        learned = self.parameters((self.classes, rows * columns), self.classes, dice, bias=True)
        return pictures | {"w": learned["w"] / 8, "b": learned["b"]}  # else softmax is sure of everything

    def answers(self) -> Arrays:
        import torch

        x_first, x_second, w, b = leaves(*self.arrays().values())
        functional = torch.nn.functional
        scores = functional.linear(torch.stack([x_first, x_second]).flatten(1), w, b)
        loss = functional.cross_entropy(scores, torch.tensor([self.first, self.second]))
        loss.backward()
        p = functional.softmax(scores, 1)
        return as_arrays(
            scores_first=scores[0], scores_second=scores[1], p_first=p[0], p_second=p[1], loss_mean=loss.reshape(1),
            dw=w.grad, db=b.grad,
        )  # fmt: skip

    def expected(self, answers: Arrays) -> Arrays:
        return self.stepped(answers, self.learning_rate)
