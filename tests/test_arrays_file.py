"""All arrays of a walk as one file: NumPy reads it, and the walk can be opened again from it alone."""

import io
import json
import struct
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from fastapi.testclient import TestClient

import core
from app.main import create_app
from core.catalog import LAYERS, Run
from tests.addresses import to_query
from tests.asked import SETTINGS
from tests.cases import each

ASKED = [(layer, settings) for layer in LAYERS for settings in ({}, *SETTINGS.get(layer, []))]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        yield client


def opened(file: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(file), allow_pickle=False) as arrays:
        return dict(arrays)


def query_of(layer: str, settings: dict[str, Any]) -> str:
    """Settings as an address has them, with arrays of another seed."""
    run = Run.of(layer, **{"seed": 6, **settings})
    brought = {name: run.start[name] / 3 for name in list(LAYERS[layer].axes)[::2]}
    return to_query(LAYERS[layer], run.settings.plain(), brought)


@each("asked", ASKED)
def test_a_walk_is_opened_again_from_its_file_alone(client: TestClient, asked: tuple[str, dict[str, Any]]):
    layer, settings = asked
    query = query_of(layer, settings) if settings else ""
    answer = client.get(f"/api/{layer}/walk/arrays.npz?{query}")
    assert answer.status_code == 200
    told = json.loads(opened(answer.content)["convwalk"].tobytes())
    assert list(told) == ["layer", "algorithm", "settings", "arrays"]
    body = {name: opened(answer.content)[name].tolist() for name in told["arrays"]}
    assert bool(body) == bool(query)
    again = f"/api/{told['layer']}/{told['algorithm']}/arrays.npz?{urlencode(told['settings'])}"
    assert (client.post(again, json=body) if body else client.get(again)).content == answer.content


@each("asked", ASKED)
def test_it_has_what_a_run_begins_with_and_what_it_comes_to(client: TestClient, asked: tuple[str, dict[str, Any]]):
    layer, settings = asked
    run = Run.of(layer, **settings)
    end, roles = core.run(layer, **settings), {name: one.role for name, one in run.layer.arrays(run.settings).items()}
    found = opened(client.get(f"/api/{layer}/walk/arrays.npz?{to_query(run.layer, run.settings.plain(), {})}").content)
    found.pop("convwalk")
    for name, array in found.items():
        wanted = run.start[name] if name in run.given else end[name.removesuffix("_after")]
        np.testing.assert_array_equal(array, wanted, strict=True)
    changed = {f"{name}_after" for name in run.given if not np.array_equal(run.start[name], end[name])}
    assert {name for name in found if name.endswith("_after")} == changed
    assert {name for name in roles if name in run.layer.axes} <= found.keys()
    assert not [name for name in found if roles.get(name) == "scratch" or name.endswith("_nudged")]
    assert not [name for name in roles if name.endswith("_after")], "a name that the file gives to what has changed"


def test_a_chapter_has_its_own_arrays_and_those_that_were_brought(client: TestClient):
    found = opened(
        client.get("/api/conv2d/correlate/arrays.npz?dy=[[[1,2,3],[4,5,6],[7,8,9]],[[1,2,3],[4,5,6],[7,8,9]]]").content
    )
    assert list(found) == ["convwalk", "x_padded", "w", "b", "z", "dy"]
    np.testing.assert_array_equal(found["z"], core.run("conv2d", "correlate")["z"])


def test_the_file_is_plain_and_bears_no_date(client: TestClient):
    answer = client.get("/api/conv2d/walk/arrays.npz")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-encoding"] == "gzip"  # on its way; the file itself is plain
    assert answer.headers["content-disposition"] == 'attachment; filename="conv2d-walk.npz"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert (entry.compress_type, entry.flag_bits) == (zipfile.ZIP_STORED, 0)
            data = archive.read(entry)
            assert data[:8] == b"\x93NUMPY\x01\x00"  # with a header of two bytes' length
            (length,) = struct.unpack("<H", data[8:10])
            assert (b"'descr': '<f8'" in data[:length]) == (entry.filename != "convwalk.npy")


def test_whoever_has_the_file_is_told_that_it_still_holds(client: TestClient):
    address = "/api/max_pool2d/walk/arrays.npz?seed=3"
    first = client.get(address)
    assert client.get(address, headers={"if-none-match": first.headers["etag"]}).status_code == 304
    assert client.get(f"{address}&stride=1").headers["etag"] != first.headers["etag"]
    assert client.get(f"{address}&ties=first").headers["etag"] == first.headers["etag"]  # the same walk
