"""What is done to every number alike: a constant factor, decimals that are gone, nothing but zeros."""

from collections.abc import Iterator
from fractions import Fraction
from math import prod

import numpy as np

from core.comparison.mistake import Call, Wrong, mistake

NEAR = 1e-5  # a share: so near a plain fraction, a factor is that fraction
MOST = 1e9  # of a factor that anybody would have meant
PLAIN = 1000  # the largest denominator of one
DECIMALS = 8  # as many as NumPy prints
SINGLE = 2.0**-23  # relative: what a float32 is off by
CHANCE = 1e-6  # that all numbers are so near to decimal ones and were never rounded


@mistake("all_zeros", "{array} holds nothing but zeros: it was never written, or was set back", upstream=False)
def all_zeros(call: Call) -> Iterator[np.ndarray]:
    yield np.zeros(call.right.shape)


@mistake("sign_turned", "{array}: every number has the other sign", upstream=False)
def sign_turned(call: Call) -> Iterator[np.ndarray]:
    yield -call.right


@mistake(
    "averaged",
    "{array}: every number is divided by {count}: a mean over {count} in place of the sum",
    upstream=False,
)
def averaged(call: Call) -> Iterator[Wrong]:
    factor = _factor(call)
    if factor is not None and factor.numerator == 1 and factor.denominator > 1:
        counts = [factor.denominator]
    else:  # of a single number everything is a multiple: it may be a mean over what it was made of
        counts = sorted({prod(one.shape[at:]) for one in call.arrays.values() for at in range(one.ndim)} - {1})
    yield from (Wrong(call.right / count, {"count": count}) for count in counts)


@mistake("scaled", "{array}: every number is {constant} times the right one", upstream=False)
def scaled(call: Call) -> Iterator[Wrong]:
    factor = _factor(call)
    if factor is not None and factor != -1 and not (factor.numerator == 1 and factor.denominator > 1):
        plain = factor.denominator <= PLAIN
        yield Wrong(call.right * float(factor), {"constant": str(factor) if plain else f"{float(factor):.9g}"})


def _factor(call: Call) -> Fraction | None:
    """What theirs is a multiple by, if it is one; of a single number everything is a multiple."""
    theirs, right = call.theirs, call.right
    if theirs is None or theirs.shape != right.shape or not (np.isfinite(theirs).all() and np.isfinite(right).all()):
        return None
    largest = np.abs(right).max(initial=0)
    if not largest or (np.abs(right) > 1e-9 * largest).sum() < 2:
        return None
    share = right / largest  # so that no square overflows
    with np.errstate(over="ignore", invalid="ignore"):
        factor = float((theirs / largest * share).sum() / (share * share).sum())
    if not 1e-9 < abs(factor) < MOST or abs(factor - 1) < NEAR:
        return None
    plain = Fraction(factor).limit_denominator(PLAIN) if abs(factor) > 1 / PLAIN else 1 / Fraction(round(1 / factor))
    return plain if abs(float(plain) - factor) <= NEAR * abs(factor) else Fraction(factor)


@mistake(
    "rounded_in_print",
    "{array} has {decimals} decimals, and is right as far as they go: it was rounded when it was printed",
    upstream=False,
)
def rounded_in_print(call: Call) -> Iterator[Wrong]:
    if call.theirs is None or not np.isfinite(call.theirs).all() or np.abs(call.theirs).max(initial=0) > 1e9:
        return
    for decimals in range(DECIMALS + 1):
        if _is_rounded(call.theirs, decimals):
            yield Wrong(np.round(call.right, decimals), {"decimals": decimals})
            return


def _is_rounded(theirs: np.ndarray, decimals: int) -> bool:
    """Whether all numbers have so many decimals, or are the nearest float32 to some that have."""
    rounded = np.round(theirs, decimals)
    if np.allclose(rounded, theirs, rtol=1e-12, atol=1e-12):
        return True
    if not np.array_equal(theirs.astype(np.float32), theirs) or not np.allclose(rounded, theirs, SINGLE, 0):
        return False
    # Where a float32 is no finer than its decimals, any number is as near to some.
    chances = 2 * SINGLE * 10.0**decimals * np.abs(theirs[theirs != 0])
    return bool(np.minimum(chances, 1).prod() < CHANCE)


@mistake(
    "whole_numbers", "{array}: everything behind the point is cut off, as in an array of whole numbers", upstream=False
)
def whole_numbers(call: Call) -> Iterator[np.ndarray]:
    yield np.trunc(call.right)
