"""A number as text, in the very characters that static/say/look.js writes.

Python and JavaScript agree on the digits of a float, the fewest that tell it from its neighbours, and differ in where
they begin to write powers of ten.
"""

from decimal import ROUND_HALF_UP, Context, Decimal
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


EXACT = Context(prec=60)  # of 21 digits before the point, and of as many after it as a cell can have
ALMOST = "≈0"  # where there is room for nothing else; only a zero is 0


def short(value: float, room: int) -> tuple[str, bool]:
    """A number in at most so many characters, and whether that needed rounding.

    >>> short(0.12345, 4), short(-12.0, 3)
    (('0.12', True), ('−12', False))
    """
    whole = exact(value)
    if len(whole) <= room or not isfinite(value):
        return whole, False
    # With fewer digits, while its own first one is among them, rather than without the zero before its point.
    places = [(digits, bare) for bare in (False, True) for digits in range(room - 2, -1, -1)]
    for digits, bare in places if abs(value) < 1e21 else ():
        if not bare and abs(value) < float(f"1e-{digits}"):
            continue
        fixed = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, EXACT)
        text = _trimmed(f"{fixed:f}").replace("-", "−")
        if fixed == 0 and room >= 4:
            break  # a power of ten tells more
        if bare and digits and len(text) > room and text.startswith(("0.", "−0.")):
            text = text.replace("0.", ".", 1)
        if len(text) <= room:
            return (ALMOST if fixed == 0 else text), True
    text = _power(value)
    if len(text) > room and abs(value) < 1e-6:
        return ALMOST, True
    if len(whole) <= len(text):
        return whole, False  # no form of it is shorter
    return (ALMOST if len(text) > room and abs(value) < 1 else text), True


def fitted(value: float, ems: float) -> tuple[str, bool, float]:
    """A number in a cell of so many sizes of its letters, whether it is rounded, and how large its letters are.

    >>> fitted(-0.788, 3.2), fitted(-0.7881, 3.2)
    (('−0.788', False, 0.86...), ('−0.79', True, 1.0))
    """
    room = int(ems / 0.45) + 1
    while True:
        text, rounded = short(value, room)
        size = min(1.0, ems / _width(text))
        least = 1.0 if rounded and "." in text else 0.8
        if size >= least or room <= 2:
            return text, rounded, size
        room -= 1


def _width(text: str) -> float:
    """How many times the size of its letters a number is wide, at most; static/board/width.js says why."""
    return sum(0.84 if letter in "−∞≈" else 0.32 if letter == "." else 0.64 for letter in text)


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
