"""Two walks side by side: what their address means, and which of their moments belong together."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from fastapi.testclient import TestClient

import core
from app.ground.words import LANGUAGES
from app.main import create_app
from app.pages.contrast import Contrast
from core.catalog import LAYERS
from tests.asked import SMALLER
from tests.node import node

CELL = 3  # the level of a step that finishes a cell, or something coarser


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        yield client


def of(query: str, layer: str = "conv2d") -> Contrast:
    return Contrast.of(LAYERS[layer], "walk", query.encode())


def moments(layer: str, a: dict[str, Any], b: dict[str, Any]) -> list[dict[str, Any]]:
    """The moments that belong together, with the traces of the very run that the server streams."""
    runs = []
    for settings in (a, b):
        trace = core.record(layer, **settings).as_dict()
        runs.append({"header": trace["header"], "steps": trace["steps"]})
    found: list[dict[str, Any]] = node("contrast", runs=json.loads(json.dumps(runs)))
    return found


# --- the address --------------------------------------------------------------------------------------------------


def test_a_name_with_b_before_it_is_of_the_second_walk_alone():
    contrast = of("padding=2&b.stride=1&x=[[[1,2],[3,4]]]&in_channels=1&w=[[[[1]]]]")
    assert contrast.name == "stride"
    assert parse_qs(contrast.b.walk) == {**parse_qs(contrast.a.walk), "stride": ["1"]}
    assert contrast.b.run.settings.plain() == {**contrast.a.run.settings.plain(), "stride": 1}


@pytest.mark.parametrize("layer", LAYERS)
def test_without_anything_that_differs_a_setting_does_and_the_numbers_are_the_same(layer: str):
    contrast = of("", layer)
    a, b = contrast.a.run.settings.plain(), contrast.b.run.settings.plain()
    assert [name for name in a if a[name] != b[name]] == [contrast.name]
    assert not contrast.a.refusals
    assert not contrast.b.refusals
    if contrast.name == "stride":  # what is given is the same, where it has the same size
        one, other = (core.run(layer, **visit.query.settings) for visit in (contrast.a, contrast.b))
        assert (one["x"] == other["x"]).all()


def test_a_setting_that_is_only_named_gets_the_nearest_other_value():
    assert of("b.stride=").own == [("stride", "1")]
    assert of("stride=1&b.stride=").own == [("stride", "2")]
    assert of("b.activation=").b.run.settings.plain()["activation"] != "identity"
    assert of("b.learning_rate=").name == "learning_rate"


@pytest.mark.parametrize(
    ("query", "sizes"),
    [
        ("b.kernel_size=1", (1, 1)),
        ("b.kernel_size=3,2", (3, 2)),
        ("kernel_size=2&b.kernel_height=1", (1, 2)),
        ("kernel_size=2,1&b.padding=0", (2, 1)),
    ],
)
def test_a_pair_of_sizes_can_differ(query: str, sizes: tuple[int, int]):
    contrast = of(query)
    plain = contrast.b.run.settings.plain()
    assert (plain["kernel_height"], plain["kernel_width"]) == sizes
    assert not contrast.b.refusals
    again = of("&".join(f"{name}={text}" for name, text in contrast.given))  # as its page goes on
    assert again.b.run.settings == contrast.b.run.settings
    assert not again.a.refusals


def test_a_gradient_of_another_size_is_the_layers_own_in_the_second_walk():
    contrast = of("in_channels=1&out_channels=1&dy=[[[1,2,3],[4,5,6],[7,8,9]]]&b.stride=1")
    assert not contrast.b.refusals
    assert "dy" in contrast.a.walk
    assert "dy" not in contrast.b.walk


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("b.stride=0", "stride must be from 1 to"),
        ("b.stride=1&b.stride=3", "stride is given twice"),
        ("b.stribe=1", "there is no such setting"),
        ("b.x=[1]", "there is no such setting"),
        ("b.=1", "there is no such setting"),
        ("stride=abc&b.stride=1", "stride must be a whole number"),
        ("b.kernel_size=11", "kernel"),
        ("b.padding=%FF", "padding"),
    ],
)
def test_what_makes_no_sense_is_said_on_a_page_that_still_shows_two_walks(client: TestClient, query: str, said: str):
    answer = client.get(f"/conv2d/walk/contrast?{query}")
    assert answer.status_code == 422
    assert said in answer.text
    assert len(re.findall("<iframe", answer.text)) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_of_every_layer_can_be_what_differs(client: TestClient, language: str):
    for layer in LAYERS.values():
        for name in layer.settings.kinds():
            answer = client.get(f"/{layer.name}/walk/contrast?b.{name}=&lang={language}")
            assert answer.status_code == 200, (layer.name, name)
            sides = re.findall(r'<iframe src="([^"]+)"', answer.text)
            for side in sides:
                query = parse_qs(urlsplit(side.replace("&amp;", "&")).query)
                assert query["lang"] == [language]
                assert query["embed"] == ["1"]


def test_a_layer_or_an_algorithm_that_does_not_exist_is_a_404(client: TestClient):
    assert client.get("/conv3d/walk/contrast").status_code == 404
    assert client.get("/conv2d/wolk/contrast").status_code == 404


def test_only_the_page_with_frames_lets_itself_have_frames(client: TestClient):
    policies = {path: client.get(path).headers["content-security-policy"] for path in ("/", "/conv2d/walk/contrast")}
    assert "frame-src 'none'" in policies["/"]
    assert "frame-src 'self'" in policies["/conv2d/walk/contrast"]
    assert "frame-ancestors 'none'" in policies["/conv2d/walk/contrast"]


# --- what belongs together ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_both_walks_are_walked_whole_and_in_their_order(layer: str):
    contrast = of("", layer)
    settings = [SMALLER.get(layer, {}) | visit.query.settings for visit in (contrast.a, contrast.b)]
    found = moments(layer, *settings)
    for side in (0, 1):
        stops = [one["moments"][side] for one in found]
        steps = core.record(layer, **settings[side]).steps
        assert stops == sorted(stops)
        assert (stops[0], stops[-1]) == (0, len(steps))
        # Every cell is seen finished, and so is the last step of all.
        finished = {k + 1 for k, step in enumerate(steps) if step.level <= CELL}
        assert finished <= set(stops)


def test_the_same_output_cell_is_computed_at_once_and_one_that_the_other_has_not_is_waited_for():
    found = moments("conv2d", {"stride": 2}, {"stride": 1})
    # The end of a map is a step as well, of no cell.
    done = [one for one in found if one["chapter"] == "correlate" and one["level"] is not None and one["cell"]]
    both = [one["cell"] for one in done if one["works"] == [True, True]]
    alone = [one["cell"] for one in done if one["works"] != [True, True]]
    few, many = ([f"z[{f}, {i}, {j}]" for f, i, j in np.ndindex(2, rows, rows)] for rows in (3, 5))
    assert both == few
    assert alone == [cell for cell in many if cell not in few]
    assert all(one["works"] == [False, True] for one in done if one["cell"] in alone)
    assert [one["cell"] for one in done] == many


def test_both_compute_a_cell_beat_by_beat():
    found = moments("conv2d", {"stride": 2}, {"stride": 1})
    beats = [one for one in found if one["cell"] == "z[0, 1, 1]" and one["chapter"] == "correlate"]
    assert len(beats) == 3
    gaps = {one["moments"][1] - one["moments"][0] for one in beats}
    assert len(gaps) == 1


def test_a_walk_beside_itself_stands_at_its_own_steps():
    found = moments("max_pool2d", {}, {})
    assert all(a == b for a, b in (one["moments"] for one in found))
    assert [one["moments"][0] for one in found] == list(range(len(core.record("max_pool2d").steps) + 1))
