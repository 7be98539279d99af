"""The walks agree with core.fast on every layer and setting that it has, and with each other where layers are related.

Settings are random legal ones, drawn from the layers' own; arrays are small whole numbers in turn with real ones.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest

import core
from core import fast
from core.catalog import LAYERS, Run
from core.layers.activation import ACTIVATIONS
from core.offer.layer import check
from core.offer.settings import Flag, Pair, Real, SettingError, Settings, Sides, Whole
from tests.cases import each

COUNTS = {
    "conv2d": 150,
    "conv_transpose2d": 90,
    "max_pool2d": 90,
    "avg_pool2d": 90,
    "im2col": 70,
    "convolution_as_linear": 80,
    "chain": 80,
}
STEPS = 2500  # of the longest walk
# The ties that core.fast has; x is not the output of another layer; the gradient that arrives is ours.
HELD = {"ties": "first", "activation_before": "identity", "grad_output": "given"}
MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}  # core's names and NumPy's
Arrays = dict[str, np.ndarray]


class Case(NamedTuple):
    """One walk: its layer, its settings, and the arrays that it begins with."""

    layer: str
    number: int
    settings: Settings
    given: Arrays

    def end(self) -> Arrays:
        return core.run(self.layer, arrays=self.given, **self.settings.plain())

    def __str__(self) -> str:
        return f"{self.layer} {self.number}"


def turned(layer: str, dice: Random) -> Settings:
    """Settings as a reader gets them: from the default, one control after the other is turned to a legal value."""
    chosen = LAYERS[layer]
    settings = replace(
        chosen.settings(), **{name: held for name, held in HELD.items() if name in chosen.settings.kinds()}
    )
    kinds = settings.kinds()
    names = [name for name in kinds if name not in HELD]
    # Groups must divide the channels, so they come last; and any other number of them is tried before one.
    for name in sorted(names, key=lambda name: (name == "groups", dice.random())):
        values = [drawn(kinds[name], dice) for _ in range(10)]  # some are illegal beside the others
        for value in sorted(values, key=lambda value: name == "groups" and value == 1):
            try:
                tried = replace(settings, **{name: value})
                check(chosen, "walk", tried)
            except SettingError:
                continue
            if chosen.cost("walk", tried).steps <= STEPS:
                settings = tried
                break
    return settings


def drawn(kind: Any, dice: Random) -> Any:
    match kind:
        case Whole():
            return dice.randint(kind.low, min(kind.high, kind.low + 5))
        case Pair():  # both axes alike, or not
            one, other = (dice.randint(kind.low, min(kind.high, kind.low + 3)) for _ in range(2))
            return dice.choice([one, (one, other)])
        case Sides():
            widest = dice.choice((1, 3))  # a pool takes little
            sides = [dice.randint(kind.low, kind.low + widest) for _ in range(4)]
            return dice.choice([sides[0], tuple(sides[:2]), tuple(sides), *kind.words])
        case Flag():
            return dice.random() < 0.5
        case Real():
            return dice.uniform(kind.low, kind.high)
        case _:
            return dice.choice(kind.choices)


@cache
def cases(layer: str) -> list[Case]:
    found, dice, normal = [], Random(f"settings of {layer}"), np.random.default_rng(17)
    for number in range(COUNTS[layer]):
        settings = turned(layer, dice)
        given = {name: Run.of(layer, **settings.plain()).start[name] for name in LAYERS[layer].axes}
        if number % 2:
            given = {name: normal.standard_normal(array.shape) for name, array in given.items()}
        found.append(Case(layer, number, settings, given))
    return found


def every_case(layer: str) -> Any:
    return each("case", partial(cases, layer))


def padding_of(s: Any) -> Any:
    """A padding as core.fast takes it: a word, or ((top, bottom), (left, right))."""
    return s.padding if isinstance(s.padding, str) else s.sides


def agree(found: Arrays, **expected: np.ndarray) -> None:
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-12, atol=1e-11, err_msg=name)


# --- The walks and core.fast ----------------------------------------------------------------------------------


@every_case("conv2d")
def test_the_walk_of_a_convolution_agrees_with_core_fast(case: Case):
    s, x, w, b, dy = case.settings, *case.given.values()
    end = case.end()
    window: dict[str, Any] = {"stride": s.stride, "dilation": s.dilation, "groups": s.groups}
    if s.padding_mode == "zeros":
        window["padding"] = padding_of(s)
        dx, dw, db = fast.conv2d_backward(end["dz"], x, w, b, **window)
        z = fast.conv2d(x, w, b, **window)
    else:  # core.fast has no such border: it is set around x before, and its gradient is added to what it copies
        sides = ((0, 0), *s.sides)
        x_padded = np.pad(x, sides, MODES[s.padding_mode])
        z = fast.conv2d(x_padded, w, b, **window)
        dx_padded, dw, db = fast.conv2d_backward(end["dz"], x_padded, w, b, **window)
        dx, origin = np.zeros(x.size), np.pad(np.arange(x.size).reshape(x.shape), sides, MODES[s.padding_mode])
        np.add.at(dx, origin.ravel(), dx_padded.ravel())
        dx = dx.reshape(x.shape)
        agree(end, x_padded=x_padded, dx_padded=dx_padded)
    agree(end, z=z, y=ACTIVATIONS[s.activation].function(z), dx=dx, dw=dw, db=db)
    agree(end, w=w - s.learning_rate * dw, b=b - s.learning_rate * db)
    if s.activation == "identity":
        agree(end, dz=dy)


@every_case("im2col")
def test_the_walk_by_columns_agrees_with_core_fast(case: Case):
    s, x, w, b, dz = case.settings, *case.given.values()
    window: dict[str, Any] = {"stride": s.stride, "dilation": s.dilation, "padding": padding_of(s)}
    dx, dw, db = fast.conv2d_backward(dz, x, w, b, **window)
    agree(case.end(), z=fast.conv2d(x, w, b, **window), dx=dx, dw=dw, db=db)


@every_case("convolution_as_linear")
def test_the_walk_by_a_matrix_agrees_with_core_fast(case: Case):
    s, x, w, b, dz = case.settings, *case.given.values()
    window: dict[str, Any] = {"stride": s.stride, "dilation": s.dilation, "padding": padding_of(s)}
    dx, dw, db = fast.conv2d_backward(dz, x, w, b, **window)
    agree(case.end(), z=fast.conv2d(x, w, b, **window), dx=dx, dw=dw, db=db)


@every_case("conv_transpose2d")
def test_the_walk_of_a_transposed_convolution_agrees_with_core_fast(case: Case):
    s, x, w, b, dy = case.settings, *case.given.values()
    names = ("stride", "output_padding", "dilation", "groups")
    window: dict[str, Any] = {"padding": padding_of(s)} | {name: getattr(s, name) for name in names}
    dx, dw, db = fast.conv_transpose2d_backward(dy, x, w, b, **window)
    agree(case.end(), y=fast.conv_transpose2d(x, w, b, **window), dx=dx, dw=dw, db=db)


@every_case("max_pool2d")
def test_the_walk_of_a_max_pool_agrees_with_core_fast(case: Case):
    s, x, dy = case.settings, *case.given.values()
    names, kernel_size = ("stride", "dilation", "ceil_mode"), (s.kernel_height, s.kernel_width)
    window: dict[str, Any] = {"padding": padding_of(s)} | {name: getattr(s, name) for name in names}
    y, indices = fast.max_pool2d(x, kernel_size, **window)
    agree(case.end(), y=y, where=indices, dx=fast.max_pool2d_backward(dy, x, kernel_size, **window))


@every_case("avg_pool2d")
def test_the_walk_of_an_average_pool_agrees_with_core_fast(case: Case):
    s, x, dy = case.settings, *case.given.values()
    names, kernel_size = ("stride", "ceil_mode", "count_include_pad"), (s.kernel_height, s.kernel_width)
    window: dict[str, Any] = {"padding": padding_of(s)} | {name: getattr(s, name) for name in names}
    y = fast.avg_pool2d(x, kernel_size, **window)
    agree(case.end(), y=y, dx=fast.avg_pool2d_backward(dy, x, kernel_size, **window))


@every_case("chain")
def test_the_walk_of_a_training_step_agrees_with_core_fast_layer_by_layer(case: Case):
    s, x, w, b, dy = case.settings, *case.given.values()
    window: dict[str, Any] = {"stride": s.stride, "padding": padding_of(s)}
    z, a, y, where = forward(s, x, w, b, **window)
    da = fast.max_pool2d_backward(dy, a, s.pool_size, stride=s.pool_stride)
    dz = da * (z > 0)
    dx, dw, db = fast.conv2d_backward(dz, x, w, b, **window)
    end = case.end()
    agree(end, z=z, a=a, y=y, where=where, da=da, dz=dz, dx=dx, dw=dw, db=db, loss_start=np.array([(dy * y).sum()]))
    agree(end, w=w - s.learning_rate * dw, b=b - s.learning_rate * db)
    z, a, y, _ = forward(s, x, end["w"], end["b"], **window)  # a tie may be decided by rounding now
    agree(end, z_new=z, a_new=a, y_new=y, loss_end=np.array([(dy * y).sum()]))


def forward(s: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray, **window: Any) -> tuple[np.ndarray, ...]:
    z = fast.conv2d(x, w, b, **window)
    a = np.maximum(z, 0)
    return z, a, *fast.max_pool2d(a, s.pool_size, stride=s.pool_stride)


@pytest.mark.parametrize("layer", COUNTS)
def test_every_setting_is_turned_to_every_kind_of_value(layer: str):
    all_settings = [case.settings for case in cases(layer)]
    for name, kind in LAYERS[layer].settings.kinds().items():
        values = {getattr(settings, name) for settings in all_settings}
        if name in HELD:
            assert values == {HELD[name]}
        elif isinstance(kind, Whole):
            assert len(values) >= (3 if kind.listed else 4), name
        elif isinstance(kind, Pair):
            assert {height == width for height, width in values} == {True, False}, name
        elif isinstance(kind, Sides):
            assert values >= set(kind.words), name
            numbers = [sides for sides in values if not isinstance(sides, str)]
            assert any(top != bottom and left != right for top, bottom, left, right in numbers), name
        elif not isinstance(kind, Real):
            assert len(values) == len(kind.choices), name


def test_the_random_convolutions_hold_the_awkward_ones():
    drawn = [case.settings for case in cases("conv2d")]
    axes = [axis for s in drawn for axis in s.axes]
    assert any(s.groups > 1 and s.in_channels > s.groups and s.out_channels > s.groups for s in drawn)
    assert any(s.groups == s.in_channels > 1 for s in drawn)
    assert {s.padding_mode for s in drawn if max(map(max, s.sides)) > 0} == MODES.keys()
    assert any(s.padding == "same" and axis.before != axis.after and axis.stride > 1 for s in drawn for axis in s.axes)
    assert any(axis.stride > axis.kernel for axis in axes)
    assert any(axis.before > axis.reach - 1 and axis.stride > 1 for axis in axes)
    assert any((axis.padded - axis.reach) % axis.stride for axis in axes)
    assert any(axis.kernel == axis.size > 1 for axis in axes)
    assert any(axis.dilation > 1 and axis.kernel > 1 for axis in axes)


@pytest.mark.parametrize("layer", ["max_pool2d", "avg_pool2d"])
def test_the_random_pools_hold_the_awkward_ones(layer: str):
    drawn = [case.settings for case in cases(layer)]
    axes = [axis for s in drawn for axis in s.axes]
    assert any(axis.covered > axis.padded for axis in axes)  # hangs over in ceil mode
    assert any(axis.covered > axis.padded and axis.before > 0 for axis in axes)
    assert any(axis.stride < axis.kernel and axis.out > 1 for axis in axes)
    assert any(axis.stride > axis.kernel and axis.out > 1 for axis in axes)


# --- The walks and each other ---------------------------------------------------------------------------------


def random(seed: int, **shapes: tuple[int, ...]) -> Arrays:
    rng = np.random.default_rng(seed)
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


some_seeds = pytest.mark.parametrize("seed", range(4))


@some_seeds
@pytest.mark.parametrize("groups", [2, 3])
def test_a_convolution_with_groups_is_one_convolution_for_each_group(groups: int, seed: int):
    C, F = 2 * groups, (1 + seed % 2) * groups
    settings = {"stride": (2, 1), "padding": (1, 2, 0, 1), "dilation": (1, 2), "activation": "tanh"}
    given = random(seed, x=(C, 5, 4), w=(F, 2, 3, 2), b=(F,), dy=(F, 3, 3))
    whole = core.run("conv2d", arrays=given, groups=groups, **settings)
    parts = [
        core.run("conv2d", arrays={name: np.split(array, groups)[g] for name, array in given.items()}, **settings)
        for g in range(groups)
    ]
    agree(
        whole, **{name: np.concatenate([part[name] for part in parts]) for name in ("z", "y", "dz", "dx", "dw", "db")}
    )


@some_seeds
def test_a_1x1_convolution_is_a_matrix_product_in_every_cell(seed: int):
    given = random(seed, x=(3, 4, 2), w=(2, 3, 1, 1), b=(2,), dy=(2, 4, 2))
    x, w, b, dy = (given[name].reshape(given[name].shape[0], -1) for name in ("x", "w", "b", "dy"))
    end = core.run("conv2d", arrays=given, stride=1, padding=0)
    flat = {name: end[name].reshape(end[name].shape[0], -1) for name in ("z", "dx", "dw")}
    agree(flat, z=w @ x + b, dx=w.T @ dy, dw=dy @ x.T)


@some_seeds
def test_a_transposed_convolution_is_the_input_gradient_of_a_convolution_and_the_other_way_round(seed: int):
    window: dict[str, Any] = {"stride": (2, 3), "padding": (1, 0), "dilation": (1, 2), "groups": 2}
    given = random(seed, x=(2, 5, 10), w=(4, 1, 3, 2), dy=(4, 3, 3))
    forward = core.run("conv2d", arrays={**given, "b": np.zeros(4)}, **window)
    # three places reach over 9 of the 10 columns: the output padding says that there is another one
    stamped = {"x": given["dy"], "w": given["w"], "b": np.zeros(2), "dy": given["x"]}
    back = core.run("conv_transpose2d", arrays=stamped, output_padding=(0, 1), **window)
    agree(back, y=forward["dx"], dx=forward["z"], dw=forward["dw"])


@some_seeds
def test_a_stride_takes_every_so_many_th_output_of_the_same_convolution_without_one(seed: int):
    given = random(seed, x=(2, 6, 7), w=(2, 2, 3, 2), b=(2,))
    dense = core.run("conv2d", arrays=given, stride=1, padding=1)["z"]
    agree(core.run("conv2d", arrays=given, stride=(2, 3), padding=1), z=dense[:, ::2, ::3])


@some_seeds
def test_a_dilated_kernel_is_a_larger_one_with_zeros_in_between(seed: int):
    given = random(seed, x=(2, 7, 6), w=(2, 2, 3, 2), b=(2,), dy=(2, 3, 4))
    wide = np.zeros((2, 2, 5, 4))
    wide[:, :, ::2, ::3] = given["w"]
    dilated = core.run("conv2d", arrays=given, stride=(2, 1), padding=(2, 1, 0, 1), dilation=(2, 3), learning_rate=0)
    end = core.run("conv2d", arrays=given | {"w": wide}, stride=(2, 1), padding=(2, 1, 0, 1), learning_rate=0)
    agree(dilated, z=end["z"], dx=end["dx"], dw=end["dw"][:, :, ::2, ::3], db=end["db"])


@some_seeds
@pytest.mark.parametrize("layer", ["conv2d", "conv_transpose2d", "avg_pool2d", "global_avg_pool2d"])
def test_backward_is_the_transpose_of_forward(layer: str, seed: int):
    """⟨forward(x), dy⟩ = ⟨x, backward(dy)⟩, where forward is linear."""
    start = Run.of(layer, seed=seed + 1).start
    given = random(seed, **{name: start[name].shape for name in LAYERS[layer].axes})
    if "b" in given:
        given["b"][:] = 0
    end = core.run(layer, arrays=given)
    np.testing.assert_allclose((end["y"] * given["dy"]).sum(), (given["x"] * end["dx"]).sum(), rtol=1e-11, atol=1e-11)


@some_seeds
def test_an_average_pool_is_a_depthwise_convolution_with_equal_weights(seed: int):
    given = random(seed, x=(3, 5, 6), dy=(3, 3, 2))
    window = {"stride": (2, 3), "padding": (1, 0)}
    w = {"w": np.full((3, 1, 3, 2), 1 / 6), "b": np.zeros(3)}
    convolved = core.run("conv2d", arrays=given | w, groups=3, **window)
    pooled = core.run("avg_pool2d", arrays=given, kernel_size=(3, 2), **window)
    agree(pooled, y=convolved["y"], dx=convolved["dx"])


@some_seeds
def test_a_max_pool_keeps_its_winners_where_x_is_stretched_and_moved(seed: int):
    given = random(seed, x=(2, 6, 5), dy=(2, 3, 3))
    settings = {"kernel_size": (2, 3), "stride": 2, "padding": (0, 1)}
    end = core.run("max_pool2d", arrays=given, **settings)
    moved = core.run("max_pool2d", arrays=given | {"x": 3 * given["x"] + 5}, **settings)
    agree(moved, y=3 * end["y"] + 5, where=end["where"], dx=end["dx"])


@some_seeds
def test_a_training_step_is_the_walks_of_its_layers_one_after_the_other(seed: int):
    given = random(seed, x=(2, 6, 5), w=(2, 2, 3, 2), b=(2,), dy=(2, 3, 2))
    chained = core.run("chain", arrays=given, padding="same", pool_size=(2, 3), pool_stride=2, learning_rate=0.5)
    layer: dict[str, Any] = {"stride": 1, "padding": "same", "learning_rate": 0.5, "activation": "relu"}

    def pooled(**parameters: np.ndarray) -> Arrays:
        a = core.run("conv2d", "activate", arrays=parameters, **layer)["y"]
        return core.run("max_pool2d", arrays={"x": a, "dy": given["dy"]}, kernel_size=(2, 3), stride=2)

    first = pooled(x=given["x"], w=given["w"], b=given["b"])
    end = core.run("conv2d", arrays=given | {"dy": first["dx"]}, **layer)
    agree(chained, a=first["x"], y=first["y"], where=first["where"], da=first["dx"])
    agree(chained, **{name: end[name] for name in ("z", "dz", "dx", "dw", "db", "w", "b")})
    again = pooled(x=given["x"], w=end["w"], b=end["b"])
    agree(chained, a_new=again["x"], y_new=again["y"], where_new=again["where"])
