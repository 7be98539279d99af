"""How an array differs from the one of a walk, and what is said of it."""

from dataclasses import dataclass

import numpy as np

from core.comparison.diagnosis import Found
from core.comparison.shown import Shown, Unshown
from core.comparison.tolerance import Tolerance

# By whose rounding it was taken for the same; that of float64 goes without saying, and so does what was asked for.
AGREES = {
    "": "{array} agrees in all {cells} cells",
    "whole": "{array} agrees in all {cells} cells, to the whole numbers that you gave",
    "decimal": "{array} agrees in all {cells} cells, to the one decimal that you gave",
    "decimals": "{array} agrees in all {cells} cells, to the {digits} decimals that you gave",
    "digits": "{array} agrees in all {cells} cells, to the {digits} digits that you gave",
    "float": "{array} agrees in all {cells} cells, as far as {dtype} goes",
}
DIFFERS = {
    "": "{array} differs in {differ} of {cells} cells, first in {cell}: yours is {theirs}, and should be {right}",
    "whole": "{array} differs in {differ} of {cells} cells, to the whole numbers that you gave, "
    "first in {cell}: yours is {theirs}, and should be {right}",
    "decimal": "{array} differs in {differ} of {cells} cells, to the one decimal that you gave, first in {cell}: "
    "yours is {theirs}, and should be {right}",
    "decimals": "{array} differs in {differ} of {cells} cells, to the {digits} decimals that you gave, "
    "first in {cell}: yours is {theirs}, and should be {right}",
    "digits": "{array} differs in {differ} of {cells} cells, to the {digits} digits that you gave, "
    "first in {cell}: yours is {theirs}, and should be {right}",
    "float": "{array} differs in {differ} of {cells} cells by more than the rounding of {dtype}, "
    "first in {cell}: yours is {theirs}, and should be {right}",
}
KINDS = {kind: kind for kind in ("whole", "decimals", "digits")} | dict.fromkeys(("float32", "float16"), "float")
ROUNDED = "{array} differs in {differ} of {cells} cells, and in none by more than the rounding of float32"
FLOAT32 = "{array} is right as far as float32 goes: the differences are its rounding alone"
NOT_FINITE = "{array} is NaN or infinite where it should not be, in {count} of {cells} cells, the first of them {cell}"
ASSUMED = "{names} and {last} are those of the example"
ASSUMED_ONE = "{last} is that of the example"
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
    precision: str  # whose rounding that is: float64, float32, float16, or given; decimals, digits, whole of a print
    digits: int | None  # how many of those
    differs: np.ndarray  # the cells that are farther apart
    first: Cell | None  # the first of them, unless all of it is rounding
    largest: float | None  # the largest difference, theirs - right, of cells that are finite in both; with its sign
    largest_at: Cell | None
    not_finite: int  # cells of theirs that are NaN or infinite where the right ones are not
    found: tuple[Found, ...]  # the mistakes that fit; several if they give the very same numbers here
    shown: tuple[Shown | Unshown | None, ...]  # for each the walk that shows it on these numbers, or why none does
    assumed: tuple[str, ...] = ()  # the arrays that nobody gave and that count, which are those of the example

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
        if self.first is None and not self.agrees:
            return ROUNDED
        is_one = (self.precision, self.digits) == ("decimals", 1)
        kind = "decimal" if is_one else KINDS.get(self.precision, "")
        return (AGREES if self.agrees else DIFFERS)[kind]

    @property
    def values(self) -> dict[str, object]:
        """What that sentence names."""
        told: dict[str, object] = {"array": self.array, "cells": self.right.size, "differ": self.differ}
        told |= {"digits": self.digits, "dtype": self.precision}
        if self.first is not None:
            told |= {"cell": f"{self.array}{list(self.first)}"}
            told |= dict(zip(("theirs", "right"), _said(self.theirs[self.first], self.right[self.first]), strict=True))
        return told

    @property
    def assumption(self) -> tuple[str, dict[str, str]] | None:
        """The sentence on arrays that nobody gave, and what it names; None where there are none."""
        *names, last = self.assumed or ("",)
        if not last:
            return None
        return (ASSUMED, {"names": ", ".join(names), "last": last}) if names else (ASSUMED_ONE, {"last": last})

    def __str__(self) -> str:
        told = [self.template.format(**self.values)]
        if not self.agrees:
            if self.largest_at is not None:
                told.append(f"the largest difference is {self.largest:.9g}, in {self.array}{list(self.largest_at)}")
            told += [f"{one.key}: {one.sentence}" for one in self.found] or [UNKNOWN]
        if self.assumption:
            template, values = self.assumption
            told.append(template.format(**values))
        return "\n".join(told)


def _said(theirs: float, right: float) -> tuple[str, str]:
    """Two numbers in a sentence that says that they differ, in as many digits as that takes."""
    digits = next((most for most in (9, 13) if f"{theirs:.{most}g}" != f"{right:.{most}g}"), 17)
    one, other = (f"{number + 0:.{digits}g}".replace("nan", "NaN").replace("inf", "∞") for number in (theirs, right))
    return one, other
