"""Padding by a word: "same" as TensorFlow and ONNX define it, "same_lower", "valid", and each side for itself.

The rule, once more and apart from core. A window with "same" finds ⌈size / stride⌉ places; the last one begins at
(⌈size / stride⌉ − 1) · stride, and as much padding as it needs beyond the input is shared out, half before and half
after it, an odd cell after it, with "same_lower" before it. A transposed convolution with "same" is the way back of
that convolution: its output has size · stride cells.
"""

import json
from itertools import product
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

import core
from app.main import create_app
from core import fast
from core.catalog import LAYERS
from core.offer.layer import legal
from core.offer.settings import SettingError
from core.offer.window import WORDS, along
from tests.cases import each
from tests.same_answers import CASES, Case, gradient_at, read

SAMES = ("same", "same_lower")
WITH_WORDS = [name for name, layer in LAYERS.items() if getattr(layer.settings.kinds().get("padding"), "words", ())]
every_word = pytest.mark.parametrize("word", SAMES)


def close(found: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11, strict=True)


def rule(size: int, reach: int, stride: int, word: str) -> tuple[int, int, int]:
    """Places, and padding before and after, by counting cells from the places."""
    places = [at for at in range(size) if at % stride == 0]  # each stride that is begun
    missing = sum(1 for at in range(places[-1], places[-1] + reach) if at >= size)  # of the last window
    before = after = 0
    for cell in range(missing):  # in turn
        if (cell % 2 == 0) == (word == "same"):
            after += 1
        else:
            before += 1
    return len(places), before, after


# --- What is known ----------------------------------------------------------------------------------------------------


def test_a_max_pool_of_stride_1_keeps_its_size_and_pads_the_last_row_and_column():
    arrays = {"x": -np.arange(1.0, 170).reshape(1, 13, 13)}
    found = core.run("max_pool2d", arrays=arrays, kernel_size=2, stride=1, padding="same")
    assert found["y"].shape == (1, 13, 13)
    assert found["x_padded"].shape == (1, 14, 14)
    assert np.isneginf(found["x_padded"][0, 13]).all()
    assert np.isneginf(found["x_padded"][0, :, 13]).all()
    close(found["x_padded"][:, :13, :13], arrays["x"])


def test_a_transposed_convolution_of_stride_2_is_twice_as_large_and_begins_with_the_first_stamp():
    x, w = np.array([[[1.0, 2], [3, 4]]]), np.arange(1.0, 10).reshape(1, 1, 3, 3)
    by_tensorflow = [[1, 2, 5, 4], [4, 5, 14, 10], [10, 14, 36, 24], [12, 15, 34, 20]]
    found = core.run("conv_transpose2d", arrays={"x": x, "w": w, "b": [0]}, stride=2, padding="same")
    assert found["y"].tolist() == [by_tensorflow]
    assert fast.conv_transpose2d(x, w, stride=2, padding="same").tolist() == [by_tensorflow]
    by_onnx = [[5, 14, 10, 12], [14, 36, 24, 30], [15, 34, 20, 24], [24, 55, 32, 36]]
    assert fast.conv_transpose2d(x, w, stride=2, padding="same_lower").tolist() == [by_onnx]


def test_a_dilated_max_pool_takes_more_padding_than_half_of_its_window():
    x = -np.arange(1.0, 36).reshape(1, 5, 7)
    y, indices = fast.max_pool2d(x, 3, stride=2, dilation=2, padding="same")
    assert y.tolist() == [[[-1, -1, -3, -5], [-1, -1, -3, -5], [-15, -15, -17, -19]]]
    assert (indices + 1).tolist() == (-y).tolist()


# --- What TensorFlow and ONNX answer ----------------------------------------------------------------------------------

READ = read()


@each(("case", "arrays", "answers"), READ)
def test_the_walk_and_core_fast_answer_as_they_do(case: Case, arrays: dict[str, Any], answers: dict[str, Any]):
    y, dy = answers["y"], gradient_at(answers["y"])
    kernel = {} if case.w else {"kernel_size": case.kernel}
    brought = arrays | {"dy": dy} | ({"b": np.zeros(len(y))} if case.w else {})
    walked = core.run(case.layer, arrays=brought, **kernel, **case.settings)
    back = quick(case, arrays, dy)
    for name, expected in answers.items():
        np.testing.assert_allclose(walked[name], expected, rtol=0, atol=2e-6, err_msg=f"{name} of the walk")
        np.testing.assert_allclose(back[name], expected, rtol=0, atol=2e-6, err_msg=f"{name} of core.fast")
    for name in ("dx", "dw") if case.w else ("dx",):  # where nobody was asked for them
        close(walked[name], back[name])


def quick(case: Case, arrays: dict[str, np.ndarray], dy: np.ndarray) -> dict[str, np.ndarray]:
    forward, backward = getattr(fast, case.layer), getattr(fast, f"{case.layer}_backward")
    if case.w:
        x, w = arrays["x"], arrays["w"]
        dx, dw, _ = backward(dy, x, w, **case.settings)
        return {"y": forward(x, w, **case.settings), "dx": dx, "dw": dw}
    x = arrays["x"]
    y = forward(x, case.kernel, **case.settings)
    return {"y": y[0] if isinstance(y, tuple) else y, "dx": backward(dy, x, case.kernel, **case.settings)}


def test_each_of_them_was_asked_of_each_layer_and_the_awkward_ones_are_among_what_was_asked():
    asked = {(case.who, case.layer, case.settings["padding"]) for case in CASES}
    pools = {"max_pool2d", "avg_pool2d"}
    assert {layer for who, layer, word in asked if (who, word) == ("TensorFlow", "same")} == {
        *pools, "conv2d", "conv_transpose2d",
    }  # fmt: skip
    assert {layer for _, layer, word in asked if word == "same_lower"} == {*pools, "conv2d", "conv_transpose2d"}
    assert {case.settings.get("count_include_pad") for case in CASES if case.layer == "avg_pool2d"} == {True, False}
    assert any(case.settings.get("dilation", 1) != 1 and case.layer == "max_pool2d" for case in CASES)


# --- The rule ---------------------------------------------------------------------------------------------------------

# size, kernel, stride, dilation → places, padding before and after with "same"
WINDOWS = [
    ((13, 2, 1, 1), (13, 0, 1)), ((13, 3, 1, 1), (13, 1, 1)), ((13, 6, 5, 1), (3, 1, 2)), ((5, 2, 2, 1), (3, 0, 1)),
    ((6, 2, 2, 1), (3, 0, 0)), ((6, 3, 2, 1), (3, 0, 1)), ((5, 3, 2, 1), (3, 1, 1)), ((4, 4, 1, 1), (4, 1, 2)),
    ((1, 1, 1, 1), (1, 0, 0)), ((1, 5, 1, 1), (1, 2, 2)), ((1, 4, 3, 1), (1, 1, 2)), ((2, 11, 1, 1), (2, 5, 5)),
    ((7, 1, 3, 1), (3, 0, 0)), ((8, 1, 3, 1), (3, 0, 0)), ((9, 2, 4, 1), (3, 0, 1)), ((5, 3, 2, 2), (3, 2, 2)),
    ((7, 3, 2, 2), (4, 2, 2)), ((7, 2, 1, 3), (7, 1, 2)), ((6, 2, 2, 4), (3, 1, 2)), ((64, 7, 2, 1), (32, 2, 3)),
    ((3, 2, 7, 1), (1, 0, 0)), ((4, 2, 16, 8), (1, 2, 3)),
]  # fmt: skip


@each(("axis", "expected"), WINDOWS)
def test_a_window_takes_what_it_needs_and_the_odd_cell_is_last_or_first(axis: Any, expected: Any):
    size, kernel, stride, dilation = axis
    places, before, after = expected
    reach = dilation * (kernel - 1) + 1
    assert rule(size, reach, stride, "same") == expected
    for word, sides in (("same", (before, after)), ("same_lower", (after, before))):
        assert rule(size, reach, stride, word) == (places, *sides)
        height, _ = along((size, 1), (kernel, 1), (stride, 1), word, (dilation, 1))
        assert (height.out, height.before, height.after) == (places, *sides)
        assert height.formula() == {
            "label": "Output height", "symbols": "⌈H/s⌉", "numbers": f"⌈{size}/{stride}⌉", "value": places,
        }  # fmt: skip


# size, kernel, stride, dilation → output, cells cropped at the beginning and at the end with "same", cells put on
STAMPS = [
    ((2, 3, 2, 1), (4, 0, 1, 0)), ((2, 4, 2, 1), (4, 1, 1, 0)), ((2, 5, 2, 1), (4, 1, 2, 0)),
    ((3, 3, 1, 1), (3, 1, 1, 0)), ((3, 2, 1, 1), (3, 0, 1, 0)), ((3, 1, 1, 1), (3, 0, 0, 0)),
    ((3, 2, 2, 1), (6, 0, 0, 0)), ((2, 2, 3, 1), (6, 0, 0, 1)), ((2, 1, 4, 1), (8, 0, 0, 3)),
    ((1, 1, 5, 1), (5, 0, 0, 4)), ((1, 3, 2, 1), (2, 0, 1, 0)), ((1, 6, 1, 1), (1, 2, 3, 0)),
    ((2, 3, 2, 2), (4, 1, 2, 0)), ((4, 3, 1, 2), (4, 2, 2, 0)), ((4, 2, 1, 3), (4, 1, 2, 0)),
    ((3, 2, 5, 3), (15, 0, 0, 1)), ((3, 2, 4, 3), (12, 0, 0, 0)), ((5, 11, 3, 1), (15, 4, 4, 0)),
    ((1, 1, 1, 1), (1, 0, 0, 0)), ((2, 2, 16, 8), (32, 0, 0, 7)), ((6, 7, 4, 1), (24, 1, 2, 0)),
]  # fmt: skip


@each(("axis", "expected"), STAMPS)
def test_stamps_are_cropped_to_the_stride_times_as_much_or_end_in_cells_that_none_of_them_reaches(
    axis: Any, expected: Any
):
    size, kernel, stride, dilation = axis
    out, first, last, put_on = expected
    for word, (top, bottom) in (("same", (first, last)), ("same_lower", (last, first))):
        window: dict[str, Any] = {"stride": (stride, 1), "dilation": (dilation, 1), "padding": word}
        settings = {"in_height": size, "in_width": 1, "kernel_size": (kernel, 1), **window}
        height, _ = LAYERS["conv_transpose2d"].settings.of(settings).axes
        assert (height.out, height.before, height.after, height.extra) == (out, top, bottom, put_on)
        assert out == size * stride
        formula = {"label": "Output height", "symbols": "H·s", "numbers": f"{size}·{stride}", "value": out}
        assert height.formula() == formula
        x, w = np.ones((1, size, 1)), np.ones((1, 1, kernel, 1))
        y = fast.conv_transpose2d(x, w, **window)
        numbers = {**window, "padding": ((top, bottom), (0, 0))}
        if not put_on or put_on < max(stride, dilation):
            close(y, fast.conv_transpose2d(x, w, **numbers, output_padding=(put_on, 0)))
        assert y.shape == (1, out, 1)
        assert not put_on or not y[0, -put_on:].any()
        walked = core.run("conv_transpose2d", "crop", arrays={"x": x, "w": w, "b": [0]}, **window)
        close(walked["y"], y)


@every_word
def test_ceil_mode_changes_nothing_and_without_a_dilation_every_window_holds_a_cell(word: str):
    for size, kernel, stride in product(range(1, 9), range(1, 7), range(1, 8)):
        window: dict[str, Any] = {"stride": stride, "padding": word}
        x = -1.0 - np.arange(size * size).reshape(1, size, size)
        floor, ceil = (fast.max_pool2d(x, kernel, ceil_mode=mode, **window) for mode in (False, True))
        assert floor[0].shape == (1, -(-size // stride), -(-size // stride))
        for found, other in zip(floor, ceil, strict=True):
            np.testing.assert_array_equal(found, other)
        assert (floor[1] >= 0).all()
        one, other = (along((size, size), (kernel, kernel), (stride, stride), word, ceil_mode=m) for m in (False, True))
        assert [axis.covered for axis in one] == [axis.covered for axis in other]


# --- By loops over windows --------------------------------------------------------------------------------------------


def windows(size: tuple[int, int], kernel: tuple[int, int], window: dict[str, Any]) -> list[Any]:
    """Of each axis and each place: the cells of the input under the window."""
    found = []
    for n, k, s, d in zip(size, kernel, window["stride"], window.get("dilation", (1, 1)), strict=True):
        places, before, _ = rule(n, d * (k - 1) + 1, s, window["padding"])
        under = [[i * s - before + u * d for u in range(k)] for i in range(places)]
        found.append([[at for at in cells if 0 <= at < n] for cells in under])
    return found


def drawn(seed: int) -> tuple[np.ndarray, tuple[int, int], dict[str, Any]]:
    dice = np.random.default_rng([6, seed])
    H, W, KH, KW, SH, SW, DH, DW = (int(n) for n in dice.integers(1, (8, 8, 6, 6, 5, 5, 4, 4)))
    x = dice.integers(-9, 0, (2, H, W)).astype(float)
    return x, (KH, KW), {"stride": (SH, SW), "dilation": (DH, DW), "padding": SAMES[seed % 2]}


@each("seed", range(60))
def test_max_pools_are_their_definition(seed: int):
    x, kernel, window = drawn(seed)
    rows, columns = windows(x.shape[1:], kernel, window)
    expected = np.full((2, len(rows), len(columns)), -np.inf)
    for c, i, j in np.ndindex(expected.shape):
        expected[c, i, j] = max((x[c, r, q] for r in rows[i] for q in columns[j]), default=-np.inf)
    y, indices = fast.max_pool2d(x, kernel, **window)
    np.testing.assert_array_equal(y, expected)
    misses = np.isneginf(expected)
    assert (indices[misses] == -1).all()
    if misses.any():  # which only a dilated one can do
        with pytest.raises(SettingError, match="holds no input") as refused:
            core.run("max_pool2d", arrays={"x": x}, kernel_size=kernel, **window)
        assert refused.value.setting == "dilation"
    else:
        found = core.run("max_pool2d", arrays={"x": x}, kernel_size=kernel, **window)
        np.testing.assert_array_equal(found["y"], expected)
        np.testing.assert_array_equal(found["where"], indices)
        close(found["dx"], fast.max_pool2d_backward(found["dy"], x, kernel, **window))


@each("seed", range(40))
@each("count_include_pad", [True, False])
def test_average_pools_are_their_definition(seed: int, count_include_pad: bool):
    x, kernel, window = drawn(seed)
    del window["dilation"]
    rows, columns = windows(x.shape[1:], kernel, window)
    y, dx = np.zeros((2, len(rows), len(columns))), np.zeros(x.shape)
    for c, i, j in np.ndindex(y.shape):
        under = [(c, r, q) for r in rows[i] for q in columns[j]]
        count = kernel[0] * kernel[1] if count_include_pad else len(under)
        for cell in under:
            y[c, i, j] += x[cell] / count
            dx[cell] += (i - j) / count
    dy = np.broadcast_to(np.subtract.outer(np.arange(y.shape[1]), np.arange(y.shape[2])), y.shape) * 1.0
    settings: dict[str, Any] = {**window, "count_include_pad": count_include_pad}
    close(fast.avg_pool2d(x, kernel, **settings), y)
    close(fast.avg_pool2d_backward(dy, x, kernel, **settings), dx)
    found = core.run("avg_pool2d", arrays={"x": x, "dy": dy}, kernel_size=kernel, **settings)
    close(found["y"], y)
    close(found["dx"], dx)


@each("seed", range(40))
def test_a_transposed_convolution_is_the_way_back_of_the_convolution_with_the_same_word(seed: int):
    _, kernel, window = drawn(seed)
    dice = np.random.default_rng([7, seed])
    groups, H, W = (int(n) for n in dice.integers(1, (3, 5, 5)))
    x, w = dice.normal(size=(2 * groups, H, W)), dice.normal(size=(2 * groups, 2, *kernel))
    large = np.zeros((2 * groups, H * window["stride"][0], W * window["stride"][1]))
    expected = fast.conv2d_input_gradient(x, large, w, groups=groups, **window)
    close(fast.conv_transpose2d(x, w, groups=groups, **window), expected)
    dy = dice.normal(size=large.shape)
    found = core.run(
        "conv_transpose2d", arrays={"x": x, "w": w, "b": np.zeros(2 * groups), "dy": dy}, groups=groups, **window
    )
    close(found["y"], expected)
    close(found["gathered"], expected)
    close(found["dx"], fast.conv2d(dy, w, groups=groups, **window))
    close(found["dw"], fast.conv2d_weight_gradient(x, dy, w, groups=groups, **window))
    back = fast.conv_transpose2d_backward(dy, x, w, groups=groups, **window)
    for name, gradient in zip(("dx", "dw", "db"), back, strict=True):
        close(found[name], gradient)
    other = core.run(
        "conv2d", "input_gradient", arrays={"x": large, "w": w, "b": np.zeros(len(w)), "dy": x}, groups=groups, **window
    )
    close(other["dx"], expected)


# --- Each side for itself ---------------------------------------------------------------------------------------------


def test_four_sides_are_taken_by_every_function_and_its_way_back():
    dice = np.random.default_rng(5)
    x, w = dice.normal(size=(2, 5, 6)), dice.normal(size=(2, 2, 3, 3))
    sides = ((1, 0), (0, 1))
    padded = np.pad(x, ((0, 0), *sides))
    inside = np.s_[:, 1:, :-1]
    close(fast.conv2d(x, w, padding=sides), fast.conv2d(padded, w))
    close(fast.avg_pool2d(x, 3, padding=sides), fast.avg_pool2d(padded, 3))
    low = np.pad(x, ((0, 0), *sides), constant_values=-np.inf)
    close(fast.max_pool2d(x, 3, padding=sides)[0], fast.max_pool2d(low, 3)[0])
    close(fast.conv_transpose2d(x, w, padding=sides), fast.conv_transpose2d(x, w)[inside])
    dy = dice.normal(size=fast.conv2d(padded, w).shape)
    close(fast.conv2d_backward(dy, x, w, padding=sides)[0], fast.conv2d_backward(dy, padded, w)[0][inside])
    dy = dice.normal(size=(2, 2, 2))
    back, whole = fast.avg_pool2d_backward(dy, x, 3, padding=sides), fast.avg_pool2d_backward(dy, padded, 3)
    close(back, whole[inside])
    back, whole = fast.max_pool2d_backward(dy, x, 3, padding=sides), fast.max_pool2d_backward(dy, low, 3)
    close(back, whole[inside])
    y = fast.conv_transpose2d(x, w)
    dy = np.zeros(y.shape)
    dy[inside] = arriving = dice.normal(size=y[inside].shape)
    for found, expected in zip(
        fast.conv_transpose2d_backward(arriving, x, w, padding=sides),
        fast.conv_transpose2d_backward(dy, x, w),
        strict=True,
    ):
        close(found, expected)


@pytest.mark.parametrize("count_include_pad", [True, False])
@pytest.mark.parametrize("ceil_mode", [True, False])
@pytest.mark.parametrize("sides", [(1, 0, 0, 1), (0, 1, 1, 1), (1, 1, 0, 0), (0, 0, 1, 0)], ids=str)
def test_an_average_pool_counts_each_side_for_itself(sides: Any, ceil_mode: bool, count_include_pad: bool):
    settings: dict[str, Any] = {"ceil_mode": ceil_mode, "count_include_pad": count_include_pad, "stride": (2, 3)}
    found = core.run("avg_pool2d", in_height=4, in_width=5, kernel_size=(3, 2), padding=sides, seed=3, **settings)
    both = (sides[:2], sides[2:])
    close(found["y"], fast.avg_pool2d(found["x"], (3, 2), padding=both, **settings))
    close(found["dx"], fast.avg_pool2d_backward(found["dy"], found["x"], (3, 2), padding=both, **settings))


# --- Words ------------------------------------------------------------------------------------------------------------


def test_convolutions_pools_and_transposed_convolutions_take_the_words():
    assert {"conv2d", "max_pool2d", "avg_pool2d", "conv_transpose2d", "im2col", "chain"} <= set(WITH_WORDS)
    for name in WITH_WORDS:
        assert LAYERS[name].settings.kinds()["padding"].words == WORDS


@pytest.mark.parametrize("layer", WITH_WORDS)
def test_same_upper_is_same_and_valid_is_none(layer: str):
    for word, other in (("same_upper", "same"), ("valid", 0)):
        found, expected = core.run(layer, padding=word), core.run(layer, padding=other)
        assert found.keys() == expected.keys()
        for name, array in found.items():
            np.testing.assert_array_equal(array, expected[name])
    assert LAYERS[layer].settings.of({"padding": "same_upper"}).plain()["padding"] == "same"


def test_core_fast_takes_the_same_words():
    x, w = np.random.default_rng(1).normal(size=(1, 4, 5)), np.ones((1, 1, 2, 4))
    for call in (
        lambda padding: fast.conv2d(x, w, padding=padding),
        lambda padding: fast.conv_transpose2d(x, w, stride=(1, 3), padding=padding),
        lambda padding: fast.max_pool2d(x, (2, 4), stride=1, padding=padding)[0],
        lambda padding: fast.avg_pool2d(x, (2, 4), stride=1, padding=padding),
    ):
        np.testing.assert_array_equal(call("same_upper"), call("same"))
        np.testing.assert_array_equal(call("valid"), call(0))
        assert call("same").shape == call("same_lower").shape
        assert not np.array_equal(call("same"), call("same_lower"))


@each("layer", WITH_WORDS)
@each("value", ["SAME", "Same", "same_both", "same-lower", "lower", "full", "same,1", " same"])
def test_another_word_is_refused_with_those_there_are(layer: str, value: str):
    with pytest.raises(SettingError, match="or a word: same, same_lower, valid") as refused:
        core.run(layer, padding=value)
    assert refused.value.setting == "padding"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x, w: fast.max_pool2d(x, 3, padding=2), r"padding must be at most half of kernel_size 3 .* got 2$"),
        (lambda x, w: fast.max_pool2d(x, 3, padding=(1, 2)), r"kernel_size 3 on each side, got \(1, 2\)$"),
        (lambda x, w: fast.avg_pool2d(x, (3, 2), padding=((1, 2), (0, 0))), r"got \(\(1, 2\), \(0, 0\)\)$"),
        (lambda x, w: fast.conv_transpose2d(x, w, padding="same", output_padding=1), r"is same, .* got 1$"),
        (lambda x, w: fast.conv_transpose2d(x, w, padding="same_lower", output_padding=(0, 1)), r"got \(0, 1\)$"),
        (lambda x, w: fast.conv_transpose2d(x, w, output_padding=2, stride=2), r"the stride of 2 or .* got 2$"),
        (lambda x, w: fast.conv_transpose2d(x, w, padding=5), r"of the 6 cells .* got 5$"),
        (lambda x, w: fast.max_pool2d(x, 3, padding="same", stride=0), r"stride must be .* got 0$"),
        (lambda x, w: fast.conv2d(x, w, padding="lower"), r'"same_lower" or "valid" if it is a word, got .lower.$'),
    ],
)  # fmt: skip
def test_a_refusal_of_core_fast_names_what_was_written(call: Any, words: str):
    with pytest.raises(ValueError, match=words):
        call(np.ones((1, 4, 4)), np.ones((1, 1, 3, 3)))


def test_beside_a_word_the_output_padding_is_0_and_the_menu_offers_nothing_else():
    layer = LAYERS["conv_transpose2d"]
    for word, offered in (("same", [0]), ("same_lower", [0]), ("valid", [0, 1, [0, 1], [1, 0]])):
        settings = layer.settings.of({"padding": word})
        values = legal(layer, "walk", settings)
        assert sorted(values["output_padding"], key=str) == sorted(offered, key=str)
        assert set(WORDS) <= {value for value in values["padding"] if isinstance(value, str)}
    beside = legal(layer, "walk", layer.settings.of({"output_padding": 1}))["padding"]
    assert [value for value in beside if isinstance(value, str)] == ["valid"]


# --- Over HTTP --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(create_app(["testserver"]))


@pytest.mark.parametrize(
    ("layer", "shape"), [("max_pool2d", [2, 3, 2]), ("avg_pool2d", [2, 3, 2]), ("conv_transpose2d", [1, 10, 6])]
)
def test_an_address_takes_the_words(client: TestClient, layer: str, shape: list[int]):
    query = "in_height=5&in_width=3&kernel_size=3"
    for written, word in (("same", "same"), ("same_upper", "same"), ("same_lower", "same_lower")):
        answer = client.get(f"/api/{layer}/walk/stream?padding={written}&{query}")
        header = json.loads(answer.text.partition("\n")[0])["header"]
        assert header["settings"]["padding"] == word
        assert [array["shape"] for array in header["arrays"] if array["name"] == "y"] == [shape]
        assert [line["value"] for line in header["formula"]] == shape[1:]
        assert client.get(f"/{layer}/walk?padding={written}&{query}").status_code == 200
    offered = client.get(f"/api/{layer}/walk/limits?{query}").json()
    assert set(WORDS) <= {value for value in offered["padding"] if isinstance(value, str)}
    answer = client.get(f"/api/{layer}/walk/stream?padding=SAME&{query}")
    assert (answer.status_code, answer.json()["setting"]) == (422, "padding")
    assert "same, same_lower, valid" in answer.json()["message"]
