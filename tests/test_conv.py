"""The chapters of a convolution layer's life: their order, and each against one line of whole-array NumPy."""

from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

import core
from core import fast
from core.catalog import LAYERS, Run
from core.layers.activation import ACTIVATIONS, FROM_OUTPUT
from core.layers.whole import pad_whole
from core.offer import limits
from core.recording.trace import Trace
from tests.cases import each

# The design's order; `hand_over` is told only if there is a layer before with an activation of its own.
ORDER = [
    "pad", "correlate", "activate", "through_activation", "expand", "pad_fully", "flip",
    "input_gradient", "hand_over", "weight_gradient", "bias_gradient", "update", "gradient_check",
]  # fmt: skip

# Height and width differ in everything but the default.
SETTINGS: dict[str, dict[str, Any]] = {
    "the default": {},
    "non-square": {
        "in_height": 4,
        "in_width": 7,
        "kernel_size": (3, 2),
        "stride": (1, 2),
        "padding": (2, 0),
        "seed": 1,
    },
    "leftover rows": {"in_height": 6, "in_width": 5, "kernel_size": (3, 2), "stride": (2, 3), "padding": 0, "seed": 2},
    "stride above the kernel": {"in_height": 7, "in_width": 6, "kernel_size": (1, 2), "stride": (3, 4), "padding": 0},
    "padding above the kernel": {"in_height": 3, "in_width": 2, "kernel_size": (2, 1), "stride": 1, "padding": (3, 2)},
    "dilation": {"in_height": 7, "in_width": 6, "kernel_size": (3, 2), "dilation": (2, 3), "stride": (1, 2)},
    "kernel as large as the input": {"in_height": 3, "in_width": 4, "kernel_size": (3, 4), "stride": 1, "padding": 0},
    "one by one": {"in_height": 3, "in_width": 2, "kernel_size": 1, "stride": 1, "padding": 0},
    "one channel, one filter": {"in_channels": 1, "out_channels": 1, "in_height": 5, "in_width": 4, "seed": 5},
    "many channels and filters": {"in_channels": 4, "out_channels": 3, "in_height": 3, "in_width": 4, "seed": 6},
    "relu": {"activation": "relu", "activation_before": "relu", "in_height": 3, "in_width": 4, "seed": 3},
    "sigmoid": {"activation": "sigmoid", "activation_before": "sigmoid", "in_width": 6, "seed": 8},
    "tanh": {"activation": "tanh", "activation_before": "tanh", "in_height": 4, "learning_rate": 2.0, "seed": 9},
    "groups": {"in_channels": 4, "out_channels": 6, "in_width": 3, "groups": 2, "seed": 4},
    "depthwise": {"in_channels": 2, "out_channels": 4, "in_width": 6, "groups": 2, "dilation": (1, 2), "padding": 2},
    "four sides": {"in_height": 3, "padding": (0, 2, 1, 3), "kernel_size": (2, 3), "seed": 3},
    "same": {"in_height": 4, "in_width": 6, "padding": "same", "kernel_size": (2, 3), "stride": (1, 2)},
    "valid": {"padding": "valid", "activation": "gelu"},
    "reflect": {"padding": (1, 0, 2, 1), "padding_mode": "reflect", "in_height": 3, "activation": "leaky_relu"},
    "replicate": {"padding": (3, 1, 0, 2), "padding_mode": "replicate", "in_height": 2, "in_width": 3, "stride": 1},
    "circular": {"padding": (2, 1), "padding_mode": "circular", "in_height": 3, "in_channels": 2, "groups": 2},
    "ones arriving": {"grad_output": "ones", "activation": "tanh", "stride": (1, 2)},
}
every_setting = each("setting", SETTINGS)


@cache
def traced(name: str, algorithm: str = "walk") -> Trace:
    """A recording with the settings of this name."""
    return core.record("conv2d", algorithm, **SETTINGS[name])


def ended(trace: Trace, name: str) -> dict[str, np.ndarray]:
    """The arrays as they are when a chapter of the walk ends."""
    [chapter] = [chapter for chapter in trace.chapters if chapter.name == name]
    return trace.snapshot(chapter.stop)


# --- The story ----------------------------------------------------------------------------------------------


@every_setting
def test_the_chapters_come_in_the_order_of_the_design(setting: str):
    told = [chapter.name for chapter in traced(setting).chapters]
    assert told == [name for name in ORDER if name != "hand_over" or "activation_before" in SETTINGS[setting]]


def test_every_chapter_can_be_opened_and_the_walk_comes_first():
    assert list(LAYERS["conv2d"].algorithms) == ["walk", *ORDER]
    assert next(iter(LAYERS)) == "conv2d"


@pytest.mark.parametrize(
    ("setting", "name"),
    [(s, name) for s in SETTINGS for name in ORDER if name != "hand_over" or "activation_before" in SETTINGS[s]],
)
def test_a_chapter_opened_alone_ends_as_it_ends_in_the_walk(setting: str, name: str):
    alone, walked = traced(setting, name), ended(traced(setting), name)
    touched = {access.array for step in alone.steps for access in step.accesses}
    assert touched
    for array in touched:
        assert alone.outline.end[array].tobytes() == walked[array].tobytes(), array


def test_a_chapter_opened_alone_begins_where_the_one_before_it_ended():
    walk, alone = traced("the default"), traced("the default", "input_gradient")
    before = ended(walk, "flip")
    for array in ("dz_padded", "w_flipped"):
        assert alone.start[array].any()
        assert (alone.start[array] == before[array]).all()
    assert not alone.start["dx"].any()


# --- Every chapter against whole-array NumPy ----------------------------------------------------------------


@pytest.fixture(params=SETTINGS)
def layer(request: pytest.FixtureRequest) -> tuple[Any, Trace]:
    return Run.of("conv2d", **SETTINGS[request.param]).settings, traced(request.param)


# NumPy's own names for what stands at the border.
BORDERS: dict[str, Any] = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def test_padding_sets_the_input_among_zeros_or_among_copies_of_its_own_cells(layer: tuple[Any, Trace]):
    s, trace = layer
    arrays = ended(trace, "pad")
    assert (arrays["x_padded"] == np.pad(arrays["x"], ((0, 0), *s.sides), BORDERS[s.padding_mode])).all()


@pytest.mark.parametrize("mode", BORDERS)
@pytest.mark.parametrize("padding", [((0, 0), (0, 0)), ((1, 0), (2, 3)), ((0, 0), (0, 1))])
def test_an_input_is_padded_whole_as_numpy_pads_it(padding: Any, mode: str):
    x = np.arange(24.0).reshape(2, 3, 4)[:, :, ::-1]
    expected = np.pad(x, ((0, 0), *padding), BORDERS[mode])
    found = pad_whole(x, padding, mode)
    assert found.shape == expected.shape
    assert (found == expected).all()


def test_each_output_cell_is_its_patch_times_the_kernel_plus_the_bias(layer: tuple[Any, Trace]):
    s, trace = layer
    a = ended(trace, "correlate")
    (SH, SW), (DH, DW) = s.stride, s.dilation
    for f, i, j in np.ndindex(a["z"].shape):
        total = a["b"][f]
        first = f // (s.out_channels // s.groups) * a["w"].shape[1]  # of the channels that the filter sees
        for c, u, v in np.ndindex(a["w"].shape[1:]):
            total += a["x_padded"][first + c, i * SH + u * DH, j * SW + v * DW] * a["w"][f, c, u, v]
        assert a["z"][f, i, j] == pytest.approx(total, abs=1e-12)
    fast_z = fast.conv2d(a["x_padded"], a["w"], a["b"], stride=s.stride, dilation=s.dilation, groups=s.groups)
    np.testing.assert_allclose(a["z"], fast_z, atol=1e-12)


SLOPES = {
    "identity": np.ones_like,
    "relu": lambda z: np.where(z > 0, 1.0, 0.0),
    "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.01),
    "sigmoid": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    "gelu": lambda z: bell_below(z) + z * np.exp(-z * z / 2) / (2 * np.pi) ** 0.5,
    "tanh": lambda z: 1 / np.cosh(z) ** 2,
}
VALUES = {
    "identity": lambda z: z,
    "relu": lambda z: np.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: np.where(z > 0, z, z / 100),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": lambda z: np.sinh(z) / np.cosh(z),
    "gelu": lambda z: z * bell_below(z),
}


@np.vectorize
def bell_below(z: float) -> float:
    """How much of the bell curve lies below z."""
    return NormalDist().cdf(z)


def test_the_activation_is_applied_and_its_slope_multiplied_on_the_way_back(layer: tuple[Any, Trace]):
    s, trace = layer
    a = ended(trace, "through_activation")
    np.testing.assert_allclose(a["y"], VALUES[s.activation](a["z"]), atol=1e-12)
    np.testing.assert_allclose(a["dz"], a["dy"] * SLOPES[s.activation](a["z"]), atol=1e-12)


def test_the_expanded_map_holds_every_delta_at_its_stride_and_zeros_elsewhere(layer: tuple[Any, Trace]):
    s, trace = layer
    a = ended(trace, "expand")
    (SH, SW), (_, OH, OW) = s.stride, a["dz"].shape
    at_stride = a["dz_expanded"][:, ::SH, ::SW][:, :OH, :OW]
    assert (at_stride == a["dz"]).all()
    assert np.abs(a["dz_expanded"]).sum() == pytest.approx(np.abs(a["dz"]).sum())
    size = [
        a["x"].shape[1 + axis] + sum(s.sides[axis]) - s.dilation[axis] * (kernel - 1)
        for axis, kernel in enumerate((s.kernel_height, s.kernel_width))
    ]
    assert list(a["dz_expanded"].shape[1:]) == size  # what a stride of 1 would have put out


def test_the_expanded_map_is_framed_by_the_reach_of_the_kernel(layer: tuple[Any, Trace]):
    s, trace = layer
    a = ended(trace, "pad_fully")
    TOP, LEFT = s.dilation[0] * (s.kernel_height - 1), s.dilation[1] * (s.kernel_width - 1)
    assert (a["dz_padded"] == np.pad(a["dz_expanded"], ((0, 0), (TOP, TOP), (LEFT, LEFT)))).all()


def test_each_kernel_is_turned_by_180_degrees(layer: tuple[Any, Trace]):
    _, trace = layer
    a = ended(trace, "flip")
    assert (a["w_flipped"] == np.rot90(a["w"], 2, axes=(2, 3))).all()


def test_the_gradients_are_what_every_delta_hands_back_to_the_cells_that_made_it(layer: tuple[Any, Trace]):
    # The loops of the forward pass, run backwards: a scatter, where the chapters gather.
    s, trace = layer
    a = ended(trace, "bias_gradient")
    dx, dw, db = np.zeros_like(a["x_padded"]), np.zeros_like(a["w"]), np.zeros_like(a["b"])
    (SH, SW), (DH, DW), ((PH, _), (PW, _)) = s.stride, s.dilation, s.sides
    for f, i, j in np.ndindex(a["dz"].shape):
        delta = a["dz"][f, i, j]
        db[f] += delta
        for c, u, v in np.ndindex(a["w"].shape[1:]):
            first = f // (s.out_channels // s.groups) * a["w"].shape[1]
            at = first + c, i * SH + u * DH, j * SW + v * DW
            dx[at] += delta * a["w"][f, c, u, v]
            dw[f, c, u, v] += delta * a["x_padded"][at]
    np.testing.assert_allclose(a["dx_padded"], dx, atol=1e-12)
    if s.padding_mode == "zeros":
        folded = dx[:, PH : PH + s.in_height, PW : PW + s.in_width]
    else:  # every cell of the border is a copy: it hands its gradient to the cell whose number it has
        numbered = np.arange(a["x"].size).reshape(a["x"].shape)
        folded, copied = np.zeros(a["x"].size), np.pad(numbered, ((0, 0), *s.sides), BORDERS[s.padding_mode])
        np.add.at(folded, copied.ravel(), dx.ravel())
    np.testing.assert_allclose(a["dx"], np.reshape(folded, a["x"].shape), atol=1e-12)
    np.testing.assert_allclose(a["dw"], dw, atol=1e-12)
    np.testing.assert_allclose(a["db"], db, atol=1e-12)


def test_the_update_is_one_step_against_the_gradient(layer: tuple[Any, Trace]):
    s, trace = layer
    before, after = ended(trace, "bias_gradient"), ended(trace, "update")
    for name in ("w", "b"):
        np.testing.assert_allclose(
            after[name], before[name] - s.learning_rate * before["d" + name], rtol=0, atol=1e-15
        )  # fmt: skip


def test_the_gradient_check_finds_the_gradients_right_and_puts_every_nudge_back(layer: tuple[Any, Trace]):
    s, trace = layer
    a = trace.outline.end
    assert not s.activation.endswith("relu") or a["z"].all()  # at its corner no slope is right: see below
    for name in ("x", "w", "b"):
        assert np.abs(a["difference_d" + name]).max() < 1e-6
        np.testing.assert_allclose(a["numeric_d" + name], a["d" + name], atol=1e-6)
        assert not a["kinks_d" + name].any()
        assert (a[name + "_nudged"] == trace.start[name]).all()


# --- Corners ------------------------------------------------------------------------------------------------


def test_a_wrong_gradient_would_be_seen_by_the_gradient_check():
    # The check compares with the arrays of the run, so a gradient that is off by one shows up as just that.
    run = Run.of("conv2d", "gradient_check")
    run.start["dw"][1, 2, 0, 1] += 1
    captions = [step.caption for step in run.steps()]
    assert captions.count("they differ, and no kink is near: the formula is wrong here") == 1
    difference = run.finish()["difference_dw"]
    assert difference[1, 2, 0, 1] == pytest.approx(-1, abs=1e-6)
    assert (np.abs(difference) > 1e-6).sum() == 1


def test_at_the_corner_of_relu_the_numeric_gradient_lies_halfway_between_the_slopes():
    one = {name: np.ones(shape) for name, shape in {"x": (1, 1, 1), "w": (1, 1, 1, 1), "dy": (1, 1, 1)}.items()}
    a = core.run("conv2d", activation="relu", arrays=one | {"b": [-1]}, stride=1, padding=0)
    assert a["z"].tolist() == [[[0]]]
    assert (a["db"].item(), a["numeric_db"].item()) == (0, pytest.approx(0.5))
    assert a["kinks_db"].item() == 1  # and the check says so, instead of calling it wrong


def test_a_large_array_is_checked_in_cells_evenly_spread():
    settings = {"in_channels": 1, "in_height": 20, "in_width": 20, "out_channels": 1, "stride": 3}
    a = core.run("conv2d", "gradient_check", **settings)
    checked = np.flatnonzero(a["numeric_dx"])
    assert a["x"].size == 400 > limits.CHECKED_CELLS
    assert set(checked) <= set(range(0, 400, 4))
    assert len(checked) > 10
    assert np.abs(a["difference_dx"]).max() < 1e-6


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_agrees_with_its_loops_at_every_kind_of_number(name: str):
    activation = ACTIVATIONS[name]
    z = np.array([[[-1e3, -2.0, -1e-9], [0.0, 1e-9, 800.0]]])
    y, dz, dz_too = np.zeros_like(z), np.zeros_like(z), np.zeros_like(z)
    dy = np.full_like(z, 2.0)
    activation.forward.run({"z": z, "y": y})
    activation.backward.run({"z": z, "dy": dy, "dz": dz})
    np.testing.assert_allclose(y, activation.function(z), rtol=1e-15)
    if activation.from_output:
        activation.from_output.run({activation.from_output.parameters[0]: y, "dy": dy, "dz": dz_too})
        np.testing.assert_allclose(dz_too, dz, atol=1e-12)
    assert np.isfinite([y, dz]).all()


def test_relu_has_slope_zero_at_zero():
    a = core.run("conv2d", "through_activation", activation="relu", arrays={
        "x": np.zeros((1, 2, 3)), "w": np.ones((1, 1, 1, 1)), "b": np.zeros(1), "dy": np.full((1, 2, 3), 5.0),
    }, stride=1, padding=0)  # fmt: skip
    assert not a["z"].any()
    assert not a["dz"].any()


@pytest.mark.parametrize("name", FROM_OUTPUT)
def test_what_is_handed_over_is_the_gradient_times_the_slope_of_the_layer_before(name: str):
    a = core.run("conv2d", "hand_over", activation_before=name, in_width=4, seed=3)
    from_output = {
        "identity": np.ones_like(a["x"]),
        "relu": (a["x"] > 0).astype(float),
        "leaky_relu": np.where(a["x"] > 0, 1, 0.01),
        "sigmoid": a["x"] * (1 - a["x"]),
        "tanh": 1 - a["x"] ** 2,
    }
    np.testing.assert_allclose(a["dx_before"], a["dx"] * from_output[name], atol=1e-15)
    assert np.abs(a["dx_before"]).max() > 0


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_the_input_is_what_the_activation_of_the_layer_before_can_put_out(name: str):
    low, high = ACTIVATIONS[name].outputs
    for seed in (0, 1, 2):
        x = Run.of("conv2d", activation_before=name, seed=seed).start["x"]
        assert ((low < x) & (x < high)).all()
        assert name != "relu" or x.min() >= 0


# --- The numbers to begin with ------------------------------------------------------------------------------


def test_the_default_is_the_article_and_comes_in_small_whole_numbers():
    start = Run.of("conv2d").start
    assert {name: start[name].shape for name in ("x", "w", "b", "dy")} == {
        "x": (3, 5, 5), "w": (2, 3, 3, 3), "b": (2,), "dy": (2, 3, 3),
    }  # fmt: skip
    assert start["x"][0].tolist()[:2] == [[0, 1, 1, 0, 2], [2, 2, 2, 2, 1]]
    assert start["b"].tolist() == [1, 0]


def test_the_articles_numbers_stay_where_they_fit_and_the_others_are_made():
    article, wider = Run.of("conv2d").start, Run.of("conv2d", in_width=6).start
    assert (wider["w"] == article["w"]).all()
    assert wider["x"].shape == (3, 5, 6)
    for seed in (0, 1, 99):
        start = Run.of("conv2d", seed=seed, in_width=6).start
        assert set(np.unique(start["x"])) <= {-2, -1, 0, 1, 2}
        assert len(np.unique(start["x"])) > 2


def test_the_same_seed_gives_the_same_numbers_and_another_gives_others():
    some, same, other = (Run.of("conv2d", seed=seed).start for seed in (4, 4, 5))
    for name in ("x", "w", "dy"):
        assert (some[name] == same[name]).all()
        assert (some[name] != other[name]).any()


def test_an_array_keeps_its_numbers_when_another_changes_its_size():
    narrow, wide = (Run.of("conv2d", seed=4, in_width=width).start for width in (5, 8))
    assert (narrow["w"] == wide["w"]).all()
    assert (narrow["b"] == wide["b"]).all()


def test_ones_may_arrive_instead_of_a_gradient():
    assert (Run.of("conv2d", grad_output="ones", in_width=8).start["dy"] == 1).all()
    assert len(np.unique(Run.of("conv2d").start["dy"])) > 1
