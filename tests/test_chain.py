"""Convolution, ReLU and max pooling in a row: one training step, held against core.fast layer by layer."""

from typing import Any

import numpy as np
import pytest

import core
from core import fast
from core.catalog import LAYERS, Run
from core.offer.settings import SettingError
from core.recording.trace import Arrays, Trace
from tests.cases import each

CASES = range(40)
every_case = each("case", CASES)


def drawn(case: int) -> tuple[dict[str, Any], Arrays]:
    """Settings and arrays by the number of a case; every other one in small whole numbers, with zeros and ties."""
    rng = np.random.default_rng([11, case])
    C, F, KH, KW, SH, SW, PH, PW, QH, QW = (int(n) for n in rng.integers(1, 4, 10))
    top, bottom, left, right = (int(n) for n in rng.integers(0, 3, 4))
    H = max(1, (PH - 1) * SH + KH - top - bottom) + int(rng.integers(0, 4))
    W = max(1, (PW - 1) * SW + KW - left - right) + int(rng.integers(0, 4))
    settings = {"stride": (SH, SW), "padding": ((top, bottom), (left, right))}
    pools = {"pool_size": (PH, PW), "pool_stride": (QH, QW)}

    def numbers(*shape: int) -> np.ndarray:
        return rng.integers(-2, 3, shape).astype(float) if case % 2 else rng.normal(size=shape)

    x, w, b = numbers(C, H, W), numbers(F, C, KH, KW), numbers(F)
    y, _ = fast.max_pool2d(fast.conv2d(x, w, b, **settings), (PH, PW), stride=(QH, QW))
    return settings | pools, {"x": x, "w": w, "b": b, "dy": numbers(*y.shape)}


def by_layers(x: np.ndarray, w: np.ndarray, b: np.ndarray, dy: np.ndarray, s: dict[str, Any]) -> Arrays:
    """The same step, one whole layer after the other."""
    window = {"stride": s["stride"], "padding": s["padding"]}
    z = fast.conv2d(x, w, b, **window)
    a = np.maximum(z, 0)
    y, where = fast.max_pool2d(a, s["pool_size"], stride=s["pool_stride"])
    da = fast.max_pool2d_backward(dy, a, s["pool_size"], stride=s["pool_stride"])
    dz = da * (z > 0)
    dx, dw, db = fast.conv2d_backward(dz, x, w, b, **window)
    return {"z": z, "a": a, "y": y, "where": where * 1.0, "da": da, "dz": dz, "dx": dx, "dw": dw, "db": db}


@pytest.fixture(scope="module")
def default() -> Trace:
    return core.record("chain")


def close(some: np.ndarray, other: np.ndarray) -> None:
    np.testing.assert_allclose(some, other, rtol=0, atol=1e-12, strict=True)


# --- What it computes ---------------------------------------------------------------------------------------


@every_case
def test_it_gives_what_the_fast_layers_give_one_after_the_other(case: int):
    settings, given = drawn(case)
    a = core.run("chain", arrays=given, **settings)
    for name, array in by_layers(**given, s=settings).items():
        close(a[name], array)


@every_case
def test_the_update_is_one_step_against_the_gradient(case: int):
    settings, given = drawn(case)
    a = core.run("chain", arrays=given, learning_rate=0.25, **settings)
    for name in ("w", "b"):
        close(a[name], given[name] - 0.25 * a["d" + name])


@every_case
def test_where_no_kink_is_crossed_the_gradient_check_agrees(case: int):
    settings, given = drawn(case)
    a = core.run("chain", arrays=given, **settings)
    for name in ("dw", "db", "dx"):
        smooth = a["kinks_" + name] == 0
        assert np.abs(a["difference_" + name][smooth]).max(initial=0) < 1e-6
    for name in ("x", "w", "b"):
        assert (a[name + "_nudged"] == given[name]).all()
    if case % 2 == 0:  # numbers as they come have no ties and no zeros
        assert not any(a["kinks_" + name].any() for name in ("dw", "db", "dx"))


def test_small_whole_numbers_do_meet_kinks_and_some_are_told_by_a_difference():
    kinks = differences = 0
    for case in CASES[1::2]:
        settings, given = drawn(case)
        a = core.run("chain", arrays=given, **settings)
        kinks += np.count_nonzero(a["kinks_dx"])
        differences += np.count_nonzero(np.abs(a["difference_dx"]) > 0.1)
    assert kinks > differences > 0


# --- Kinks --------------------------------------------------------------------------------------------------


def one_window(x: list[list[float]], b: float = 0) -> Arrays:
    """A kernel of one 1, so that z is x + b, and a pool over all of it."""
    given = {"x": np.array([x]), "w": np.ones((1, 1, 1, 1)), "b": np.array([b]), "dy": np.ones((1, 1, 1))}
    return core.run("chain", arrays=given, stride=1, padding=0, pool_size=np.shape(x))


def test_a_tie_in_the_pool_is_counted_as_a_kink():
    a = one_window([[1.0, 3.0], [2.0, 3.0]])
    assert a["dx"].tolist() == [[[0, 1], [0, 0]]]  # the first takes all
    np.testing.assert_allclose(a["numeric_dx"], [[[0, 0.5], [0, 0.5]]], atol=1e-6)
    assert (a["kinks_dx"] > 0).tolist() == [[[False, True], [False, True]]]
    assert not a["kinks_db"].any()  # the bias moves both of them, and they stay equal


def test_a_relu_at_zero_is_counted_as_a_kink():
    a = one_window([[1.0, 3.0], [2.0, -1.0]], b=-3)
    assert a["z"].tolist() == [[[-2, 0], [-1, -4]]]
    assert not a["dx"].any()
    np.testing.assert_allclose(a["numeric_dx"], [[[0, 0.5], [0, 0]]], atol=1e-6)
    assert (a["kinks_dx"] > 0).tolist() == [[[False, True], [False, False]]]
    assert (a["kinks_db"] > 0).all()


def test_a_relu_at_zero_is_counted_where_the_pool_has_nothing_to_choose():
    a = one_window([[3.0]], b=-3)
    assert (a["kinks_dx"].item(), a["dx"].item(), a["numeric_dx"].item()) == (1, 0, pytest.approx(0.5))


def test_a_window_that_relu_has_silenced_hands_back_nothing_and_is_no_kink():
    a = one_window([[-1.0, -3.0], [-2.0, -4.0]])
    assert a["da"].tolist() == [[[1, 0], [0, 0]]]  # all are 0 behind ReLU, and the first of them counts as the winner
    assert not a["dz"].any()
    assert not any(a[name].any() for name in ("kinks_dx", "kinks_db", "kinks_dw", "difference_dx", "difference_dw"))


# --- The story ----------------------------------------------------------------------------------------------


def test_the_chapters_come_in_order(default: Trace):
    told = [chapter.name for chapter in default.chapters]
    assert ["walk", *told] == list(LAYERS["chain"].algorithms)
    assert told == [
        "forward", "loss_before", "back_through_pool", "back_through_relu", "back_through_convolution",
        "gradient_check", "update", "forward_again", "loss_after",
    ]  # fmt: skip


def test_the_layers_run_their_own_algorithms_below_the_walk(default: Trace):
    stacks = list(dict.fromkeys(tuple(frame.source for frame in step.stack) for step in default.steps))
    assert stacks == [
        ("chain.walk", "chain.forward", "conv.pad"),
        ("chain.walk", "chain.forward", "conv.correlate"),
        ("chain.walk", "chain.forward", "activation.relu"),
        ("chain.walk", "chain.forward", "max_pool.pool", "max_pool.first_in_rows"),
        ("chain.walk", "chain.loss_before"),
        ("chain.walk", "chain.back_through_pool", "max_pool.to_the_winner"),
        ("chain.walk", "chain.back_through_relu", "activation.relu_backward"),
        ("chain.walk", "chain.back_through_convolution", "conv.expand"),
        ("chain.walk", "chain.back_through_convolution", "conv.pad_fully"),
        ("chain.walk", "chain.back_through_convolution", "conv.flip"),
        ("chain.walk", "chain.back_through_convolution", "conv.input_gradient"),
        ("chain.walk", "chain.back_through_convolution", "conv.weight_gradient"),
        ("chain.walk", "chain.back_through_convolution", "conv.bias_gradient"),
        ("chain.walk", "conv.gradient_check", "gradient_check.nudge"),
        ("chain.walk", "conv.gradient_check", "gradient_check.verdict"),
        ("chain.walk", "conv.update"),
        ("chain.walk", "chain.forward_again", "conv.correlate"),
        ("chain.walk", "chain.forward_again", "activation.relu"),
        ("chain.walk", "chain.forward_again", "max_pool.pool", "max_pool.first_in_rows"),
        ("chain.walk", "chain.loss_after"),
    ]


def test_the_step_makes_the_loss_smaller_and_one_that_is_far_too_large_does_not(default: Trace):
    a = default.outline.end
    assert a["loss_start"] == (a["dy"] * a["y"]).sum()
    again = by_layers(a["x"], a["w"], a["b"], a["dy"], {"stride": 1, "padding": 0, "pool_size": 2, "pool_stride": 2})
    close(a["y_new"], again["y"])
    assert a["loss_end"] == pytest.approx((a["dy"] * again["y"]).sum())
    assert a["loss_end"] < a["loss_start"]
    assert default.steps[-1].caption == "the loss has become smaller: the step has helped"
    assert core.record("chain", learning_rate=0).steps[-1].caption.startswith("the loss has not become smaller")
    assert np.count_nonzero(a["a_new"]) == np.count_nonzero(a["a"])  # the update has shut no ReLU


def test_a_step_ten_times_as_large_shuts_every_relu_as_the_chapter_tells():
    a = core.run("chain", learning_rate=0.2)
    assert a["loss_end"] == 0
    assert not a["y_new"].any()
    assert not a["a_new"].any()
    again = core.run("chain", arrays={"x": a["x"], "w": a["w"], "b": a["b"], "dy": a["dy"]})
    assert not again["dw"].any()
    assert not again["db"].any()


def test_the_example_has_no_kinks_and_one_window_that_relu_has_silenced(default: Trace):
    a, start = default.outline.end, default.start
    assert {name: start[name].shape for name in ("x", "w", "b", "z", "y")} == {
        "x": (1, 6, 6), "w": (2, 1, 3, 3), "b": (2,), "z": (2, 4, 4), "y": (2, 2, 2),
    }  # fmt: skip
    assert np.abs(start["x"]).max() <= 3
    assert a["z"].all()
    assert (a["y"] == 0).sum() == 1
    assert all((map_ > 0).any() and (map_ < 0).any() for map_ in a["z"])
    assert np.count_nonzero(a["da"]) == 8  # one for each output
    assert np.count_nonzero(a["dz"]) == 7  # ReLU stops the one in the window without a cell above zero
    for name in ("dw", "db", "dx"):
        assert a[name].any()
        assert not a["kinks_" + name].any()
        assert np.abs(a["difference_" + name]).max() < 1e-6


def test_an_array_keeps_its_numbers_when_another_changes_its_size():
    example, wider = Run.of("chain").start, Run.of("chain", in_width=8).start
    assert (wider["w"] == example["w"]).all()
    narrow, wide = (Run.of("chain", seed=4, in_width=width).start for width in (6, 9))
    for name in ("w", "b"):
        assert (narrow[name] == wide[name]).all()
        assert narrow[name].shape == example[name].shape


def test_the_formula_tells_the_size_of_the_maps_and_of_the_output(default: Trace):
    told = [(size["label"], size["numbers"], size["value"]) for size in default.outline.formula]
    assert told == [
        ("Map height", "⌊(6 + 2·0 − 3)/1⌋ + 1", 4),
        ("Map width", "⌊(6 + 2·0 − 3)/1⌋ + 1", 4),
        ("Output height", "⌊(4 + 2·0 − 2)/2⌋ + 1", 2),
        ("Output width", "⌊(4 + 2·0 − 2)/2⌋ + 1", 2),
    ]


# --- Refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "setting", "message"),
    [
        ({"pool_size": 5}, "pool_size", "a window of 5 does not fit a map whose height is 4"),
        ({"in_width": 4, "pool_size": 3}, "pool_size", "a window of 3 does not fit a map whose width is 2"),
        ({"kernel_size": 7}, "kernel_height", "a kernel that reaches over 7 cells does not fit an input of 6"),
        ({"pool_stride": 0}, "pool_stride", "pool_stride must be from 1 to 16"),
        ({"dilation": 2}, "dilation", "there is no such setting"),
        ({"in_height": 64, "in_width": 64, "out_channels": 8}, "in_height", "this would"),
        ({"arrays": {"dy": np.ones((2, 4, 4))}}, "dy", "dy must have the shape"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(settings: dict[str, Any], setting: str, message: str):
    with pytest.raises(SettingError, match=message) as refused:
        core.run("chain", **settings)
    assert refused.value.setting == setting
