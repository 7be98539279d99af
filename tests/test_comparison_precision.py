"""An array is compared as exactly as it was given: to the decimals of a print, as float32, as float64."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import core
from core import fast

HOW = {"stride": 2, "padding": 1}
DICE = np.random.default_rng(3)
X, W, DY = (DICE.normal(size=shape) for shape in ((2, 12, 12), (3, 2, 3, 3), (3, 6, 6)))
RIGHT = fast.conv2d_backward(DY, X, W, None, stride=2, padding=1)[0]


def col2im() -> np.ndarray:
    """The stamps of dx with = for +=."""
    dx = np.zeros((2, 14, 14))
    for i, j in np.ndindex(6, 6):
        dx[:, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3] = np.tensordot(DY[:, i, j], W, 1)
    return dx[:, 1:13, 1:13]


def printed(array: np.ndarray, **how: Any) -> np.ndarray:
    """An array as it is read off a print."""
    with np.printoptions(threshold=10**6, **how):
        text = repr(array).partition("dtype")[0]
    numbers = re.findall(r"-?\d[\d.]*(?:e[+-]\d+)?", text)[: array.size]
    return np.array(list(map(float, numbers))).reshape(array.shape)


def compared(mine: np.ndarray, **how: Any) -> core.Comparison:
    return core.compare("conv2d", "input_gradient", "dx", mine, x=X, w=W, dy=DY, **HOW | how)


GIVEN: dict[str, tuple[Callable[[np.ndarray], np.ndarray], str, float]] = {  # and what their rounding comes to
    "as it is": (lambda a: a, "", 1e-9),
    "a print of 8 decimals": (lambda a: printed(a, suppress=True), "to the 8 decimals that you gave", 6e-9),
    "a print of 4 decimals": (
        lambda a: printed(a, precision=4, suppress=True), "to the 4 decimals that you gave", 6e-5,
    ),
    "np.round to 2": (lambda a: np.round(a, 2), "to the 2 decimals that you gave", 6e-3),
    "np.round to 1": (lambda a: np.round(a, 1), "to the one decimal that you gave", 6e-2),
    "digits": (np.vectorize(lambda each: float(f"{each:.4e}")), "to the 5 digits that you gave", 6e-4),
    "float32": (lambda a: a.astype("f4"), "float32", 1e-5),
    "float32, widened": (lambda a: a.astype("f4").astype(float), "float32", 1e-5),
    "a print of float32": (lambda a: printed(a.astype("f4"), suppress=True), "float32", 1e-5),
    "float16": (lambda a: a.astype("f2"), "float16", 5e-2),
    "float16, widened": (lambda a: a.astype("f2").astype(float), "float16", 5e-2),
    "a print of float16": (lambda a: printed(a.astype("f2"), suppress=True), "float16", 5e-2),
}  # fmt: skip


@pytest.mark.parametrize("given", GIVEN)
def test_the_first_cell_that_differs_is_the_first_beyond_the_rounding_of_what_was_given(given: str):
    as_given, said, most = GIVEN[given]
    right = compared(as_given(RIGHT))
    assert (right.agrees, right.found) == (True, ())
    assert said in str(right)

    wrong = as_given(col2im())
    off = np.abs(col2im() - RIGHT)
    sure, unsure = off > 2 * most, off > 1e-9
    assert 100 < sure.sum() < RIGHT.size / 1.2  # so that some cells do not differ
    comparison = compared(wrong)
    assert comparison.keys == ("assigned_not_added",)
    assert sure.sum() <= comparison.differ <= unsure.sum()
    assert (comparison.differs | ~sure).all()
    assert (unsure | ~comparison.differs).all()
    assert comparison.first == tuple(np.argwhere(comparison.differs)[0])
    assert said in str(comparison).partition("\n")[0]

    alone = RIGHT.copy()  # and where no mistake is known
    alone[1, 3, 4] += 0.3
    comparison = compared(as_given(alone))
    assert (comparison.differ, comparison.first, comparison.keys) == (1, (1, 3, 4), ())


def test_what_is_computed_in_float32_is_right_however_it_comes():
    x, w, dy = (array.astype("f4") for array in (X, W, DY))
    dx = fast.conv2d_backward(dy, x, w, None, stride=2, padding=1)[0]
    for mine in (dx, dx.astype(float), printed(dx), printed(dx, precision=3), np.round(dx.astype(float), 5)):
        assert compared(mine).agrees
    mixed = compared((dx + 0.1).astype(float) * (1 + 1e-9) - 0.1)  # partly in float64
    assert (mixed.keys, mixed.first) == (("float32_rounding",), None)
    assert str(mixed).startswith("dx differs in 28")
    assert "first" not in str(mixed).partition("\n")[0]


def test_whole_numbers_are_rounded_ones_where_they_are_large():
    mine = fast.conv2d_backward(DY, X, 100 * W, None, stride=2, padding=1)[0]
    settings = {"x": X, "w": 100 * W, "dy": DY, **HOW}
    rounded = core.compare("conv2d", "input_gradient", "dx", np.round(mine), **settings)
    assert str(rounded) == "dx agrees in all 288 cells, to the whole numbers that you gave"
    cut = core.compare("conv2d", "input_gradient", "dx", np.trunc(mine), **settings)
    assert cut.keys == ("whole_numbers",)
    wrong = np.round(mine)
    wrong[1, 2, 3] += 2
    assert core.compare("conv2d", "input_gradient", "dx", wrong, **settings).first == (1, 2, 3)


@pytest.mark.parametrize("mine", [0 * RIGHT, np.full(RIGHT.shape, 0.5), np.sign(RIGHT), 1e-3 * np.round(RIGHT)])
def test_few_digits_are_no_excuse_for_numbers_that_are_wrong(mine: np.ndarray):
    assert compared(mine).differ > 0.95 * RIGHT.size


def test_who_says_how_exact_it_is_has_the_word():
    mine = printed(RIGHT)
    assert compared(mine, dtype="float64").differ > 100
    assert compared(mine, rtol=0, atol=1e-12).differ > 100
    assert compared(mine, dtype="float32").agrees
    assert compared(RIGHT * (1 + 1e-3), dtype="float16").agrees
    with pytest.raises(core.SettingError, match="dtype must be one of float64, float32, float16"):
        compared(mine, dtype="float8")


@pytest.mark.parametrize("scale", [1e-6, 1e-5, 1e-4, 1e-2, 1.0, 100.0])
@pytest.mark.parametrize("decimals", range(9))
def test_what_was_rounded_as_float32_is_told_so_and_a_right_float32_is_not(decimals: int, scale: float):
    w, right = (W * scale).astype(np.float32), RIGHT * scale
    mine = fast.conv2d_backward(DY.astype(np.float32), X.astype(np.float32), w, None, stride=2, padding=1)[0]
    rounded = np.round(mine, decimals)
    for given in (mine, rounded, rounded.astype(float)):
        comparison = core.compare("conv2d", "walk", "dx", given, x=X, w=W * scale, dy=DY, **HOW)
        is_close = comparison.agrees or "float32_rounding" in comparison.keys
        assert is_close or (given is not mine and "rounded_in_print" in comparison.keys), comparison.keys
    step = 10.0**-decimals
    if 1e-5 < step / np.abs(right).max() < 0.1:  # fine enough for a mistake, and not for float32
        assert "rounded_in_print" in comparison.keys or comparison.agrees, comparison.keys


def test_other_numbers_in_float32_are_not_told_to_be_rounded():
    for scale in (1e-6, 1e-3, 1.0, 1e3):
        for digits in range(9):
            mine = (RIGHT * scale * (1 + 3e-5 * DICE.normal(size=RIGHT.shape))).astype(np.float32)
            mine[0, 0] = np.round(mine[0, 0], digits)
            comparison = core.compare("conv2d", "walk", "dx", mine, x=X, w=W * scale, dy=DY, **HOW)
            assert comparison.keys == (), (scale, digits)
