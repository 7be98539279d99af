"""A network that learns: questions to PyTorch's optimizer, 50 steps and more on the handwritten digits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from core.pictures.digits import digits
from tests.oracle.dice import Dice
from tests.oracle.question import Arrays, Question, as_arrays, leaves

TAUGHT, UNSEEN = 24, 6  # of each digit


def pictures(first: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """Those of each kind from `first` to `stop`, kind by kind, with ink from 0 to 1; and what each of them is."""
    kinds = [[one.cells / 16 for one in digits() if one.digit == kind][first:stop] for kind in range(10)]
    return np.concatenate(kinds)[:, None], np.repeat(np.arange(10), stop - first)


@dataclass(frozen=True)
class Training(Question):
    """All weights, losses and accuracies of a training: as many epochs as make 50 steps or a few more."""

    out_channels: int
    batch_size: int
    learning_rate: float = 0.1
    momentum: float = 0.0
    shuffle: bool = True
    bias: bool = True

    layer: ClassVar[str] = "training"
    SETTINGS: ClassVar[tuple[str, ...]] = ("batch_size", "learning_rate", "momentum", "shuffle", "bias")
    STRATA: ClassVar[dict[str, dict[str, Any]]] = {
        "anything": {},
        "momentum": {"momentums": (0.5, 0.9)},
        "in the same order": {"shuffles": (False,)},
        "batches that leave digits over": {"batches": (7, 9, 11, 13, 17, 23)},
        "biases that stay": {"biases": (False,)},
    }

    @classmethod
    def drawn(
        cls,
        name: str,
        seed: int,
        turn: int,
        batches: tuple[int, ...] = (5, 8, 16, 31, 40),
        momentums: tuple[float, ...] = (0.0, 0.5),
        shuffles: tuple[bool, ...] = (True, False),
        biases: tuple[bool, ...] = (True, False),
    ) -> Training:
        dice, numbers = Dice(seed), ("whole", "normal")[turn % 2]
        return cls(
            name,
            seed,
            numbers,
            dice.between(1, 3),
            dice.one_of(batches),
            dice.one_of((0.01, 0.05, 0.125)),
            dice.one_of(momentums),
            dice.one_of(shuffles),
            dice.one_of(biases),
        )

    @property
    def batches(self) -> int:
        return 10 * TAUGHT // self.batch_size

    @property
    def epochs(self) -> int:
        return -(-50 // self.batches)

    @property
    def settings(self) -> dict[str, Any]:
        return super().settings | {"epochs": self.epochs, "seed": self.seed % 100}

    def arrays(self) -> Arrays:
        dice, F = self.dice, self.out_channels
        shapes = {"x": (1, 8, 8), "w": (F, 1, 3, 3), "b": (F,), "w_linear": (10, 16 * F), "b_linear": (10,)}
        # Eighths: with larger weights the first losses are so large that a training is mostly chance.
        return {name: dice.numbers(self.numbers, shape) / 8 for name, shape in shapes.items()}

    def answers(self) -> Arrays:
        import torch

        functional = torch.nn.functional
        x, *learned = leaves(*self.arrays().values())
        w, b, w_linear, b_linear = learned
        (taught, kinds), (kept, kept_kinds) = (
            tuple(map(torch.from_numpy, pictures(*ends))) for ends in ((0, TAUGHT), (TAUGHT, TAUGHT + UNSEEN))
        )

        def network(images: Any) -> tuple[Any, Any]:
            y = functional.max_pool2d(torch.relu(functional.conv2d(images, w, b, padding=1)), 2)
            return y, functional.linear(torch.flatten(y, 1), w_linear, b_linear)

        optimizer = torch.optim.SGD(learned if self.bias else [w, w_linear], self.learning_rate, self.momentum)
        loss = torch.zeros(self.epochs, self.batches, dtype=torch.float64)
        accuracy = torch.zeros(self.epochs, dtype=torch.float64)
        for epoch in range(self.epochs):
            order = np.arange(len(kinds))
            if self.shuffle:
                order = np.random.RandomState(1000 * (self.seed % 100) + epoch).permutation(len(kinds))
            for n in range(self.batches):
                batch = order[n * self.batch_size :][: self.batch_size]
                for one in learned:  # the biases too, which the optimizer may not know
                    one.grad = None
                mean = functional.cross_entropy(network(taught[batch])[1], kinds[batch])
                mean.backward()
                optimizer.step()
                loss[epoch, n] = mean.detach()
            accuracy[epoch] = (network(kept)[1].argmax(1) == kept_kinds).double().mean()
        maps, scores = network(x[None])
        named = {"w": w, "b": b, "w_linear": w_linear, "b_linear": b_linear}
        gradients = {f"d{name}": one.grad for name, one in named.items()}
        return as_arrays(y=maps[0], scores=scores[0], loss=loss, accuracy=accuracy, **named, **gradients)
