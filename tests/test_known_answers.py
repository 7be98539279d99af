"""Answers that others published or that were worked out by hand, number for number.

known_answers.json says where each case comes from. Pooling cases stand in it too, for the pooling layers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core

CASES = json.loads((Path(__file__).parent / "known_answers.json").read_text(encoding="utf-8"))
CONVOLUTIONS = {case["name"]: case for case in CASES["conv"]}
GIVEN = ("x", "w", "b", "dy")
ANSWERS = ("y", "dx", "dw", "db", "dz_expanded")
DEFAULT = "hanbt_init_test"
RATE = 0.001


def array(case: dict[str, Any], name: str) -> np.ndarray:
    return np.array(case[name], dtype=float)


def is_whole(case: dict[str, Any]) -> bool:
    return all(np.array_equal(array(case, name), np.rint(array(case, name))) for name in GIVEN + ANSWERS)


def assert_answers(found: dict[str, np.ndarray], case: dict[str, Any]) -> None:
    """Exactly where all numbers are whole: sums of those have no rounding to excuse."""
    for name in ANSWERS:
        expected = array(case, name)
        assert found[name].shape == expected.shape, name
        if is_whole(case):
            assert np.array_equal(found[name], expected), name
        else:
            np.testing.assert_allclose(found[name], expected, rtol=0, atol=1e-12, err_msg=name)


def assert_updated(found: dict[str, np.ndarray], case: dict[str, Any], rate: float) -> None:
    """The walk ends with its weights one step further down the slope, in the very same float arithmetic."""
    assert np.array_equal(found["w"], array(case, "w") - rate * array(case, "dw"))
    assert np.array_equal(found["b"], array(case, "b") - rate * array(case, "db"))


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_the_walk_equals_the_known_answer(name: str) -> None:
    case = CONVOLUTIONS[name]
    settings = {setting: case[setting] for setting in ("stride", "padding", "dilation")}
    found = core.run("conv2d", "walk", arrays={given: array(case, given) for given in GIVEN}, **settings)
    assert_answers(found, case)


def test_there_are_fourteen_known_convolutions_and_one_has_fractions() -> None:
    assert len(CONVOLUTIONS) == 14
    assert [name for name, case in CONVOLUTIONS.items() if not is_whole(case)] == ["gkrqja98"]


def test_the_default_walk_is_the_articles_example() -> None:
    case = CONVOLUTIONS[DEFAULT]
    found = core.run("conv2d")
    for name in ("x", "dy"):
        assert np.array_equal(found[name], array(case, name)), name
    assert np.array_equal(found["dz"], array(case, "dy"))  # the identity lets every gradient through
    assert_answers(found, case)


def test_the_default_walk_updates_the_weights_with_learning_rate_0_001() -> None:
    assert_updated(core.run("conv2d"), CONVOLUTIONS[DEFAULT], RATE)


def test_another_learning_rate_gives_another_update() -> None:
    assert_updated(core.run("conv2d", learning_rate=0.5), CONVOLUTIONS[DEFAULT], 0.5)


def test_the_default_arrays_given_by_hand_equal_the_default() -> None:
    case = CONVOLUTIONS[DEFAULT]
    by_default = core.run("conv2d")
    by_hand = core.run("conv2d", "walk", arrays={given: array(case, given) for given in GIVEN})
    assert by_default.keys() == by_hand.keys()
    for name, expected in by_default.items():
        assert np.array_equal(by_hand[name], expected), name


def test_a_gradient_of_ones_equals_the_sum_as_loss() -> None:
    case = CONVOLUTIONS["hanbt_init_test_ones"]
    found = core.run("conv2d", grad_output="ones")
    assert np.array_equal(found["dy"], array(case, "dy"))
    assert_answers(found, case)
    assert_updated(found, case, RATE)


def test_the_arrays_given_are_not_written_to() -> None:
    case = CONVOLUTIONS[DEFAULT]
    given = {name: array(case, name) for name in GIVEN}
    found = core.run("conv2d", "walk", arrays=given)
    for name in GIVEN:
        assert np.array_equal(given[name], array(case, name)), name
    assert not np.array_equal(found["w"], given["w"])  # only the walk's own copy was updated
