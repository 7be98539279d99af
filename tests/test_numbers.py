"""A number as people type it, into a field or a cell, means what they meant, or it is refused. In Node, and in core."""

import re

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from core.catalog import LAYERS
from core.offer.settings import Real, SettingError
from tests.node import node

TYPED: list[tuple[str, float | str]] = [
    ("0,5", 0.5),
    ("1,5", 1.5),
    ("-1,5", -1.5),
    ("0.5", 0.5),
    (",5", 0.5),
    (".5", 0.5),
    ("5.", 5),
    ("5,", 5),
    ("+5", 5),
    ("007", 7),
    ("-0", 0),
    ("0,125", 0.125),  # no thousands begin with a 0
    ("-0,001", -0.001),
    ("1,25", 1.25),
    ("1,2345", 1.2345),
    ("1234,567", 1234.567),  # nor are they four digits long
    ("1.234", 1.234),
    ("1e-3", 0.001),
    ("1,5e-3", 0.0015),
    ("2E+2", 200),
    ("−3", -3),
    ("–3,5", -3.5),
    ("—3", -3),
    ("\uff0d1\uff0e5", -1.5),  # full width
    ("１２，５", 12.5),
    ("１。５", 1.5),
    (" 2 ", 2),
    ("\u00a02\u3000", 2),
    ("\u200b2\ufeff", 2),
    ("", "empty"),
    (" \t", "empty"),
    ("1,234", "marks"),
    ("-12,345", "marks"),
    ("１，２３４", "marks"),
    ("1,234.5", "marks"),
    ("1.234,5", "marks"),
    ("1,234,567", "marks"),
    ("1 234", "marks"),
    ("1\u00a0234,5", "marks"),
    ("1'234", "marks"),
    ("1’234.5", "marks"),
    ("1_000", "marks"),
    ("1.5.2", "number"),
    ("1..5", "number"),
    ("--1", "number"),
    ("-", "number"),
    ("1-", "number"),
    ("1e", "number"),
    ("e5", "number"),
    ("1e5.5", "number"),
    ("1d3", "number"),
    ("0x10", "number"),
    ("abc", "number"),
    ("nan", "number"),
    ("Infinity", "number"),
    ("1/2", "number"),
    ("1²", "number"),
    ("½", "number"),
    ("50%", "number"),
    ("1 2", "marks"),
    ("1;2", "number"),
    ("true", "number"),
    ("1e999", "size"),
    ("-1e999", "size"),
    ("1e-999", "size"),
    ("0e-999", 0),
]

WHOLE: list[tuple[str, float | str]] = [
    ("2", 2),
    ("+2", 2),
    ("-2", -2),
    ("２", 2),
    (" 12 ", 12),
    ("1,5", "whole"),
    ("1.5", "whole"),
    ("2.0", "whole"),
    ("1,", "whole"),
    ("1e1", "whole"),
    ("1,234", "whole"),
    ("1.5.2", "number"),
    ("abc", "number"),
    ("1 2", "number"),
    ("--1", "number"),
    ("", "empty"),
]


@pytest.mark.parametrize(("rows", "whole"), [(TYPED, False), (WHOLE, True)])
def test_a_typed_number_means_what_was_meant_or_is_refused(rows: list[tuple[str, float | str]], whole: bool):
    said = node("numbers", texts=[[text, whole] for text, _ in rows])
    for (text, wanted), answer in zip(rows, said, strict=True):
        name = "reason" if isinstance(wanted, str) else "value"
        assert answer.get(name) == wanted, f"{text!r}: {answer}"
        assert len(answer) == 2, "a number, or a reason, never both"


def test_what_can_still_become_a_number_is_not_refused_while_it_is_typed():
    for text in ("-1,5e-3", "+0.25", "１，５", "–2", ",5"):
        begun = node("numbers", texts=[[text[:length], False] for length in range(len(text) + 1)])
        assert not any(one["hopeless"] for one in begun), text
    assert not any(one["hopeless"] for one in node("numbers", texts=[[t, True] for t in ("", "-", "1", "12", "１")]))
    hopeless = [
        ("a", False),
        ("1.5.", False),
        ("1,5,", False),
        ("1,2.", False),
        ("--", False),
        ("1e5.", False),
        ("1 2", False),
    ]
    hopeless += [("1,", True), ("1.", True), ("1e", True), ("x", True)]
    for one, answer in zip(hopeless, node("numbers", texts=hopeless), strict=True):
        assert answer["hopeless"], one


def test_arrow_keys_go_by_what_is_legal():
    gaps = {"values": [1, 2, 4, 8], "isWhole": True}
    asked = [
        ((2, 1, gaps), 4),
        ((4, -1, gaps), 2),
        ((3, 1, gaps), 4),  # typed between two of them
        ((3, -1, gaps), 2),
        ((8, 1, gaps), 8),
        ((1, -1, gaps), 1),
        ((0, 1, gaps), 1),
        ((5, 1, {"low": 0, "high": 9, "isWhole": True}), 6),
        ((9, 1, {"low": 0, "high": 9, "isWhole": True}), 9),
        ((0.001, 1, {"low": 0, "high": 10}), 0.002),
        ((0.1, 1, {"low": 0, "high": 10}), 0.2),
        ((0.3, -1, {"low": 0, "high": 10}), 0.2),  # and not 0.19999999999999998
        ((0, -1, {"low": 0, "high": 10}), 0),
        ((10, 1, {"low": 0, "high": 10}), 10),
        ((-0.5, 1, {}), -0.4),
        ((-1, 1, {}), 0),
        ((1e-7, 1, {}), 1),
    ]
    for (given, wanted), got in zip(asked, node("turned", asked=[one for one, _ in asked]), strict=True):
        assert got == wanted, given


def test_a_setting_that_comes_as_text_may_have_a_decimal_comma():
    rate = Real(0, 2000)
    accepted = [
        ("0,5", 0.5),
        ("1,5", 1.5),
        (",5", 0.5),
        (" 1,25 ", 1.25),
        ("1,5e-3", 0.0015),
        ("0,125", 0.125),
        ("1.234", 1.234),
    ]
    for text, number in accepted:
        assert rate.accept("learning_rate", text) == number
    for text in ("1,234", "1,234.5", "1.234,5", "1,2,3", "1_000", "abc", "", ",", "1e", "--1", "1,5.2", "１,234"):
        with pytest.raises(SettingError, match="must be a number from 0 to 2000"):
            rate.accept("learning_rate", text)


def test_without_scripts_a_comma_is_understood_too_and_no_browser_reads_the_numbers_by_itself():
    with TestClient(create_app(["testserver"])) as client:
        page = client.get("/conv2d/walk?learning_rate=0,5")
        assert page.status_code == 200
        rate = re.search(r'<input[^>]*name="learning_rate"[^>]*>', page.text)
        assert rate is not None
        assert 'value="0.5"' in rate[0]
        assert client.get("/conv2d/walk?learning_rate=1,234").status_code == 422
        assert client.get("/conv2d/walk?stride=1,5.0").status_code == 422
        for layer in LAYERS:
            assert 'type="number"' not in client.get(f"/{layer}/walk").text
