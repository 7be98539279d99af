"""Handwritten digits of 8×8, as they are or enlarged. Where they come from is said in `digits.txt` beside this file.

Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, CC BY 4.0.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

SIDE = 8
SOURCE = (
    "Digits: E. Alpaydin, C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning "
    "Repository, https://doi.org/10.24432/C50P49, CC BY 4.0; 300 of the 1797 of the test set, enlarged where asked for"
)

_FILE = Path(__file__).with_name("digits.txt")


class Digit(NamedTuple):
    """One of them: what was meant, and its numbers."""

    digit: int
    cells: np.ndarray  # (8, 8), from 0 to 16


@cache
def digits() -> tuple[Digit, ...]:
    """All of them, in the order in which they were written.

    >>> digits()[0].digit, digits()[0].cells[0].tolist()
    (0, [0, 0, 5, 13, 9, 1, 0, 0])
    """
    lines = (line for line in _FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return tuple(_read(*line.split()) for line in lines)


@cache
def of_kind(kind: int) -> tuple[np.ndarray, ...]:
    """The cells of all that are meant to be that digit.

    >>> len(of_kind(7))
    30
    """
    return tuple(one.cells for one in digits() if one.digit == kind)


def enlarged(cells: np.ndarray, size: int) -> np.ndarray:
    """A square picture with so many rows and columns, not fewer than it has: bilinear, rounded to whole numbers.

    >>> enlarged(np.array([[0, 16], [0, 16]]), 4)[0].tolist()
    [0, 4, 12, 16]

    A cell lies where its middle lies on the picture as it was, as in PyTorch's `interpolate(mode="bilinear")`, and is
    the mean of its four neighbours there, the nearer ones counting for more; beyond the outermost middles the edge goes
    on. It is computed in whole numbers, halves are rounded up: the same on every machine.
    """
    side = len(cells)
    places = np.clip((2 * np.arange(size) + 1) * side - size, 0, 2 * size * (side - 1))  # in 2·size-ths of a cell
    first, share = np.divmod(places, 2 * size)
    second = np.minimum(first + 1, side - 1)
    weights = np.zeros((size, side), dtype=np.int64)
    np.add.at(weights, (np.arange(size), first), 2 * size - share)
    np.add.at(weights, (np.arange(size), second), share)
    whole = 4 * size * size
    summed: np.ndarray = weights @ cells @ weights.T
    return (2 * summed + whole) // (2 * whole)


def _read(digit: str, cells: str) -> Digit:
    return Digit(int(digit), np.array([int(cell, 17) for cell in cells]).reshape(SIDE, SIDE))
