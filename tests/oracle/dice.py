"""Random choices and numbers that are the same on every machine and with every version of Python and NumPy.

The surprising decision: only the method `random()` of Python's Random is used. Python promises that this one repeats
for ever, while NumPy promises no such thing of its distributions. From there to the numbers there is only plain
arithmetic in a fixed order, so every machine gets the same bits (no `log` or `cos`, whose last bit differs from one C
library to the next).
"""

from __future__ import annotations

from math import prod
from random import Random
from typing import Any

import numpy as np


class Dice:
    """What falls follows from the seed.

    >>> Dice(1).between(1, 6) == Dice(1).between(1, 6)
    True
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self._random() * (high - low + 1))

    def one_of(self, choices: tuple[Any, ...]) -> Any:
        return choices[self.between(0, len(choices) - 1)]

    def setting(self, height: int, width: int) -> int | tuple[int, int]:
        """A pair where it must be, and sometimes where a number would do."""
        return height if height == width and self._random() < 0.75 else (height, width)

    def numbers(self, kind: str, shape: tuple[int, ...], largest: int = 2) -> np.ndarray:
        """Small "whole" numbers, of which many are equal and many 0, or "normal" ones."""
        one = self._normal if kind == "normal" else lambda: float(self.between(-largest, largest))
        return np.array([one() for _ in range(prod(shape))]).reshape(shape)

    def outputs_of(self, activation: str, kind: str, shape: tuple[int, ...]) -> np.ndarray:
        """Numbers that this activation can put out: an input for the layer after it."""
        if activation in ("identity", "leaky_relu"):
            return self.numbers(kind, shape, largest=3)
        if activation == "relu":
            return np.maximum(self.numbers(kind, shape, largest=3), 0.0)

        def one() -> float:
            # eighths for whole numbers, of which (0, 1) has none
            return (self.between(1, 7) if kind == "whole" else 0.5 + 7.0 * self._random()) / 8.0

        x = np.array([one() for _ in range(prod(shape))]).reshape(shape)
        return x if activation == "sigmoid" else 2.0 * x - 1.0

    def _normal(self) -> float:
        """Twelve uniform numbers less six: mean 0, variance 1, a bell, and nothing but additions."""
        total = -6.0
        for _ in range(12):
            total += self._random()
        return total
