"""Settings and what they may be, what is legal together, and the limits: all decided before any array exists."""

import tracemalloc
from dataclasses import FrozenInstanceError, dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as draw

import core
from app.ground.words import Words
from core.catalog import LAYERS, Run
from core.layers.conv import ConvSettings
from core.offer import limits
from core.offer.cost import Cost
from core.offer.layer import Named, check, legal
from core.offer.settings import Choice, Flag, Pair, Real, SettingError, Settings, Sides, Whole, knob
from core.offer.window import Axis, along, same
from core.recording.recorder import algorithm, ancestry
from tests.cases import each

CONV = LAYERS["conv2d"]


def refused(setting: str, words: str, call: Any, *args: Any, **kwargs: Any) -> SettingError:
    """The error, which names the setting and says what was expected."""
    with pytest.raises(SettingError) as caught:
        call(*args, **kwargs)
    assert caught.value.setting == setting, str(caught.value)
    assert words in str(caught.value)
    return caught.value


# --- One setting --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [2, "2", " 2 ", np.int64(2), np.uint8(2)])
def test_a_whole_number_is_taken_from_python_numpy_and_a_query_string(value: Any):
    taken = Whole(1, 5).accept("seed", value)
    assert (taken, type(taken)) == (2, int)


NOT_WHOLE = [
    "", "-", "--2", "+2", "2.0", "2e0", "0x2", "1_0", "٣", "²", "two", "2\n", "2,2", "1" * 10, b"2",
    [2], (2,), {}, None, 2.0, 2.5, True, np.True_, float("nan"), 1j, np.array(2),
]  # fmt: skip


@pytest.mark.parametrize("value", NOT_WHOLE, ids=repr)
def test_what_is_no_whole_number_is_refused_with_the_range(value: Any):
    refused("seed", "seed must be a whole number from 1 to 5", Whole(1, 5).accept, "seed", value)


@pytest.mark.parametrize("value", [0, 6, -1, "0", "-3", "999999999", 10**30])
def test_a_whole_number_outside_of_its_range_is_refused_with_the_range(value: Any):
    refused("seed", "seed must be from 1 to 5", Whole(1, 5).accept, "seed", value)


@pytest.mark.parametrize(
    ("value", "pair"),
    [
        (2, (2, 2)),
        ("2", (2, 2)),
        (np.int32(2), (2, 2)),
        ((2, 1), (2, 1)),
        ([2, 1], (2, 1)),
        ("2,1", (2, 1)),
        (" 2 , 1 ", (2, 1)),
        ((3,), (3, 3)),
        ((np.int64(0), np.uint8(3)), (0, 3)),
    ],
)
def test_a_pair_is_height_and_width_and_one_number_is_both(value: Any, pair: tuple[int, int]):
    taken = Pair(0, 3).accept("stride", value)
    assert taken == pair
    assert {type(part) for part in taken} == {int}


NOT_A_PAIR = [
    "", "1,", ",1", "1 2", "1;2", "a,b", "1,2,3", "1,2,3,4", "1,2,3,4,5,6,7", "9" * 5000,
    (), (1, 2, 3), (1, 2.0), (True, 1), 1.0, None, {1, 2}, {}, [[1, 2]], np.array([1, 2]),
]  # fmt: skip


@pytest.mark.parametrize("value", NOT_A_PAIR, ids=lambda value: repr(value)[:20])
def test_what_is_no_pair_is_refused_with_the_range(value: Any):
    words = "stride must be a whole number from 0 to 3, or two: height,width"
    refused("stride", words, Pair(0, 3).accept, "stride", value)


@pytest.mark.parametrize("value", [4, (0, 4), (-1, 0), "0,4", "-1"])
def test_a_pair_outside_of_its_range_is_refused_with_the_range(value: Any):
    refused("stride", "stride must be from 0 to 3", Pair(0, 3).accept, "stride", value)


@pytest.mark.parametrize(
    ("value", "sides"),
    [
        (1, (1, 1, 1, 1)),
        ("1", (1, 1, 1, 1)),
        ((1, 2), (1, 1, 2, 2)),
        ("1,2", (1, 1, 2, 2)),
        ("1,0,2,3", (1, 0, 2, 3)),
        ([1, 0, 2, 3], (1, 0, 2, 3)),
        (((1, 0), (2, 3)), (1, 0, 2, 3)),
        ([[1, 0], [2, 3]], (1, 0, 2, 3)),
        ("same", "same"),
        ("same_upper", "same"),  # ONNX's name for it
    ],
)
def test_sides_are_one_number_two_four_or_a_word(value: Any, sides: Any):
    taken = Sides(0, 3, ("same", "valid")).accept("padding", value)
    assert taken == sides
    assert isinstance(taken, str) or {type(part) for part in taken} == {int}


@pytest.mark.parametrize(
    "value",
    ["", "full", "Same", "same_lower", "SAME_UPPER", "1,", "1,2,3", "1,2,3,4,5", "same,1", (1, 2, 3), ((1, 2), 3),
     (((1, 2), (3, 4)),), 1.0, None, ((1, 2),), (1, (2, 3), 4), ((1, 2, 3), 4), [[1], [2]]],
    ids=repr,
)  # fmt: skip
def test_what_are_no_sides_is_refused_with_the_range_and_the_words(value: Any):
    words = "or two: height,width, or four: top,bottom,left,right, or a word: same, valid"
    refused("padding", words, Sides(0, 3, ("same", "valid")).accept, "padding", value)


@pytest.mark.parametrize("value", [4, -1, "0,4", (0, 0, 0, 4), ((0, 0), (-1, 0))])
def test_sides_outside_of_their_range_are_refused_with_the_range(value: Any):
    refused("padding", "padding must be from 0 to 3", Sides(0, 3, ("same",)).accept, "padding", value)


def test_sides_are_told_as_briefly_as_they_can_be():
    plain = Sides(0, 3, ("same",)).plain
    assert [plain((1, 1, 1, 1)), plain((1, 1, 2, 2)), plain((1, 0, 2, 2)), plain("same")] == [
        1, [1, 2], [1, 0, 2, 2], "same",
    ]  # fmt: skip


@pytest.mark.parametrize(("value", "flag"), [(True, True), (np.False_, False), ("true", True), ("False", False)])
def test_a_flag_is_yes_or_no(value: Any, flag: bool):
    assert Flag().accept("ceil_mode", value) is flag


@pytest.mark.parametrize("value", ["", "yes", "1", 1, 0, None, 1.0, [True]], ids=repr)
def test_what_is_no_flag_is_refused_with_its_words(value: Any):
    refused("ceil_mode", "ceil_mode must be one of true, false", Flag().accept, "ceil_mode", value)


def test_a_choice_is_one_of_its_words():
    choice = Choice(("relu", "tanh"))
    assert choice.accept("activation", "tanh") == "tanh"
    for value in ("Relu", "", "relu,tanh", None, 0, ["relu"], b"relu"):
        refused("activation", "activation must be one of relu, tanh", choice.accept, "activation", value)


@pytest.mark.parametrize("value", [0.5, "0.5", "5e-1", np.float32(0.5), " .5 "])
def test_a_number_is_taken_from_python_numpy_and_a_query_string(value: Any):
    taken = Real(0, 10).accept("learning_rate", value)
    assert (taken, type(taken)) == (0.5, float)


@pytest.mark.parametrize(
    "value",
    ["", "x", "nan", "inf", "-0.1", "10.01", "1e999", 10**400, True, None, [1], 1j, float("nan"), "0x1", "1_0", "0_1"],
)
def test_what_is_no_number_in_the_range_is_refused_with_the_range(value: Any):
    words = "learning_rate must be a number from 0 to 10"
    refused("learning_rate", words, Real(0, 10).accept, "learning_rate", value)


NOW = {"whole": [2], "pair": [(1, 2)], "choice": ["b"], "flag": [True], "real": [1],
       "sides": [1, (1, 2), (0, 1, 2, 3), "same"]}  # fmt: skip


@pytest.mark.parametrize(
    "kind", [Whole(1, 3), Pair(0, 3), Sides(0, 3, ("same",)), Choice(("a", "b")), Flag(), Real(0, 2)]
)
def test_a_kind_accepts_its_own_candidates_and_what_it_sends_as_json(kind: Any):
    for now in NOW[kind.kind]:
        for value in kind.candidates(kind.accept("it", now)):
            assert kind.accept("it", value) == value
            assert kind.accept("it", kind.plain(value)) == value


def test_one_control_of_a_pair_moves_both_axes_or_one():
    assert sorted(Pair(1, 3).candidates((2, 1))) == [(1, 1), (2, 1), (2, 2), (2, 3), (3, 1), (3, 3)]  # each once
    assert list(Whole(1, 3).candidates(2)) == [1, 2, 3]


# --- All settings of a layer --------------------------------------------------------------------------------


def test_a_missing_setting_keeps_its_default():
    assert ConvSettings.of({}) == ConvSettings()
    assert ConvSettings.of({"stride": "1"}) == ConvSettings(stride=(1, 1))


def test_kernel_size_sets_height_and_width():
    settings = ConvSettings.of({"kernel_size": "3,2"})
    assert (settings.kernel_height, settings.kernel_width) == (3, 2)
    assert ConvSettings.of({"kernel_size": 2}) == ConvSettings.of({"kernel_height": 2, "kernel_width": 2})


@pytest.mark.parametrize("also", ["kernel_height", "kernel_width"])
def test_a_size_given_twice_is_refused(also: str):
    words = f"{also} is given twice: kernel_size sets it too"
    refused(also, words, ConvSettings.of, {"kernel_size": 3, also: 3})


@pytest.mark.parametrize("value", ["3,2,1", "x", 0, limits.KERNEL + 1, None])
def test_a_kernel_size_that_makes_no_sense_is_refused_by_the_name_it_was_given(value: Any):
    refused("kernel_size", f"from 1 to {limits.KERNEL}", ConvSettings.of, {"kernel_size": value})


def test_an_unknown_setting_is_refused_with_the_known_ones_and_without_an_echo():
    error = refused(
        "strides<b>", "there is no such setting; this layer has in_channels", ConvSettings.of, {"strides<b>": 1}
    )
    assert "strides" not in str(error)


def test_an_error_carries_its_words_as_a_template_and_its_values():
    error = refused("stride", "stride must be from 1", ConvSettings.of, {"stride": 0})
    assert error.template == "{setting} must be from {low} to {high}"
    assert error.values == {"setting": "stride", "low": 1, "high": limits.STRIDE}
    assert str(error) == error.template.format(**error.values)
    assert isinstance(error, ValueError)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.name)
def test_settings_cannot_be_changed_and_know_how_to_travel(layer: Any):
    settings = layer.settings()
    first = next(iter(settings.kinds()))
    with pytest.raises(FrozenInstanceError):
        setattr(settings, first, 1)
    assert layer.settings.of(settings.plain()) == settings
    assert hash(layer.settings.of(settings.plain())) == hash(settings)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.name)
def test_a_menu_says_all_that_is_known_of_each_setting(layer: Any):
    menu = layer.settings.describe()
    assert [entry["name"] for entry in menu] == list(layer.settings.kinds())
    for entry in menu:
        assert entry["label"]
        assert entry["group"]
        assert entry["kind"] in ("whole", "pair", "sides", "choice", "flag", "real")
        assert ("choices" in entry) != ({"low", "high"} <= entry.keys())
        assert ("words" in entry) == (entry["kind"] == "sides")
        kind = layer.settings.kinds()[entry["name"]]
        assert kind.accept(entry["name"], entry["default"]) == getattr(layer.settings(), entry["name"])


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.name)
def test_a_group_of_the_menu_stands_together(layer: Any):
    groups = [entry["group"] for entry in layer.settings.describe()]
    assert [group for k, group in enumerate(groups) if groups[:k][-1:] != [group]] == list(dict.fromkeys(groups))


# --- Sizes --------------------------------------------------------------------------------------------------

small = draw.integers(1, 6)


@bounded(max_examples=300, deadline=None)
@given(
    size=draw.integers(1, 12), kernel=small, stride=small, before=draw.integers(0, 6), after=draw.integers(0, 6),
    dilation=small, ceil=draw.booleans(),
)  # fmt: skip
def test_the_output_size_is_the_number_of_places_that_the_window_finds(
    size: int, kernel: int, stride: int, before: int, after: int, dilation: int, ceil: bool
):
    if ceil:  # only pools have it, and their padding is the same on both sides and at most half the window
        before = after = min(before, kernel // 2)
    axis = Axis("width", size, kernel, stride, before, after, dilation, ceil)
    end, last = size + before + after, dilation * (kernel - 1)
    if last >= end and not (ceil and last - end + 1 < stride):  # one window may hang over, by less than a stride
        words = f"reaches over {last + 1} cells does not fit an input of {size} padded to {end}"
        refused("kernel_width", words, lambda: axis.out)
        return
    places = [at for at in range(0, end, stride) if at + last < end] or [0]
    # In ceil mode one more place counts, where the window hangs over the end, if it begins at the latest in the input.
    if ceil and places[-1] + last < end - 1 and places[-1] + stride < before + size:
        places.append(places[-1] + stride)
    assert axis.out == len(places)
    assert axis.covered == max(end, places[-1] + last + 1)
    assert axis.formula()["value"] == axis.out


def test_the_formula_says_so_where_a_window_of_ceil_mode_is_left_out():
    line = Axis("height", size=3, kernel=2, stride=4, before=1, after=1, ceil=True).formula()
    assert line == {"label": "Output height", "symbols": "⌈(H + 2p − k)/s⌉ + 1 − 1",
                    "numbers": "⌈(3 + 2·1 − 2)/4⌉ + 1 − 1", "value": 1}  # fmt: skip


@each("size", range(1, 9))
@each("kernel", range(1, 6))
@each("stride", range(1, 5))
def test_same_gives_one_output_for_each_stride_and_sets_the_odd_cell_last(size: int, kernel: int, stride: int):
    height, _ = along((size, 1), (kernel, 1), (stride, 1), "same")
    assert height.out == -(-size // stride)
    assert (height.before, height.after) == same(size, kernel, stride)
    assert height.after - height.before in (0, 1)


def test_valid_is_no_padding():
    assert along((5, 4), (2, 3), padding="valid") == along((5, 4), (2, 3))


def test_the_formula_shows_the_numbers_of_each_axis():
    settings = ConvSettings.of(
        {"in_height": 7, "in_width": 6, "stride": (2, 3), "padding": (1, 0), "kernel_size": (3, 2)}
    )
    assert CONV.formula(settings) == [
        {"label": "Output height", "symbols": "⌊(H + 2p − k)/s⌋ + 1", "numbers": "⌊(7 + 2·1 − 3)/2⌋ + 1", "value": 4},
        {"label": "Output width", "symbols": "⌊(W + 2p − k)/s⌋ + 1", "numbers": "⌊(6 + 2·0 − 2)/3⌋ + 1", "value": 2},
    ]


@pytest.mark.parametrize("dilation", [1, (2, 1), (1, 2), 2])
@pytest.mark.parametrize("stride", [1, 2, (3, 2)])
def test_the_numbers_of_the_formula_make_its_value_and_the_size_of_the_output(dilation: Any, stride: Any):
    run = Run.of("conv2d", "correlate", dilation=dilation, stride=stride, in_height=9, in_width=8, kernel_size=(3, 2))
    sizes = run.layer.formula(run.settings)
    assert [size["value"] for size in sizes] == list(run.finish()["y"].shape[1:])
    for size in sizes:
        text = str(size["numbers"]).translate(str.maketrans("⌊⌋·−", "()*-")).replace("/", "//")
        assert eval(text) == size["value"]


# --- Arrays that a reader brings ----------------------------------------------------------------------------

ONES = {"x": np.ones((2, 4, 6)), "w": np.ones((3, 2, 3, 2)), "b": np.ones(3), "dy": np.ones((3, 2, 4))}


def test_the_shapes_of_the_arrays_set_the_sizes():
    settings = Run.of("conv2d", arrays=ONES).settings
    sizes = (settings.in_channels, settings.in_height, settings.in_width, settings.out_channels)
    assert (*sizes, settings.kernel_height, settings.kernel_width) == (2, 4, 6, 3, 3, 2)


def test_arrays_may_be_lists_of_any_numbers_and_are_never_written_to():
    x = np.arange(8, dtype=np.float32).reshape(1, 2, 4)
    w = np.full((1, 1, 2, 2), 3.0)
    kept = x.copy(), w.copy()
    arrays = {"x": x, "w": w, "b": [1], "dy": [[[1, 2, 3]]]}
    end = core.run("conv2d", arrays=arrays, stride=1, padding=0, learning_rate=1)
    assert {array.dtype for array in end.values()} == {np.dtype(np.float64)}
    assert end["w"].tolist() != w.tolist()  # the update is in the answer
    assert (x == kept[0]).all()
    assert (w == kept[1]).all()


def test_a_run_leaves_its_own_arrays_as_they_are():
    run = Run.of("conv2d")
    before = {name: array.copy() for name, array in run.start.items()}
    run.finish()
    list(run.steps())
    run.outline()
    assert all((run.start[name] == before[name]).all() for name in before)


def brought(**arrays: Any) -> dict[str, Any]:
    return {"arrays": ONES | arrays}


@pytest.mark.parametrize(
    ("setting", "words", "given"),
    [
        ("kernel", "there is no such array; this layer takes x, w, b, dy", brought(kernel=[1])),
        ("z", "there is no such array", brought(z=np.ones((3, 2, 4)))),
        ("x", "x must have 3 axes; it has 2", brought(x=np.ones((4, 6)))),
        ("b", "b must have 1 axes; it has 0", brought(b=1)),
        ("w", "w makes in_channels 1; another array makes it 2", brought(w=np.ones((3, 1, 3, 2)))),
        ("b", "b makes out_channels 2; another array makes it 3", brought(b=np.ones(2))),
        ("dy", "dy must have the shape (3, 2, 4); it has (3, 4, 2)", brought(dy=np.ones((3, 4, 2)))),
        ("x", "every number in x must be finite", brought(x=np.full((2, 4, 6), np.nan))),
        ("x", "every number in x must be finite", brought(x=np.full((2, 4, 6), -np.inf))),
        ("w", "every number in w must be finite", brought(w=np.full((3, 2, 3, 2), 1.1 * limits.MAGNITUDE))),
        ("in_height", "in_height must be from 1 to 64", brought(x=np.ones((2, 0, 6)))),
        ("in_width", "in_width must be from 1 to 64", {"arrays": {"x": np.ones((1, 1, 65))}}),
        ("out_channels", "from 1 to 16", {"arrays": {"b": np.ones(17)}}),
        ("in_height", "in_height is 4: an array that was given has that shape", brought() | {"in_height": 5}),
        ("kernel_width", "kernel_width is 2: an array that was given", brought() | {"kernel_size": 3}),
        ("kernel_height", "does not fit an input of 2", {"arrays": {"x": np.ones((1, 2, 9))}, "padding": 0}),
    ],
)
def test_an_array_that_does_not_fit_is_refused_in_words(setting: str, words: str, given: dict[str, Any]):
    refused(setting, words, core.run, "conv2d", **given)


@pytest.mark.parametrize("x", [[[[1], [1, 2]]], [[["a"]]], [[[None]]], {"a": 1}, [[[1j]]], "x"], ids=repr)
def test_an_array_that_is_no_array_of_numbers_is_refused_by_its_name(x: Any):
    with pytest.raises(SettingError) as caught:
        core.run("conv2d", arrays={"x": x})
    assert caught.value.setting == "x"


@pytest.mark.parametrize(
    ("before", "bad"), [("relu", None), ("sigmoid", 0.0), ("sigmoid", 1.0), ("tanh", 1.0), ("tanh", -1.5)]
)
def test_an_input_that_the_layer_before_could_not_have_put_out_is_refused(before: str, bad: float | None):
    x = np.full((1, 3, 3), 0.5)
    core.run("conv2d", "hand_over", arrays={"x": x}, activation_before=before)
    if bad is not None:
        x[0, 1, 2] = bad
        words = f"x is the output of a {before}: its numbers must lie between"
        refused("x", words, core.run, "conv2d", "hand_over", arrays={"x": x}, activation_before=before)


def test_ones_arriving_and_a_gradient_brought_along_are_one_too_many():
    refused("grad_output", "dy is given too", core.run, "conv2d", arrays=ONES, grad_output="ones")


def test_a_layer_or_an_algorithm_that_does_not_exist_is_refused_with_those_that_there_are():
    for layer in ("conv3d", "", "Conv2d", "conv2d ", "__class__"):
        refused("layer", "there is no such layer; there are conv2d, max_pool2d, ", core.run, layer)
    for mistyped in ("corelate", "", "Walk", "walk_", "__class__"):
        refused("algorithm", "this layer has walk, ", core.record, "conv2d", mistyped)
        refused("algorithm", "this layer has walk, ", core.run, "max_pool2d", mistyped)


# --- Legality and limits ------------------------------------------------------------------------------------


def fits(settings: ConvSettings) -> bool:
    """PyTorch's own condition: the window must find a place on each axis."""
    size = (settings.in_height, settings.in_width)
    kernel = (settings.kernel_height, settings.kernel_width)
    if settings.in_channels % settings.groups or settings.out_channels % settings.groups:
        return False
    if isinstance(settings.padding, str):
        room = [0, 0] if settings.padding == "valid" else [True, True]
    else:
        room = [sum(settings.padding[:2]), sum(settings.padding[2:])]
    return all(room[a] is True or settings.dilation[a] * (kernel[a] - 1) < size[a] + room[a] for a in (0, 1)) and all(
        mirrors(settings, a) for a in (0, 1)
    )


def mirrors(settings: ConvSettings, a: int) -> bool:
    """PyTorch's condition for borders that are made of the input."""
    size, most = (settings.in_height, settings.in_width)[a], max(settings.sides[a])
    return {"reflect": most < size, "circular": most <= size}.get(settings.padding_mode, True)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"in_height": 3, "in_width": 4, "kernel_size": (3, 2), "padding": (0, 1), "stride": (2, 1)},
        {"in_height": 1, "in_width": 2, "kernel_size": (3, 5), "padding": (1, 2), "dilation": 1},
        {"in_height": 9, "in_width": 6, "kernel_size": (2, 3), "dilation": (4, 2)},
        {"in_channels": 6, "out_channels": 4, "groups": 2, "padding": (1, 0, 2, 1), "padding_mode": "reflect"},
        {"in_channels": 2, "padding": "same", "kernel_size": (5, 4), "padding_mode": "circular"},
    ],
)
def test_the_values_offered_are_just_those_that_fit(given: dict[str, Any]):
    settings = ConvSettings.of(given)
    assert fits(settings)
    for name, values in legal(CONV, "pad", settings).items():
        kind = settings.kinds()[name]
        for candidate in kind.candidates(getattr(settings, name)):
            offered = kind.plain(candidate) in values
            assert offered == fits(replace(settings, **{name: candidate})), (name, candidate)
        assert kind.plain(getattr(settings, name)) in values or isinstance(kind, Real)  # where it stands is legal


@pytest.mark.parametrize("name", ["stride", "padding", "in_height", "kernel_width", "dilation"])
def test_beside_an_array_that_is_brought_only_what_fits_its_shape_is_offered(name: str):
    brought = {"dy": np.ones((2, 3, 3))}
    settings = ConvSettings()
    for value in legal(CONV, "walk", settings, shapes=frozenset({("dy", (2, 3, 3))}))[name]:
        core.run("conv2d", "pad", brought, **settings.plain() | {name: value})
    assert len(legal(CONV, "walk", settings)[name]) > len(
        legal(CONV, "walk", settings, shapes=frozenset({("dy", (2, 3, 3))}))[name]
    )


def test_weights_of_ones_own_fix_the_groups_that_their_depth_is_a_share_by():
    assert CONV.sized_by(["w"]) == {"out_channels", "in_channels", "kernel_height", "kernel_width"}
    assert (CONV.shared_by(["w"]), CONV.shared_by(["x", "b"])) == ({"groups"}, set())
    w = np.ones((4, 2, 1, 1))
    assert core.run("conv2d", arrays={"w": w}, groups=2)["x"].shape[0] == 4
    assert core.run("conv2d", arrays={"w": w})["x"].shape[0] == 2


def test_it_is_a_size_that_is_blamed_for_the_cost_and_not_the_groups():
    large = {"in_channels": 16, "out_channels": 16, "in_height": 64, "in_width": 64, "groups": 16}
    refused("in_height", "choose smaller sizes", core.run, "conv2d", **large)


def test_what_an_array_has_fixed_is_offered_as_it_stands_and_nothing_else():
    settings = ConvSettings.of({"in_height": 6})
    values = legal(CONV, "walk", settings, frozenset({"in_height", "kernel_width"}))
    assert (values["in_height"], values["kernel_width"]) == ([6], [3])
    assert len(values["kernel_height"]) > 1


def test_a_value_that_costs_too_much_is_not_offered():
    settings = ConvSettings.of({"in_channels": 16, "in_height": 30, "in_width": 64, "out_channels": 1, "stride": 1})
    offered = legal(CONV, "input_gradient", settings)["in_height"]
    assert 1 < max(offered) < limits.SIDE
    check(CONV, "input_gradient", replace(settings, in_height=max(offered)))
    with pytest.raises(SettingError, match=f"at most {limits.STEPS} are walked"):
        check(CONV, "input_gradient", replace(settings, in_height=max(offered) + 1))
    assert limits.SIDE in legal(CONV, "pad", settings)["in_height"]  # for the first chapter alone it is not too much


LARGE = {"in_channels": 16, "in_height": 64, "in_width": 64, "out_channels": 16, "stride": 1}


@pytest.mark.parametrize(
    ("algorithm", "given", "setting", "words"),
    [
        ("flip", {"kernel_size": 11, "dilation": 8, "padding": 16}, "in_height", f"at most {limits.CELLS} are shown"),
        ("input_gradient", {"kernel_size": 1, "padding": 0}, "in_height", f"at most {limits.STEPS} are walked"),
        ("walk", {"kernel_size": 1, "padding": 0}, "in_height", f"have 993188 cells; at most {limits.ALL_CELLS} are"),
        (
            "walk",
            {"kernel_size": 1, "padding": 0, "in_channels": 8, "out_channels": 8},
            "in_height",
            f"at most {limits.STEPS} are walked",
        ),
        ("correlate", {"in_height": 20, "in_width": 20, "kernel_size": 11}, "out_channels", f"at most {limits.WRITES}"),
    ],
)
def test_what_is_too_large_is_refused_with_the_limit_before_anything_is_made(
    algorithm: str, given: dict[str, Any], setting: str, words: str
):
    tracemalloc.start()
    try:
        refused(setting, words, core.run, "conv2d", algorithm, **LARGE | given)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100_000  # bytes: the input alone would take more


@pytest.mark.parametrize("algorithm", CONV.algorithms)
def test_what_opening_an_algorithm_costs_is_its_own_cost_and_that_of_all_that_runs_before_it(algorithm: str):
    settings = ConvSettings(activation_before="relu")
    before = ancestry(CONV.algorithms[algorithm])
    alone = (CONV.cost(one.name, settings) for one in before)
    assert CONV.whole_cost(algorithm, settings) == sum(alone, CONV.cost(algorithm, settings))
    run = Run.of("conv2d", algorithm, activation_before="relu")
    arrays = {name: array.copy() for name, array in Run.of("conv2d", activation_before="relu").start.items()}
    steps = [step for one in (*before, run.algorithm) for step in one.steps(arrays, **CONV.arguments(run.settings))]
    written = sum(len(access.values) for step in steps for access in step.accesses if access.values is not None)
    assert CONV.whole_cost(algorithm, settings) == Cost(len(steps), written)


def test_all_the_arrays_that_an_algorithm_takes_count_together_and_no_others():
    settings = ConvSettings.of(LARGE | {"kernel_size": 11, "padding": 16})
    arrays = check(CONV, "pad", settings)  # the walk has seven times as many cells, and each array fits
    taken = {name: sum(arrays[one].cells for one in one_of.parameters if one in arrays)
             for name, one_of in CONV.algorithms.items()}  # fmt: skip
    assert taken["pad"] < limits.ALL_CELLS < taken["walk"]
    words = f"the arrays of this walk would have {taken['walk']} cells; at most {limits.ALL_CELLS} are shown"
    refused("in_height", words, check, CONV, "walk", settings)


@pytest.mark.parametrize("cells", [limits.ALL_CELLS // 4, limits.ALL_CELLS // 4 + 1])
def test_the_limit_on_all_cells_is_itself_allowed(cells: int):
    def arrays(_: Settings) -> dict[str, Named]:
        return {name: Named((cells if name != "w" else 1,), "value", name) for name in ("x", "y", "z", "v", "w", "u")}

    @algorithm()
    def toy(x, y, z, v):
        yield str(x.shape)

    layer = replace(CONV, arrays=arrays, algorithms={"toy": toy}, others=lambda *_: {})
    if 4 * cells <= limits.ALL_CELLS:
        check(layer, "toy", ConvSettings())
    else:
        refused("in_channels", f"would have {4 * cells} cells", check, layer, "toy", ConvSettings())


@dataclass(frozen=True)
class Moods(Settings):
    """Settings without a size."""

    mood: str = knob("calm", Choice(("calm", "wild")), "Mood", "Function")


@dataclass(frozen=True)
class Seeded(Moods):
    """The seed is no size."""

    seed: int = knob(1, Whole(0, 99), "Seed", "Numbers")


@pytest.mark.parametrize("settings", [Moods(), Moods("wild"), Seeded(seed=90)])
def test_a_layer_without_sizes_is_refused_in_words_too(settings: Settings):
    large = {"x": Named((limits.CELLS + 1,), "input", "input")}
    layer = replace(CONV, settings=type(settings), arrays=lambda _: large)
    refused("mood", f"x would have {limits.CELLS + 1} cells", check, layer, "pad", settings)


def test_what_must_run_before_counts():
    # Two steps by itself, but the forward pass comes first.
    settings = ConvSettings.of(LARGE | {"in_height": 60, "in_width": 60, "kernel_size": 2})
    assert CONV.cost("pad_fully", settings).steps == 2
    refused("in_height", f"at most {limits.STEPS} are walked", check, CONV, "pad_fully", settings)
    check(CONV, "pad", settings)


def test_the_setting_to_turn_down_is_the_one_that_has_grown_most():
    # The default has 5 rows and columns, 3 channels and 2 filters.
    refused("in_width", "choose smaller sizes", check, CONV, "walk", ConvSettings.of(LARGE | {"in_height": 32}))
    grown = {"in_channels": 16, "in_height": 30, "in_width": 30, "out_channels": 16, "stride": 1}
    refused("out_channels", "choose smaller sizes", check, CONV, "walk", ConvSettings.of(grown))


def test_costs_add_up():
    assert Cost(1, 20) + Cost(3, 4) == Cost(4, 24)
    costs = {name: CONV.cost(name, ConvSettings(activation_before="relu")) for name in CONV.algorithms}
    assert costs.pop("walk") == sum(costs.values(), Cost(0, 0))


def test_the_limits_are_those_of_the_design():
    assert (limits.SIDE, limits.CHANNELS, limits.KERNEL, limits.STEPS) == (64, 16, 11, 200_000)
    assert (limits.CELLS, limits.ALL_CELLS) == (200_000, 600_000)
    kinds = ConvSettings.kinds()
    for name in ("in_height", "in_width"):
        assert (kinds[name].low, kinds[name].high) == (1, limits.SIDE)
    for name in ("in_channels", "out_channels"):
        assert (kinds[name].low, kinds[name].high) == (1, limits.CHANNELS)
    assert isinstance(ConvSettings(), Settings)


def test_what_goes_on_after_a_layer_begins_with_its_arrays():
    found = [layer for layer in LAYERS.values() if layer.onward]
    assert found
    for layer in found:
        assert layer.onward
        run = Run.of(layer.name)
        arrays = {name: run.start[name] for name in layer.onward.arrays}
        other = Run.of(layer.onward.layer, arrays=arrays)
        for name, array in arrays.items():
            np.testing.assert_array_equal(other.start[name], array)
        label = layer.onward.label
        assert Words("zh")(label) != label
