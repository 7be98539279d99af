"""An array that is posted to be compared: what comes back, in both languages, within bounds, and from a real server."""

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

import core
from app.ground import limits
from app.main import create_app
from app.walks.arrays import compact, read, written
from core.catalog import LAYERS
from core.recording.trace import numbers
from tests.conftest import Server
from tests.wrong_code import CODE, Mine, drawn

WALK = "/api/conv2d/walk/compare"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        yield client


def posted(client: TestClient, array: str, values: Any, address: str = WALK, **more: Any) -> dict[str, Any]:
    answer = client.post(address, json={"array": array, "values": values, **more})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_an_array_of_ones_own_is_compared_with_that_of_the_walk(client: TestClient):
    right = core.run("conv2d")["dx"]
    mine = right.copy()
    mine[1, 2, 3] += 0.5
    told = posted(client, "dx", mine.tolist())
    assert (told["differ"], told["cells"], told["first"], told["largest"], told["largest_at"]) == (
        1, 75, [1, 2, 3], 0.5, [1, 2, 3],
    )  # fmt: skip
    assert told["differs"] == [np.ravel_multi_index((1, 2, 3), right.shape)]
    assert np.array_equal(np.reshape(told["difference"], right.shape), mine - right)
    assert (told["found"], told["unknown"]) == ([], "none of the known mistakes gives these numbers")
    assert posted(client, "dx", right.tolist())["message"] == "dx agrees in all 75 cells"


def test_every_form_of_numbers_gives_the_same_answer(client: TestClient):
    mine = 2 * core.run("conv2d")["dx"]
    forms = [mine.tolist(), {"shape": list(mine.shape), "cells": mine.ravel().tolist()}, written(mine), [mine.tolist()]]
    first, *others = (posted(client, "dx", form) for form in forms)
    assert [one["key"] for one in first["found"]] == ["scaled"]
    assert all(other == first for other in others)


def test_the_arrays_of_the_walk_may_stand_in_the_query_or_beside_the_array_however_they_are_written(client: TestClient):
    mine = drawn(8, groups=2, stride=(2, 1))
    name, array = CODE["groups_ignored"][1].code(mine) or pytest.fail("it makes nothing")
    settings, brought = of(mine)
    told = posted(client, name, array.tolist(), f"{WALK}?{settings}&{addressed(brought)}")
    assert [one["key"] for one in told["found"]] == ["groups_ignored"]
    x, others = {"x": brought.pop("x")}, brought
    for beside, query in (
        ({one: given.tolist() for one, given in (x | others).items()}, settings),
        ({one: written(given) for one, given in x.items()}, f"{settings}&{addressed(others)}"),
    ):
        assert posted(client, name, array.tolist(), f"{WALK}?{query}", arrays=beside) == told


def of(mine: Mine) -> tuple[str, dict[str, np.ndarray]]:
    """The settings of a walk as a query has them, and its arrays."""
    (top, bottom), (left, right) = mine.padding
    settings = {
        "stride": ",".join(map(str, mine.stride)),
        "padding": f"{top},{bottom},{left},{right}",
        "dilation": ",".join(map(str, mine.dilation)),
        "groups": mine.groups,
        "activation": mine.activation,
    }
    arrays = {name: getattr(mine, name) for name in ("x", "w", "b", "dy")}
    return "&".join(f"{name}={value}" for name, value in settings.items()), arrays


def addressed(arrays: dict[str, np.ndarray]) -> str:
    return "&".join(f"{name}={written(array)}" for name, array in arrays.items())


def test_a_mistake_leads_to_the_walk_that_shows_it_on_these_numbers(client: TestClient):
    arrays = {name: core.record("conv2d").start[name] for name in LAYERS["conv2d"].axes}
    sizes = {"kernel_size": 3, "stride": 2, "padding": 1}
    mine = core.run("kernel_not_flipped", arrays=arrays, **sizes)["dx_wrong"]
    [found] = posted(client, "dx", mine.tolist())["found"]
    assert (found["key"], found["walk"]["title"]) == ("kernel_not_flipped", "The kernel is not flipped")
    assert (found["walk"]["part"], found["unshown"]) == (None, None)
    address = found["walk"]["address"]
    assert client.get(address).status_code == 200
    layer, _, rest = address.removeprefix("/").partition("/walk?")
    rest, _, chapter = rest.partition("#")
    assert chapter == "part_ways"
    assert chapter in [one.name for one in core.record(layer, arrays=arrays, **sizes).chapters]
    shown = client.get(f"/api/{layer}/walk/stream?{rest}").text.partition("\n")[0]
    ends = {array["name"]: array["end"] for array in json.loads(shown)["header"]["arrays"]}
    assert np.array_equal(ends["dx_wrong"], mine)


def test_where_there_is_no_link_to_a_walk_it_is_said_why_in_the_language_that_is_asked_for(client: TestClient):
    def unshown(query: str, array: Any, **arrays: Any) -> Any:
        [found] = posted(client, "dx", array, f"{WALK}?{query}", arrays=arrays)["found"]
        assert found["walk"] is None
        return found["unshown"]

    right = core.run("conv2d")["dx"]
    assert unshown("", (2 * right).tolist()) == "no walk of its own shows this mistake"
    assert unshown("lang=zh", (2 * right).tolist()) == "这个错误没有专门的演示"
    right[0, 0, 0] = np.nan
    assert unshown("", numbers(right)) is None  # it is no mistake that could be shown
    dice = np.random.default_rng(0)
    sizes = {"in_height": 64, "in_width": 64, "kernel_size": 3, "padding": 1, "stride": 1}
    x, w, dy = (dice.normal(size=shape) for shape in ((3, 64, 64), (1, 3, 3, 3), (1, 64, 64)))
    turned = core.run("conv2d", "input_gradient", {"x": x, "w": w[..., ::-1, ::-1], "dy": dy}, stride=1, padding=1)[
        "dx"
    ]
    query = "&".join(f"{name}={value}" for name, value in sizes.items())
    brought = {name: written(array) for name, array in (("x", x), ("w", w), ("dy", dy))}
    said = unshown(query, written(turned), **brought)
    assert said == "these numbers have no room in a link to the walk that shows this mistake"


def test_sentences_are_in_the_language_that_is_asked_for(client: TestClient):
    mine = 2 * core.run("conv2d")["dx"]
    told = posted(client, "dx", mine.tolist(), WALK + "?lang=zh")
    assert told["message"].startswith("dx 的 75 个格子里有 52 个不同")
    assert told["found"][0]["message"] == "dx：每个数都是正确值的 2 倍"
    assert posted(client, "db", [1, 2], WALK + "?lang=zh")["unknown"] == "已知的错误里，没有一个会给出这些数"


def test_tolerances_and_the_kind_of_numbers_are_those_that_are_asked_for(client: TestClient):
    mine = core.run("conv2d")["dx"] + 1e-3
    assert posted(client, "dx", mine.tolist())["differ"] == 75
    told = posted(client, "dx", mine.tolist(), rtol=0, atol=2e-3)
    assert (told["differ"], told["rtol"], told["atol"], told["precision"]) == (0, 0, 2e-3, "given")
    slightly = (core.run("conv2d")["dx"] * (1 + np.pi * 1e-7)).tolist()
    told = posted(client, "dx", slightly)
    assert ([one["key"] for one in told["found"]], told["first"]) == (["float32_rounding"], None)
    assert told["message"] == "dx differs in 52 of 75 cells, and in none by more than the rounding of float32"
    assert posted(client, "dx", slightly, dtype="float32")["differ"] == 0
    roughly = (core.run("conv2d")["dx"] * (1 + np.pi * 1e-4)).tolist()
    assert posted(client, "dx", roughly)["differ"] == 52
    assert (
        posted(client, "dx", roughly, dtype="float16")["message"] == "dx agrees in all 75 cells, as far as float16 goes"
    )


def test_what_is_no_number_travels_as_a_word(client: TestClient):
    mine = core.run("conv2d")["dx"]
    mine[0, 0, :3] = np.nan, np.inf, -np.inf
    told = posted(client, "dx", numbers(mine))
    assert (told["not_finite"], told["difference"][:3]) == (3, ["NaN", "Infinity", "-Infinity"])
    assert [one["key"] for one in told["found"]] == ["not_finite"]
    assert "yours is NaN" in told["message"]
    packed = posted(client, "dx", compact("f64", mine.astype("<f8")))
    assert packed == told


def test_a_sentence_has_the_signs_of_the_page(client: TestClient):
    right = core.run("conv2d")["dw"]
    for language in ("en", "zh"):
        mine = right.copy()
        mine[0, 0, 0, 0] = -3.5e-9
        message = posted(client, "dw", mine.tolist(), f"{WALK}?lang={language}")["message"]
        assert "−3.5e−9" in message
        assert "-" not in message
        [scaled] = posted(client, "dw", (-2 * right).tolist(), f"{WALK}?lang={language}")["found"]
        assert "−2" in scaled["message"]
        assert "-" not in scaled["message"]


def test_the_answer_is_not_kept_and_the_same_request_gives_the_same_bytes(client: TestClient):
    asked = {"array": "db", "values": [1, 2]}
    first, second = (client.post(WALK, json=asked, headers={"if-none-match": "*"}) for _ in range(2))
    assert (first.content, first.status_code) == (second.content, 200)
    assert first.headers["cache-control"] == "no-store"
    assert "etag" not in first.headers


def test_the_address_says_what_may_be_done_with_it(client: TestClient):
    assert client.options(WALK).headers["allow"] == "POST, OPTIONS"
    refused = client.get(WALK)
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST, OPTIONS")
    assert client.post("/api/layers", json={}).status_code == 405


def test_every_array_of_a_layer_can_be_compared(client: TestClient):
    for layer in ("max_pool2d", "activation", "cross_correlation"):
        for name, array in core.run(layer).items():
            answer = client.post(f"/api/{layer}/walk/compare", json={"array": name, "values": numbers(array + 1)})
            assert answer.status_code in (200, 422), (layer, name)
            if answer.status_code == 422:  # what the walk begins with, or sets no value of
                assert answer.json()["setting"] == "array"


@pytest.mark.parametrize("decimals", [None, 0, 1, 4, 6])
def test_an_array_is_read_back_from_an_address_as_it_was(decimals: int | None):
    array = np.random.default_rng(0).normal(size=(2, 3, 4)) * 1000
    array = array if decimals is None else np.round(array, decimals)
    assert np.array_equal(read("x", written(array)), array)
    assert len(written(np.round(array))) < len(written(array)) or decimals == 0


def test_the_largest_array_of_16_maps_has_room_in_a_body_with_all_its_digits(client: TestClient):
    sizes = {"in_height": 64, "in_width": 64, "out_channels": 1, "kernel_size": 3, "stride": 8, "padding": 1}
    mine = core.run("conv2d", "pad", in_channels=16, **sizes)["x_padded"] + np.pi
    mine[2, 3, 4] = np.nan
    query = "&".join(f"{name}={value}" for name, value in {"in_channels": 16, **sizes}.items())
    told = posted(client, "x_padded", compact("f64", mine.astype("<f8")), f"/api/conv2d/pad/compare?{query}")
    assert (told["differ"], told["not_finite"]) == (16 * 66 * 66, 1)


# --- A real server ----------------------------------------------------------------------------------------------------


def request_of(server: Server, body: bytes, query: str = "") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    head = f"POST {WALK}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return connection


def heard(connection: socket.socket) -> bytes:
    said = b""
    with connection:
        while part := connection.recv(1 << 16):
            said += part
    return said


LARGE = "in_channels=3&in_height=64&in_width=64&out_channels=1&kernel_size=5&stride=1&padding=2"


def large() -> bytes:
    values = np.random.default_rng(0).normal(size=(3, 64, 64))
    return json.dumps({"array": "dx", "values": values.tolist()}).encode()


def test_a_body_as_large_as_an_array_is_taken_and_many_of_them_are_bounded(server: Server):
    body = large()
    assert 100_000 < len(body) < limits.BODY_BYTES
    with ThreadPoolExecutor(12) as many:
        answers = list(many.map(lambda _: heard(request_of(server, body, LARGE)), range(6)))
    statuses = [answer[9:12] for answer in answers]
    assert set(statuses) <= {b"200", b"429"}
    assert b"200" in statuses
    server.wait_until_idle()


def test_who_sends_the_longest_body_slowly_keeps_nobody_from_comparing(server: Server):
    head = f"POST {WALK} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    slow = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(12)]
    try:
        for connection in slow:
            connection.sendall(f"{head}Content-Length: {limits.BODY_BYTES}\r\n\r\n".encode() + b" " * 1000)
        assert heard(request_of(server, b'{"array": "db", "values": [1, 2]}'))[9:12] == b"200"
    finally:
        for connection in slow:
            connection.close()


def test_a_comparison_ends_with_its_client(server: Server):
    body = json.dumps({"array": "numeric_dx", "values": np.ones((3, 64, 64)).tolist()}).encode()
    before = server.cpu()
    connections = [request_of(server, body, LARGE) for _ in range(8)]
    threading.Event().wait(0.3)
    for connection in connections:
        connection.close()
    server.wait_until_idle()
    assert server.cpu() - before < 8
