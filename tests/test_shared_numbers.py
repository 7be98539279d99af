"""Two sizes of an array have the same numbers in all places that both have, so that a change is seen by itself."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

import core
from core.catalog import LAYERS, Run
from core.offer.fit import CUT, GROWN, fit, following
from core.offer.layer import Layer, settle
from core.offer.places import by_place, counted, laid_over
from core.offer.settings import Choice, Real, SettingError, Settings
from core.recording.trace import Arrays


def shared(one: np.ndarray, other: np.ndarray) -> tuple[slice, ...]:
    return tuple(slice(min(sizes)) for sizes in zip(one.shape, other.shape, strict=True))


# Drawn as PyTorch draws them: the more inputs a row has, the smaller its numbers.
BY_INPUTS = {"training": {"w_linear"}}


def assert_shares(one: Arrays, other: Arrays, layer: Layer) -> None:
    for name in layer.axes.keys() - BY_INPUTS.get(layer.name, set()):
        cells = shared(one[name], other[name])
        assert np.array_equal(one[name][cells], other[name][cells]), (layer.name, name, cells)


CHOOSING = ("seed", "digit", "first", "second")  # which numbers an array has, and not how many


def variants(layer: Layer, seed: int) -> Iterator[Settings]:
    """The default with one setting of size or window changed, and with two of them."""
    usual = replace(layer.settings(), seed=seed)
    names = [
        name
        for name, kind in usual.kinds().items()
        if name not in CHOOSING and not isinstance(kind, Choice | Real) and not isinstance(getattr(usual, name), bool)
    ]
    values = {name: list(usual.kinds()[name].candidates(getattr(usual, name))) for name in names}
    rng = np.random.default_rng(seed)
    for name in names:
        for value in (values[name][0], *(values[name][at] for at in rng.integers(0, len(values[name]), 4))):
            yield replace(usual, **{name: value})
    for one, other in combinations(names, 2):
        first, second = (values[name][rng.integers(0, len(values[name]))] for name in (one, other))
        yield replace(usual, **{one: first, other: second})


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize("name", LAYERS)
def test_two_sizes_share_the_numbers_of_the_places_that_both_have(name: str, seed: int) -> None:
    layer = LAYERS[name]
    starts = []
    for settings in variants(layer, seed):
        try:
            starts.append(settle(layer, "walk", settings.plain(), {})[2])
        except SettingError:
            continue
    assert len(starts) >= 6
    sized = [array for array, axes in layer.axes.items() if any(axes) or array == "dy"]
    shapes = {array: {start[array].shape for start in starts} for array in sized}
    assert all(len(found) > 1 for found in shapes.values()), shapes
    for one, other in combinations(starts, 2):
        assert_shares(one, other, layer)


def test_a_stride_changes_no_number_that_is_there_before_and_after():
    usual = Run.of("conv2d")
    for stride in (1, 3):
        other = Run.of("conv2d", stride=stride)
        assert other.start["dy"].shape != usual.start["dy"].shape
        assert_shares(other.start, usual.start, LAYERS["conv2d"])
    # The example's numbers stay, and what the stride has done is seen by itself.
    assert np.array_equal(core.run("conv2d", stride=1)["z"][:, ::2, ::2], core.run("conv2d")["z"])


def test_numbers_go_by_their_place_and_are_of_five_kinds_in_equal_parts():
    large = by_place(7, (16, 64, 64))
    assert np.array_equal(by_place(7, (3, 5, 9)), large[:3, :5, :9])
    found, counts = np.unique(large, return_counts=True)
    assert found.tolist() == [-2, -1, 0, 1, 2]
    assert np.abs(counts / large.size - 0.2).max() < 0.01
    # Neither a neighbour nor another seed tells a number.
    for other in (large[:, 1:, :], large[:, :, 1:], large[1:], by_place(8, large.shape)):
        same = large[shared(large, other)] == other
        assert abs(same.mean() - 0.2) < 0.01


def test_places_are_counted_as_in_the_usual_shape():
    assert np.array_equal(counted((2, 3, 4), (2, 3, 4)).ravel(), np.arange(24))
    assert counted((1, 2, 6), (2, 3, 4)).tolist() == [[[0, 1, 2, 3, 4, 5], [4, 5, 6, 7, 8, 9]]]
    assert laid_over(np.ones((3, 1)), np.zeros((2, 2))).tolist() == [[1, 0], [1, 0]]


@pytest.mark.parametrize(("size", "side"), [(3, 2), (4, 2), (12, 3), (30, 11)])
def test_no_window_has_two_largest_cells_where_one_winner_is_what_a_lesson_is_about(size: int, side: int):
    for seed in (0, 5):
        x = Run.of("assigned_not_added", "forward", in_height=size, in_width=size, in_channels=2, seed=seed).start["x"]
        windows = np.lib.stride_tricks.sliding_window_view(x, (side, side), (1, 2))
        assert ((windows == windows.max((-2, -1), keepdims=True)).sum((-2, -1)) == 1).all()


@pytest.mark.parametrize("name", [name for name, layer in LAYERS.items() if following(layer)])
def test_what_a_reader_has_brought_keeps_its_numbers_where_a_size_follows(name: str):
    layer = LAYERS[name]
    # What is trained on has the size of the digits; the weight matrix has a column for each cell of the pooled maps.
    [array] = following(layer) if name != "training" else ["w_linear"]
    usual = settle(layer, "walk", {}, {})[2][array]
    brought = {array: np.arange(usual.size).reshape(usual.shape) + 100.0}
    seen = set()
    for settings in variants(layer, 0):
        given = {one: value for one, value in settings.plain().items() if value != layer.settings().plain()[one]}
        if layer.sized_by([array]) & given.keys():
            continue
        try:
            _, _, made = settle(layer, "walk", given, {})
        except SettingError:
            continue
        found = fit(layer, "walk", given, brought)
        assert (array in found) == (made[array].shape != usual.shape)
        if not found:
            continue
        new, cells = found[array].array, shared(usual, made[array])
        assert np.array_equal(new[cells], brought[array][cells])
        rest = np.ones(new.shape, bool)
        rest[cells] = False
        assert np.array_equal(new[rest], made[array][rest])
        values = found[array].values
        assert (values["count"], values["filled"]) == (usual.size, rest.sum())
        assert (found[array].template == CUT) == (values["gone"] > 0) == (brought[array][cells].size < usual.size)
        settle(layer, "walk", given, {array: new})  # and it fits
        seen.add(found[array].template)
    assert seen == {GROWN, CUT}


def test_an_array_that_does_not_fit_for_another_reason_is_left_to_be_refused():
    layer = LAYERS["conv2d"]
    for brought in (np.ones((3, 3)), np.ones((2, 3, 3, 1))):
        assert fit(layer, "walk", {"stride": 1, "out_channels": 2}, {"dy": brought}) == {}
    assert fit(layer, "walk", {"stride": 1}, {"dy": np.ones((2, 5, 5)), "x": np.ones((3, 5, 5))}) == {}
    wider = fit(layer, "walk", {}, {"dy": np.ones((2, 3, 3)), "x": np.ones((3, 5, 7))})["dy"]
    assert (wider.array.shape, wider.template) == ((2, 3, 4), GROWN)
    with pytest.raises(SettingError, match="stride must be from 1"):
        fit(layer, "walk", {"stride": 0}, {"dy": np.ones((2, 3, 3))})
