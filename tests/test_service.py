"""The API beside the pages: each contract, each error, and what a stream promises."""

import ast
import base64
import contextlib
import gc
import gzip
import http.client
import json
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from fastapi.testclient import TestClient

import core
from app.ground import errors, files, words
from app.ground import limits as limits_of_http
from app.ground.etags import tag
from app.ground.files import static_url
from app.main import create_app
from app.paths import STATIC
from app.render import assets
from app.walks.query import Query
from app.walks.stream import BLOCK
from app.walks.walk_request import WalkRequest, walk_request
from app.walks.walks import Walks
from core.catalog import LAYERS, Run
from core.offer import limits
from core.offer.layer import legal
from core.recording.trace import finished
from tests.addresses import to_query
from tests.asked import SMALLER
from tests.cases import each
from tests.conftest import ROOT, Server, serving
from tests.process import next_line, running

CONV = LAYERS["conv2d"]
WALK = "/api/conv2d/walk/stream"
MIDDLE = f"{WALK}?in_height=28&in_width=28&in_channels=3&out_channels=4&stride=1"  # 30,000 steps, about a second
LONG = f"{WALK}?in_height=64&in_width=64&in_channels=3&out_channels=3&stride=1"  # 130,000 steps
EVERY_ALGORITHM = [(layer.name, name) for layer in LAYERS.values() for name in layer.algorithms]

get = partial(httpx2.get, timeout=30)  # a busy machine takes its time
on_linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads a process's time from /proc")


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """The app without a server around it, for everything that does not depend on one."""
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        yield client


def lines(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


def steps(answer: list[dict[str, Any]]) -> list[Any]:
    return [step for line in answer[1:-1] for step in line["steps"]]


class Streaming:
    """A stream read by hand, so that it can be left half-way."""

    def __init__(self, server: Server, address: str, **headers: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        said = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        self.socket.sendall(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n{said}\r\n".encode())

    def answer(self) -> http.client.HTTPResponse:
        response = http.client.HTTPResponse(self.socket)
        response.begin()
        return response

    def __enter__(self) -> "Streaming":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)  # a response read from it holds on to it
        self.socket.close()


# What there is


def test_the_layers_are_told_with_all_that_a_menu_needs(client: TestClient):
    told = client.get("/api/layers").json()["layers"]
    assert [layer["name"] for layer in told] == list(LAYERS)
    for layer in told:
        ours = LAYERS[layer["name"]]
        assert [one["name"] for one in layer["algorithms"]] == list(ours.algorithms)
        assert all(one["doc"] for one in layer["algorithms"])
        assert layer["settings"] == ours.settings.describe()
        assert all(setting.keys() >= {"name", "label", "group", "kind", "default"} for setting in layer["settings"])
        assert layer["arrays"] == list(ours.axes)


def test_the_limits_are_the_legal_values_beside_the_others(client: TestClient):
    told = client.get("/api/conv2d/walk/limits?in_height=4&kernel_size=2").json()
    settings = CONV.settings.of({"in_height": 4, "kernel_size": 2})
    assert told == legal(CONV, "walk", settings)


def test_what_the_limits_offer_is_accepted_and_nothing_else(client: TestClient):
    query = "in_height=4&in_width=4&kernel_size=4&padding=0&dilation=2"
    assert client.get(f"/api/conv2d/pad/limits?{query}").status_code == 422
    query = "in_height=9&in_width=7&kernel_size=4&padding=0"
    offered = client.get(f"/api/conv2d/pad/limits?{query}").json()["dilation"]
    for dilation in range(1, limits.DILATION + 1):
        status = client.get(f"/api/conv2d/pad/stream?{query}&dilation={dilation}").status_code
        assert (status == 200) == (dilation in offered)


def test_what_an_array_fixes_has_its_own_value_alone(client: TestClient):
    told = client.get("/api/conv2d/walk/limits?x=[[[0,1],[2,3]]]&kernel_size=2").json()
    assert (told["in_channels"], told["in_height"], told["in_width"]) == ([1], [2], [2])
    assert len(told["out_channels"]) > 1


def test_a_gradient_is_made_to_fit_and_it_is_said_what_has_become_of_its_numbers(client: TestClient):
    address = "/api/conv2d/walk/fit?dy=[[[9,8,7],[6,5,4],[3,2,1]],[[1,2,3],[4,5,6],[7,8,9]]]"
    assert client.get(address).json() == {"arrays": []}
    [wide] = client.get(f"{address}&stride=1").json()["arrays"]
    assert (wide["name"], wide["shape"]) == ("dy", [2, 5, 5])
    assert wide["cells"][:3] + wide["cells"][5:8] == [9, 8, 7, 6, 5, 4]
    assert wide["message"].startswith("dy is 2×5×5 now: all its numbers stay where they were, and 32 of")
    [narrow] = client.get(f"{address}&stride=4&lang=zh").json()["arrays"]
    assert narrow["cells"] == [9, 8, 6, 5, 1, 2, 4, 5]
    assert "18 个数中有 10 个没有位置了" in narrow["message"]
    # Nothing else is made to fit, and nothing fits settings that make no sense.
    assert client.get("/api/conv2d/walk/fit?dy=[[[1]]]&out_channels=2").json() == {"arrays": []}
    assert client.get(f"{address}&stride=0").json()["setting"] == "stride"
    assert client.get(f"{address}&stride=1".replace("/fit", "/stream")).json()["setting"] == "dy"


def test_the_loss_over_the_values_of_a_cell_is_that_of_core(client: TestClient):
    address = "/api/max_pool2d/walk/losses?nudged=x_nudged&seed=4"
    answer = client.get(f"{address}&cell=7")
    curve = Run.planned("max_pool2d", seed=4).losses("x_nudged", 7)
    assert answer.json() == {name: numbers.tolist() for name, numbers in curve.items()}
    assert client.get(f"{address}&cell=7", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    last = Run.planned("max_pool2d", seed=4).start["x_nudged"].size - 1
    for wrong, setting, message in (
        (f"{address}&cell={last + 1}", "cell", f"cell must be from 0 to {last}"),
        (address, "cell", f"cell must be a whole number from 0 to {last}"),
        (f"{address}&cell=1&stride=0", "stride", ""),
        ("/api/max_pool2d/walk/losses?nudged=dy&cell=0", "nudged", "nudged must be one of x_nudged"),
        ("/api/cross_correlation/walk/losses?nudged=x_nudged&cell=0", "nudged", "this layer has no gradient check"),
    ):
        refused = client.get(wrong)
        assert (refused.status_code, refused.json()["setting"]) == (422, setting)
        assert message in refused.json()["message"]


# The stream


@each(("layer", "algorithm"), EVERY_ALGORITHM)
def test_a_stream_is_a_header_blocks_of_steps_and_an_end(client: TestClient, layer: str, algorithm: str):
    response = client.get(f"/api/{layer}/{algorithm}/stream", params=SMALLER.get(layer))
    header, *blocks, end = lines(response)
    assert response.headers["content-type"] == "application/jsonl"
    trace = json.loads(json.dumps(core.record(layer, algorithm, **SMALLER.get(layer, {})).as_dict()))
    for source in header["header"]["sources"]:
        assert len(source.pop("html")) == len(source["lines"])  # the page's colours and formulas; the rest is core's
        assert source.pop("formula")["latex"] or source["name"].endswith(".walk")
        assert set(source.pop("settings")) <= LAYERS[layer].settings.kinds().keys()
    assert header == {"header": trace["header"]}
    assert [step for block in blocks for step in block["steps"]] == trace["steps"]
    assert all(1 <= len(block["steps"]) <= BLOCK == 64 for block in blocks)
    assert end == {"end": {"steps": len(trace["steps"])}}


def test_a_stream_cut_at_k_and_resumed_equals_the_whole(client: TestClient):
    whole = lines(client.get(WALK))
    count = whole[0]["header"]["steps"]
    for k in (0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 700, count - 1, count):
        resumed = lines(client.get(f"{WALK}?start={k}"))
        assert resumed[0] == whole[0]
        assert steps(resumed) == steps(whole)[k:]
        assert resumed[-1] == whole[-1]


@pytest.mark.parametrize("start", ["1399", "-1", "1.0", "", "x", "9" * 30, "٣", "1_0", "+1"])
def test_a_start_outside_of_the_walk_is_refused(client: TestClient, start: str):
    etag = client.get(WALK, params={"start": "1"}).headers["etag"]
    for known in ({}, {"if-none-match": "*"}, {"if-none-match": etag}):  # nobody has an answer that there never was
        response = client.get(WALK, params={"start": start}, headers=known)
        assert response.status_code == 422
        assert response.json()["setting"] == "start"


def test_a_start_beyond_the_end_has_no_etag_of_its_own(client: TestClient):
    """Whoever makes one up, as the server would make it, is told what is wrong all the same."""
    layer = LAYERS["conv2d"]
    query, asked = walk_request(layer, "walk", b"")
    crafted = tag(asked.key.encode(), b"%d" % 1399)
    assert query.start == 0
    assert crafted.startswith('W/"')
    assert client.get(f"{WALK}?start=1399", headers={"if-none-match": crafted}).status_code == 422
    assert client.get(f"{WALK}?start=1398", headers={"if-none-match": "*"}).status_code == 304


@pytest.mark.parametrize("algorithm", LAYERS["conv2d"].algorithms)
def test_the_last_start_is_the_end_of_every_algorithm(client: TestClient, algorithm: str):
    address = f"/api/conv2d/{algorithm}/stream"
    count = lines(client.get(address))[0]["header"]["steps"]
    assert lines(client.get(f"{address}?start={count}"))[-1] == {"end": {"steps": count}}
    assert client.get(f"{address}?start={count + 1}", headers={"if-none-match": "*"}).status_code == 422


@pytest.mark.parametrize("start", ["0", "5", "x", "999999999"])
def test_only_a_stream_has_a_start(client: TestClient, start: str):
    response = client.get(f"/api/conv2d/walk/limits?start={start}")
    assert (response.status_code, response.json()["setting"]) == (422, None)
    assert response.json()["message"].startswith("there is no such setting; this layer has in_channels, ")
    assert "start" not in response.json()["message"]


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_page_with_a_mistyped_setting_names_the_nearest_in_place(client: TestClient, language: str):
    response = client.get(f"/conv2d/expand?strid=5&lang={language}", headers={"accept": "text/html"})
    client.cookies.clear()
    assert response.status_code == 422
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    template = "{names}: there is no such setting; did you mean {nearest}?"
    sentence = words.Words(language)(template, names="strid", nearest="stride")
    [shown] = re.findall(r'<output class="refusal" data-refusal="" role="alert">(.*?)</output>', response.text)
    assert shown == sentence
    boot = json.loads(re.search(r'id="boot">(.*?)</script>', response.text)[1])
    assert boot["refusals"] == {"": sentence}
    assert boot["legal"] == legal(CONV, "expand", CONV.settings())  # and what is shown is the default walk


def test_the_largest_padding_is_cheap_to_open(client: TestClient):
    # What the whole walk would take is none of its business.
    query = "in_channels=16&in_height=64&in_width=64&out_channels=16&padding=16&kernel_size=11&stride=1"
    assert client.get(f"{WALK}?{query}").status_code == 422
    page = client.get(f"/conv2d/pad?{query}")
    assert page.status_code == 200
    assert len(page.content) < 200_000  # without the tables that nobody would read
    assert words.Words("en")("noscript.large") in page.text
    header, *_, end = lines(client.get(f"/api/conv2d/pad/stream?{query}"))
    shapes = {array["name"]: array["shape"] for array in header["header"]["arrays"]}
    assert shapes == {"x": [16, 64, 64], "x_padded": [16, 96, 96]}
    assert end == {"end": {"steps": 2}}


@each(("layer", "algorithm"), EVERY_ALGORITHM)
def test_the_header_of_a_stream_names_just_the_arrays_that_the_run_uses(client: TestClient, layer: str, algorithm: str):
    header = lines(client.get(f"/api/{layer}/{algorithm}/stream", params=SMALLER.get(layer)))[0]["header"]
    named = [array["name"] for array in header["arrays"]]
    outline = Run.of(layer, algorithm, **SMALLER.get(layer, {})).outline()
    assert named == [name for name in outline.start if name in outline.used]
    on_stage = {array for chapter in header["chapters"] for scene in chapter["scenes"] for _, array in scene["arrays"]}
    assert on_stage <= set(named)
    assert {chapter["source"] for chapter in header["chapters"]} <= {source["name"] for source in header["sources"]}


def test_equal_addresses_give_equal_bytes_from_any_process(server: Server, tmp_path: Path):
    address = f"{WALK}?activation=sigmoid&seed=7&stride=1,2"
    first, again = get(server.url + address), get(server.url + address)
    with serving(tmp_path / "log.txt", PYTHONHASHSEED="1") as other:
        elsewhere = get(other.url + address)
    assert first.content == again.content == elsewhere.content
    assert first.headers["etag"] == again.headers["etag"] == elsewhere.headers["etag"]


def test_a_walk_that_is_known_is_not_sent_again(client: TestClient):
    etag = client.get(WALK).headers["etag"]
    for known in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        response = client.get(WALK, headers={"if-none-match": known})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == etag
        assert "Accept-Encoding" in response.headers["vary"]
    assert client.get(WALK, headers={"if-none-match": '"other"'}).status_code == 200
    several = [("if-none-match", '"other"'), ("if-none-match", etag)]
    assert client.get(WALK, headers=several).status_code == 304


def test_the_etag_depends_on_what_the_bytes_depend_on_and_on_nothing_else(client: TestClient):
    def etag(query: str) -> str:
        response = client.get(f"/api/conv2d/pad/stream?{query}")
        assert response.status_code == 200
        return response.headers["etag"]

    same = ["stride=2,2&kernel_size=3", "stride=2", "", "kernel_height=3&lang=zh", "start=0&seed=0&lang=en"]
    assert len({etag(query) for query in same}) == 1
    other = ["", "stride=2,1", "seed=1", "start=1", "b=[1,0]", "b=[1,1]", "dy=[[[1]],[[2]]]&in_height=2&in_width=2"]
    assert len({etag(query) for query in other}) == len(other)
    assert etag("b=[1,0]") == etag("b=[1.0,-0.0]") == etag("b=u8:2:AQA")


@pytest.mark.parametrize("address", ["/api/layers", "/api/openapi.json", "/api/conv2d/walk/limits?stride=1"])
def test_the_rest_of_the_api_has_etags_too(client: TestClient, address: str):
    etag = client.get(address).headers["etag"]
    assert client.get(address, headers={"if-none-match": etag}).status_code == 304


ENCODINGS = {  # and whether they take gzip, by RFC 9110, 12.5.3
    "gzip": True, "GZIP": True, "Gzip": True, "x-gzip": True, "X-GZIP": True, "br, gzip;q=0.5": True,
    "gzip;Q=0.5": True, "GZip ; q=1.000": True, "gzip; q = 0.001": True, "deflate, gzip": True, "*": True,
    "*;q=0.1": True, "br;q=1, *;q=0.5": True, "gzip, *;q=0": True, "*;q=0, GZIP": True, "identity;q=0, *": True,
    "gzip;q=0, *": False, "GZIP;Q=0": False, "gzip;q=0.": False, "gzip;q=0.000, br": False, "*;q=0": False,
    "identity": False, "br": False, "gzipped": False, "not-gzip": False, "gzip2, bzip": False, "": False,
    "br, " * 400 + "gzip": False,
}  # fmt: skip


@pytest.mark.parametrize(("accepted", "packed"), ENCODINGS.items())
def test_a_coding_is_taken_by_its_name_in_any_case(client: TestClient, accepted: str, packed: bool):
    for address in (WALK, "/api/layers", "/words", static_url("main.js")):
        response = client.get(address, headers={"accept-encoding": accepted})
        assert (response.headers.get("content-encoding") == "gzip") == packed, address
        assert "Accept-Encoding" in response.headers["vary"], address


def test_a_coding_that_one_header_refuses_is_refused_beside_another(client: TestClient):
    for several, packed in ((("br", "GZIP"), True), (("*", "gzip;q=0"), False)):
        headers = [("accept-encoding", one) for one in several]
        assert (client.get("/api/layers", headers=headers).headers.get("content-encoding") == "gzip") == packed


@pytest.mark.parametrize(("accepted", "packed"), [("gzip", True), ("br, GZIP;q=0.5", True), ("*", True),
                                                  ("gzip;q=0, *", False), ("identity", False)])  # fmt: skip
def test_a_stream_is_compressed_for_those_who_take_it(server: Server, accepted: str, packed: bool):
    with Streaming(server, WALK, Accept_Encoding=accepted) as stream:
        response = stream.answer()
        body = response.read()
    assert (response.headers["content-encoding"] == "gzip") == packed
    assert "Accept-Encoding" in response.headers["vary"]
    assert (gzip.decompress(body) if packed else body) == get(server.url + WALK).content
    assert len(body) < 50_000 or not packed


@on_linux
@pytest.mark.parametrize("accepted", ["identity", "gzip"])
def test_the_first_block_comes_long_before_the_last_is_computed(server: Server, accepted: str):
    steps = re.findall(r"\d+", get(f"{server.url}{MIDDLE}&start=999999999").json()["message"])[-1]
    get(f"{server.url}{MIDDLE}&start={steps}")  # its header alone, which is known from now on
    began = server.cpu()
    with Streaming(server, MIDDLE, Accept_Encoding=accepted) as stream:
        response = stream.answer()
        unpacked = zlib.decompressobj(31) if accepted == "gzip" else None
        text, parts = b"", 0
        while b'{"steps"' not in text:
            part = response.read1(2**20)
            text += unpacked.decompress(part) if unpacked else part
            parts += 1
        until_first = server.cpu() - began
        assert text.count(b'{"steps"') < 20
        while response.read1(2**20):
            pass
        until_last = server.cpu() - began
    assert until_first < until_last / 5


def test_the_header_goes_out_alone(server: Server):
    with Streaming(server, f"{WALK}?seed=2") as stream:
        first_chunk = stream.socket.makefile("rb")
        while (header := first_chunk.readline()) != b"\r\n":
            assert header
        size = int(first_chunk.readline(), 16)
        line = first_chunk.read(size)
        first_chunk.close()
    assert line.endswith(b"\n")
    assert list(json.loads(line)) == ["header"]


@on_linux
@pytest.mark.parametrize("where", ["during its opening", "in the middle"])
@pytest.mark.slow
def test_a_client_that_leaves_ends_its_run_within_a_second(server: Server, where: str):
    server.wait_until_idle()
    began = server.cpu()
    with Streaming(server, f"{LONG}&seed=10") as stream:
        if where == "in the middle":
            response = stream.answer()
            for _ in range(100):  # of many thousands
                assert response.readline()
        else:
            for _ in range(2000):
                if server.cpu() >= began + 0.1:  # it has taken up the work
                    break
                time.sleep(0.01)
    time.sleep(1)
    after_a_second = server.cpu()
    time.sleep(0.5)
    assert server.cpu() - after_a_second <= 0.05


@on_linux
def test_a_client_that_stops_reading_stops_the_recording(server: Server):
    with Streaming(server, f"{WALK}?in_height=64&in_width=64&out_channels=3") as stream:  # 17 MB, 60,000 steps
        response = stream.answer()
        server.wait_until_idle()
        stopped = server.cpu()
        while server.cpu() < stopped + 0.2:  # what comes next was not recorded ahead: it still has to be
            assert response.read1(2**20)


@on_linux
@pytest.mark.slow
def test_memory_does_not_grow_with_the_steps(tmp_path: Path):
    with serving(tmp_path / "log.txt") as server:
        peaks, counts = [], []
        for query in ("", "?in_height=64&in_width=64&in_channels=2&out_channels=3&stride=1&kernel_size=1&padding=0"):
            with Streaming(server, WALK + query) as stream:
                response = stream.answer()
                end = b""
                while part := response.read1(2**20):
                    end = end[-100:] + part
            counts.append(json.loads(end.splitlines()[-1])["end"]["steps"])
            peaks.append(int(re.search(r"VmHWM:\s+(\d+)", process_status(server))[1]) / 1024)  # MB
    assert counts[0] > 1000
    assert counts[1] > 90_000
    assert peaks[1] - peaks[0] < 30  # kept in memory, these steps would be 200


@on_linux
def test_what_clients_ask_for_and_do_not_read_stays_small(tmp_path: Path):
    # With uvloop, which need not be there, waiting bytes are not copied: this is about the loop of Python itself.
    (tmp_path / "uvloop.py").write_text("raise ImportError")
    with serving(tmp_path / "log.txt", PYTHONPATH=str(tmp_path)) as server, contextlib.ExitStack() as stack:
        idle = [stack.enter_context(socket.socket()) for _ in range(40)]
        for one in idle:
            one.settimeout(30)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.connect(("127.0.0.1", server.port))
            one.sendall(f"GET {files.plotly_url()} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert {one.recv(12) for one in idle} == {b"HTTP/1.1 200"}
        whole = get(server.url + files.plotly_url(), headers={"accept-encoding": "identity"})
        assert len(whole.content) == int(whole.headers["content-length"]) > 4_000_000
        assert int(re.search(r"VmHWM:\s+(\d+)", process_status(server))[1]) < 200_000  # kB


def test_a_walk_that_is_too_long_to_read_is_not_kept_for_its_page(client: TestClient):
    def runs() -> int:
        gc.collect()
        return sum(isinstance(one, Run) for one in gc.get_objects())

    before = runs()
    for seed in range(3):
        assert client.get(f"/conv2d/walk?in_height=64&in_width=64&seed={seed}").status_code == 200
    assert runs() == before


def process_status(server: Server) -> str:
    return Path(f"/proc/{server.process.pid}/status").read_text()


def test_slow_walks_leave_room_for_short_ones(server: Server):
    def read(stream: Streaming) -> None:
        text = b""
        with contextlib.suppress(OSError):  # it is closed in the end
            while part := stream.socket.recv(2**16):
                text = text[-100:] + part
                if b'{"end":' in text:
                    ended.append(stream)

    ended: list[Streaming] = []
    slow = [Streaming(server, f"{LONG}&seed={seed}") for seed in (21, 22, 23)]  # one opens, the others wait for it
    slow.append(Streaming(server, MIDDLE))  # recording
    threads = [threading.Thread(target=read, args=(stream,)) for stream in slow]
    for thread in threads:
        thread.start()
    for seed in range(3):
        lines(get(f"{server.url}{WALK}?seed={seed}"))
    assert not ended
    for stream, thread in zip(slow, threads, strict=True):
        stream.__exit__()
        thread.join()


def test_openings_are_kept_for_those_who_come_back_up_to_a_number_of_bytes():
    def make(seed: int) -> Run:
        return Run.planned("conv2d", "pad", seed=seed)

    asked = [WalkRequest(str(seed), 2, partial(make, seed)) for seed in range(5)]
    size = len(json.dumps({"header": make(0).outline().header()}))  # without the colours of the source
    walks = Walks(kept=6 * size)
    openings = [finished(walks.opening(one))[1] for one in (*asked, asked[-1])]
    assert openings[-1] is openings[-2]
    kept = list(walks._openings.values())
    assert openings[-1] in kept
    assert 1 < len(kept) < 5
    assert sum(len(one.header) for one in kept) == walks._openings.currsize <= 6 * size


def test_an_opening_that_is_larger_than_the_whole_cache_is_sent_and_not_kept():
    walks = Walks(kept=100)
    _, opening = finished(walks.opening(WalkRequest("key", 2, partial(Run.planned, "conv2d", "pad"))))
    assert json.loads(opening.header)["header"]["layer"] == "conv2d"
    assert not walks._openings


# The query


@pytest.mark.parametrize("kind", ["u8", "f32", "f64"])
def test_an_array_can_be_given_compactly(client: TestClient, kind: str):
    x = np.arange(12).reshape(1, 3, 4)
    data = base64.urlsafe_b64encode(struct.pack("<12" + {"u8": "B", "f32": "f", "f64": "d"}[kind], *range(12)))
    compact = lines(client.get(f"/api/conv2d/pad/stream?x={kind}:1x3x4:{data.decode().rstrip('=')}"))
    written = lines(client.get("/api/conv2d/pad/stream", params={"x": json.dumps(x.tolist())}))
    assert compact == written
    assert written[0]["header"]["arrays"][0]["start"] == x.tolist()


def test_a_query_says_what_it_was_made_from():
    rng = np.random.default_rng(5)
    for number in range(200):
        settings = {"stride": int(rng.integers(1, 4)), "padding": [1, int(rng.integers(1, 3))], "learning_rate": 0.25}
        settings["activation"] = ["relu", "identity"][number % 2]
        H, W = rng.integers(5, 30, 2)
        x = rng.integers(0, 256, (1, H, W)).astype(float) if number % 3 else rng.normal(size=(1, H, W))
        arrays = {"x": x, "b": np.array([0.5, -2.0])} if number % 4 else {}
        run = Run.of("conv2d", "pad", arrays, **settings)
        query = to_query(CONV, run.settings.plain(), arrays)
        parsed = Query.parse(CONV, query.encode())
        assert Run.of("conv2d", "pad", parsed.arrays, **parsed.settings).settings == run.settings
        assert parsed.arrays.keys() == arrays.keys()
        assert all((parsed.arrays[name] == arrays[name]).all() for name in arrays)
        assert len(query) < 12 * x.size + 150


def test_a_query_knows_a_start_only_where_it_is_streamed():
    assert Query.parse(CONV, b"start=12&stride=1&lang=zh", streamed=True) == Query({"stride": "1"}, {}, 12)
    assert Query.parse(CONV, b"stride=1", streamed=True).start == Query.parse(CONV, b"stride=1").start == 0
    with pytest.raises(errors.RequestError) as caught:
        Query.parse(CONV, b"start=12")
    assert (caught.value.status, caught.value.setting) == (422, None)


def test_a_query_knows_which_sizes_its_arrays_fix():
    assert Query.parse(CONV, b"stride=1").fixed(CONV) == frozenset()
    assert Query.parse(CONV, b"b=[1,0]&seed=3").fixed(CONV) == {"out_channels"}
    assert Query.parse(CONV, b"x=[[[0,1],[2,3]]]").fixed(CONV) == {"in_channels", "in_height", "in_width"}
    assert Query.parse(CONV, b"dy=[[[1]],[[2]]]").fixed(CONV) == {"out_channels"}


def test_a_query_says_no_more_than_it_must():
    sizes = {"in_height": 2, "in_width": 2, "in_channels": 1, "kernel_size": 2}
    plain = CONV.settings.of({"stride": "2,1", **sizes}).plain()
    x = np.array([[[0.0, 1.0], [2.0, 3.5]]])
    assert to_query(CONV, plain, {"x": x}) == (
        "kernel_height=2&kernel_width=2&stride=2%2C1&x=%5B%5B%5B0%2C1%5D%2C%5B2%2C3.5%5D%5D%5D"
    )
    assert to_query(CONV, CONV.settings().plain(), {}) == ""
    image = to_query(CONV, CONV.settings().plain(), {"x": np.full((1, 28, 28), 255.0)})
    assert image.startswith("x=u8%3A1x28x28%3A")
    assert len(image) < 1100


# Errors


@pytest.mark.parametrize(
    ("method", "address", "status", "setting"),
    [
        ("GET", "/api/conv2d/walk/stream?stride=0", 422, "stride"),
        ("GET", "/api/conv2d/walk/limits?stride=0", 422, "stride"),
        ("GET", "/api/conv2d/walk/stream?x=[[1]]", 422, "x"),
        ("GET", "/api/conv2d/walk/stream?stride=1&stride=2", 422, "stride"),
        ("GET", "/api/conv2d/walk/stream?strides=1", 422, None),
        ("GET", "/api/conv2d/walk/stream?padding=%ff", 422, None),
        ("GET", "/api/conv2d/walk/stream?" + "&".join(["stride=1"] * 200), 422, None),
        ("GET", "/api/conv3d/walk/stream", 404, "layer"),
        ("GET", "/api/conv3d/walk/limits", 404, "layer"),
        ("GET", "/api/conv2d/run/stream", 404, "algorithm"),
        ("GET", "/api/conv2d/run/limits", 404, "algorithm"),
        ("GET", "/api/conv2d/walk", 404, None),
        ("GET", "/api", 404, None),
        ("GET", "/nothing", 404, None),
        ("GET", "/api/layers/", 404, None),
        ("GET", "/conv2d/walk/?stride=1", 404, None),
        ("GET", "/static/x/nothing.js", 404, None),
        ("GET", "/assets/nothing.js", 404, None),
        ("POST", "/api/layers", 405, None),
        ("DELETE", "/api/conv2d/walk/stream", 405, None),
        ("POST", "/nothing", 405, None),
        ("GET", "/api/conv2d/walk/stream?x=" + "1" * limits_of_http.URL_BYTES, 414, None),
    ],
)
def test_every_error_has_the_one_form(client: TestClient, method: str, address: str, status: int, setting: str | None):
    response = client.request(method, address)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    told = response.json()
    assert list(told) == ["setting", "message"]
    assert told["setting"] == setting
    assert len(told["message"].split()) >= 4
    if status == 405:
        assert response.headers["allow"].startswith("GET, HEAD, OPTIONS")


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        ("in_height=65", limits.SIDE),
        ("in_channels=17", limits.CHANNELS),
        ("out_channels=17", limits.CHANNELS),
        ("kernel_height=12", limits.KERNEL),
        ("kernel_size=12", limits.KERNEL),
        ("stride=17", limits.STRIDE),
        ("padding=17", limits.PADDING),
        ("dilation=9", limits.DILATION),
        ("seed=100", limits.SEED),
        ("learning_rate=11", 10),
        ("learning_rate=1_0", 10),
        (
            "in_height=64&in_width=64&out_channels=16&kernel_size=11&padding=16&stride=1&dilation=8",
            f"dz_padded would have 495616 cells; at most {limits.CELLS} are shown",
        ),
        (
            "in_height=64&in_width=64&in_channels=16&kernel_size=11&padding=16&stride=1&dilation=8",
            f"the arrays of this walk would have 850164 cells; at most {limits.ALL_CELLS} are shown",
        ),
        ("in_height=64&in_width=64&out_channels=16&stride=1", f"at most {limits.STEPS} are walked"),
        (
            "in_height=32&in_width=32&in_channels=16&out_channels=1&kernel_size=11&stride=1&padding=5",
            f"cells; at most {limits.WRITES} are walked",
        ),
        ("x=[[[1000001]]]&kernel_size=1&padding=0", limits.MAGNITUDE),
    ],
)
def test_every_limit_is_told_in_the_refusal(client: TestClient, query: str, limit: object):
    response = client.get(f"{WALK}?{query}")
    assert response.status_code == 422
    assert response.json()["setting"]
    assert str(limit) in response.json()["message"]


def test_an_unexpected_error_is_logged_and_tells_nothing(caplog: pytest.LogCaptureFixture):
    app = create_app()

    def fail() -> None:
        raise ZeroDivisionError("a secret of the server")

    app.add_api_route("/api/broken/down/here", fail)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        response = client.get("/api/broken/down/here")
    assert response.status_code == 500
    assert list(response.json()) == ["setting", "message"]
    assert "secret" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"


def test_an_unexpected_error_reaches_the_log_of_the_server(tmp_path: Path):
    script = tmp_path / "broken.py"
    script.write_text(
        "import app.main, app.server.server, socket\n"
        "def fail(): raise ZeroDivisionError('a secret of the server')\n"
        "def made(*hosts, **how):\n"
        "    broken = app.main.create_app(*hosts, **how)\n"
        "    broken.add_api_route('/api/broken/down/here', fail)\n"
        "    return broken\n"
        "app.server.server.create_app = made\n"
        "s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)\n"
        "app.server.server.serve(s)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with running([sys.executable, script], env=environment, stdout=-1, stderr=-1) as process:
        port = next_line(process).strip()
        response = get(f"http://127.0.0.1:{port}/api/broken/down/here")
        process.terminate()
        _, log = process.communicate(timeout=30)
    assert response.status_code == 500
    assert "ZeroDivisionError: a secret of the server" in log


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ({"params": {"lang": "zh"}}, "zh"),
        ({"params": {"lang": "zh-CN"}}, "zh"),
        ({"headers": {"cookie": "lang=zh"}}, "zh"),
        ({"headers": {"cookie": "lang=zh"}, "params": {"lang": "en"}}, "en"),
        ({"headers": {"cookie": "lang=xx", "accept-language": "zh"}}, "zh"),
        ({"headers": {"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}}, "zh"),
        ({"headers": {"accept-language": "zh-Hans"}}, "zh"),
        ({"headers": {"accept-language": "zh-TW,zh;q=0.9"}}, "zh"),
        ({"headers": {"accept-language": "fr-FR"}}, "en"),
        ({"headers": {"accept-language": "en-GB;q=0.7, zh;q=0.8"}}, "zh"),
        ({"headers": {"accept-language": "en;q=0.8, zh;q=0.7"}}, "en"),
        ({"headers": {"accept-language": "de, fr;q=0.9, zh;q=0.1"}}, "zh"),
        ({"headers": {"accept-language": "zh;q=0"}}, "en"),
        ({"headers": {"accept-language": "en;q=0, *"}}, "zh"),
        ({"headers": {"accept-language": "*"}}, "en"),
        ({"headers": {"accept-language": "zh;q=nan, ;;,q=1"}}, "en"),
        ({"params": {"lang": "../../etc"}}, "en"),
        ({}, "en"),
    ],
)
def test_errors_speak_the_language_that_was_asked_for(client: TestClient, asked: dict[str, Any], language: str):
    message = client.get("/api/conv2d/walk/stream?stride=0", **merged(asked)).json()["message"]
    sentence = words.Words(language)("{setting} must be from {low} to {high}", setting="stride", low=1, high=16)
    assert message == sentence


def merged(asked: dict[str, Any]) -> dict[str, Any]:
    return {"params": {"stride": 0, **asked.get("params", {})}, "headers": asked.get("headers", {})}


def sentences() -> Iterator[str]:
    """Every template of an error, wherever app or core raises one."""
    for path in (*(ROOT / "app").rglob("*.py"), *(ROOT / "core").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("SettingError", "RequestError"):
                at = 1 if node.func.id == "SettingError" else 2
                if len(node.args) > at and isinstance(node.args[at], ast.Constant):
                    yield node.args[at].value
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("template", "wanted"):
                yield from (part.value for part in [node.value] if isinstance(part, ast.Constant))
    yield from errors.SENTENCES.values()


def test_every_error_can_be_said_in_every_language():
    assert len(set(sentences())) > 25
    for language in words.LANGUAGES[1:]:
        assert set(sentences()) <= words.Words(language).all.keys()


def test_words_fall_back_on_their_key():
    assert words.Words("zh")("a sentence nobody wrote about {n}", n=3) == "a sentence nobody wrote about 3"
    assert words.Words("en")("a key without values {like this}") == "a key without values {like this}"


# The app for others


def test_the_app_is_there_for_other_servers_and_made_when_one_asks_for_it():
    code = (
        "import app.main as m; from uvicorn.importer import import_from_string as get\n"
        "assert 'app' not in vars(m)\n"
        "assert get('app.main:app') is get('app.main:app') is m.app\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0


# The files of a page


def test_plotly_is_served_from_its_package_and_kept_for_ever(client: TestClient):
    import plotly

    response = client.get(files.plotly_url())
    assert response.content == (Path(plotly.__file__).parent / "package_data/plotly.min.js").read_bytes()
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) == len(gzip.compress(response.content, 6)) < 1_600_000
    assert response.headers["content-type"].startswith("text/javascript")
    assert "immutable" in response.headers["cache-control"]
    plain = client.get(files.plotly_url(), headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == response.content
    found = (files.plotly_file(),)
    modified = found[0].stat().st_mtime_ns
    assert assets._read(found, modified) is assets._read(found, modified)  # it was compressed once
    assert plotly.__version__ in files.plotly_url()


def test_the_app_finds_plotly_without_importing_it():
    found = "from app.ground import files; from app.render import assets; files.plotly_url(); files.plotly_file()"
    code = f"import sys; {found}; sys.exit('plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0


def test_every_static_file_is_served_with_its_type(client: TestClient):
    for path in filter(Path.is_file, STATIC.rglob("*")):
        response = client.get(static_url(path.relative_to(STATIC).as_posix()))
        assert response.content == path.read_bytes()
        assert "immutable" in response.headers["cache-control"]
        assert response.headers["content-type"].partition(";")[0] == {
            ".js": "text/javascript", ".json": "application/json", ".css": "text/css", ".svg": "image/svg+xml",
        }[path.suffix]  # fmt: skip
        known = client.get(response.url.path, headers={"if-none-match": response.headers["etag"]})
        assert known.status_code == 304


def test_a_static_file_is_there_under_another_version_but_not_to_be_kept(client: TestClient):
    response = client.get("/static/older/i18n/en.json")
    assert response.json() == json.loads((STATIC / "i18n/en.json").read_text())
    assert response.headers["cache-control"] == "no-cache"


def test_the_page_asks_for_all_style_sheets_at_once_and_the_first_of_them_comes_first(client: TestClient):
    [sheet] = re.findall(r'rel="stylesheet" href="([^"]+)"', client.get("/?lang=en").text)
    sheets = sorted(STATIC.glob("style/*.css"), key=lambda path: path.name != "page.css")
    texts = [path.read_text(encoding="utf-8") for path in sheets]
    assert client.get(sheet).text.startswith(texts[0])
    assert sorted(client.get(sheet).text.splitlines()) == sorted("".join(texts).splitlines())


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file in a `static/` of its own."""
    monkeypatch.setattr(files, "STATIC", tmp_path)
    for known in (found := (files.static_files, files.static_version)):
        known.cache_clear()
    (tmp_path / "lesson.css").write_text("a {}")
    yield tmp_path / "lesson.css"
    for known in found:
        known.cache_clear()


def test_a_file_that_is_edited_while_the_server_runs_is_served_anew_and_not_to_be_kept(
    client: TestClient, lesson: Path
):
    address = static_url(lesson.name)
    assert "immutable" in client.get(address).headers["cache-control"]
    lesson.write_text("b {}")
    os.utime(lesson, ns=(time.time_ns() + 10**9,) * 2)  # the clock of a file system may be a coarse one
    edited = client.get(address)
    assert (edited.text, edited.headers["cache-control"]) == ("b {}", "no-cache")
    lesson.unlink()
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("path", [
    "../pyproject.toml", "%2e%2e/pyproject.toml", "..%2fpyproject.toml", "i18n/../../LICENSE",
    "/etc/passwd", "%2fetc%2fpasswd", "i18n/en.json%00", "i18n", "", "a" * 300, "a/" * 3000, "./main.js", "//main.js",
    "%ff", "i18n/../main.js",
])  # fmt: skip
def test_nothing_outside_of_static_is_served(server: Server, path: str):
    with Streaming(server, f"/static/x/{path}") as request:
        response = request.answer()
        assert response.status == 404
        assert list(json.loads(response.read())) == ["setting", "message"]


@pytest.mark.parametrize("brought", ["x=[[[1,2],[3]]]", "b=[true,false]", "b=[1,null]", "w=[]", "x=u8:1x1x2:AA"])
def test_an_array_that_makes_no_sense_is_refused_by_name(client: TestClient, brought: str):
    response = client.get(f"/api/conv2d/pad/stream?{brought}")
    assert (response.status_code, response.json()["setting"]) == (422, brought[0])
