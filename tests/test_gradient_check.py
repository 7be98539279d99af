"""The verdict of the gradient check is relative: the same at gradients of 1e-9 and at numbers of 1e6."""

import re
from collections import Counter
from typing import Any

import numpy as np
import pytest

import core
from core.catalog import LAYERS, Run
from core.layers.activation import ACTIVATIONS
from core.recording.recorder import source_named
from core.recording.trace import Arrays
from tests.cases import each

WRONG = [name for name, layer in LAYERS.items() if layer.group == "What goes wrong"]
SMALL: dict[str, list[dict[str, Any]]] = {  # every layer that is checked, with few cells, and its awkward settings
    "conv2d": [
        *({"activation": name} for name in ACTIVATIONS),
        {"padding_mode": "reflect"},
        {"in_channels": 2, "groups": 2, "activation": "relu"},
    ],
    "max_pool2d": [
        {},
        {"kernel_size": 2, "stride": 1, "ties": "all"},
        {"kernel_size": 3, "padding": 1, "ceil_mode": True},
    ],
    "avg_pool2d": [{}, {"kernel_size": 3, "stride": 1, "padding": 1}],
    "global_max_pool2d": [{}],
    "global_avg_pool2d": [{}],
    "conv_transpose2d": [{}, {"stride": 1, "padding": 0}],
    "activation": [{"activation": name} for name in ACTIVATIONS],
    "linear": [{"activation": name} for name in ACTIVATIONS],
    "im2col": [{}],
    "convolution_as_linear": [{}],
    "chain": [{}],
}
SIZES = {
    "conv2d": {"in_channels": 1, "in_height": 3, "in_width": 4, "kernel_size": 2, "stride": 1},
    "chain": {"in_height": 4, "in_width": 4, "out_channels": 1, "kernel_size": 2, "pool_stride": 1},
    "im2col": {"in_channels": 1, "in_height": 3, "in_width": 3},
    "convolution_as_linear": {"in_height": 3, "in_width": 3, "kernel_size": 2},
    "max_pool2d": {"in_channels": 1},
    "avg_pool2d": {"in_channels": 1},
}
CHECKED = [(layer, {**SIZES.get(layer, {}), **settings}) for layer, variants in SMALL.items() for settings in variants]
every_checked = each(("layer", "settings"), CHECKED)
# Of x, w, b and dy: together, each alone, and far from each other.
SCALES = [
    (1, 1, 1, 1), (1, 1, 1, 1e-9), (1, 1, 1, 1e5), (1e-9, 1, 1, 1), (1e5, 1, 1, 1), (1, 1e-9, 1, 1), (1, 1e5, 1, 1),
    (1, 1, 1e-9, 1), (1, 1, 1e5, 1), (1, 1, 0, 1), (1e-9, 1e-9, 1e-9, 1e-9), (1e5, 1e5, 1e5, 1e5), (1e5, 1, 1e-9, 1e-9),
    (1e-9, 1e5, 1e-4, 1e5), (1e3, 1e-9, 1e3, 1e5), (1e5, 1e-9, 1e5, 1e-9), (1 / 3, 1 / 7, 1 / 21, 1e-4),
    (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 1, 0),
]  # fmt: skip


def scaled(layer: str, settings: dict[str, Any], scale: tuple[float, ...], seed: int, whole: bool) -> Arrays:
    """Arrays of a layer: whole numbers, with zeros and ties among them, or numbers as they come, times a scale each."""
    chosen, rng = LAYERS[layer], np.random.default_rng(seed)
    named = chosen.arrays(chosen.settings.of(chosen.settings.expand(settings)))
    by_name = dict(zip(("x", "w", "b", "d"), scale, strict=True))
    return {
        name: (rng.integers(-2, 3, named[name].shape) if whole else rng.normal(size=named[name].shape))
        * by_name[name[0] if name != "z" else "x"]
        for name in chosen.axes
    }


def verdicts(run: Run) -> Counter[str]:
    """How many cells were said to be what."""
    kinds = {"agrees": "agrees", "hides a difference": "hidden", "takes one of": "kink", "wrong here": "wrong"}
    said = (step.caption for step in run.steps())
    return Counter(kind for caption in said for words, kind in kinds.items() if words in caption)


def verdict(run: Run) -> tuple[str, dict[str, Any]]:
    """What is said at the end, and the numbers in it."""
    *_, last = run.steps()
    assert last.stack[-1].source == "gradient_check.verdict"
    return last.caption, last.loop


# --- What is right is never called wrong ----------------------------------------------------------------------------


@every_checked
def test_a_right_gradient_is_not_called_wrong_at_any_scale(layer: str, settings: dict[str, Any]):
    told: Counter[str] = Counter()
    for seed, scale in enumerate(SCALES):
        arrays = scaled(layer, settings, scale, seed, whole=seed % 2 == 0)
        found = verdicts(Run.of(layer, "gradient_check", arrays, **settings))
        assert not found["wrong"], (scale, seed)
        told += found
    assert told["agrees"] > 0.6 * told.total()
    assert told["hidden"] <= 0.05 * told.total()  # where z is 1e10 and the activation bends at 1


@every_checked
def test_a_right_gradient_is_not_called_wrong_among_numbers_of_all_sizes(layer: str, settings: dict[str, Any]):
    rng = np.random.default_rng(0)
    for seed in range(4):
        arrays = scaled(layer, settings, (1, 1, 1, 1), seed, whole=False)
        arrays = {name: np.clip(one * 10 ** rng.uniform(-9, 6, one.shape), -1e6, 1e6) for name, one in arrays.items()}
        assert not verdicts(Run.of(layer, "gradient_check", arrays, **settings))["wrong"], seed


def test_beside_numbers_as_large_as_they_may_be_the_difference_is_as_small_as_rounding():
    rng = np.random.default_rng(5)
    arrays = {"x": rng.uniform(-1e6, 1e6, (3, 5, 5)), "w": rng.normal(size=(2, 3, 3, 3))}
    end = core.run("conv2d", "gradient_check", arrays=arrays)
    for name in ("dx", "dw", "db"):
        assert np.abs(end["difference_" + name]).max() < 1e-9 * np.abs(end[name]).max(), name


@pytest.mark.parametrize("layer", SMALL)
def test_where_the_numbers_are_whole_the_two_gradients_are_equal_to_the_last_digit(layer: str):
    end = core.run(layer)
    for name in (name for name in end if name.startswith("difference_d")):
        assert not end[name][end[name.replace("difference", "kinks")] == 0].any()


# --- What is wrong is never called right ----------------------------------------------------------------------------


@every_checked
def test_a_gradient_that_is_off_by_a_thousandth_is_called_wrong_at_every_scale(layer: str, settings: dict[str, Any]):
    seen = 0
    for seed, scale in enumerate(SCALES[::3]):
        arrays = scaled(layer, settings, scale, seed, whole=False)
        run = Run.of(layer, "gradient_check", arrays, **settings)
        right = verdicts(run)
        spoilt = 0
        for name in [name for name in ("dx", "dw", "db", "dz") if f"numeric_{name}" in run.start]:
            spoilt += np.count_nonzero(run.start[name])
            run.start[name] *= 1.001
        found = verdicts(run)
        # Where it agreed before it does so no more, but in those cells whose gradient is 0.
        assert found["wrong"] + found["hidden"] + found["kink"] >= spoilt, (scale, seed)
        assert found["wrong"] >= spoilt - right["kink"] - right["hidden"] - found["hidden"], (scale, seed)
        seen += found["wrong"]
    assert seen > 10


COUNTS = dict(zip(WRONG, (14, 7, 12, 5, 5, 7, 1), strict=True))


def of_the_example(mistake: str, x: float, w: float, dy: float) -> Run:
    """The example of a mistake with its arrays scaled; b as z is, so that the same cells of it are above zero."""
    scale = {"x": x, "w": w, "b": x * w, "dy": dy}
    start = Run.planned(mistake).start
    arrays = {name: start[name] * scale[name] for name in LAYERS[mistake].axes}
    return Run.of(mistake, arrays=arrays)


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_has_as_many_wrong_cells_at_every_scale(mistake: str):
    scales = [(1, 1, 10.0**k) for k in range(-9, 6)] + [(10.0**k, 1, 1) for k in range(-9, 6)]
    scales += [(1, 10.0**k, 1) for k in range(-9, 6)] + [(1 / 3, 0.1, 0.7), (1e-4, 1e-4, 1e-9), (1e-9, 1e5, 1e5)]
    for scale in scales:
        end = of_the_example(mistake, *scale).finish()
        assert (end["found"], end["wrong_so_far"]) == (COUNTS[mistake], COUNTS[mistake]), scale


def test_a_mistake_is_found_in_a_small_gradient():
    arrays = {"x": [[[1, 2], [3, 5]]], "w": [[[[1, 2], [3, 4]]]], "dy": [[[1e-5]]]}
    run = Run.of("kernel_not_flipped", arrays=arrays)
    assert run.finish()["found"] == 4
    said, numbers = verdict(run)
    assert said.startswith("{wrong} of {checked} gradients are wrong: first {difference[first]}")
    assert [numbers[name] for name in ("wrong", "checked", "first")] == [4, 4, (0, 0, 0)]


@pytest.mark.parametrize("mistake", WRONG)
def test_a_difference_of_rounding_is_no_wrong_cell(mistake: str):
    # With whole numbers every sum is exact. Times numbers that no float holds, the same sums are rounded.
    for seed in range(1, 13):
        start = Run.planned(mistake, seed=seed).start
        wrong = np.count_nonzero(core.run(mistake, "part_ways", seed=seed)["error"])
        scale = {"x": 0.1, "w": 0.3, "b": 0.03, "dy": 0.7 / 3}
        run = Run.of(mistake, arrays={name: start[name] * scale[name] for name in LAYERS[mistake].axes})
        end = run.finish()
        assert (end["found"], end["wrong_so_far"]) == (wrong, wrong), (seed, end["error"])


def test_where_nothing_is_wrong_but_the_last_digit_the_verdict_says_so():
    # The kernel and what arrives look the same upside down, and the products are added up in another order.
    for seed in range(10):
        rng = np.random.default_rng(seed)
        half, dy = rng.normal(size=(2, 1, 3, 3)), rng.normal(size=(2, 2, 2))
        run = Run.of("kernel_not_flipped", arrays={"w": half + half[:, :, ::-1, ::-1], "dy": dy})
        end = run.finish()
        assert (end["found"], end["wrong_so_far"]) == (0, 0), (seed, np.abs(end["error"]).max())
        said, numbers = verdict(run)
        assert said.startswith(("the gradients agree in all {checked}", "the gradients are equal in all {checked}"))
        assert numbers["agree"] == numbers["checked"] == end["dx"].size


# --- Where it cannot be told, it is said ----------------------------------------------------------------------------


def test_a_formula_beyond_the_slopes_on_both_sides_of_a_kink_is_wrong():
    one = {name: np.ones(shape) for name, shape in {"x": (1, 1, 1), "w": (1, 1, 1, 1), "dy": (1, 1, 1)}.items()}
    run = Run.of("conv2d", "gradient_check", one | {"b": [-1]}, activation="relu", stride=1, padding=0)
    assert run.start["z"].item() == 0
    for slope, verdict in {0: "kink", 0.3: "kink", 1: "kink", 1.01: "wrong", -0.01: "wrong", 7: "wrong"}.items():
        run.start["dw"][:] = run.start["db"][:] = run.start["dx"][:] = slope
        assert verdicts(run) == {verdict: 3}, slope
    said = [step.caption for step in run.steps()]
    assert said.count("they differ more than the kink explains: the formula is wrong here") == 3


def test_a_mistake_beside_a_kink_is_found():
    # The first z is exactly 0, all others are above.
    x, w, dy = [[[0, 0, 1], [0, 0, 1], [1, 1, 1]]], [[[[1, 20], [4000, 300]]]], [[[1, 2], [3, 5]]]
    run = Run.of("kernel_not_flipped", arrays={"x": x, "w": w, "b": [0], "dy": dy}, activation="relu")
    end = run.finish()
    assert (end["z"] == 0).ravel().tolist() == [True, False, False, False]
    assert end["kinks_dx"][0, 1, 1] > 0
    assert end["found"] > np.count_nonzero((np.abs(end["difference_wrong"]) > 1) & (end["kinks_dx"] == 0))


def test_where_every_cell_is_at_a_kink_nothing_is_said_to_be_right():
    arrays = {"x": np.zeros((1, 3, 3)), "w": [[[[1, 2], [3, 4]]]], "b": [0], "dy": [[[1, 1], [1, 1]]]}
    run = Run.of("kernel_not_flipped", arrays=arrays, activation="relu")
    assert run.finish()["found"] == 0
    said, numbers = verdict(run)
    assert said.startswith("the gradients agree in {agree} of {checked} cells, others are at kinks")
    assert (numbers["agree"], numbers["checked"]) == (0, 9)


def test_cells_that_were_not_nudged_are_not_said_to_be_right():
    run = Run.of("kernel_not_flipped", kernel_size=1, in_height=12, in_width=12)
    end = run.finish()
    assert end["found"] == 0
    said, numbers = verdict(run)
    assert "cells that were nudged" in said
    assert numbers["agree"] == numbers["checked"] < end["dx"].size


@every_checked
def test_the_verdict_counts_all_cells_and_names_the_largest_difference(layer: str, settings: dict[str, Any]):
    arrays = scaled(layer, settings, (1, 1, 1, 1), 1, whole=False)
    trace = core.record(layer, "gradient_check", arrays=arrays, **settings)
    last, end = trace.steps[-1], trace.outline.end
    told = Counter(step.caption for step in trace.steps)
    assert last.loop["agree"] == told["the gradient from the formula agrees"]
    names = [name for name in end if name.startswith("difference_d")]
    assert last.loop["checked"] == sum(end[name].size for name in names)
    shown = dict(last.stack[-1].arrays)["difference"]
    assert np.abs(end[shown][last.loop["largest"]]) == max(np.abs(end[name]).max() for name in names)


def test_among_several_arrays_the_verdict_shows_the_one_with_the_first_wrong_cell():
    run = Run.of("conv2d", "gradient_check", stride=1)
    run.start["db"][1] += 1
    run.start["dx"][0, 0, 0] += 100
    *_, last = run.steps()
    assert last.caption.startswith("{wrong} of {checked} gradients are wrong")
    assert dict(last.stack[-1].arrays)["difference"] == "difference_db"
    assert (last.loop["wrong"], last.loop["first"], last.loop["largest"]) == (2, (1,), (1,))


def test_where_rounding_hides_the_gradient_it_is_said_so():
    # z is about 1e12 and known to 1e-4, and the sigmoid bends within 1.
    arrays = {"x": [[[1e6, 1e6]]], "w": [[[[1e6, -1e6]]]], "b": [0.3], "dy": [[[1]]]}
    run = Run.of("conv2d", "gradient_check", arrays, activation="sigmoid", stride=1, padding=0)
    found = verdicts(run)
    assert (found["wrong"], found["hidden"] + found["agrees"]) == (0, 5)
    for name in ("dx", "dw", "db"):
        run.start[name] *= 1.01
    assert verdicts(run)["hidden"] == 5
    said, numbers = verdict(run)
    assert said.startswith("no cell is found wrong, but rounding hides {hidden} of {checked}")
    assert (numbers["hidden"], numbers["checked"]) == (5, 5)


def test_the_step_is_a_power_of_two_and_follows_the_numbers_of_each_cell():
    x = np.array([[[1, 2], [3, 4]], [[1e-9, 2e-9], [3e-9, 4e-9]], [[1e6, 2e5], [3e5, 4e5]]])
    run = Run.of("global_max_pool2d", "gradient_check", {"x": x, "dy": [1, 0, 3]})
    steps = {}
    for step in run.steps():
        if step.caption.startswith("nudge one cell by +ε"):
            [access] = [one for one in step.accesses if one.array == "x_nudged" and one.values and len(one.values) == 1]
            at = tuple(axis[0] for axis in access.box)
            steps[at] = access.values[0] - x[at]
    assert {np.log2(one) % 1 for at, one in steps.items() if at[0] == 0} == {0}
    for at, one in steps.items():
        assert 2.0**-18 < one / np.abs(x[at[0]]).max() <= 2.0**-15
    assert not run.finish()["kinks_dx"].any()


def test_it_is_said_of_each_loss_at_which_nudge_it_was_taken():
    run = Run.of("conv2d", "gradient_check")
    places = {}
    for step in run.steps():
        for access in step.accesses:
            if access.array == "loss" and access.values:
                places.setdefault(access.box[0][0], step.caption)
    assert places.keys() == {0, 1, 2}
    told = run.layer.arrays(run.settings)["loss"].label.split(", ")
    for at, sign in enumerate(("−ε", "as it is", "+ε")):
        assert sign in places[at]
        assert f"loss[{at}]" in places[at]
        assert told[at] == f"{at}: {'loss L' if at == 1 else f'change at {sign}'}"


# --- The rule is on the page ----------------------------------------------------------------------------------------


def test_the_rule_is_told_with_its_sources():
    text = " ".join(source_named("gradient_check.nudge").doc.split())
    for words in ("power of two", "Numerical Recipes", "CS231n", "0.00001 of the larger", "Higham"):
        assert words in text
    assert not re.search(r"ε is 0\.0001", text)
