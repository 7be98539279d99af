"""A layer that another one is made of, opened as a walk of its own: the very numbers that it has there."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

import core
from app.main import create_app
from app.walks.arrays import read
from app.walks.query import Query
from core.catalog import LAYERS, Run
from core.offer.layer import Opened
from core.recording.trace import Chapter, Outline, Scene
from tests.addresses import array_text

MADE_OF_OTHERS = [layer.name for layer in LAYERS.values() if any(not one.at_step for one in layer.opens)]
BY_STEPS = [layer.name for layer in LAYERS.values() if any(one.at_step for one in layer.opens)]
SETTINGS = (
    {},
    {"seed": 3, "padding": (1, 0), "learning_rate": 0.3},
    {"seed": 5, "in_channels": 2, "out_channels": 3, "kernel_height": 2, "stride": (1, 2), "pool_size": (3, 2)},
    {"seed": 8, "padding": ((0, 1), (2, 0)), "pool_stride": 1, "kernel_width": 1},
)
every_one = pytest.mark.parametrize(
    ("layer", "settings"), [(layer, settings) for layer in MADE_OF_OTHERS for settings in SETTINGS]
)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        yield client


def offered(run: Run, told: Outline, chapter: Chapter, scene: Scene) -> list[Opened]:
    """The layers that may be opened while a function runs, as the page finds them."""
    used = {array for _, array in scene.arrays if told.roles[array] != "scratch"}
    return [
        one
        for one in run.layer.opens
        if chapter.name in {each.name for each in one.chapters} and used <= set(one.arrays.values())
    ]


def test_the_layers_that_are_made_of_others_say_so():
    assert (MADE_OF_OTHERS, BY_STEPS) == (["chain", "network"], ["training"])


@every_one
def test_an_opened_layer_computes_the_very_numbers_that_it_has_there(layer: str, settings: dict[str, Any]):
    run, trace = Run.of(layer, **settings), core.record(layer, **settings)
    told = trace.outline
    before = trace.snapshot(next(chapter.first for chapter in told.chapters if chapter.name == "update"))
    for one in run.layer.opens:
        there = run.opened(told, one).outline()
        assert there.computed & one.arrays.keys()
        for name, mine in one.arrays.items():
            found = (there.start if name in there.given else there.end)[name]
            np.testing.assert_array_equal(found, before[mine], f"{one.layer}: {name}", strict=True)
            if name in there.given & there.computed:  # the weights, which are updated
                np.testing.assert_array_equal(there.end[name], told.end[mine], f"{one.layer}: {name}, updated")


@every_one
def test_it_is_given_all_that_arrives_there_and_nothing_is_made_up(layer: str, settings: dict[str, Any]):
    run = Run.of(layer, **settings)
    for one in run.layer.opens:
        other = LAYERS[one.layer]
        assert other.axes.keys() <= one.arrays.keys()
        assert set(one.settings(run.settings)) <= {*other.settings.kinds(), *other.settings.pairs()}


@pytest.mark.parametrize("layer", MADE_OF_OTHERS)
def test_each_is_offered_in_its_chapters_where_its_own_functions_run_and_never_two_at_once(layer: str):
    run = Run.of(layer)
    told = run.outline()
    opened = {one.layer: run.opened(told, one).outline() for one in run.layer.opens}
    found: dict[str, set[str]] = {one.layer: set() for one in run.layer.opens}
    for chapter in told.chapters:
        for scene in chapter.scenes:
            here = offered(run, told, chapter, scene)
            assert len(here) <= 1, f"{chapter.name}, {scene.source}"
            for one in here:
                found[one.layer].add(chapter.name)
                sources = {other.source for each in opened[one.layer].chapters for other in each.scenes}
                assert scene.source in sources, "it is a function of that layer"
    assert found == {one.layer: {each.name for each in one.chapters} for one in run.layer.opens}


# --- As the server tells it ---------------------------------------------------------------------------------


def asked(client: TestClient, layer: str, opens: str, query: str = "", algorithm: str = "walk") -> dict[str, Any]:
    answer = client.get(f"/api/{layer}/{algorithm}/opened?opens={opens}{query}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.mark.parametrize("algorithm", ["walk", "forward"])
@pytest.mark.parametrize("layer", MADE_OF_OTHERS)
def test_the_address_has_every_number_to_the_last_bit(client: TestClient, layer: str, algorithm: str):
    query = "&seed=3&padding=1&learning_rate=0.3"
    run = Run.of(layer, seed=3, padding=1, learning_rate=0.3)
    for one in run.layer.opens:
        meant = run.opened(run.outline(), one)
        told = asked(client, layer, one.layer, query, algorithm)
        assert told["path"] == f"/{one.layer}/walk"
        found = Query.of(LAYERS[one.layer], told["settings"] | told["arrays"])
        there = Run.of(one.layer, arrays=found.arrays, **found.settings)
        assert there.settings == meant.settings
        for name, array in meant.start.items():
            np.testing.assert_array_equal(there.start[name], array, name, strict=True)
        sized = LAYERS[one.layer].sized_by(told["arrays"])
        assert not told["settings"].keys() & sized, "the shapes of the arrays have the word"


def test_a_digit_that_is_brought_goes_into_the_layer_too(client: TestClient):
    x = (np.arange(64).reshape(1, 8, 8) % 7) / 7
    brought = {"x": x.tolist()}
    told = client.post("/api/network/walk/opened?opens=conv2d", json=brought).json()
    np.testing.assert_array_equal(read("x", told["arrays"]["x"]), x)
    assert asked(client, "network", "conv2d", f"&x={array_text(x)}") == told


def test_the_walk_is_opened_where_the_function_runs_that_was_on_the_stage(client: TestClient):
    for opens, at in (("linear", "linear.weight_gradient"), ("max_pool2d", "max_pool.to_the_winner")):
        told = asked(client, "network", opens, f"&at={at}")
        there = Run.of("network").opened(Run.of("network").outline(), opening("network", opens))
        assert list(there.steps())[told["step"] - 1].stack[-1].source == at
    assert asked(client, "network", "linear")["step"] is None
    assert asked(client, "network", "linear", "&at=conv.correlate")["step"] is None, "it has no such function"


@pytest.mark.parametrize("layer", BY_STEPS)
def test_a_step_that_is_opened_begins_with_the_weights_of_that_step_to_the_last_bit(client: TestClient, layer: str):
    query, settings = "&epochs=2&seed=3&digit=7&momentum=0.9", {"epochs": 2, "seed": 3, "digit": 7, "momentum": 0.9}
    trace = core.record(layer, **settings)
    [one] = LAYERS[layer].opens
    for step in (0, 1, 41, 90):
        told, moment = asked(client, layer, one.layer, f"{query}&step={step}"), trace.snapshot(step)
        found = Query.of(LAYERS[one.layer], told["settings"] | told["arrays"])
        there = Run.of(one.layer, arrays=found.arrays, **found.settings)
        assert {"w", "x"} <= told["arrays"].keys()
        for name in told["arrays"]:
            np.testing.assert_array_equal(there.start[name], moment[one.arrays[name]], name, strict=True)
        assert told["step"] is None
        assert asked(client, layer, one.layer, f"{query}&step={step}", "learn") == told


def test_what_a_network_finds_with_the_weights_of_a_step_is_what_the_training_says_of_the_digit(client: TestClient):
    trace = core.record("training", epochs=2)
    moment, [one] = trace.snapshot(45), LAYERS["training"].opens
    there = Run.of("training", epochs=2).opened_on(moment, one).finish()
    np.testing.assert_allclose(there["scores"], moment["scores"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(there["y"], moment["y"], rtol=0, atol=1e-12)


def opening(layer: str, opens: str) -> Opened:
    return next(one for one in LAYERS[layer].opens if one.layer == opens)


@pytest.mark.parametrize(
    ("address", "setting", "message"),
    [
        ("/api/conv2d/walk/opened?opens=linear", "opens", "this layer is made of no others"),
        ("/api/chain/walk/opened?opens=linear", "opens", "opens must be one of conv2d, activation, max_pool2d"),
        ("/api/network/walk/opened", "opens", "opens must be one of"),
        ("/api/network/walk/opened?opens=linear&at=<b>", "at", "at must be the name of a function: conv.correlate"),
        ("/api/training/walk/opened?opens=network&epochs=1&step=229", "step", "step must be from 0 to 228"),
        ("/api/training/walk/opened?opens=network&step=-1", "step", "step must be from 0 to"),
        ("/api/network/walk/opened?opens=linear&digit=9", "digit", "digit must be below the number of classes"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_words(client: TestClient, address: str, setting: str, message: str):
    answer = client.get(address)
    assert answer.status_code == 422
    assert answer.json()["setting"] == setting
    assert message in answer.json()["message"]


def test_who_has_the_answer_already_is_told_so(client: TestClient):
    address = "/api/chain/walk/opened?opens=conv2d&at="
    first = client.get(address + "conv.pad")
    again = {"If-None-Match": first.headers["ETag"]}
    assert client.get(address + "conv.pad", headers=again).status_code == 304
    assert client.get(address + "conv.correlate", headers=again).status_code == 200, "it opens elsewhere"
