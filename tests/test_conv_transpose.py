"""The transposed convolution: stamped, gathered, and held against core.fast and against conv2d's own way back."""

from typing import Any

import numpy as np
import pytest

import core
from core import fast
from core.catalog import LAYERS, Run
from core.layers.conv_transpose import Spread
from core.offer.settings import SettingError
from core.recording.trace import Arrays, Trace
from tests.cases import each

CASES = range(40)
every_case = each("case", CASES)


def drawn(case: int) -> tuple[dict[str, Any], Arrays]:
    """Settings and arrays by the number of a case; numbers as they come, not whole ones."""
    rng = np.random.default_rng([9, case])
    while True:
        groups, C, F, H, W, KH, KW, SH, SW, DH, DW = (int(n) for n in rng.integers(1, 4, 11))
        stride, dilation = (SH, SW), (DH, DW)
        padding = tuple(int(n) for n in rng.integers(0, 4, 2))
        extra = tuple(int(rng.integers(0, max(s, d))) for s, d in zip(stride, dilation, strict=True))
        settings = {
            "stride": stride, "padding": padding, "output_padding": extra, "dilation": dilation, "groups": groups,
        }  # fmt: skip
        arrays = {
            "x": rng.normal(size=(C * groups, H, W)),
            "w": rng.normal(size=(C * groups, F, KH, KW)),
            "b": rng.normal(size=F * groups),
        }
        try:
            y = fast.conv_transpose2d(*arrays.values(), **settings)
        except ValueError:  # the padding leaves nothing
            continue
        return settings, arrays | {"dy": rng.normal(size=y.shape)}


def close(some: np.ndarray, other: np.ndarray) -> None:
    np.testing.assert_allclose(some, other, rtol=0, atol=1e-12, strict=True)


@pytest.fixture(scope="module")
def default() -> Trace:
    return core.record("conv_transpose2d")


def test_the_drawn_settings_hold_the_awkward_ones():
    drawn_settings = [drawn(case)[0] for case in CASES]
    assert any(s["groups"] > 1 for s in drawn_settings)
    assert any(e >= st for s in drawn_settings for e, st in zip(s["output_padding"], s["stride"], strict=True))
    assert any(min(s["dilation"]) > 1 and any(s["output_padding"]) for s in drawn_settings)
    assert any(s["padding"][0] != s["padding"][1] for s in drawn_settings)


# --- What it computes ---------------------------------------------------------------------------------------


@every_case
def test_it_gives_what_the_fast_transposed_convolution_gives(case: int):
    settings, given = drawn(case)
    a = core.run("conv_transpose2d", arrays=given, **settings)
    x, w, b, dy = given.values()
    close(a["y"], fast.conv_transpose2d(x, w, b, **settings))
    gradients = fast.conv_transpose2d_backward(dy, x, w, b, **settings)
    for name, gradient in zip(("dx", "dw", "db"), gradients, strict=True):
        close(a[name], gradient)


@every_case
def test_the_output_without_its_bias_is_the_input_gradient_of_a_convolution(case: int):
    # The convolution goes from the size of y to the size of x, with the same kernels; x arrives as its gradient.
    settings, given = drawn(case)
    a = core.run("conv_transpose2d", arrays=given, **settings)
    settings.pop("output_padding")
    x, back = np.zeros(a["y"].shape), {"w": given["w"], "b": np.zeros(len(given["x"]))}
    dy = np.zeros(fast.conv2d(x, **back, **settings).shape)
    dy[:, : given["x"].shape[1], : given["x"].shape[2]] = given["x"]  # an output padding above the stride leaves more
    other = core.run("conv2d", "input_gradient", arrays={"x": x, **back, "dy": dy}, **settings)
    close(a["y"] - a["b"][:, None, None], other["dx"])
    close(a["gathered"], other["dx"])
    close(a["x_padded"], other["dz_padded"])


@every_case
def test_each_input_cell_stamps_the_kernel_onto_the_output(case: int):
    settings, given = drawn(case)
    a = core.run("conv_transpose2d", "crop", arrays=given, **settings)
    x, w = given["x"], given["w"]
    (SH, SW), (DH, DW), (PH, PW), (EH, EW) = (
        settings[name] for name in ("stride", "dilation", "padding", "output_padding")
    )
    (C, H, W), (_, DEPTH, KH, KW), groups = x.shape, w.shape, settings["groups"]
    stamped = np.zeros((DEPTH * groups, (H - 1) * SH + DH * (KH - 1) + 1 + EH, (W - 1) * SW + DW * (KW - 1) + 1 + EW))
    for c, i, j in np.ndindex(C, H, W):
        for depth, u, v in np.ndindex(DEPTH, KH, KW):
            at = c // (C // groups) * DEPTH + depth, i * SH + u * DH, j * SW + v * DW
            stamped[at] += x[c, i, j] * w[c, depth, u, v]
    close(a["y_padded"], stamped)
    OH, OW = stamped.shape[1] - 2 * PH, stamped.shape[2] - 2 * PW
    close(a["y"], stamped[:, PH : PH + OH, PW : PW + OW] + given["b"][:, None, None])


@every_case
def test_stamping_and_gathering_come_to_the_same(case: int):
    settings, given = drawn(case)
    a = core.run("conv_transpose2d", "compare", arrays=given, **settings)
    close(a["gathered_padded"], a["y_padded"])
    assert np.abs(a["difference"]).max() < 1e-12


@every_case
def test_the_gradient_check_agrees_in_every_cell(case: int):
    settings, given = drawn(case)
    a = core.run("conv_transpose2d", arrays=given, **settings)
    for name in ("dw", "db", "dx"):
        assert not a["kinks_" + name].any()
        assert np.abs(a["difference_" + name]).max() < 1e-6
    for name in ("x", "w", "b"):
        assert (a[name + "_nudged"] == given[name]).all()


# --- The story ----------------------------------------------------------------------------------------------


def test_the_chapters_come_in_order(default: Trace):
    told = [chapter.name for chapter in default.chapters]
    assert ["walk", *told] == list(LAYERS["conv_transpose2d"].algorithms)
    assert told == [
        "stamp", "crop", "gather", "compare", "pad_gradient", "input_gradient", "weight_gradient", "bias_gradient",
        "gradient_check",
    ]  # fmt: skip


def test_it_gathers_with_the_very_functions_of_the_convolution(default: Trace):
    of_chapter = {chapter.name: [scene.source for scene in chapter.scenes] for chapter in default.chapters}
    assert of_chapter["gather"] == ["conv.expand", "conv.pad_fully", "conv.flip", "conv.input_gradient"]
    assert of_chapter["input_gradient"] == ["conv.correlate"]
    assert of_chapter["weight_gradient"] == ["conv.weight_gradient"]


def test_a_wrong_stamp_would_be_seen_by_the_comparison():
    run = Run.of("conv_transpose2d", "compare")
    run.start["y"][0, 2, 3] += 1
    difference = run.finish()["difference"]
    assert difference[0, 2, 3] == 1
    assert np.count_nonzero(difference) == 1


def test_where_no_stamp_reaches_a_cell_holds_its_bias_alone():
    one = {"x": np.ones((1, 2, 2)), "w": np.ones((1, 1, 2, 2)), "b": np.array([7.0])}
    y = core.run("conv_transpose2d", "crop", arrays=one, stride=3, padding=0, output_padding=(1, 2))["y"]
    assert y[0].tolist() == [
        [8, 8, 7, 8, 8, 7, 7],
        [8, 8, 7, 8, 8, 7, 7],
        [7, 7, 7, 7, 7, 7, 7],
        [8, 8, 7, 8, 8, 7, 7],
        [8, 8, 7, 8, 8, 7, 7],
        [7, 7, 7, 7, 7, 7, 7],
    ]


def test_stamps_add_up_where_they_overlap(default: Trace):
    one = {"x": np.ones((1, 2, 2)), "w": np.ones((1, 1, 2, 2)), "b": np.zeros(1)}
    y = core.run("conv_transpose2d", "crop", arrays=one, stride=1, padding=0)["y"]
    assert y[0].tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]


def test_the_default_is_small_and_whole(default: Trace):
    start = default.start
    assert {name: start[name].shape for name in ("x", "w", "b", "y", "y_padded")} == {
        "x": (1, 2, 3), "w": (1, 1, 3, 3), "b": (1,), "y": (1, 3, 5), "y_padded": (1, 5, 7),
    }  # fmt: skip
    for name in ("x", "w", "b", "dy"):
        assert (start[name] == start[name].round()).all()
        assert np.abs(start[name]).max() <= 9


def test_the_formula_is_that_of_torch():
    axis = Spread("height", size=4, kernel=3, stride=2, before=1, after=1, extra=1, dilation=3)
    assert axis.out == (4 - 1) * 2 - 2 * 1 + 3 * (3 - 1) + 1 + 1
    told = axis.formula()
    assert told["symbols"] == "(H − 1)·s − 2p + d(k − 1) + 1 + p_out"
    assert told["numbers"] == "(4 − 1)·2 − 2·1 + 3·(3 − 1) + 1 + 1"
    assert told["value"] == 12
    plain = Spread("width", size=3, kernel=3, stride=2).formula()
    assert (plain["symbols"], plain["numbers"], plain["value"]) == ("(W − 1)·s − 2p + k", "(3 − 1)·2 − 2·0 + 3", 7)


# --- Refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "setting", "message"),
    [
        (
            {"output_padding": 2},
            "output_padding",
            "output_padding must be below the stride of 2 or the dilation of 1; it",
        ),
        ({"output_padding": (1, 3), "dilation": (1, 3)}, "output_padding", "dilation of 3; it is 3"),
        ({"padding": 4}, "padding", "must leave something of the 5 cells along the height; it crops 8"),
        ({"groups": 2}, "groups", "groups must divide the 1 input channels and the 1 filters"),
        ({"padding": "full"}, "padding", "or a word: same, same_lower, valid"),
        ({"padding": "same", "output_padding": 1}, "output_padding", "must be 0 where the padding is same, which sets"),
        ({"padding": (1, 4, 0, 0)}, "padding", "must leave something of the 5 cells along the height; it crops 5"),
        ({"in_height": 64, "in_width": 64, "stride": 16}, "in_height", "cells; at most"),
        ({"arrays": {"w": np.ones((3, 1, 2, 2)), "x": np.ones((2, 2, 2))}}, "x", "another array makes it 3"),
        ({"arrays": {"dy": np.ones((1, 3, 6))}}, "dy", "dy must have the shape"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(settings: dict[str, Any], setting: str, message: str):
    with pytest.raises(SettingError, match=message) as refused:
        core.run("conv_transpose2d", **settings)
    assert refused.value.setting == setting


def test_an_output_padding_below_the_dilation_is_legal():
    assert core.run("conv_transpose2d", "crop", stride=1, dilation=3, output_padding=2)["y"].shape == (1, 8, 9)
