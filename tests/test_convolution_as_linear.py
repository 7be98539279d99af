"""A convolution written as a fully connected layer: its matrix, the turned kernels in the transpose, equal numbers."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as draw

import core
from core import fast
from core.catalog import LAYERS, Run
from core.offer.settings import SettingError
from core.recording.trace import Arrays, Trace

few = settings(max_examples=40, deadline=None, database=None)


@draw.composite
def convolutions(drawing: Any) -> tuple[dict[str, Any], Arrays]:
    """Any legal setting of a small convolution without groups, and numbers as they come."""

    def number(low: int, high: int) -> int:
        return drawing(draw.integers(low, high))

    C, F, KH, KW, SH, SW = (number(1, 3) for _ in range(6))
    DH, DW = number(1, 2), number(1, 2)
    top, bottom, left, right = (number(0, 3) for _ in range(4))
    H = max(1, DH * (KH - 1) + 1 - top - bottom) + number(0, 3)
    W = max(1, DW * (KW - 1) + 1 - left - right) + number(0, 3)
    sides = ((top, bottom), (left, right))
    padding = drawing(draw.sampled_from([sides, "same", "same_lower"] if H >= KH and W >= KW else [sides]))
    window = {"stride": (SH, SW), "padding": padding, "dilation": (DH, DW)}
    rng = np.random.default_rng(number(0, 2**32))
    sizes = {"in_height": H, "in_width": W, "kernel_size": (KH, KW), "in_channels": C, "out_channels": F}
    run = Run.planned("convolution_as_linear", **sizes, **window)
    return window, {name: rng.normal(size=run.start[name].shape) for name in ("x", "w", "b", "dz")}


def sides_of(window: dict[str, Any], arrays: Arrays) -> tuple[tuple[int, int], tuple[int, int]]:
    """The padding in numbers, whatever it was given by."""
    return Run.planned("convolution_as_linear", arrays=arrays, **window).settings.sides


def in_numbers(window: dict[str, Any], arrays: Arrays) -> dict[str, Any]:
    return window | {"padding": sides_of(window, arrays)}


def close(some: np.ndarray, other: np.ndarray) -> None:
    np.testing.assert_allclose(some, other, rtol=0, atol=1e-12, strict=True)


@pytest.fixture(scope="module")
def default() -> Trace:
    return core.record("convolution_as_linear")


# --- What it computes ---------------------------------------------------------------------------------------


@few
@given(convolutions())
def test_it_gives_what_the_fast_convolution_gives(drawn: tuple[dict[str, Any], Arrays]):
    window, arrays = drawn
    a, numbers = core.run("convolution_as_linear", arrays=arrays, **window), in_numbers(window, arrays)
    x, w, b, dz = arrays.values()
    close(a["z"], fast.conv2d(x, w, b, **numbers))
    for name, gradient in zip(("dx", "dw", "db"), fast.conv2d_backward(dz, x, w, b, **numbers), strict=True):
        close(a[name], gradient)
    for name in ("z", "dx", "dw"):
        close(a[f"{name}_conv"], a[name])
        assert (a[f"apart_{name}"] == a[name] - a[f"{name}_conv"]).all()


@few
@given(convolutions())
def test_every_product_is_one_of_a_matrix_and_a_vector(drawn: tuple[dict[str, Any], Arrays]):
    window, arrays = drawn
    a = core.run("convolution_as_linear", arrays=arrays, **window)
    x, _, b, dz = arrays.values()
    close(a["x_flat"], x.ravel())
    close(a["z_flat"], a["matrix"] @ a["x_flat"] + np.repeat(b, dz[0].size))
    close(a["dx_flat"], a["matrix"].T @ dz.ravel())
    close(a["dmatrix"], np.outer(dz.ravel(), x.ravel()))
    assert (a["transposed"] == a["matrix"].T).all()


@few
@given(convolutions())
def test_a_column_of_the_matrix_is_what_one_input_alone_makes(drawn: tuple[dict[str, Any], Arrays]):
    window, arrays = drawn
    matrix = core.run("convolution_as_linear", "lay_out_weights", arrays=arrays, **window)["matrix"]
    for n in range(matrix.shape[1]):
        alone = np.zeros(arrays["x"].size)
        alone[n] = 1
        z = fast.conv2d(alone.reshape(arrays["x"].shape), arrays["w"], **in_numbers(window, arrays))
        assert (matrix[:, n] == z.ravel()).all()


# --- The turned kernel --------------------------------------------------------------------------------------


@few
@given(convolutions())
def test_every_row_of_the_transpose_holds_the_turned_kernels(drawn: tuple[dict[str, Any], Arrays]):
    window, arrays = drawn
    a = core.run("convolution_as_linear", "turn", arrays=arrays, **window)
    assert (a["turned"] == a["transposed"]).all()
    assert not a["apart_turned"].any()
    w, dz = arrays["w"], arrays["dz"]
    (SH, SW), (DH, DW), ((top, _), (left, _)) = window["stride"], window["dilation"], sides_of(window, arrays)
    F, _, KH, KW = w.shape
    _, OH, OW = dz.shape
    for n, (c, row, column) in enumerate(np.ndindex(arrays["x"].shape)):
        # The places of all outputs at a stride of 1, from far above to far below: the kernel stands there turned, from
        # the first output whose patch holds this input to the last. What is left of it at the stride is the row.
        above, before = DH * (KH - 1), DW * (KW - 1)
        every = np.zeros((F, above + row + top + 1 + OH * SH, before + column + left + 1 + OW * SW))
        every[:, row + top : row + top + above + 1 : DH, column + left : column + left + before + 1 : DW] = w[
            :, c, ::-1, ::-1
        ]
        kept = every[:, above : above + OH * SH : SH, before : before + OW * SW : SW]
        assert (a["transposed"][n].reshape(F, OH, OW) == kept).all(), n


def test_where_all_of_it_has_room_a_row_of_the_transpose_is_the_kernel_turned_by_180_degrees():
    a = core.run("convolution_as_linear", "transpose", in_height=6, in_width=7, seed=3)
    w, rows = a["w"][0, 0], a["transposed"].reshape(6, 7, 4, 5)
    for i in range(2, 4):
        for j in range(2, 5):
            assert (rows[i, j, i - 2 : i + 1, j - 2 : j + 1] == w[::-1, ::-1]).all()
            assert np.count_nonzero(rows[i, j]) == np.count_nonzero(w)


def test_at_a_stride_of_two_a_row_has_every_other_weight():
    a = core.run("convolution_as_linear", "turn", in_height=5, in_width=5, stride=2)
    weights = [sorted(row[row != 0]) for row in a["transposed"]]
    assert weights[0] == [1]
    assert weights[12] == [1, 3, 7, 9]  # the input in the middle meets the corners of all four patches
    assert weights[6] == [5]  # and the one beside it only the middle of the first


# --- The story ----------------------------------------------------------------------------------------------


def test_the_chapters_come_in_order(default: Trace):
    told = [chapter.name for chapter in default.chapters]
    assert ["walk", *told] == list(LAYERS["convolution_as_linear"].algorithms)
    assert told == [
        "lay_out_weights", "flatten", "forward", "flatten_deltas", "transpose", "turn", "input_gradient",
        "weight_gradient", "bias_gradient", "gradient_check",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["forward", "input_gradient", "weight_gradient"])
def test_each_product_ends_beside_the_numbers_of_the_convolution(default: Trace, name: str):
    [chapter] = [chapter for chapter in default.chapters if chapter.name == name]
    assert chapter.scenes[-1].source == "convolution_as_linear.side_by_side"
    end = default.steps[chapter.stop - 1]
    assert end.caption == "the matrix and the sliding kernel give equal numbers in all {cells} cells"
    loops = [scene.source for scene in chapter.scenes if scene.source.startswith("conv.")]
    assert {"forward": "conv.correlate"}.get(name, f"conv.{name}") in loops


def test_numbers_that_are_not_whole_are_told_apart_to_the_last_digit():
    window: dict[str, Any] = {"in_channels": 3, "in_height": 6}
    rng = np.random.default_rng(0)
    arrays = {"x": rng.normal(size=(3, 6, 6)), "w": rng.normal(size=(1, 3, 3, 3))}
    *_, last = Run.of("convolution_as_linear", "input_gradient", arrays, **window).steps()
    apart = core.run("convolution_as_linear", arrays=arrays, **window)["apart_dx"]
    assert last.caption == "they differ in {differ} of {cells} cells, at most by {apart[largest]}"
    assert last.loop["differ"] == np.count_nonzero(apart)
    assert abs(apart[last.loop["largest"]]) == np.abs(apart).max() < 1e-12


def test_the_digits_of_the_example_tell_what_its_numbers_are_made_of(default: Trace):
    end = default.outline.end
    assert end["matrix"].shape == (4, 16)
    assert np.count_nonzero(end["matrix"]) == 36
    assert end["dx"][0, 1, 1] == 1245
    assert end["transposed"][5].tolist() == [5, 4, 2, 1]
    assert end["dw"][0, 0, 0, 0] == 5410  # met 0, 1, 4 and 5
    assert end["x"][0, :2, :2].ravel().tolist() == [0, 1, 4, 5]
    assert not any(end[f"apart_{name}"].any() for name in ("z", "dx", "dw", "turned"))


def test_it_is_told_that_im2col_copies_the_input_and_this_the_weights():
    walk, lay_out, *_ = LAYERS["convolution_as_linear"].algorithms.values()
    for text in (walk.source.doc, lay_out.source.doc):
        assert "im2col" in text
        assert "copies the" in text


# --- Refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "setting", "message"),
    [
        ({"in_height": 40, "in_width": 40}, "in_height", "matrix would have 2310400 cells; at most 200000 are shown"),
        ({"in_height": 20, "in_width": 20}, "in_height", "arrays of this walk would have"),
        ({"kernel_size": 5}, "kernel_height", "a kernel that reaches over 5 cells does not fit an input of 4"),
        ({"groups": 2}, "groups", "there is no such setting"),
        ({"arrays": {"dz": np.ones((1, 2, 3))}}, "dz", "dz must have the shape"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(asked: dict[str, Any], setting: str, message: str):
    with pytest.raises(SettingError, match=message) as refused:
        core.run("convolution_as_linear", **asked)
    assert refused.value.setting == setting


def test_a_matrix_that_is_too_large_is_refused_before_there_is_one():
    tracemalloc.start()
    with pytest.raises(SettingError):
        core.run("convolution_as_linear", in_height=64, in_width=64, in_channels=16, out_channels=16)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000  # the matrix alone would take 32 GB
