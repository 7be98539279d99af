"""How an array differs from the one of a walk, and what is said of it."""

from dataclasses import dataclass

import numpy as np

from core.comparison.diagnosis import Found
from core.comparison.shown import Shown, Unshown
from core.comparison.tolerance import Tolerance

AGREES = "{array} agrees in all {cells} cells"
DIFFERS = "{array} differs in {differ} of {cells} cells, first in {cell}: yours is {theirs}, and should be {right}"
FLOAT32 = "{array} is right as far as float32 goes: the differences are its rounding alone"
NOT_FINITE = "{array} is NaN or infinite where it should not be, in {count} of {cells} cells, the first of them {cell}"
UNKNOWN = "none of the known mistakes gives these numbers"

Cell = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Comparison:
    """How an array differs from the one of a walk, and which known mistakes give just that.

    >>> print(core.compare("conv2d", "input_gradient", "dx", core.run("conv2d")["dx"]))
    dx agrees in all 75 cells
    """

    array: str
    theirs: np.ndarray
    right: np.ndarray
    tolerance: Tolerance  # rtol and atol, as numpy.allclose names them
    precision: str  # float64 or float32, whose rounding that is, or given
    differs: np.ndarray  # the cells that are farther apart
    first: Cell | None  # the first of them
    largest: float | None  # the largest difference, theirs - right, of cells that are finite in both; with its sign
    largest_at: Cell | None
    not_finite: int  # cells of theirs that are NaN or infinite where the right ones are not
    found: tuple[Found, ...]  # the mistakes that fit; several if they give the very same numbers here
    shown: tuple[Shown | Unshown | None, ...]  # for each the walk that shows it on these numbers, or why none does

    @property
    def differ(self) -> int:
        """How many cells differ."""
        return int(self.differs.sum())

    @property
    def agrees(self) -> bool:
        """Whether all cells agree."""
        return self.differ == 0

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the mistakes that fit."""
        return tuple(one.key for one in self.found)

    @property
    def template(self) -> str:
        """The sentence on how many cells differ, to be filled with `values`."""
        return AGREES if self.first is None else DIFFERS

    @property
    def values(self) -> dict[str, object]:
        """What that sentence names."""
        told: dict[str, object] = {"array": self.array, "cells": self.right.size}
        if self.first is not None:
            told |= {"differ": self.differ, "cell": f"{self.array}{list(self.first)}"}
            told |= dict(zip(("theirs", "right"), _said(self.theirs[self.first], self.right[self.first]), strict=True))
        return told

    def __str__(self) -> str:
        told = [self.template.format(**self.values)]
        if self.agrees:
            return told[0]
        if self.largest_at is not None:
            told.append(f"the largest difference is {self.largest:.9g}, in {self.array}{list(self.largest_at)}")
        return "\n".join([*told, *([f"{one.key}: {one.sentence}" for one in self.found] or [UNKNOWN])])


def _said(theirs: float, right: float) -> tuple[str, str]:
    """Two numbers in a sentence that says that they differ, in as many digits as that takes."""
    digits = next((most for most in (9, 13) if f"{theirs:.{most}g}" != f"{right:.{most}g}"), 17)
    one, other = (f"{number + 0:.{digits}g}".replace("nan", "NaN").replace("inf", "∞") for number in (theirs, right))
    return one, other
