"""What is shown of a result: its terms added up in decimals, if only rounding keeps the recorded number from that."""

import random
from decimal import Decimal, localcontext
from typing import Any

import pytest

from tests.browser import read
from tests.node import node

# An expression, as tests/in_node.mjs builds it, and what is shown of it.
TABLE: list[tuple[Any, str]] = [
    (["+", ["*", 0.532, 1.083], ["*", 0.788, 0.383]], "0.87796"),
    (["+", 0.1, 0.2], "0.3"),
    (["+", 0.1, 0.2, ["minus", 0.3]], "0"),
    (["*", 0.1, 3], "0.3"),
    (["*", 1.1, 1.1], "1.21"),
    (["+", 1.1, ["minus", 1]], "0.1"),
    (["+", 100.1, -100], "0.1"),
    (["+", 4.35, ["*", -0.788, 0.383]], "4.048196"),
    (["+", *[0.1] * 10], "1"),
    (["+", *[["*", 0.1, 0.1]] * 10], "0.1"),
    (["+", 1e16, 1, -1e16], "1"),  # a computer has 0, which rounding alone explains
    (["+", 1e-9, 2e-9], "3e−9"),
    (["+", ["*", 1e-9, 0.1], ["*", 1e-9, 0.2]], "3e−10"),
    (["+", 123456.789, 0.001], "123456.79"),
    (["+", ["*", 123456.789, 0.1], 0.1], "12345.7789"),
    (["/", ["+", 0.1, 0.2], 2], "0.15"),
    (["/", ["+", 1, 0, 0], 3], "0.3333333333333333"),  # it has no end: the recorded number
    (["/", 0.30000000000000004, 0.00002], "15000.000000000002"),  # over no whole number: the recorded one
    (["*", 3.141592653589793, 2.718281828459045], "8.539734222673566"),  # 31 digits: the recorded number
    (["+", 0.30000000000000004, 0], "0.30000000000000004"),  # given with just these digits
    (["+", ["read", 0.30000000000000004], 0.1], "0.4"),  # computed before, and so tidied
    (["+", ["read", 0.1000000000000023], 0], "0.1000000000000023"),  # too far from 0.1
    (["*", ["read", 0.8779600000000001], 2], "1.75592"),
    (["neg", ["+", 0.1, 0.2]], "−0.3"),
    (["maximum", 0, ["+", 0.1, 0.2]], "0.3"),
    (["abs", ["+", 0.1, -0.3]], "0.2"),
    (["if", 1, ["+", 0.7, 0.1], 0], "0.8"),
    (["exp", 1], "2.718281828459045"),
    (["+", 1e300, 1e-300], "1e300"),
    (["*", 1e300, 1e300], "∞"),
    (["*", -5e-324, 0.5], "0"),
]


def test_a_result_is_what_its_terms_come_to_in_decimals_or_the_recorded_number():
    found = node("decimals", expressions=[expression for expression, _ in TABLE])
    assert [one["text"] for one in found] == [text for _, text in TABLE]


@pytest.mark.parametrize("digits", [1, 2, 3, 6, 9, 17])
def test_shown_terms_add_up_to_the_shown_sum(digits: int):
    rng = random.Random(digits)
    cases = [
        [(round(rng.uniform(-9, 9), digits), round(rng.uniform(-9, 9), digits)) for _ in range(9)] for _ in range(60)
    ]
    found = node("decimals", expressions=[["+", *(["*", a, b] for a, b in pairs)] for pairs in cases])
    with localcontext() as context:
        context.prec = 60
        for pairs, one in zip(cases, found, strict=True):
            running = Decimal(0)
            for (a, b), text in zip(pairs, one["growing"], strict=True):
                running += Decimal(repr(a)) * Decimal(repr(b))
                if len(running.normalize().as_tuple().digits) <= 15:
                    assert Decimal(text.replace("−", "-")) == running
            shown, recorded = read(one["text"]), read(one["computed"])
            assert abs(shown - recorded) <= 1e-13
            if digits > 8:
                assert shown == recorded
    assert one["growing"][-1] == one["text"]
