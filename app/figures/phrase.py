"""How a cell came by its number, in one line of text: the sum or the formula with the numbers in it.

A number is shown in full, or with a ≈ before it. What shown terms come to in decimals is the result that is shown, as
in static/why/decimal.js: 0.1 + 0.2 = 0.3, and not what binary numbers make of it.
"""

from fractions import Fraction
from math import isfinite

from app.figures.derivation import Cell, Expr
from app.ground.words import Words

ROOM = 9  # characters of a number
MOST = 24  # terms of a sum that are told, at most
DUST = 1e-12  # of a number: how far rounding takes it

_SIGNS = {
    "*": "·", "**": "^", "/": " / ", "<": " < ", ">": " > ", "<=": " ≤ ", ">=": " ≥ ", "==": " = ", "!=": " ≠ ",
    "&": " & ", "|": " | ", "//": " // ", "%": " % ",
}  # fmt: skip
# How firmly an expression holds together: what holds less firmly than what is around it needs brackets.
_RANKS = {"if": 0, "sum": 3, "*": 4, "/": 4, "//": 4, "%": 4, "neg": 5, "**": 6, "call": 9}


def line(cell: Cell, words: Words, most: int = MOST) -> str:
    """A cell and how it came by its number.

    >>> line(Cell("z[0, 0]", 7.0, Expr("sum", parts=(Expr("number", 3.0), Expr("number", 4.0)))), Words("en"))
    'z[0, 0] = 3 + 4 = 7'
    """
    name, value, expr = cell
    if expr is None or expr.op in ("number", "name", "text"):
        return f"{name} {_equal(value)}"
    if expr.op == "cell":
        return f"{name} = {expr.text} {_equal(value)}"
    if expr.op == "pick":
        return f"{name} {_equal(value)}: {_won(expr, words)}"
    return f"{name} = {_told(expr, words, most)} {_equal(_shown(expr, value))}"


def exact(value: float) -> str:
    """All the digits that tell a number from its neighbours."""
    text = repr(float(value)).removesuffix(".0").replace("inf", "∞").replace("nan", "NaN")
    return text.replace("-", "−").replace("e+", "e")


def short(value: float, room: int = ROOM) -> str:
    """A number in so many characters or about so many, with a ≈ before it if that needed rounding.

    >>> short(0.25), short(1 / 3), short(1 / 3, 5)
    ('0.25', '≈0.33333', '≈0.33')
    """
    text = exact(value)
    if len(text) <= room or not isfinite(value):
        return text
    rounded = exact(float(f"{value:.{max(1, room - 4 if abs(value) < 1 else room - 3)}g}"))
    return f"≈{rounded}" if len(rounded) < len(text) else text


def _equal(value: float) -> str:
    text = short(value)
    return f"≈ {text[1:]}" if text.startswith("≈") else f"= {text}"


def _won(pick: Expr, words: Words) -> str:
    value, among = pick.value or 0.0, [part.value or 0.0 for part in pick.parts]
    kind = "one"
    if all(one <= value for one in among):
        kind = "largest"
    elif all(one >= value for one in among):
        kind = "smallest"
    return words(f"inspector.{kind}.text", cell=pick.text, value=short(value), count=len(among))


def _told(expr: Expr, words: Words, most: int, least: int = 0) -> str:
    """An expression with its numbers, in brackets where it holds together less firmly than it has to."""
    if not expr.parts or expr.op == "pick":
        if expr.value is None:
            return expr.text
        text = short(expr.value)
        return f"({text})" if least > 2 and text.lstrip("≈").startswith("−") else text
    text = _bare(expr, words, most)
    return f"({text})" if _RANKS.get(expr.op, 1) < least else text


def _bare(expr: Expr, words: Words, most: int) -> str:
    rank = _RANKS.get(expr.op, 1)
    match expr.op, expr.parts:
        case "sum", terms:
            return _sum(terms, words, most)
        case "neg", (inner,):
            return f"−{_told(inner, words, most, 6)}"
        case "if", (test, one, other):
            return f"{_told(one, words, most, 1)} if {_told(test, words, most, 1)} else {_told(other, words, most, 1)}"
        case "call", parts:
            return f"{expr.text.replace('imum', '')}({', '.join(_told(part, words, most) for part in parts)})"
        case op, (one, other):
            return f"{_told(one, words, most, rank)}{_SIGNS.get(op, op)}{_told(other, words, most, rank + 1)}"
    return expr.text


def _sum(terms: tuple[Expr, ...], words: Words, most: int) -> str:
    """The terms of a sum. Those that are zero are only counted, and so are those beyond so many."""
    products = any(term.op == "*" for term in terms)
    worth = [term for term in terms if term.number != 0 or (products and term.op != "*")]
    told = ""
    for term in worth[:most]:
        minus, inner = (True, term.parts[0]) if term.op == "neg" else (False, term)
        value = inner.value if not inner.parts else None
        if told and value is not None and value < 0:  # 3 + (−2) is told as 3 − 2
            minus, inner = not minus, Expr("number", -value)
        sign = (" − " if told else "−") if minus else " + " if told else ""
        told += sign + _told(inner, words, most, 4 if minus else 3 if told else 0)
    counted = {"inspector.more": len(worth) - most}
    counted["inspector.zeros" if products else "inspector.zeros.plain"] = len(terms) - len(worth)
    for key, count in counted.items():
        if count > 0:
            told += (" + " if told else "") + (words(f"{key}.one") if count == 1 else words(key, count=count))
    return told


def _shown(expr: Expr, recorded: float) -> float:
    """What shown terms come to in decimals, where that is the recorded number but for the rounding of binary ones."""
    worth = _worth(expr)
    if worth is None or not isfinite(recorded):
        return recorded
    value = float(worth)
    return value if abs(value - recorded) <= DUST * max(1.0, abs(recorded)) and len(repr(value)) < 17 else recorded


def _worth(expr: Expr) -> Fraction | None:
    if not expr.parts or expr.op == "pick":
        return None if expr.value is None or not isfinite(expr.value) else Fraction(repr(expr.value))
    parts = [_worth(part) for part in expr.parts]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    match expr.op, known:
        case "sum", terms:
            return sum(terms, Fraction(0))
        case "neg", [one]:
            return -one
        case "*", [one, other]:
            return one * other
    return None
