"""Softmax and cross-entropy: questions to PyTorch's, which takes scores and a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tests.oracle.dice import Dice
from tests.oracle.question import Arrays, Question, as_arrays, leaves

if TYPE_CHECKING:
    from tests.oracle.axis import Pair


@dataclass(frozen=True)
class CrossEntropy(Question):
    """Scores, the class that is right, and how far the scores are from zero."""

    classes: int
    target: int
    scale: int = 1

    layer: ClassVar[str] = "softmax_cross_entropy"
    SETTINGS: ClassVar[tuple[str, ...]] = ("target",)
    STRATA: ClassVar[dict[str, dict[str, Any]]] = {
        "anything": {},
        "equal scores": {"numbers": "whole", "classes": (5, 9)},
        "far from each other": {"scale": 400, "classes": (2, 6)},
        "one class": {"classes": (1, 1)},
        "ten classes": {"classes": (10, 10)},
    }

    @classmethod
    def drawn(
        cls, name: str, seed: int, turn: int, classes: Pair = (2, 9), numbers: str | None = None, scale: int = 1
    ) -> CrossEntropy:
        dice = Dice(seed)
        count = dice.between(*classes)
        return cls(name, seed, numbers or ("whole", "normal")[turn % 2], count, dice.between(0, count - 1), scale)

    def arrays(self) -> Arrays:
        return {"z": self.scale * self.dice.numbers(self.numbers, (self.classes,), largest=3)}

    def answers(self) -> Arrays:
        import torch

        (z,) = leaves(self.arrays()["z"])
        functional = torch.nn.functional
        p, log_p = functional.softmax(z, 0), functional.log_softmax(z, 0)
        y = functional.cross_entropy(z, torch.tensor(self.target)).reshape(1)
        y.backward()
        return as_arrays(p=p, log_p=log_p, y=y, dz=z.grad)
