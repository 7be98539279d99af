"""What a comparison says of what it was not given, of a wrong size, and of what it cannot take."""

import re
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

import core
from app.main import create_app
from core import fast

DICE = np.random.default_rng(1)
X, W, DY = (DICE.normal(size=shape) for shape in ((3, 5, 5), (2, 3, 3, 3), (2, 3, 3)))
HOW = {"stride": 2, "padding": 1}


@pytest.mark.parametrize(
    ("array", "given", "said"),
    [
        ("z", {"x": X, "w": W}, "b is that of the example"),
        ("dx", {"x": X}, "w and dy are those of the example"),
        ("dx", {"x": X, "w": W, "dy": DY}, ""),  # b makes no difference
        ("dx", {"x": X, "w": W, "activation": "relu"}, "b and dy are those of the example"),
        ("dw", {"dy": DY}, "x is that of the example"),
        ("db", {"x": X, "dy": DY}, ""),
        ("y", {}, "x, w and b are those of the example"),
    ],
)
def test_arrays_that_were_left_out_and_count_are_told(array: str, given: dict[str, Any], said: str):
    arrays = {name: one for name, one in given.items() if name != "activation"}
    settings = HOW | {name: one for name, one in given.items() if name == "activation"}
    mine = core.run("conv2d", "walk", arrays, **settings)[array]
    for shown in (mine, mine + 1):
        told = str(core.compare("conv2d", "walk", array, shown, **given, **HOW)).split("\n")
        assert [line for line in told if "of the example" in line] == ([said] if said else [])


def test_that_is_told_over_http_in_both_languages():
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        mine = fast.conv2d(X, W, None, stride=2, padding=1)
        asked = {"array": "z", "values": mine.tolist(), "arrays": {"w": W.tolist()}}
        for language, said in (("en", "b is that of the example"), ("zh", "b 用的是例子里的数")):
            query = f"stride=2&padding=1&lang={language}&x={in_json(X)}"
            told = client.post(f"/api/conv2d/walk/compare?{query}", json=asked).json()
            assert (told["assumed"], told["assumption"]) == (["b"], said)
        told = client.post("/api/conv2d/walk/compare", json={"array": "db", "values": [1, 2]}).json()
        assert told["assumption"] == "dy is that of the example"
        large = {"array": "db", "values": [1], "arrays": {"w": np.ones((17, 3, 3, 3)).tolist()}}
        refused = client.post("/api/conv2d/walk/compare", json=large)
        assert (refused.status_code, refused.json()["setting"]) == (422, "out_channels")
        assert "that is a limit of ConvWalk, and none of the layer" in refused.json()["message"]
        elsewhere = client.post("/api/conv2d/input_gradient/compare", json={"array": "dw", "values": [1]})
        assert "dw is computed in weight_gradient, walk" in elsewhere.json()["message"]


def in_json(array: np.ndarray) -> str:
    return str(array.tolist()).replace(" ", "")


def refused(layer: str, algorithm: str, array: str, mine: Any, **given: Any) -> str:
    with pytest.raises(core.SettingError) as raised:
        core.compare(layer, algorithm, array, mine, **given)
    return str(raised.value)


@pytest.mark.parametrize(
    ("layer", "array", "shape", "settings", "said"),
    [
        ("conv2d", "z", (2, 5, 5), {}, "this is the size with stride 1"),
        ("conv2d", "z", (2, 2, 2), {}, "this is the size with padding 0"),
        ("conv2d", "z", (2, 3, 3), {"stride": 1, "dilation": 2, "in_height": 6}, ""),
        ("conv2d", "z", (2, 5, 5), {"stride": 1, "dilation": 2}, "this is the size with dilation 1"),
        ("conv2d", "z", (2, 3, 3), {"in_height": 9, "stride": (2, 3)}, "this is the size with stride 3,2"),
        ("conv2d", "z", (2, 7, 3), {"in_height": 9, "in_width": 5}, "this is the size with stride 1, padding 0"),
        ("conv2d", "dx", (3, 7, 7), {}, "this is the size of dx_padded, with the padding still on"),
        ("conv_transpose2d", "y", (1, 3, 5), {"output_padding": 1}, "this is the size with output_padding 0"),
        ("max_pool2d", "y", (1, 2, 2), {"in_height": 5, "in_width": 5, "ceil_mode": True}, "with ceil_mode False"),
        (
            "max_pool2d",
            "y",
            (1, 2, 1),
            {"in_height": 6, "in_width": 5, "kernel_size": 3, "stride": 1},
            "with stride 3,3",
        ),
    ],
)
def test_a_wrong_size_is_told_as_that_of_other_settings(
    layer: str, array: str, shape: tuple[int, ...], settings: dict[str, Any], said: str
):
    right = core.run(layer, **settings)[array].shape
    shape = (right[0], *shape[1:])
    told = refused(layer, "walk", array, DICE.normal(size=shape), **settings)
    assert told.startswith(f"{array} must have the shape {right}; it has {shape}"), told
    assert said in told, told
    assert said or ": " not in told, told


SIDES = "the padding is cropped on some sides only"
EMPTY = "it is empty, as [P:-P] is where the padding P is 0"
REST = "it lacks the last rows or columns, which no window reaches, as if of conv_transpose2d without output_padding"
LEFT_OVER = {"in_height": 8, "in_width": 7, "kernel_height": 3, "kernel_width": 4}
POOLED = {"in_height": 6, "in_width": 5, "kernel_size": 3, "stride": 2}


@pytest.mark.parametrize(
    ("layer", "crop", "settings", "said"),
    [
        ("conv2d", np.s_[:, 1:, 1:], {}, SIDES),
        ("conv2d", np.s_[:, 1:, 2:], {"padding": (1, 2)}, SIDES),
        ("conv2d", np.s_[:, 1:-1], {}, SIDES),
        ("conv2d", np.s_[:, :-1, 1:-1], {}, SIDES),
        ("max_pool2d", np.s_[:, :-1, :-1], POOLED | {"padding": 1}, SIDES),
        ("avg_pool2d", np.s_[:, :-1, 1:-1], POOLED | {"padding": 1}, SIDES),
        ("conv2d", np.s_[:, 0:-0, 0:-0], {"padding": 0}, EMPTY),
        ("conv2d", np.s_[:, 1:-1, 0:-0], {"padding": (1, 0)}, EMPTY),
        ("max_pool2d", np.s_[:, 0:-0, 0:-0], POOLED, EMPTY),
        ("conv2d", np.s_[:, 0:0, 0:0], {"padding": 1}, ""),
        ("conv2d", np.s_[:, 1:-2, 1:-2], LEFT_OVER | {"padding": 1}, f"{REST} (1, 1)"),
        ("conv2d", np.s_[:, :-1], {"in_height": 6, "padding": 0}, f"{REST} (1, 0)"),
        ("conv2d", np.s_[:, 2:-2, 1:-1], {}, ""),
    ],
)
def test_a_map_that_is_cropped_wrongly_is_told_so(
    layer: str, crop: tuple[slice, ...], settings: dict[str, Any], said: str
):
    end = core.run(layer, **settings)
    mine = np.zeros(end["dx_padded"].shape)[crop]
    told = refused(layer, "walk", "dx", mine, **settings)
    _, _, reason = told.removeprefix(f"dx must have the shape {end['dx'].shape}; it has ").partition(": ")
    assert reason == said, told


def test_a_pool_whose_padding_is_still_on_is_told_so():
    settings = POOLED | {"padding": (0, 1, 1, 0)}
    for layer, counts in (("max_pool2d", {}), ("avg_pool2d", {}), ("avg_pool2d", {"count_include_pad": False})):
        end = core.run(layer, **settings, **counts)
        nothing_wins = np.pad(end["dx"], ((0, 0), (0, 1), (1, 0)))  # in the padding of a maximum
        mine = nothing_wins if layer == "max_pool2d" else end["dx_padded"]
        told = refused(layer, "walk", "dx", mine, **settings, **counts)
        assert told.endswith("its padding is still to be cropped"), told


def test_the_reasons_of_a_wrong_size_are_told_over_http_in_chinese():
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        for shape, query, said in (
            ((3, 6, 6), "padding=1", "填充只裁掉了一部分边"),
            ((3, 7, 6), "in_height=8&in_width=7&kernel_width=4", "没有给 output_padding (1, 1)"),
        ):
            asked = {"array": "dx", "values": {"shape": shape, "cells": [0.0] * int(np.prod(shape))}}
            told = client.post(f"/api/conv2d/walk/compare?{query}&lang=zh", json=asked)
            assert said in told.json()["message"], told.json()


def test_a_size_that_is_only_too_large_here_is_told_so():
    said = refused("conv2d", "walk", "z", 0, w=np.ones((32, 3, 3, 3)))
    assert said.startswith("out_channels must be from 1 to 16: that is a limit of ConvWalk, and none of the layer")
    assert "fewer filters or channels" in said
    assert refused("conv2d", "walk", "z", 0, stride=0) == "stride must be from 1 to 16"


def test_a_name_that_is_wrong_is_said_again_and_an_array_of_another_algorithm_is_told_where_it_is():
    assert refused("conv3d", "walk", "z", 0).startswith("there is no layer 'conv3d'; there are conv2d, ")
    assert refused("conv2d", "dw", "z", 0).startswith("there is no algorithm 'dw'; this layer has walk, ")
    assert refused("conv2d", "input_gradient", "dw", 0).endswith("; dw is computed in weight_gradient, walk")
    assert re.fullmatch("array must be one of [a-z_, ]+", refused("conv2d", "input_gradient", "no_such", 0))
