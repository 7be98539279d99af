"""The pooling layers: against answers worked out by hand, core.fast, and a plain search of every window."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import core
from core import fast
from core.catalog import LAYERS, Run
from core.offer.layer import check
from core.offer.settings import SettingError
from core.recording.trace import Trace, cells
from tests.cases import each

KNOWN = {
    case["name"]: case
    for case in json.loads((Path(__file__).parent / "known_answers.json").read_text(encoding="utf-8"))["pool"]
}
TIES = {"first": "first", "colfirst": "first_in_columns", "split": "split", "all": "all"}  # as the file calls them
POOLS = ("max_pool2d", "avg_pool2d", "global_max_pool2d", "global_avg_pool2d")
every_pool = pytest.mark.parametrize("layer", POOLS)
every_rule = pytest.mark.parametrize("ties", TIES.values())


class Pool(NamedTuple):
    """One random pool: its sizes, its window, and its numbers."""

    shape: tuple[int, int, int]
    kernel_size: tuple[int, int]
    window: dict[str, Any]
    seed: int

    def settings(self) -> dict[str, Any]:
        C, H, W = self.shape
        sizes = {"in_channels": C, "in_height": H, "in_width": W, "seed": self.seed}
        return {**sizes, "kernel_size": self.kernel_size, **self.window}


def random_pools(layer: str, count: int, own: dict[str, tuple[Any, ...]]) -> Iterator[Pool]:
    """Legal ones; numbers are small and whole (seed above 0), so ties are common and sums of them are exact."""
    rng = np.random.default_rng(31)

    def pair(low: int, high: int) -> tuple[int, int]:
        return int(rng.integers(low, high + 1)), int(rng.integers(low, high + 1))

    found = 0
    while found < count:
        window = {"stride": pair(1, 4), "padding": pair(0, 2), "ceil_mode": bool(rng.integers(2))}
        window |= {name: values[rng.integers(len(values))] for name, values in own.items()}
        if layer == "max_pool2d":
            window["dilation"] = pair(1, 3)
        sizes = (int(rng.integers(1, 3)), *pair(1, 8))
        pool = Pool(sizes, pair(1, 4), window, int(rng.integers(1, 90)))
        try:
            check(LAYERS[layer], "pool", LAYERS[layer].settings.of(pool.settings()))
        except SettingError:
            continue
        found += 1
        yield pool


MAX_POOLS = list(random_pools("max_pool2d", 120, {}))
AVG_POOLS = list(random_pools("avg_pool2d", 80, {"count_include_pad": (True, False)}))


def read_cells(trace: Trace, array: str, chapter: str) -> np.ndarray:
    """Which cells of an array the steps of a chapter read."""
    [told] = [one for one in trace.chapters if one.name == chapter]
    seen = np.zeros(trace.start[array].shape, bool)
    for step in trace.steps[told.first : told.stop]:
        for access in step.accesses:
            if access.array == array and access.values is None:
                seen[cells(access.box)] = True
    return seen


def searched(x: np.ndarray, dy: np.ndarray, pool: Pool, ties: str) -> np.ndarray:
    """dx by the rule's own words: search every window of the input for its winners, and pay them."""
    (KH, KW), window = pool.kernel_size, pool.window
    (SH, SW), (PH, PW), (DH, DW) = window["stride"], window["padding"], window["dilation"]
    _, H, W = x.shape
    dx = np.zeros(x.shape)
    for (c, i, j), arriving in np.ndenumerate(dy):
        under = [(i * SH - PH + u * DH, j * SW - PW + v * DW) for u, v in np.ndindex(KH, KW)]
        under = [(row, column) for row, column in under if 0 <= row < H and 0 <= column < W]
        largest = max(x[c, row, column] for row, column in under)
        winners = [place for place in under if x[c, place[0], place[1]] == largest]
        if ties == "first":
            winners = [min(winners)]
        elif ties == "first_in_columns":
            winners = [min(winners, key=lambda place: place[::-1])]
        for row, column in winners:
            dx[c, row, column] += arriving if ties == "all" else arriving / len(winners)
    return dx


# --- Known answers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KNOWN)
def test_the_walk_equals_the_known_answer(name: str):
    case = KNOWN[name]
    settings: dict[str, Any] = {"kernel_size": case["k"], "stride": case["s"]}
    if case["mode"] == "max":
        settings["ties"] = TIES[case["tie"]]
    found = core.run(f"{case['mode']}_pool2d", arrays={"x": case["x"], "dy": case["dy"]}, **settings)
    assert found["y"].tolist() == case["y"]
    assert found["dx"].tolist() == case["dx"]
    if case["argmax_in_window"] and case["tie"] != "colfirst":  # the file names the first in rows for all
        places = [divmod(int(place), found["x"].shape[2]) for place in found["where"].ravel()]
        inside = [
            [row - i * case["s"], column - j * case["s"]]
            for (row, column), (_, i, j) in zip(places, np.ndindex(found["y"].shape), strict=True)
        ]
        assert inside == case["argmax_in_window"]


def test_there_are_eight_known_pools_and_every_rule_for_ties_is_among_them():
    assert len(KNOWN) == 8
    assert {case["tie"] for case in KNOWN.values()} == TIES.keys()


@pytest.mark.parametrize(("layer", "name"), [("max_pool2d", "hanbt_pool"), ("avg_pool2d", "hanbt_pool_avg")])
def test_the_default_is_the_articles_example(layer: str, name: str):
    found = core.run(layer)
    for array in ("x", "dy", "y", "dx"):
        assert found[array].tolist() == KNOWN[name][array]


def test_the_default_of_the_global_pools_can_be_checked_by_head():
    largest, mean = core.run("global_max_pool2d"), core.run("global_avg_pool2d")
    assert largest["x"].tolist() == [[[1, 2, 3, 2], [0, 4, 1, 3]], [[5, 2, 1, 4], [3, 0, 6, 3]]]
    assert (largest["y"].tolist(), mean["y"].tolist()) == ([4, 6], [2, 3])
    assert largest["where"].tolist() == [5, 6]
    assert largest["dx"].tolist() == [[[0, 0, 0, 0], [0, 8, 0, 0]], [[0, 0, 0, 0], [0, 0, 16, 0]]]
    assert mean["dx"].tolist() == [[[1] * 4] * 2, [[2] * 4] * 2]


# --- Against whole-array NumPy ------------------------------------------------------------------------------


@each("pool", MAX_POOLS)
def test_a_max_pool_equals_the_fast_one(pool: Pool):
    found = core.run("max_pool2d", **pool.settings())
    y, indices = fast.max_pool2d(found["x"], pool.kernel_size, **pool.window)
    assert found["y"].tolist() == y.tolist()
    assert found["where"].tolist() == indices.tolist()
    dx = fast.max_pool2d_backward(found["dy"], found["x"], pool.kernel_size, **pool.window)
    assert found["dx"].tolist() == dx.tolist()


@each("pool", AVG_POOLS)
def test_an_average_pool_equals_the_fast_one(pool: Pool):
    found = core.run("avg_pool2d", **pool.settings())
    y = fast.avg_pool2d(found["x"], pool.kernel_size, **pool.window)
    np.testing.assert_allclose(found["y"], y, rtol=0, atol=1e-14)
    dx = fast.avg_pool2d_backward(found["dy"], found["x"], pool.kernel_size, **pool.window)
    np.testing.assert_allclose(found["dx"], dx, rtol=0, atol=1e-14)


@pytest.mark.parametrize(("layer", "pools"), [("max_pool2d", MAX_POOLS), ("avg_pool2d", AVG_POOLS)])
def test_the_random_pools_have_every_awkward_corner(layer: str, pools: list[Pool]):
    axes = [axis for pool in pools for axis in LAYERS[layer].settings.of(pool.settings()).axes]
    corners = {
        "windows that overlap": [axis for axis in axes if axis.stride < axis.kernel and axis.out > 1],
        "cells between the windows": [axis for axis in axes if axis.stride > axis.reach and axis.out > 1],
        "cells left over": [axis for axis in axes if (axis.padded - axis.reach) % axis.stride and not axis.ceil],
        "padding": [axis for axis in axes if axis.before],
        "an overhang": [axis for axis in axes if axis.covered > axis.padded],
        "padding and an overhang": [axis for axis in axes if axis.covered > axis.padded and axis.before],
        "a window as large as the input": [axis for axis in axes if axis.kernel == axis.size],
    }
    if layer == "max_pool2d":
        corners["dilation"] = [axis for axis in axes if axis.dilation > 1 and axis.kernel > 1]
    assert {corner: len(found) for corner, found in corners.items() if len(found) < 5} == {}


def test_ties_are_common_among_the_random_pools():
    ends = [core.run("max_pool2d", **pool.settings(), ties="all") for pool in MAX_POOLS]
    assert sum(end["kinks_dx"].any() for end in ends) > 40


@every_rule
@each("pool", MAX_POOLS[::4])
def test_every_rule_for_ties_pays_the_winners_that_a_search_finds(pool: Pool, ties: str):
    found = core.run("max_pool2d", **pool.settings(), ties=ties)
    np.testing.assert_allclose(found["dx"], searched(found["x"], found["dy"], pool, ties), rtol=0, atol=1e-14)


def test_the_rules_for_ties_differ_where_there_is_a_tie_and_only_there():
    arrays = {"x": [[[1, 7], [7, 0]]], "dy": [[[4]]]}
    dxs = [core.run("max_pool2d", ties=ties, arrays=arrays)["dx"].tolist() for ties in TIES.values()]
    assert dxs == [[[[0, 4], [0, 0]]], [[[0, 0], [4, 0]]], [[[0, 2], [2, 0]]], [[[0, 4], [4, 0]]]]
    alike = [core.run("max_pool2d", ties=ties)["dx"].tolist() for ties in TIES.values()]
    assert all(dx == alike[0] for dx in alike)


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_global_pool_is_a_pool_whose_window_is_the_input(seed: int):
    sizes = {"in_channels": 3, "in_height": 3, "in_width": 5, "seed": seed}
    largest, mean = core.run("global_max_pool2d", **sizes), core.run("global_avg_pool2d", **sizes)
    for found, layer in ((largest, "max_pool2d"), (mean, "avg_pool2d")):
        arrays = {"x": found["x"], "dy": found["dy"][:, None, None]}
        same = core.run(layer, arrays=arrays, kernel_size=(3, 5), stride=1)
        np.testing.assert_allclose(found["y"], same["y"][:, 0, 0], rtol=0, atol=1e-14)
        np.testing.assert_allclose(found["dx"], same["dx"], rtol=0, atol=1e-14)
        if "where" in found:
            assert found["where"].tolist() == same["where"][:, 0, 0].tolist()


# --- What a reader should see -------------------------------------------------------------------------------


@each("pool", MAX_POOLS[::3])
def test_the_gradients_that_go_back_sum_to_those_that_arrived(pool: Pool):
    for ties in ("first", "first_in_columns", "split"):
        found = core.run("max_pool2d", **pool.settings(), ties=ties)
        assert found["dx"].sum() == pytest.approx(found["dy"].sum(), abs=1e-12)


@each("pool", AVG_POOLS[::3])
def test_the_gradients_of_an_average_sum_to_those_that_arrived_but_for_what_the_padding_takes(pool: Pool):
    found = core.run("avg_pool2d", **pool.settings())
    height, width = LAYERS["avg_pool2d"].settings.of(pool.settings()).axes
    if pool.window["count_include_pad"]:  # all that counts shares the gradient, the overhang has none of it
        kept = found["dx_padded"][:, : height.padded, : width.padded]
    else:
        kept = found["dx"]
    assert kept.sum() == pytest.approx(found["dy"].sum(), abs=1e-12)


@pytest.mark.parametrize("layer", ["global_max_pool2d", "global_avg_pool2d"])
def test_a_global_pool_loses_no_gradient(layer: str):
    found = core.run(layer, in_channels=3, in_height=3, in_width=5, seed=7)
    np.testing.assert_allclose(found["dx"].sum((1, 2)), found["dy"], rtol=0, atol=1e-14)


@every_rule
def test_a_cell_that_wins_several_windows_adds_their_gradients_up(ties: str):
    arrays = {"x": [[[1, 2, 1], [2, 9, 2], [1, 2, 1]]], "dy": [[[1, 2], [4, 8]]]}
    found = core.run("max_pool2d", arrays=arrays, kernel_size=2, stride=1, ties=ties)
    assert found["dx"].tolist() == [[[0, 0, 0], [0, 15, 0], [0, 0, 0]]]


@pytest.mark.parametrize("layer", ["max_pool2d", "avg_pool2d"])
def test_rows_and_columns_that_are_left_over_are_never_read(layer: str):
    trace = core.record(layer, in_channels=1, in_height=7, in_width=5, kernel_size=2, stride=(3, 2))
    seen = read_cells(trace, "x_padded", "pool")[0]
    # Rows 2 and 5 lie between the windows; for row 6 and column 4 there is no window any more.
    assert np.flatnonzero(seen.any(axis=1)).tolist() == [0, 1, 3, 4]
    assert np.flatnonzero(seen.any(axis=0)).tolist() == [0, 1, 2, 3]
    dx = trace.snapshot(len(trace.steps))["dx"][0]
    assert not dx[~seen].any()


def test_in_ceil_mode_the_rows_left_over_are_read_too():
    settings = {"in_channels": 1, "in_height": 7, "in_width": 5, "kernel_size": 2, "stride": (3, 2), "ceil_mode": True}
    trace = core.record("max_pool2d", **settings)
    assert trace.start["x_padded"].shape == (1, 8, 6)
    seen = read_cells(trace, "x_padded", "pool")[0]
    assert np.flatnonzero(seen.any(axis=0)).tolist() == [0, 1, 2, 3, 4, 5]
    assert np.flatnonzero(seen.any(axis=1)).tolist() == [0, 1, 3, 4, 6, 7]
    y = trace.snapshot(len(trace.steps))["y"]
    assert np.isfinite(y).all()


@every_rule
@each("pool", MAX_POOLS[::6])
def test_the_padding_of_minus_infinity_never_wins(pool: Pool, ties: str):
    x = -1 - np.arange(np.prod(pool.shape)).reshape(pool.shape) % 5.0
    settings = {name: value for name, value in pool.settings().items() if not name.startswith("in_")}
    found = core.run("max_pool2d", arrays={"x": x}, **settings, ties=ties)
    planes = x.reshape(len(x), -1)
    where = found["where"].reshape(len(x), -1).astype(int)
    assert np.array_equal(np.take_along_axis(planes, where, 1), found["y"].reshape(len(x), -1))
    assert np.isfinite(found["dx"]).all()


def ran(layer: str, x: np.ndarray, **settings: Any) -> dict[str, np.ndarray]:
    """Forward and backward on an input that no reader may give, such as one with NaN."""
    C, H, W = x.shape
    run = Run.of(layer, in_channels=C, in_height=H, in_width=W, seed=1, **settings)
    arrays = run.start | {"x": x.copy()}
    for name in ("pad", "pool", "backward"):
        if name in run.layer.algorithms:
            run.layer.algorithms[name].run(arrays, **run.layer.arguments(run.settings))
    return arrays


@each("ties", ["first", "first_in_columns"])
@each("place", list(np.ndindex(3, 3)))
def test_nan_wins_a_maximum_wherever_it_stands(place: tuple[int, int], ties: str):
    x = np.array([[[9.0, 1, 2], [3, 4, 5], [6, 7, np.inf]]])
    x[(0, *place)] = np.nan
    found = ran("max_pool2d", x, kernel_size=3, padding=1, stride=3, ties=ties)
    inside = place[0] < 2 and place[1] < 2  # the window stands over the padding with its first row and column
    assert found["y"].shape == (1, 1, 1)
    assert np.isnan(found["y"][0, 0, 0]) == inside
    if inside:
        assert divmod(int(found["where"][0, 0, 0]), 3) == place
        assert found["dx"][0][place] == found["dy"][0, 0, 0]
    everywhere = ran("global_max_pool2d", x)
    assert np.isnan(everywhere["y"][0])
    assert divmod(int(everywhere["where"][0]), 3) == place


def test_the_chapters_come_in_order():
    told = {name: [chapter.name for chapter in core.record(name).chapters] for name in POOLS}
    assert told == {
        "max_pool2d": ["pad", "pool", "backward", "gradient_check"],
        "avg_pool2d": ["pad", "count", "pool", "backward", "gradient_check"],
        "global_max_pool2d": ["pool", "backward", "gradient_check"],
        "global_avg_pool2d": ["pool", "backward", "gradient_check"],
    }


@pytest.mark.parametrize(
    ("ties", "scenes"),
    [
        ("first", ["first_in_rows", "to_the_winner"]),
        ("first_in_columns", ["first_in_columns", "to_the_winner"]),
        ("split", ["first_in_rows", "shared_among_winners"]),
        ("all", ["first_in_rows", "whole_to_each_winner"]),
    ],
)
def test_the_rule_for_ties_is_named_by_the_function_that_runs(ties: str, scenes: list[str]):
    chapters = {chapter.name: chapter for chapter in core.record("max_pool2d", ties=ties).chapters}
    found = [scene.source for name in ("pool", "backward") for scene in chapters[name].scenes]
    assert found == [f"max_pool.{scene}" for scene in scenes]


# --- The counts of an average -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "counts"),
    [
        ({"kernel_size": 2, "stride": 2}, [[4, 4], [4, 4]]),
        ({"kernel_size": 2, "stride": 2, "padding": 1}, [[4, 4, 4], [4, 4, 4], [4, 4, 4]]),
        ({"kernel_size": 2, "stride": 2, "padding": 1, "count_include_pad": False}, [[1, 2, 1], [2, 4, 2], [1, 2, 1]]),
        ({"kernel_size": 3, "stride": 3, "ceil_mode": True}, [[9, 3], [3, 1]]),
        # The last window begins in the last row of the input; one row below it is padding, and one is neither.
        ({"kernel_size": 3, "stride": (4, 3), "padding": (1, 0), "ceil_mode": True}, [[9, 3], [6, 2]]),
        (
            {"kernel_size": 3, "stride": (4, 3), "padding": (1, 0), "ceil_mode": True, "count_include_pad": False},
            [[6, 2], [3, 1]],
        ),
    ],
)
def test_a_sum_is_divided_by_the_cells_that_count(settings: dict[str, Any], counts: list[list[int]]):
    trace = core.record("avg_pool2d", "count", in_channels=1, in_height=4, in_width=4, **settings)
    assert trace.snapshot(len(trace.steps))["counts"].tolist() == counts
    reads = [access for step in trace.steps for access in step.accesses if access.values is None]
    read = [len(np.arange(*rows)) * len(np.arange(*columns)) for access in reads for _, rows, columns in [access.box]]
    assert read == [n for row in counts for n in row]  # and the cells that count are those that light up


# --- The gradient check -------------------------------------------------------------------------------------


@pytest.mark.parametrize("ties", [*TIES.values()])
@each("pool", MAX_POOLS[::5])
def test_where_no_kink_is_near_the_two_gradients_of_a_max_pool_agree(pool: Pool, ties: str):
    found = core.run("max_pool2d", **pool.settings(), ties=ties)
    smooth = found["kinks_dx"] == 0
    assert np.abs(found["difference_dx"][smooth]).max(initial=0) < 1e-6


@pytest.mark.parametrize("layer", POOLS[1:])
def test_the_two_gradients_agree_where_they_were_compared(layer: str):
    for seed in range(1, 5):
        found = core.run(layer, in_channels=2, in_height=3, in_width=4, seed=seed)
        smooth = found["kinks_dx"] == 0
        assert smooth.all() or layer == "global_max_pool2d"
        assert np.abs(found["difference_dx"][smooth]).max() < 1e-6
        assert np.any(found["numeric_dx"] != 0)


@each("pool", AVG_POOLS[::8])
def test_the_two_gradients_of_an_average_pool_agree(pool: Pool):
    found = core.run("avg_pool2d", **pool.settings())
    assert np.abs(found["difference_dx"]).max() < 1e-6


@every_rule
def test_a_tie_shows_as_a_kink_whose_numeric_gradient_is_half(ties: str):
    arrays = {"x": [[[1, 7], [7, 0]]], "dy": [[[4]]]}
    found = core.run("max_pool2d", arrays=arrays, ties=ties)
    assert (found["kinks_dx"] > 0).tolist() == [[[False, True], [True, False]]]
    np.testing.assert_allclose(found["numeric_dx"], [[[0, 2], [2, 0]]], atol=1e-6)


def test_a_tie_shows_as_a_kink_in_a_global_pool_too():
    found = core.run("global_max_pool2d", arrays={"x": [[[1, 7], [7, 0]]], "dy": [4]})
    assert (found["kinks_dx"] > 0).tolist() == [[[False, True], [True, False]]]
    assert found["dx"].tolist() == [[[0, 4], [0, 0]]]


def test_two_cells_closer_than_a_nudge_are_a_kink_as_well():
    found = core.run("max_pool2d", arrays={"x": [[[1, 7], [7.00005, 0]]], "dy": [[[4]]]})
    assert found["dx"].tolist() == [[[0, 0], [4, 0]]]
    assert (found["kinks_dx"] > 0).tolist() == [[[False, True], [True, False]]]


# --- What is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "setting", "words"),
    [
        ({"padding": 2}, "padding", "padding must be at most half of the window's height of 2; it is 2"),
        ({"kernel_size": (3, 2), "padding": (1, 2)}, "padding", "half of the window's width of 2; it is 2"),
        # PyTorch 2.13 takes half of the window, too, not half of what its dilation reaches over.
        ({"kernel_size": 3, "in_height": 9, "dilation": 2, "padding": 2}, "padding", "height of 3; it is 2"),
        ({"kernel_size": 1, "padding": 1}, "padding", "height of 1; it is 1"),
        ({"kernel_size": 5}, "kernel_height", "a kernel that reaches over 5 cells does not fit"),
        ({"stride": 0}, "stride", "stride must be from 1 to 16"),
        ({"padding": -1}, "padding", "padding must be from 0 to 5"),
        ({"ties": "last"}, "ties", "ties must be one of first, first_in_columns, split, all"),
        (
            {"in_height": 2, "dilation": (3, 1), "padding": (1, 0), "stride": 1},
            "dilation",
            "at a dilation of 3 a window steps over the input's height of 2: it holds no input",
        ),
        (
            {"in_width": 1, "dilation": (1, 3), "padding": 1, "ceil_mode": True},
            "dilation",
            "at a dilation of 3 a window steps over the input's width of 1: it holds no input",
        ),
    ],
)
def test_a_max_pool_that_makes_no_sense_is_refused_in_words(settings: dict[str, Any], setting: str, words: str):
    with pytest.raises(SettingError) as refused:
        core.run("max_pool2d", **settings)
    assert refused.value.setting == setting
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("settings", "setting", "words"),
    [
        ({"padding": 2}, "padding", "padding must be at most half of the window's height of 2; it is 2"),
        ({"kernel_size": (4, 5)}, "kernel_width", "does not fit an input of 4 padded to 4"),
        ({"dilation": 2}, "dilation", "there is no such setting"),
    ],
)
def test_an_average_pool_that_makes_no_sense_is_refused_in_words(settings: dict[str, Any], setting: str, words: str):
    with pytest.raises(SettingError) as refused:
        core.run("avg_pool2d", **settings)
    assert refused.value.setting == setting
    assert words in str(refused.value)


def test_no_window_of_a_legal_max_pool_is_without_a_cell_of_the_input():
    missing = 0
    for H, K, D, S, P in np.ndindex(5, 4, 3, 3, 3):
        size, kernel, dilation, stride = H + 1, K + 1, D + 1, S + 1
        if kernel // 2 < P or dilation * (kernel - 1) + 1 > size + 2 * P:
            continue
        window: dict[str, Any] = {
            "stride": (stride, 1),
            "padding": (P, 0),
            "dilation": (dilation, 1),
            "ceil_mode": True,
        }
        y, _ = fast.max_pool2d(np.zeros((1, size, 1)), (kernel, 1), **window)
        settings = {"in_height": size, "in_width": 1, "kernel_size": (kernel, 1), **window}
        if np.isfinite(y).all():
            assert np.isfinite(core.run("max_pool2d", "pool", **settings)["y"]).all()
        else:
            missing += 1
            with pytest.raises(SettingError, match="holds no input"):
                core.run("max_pool2d", "pool", **settings)
    assert missing > 3


@every_pool
def test_a_brought_array_sets_the_sizes(layer: str):
    found = core.run(layer, arrays={"x": np.arange(30.0).reshape(1, 5, 6)})
    assert found["dx"].shape == (1, 5, 6)
    assert found["x_nudged"].tolist() == found["x"].tolist()
