"""How numbers are written in the first picture: as the page writes them, which takes its place a moment later."""

from decimal import ROUND_HALF_UP, Context, Decimal
from math import isfinite
from sys import float_info

DIGITS, TIDY, BITS = 15, 12, 4  # as static/why/decimal.js has them
LONG = 3  # characters
MOST = 6  # digits in a table


def tidy(value: float) -> float:
    """A number without what a few roundings have made of its last digits: 0.3 for 0.30000000000000004.

    It follows the rule of static/why/decimal.js.
    """
    if not isfinite(value) or value.is_integer():
        return value
    near = float(_nearest(Decimal(value), DIGITS))
    is_near = abs(near - value) <= BITS * float_info.epsilon * abs(value)
    return near if is_near and len(Decimal(repr(near)).normalize().as_tuple().digits) <= TIDY else value


def number(value: float) -> str:
    """A number as a table has it, in up to six digits: what is rounded is what `repr` writes, half away from zero."""
    near = float(_nearest(Decimal(repr(value)), MOST)) if isfinite(value) else value
    return f"{near:.{MOST}g}".replace("-", "−").replace("inf", "∞")


def is_rounded(value: float) -> bool:
    """Whether a table has not all digits of a number."""
    return isfinite(value) and float(_nearest(Decimal(repr(value)), MOST)) != value


def is_long(value: float) -> bool:
    """Whether a number needs more room than a square cell has, as static/say/look.js has it."""
    return isfinite(value) and len(_exact(value)) > LONG


def width(value: float) -> float:
    """How many times the size of its letters a number is wide, as static/board/width.js has it."""
    text = _exact(value).replace("inf", "∞")
    return round(sum(0.84 if letter in "-∞" else 0.4 if letter == "." else 0.64 for letter in text), 2)


def _exact(value: float) -> str:
    return repr(float(value)).removesuffix(".0")


def _nearest(value: Decimal, digits: int) -> Decimal:
    return Context(digits, ROUND_HALF_UP).create_decimal(value)
