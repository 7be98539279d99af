"""The walks that explain: the turn of the kernel, correlation beside convolution, mistakes next to the right code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import core
from core import fast
from core.catalog import LAYERS, Run
from core.layers import mistakes
from core.layers.activation import ACTIVATIONS

if TYPE_CHECKING:
    from core.recording.trace import Trace


def captions(trace: Trace) -> list[str]:
    return [step.caption for step in trace.steps]


# --- Why the kernel is turned ---------------------------------------------------------------------------------------

GRADIENTS: dict[str, dict[str, Any]] = {
    "the default": {},
    "stride": {"in_height": 6, "in_width": 5, "stride": 2},
    "stride above the kernel, rows left over": {"in_height": 7, "kernel_size": (2, 1), "stride": (4, 2)},
    "padding above the kernel": {"padding": (3, 0, 2, 2), "kernel_size": 2, "seed": 1},
    "dilation": {"in_height": 6, "in_width": 7, "dilation": (2, 3), "kernel_size": (3, 2)},
    "channels and filters": {"in_channels": 2, "out_channels": 3, "padding": "same", "seed": 4},
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_stamped_collected_and_gathered_are_one_gradient(name: str) -> None:
    end, settings = core.run("input_gradient", **GRADIENTS[name]), Run.of("input_gradient", **GRADIENTS[name]).settings
    assert end["dx_scattered"].any()
    np.testing.assert_array_equal(end["dx_collected"], end["dx_scattered"])
    np.testing.assert_array_equal(end["dx_gathered"], end["dx_scattered"])
    assert not end["difference"].any()
    height, width = settings.axes
    sides = ((height.before, height.after), (width.before, width.after))
    dx = fast.conv2d_input_gradient(
        end["dz"], end["x"], end["w"], stride=settings.stride, padding=sides, dilation=settings.dilation
    )
    np.testing.assert_array_equal(end["dx"], dx)


def test_with_fractions_the_ways_differ_by_no_more_than_rounding() -> None:
    rng = np.random.default_rng(3)
    arrays = {"w": rng.normal(size=(2, 1, 3, 3)), "dz": rng.normal(size=(2, 2, 2))}
    end = core.run("input_gradient", arrays=arrays)
    assert 0 < end["difference"].max() < 1e-14


def test_every_digit_of_the_example_is_a_weight_and_its_place_a_delta() -> None:
    end = core.run("input_gradient")
    assert end["w"].ravel().tolist() == list(range(1, 10))
    assert end["dz"].ravel().tolist() == [1, 10, 100, 1000]
    for (_, i, j), value in np.ndenumerate(end["dx"]):
        digits = {10**n: int(digit) for n, digit in enumerate(reversed(f"{value:.0f}"))}
        for (_, row, column), delta in np.ndenumerate(end["dz"]):
            u, v = i - row, j - column
            weight = end["w"][0, 0, u, v] if 0 <= u < 3 and 0 <= v < 3 else 0
            assert digits.get(int(delta), 0) == weight
    assert end["dx"][0, 1, 1] == 1245  # which the text of the walk takes apart


def places(trace: Trace, chapter: str, array: str) -> list[tuple[int, int]]:
    """Row and column of each cell of an array that the first cell of the gradient's middle is collected from."""
    [found] = [one for one in trace.chapters if one.name == chapter]
    read = []
    for step in trace.steps[found.first : found.stop]:
        if (step.loop["i"], step.loop["j"]) == (1, 1) and "u" in step.loop:
            read += [
                (access.box[-2][0], access.box[-1][0])
                for access in step.accesses
                if access.array == array and access.values is None
            ]
    return read[:9]


def test_unflipped_the_weight_and_its_delta_run_against_each_other_and_flipped_together() -> None:
    trace = core.record("input_gradient")
    forwards = [(u, v) for u in range(3) for v in range(3)]
    assert places(trace, "collect", "w") == forwards
    assert places(trace, "collect", "dz_padded") == [(3 - u, 3 - v) for u, v in forwards]
    assert places(trace, "gather", "w_flipped") == forwards
    assert places(trace, "gather", "dz_padded") == [(1 + u, 1 + v) for u, v in forwards]


def test_the_last_picture_shows_every_way_side_by_side() -> None:
    trace = core.record("input_gradient")
    scene = trace.chapters[-1].scenes[-1]
    assert [array for _, array in scene.arrays] == ["dx_scattered", "dx_collected", "dx_gathered", "difference"]


# --- Cross-correlation and convolution ------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, {"seed": 3, "kernel_size": (2, 3), "in_height": 6}, {"kernel_size": 5}])
def test_a_convolution_is_the_cross_correlation_with_the_turned_kernel(settings: dict[str, Any]) -> None:
    end = core.run("cross_correlation", **settings)
    x, w = end["x"][None], end["w"][None, None]
    np.testing.assert_array_equal(end["correlation"], fast.conv2d(x, w)[0])
    np.testing.assert_array_equal(end["convolution"], fast.conv2d(x, np.rot90(w, 2, axes=(2, 3)).copy())[0])
    np.testing.assert_array_equal(end["difference"], end["convolution"] - end["correlation"])
    assert end["difference"].any()
    last = core.record("cross_correlation", **settings).steps[-1]
    assert last.caption == "the two differ in {differ} of {cells} cells, first in {difference[first]}"
    assert last.loop["differ"] == np.count_nonzero(end["difference"])
    assert list(last.loop["first"]) == np.argwhere(end["difference"])[0].tolist()


def test_for_a_symmetric_kernel_both_are_equal() -> None:
    for seed in range(5):
        trace = core.record("cross_correlation", kernel="symmetric", seed=seed)
        end = trace.outline.end
        assert end["w"].any()
        assert not end["difference"].any()
        assert "here they differ" not in captions(trace)
        assert captions(trace)[-1] == "the two are equal in all {cells} cells: the turn has changed nothing"


def test_a_symmetric_kernel_and_a_kernel_of_ones_own_are_refused_together() -> None:
    with pytest.raises(core.SettingError, match="kernel is symmetric, and w is given too"):
        core.run("cross_correlation", arrays={"w": np.ones((3, 3))}, kernel="symmetric")


# --- Activations ----------------------------------------------------------------------------------------------------


def test_relu_at_zero_is_named_a_kink_and_gets_the_slope_zero() -> None:
    trace = core.record("activation")
    end = trace.outline.end
    [at] = np.argwhere(end["z"] == 0)
    assert (end["dz"][tuple(at)], end["kinks_dz"].sum()) == (0, 1)
    assert end["numeric_dz"][tuple(at)] == pytest.approx(end["dy"][tuple(at)] / 2)
    assert sum("at a kink" in caption for caption in captions(trace)) == 1


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_alone_is_that_of_the_convolution_layer(name: str) -> None:
    z = np.linspace(-2, 3, 12).reshape(1, 3, 4)
    alone = core.run("activation", arrays={"z": z}, activation=name)
    one = {"x": z, "w": np.ones((1, 1, 1, 1)), "b": np.zeros(1), "dy": alone["dy"]}
    in_a_layer = core.run("conv2d", arrays=one, activation=name, stride=1, padding=0)
    np.testing.assert_array_equal(alone["y"], in_a_layer["y"])
    np.testing.assert_array_equal(alone["dz"], in_a_layer["dz"])


# --- What goes wrong ------------------------------------------------------------------------------------------------

MISTAKES = [layer.name for layer in mistakes.layers]
WRONG = [*MISTAKES, "assigned_not_added"]
INNOCENT: dict[str, dict[str, Any]] = {  # where the mistake makes no difference
    "kernel_not_flipped": {"kernel_size": 1},
    "no_zeros_for_the_stride": {"stride": 1},
    "padding_from_the_width": {"kernel_size": 3},
    "filters_not_summed": {"out_channels": 1},
    "slope_ignored": {"activation": "identity"},
    "depth_from_the_filters": {"in_channels": 2},
    "assigned_not_added": {"in_height": 4, "in_width": 4, "stride": 2},
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_parts_from_the_right_code_and_the_gradient_check_finds_just_those_cells(mistake: str) -> None:
    trace = core.record(mistake)
    end, told = trace.outline.end, captions(trace)
    parts = end["error"] != 0
    np.testing.assert_array_equal(end["error"], end["dx_wrong"] - end["dx"])
    assert parts.any()
    assert not parts.all()  # which is why a look at a few numbers does not do
    assert end["wrong_so_far"] == [parts.sum()]
    assert told.count("here the two part for the first time") == 1
    assert told.count("here they differ too") == parts.sum() - 1
    np.testing.assert_array_equal(np.abs(end["difference_wrong"]) > 1e-3, parts)
    assert sum("the formula is wrong here" in one for one in told) == parts.sum()
    np.testing.assert_allclose(end["numeric_dx"], end["dx"], atol=1e-6)


@pytest.mark.parametrize("mistake", WRONG)
def test_the_first_cell_where_they_part_is_the_first_in_rows(mistake: str) -> None:
    trace = core.record(mistake)
    [k] = [k for k, one in enumerate(captions(trace)) if one == "here the two part for the first time"]
    loop = trace.steps[k].loop
    first = np.argwhere(trace.outline.end["error"])[0].tolist()
    assert [loop["c"], loop["i"], loop["j"]] == first
    said = "the gradient is wrong in {wrong} of {cells} cells; the first of them is {error[first]}"
    [end] = [step for step in trace.steps if step.caption == said]
    assert list(end.loop["first"]) == first
    assert end.loop["wrong"] == np.count_nonzero(trace.outline.end["error"])
    assert end.loop["cells"] == trace.outline.end["error"].size


@pytest.mark.parametrize("mistake", WRONG)
def test_where_a_mistake_makes_no_difference_none_is_found(mistake: str) -> None:
    trace = core.record(mistake, **INNOCENT[mistake])
    assert not trace.outline.end["error"].any()
    assert not any("the formula is wrong here" in one for one in captions(trace))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_beside_a_mistake_stands_the_gradient_of_the_convolution_layer(mistake: str) -> None:
    end = core.run(mistake)
    settings = Run.of(mistake).settings
    shared = {name: end[name] for name in ("x", "w", "b", "dy")}
    same = {name: getattr(settings, name) for name in ("stride", "padding", "activation")}
    np.testing.assert_array_equal(end["dx"], core.run("conv2d", arrays=shared, learning_rate=0, **same)["dx"])


@pytest.mark.parametrize(
    ("mistake", "settings", "setting", "words"),
    [
        ("padding_from_the_width", {"kernel_height": 3, "kernel_width": 2}, "kernel_width", "higher than wide (3 × 2)"),
        ("depth_from_the_filters", {"out_channels": 4}, "out_channels", "more filters (4) than channels (3)"),
    ],
)
def test_where_the_mistaken_code_would_stop_it_is_said_so(
    mistake: str, settings: dict[str, Any], setting: str, words: str
) -> None:
    with pytest.raises(core.SettingError) as caught:
        core.run(mistake, **settings)
    assert caught.value.setting == setting
    assert words in str(caught.value)


def test_all_mistakes_stand_in_one_part_of_the_menu() -> None:
    assert [name for name, layer in LAYERS.items() if layer.group == "What goes wrong"] == WRONG
    assert all(LAYERS[name].summary.startswith("The mistake: ") for name in MISTAKES)
