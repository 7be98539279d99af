"""What all questions to PyTorch have in common, whatever the layer."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, dataclass, fields
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

import core
from tests.oracle.dice import Dice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

Arrays = dict[str, np.ndarray]
TOLERANCE = 1e-10


@dataclass(frozen=True)
class Question:
    """One layer with its settings; its numbers follow from the seed.

    A layer's own question says which settings `core.run` is given, makes the arrays, asks PyTorch, and names the strata
    that random questions go round in turn: what narrows the draw of each. The corners that must appear have a stratum.
    """

    name: str
    seed: int
    numbers: str  # "whole": small whole numbers; "normal": as good as normally distributed

    layer: ClassVar[str]
    SETTINGS: ClassVar[tuple[str, ...]]
    STRATA: ClassVar[dict[str, dict[str, Any]]]

    @classmethod
    def drawn(cls, name: str, seed: int, turn: int, **narrowed: Any) -> Self:
        """A random one; every `turn` each stratum has one question more."""
        raise NotImplementedError

    def arrays(self) -> Arrays:
        """Those that the walk begins with, the same on every machine."""
        raise NotImplementedError

    def answers(self) -> Arrays:
        """What PyTorch says, in float64."""
        raise NotImplementedError

    def expected(self, answers: Arrays) -> Arrays:
        """What the walk must end with if PyTorch is right."""
        return answers

    def walked(self) -> Arrays:
        """What the walk ends with."""
        return core.run(self.layer, "walk", arrays=self.arrays(), **self.settings)

    @classmethod
    def random(cls, seed: int) -> Iterator[Self]:
        """Random ones without end. The n-th depends on the seed and n alone, however many are drawn."""
        for index in count():
            turn, place = divmod(index, len(cls.STRATA))
            stratum = list(cls.STRATA)[place]
            yield cls.drawn(f"{index:03} {stratum}", seed * 1_000_003 + index, turn, **cls.STRATA[stratum])

    @property
    def stratum(self) -> str:
        return self.name.partition(" ")[2]

    @property
    def settings(self) -> dict[str, Any]:
        """What `core.run` is given beside the arrays."""
        return {name: getattr(self, name) for name in self.SETTINGS}

    @property
    def dice(self) -> Dice:
        """From which the numbers come, always the same."""
        return Dice(self.seed)

    def checksum(self) -> int:
        """Of the input numbers, bit by bit."""
        total = 0
        for array in self.arrays().values():
            total = zlib.crc32(array.astype("<f8").tobytes(), total)
        return total

    def disagreements(self, answers: Arrays, found: Arrays) -> list[str]:
        """One sentence for each array of a finished walk that is not what PyTorch says; empty if all are."""
        expected = self.expected(answers)
        return [sentence for name in expected for sentence in _difference(name, expected[name], found)]

    def as_dict(self) -> dict[str, Any]:
        """For JSON; what stands at its default is left out."""
        defaults = {field.name: field.default for field in fields(self)}
        return {name: value for name, value in asdict(self).items() if value != defaults[name]}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Self:
        """The way back from JSON, which has lists where Python has tuples."""
        return cls(**{name: _as_tuples(value) for name, value in record.items()})

    def __str__(self) -> str:
        return f"{self.layer} {json.dumps(self.as_dict())}"


@dataclass(frozen=True)
class WithWeights(Question):
    """A question about a layer that learns: it has weights and, unless told otherwise, a bias."""

    def parameters(self, w: tuple[int, ...], filters: int, dice: Dice, bias: bool) -> Arrays:
        b = dice.numbers(self.numbers, (filters,))
        return {"w": dice.numbers(self.numbers, w), "b": b if bias else 0.0 * b}

    def stepped(self, answers: Arrays, learning_rate: float) -> Arrays:
        """The walk updates w and b in place, so these are held against one step of gradient descent."""
        given = self.arrays()
        steps = {n: given[n] - learning_rate * answers[f"d{n}"] for n in ("w", "b") if f"d{n}" in answers}
        return answers | steps


def leaves(*arrays: np.ndarray) -> list[Any]:
    """Tensors that collect gradients."""
    import torch

    torch.set_num_threads(1)
    return [torch.from_numpy(array.copy()).requires_grad_() for array in arrays]


def as_arrays(**tensors: Any) -> Arrays:
    return {name: tensor.detach().numpy() for name, tensor in tensors.items() if tensor is not None}


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value


def _difference(name: str, expected: np.ndarray, found: Arrays) -> Iterator[str]:
    if name not in found:
        yield f"{name} is missing"
    elif found[name].shape != expected.shape:
        yield f"{name} has shape {found[name].shape}, PyTorch's {expected.shape}"
    elif not np.allclose(found[name], expected, rtol=0, atol=TOLERANCE):  # NaN is close to nothing
        gap = np.abs(found[name] - expected)
        cell = tuple(int(i) for i in np.unravel_index(np.argmax(gap), gap.shape))
        yield f"{name}{list(cell)} is {float(found[name][cell])!r}, PyTorch's {float(expected[cell])!r}"
