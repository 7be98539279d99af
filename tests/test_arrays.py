"""An array in an address: each way to write it stands for exactly its numbers, in Python and in the browser alike."""

import base64
from typing import Any

import numpy as np
import pytest

from app.ground import limits
from app.walks.arrays import read
from app.walks.query import Query
from core.catalog import LAYERS
from core.offer.settings import SettingError
from tests.addresses import array_text
from tests.node import node

RNG = np.random.default_rng(7)


def decimals(count: int, low: float, high: float, shape: tuple[int, ...] = (3, 12, 12)) -> np.ndarray:
    return np.round(RNG.uniform(low, high, shape), count) + 0.0


def ends(low: float, high: float) -> np.ndarray:
    """Two numbers, and many more that are long in JSON."""
    return np.array([low, high, *[high - 1] * 300])


# An array, and how it is written: by the range of its numbers and by how many decimals they have.
WRITTEN: list[tuple[str, np.ndarray]] = [
    ("u8", RNG.integers(0, 256, (1, 28, 28)).astype(float)),
    ("i8", ends(-128.0, 127)),
    ("u16", ends(0.0, 65535)),
    ("i16", ends(-32768.0, 32767)),
    ("u24", ends(0.0, 2**24 - 1)),
    ("i24", ends(-(2.0**23), 2**23 - 1)),
    ("i24", ends(-129.0, 40_000)),
    ("u32", ends(0.0, 2**24)),
    ("i32", ends(-1.0, 2**23)),
    ("u8e-1", decimals(1, 0, 25, (9, 9, 9))),
    ("i8e-2", decimals(2, -1.28, 1.27, (9, 9, 9))),
    ("u16e-4", decimals(4, 0, 6.5)),
    ("i16e-4", decimals(4, -3, 3)),
    ("i24e-4", decimals(4, -800, 800)),
    ("u24e-7", decimals(7, 0, 1)),
    ("i32e-6", decimals(6, -2000, 2000)),
    ("i32e-9", decimals(9, -2, 2)),
    ("i8e-15", np.round(RNG.integers(-100, 100, (3, 9, 9))) / 1e15),
    ("u8e-1", np.full((1, 20, 20), 0.3)),  # which no float is exactly: what is meant is the nearest one
    ("f32", RNG.normal(size=(3, 9, 9)).astype(np.float32).astype(float)),
    ("f64", RNG.normal(size=(3, 9, 9))),
    ("f64", np.array([0.1 + 0.2, *[1 / 3] * 200])),  # 0.30000000000000004 is not 0.3
    ("f64", np.array([1e6 / 3, *[2 / 3] * 200])),
]


def matrix(values: np.ndarray) -> dict[str, Any]:
    return {"shape": list(values.shape), "cells": values.ravel().tolist()}


def test_the_shortest_form_that_is_exact_is_chosen_by_both_sides_and_read_back_to_the_bit():
    made = node("written", matrices=[matrix(values) for _, values in WRITTEN])
    for (kind, values), by_page in zip(WRITTEN, made, strict=True):
        text = array_text(values)
        assert text.partition(":")[0] == kind
        assert by_page["address"] == text
        again = read("x", text)
        np.testing.assert_array_equal(again, values, strict=True)
        assert again.tobytes() == values.tobytes()


def test_random_arrays_come_through_an_address_to_the_bit():
    every = [
        decimals(int(RNG.integers(0, 10)), *sorted(RNG.uniform(-1, 1, 2) * 10.0 ** RNG.integers(-3, 6)), (2, 9, 13))
        for _ in range(60)
    ]
    for values, by_page in zip(every, node("written", matrices=list(map(matrix, every))), strict=True):
        assert by_page["address"] == array_text(values) or by_page["address"].startswith("[")
        assert read("x", by_page["address"]).tobytes() == values.tobytes()


def test_a_picture_of_four_decimals_that_is_within_the_limits_fits_an_address():
    values = decimals(4, -700, 700, (3, 64, 64))
    (by_page,) = node("written", matrices=[matrix(values)])
    assert len(f"/api/conv2d/walk/stream?x={by_page['address']}") < limits.URL_BYTES * 0.8
    query = Query.parse(LAYERS["conv2d"], f"x={by_page['address']}".encode())
    np.testing.assert_array_equal(query.arrays["x"], values, strict=True)


def test_what_is_too_long_is_told_how_many_decimals_would_fit():
    room = 60_000
    pictures = [
        RNG.uniform(0, 1, (3, 64, 64)),
        RNG.uniform(-1000, 1000, (3, 64, 64)),
        RNG.uniform(0, 255, (16, 64, 64)),
    ]
    first, second, third = node("fitting", matrices=list(map(matrix, pictures)), room=room)
    assert (first["decimals"], second["decimals"], third) == (7, 3, None)
    for values, fitting in zip(pictures, (first, second), strict=False):
        assert len(fitting["address"]) <= room
        np.testing.assert_allclose(read("x", fitting["address"]), values, atol=0.51 * 10.0 ** -fitting["decimals"])


REFUSED: dict[str, str] = {
    "i24:2:AAA": "has 2 bytes, and its shape needs 6",
    "i24:1:AAAAAA": "has 4 bytes",
    "i32e-2:1x1x2:AAAA": "has 3 bytes, and its shape needs 8",
    "i24:99999x99999x99999x99999:AAAA": "its shape needs",
    "u8e-16:1:AA": "must be nested lists",
    "u8e-0:1:AA": "must be nested lists",
    "u8e-01:1:AA": "must be nested lists",
    "u8e4:1:AA": "must be nested lists",
    "u8e-:1:AA": "must be nested lists",
    "u8e--4:1:AA": "must be nested lists",
    "u8e-٤:1:AA": "must be nested lists",
    "i12:1:AA": "must be nested lists",
    "i64:1:AAAAAAAAAAA": "must be nested lists",
    "f32e-4:1:AAAAAA": "must be nested lists",
    "f16:1:AAA": "must be nested lists",
    "I8:1:AA": "must be nested lists",
    "u8\n:1:AA": "must be nested lists",
    "i16e-4": "must be nested lists",
    "i16e-4:1x:AAA": "must be nested lists",
    "i16e-4:2:AA*A": "must be nested lists",
}


@pytest.mark.parametrize(("text", "message"), REFUSED.items())
def test_what_is_no_such_form_is_refused_in_words(text: str, message: str):
    with pytest.raises(SettingError, match=message) as refusal:
        read("x", text)
    assert refusal.value.setting == "x"


def test_whole_numbers_keep_their_sign_in_every_width():
    for kind, bits in (("i8", 8), ("i16", 16), ("i24", 24), ("i32", 32)):
        values = [0, 1, -1, 2 ** (bits - 1) - 1, -(2 ** (bits - 1))]
        data = b"".join(value.to_bytes(bits // 8, "little", signed=True) for value in values)
        text = f"{kind}:5:{base64.urlsafe_b64encode(data).decode().rstrip('=')}"
        np.testing.assert_array_equal(read("x", text), np.array(values, float), strict=True)
