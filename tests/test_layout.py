"""What the shape of an array looks like: offered where it is likely and legal, and never otherwise."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

import core
from app.main import create_app
from core.catalog import LAYERS
from core.offer.layer import Layer, sized
from core.offer.layout import Layout, Shape, axes_of, layout
from core.offer.settings import SettingError
from tests.cases import each
from tests.node import node

WALK = "walk"

# layer, array, its shape, the others, the settings → what comes of the first change offered, and what it is made of;
# None where nothing is offered: the shape fits, or nothing likely makes it fit.
ROWS: list[tuple[str, str, Shape, dict[str, Shape], dict[str, Any], Shape | None, str]] = [
    # channels last
    ("conv2d", "x", (28, 28, 1), {}, {}, (1, 28, 28), "H, W, C"),
    ("conv2d", "x", (64, 48, 3), {}, {}, (3, 64, 48), "H, W, C"),
    ("conv2d", "x", (5, 5, 3), {}, {}, (3, 5, 5), "H, W, C"),  # five channels of 5×3 would be legal too
    ("conv2d", "x", (9, 7, 3), {"w": (2, 3, 3, 3)}, {}, (3, 9, 7), "H, W, C"),
    ("max_pool2d", "x", (4, 4, 2), {}, {}, (2, 4, 4), "H, W, C"),
    ("avg_pool2d", "x", (32, 32, 3), {}, {}, (3, 32, 32), "H, W, C"),
    ("global_avg_pool2d", "x", (28, 28, 1), {}, {}, (1, 28, 28), "H, W, C"),
    ("activation", "z", (20, 30, 2), {}, {}, (2, 20, 30), "H, W, C"),
    ("chain", "x", (28, 28, 1), {}, {}, (1, 28, 28), "H, W, C"),
    ("conv_transpose2d", "x", (20, 20, 3), {}, {}, (3, 20, 20), "H, W, C"),
    ("conv2d", "dy", (3, 3, 2), {"b": (2,)}, {}, (2, 3, 3), "H′, W′, F"),
    # weights in the order of others
    ("conv2d", "w", (3, 3, 3, 8), {}, {}, (8, 3, 3, 3), "kH, kW, C, F"),
    ("conv2d", "w", (5, 5, 1, 6), {"x": (1, 9, 9)}, {}, (6, 1, 5, 5), "kH, kW, C, F"),
    ("conv2d", "w", (3, 8, 3, 3), {"x": (3, 9, 9)}, {}, (8, 3, 3, 3), "C, F, kH, kW"),
    ("conv2d", "w", (8, 5, 5, 3), {"x": (3, 9, 9)}, {}, (8, 3, 5, 5), "F, kH, kW, C"),
    ("im2col", "w", (2, 2, 2, 4), {"x": (2, 4, 4), "b": (4,)}, {}, (4, 2, 2, 2), "kH, kW, C, F"),
    ("conv_transpose2d", "w", (3, 3, 5, 2), {"x": (2, 4, 4)}, {}, (2, 5, 3, 3), "kH, kW, F, C"),
    ("conv_transpose2d", "w", (5, 2, 3, 3), {"x": (2, 4, 4)}, {}, (2, 5, 3, 3), "F, C, kH, kW"),
    # batches
    ("conv2d", "x", (1, 3, 5, 5), {}, {}, (3, 5, 5), "N, C, H, W"),
    ("conv2d", "x", (4, 3, 6, 6), {}, {}, (3, 6, 6), "N, C, H, W"),
    ("conv2d", "x", (16, 28, 28, 1), {}, {}, (1, 28, 28), "N, H, W, C"),
    ("max_pool2d", "dy", (1, 2, 2, 2), {}, {}, (2, 2, 2), "N, C, H′, W′"),
    # rows
    ("conv2d", "x", (784,), {}, {}, (1, 28, 28), "row"),
    ("conv2d", "x", (1, 1, 784), {}, {}, (1, 28, 28), "row"),
    ("conv2d", "x", (3072,), {}, {}, (3, 32, 32), "row"),
    ("cross_correlation", "x", (100,), {}, {}, (10, 10), "row"),
    ("conv2d", "w", (54,), {}, {}, (2, 3, 3, 3), "row"),
    # groups
    ("conv2d", "w", (4, 2, 3, 2), {"x": (4, 6, 6)}, {}, (4, 2, 3, 2), "groups 2"),
    ("conv2d", "w", (4, 2, 3, 2), {}, {"in_channels": 4}, (4, 2, 3, 2), "groups 2"),
    ("conv2d", "w", (6, 1, 3, 3), {"x": (6, 6, 6)}, {}, (6, 1, 3, 3), "groups 6"),
    ("conv2d", "w", (4, 4, 3, 3), {"x": (4, 6, 6)}, {"groups": 2}, (4, 4, 3, 3), "groups 1"),
    ("conv2d", "w", (3, 3, 2, 8), {"x": (4, 6, 6)}, {}, (8, 2, 3, 3), "groups 2"),  # TensorFlow's, of two groups
    ("conv2d", "w", (3, 3, 1, 4), {"x": (4, 6, 6)}, {}, (4, 1, 3, 3), "groups 4"),
    ("conv2d", "x", (28, 28), {}, {}, (1, 28, 28), "row"),
    ("conv2d", "w", (3, 3), {}, {}, (1, 1, 3, 3), "row"),
    ("conv2d", "w", (1, 1, 3, 3), {}, {}, None, ""),  # a kernel
    # what just fits
    ("conv2d", "x", (3, 3, 3), {}, {}, None, ""),
    ("conv2d", "x", (3, 5, 5), {}, {}, None, ""),
    ("conv2d", "x", (2, 9, 7), {}, {}, None, ""),
    ("conv2d", "x", (1, 28, 28), {}, {}, None, ""),
    ("conv2d", "x", (5, 5, 5), {}, {}, None, ""),
    ("conv2d", "w", (8, 3, 3, 3), {}, {}, None, ""),
    ("conv2d", "w", (3, 3, 3, 3), {}, {}, None, ""),
    ("conv2d", "w", (4, 2, 3, 3), {"x": (4, 6, 6)}, {"groups": 2}, None, ""),
    ("conv2d", "b", (5,), {}, {}, None, ""),
    # what nothing likely makes fit
    ("conv2d", "dy", (2, 4, 4), {}, {}, None, "dy must have the shape (2, 3, 3); it has (2, 4, 4)"),
    ("conv2d", "x", (20, 5, 5), {}, {}, None, "in_channels must be from 1 to 16"),
    ("conv2d", "x", (3, 65, 65), {}, {}, None, "in_height must be from 1 to 64"),
    (
        "conv2d",
        "x",
        (224, 224, 3),
        {},
        {},
        None,
        "the shape 224×224×3 looks like H, W, C; at most 64 rows and columns are possible",
    ),
    (
        "conv2d",
        "x",
        (65, 65, 1),
        {"w": (2, 3, 3, 3)},
        {},
        None,
        "the shape 65×65×1 looks like H, W, C; at most 64 rows and columns are possible",
    ),
    ("conv2d", "x", (787,), {}, {}, None, "x must have 3 axes; it has 1"),
    ("conv2d", "w", (3, 5, 3, 2), {"x": (4, 6, 6)}, {}, None, "w makes in_channels 5; another array makes it 4"),
    ("conv2d", "x", (2, 2, 3, 5, 5), {}, {}, None, "x must have 3 axes; it has 5"),
    ("conv2d", "x", (0, 5, 5), {}, {}, None, "in_channels must be from 1 to 16"),
]


def said(layer: str, name: str, shape: Shape, others: dict[str, Shape], settings: dict[str, Any]) -> Layout:
    return layout(LAYERS[layer], WALK, settings, others, name, shape)


@each("row", ROWS)
def test_a_shape_looks_like_what_people_bring(row: tuple[Any, ...]):
    layer, name, shape, others, settings, wanted, looks = row
    found = said(layer, name, shape, others, settings)
    if wanted is None:
        assert not found.moves
        assert str(found.error or "") == looks
        return
    move = found.moves[0]
    assert move.shape == wanted
    if looks == "row":
        assert move.read == wanted
    elif looks.startswith("groups"):
        assert move.settings == {"groups": int(looks.split()[1])}
    else:
        assert move.values["looks"] == looks
    # It is legal, and then there is nothing left to say.
    sized(LAYERS[layer], WALK, {**settings, **move.settings} if others else move.settings, {**others, name: wanted})
    again = said(layer, name, wanted, others, {**settings, **move.settings})
    assert not again.error
    assert not again.moves


def starts(layer: Layer) -> dict[str, Shape]:
    named = layer.arrays(layer.settings())
    return {name: named[name].shape for name in layer.axes}


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.name)
def test_every_layer_tells_the_axes_of_its_arrays_and_has_nothing_to_say_of_its_own_example(layer: Layer):
    for name, shape in starts(layer).items():
        letters = [letter for letter, _ in axes_of(layer, name)]
        assert len(letters) == len(set(letters)) == len(shape)
        assert all(letter and word for letter, word in axes_of(layer, name))
        found = layout(layer, WALK, {}, {}, name, shape)
        assert not found.error
        assert not found.moves


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.name)
def test_every_picture_with_its_channels_last_is_known(layer: Layer):
    known, free = 0, [name for name, axes in layer.axes.items() if len(axes) == 3 and None not in axes]
    for name in free:
        for shape in ((1, 28, 28), (3, 20, 24), (2, 17, 17)):
            moves = layout(layer, WALK, {}, {}, name, (*shape[1:], shape[0])).moves
            is_legal = not layout(layer, WALK, {}, {}, name, shape).error
            assert [move.shape for move in moves] == [shape] * is_legal
            known += is_legal
    is_costly = layer.name == "convolution_as_linear"  # so large a picture has no room in its matrix
    assert known >= 2 or is_costly or not free or "channel" not in str(layer.axes)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.name)
def test_whatever_shape_comes_is_answered_and_only_legal_changes_are_offered(layer: Layer):
    rng = np.random.default_rng(5)
    for name in layer.axes:
        for _ in range(40):
            shape = tuple(int(size) for size in rng.choice([0, 1, 2, 3, 4, 5, 9, 28, 99_999], rng.integers(1, 6)))
            found = layout(layer, WALK, {}, {}, name, shape)
            for move in found.moves:
                sized(layer, WALK, dict(move.settings), {name: move.shape})
                assert "{" not in move.template.format(**move.values) + move.label.format(**move.values)


REFUSED: list[tuple[str, dict[str, Shape], dict[str, Any], str, str]] = [
    ("conv2d", {"x": (28, 28, 1)}, {}, "x", "channels come first in x: C, H, W; the shape 28×28×1 looks like H, W, C"),
    ("conv2d", {"w": (3, 3, 3, 8)}, {}, "w", "the axes of w are F, C/groups, kH, kW; the shape 3×3×3×8 looks like kH"),
    ("conv2d", {"x": (28, 28, 3), "w": (3, 3, 3, 8)}, {}, "x", "looks like H, W, C"),  # one after the other
    ("conv2d", {"x": (1, 3, 5, 5)}, {}, "x", "looks like a batch of 1: N, C, H, W"),
    ("conv2d", {"x": (4, 6, 6), "w": (4, 2, 3, 2)}, {}, "w", "with groups = 2"),
    ("conv2d", {"x": (3, 28, 28)}, {"stride": 0}, "stride", "must be from 1 to 16"),
    ("conv2d", {"dy": (2, 4, 4)}, {}, "dy", "dy must have the shape (2, 3, 3); it has (2, 4, 4)"),
    ("conv2d", {"x": (28, 28, 1)}, {"kernel_size": "x"}, "kernel_size", "must be a whole number"),
]


@pytest.mark.parametrize(("layer", "arrays", "settings", "setting", "message"), REFUSED)
def test_a_link_with_such_an_array_says_what_it_looks_like(
    layer: str, arrays: dict[str, Shape], settings: dict[str, Any], setting: str, message: str
):
    with pytest.raises(SettingError) as refusal:
        core.run(layer, arrays={name: np.zeros(shape) for name, shape in arrays.items()}, **settings)
    assert refusal.value.setting == setting
    assert message in str(refusal.value)


def test_the_browser_moves_axes_as_numpy_does():
    rng = np.random.default_rng(6)
    cases = [
        ((2, 3, 4), (2, 3, 4), (2, 0, 1)),
        ((3, 2, 4, 5), (3, 2, 4, 5), (3, 2, 0, 1)),
        ((2, 3, 4, 2), (3, 4, 2), (2, 0, 1)),
    ]
    cases += [((36,), (1, 6, 6), (0, 1, 2)), ((2, 1, 3, 3), (2, 1, 3, 3), (1, 0, 2, 3)), ((5, 5), (5, 5), (0, 1))]
    arrays = [rng.normal(size=shape) for shape, _, _ in cases]
    asked = [
        [{"shape": list(array.shape), "cells": array.ravel().tolist()}, {"read": read, "axes": axes}]
        for array, (_, read, axes) in zip(arrays, cases, strict=True)
    ]
    for made, array, (_, read, axes) in zip(node("moved", asked=asked), arrays, cases, strict=True):
        wanted = array.ravel()[: np.prod(read)].reshape(read).transpose(axes)
        np.testing.assert_array_equal(np.reshape(made["cells"], made["shape"]), wanted, strict=True)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(["testserver"])) as client:
        yield client


def test_the_page_asks_what_a_shape_looks_like_and_is_told_in_its_language(client: TestClient):
    asked = "/api/conv2d/walk/layout?array=w&shape=4,2,3,2&x=u8:4x6x6:" + "A" * 192
    answer = client.get(asked)
    assert answer.json()["axes"][1] == {"letter": "C/groups", "name": "channels of a group"}
    assert answer.json()["error"] == "w makes in_channels 2; another array makes it 4"
    move = answer.json()["moves"][0]
    assert (move["label"], move["settings"]) == ("set groups to 2", {"groups": "2"})
    assert client.get(asked, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    told = client.get(f"{asked}&lang=zh").json()
    assert told["axes"][1]["name"] == "一组的通道"
    assert told["moves"][0]["label"] == "把 groups 设为 2"
    # The sizes that it sets may be those of now, and bind nothing.
    fits = client.get("/api/conv2d/walk/layout?array=x&shape=2,9,9&in_channels=3&in_height=5").json()
    assert fits["error"] is None


@pytest.mark.parametrize(
    ("query", "setting"),
    [
        ("shape=3", "array"),
        ("array=z&shape=3", "array"),
        ("array=x", "shape"),
        ("array=x&shape=", "shape"),
        ("array=x&shape=3,-1", "shape"),
        ("array=x&shape=1,2,3,4,5,6,7", "shape"),
        ("array=x&shape=12345678", "shape"),
        ("array=x&shape=1&shape=2", "shape"),
        ("array=x&shape=3,5,5&w=[1", "w"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(client: TestClient, query: str, setting: str):
    answer = client.get(f"/api/conv2d/walk/layout?{query}")
    assert (answer.status_code, answer.json()["setting"]) == (422, setting)


@pytest.mark.parametrize(("language", "sentence"), [("en", "looks like H, W, C"), ("zh", "看起来是 H, W, C")])
def test_a_page_whose_link_has_such_an_array_says_so(client: TestClient, language: str, sentence: str):
    page = client.get(f"/conv2d/walk?x=u8:28x28x1:{'A' * 1046}&lang={language}")
    assert page.status_code == 422
    assert sentence in page.text


def test_the_maps_of_one_filter_can_be_filters_of_their_own_with_other_groups():
    for given, others in (({}, {"x": (4, 6, 6)}), ({"in_channels": 4}, {})):
        found = layout(LAYERS["conv2d"], "walk", given, others, "w", (1, 4, 3, 3))
        assert found.error is None  # it fits as it is too
        [move] = [move for move in found.moves if move.settings]
        assert (move.shape, move.read, move.settings) == ((4, 1, 3, 3), (4, 1, 3, 3), {"groups": 4})
        assert move.label.format(**move.values) == "read as 4×1×3×3, set groups to 4"
    # Where the channels cannot be shared out so, nothing is offered.
    assert not layout(LAYERS["conv2d"], "walk", {}, {"x": (4, 6, 6)}, "w", (1, 3, 3, 3)).moves
    assert not layout(LAYERS["conv2d"], "walk", {}, {"x": (1, 6, 6)}, "w", (1, 1, 3, 3)).moves


def test_a_setting_out_of_its_range_is_said_before_arrays_that_do_not_fit():
    arrays = {"x": np.ones((4, 6, 6)), "w": np.ones((4, 2, 3, 3))}
    for settings, amiss in (({"stride": 0}, "stride"), ({"stride": 2}, "w"), ({"strides": 2}, "strides")):
        with pytest.raises(SettingError) as refused:
            core.record("conv2d", arrays=arrays, **settings)
        assert refused.value.setting == amiss
