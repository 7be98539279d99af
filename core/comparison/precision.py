"""How exact an array is as it was given, which is what rounding means for it.

    1.45898339 0.5 12.34567891    a print of NumPy's, of 8 decimals: half a unit of the last is no difference
    1.45898e-05 12.3457           the digits of another print
    0.10000000149011612           a file of float32, or what was float32 before

It is told by the numbers alone, since a paste has no dtype and a file may have been widened. Whole numbers are rounded
ones where they are large and those of the walk are not whole. Each is a level, and the levels of an array go from the
closest to the widest. What agrees within a level is the same, and a mistake fits within one; the closest in which
either is so has the word on all that is said.
"""

from typing import NamedTuple

import numpy as np

from core.comparison.tolerance import Tolerance, rounding

LONGEST = 14  # significant digits of a print; more are those of a float64
LEAST = 5  # of numbers that are cut by their digits and not by their decimals
STEPS = 10  # of the last decimal in the largest number: what has fewer was hardly meant to be exact
SAMPLE = 64  # cells
FLOAT32 = (7, 9)  # digits that a float32 is printed with: fewer would be any number's
FLOAT16 = (4, 5)
EPSILON = 1e-15  # relative, of a decimal number in binary


class Precision(NamedTuple):
    """A level: whose rounding it is, and what that leaves."""

    kind: str  # float64, float32, float16; decimals or digits, as many as were given; whole; given, if it was asked for
    tolerance: Tolerance
    digits: int | None = None


class Levels(NamedTuple):
    """From the closest to the widest; and which of them holds where nothing explains an array."""

    each: tuple[Precision, ...]
    usual: int = 0


def levels_of(theirs: np.ndarray, right: np.ndarray, size: float, dtype: str | None = None) -> Levels:
    """The levels of an array of that size: by its dtype if that is said, else by its numbers.

    >>> levels_of(np.array([1.45898339, 0.5]), np.array([1.458983391, 0.5]), 2.0).each[0].digits
    8
    """
    float64, float32, float16 = (Precision(kind, rounding(kind, size)) for kind in ("float64", "float32", "float16"))
    if dtype is not None:
        return {"float32": Levels((float32,)), "float16": Levels((float16,))}.get(dtype, Levels((float64, float32)))
    cells = theirs[np.isfinite(theirs)]
    digits, decimals = _digits(cells[:SAMPLE])
    if len(cells) > SAMPLE and digits.max() <= LONGEST:  # in most arrays a few cells have them all
        digits, decimals = _digits(cells)
    most = digits.max(initial=0)
    if most > FLOAT16[1] + 1 and _is_of(cells, np.float16) and not _is_of(right, np.float16):
        return Levels((float64, float16), 1)
    if most > FLOAT32[1] and _is_of(cells, np.float32):
        return Levels((float32,))
    own = _printed(cells, right, digits, decimals, float64.tolerance) if most <= LONGEST else None
    if own is None:
        return Levels((float64, float32))
    if own.kind == "whole":
        return Levels((float64, own), 1)
    wider = Tolerance(*map(sum, zip(own.tolerance, float32.tolerance, strict=True)))  # rounded before it was printed
    if FLOAT32[0] <= most <= FLOAT32[1] and _prints(cells, decimals, np.float32):
        return Levels((own, float32._replace(tolerance=wider)), 1)
    is_own = own.tolerance.rtol >= float32.tolerance.rtol or own.tolerance.atol >= float32.tolerance.atol
    each = own, (own if is_own else float32)._replace(tolerance=wider)
    if FLOAT16[0] <= most <= FLOAT16[1] and _prints(cells, decimals, np.float16):
        return Levels((*each, float16), 2 * (most == FLOAT16[1]))
    return Levels(each)


def _digits(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each cell, how many significant digits it has, and how many decimals; more than LONGEST are not counted."""
    digits = np.where(cells == 0, 0, LONGEST + 1)
    with np.errstate(divide="ignore"):
        exponents = np.where(cells == 0, 0, np.floor(np.log10(np.abs(cells))))
    left = np.flatnonzero(cells)
    with np.errstate(all="ignore"):  # a number may be as small as there are
        shares = np.abs(cells) / 10.0**exponents
        for count in range(1, LONGEST + 1):
            is_all = np.abs(np.round(shares[left], count - 1) - shares[left]) <= EPSILON * shares[left]
            digits[left[is_all]] = count
            left = left[~is_all]
    return digits, np.maximum(digits - 1 - exponents, 0).astype(int)


def _is_of(cells: np.ndarray, dtype: type[np.floating]) -> bool:
    """Whether numbers are all some of that type."""
    with np.errstate(over="ignore"):
        return bool((cells.astype(dtype) == cells).all())


def _prints(cells: np.ndarray, decimals: np.ndarray, dtype: type[np.floating]) -> bool:
    """Whether numbers are prints of some of that type."""
    with np.errstate(over="ignore"):
        off = np.abs(cells.astype(dtype).astype(np.float64) - cells)
    return bool((off <= 0.5001 * 10.0**-decimals).all())


def _printed(
    cells: np.ndarray, right: np.ndarray, digits: np.ndarray, decimals: np.ndarray, exact: Tolerance
) -> Precision | None:
    """The level of a print, if it is one: of so many decimals, or digits where large numbers have fewer decimals."""
    largest = max((np.abs(one[np.isfinite(one)]).max(initial=0) for one in (cells, right)), default=0)
    most, places = int(digits.max(initial=0)), int(decimals.max(initial=0))
    if not cells.any() or STEPS * 10.0**-places > largest:
        return None
    if not places:  # those of the walk are as whole, where they are right
        return Precision("whole", exact._replace(atol=exact.atol + 0.5)) if (right != np.round(right)).any() else None
    ahead = int(np.floor(np.log10(np.abs(cells).max()))) + 1  # digits before the point
    if most >= LEAST and most - ahead < places - 1:
        return Precision("digits", exact._replace(rtol=exact.rtol + 0.5 * 10.0 ** (1 - most)), most)
    return Precision("decimals", exact._replace(atol=exact.atol + 0.5 * 10.0**-places), places)
