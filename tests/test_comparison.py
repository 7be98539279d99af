"""Somebody's own array, held against that of a walk: how many cells differ, where, and which mistake gives that."""

import re
from itertools import cycle, islice
from typing import Any

import numpy as np
import pytest

import core
from core import fast
from core.catalog import LAYERS, Run
from core.comparison.comparison import Comparison
from core.comparison.computed import computed
from core.comparison.mistakes import MISTAKES
from core.comparison.numbers import Numbers
from core.comparison.shown import Shown
from tests.asked import SMALLER
from tests.wrong_code import CODE, Made, Written, drawn

SETTINGS = 20  # on which each mistake is made
SHAPED = ["padding_not_cropped"]  # found by the shape alone


def compared(mine: Any, made: Made) -> Comparison:
    assert made is not None
    return core.compare(mine.layer, "walk", *made, **mine.settings)


def cases(key: str) -> list[tuple[Written, Any, Made, Comparison]]:
    """Settings on which the mistake can be made and shows, by each way of writing it in turn."""
    found = []
    for written, seed in islice(zip(cycle(CODE[key]), range(1000), strict=False), 400):
        mine = written.draw(seed, **written.fixed)
        made = written.code(mine) if min(mine.dy.shape) > 0 else None
        shows = made and (made[1].any() or key == "all_zeros")
        if shows and not (comparison := compared(mine, made)).agrees:
            found.append((written, mine, made, comparison))
        if len(found) == SETTINGS:
            break
    return found


@pytest.mark.parametrize("key", CODE)
def test_a_mistake_in_anybodys_code_is_found_by_its_name(key: str):
    found = cases(key)
    assert len(found) == SETTINGS
    for _, mine, made, comparison in found:
        assert key in comparison.keys, (mine.seed, comparison.keys)
        assert made is not None
        for other in comparison.found:  # another name only if that mistake gives the same numbers
            if other.array in (made[0], f"{made[0]}_padded"):
                same = [one.code(mine) for one in CODE[other.key] if one.draw(0, **one.fixed).layer == mine.layer]
                assert any(one and one[0] == made[0] and np.allclose(one[1], made[1]) for one in same), mine.seed
    assert any(comparison.keys == (key,) for *_, comparison in found)


def test_every_mistake_is_made_by_code_of_its_own():
    assert {*CODE, *SHAPED} == set(MISTAKES)


# --- Right answers ----------------------------------------------------------------------------------------------------


def given_by(run: Run) -> dict[str, Any]:
    return {**{name: run.start[name] for name in run.layer.axes}, **_settings(run)}


def _settings(run: Run) -> dict[str, Any]:
    sized = run.layer.sized_by(run.layer.axes)
    plain = {name: value for name, value in run.settings.plain().items() if name not in sized}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}


def random_runs(layer: str, count: int) -> list[Run]:
    """Some of the legal settings of a layer, with numbers that are no whole ones."""
    dice, runs = np.random.default_rng(0), []
    kinds = LAYERS[layer].settings.kinds()
    for _ in range(200):
        turned: dict[str, Any] = {}
        for name, kind in kinds.items():
            low, high = getattr(kind, "low", 0), min(getattr(kind, "high", 1), 6)
            choices = getattr(kind, "choices", ())
            match kind.kind:
                case "whole" if name not in ("seed", "groups"):
                    turned[name] = int(dice.integers(max(low, 1), high + 1))
                case "pair":
                    turned[name] = tuple(map(int, dice.integers(low, min(high, low + 2) + 1, 2)))
                case "choice" | "flag" if name != "grad_output":
                    turned[name] = str(dice.choice(choices))
        try:
            run = Run.planned(layer, **turned)
            arrays = {name: run.start[name] + dice.uniform(0.1, 0.4, run.start[name].shape) for name in run.layer.axes}
            if turned.get("activation_before") in ("sigmoid", "tanh") or turned.get("kernel") == "symmetric":
                continue
            runs.append(Run.of(layer, arrays=arrays, **_settings(run)))
        except core.SettingError:
            continue
        if len(runs) == count:
            break
    return runs


@pytest.mark.parametrize("layer", LAYERS)
def test_each_array_by_whole_arrays_is_the_one_of_the_loops(layer: str):
    runs = random_runs(layer, 6)
    assert len(runs) == 6
    for run in runs:
        end, numbers = run.finish(), Numbers(run)
        for name in run.layer.whole.keys() & computed(run).keys():
            if name != "dx_before" or run.settings.plain()["activation_before"] != "identity":  # else it is not run
                np.testing.assert_allclose(numbers.right(name), end[name], rtol=1e-12, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_array_that_a_walk_computes_agrees_with_itself(layer: str):
    smaller = SMALLER.get(layer, {})
    run = Run.of(layer, **smaller)
    end = run.finish()
    for name in computed(run):
        if name != "dx_before":
            comparison = core.compare(layer, "walk", name, end[name], **smaller)
            assert comparison.agrees, name
            assert comparison.keys == ()


def single(arrays: dict[str, Any]) -> dict[str, np.ndarray]:
    return {name: np.asarray(array, np.float32) for name, array in arrays.items()}


@pytest.mark.parametrize("seed", range(20))
def test_a_right_answer_in_float32_is_never_accused(seed: int):
    mine = drawn(seed, activation="identity", whole=False)
    if not mine.dy.size:
        return
    # Large numbers that cancel leave the most of rounding.
    mine.x, mine.w = mine.x + 100 * (seed % 3), mine.w - mine.w.mean((1, 2, 3), keepdims=True) * (seed % 2)
    x, w, b, dy = single({"x": mine.padded(), "w": mine.w, "b": mine.b, "dy": mine.dy}).values()
    how = {"stride": mine.stride, "dilation": mine.dilation, "groups": mine.groups}
    z = fast.conv2d(x, w, b, **how)
    dx, dw, db = fast.conv2d_backward(dy, x, w, b, **how)
    for name, array in {"z": z, "dx": mine.cropped(dx), "dw": dw, "db": db}.items():
        assert array.dtype == np.float32
        assert compared(mine, (name, array)).agrees
        widened = compared(mine, (name, array.astype(float)))  # as it is where its dtype is forgotten
        assert widened.agrees or widened.keys == ("float32_rounding",), (name, widened.keys)


# --- What is said of a difference -------------------------------------------------------------------------------------


def test_the_first_cell_that_differs_and_the_largest_difference_are_told():
    mine = core.run("conv2d")["dx"]
    mine[1, 2, 3] += 0.5
    mine[2, 0, 1] -= 2
    comparison = core.compare("conv2d", "walk", "dx", mine)
    assert (comparison.differ, comparison.first) == (2, (1, 2, 3))
    assert (comparison.largest, comparison.largest_at) == (-2, (2, 0, 1))
    assert comparison.found == ()
    assert "none of the known mistakes" in str(comparison)


def test_tolerances_are_those_of_allclose():
    right = core.run("conv2d")["dw"]
    mine = right * (1 + 1e-4) + 1e-3
    for rtol, atol in [(1e-4, 1.1e-3), (0.0, 1e-3), (1e-3, 0.0), (2e-4, 9e-4)]:
        comparison = core.compare("conv2d", "walk", "dw", mine, rtol=rtol, atol=atol)
        assert comparison.agrees == np.allclose(mine, right, rtol=rtol, atol=atol)
        assert comparison.differ == (~np.isclose(mine, right, rtol=rtol, atol=atol)).sum()
        assert (comparison.tolerance, comparison.precision) == ((rtol, atol), "given")


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e308, -1e308])
def test_numbers_that_are_none_or_huge_differ_and_hide_nothing(number: float):
    mine = core.run("conv2d")["dx"]
    mine[0, 0, 0] = number
    mine[0, 0, 1] += 1
    comparison = core.compare("conv2d", "walk", "dx", mine)
    assert (comparison.differ, comparison.first) == (2, (0, 0, 0))
    is_finite = np.isfinite(number)
    assert comparison.not_finite == (not is_finite)
    assert comparison.largest_at == ((0, 0, 0) if is_finite else (0, 0, 1))
    assert comparison.keys == (() if is_finite else ("not_finite",))


def test_cells_that_are_nan_are_counted_and_the_first_of_them_is_told_where_another_one_differs_before():
    mine = core.run("conv2d")["dx"]
    mine[0, 0, 1] += 1
    mine[1, 2, 3], mine[2, 0, 0] = np.nan, -np.inf
    said = str(core.compare("conv2d", "walk", "dx", mine))
    assert "dx differs in 3 of 75 cells, first in dx[0, 0, 1]" in said
    assert "dx is NaN or infinite where it should not be, in 2 of 75 cells, the first of them dx[1, 2, 3]" in said
    mine[0, 0, 1] = np.nan
    assert "first in dx[0, 0, 1]: yours is NaN, and should be " in str(core.compare("conv2d", "walk", "dx", mine))


def test_two_numbers_that_differ_are_told_in_as_many_digits_as_that_takes():
    mine = core.run("conv2d")["dw"]
    right = mine[0, 0, 0, 0]
    assert right == 8
    mine[0, 0, 0, 0] = 8 + 1e-11
    said = str(core.compare("conv2d", "walk", "dw", mine, rtol=0, atol=0))
    assert "yours is 8.00000000001, and should be 8" in said
    mine[0, 0, 0, 0] = -0.0
    assert "yours is 0, and should be 8" in str(core.compare("conv2d", "walk", "dw", mine))


def test_the_infinite_border_of_a_pool_agrees_with_itself_alone():
    border = core.run("max_pool2d", padding=1)["x_padded"]
    assert np.isinf(border).any()
    assert core.compare("max_pool2d", "walk", "x_padded", border, padding=1).agrees
    assert not core.compare("max_pool2d", "walk", "x_padded", np.maximum(border, -1e308), padding=1).agrees


@pytest.mark.parametrize(
    ("array", "mine", "said"),
    [
        ("dx", np.zeros((3, 5)), "dx must have the shape (3, 5, 5); it has (3, 5)"),
        ("dx", core.run("conv2d")["dx_padded"], "its padding is still to be cropped"),
        ("dx", core.run("conv2d")["dx"].transpose(1, 2, 0), "transpose(2, 0, 1), and then every number is right"),
        ("db", core.run("conv2d")["dz"].sum(2), "δ is summed over too few axes"),
        ("w", np.zeros((3, 2, 3, 3)), "with its axes in another order it fits, transpose(1, 0, 2, 3)"),
        ("dx", [[1, 2], [3]], "dx must be an array of numbers, its rows all of one length"),
        ("dx", 1j, "dx must be an array of numbers"),
        ("x", 1, "array must be one of x_padded"),
    ],
)
def test_what_cannot_be_compared_is_told_in_words(array: str, mine: Any, said: str):
    with pytest.raises(core.SettingError, match=re.escape(said)):
        core.compare("conv2d", "walk", array, mine)


def test_a_batch_of_one_is_taken_for_its_only_example():
    assert core.compare("conv2d", "walk", "dx", core.run("conv2d")["dx"][None]).agrees


def test_a_tolerance_below_zero_is_refused():
    with pytest.raises(core.SettingError, match="rtol"):
        core.compare("conv2d", "walk", "dx", core.run("conv2d")["dx"], rtol=-1)


# --- The walk that shows it -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", [layer.name for layer in LAYERS.values() if layer.group == "What goes wrong"])
def test_a_mistake_that_has_a_walk_is_shown_by_it_on_the_same_numbers(layer: str):
    whole = "max_pool2d" if layer == "assigned_not_added" else "conv2d"
    shown = Run.of(layer)
    end = shown.finish()
    kinds = LAYERS[whole].settings.kinds()
    settings = {name: value for name, value in _settings(shown).items() if name in kinds}
    arrays = {name: shown.start[name] for name in LAYERS[whole].axes}
    comparison = core.compare(whole, "walk", "dx", end["dx_wrong"], **arrays, **settings)
    assert layer in comparison.keys
    walk = comparison.shown[comparison.keys.index(layer)]
    assert isinstance(walk, Shown)
    assert walk.part is None
    again = core.run(walk.layer, walk.algorithm, walk.arrays, **walk.settings)
    np.testing.assert_array_equal(again["dx_wrong"], end["dx_wrong"])


@pytest.mark.parametrize("key", ["kernel_not_flipped", "no_zeros_for_the_stride", "slope_ignored"])
def test_in_groups_the_walk_shows_the_group_in_which_the_first_wrong_cell_is(key: str):
    written = next(one for one in CODE[key] if one.draw(0, **one.fixed).layer == "conv2d")
    led = 0
    for seed in range(40):
        mine = drawn(seed, **written.fixed | {"groups": 2, "dilation": (1, 1), "padding": ((1, 1), (0, 0))})
        made = written.code(mine) if min(mine.dy.shape) > 0 else None
        if made is None or (comparison := compared(mine, made)).first is None:
            continue
        assert made[0] == "dx"
        led += 1
        walk = comparison.shown[comparison.keys.index(key)]
        assert isinstance(walk, Shown)
        half = len(mine.x) // 2
        first = comparison.first[0] // half * half
        assert walk.part == f"dx[{first}:{first + half}]"
        again = core.run(walk.layer, walk.algorithm, walk.arrays, **walk.settings)
        np.testing.assert_allclose(again["dx"], comparison.right[first : first + half], atol=1e-9)
        np.testing.assert_allclose(again["dx_wrong"], made[1][first : first + half], atol=1e-9)
    assert led >= 10


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"dilation": (2, 2)}, "the walk that shows this mistake cannot do so on these numbers: it has no dilation"),
        ({"padding": (1, 0, 0, 1)}, "the walk that shows this mistake cannot do so on these numbers"),
        ({"dilation": (2, 1), "padding_mode": "circular"}, "it has no padding_mode, dilation"),
    ],
)
def test_where_no_walk_shows_a_mistake_on_these_numbers_that_is_said(settings: dict[str, Any], said: str):
    sizes = {"in_height": 7, "in_width": 7, "kernel_size": 3, "stride": 2, **settings}
    start = Run.planned("conv2d", **sizes)
    arrays = {name: start.start[name] for name in start.layer.axes}
    turned = Run.of("conv2d", arrays=arrays | {"w": arrays["w"][..., ::-1, ::-1]}, **sizes).finish()
    comparison = core.compare("conv2d", "walk", "dx", turned["dx"], **arrays, **sizes)
    assert "kernel_not_flipped" in comparison.keys
    assert said in str(comparison.shown[comparison.keys.index("kernel_not_flipped")])


def test_what_has_no_walk_and_what_is_no_mistake_is_told_apart():
    right = core.run("conv2d")["dx"]
    assert [str(one) for one in core.compare("conv2d", "walk", "dx", 2 * right).shown] == [
        "no walk of its own shows this mistake"
    ]
    right[0, 0, 0] = np.nan
    assert core.compare("conv2d", "walk", "dx", right).shown == (None,)
