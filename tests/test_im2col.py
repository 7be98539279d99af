"""A convolution as a matrix product: it gives what a convolution gives, and its chapters are single lines of NumPy."""

from typing import Any

import numpy as np
import pytest

import core
from core import fast
from core.catalog import LAYERS, Run
from core.offer.settings import SettingError
from core.recording.trace import Arrays, Trace
from tests.cases import each

CASES = range(25)
every_case = each("case", CASES)


def drawn(case: int) -> tuple[dict[str, Any], Arrays]:
    """Settings and arrays by the number of a case; numbers as they come, not whole ones."""
    rng = np.random.default_rng([7, case])
    C, F, KH, KW, SH, SW, DH, DW = (int(n) for n in rng.integers(1, 4, 8))
    top, bottom, left, right = (int(n) for n in rng.integers(0, 4, 4))
    H = max(1, DH * (KH - 1) + 1 - top - bottom) + int(rng.integers(0, 4))
    W = max(1, DW * (KW - 1) + 1 - left - right) + int(rng.integers(0, 4))
    settings = {"stride": (SH, SW), "padding": ((top, bottom), (left, right)), "dilation": (DH, DW)}
    x, w, b = rng.normal(size=(C, H, W)), rng.normal(size=(F, C, KH, KW)), rng.normal(size=F)
    return settings, {"x": x, "w": w, "b": b, "dz": rng.normal(size=fast.conv2d(x, w, b, **settings).shape)}


def close(some: np.ndarray, other: np.ndarray) -> None:
    np.testing.assert_allclose(some, other, rtol=0, atol=1e-12, strict=True)


@pytest.fixture(scope="module")
def default() -> Trace:
    return core.record("im2col")


def ended(trace: Trace, name: str) -> Arrays:
    """The arrays as they are when a chapter of the walk ends."""
    [chapter] = [chapter for chapter in trace.chapters if chapter.name == name]
    return trace.snapshot(chapter.stop)


# --- What it computes ---------------------------------------------------------------------------------------


@every_case
def test_it_gives_what_the_fast_convolution_gives(case: int):
    settings, given = drawn(case)
    a = core.run("im2col", arrays=given, **settings)
    x, w, b, dz = given.values()
    close(a["z"], fast.conv2d(x, w, b, **settings))
    for name, gradient in zip(("dx", "dw", "db"), fast.conv2d_backward(dz, x, w, b, **settings), strict=True):
        close(a[name], gradient)


@every_case
def test_it_gives_what_the_walk_of_the_convolution_layer_gives(case: int):
    settings, given = drawn(case)
    a = core.run("im2col", arrays=given, **settings)
    dy = {"dy": given["dz"]}
    other = core.run("conv2d", arrays={name: given[name] for name in ("x", "w", "b")} | dy, **settings)
    for name in ("z", "dx", "dw", "db", "x_padded", "dx_padded"):
        close(a[name], other[name])


@every_case
def test_every_product_is_one_matrix_product_of_numpy(case: int):
    settings, given = drawn(case)
    a = core.run("im2col", arrays=given, **settings)
    F = len(given["w"])
    close(a["w_rows"], given["w"].reshape(F, -1))
    close(a["z_rows"], a["w_rows"] @ a["columns"] + a["b"][:, None])
    close(a["z"], a["z_rows"].reshape(a["z"].shape))
    close(a["dz_rows"], given["dz"].reshape(F, -1))
    close(a["dw_rows"], a["dz_rows"] @ a["columns"].T)
    close(a["dcolumns"], a["w_rows"].T @ a["dz_rows"])


@every_case
def test_a_column_holds_the_patch_of_its_place(case: int):
    settings, given = drawn(case)
    a = core.run("im2col", "lay_out", arrays=given, **settings)
    (SH, SW), (DH, DW), (_, KH, KW) = settings["stride"], settings["dilation"], a["patch"].shape
    for n, (i, j) in enumerate(np.ndindex(given["dz"].shape[1:])):
        cells = [a["x_padded"][c, i * SH + u * DH, j * SW + v * DW] for c, u, v in np.ndindex(len(given["x"]), KH, KW)]
        assert a["columns"][:, n].tolist() == cells


@every_case
def test_the_gradient_check_agrees_in_every_cell(case: int):
    settings, given = drawn(case)
    a = core.run("im2col", arrays=given, **settings)
    for name in ("dw", "db", "dx"):
        assert not a["kinks_" + name].any()
        assert np.abs(a["difference_" + name]).max() < 1e-6
    for name in ("x", "w", "b"):
        assert (a[name + "_nudged"] == given[name]).all()


# --- The story ----------------------------------------------------------------------------------------------


def test_the_chapters_come_in_order(default: Trace):
    told = [chapter.name for chapter in default.chapters]
    assert ["walk", *told] == list(LAYERS["im2col"].algorithms)
    assert told == [
        "pad", "lay_out", "flatten_weights", "multiply", "fold", "flatten_gradient", "weight_gradient", "bias_gradient",
        "columns_gradient", "col2im", "gradient_check",
    ]  # fmt: skip


def test_what_was_copied_out_is_added_back_as_often_as_it_was_copied(default: Trace):
    # With ones in every column, col2im counts how many patches each cell lay under.
    run = Run.of("im2col", "col2im", padding=1, stride=(1, 2))
    run.start["dcolumns"][:] = 1
    counts = np.zeros_like(run.start["x_padded"])
    for i, j in np.ndindex(run.start["dz"].shape[1:]):
        counts[:, i : i + 2, 2 * j : 2 * j + 2] += 1
    assert (run.finish()["dx_padded"] == counts).all()
    assert counts.max() > 1


def test_a_cell_of_the_product_is_written_once_with_its_bias(default: Trace):
    [chapter] = [chapter for chapter in default.chapters if chapter.name == "multiply"]
    written = [
        access.box
        for step in default.steps[chapter.first : chapter.stop]
        for access in step.accesses
        if access.values is not None
    ]
    assert len(written) == len(set(written)) == default.start["z_rows"].size


def test_the_default_is_small_and_whole(default: Trace):
    start = default.start
    assert {name: start[name].shape for name in ("x", "w", "columns", "w_rows", "z_rows")} == {
        "x": (2, 4, 4), "w": (2, 2, 2, 2), "columns": (8, 9), "w_rows": (2, 8), "z_rows": (2, 9),
    }  # fmt: skip
    for name in ("x", "w", "b", "dz"):
        assert (start[name] == start[name].round()).all()
        assert np.abs(start[name]).max() <= 9
    a = ended(default, "col2im")
    assert all(a[name].any() for name in ("z", "dw", "db", "dx"))


def test_an_array_keeps_its_numbers_when_another_changes_its_size():
    narrow, wide = (Run.of("im2col", seed=4, in_width=width).start for width in (5, 8))
    for name in ("w", "b"):
        assert (narrow[name] == wide[name]).all()
    assert set(np.unique(wide["x"])) == {-2, -1, 0, 1, 2}


# --- Refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "setting", "message"),
    [
        ({"kernel_size": 5}, "kernel_height", "a kernel that reaches over 5 cells does not fit an input of 4"),
        ({"stride": 0}, "stride", "stride must be from 1 to 16"),
        ({"groups": 2}, "groups", "there is no such setting"),
        ({"in_height": 64, "in_width": 64, "kernel_size": 11, "in_channels": 16}, "in_height", "columns would have"),
        ({"arrays": {"dz": np.ones((2, 2, 3))}}, "dz", "dz must have the shape"),
        ({"arrays": {"dy": np.ones((2, 3, 3))}}, "dy", "there is no such array"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(settings: dict[str, Any], setting: str, message: str):
    with pytest.raises(SettingError, match=message) as refused:
        core.run("im2col", **settings)
    assert refused.value.setting == setting
