"""A number as text, in the very characters that static/look.js writes.

Python and JavaScript agree on the digits of a float, the fewest that tell it from its neighbours, and differ in where
they begin to write powers of ten.
"""

from decimal import ROUND_HALF_UP, Decimal
from math import isfinite, isnan


def exact(value: float) -> str:
    """A number in full.

    >>> exact(-2.0), exact(1e21), exact(float("-inf"))
    ('−2', '1e21', '−∞')
    """
    if not isfinite(value):
        return "NaN" if isnan(value) else "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    written = Decimal(repr(value)).normalize()
    plain = f"{written:f}" if 1e-6 <= abs(value) < 1e21 else f"{written:e}".replace("e+", "e")
    return plain.replace("-", "−")


NOTHING = 1e-9


def short(value: float, room: int) -> tuple[str, bool]:
    """A number in at most so many characters, and whether that needed rounding.

    >>> short(0.12345, 4), short(-12.0, 3)
    (('0.12', True), ('−12', False))
    """
    whole = exact(value)
    if len(whole) <= room or not isfinite(value):
        return whole, False
    if abs(value) < NOTHING and room <= 6:
        return (
            "0",
            True,
        )  # what rounding leaves of a difference: a board full of such powers would hide that it is nothing
    # With fewer digits, while its own first one is among them, rather than without the zero before its point.
    places = [(digits, bare) for bare in (False, True) for digits in range(room - 2, -1, -1)]
    for digits, bare in places if abs(value) < 1e21 else ():
        if not bare and abs(value) < float(f"1e-{digits}"):
            continue
        fixed = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        text = _trimmed(f"{fixed:f}").replace("-", "−")
        if fixed == 0 and room >= 4:
            break  # a power of ten tells more
        if bare and digits and len(text) > room and text.startswith(("0.", "−0.")):
            text = text.replace("0.", ".", 1)
        if len(text) <= room:
            return ("0" if fixed == 0 else text), True
    text = _power(value)
    if len(whole) <= len(text):
        return whole, False  # no form of it is shorter
    too_wide = len(text) > min(room, 5) and len(text) >= room and abs(value) < 1
    return ("0" if too_wide else text), True


def _trimmed(fixed: str) -> str:
    return fixed.rstrip("0").rstrip(".") if "." in fixed else fixed


def _power(value: float) -> str:
    """One digit and a power of ten."""
    number = Decimal(value)
    power = number.adjusted()
    head = number.scaleb(-power).quantize(Decimal(1), ROUND_HALF_UP)
    if abs(head) == 10:
        head, power = head / 10, power + 1
    return f"{head:f}e{power}".replace("-", "−")
