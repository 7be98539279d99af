"""Arrays in a body: a walk whose arrays do not fit into an address is answered as any other, and kept no longer."""

import base64
import http.client
import json
import re
import select
import socket
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from app.gate.bodies import Body
from app.ground import limits
from app.ground.errors import RequestError
from app.main import create_app
from app.walks.arrays import NUMBERS, read, read_all
from app.walks.shares import BusyError
from core.catalog import LAYERS, Run
from core.offer.settings import SettingError
from tests.addresses import array_text, to_query
from tests.conftest import Server, serving

STREAM = "/api/conv2d/walk/stream"
# Each address that reads arrays, with what else it asks for.
READING = {
    "stream": "start=40", "limits": "", "layout": "array=x&shape=28,28,1", "fit": "", "code": "as=pytorch",
    "losses": "nudged=w_nudged&cell=4", "figure": "stop=chapter", "arrays.npz": "",
}  # fmt: skip
PICTURE = np.random.default_rng(3).normal(size=(3, 64, 64))  # with all its digits: 130 kB compactly, 250 kB as lists


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        yield client


def packed(array: np.ndarray) -> str:
    data = base64.urlsafe_b64encode(array.astype("<f8").tobytes()).decode()
    return f"f64:{'x'.join(map(str, array.shape))}:{data}"


def begun(layer: str) -> dict[str, np.ndarray]:
    """The arrays that a layer begins with at another seed."""
    start = Run.of(layer, seed=5).start
    return {name: start[name] for name in LAYERS[layer].axes}


def header(stream: bytes) -> dict[str, Any]:
    return json.loads(stream.partition(b"\n")[0])["header"]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_body_is_answered_as_the_same_arrays_in_the_address_however_they_are_written(client: TestClient, layer: str):
    arrays = begun(layer)
    address, epochs = f"/api/{layer}/walk/stream", "epochs=1" if layer == "training" else ""
    asked = client.get(f"{address}?{epochs}&{to_query(LAYERS[layer], {}, arrays)}")
    assert asked.status_code == 200
    some = dict(list(arrays.items())[:1])
    others = to_query(LAYERS[layer], {}, {name: arrays[name] for name in arrays if name not in some})
    for body, query in (
        ({name: array.tolist() for name, array in arrays.items()}, ""),
        ({name: packed(array) for name, array in arrays.items()}, ""),
        ({name: array_text(array) for name, array in arrays.items()}, ""),
        ({name: array.tolist() for name, array in some.items()}, others),
    ):
        answer = client.post(f"{address}?{epochs}&{query}", json=body)
        assert answer.content == asked.content
        assert (answer.headers["cache-control"], answer.headers["content-type"]) == ("no-store", "application/jsonl")
        assert "etag" not in answer.headers


@pytest.mark.parametrize("what", READING)
def test_every_address_that_reads_arrays_reads_them_from_a_body_too(client: TestClient, what: str):
    arrays = begun("conv2d")
    address, other = f"/api/conv2d/walk/{what}", "&".join(filter(None, ["stride=1", READING[what]]))
    del arrays["dy"]  # its size goes by the stride
    asked = client.get(f"{address}?{other}&{to_query(LAYERS['conv2d'], {}, arrays)}")
    answer = client.post(f"{address}?{other}", json={name: array.tolist() for name, array in arrays.items()})
    assert (asked.status_code, answer.status_code) == (200, 200)
    assert answer.content == asked.content
    without = client.get(f"{address}?{other}").content
    assert (answer.content == without) == (what == "fit")  # which tells nothing of arrays that fit


def test_the_addresses_above_are_all_that_read_a_body():
    paths = create_app().openapi()["paths"]
    assert {path.rpartition("/")[2] for path, methods in paths.items() if "post" in methods} == {
        *READING,
        "compare",
        "opened",
    }


@pytest.mark.parametrize("written", [packed, np.ndarray.tolist])
def test_a_picture_of_three_channels_comes_through_with_all_its_digits(server: Server, written: Any):
    body = json.dumps({"x": written(PICTURE)}).encode()
    assert limits.URL_BYTES < len(body) < limits.BODY_BYTES
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for parts in (body, iter([body[:70_000], body[70_000:]])):  # with its length, and in chunks
        connection.request(
            "POST", "/api/conv2d/correlate/stream?padding=0", parts, {"Content-Type": "application/json"}
        )
        answer = connection.getresponse()
        assert answer.status == 200
        stream = answer.read()
        [x] = [array for array in header(stream)["arrays"] if array["name"] == "x_padded"]
        assert np.array(x["start"]).tobytes() == PICTURE.tobytes()
        assert stream.endswith(b"}}\n")
    connection.close()


def test_the_arrays_of_the_largest_walk_have_room_with_all_their_digits_beside_its_largest_map(client: TestClient):
    numbers = np.random.default_rng(7)
    shapes = {"x": (16, 64, 64), "w": (16, 16, 11, 11), "b": (16,), "dy": (16, 86, 86)}
    begun = {name: packed(numbers.normal(size=shape)) for name, shape in shapes.items()}
    mine = numbers.normal(size=(16, 96, 96))
    said = {"array": "x_padded", "values": {"shape": mine.shape, "cells": mine.ravel().tolist()}, "arrays": begun}
    assert len(json.dumps(said)) < limits.BODY_BYTES
    answer = client.post("/api/conv2d/pad/compare?stride=1&padding=16", json=said)
    assert (answer.status_code, len(answer.json()["differs"])) == (200, mine.size)


def test_too_many_numbers_or_cells_are_refused_before_they_take_room():
    row = b'{"x": [' + b"0," * (NUMBERS + 1) + b"0]}"
    compact = "u8:64x62500:" + "A" * 5_333_334
    for call, said in (
        (lambda: read_all(row, ["x"]), "numbers"),
        (lambda: read("x", compact), "4000000 cells; 200000 is the most"),
    ):
        tracemalloc.start()
        with pytest.raises((RequestError, SettingError), match=said):
            call()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 4 * len(compact), "eight bytes for each cell would be more"
    assert len(row) < limits.BODY_BYTES > len(compact)


def test_a_client_that_asks_whether_it_may_send_is_told_to(server: Server):
    body = json.dumps({"x": packed(PICTURE)}).encode()
    head = f"POST /api/conv2d/pad/limits HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
    head += "Content-Type: application/json\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(12) == b"HTTP/1.1 200"


def test_a_body_behind_another_question_waits_for_nobody(server: Server):
    """It would lie in memory until the answer before has ended. Its connection closes: a client sends it again."""
    question = b"GET /api/layers HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    post = b"POST /api/conv2d/pad/limits HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    said = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(question + post + b"Content-Length: 2\r\n\r\n{}")
        while part := connection.recv(65536):
            said += part
    assert re.findall(rb"HTTP/1.1 (\d+)", said) == [b"200"]


def test_a_connection_serves_one_body_after_another(server: Server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    for body, status in (("{}", 200), ("{", 422), (json.dumps({"b": [1, 2]}), 200)):
        connection.request("POST", "/api/conv2d/pad/limits", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert (answer.status, bool(answer.read())) == (status, True)
    connection.close()


def test_a_body_counts_until_it_is_forgotten_and_a_client_has_half_of_the_room(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "BODIES_BYTES", 1000)
    held: Counter[str] = Counter()
    first, second, another, third = Body(held, "one"), Body(held, "one"), Body(held, "other"), Body(held, "third")
    first.add(b"1" * 900)  # more than half: what is legal fits alone
    with pytest.raises(BusyError):
        second.add(b"1")
    with pytest.raises(BusyError):
        another.add(b"1" * 101)
    another.add(b"1" * 100)
    assert first.take() == b"1" * 900
    first.count(400)  # those of its arrays
    second.add(b"1" * 100)
    with pytest.raises(BusyError):
        third.count(401)
    third.count(400)
    for body in (first, second, another, third):
        body.forget()
    assert not held


def test_of_a_body_that_is_answered_nothing_counts_any_more(client: TestClient):
    for _ in range(30):  # together they are more than there is room for
        assert client.post("/api/conv2d/pad/limits", json={"x": " " * 900_000}).status_code == 422


def test_a_body_beyond_the_limit_is_refused_by_the_application_too(client: TestClient):
    answer = client.post(STREAM, content=b" " * (limits.BODY_BYTES + 1), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert str(limits.BODY_BYTES) in answer.json()["message"]


def test_what_is_said_of_a_body_is_said_in_the_language_that_is_asked_for(client: TestClient):
    for kind, word in (("application/json", "JSON 对象"), ("text/plain", "未压缩")):
        told = client.post(f"{STREAM}?lang=zh", content=b"[", headers={"content-type": kind}).json()
        assert word in told["message"]


def test_many_long_bodies_at_a_time_have_room_or_are_told_to_come_back(tmp_path: Path):
    with serving(tmp_path / "log.txt", CONVWALK_LIMIT_BODIES_BYTES="500000") as server:
        post = f"POST {STREAM} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        post += "Content-Length: 400000\r\n\r\n"
        with ExitStack() as stack:
            both = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port))) for _ in range(2)]
            for connection in both:
                connection.sendall(post.encode() + b" " * 200_000)  # and the rest does not come
            [refused], _, _ = select.select(both, [], [], 5)
            answer = refused.recv(4000)
        assert answer.startswith(b"HTTP/1.1 429 ")
        assert b"retry-after: 2" in answer.lower()
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("POST", STREAM, " " * 400_000, {"Content-Type": "application/json"})
        assert connection.getresponse().status == 422  # the others have left, and there is room
        connection.close()
