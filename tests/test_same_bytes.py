"""The same request gives the same bytes: twice in one process, and from two processes that hash differently.

So any number of workers, and any cache in front of them, can answer.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from app.api.scripts import WRITERS
from app.ground import files
from app.paths import STATIC
from core.catalog import LAYERS
from tests.conftest import Server, serving

# A layer's walk is made of its other algorithms; of one layer each of those is asked for too.
WALKS = [*((layer, "walk") for layer in LAYERS), *(("conv2d", name) for name in LAYERS["conv2d"].algorithms)]
QUERY = "seed=7&lang=zh"
SHORT = {"training": "&epochs=2"}
ADDRESSES = [
    "/", "/words", "/api/layers", "/api/openapi.json", "/api/pictures?lang=zh", "/api/pictures/digit-3-1?size=41",
    files.plotly_url(), "/conv2d/walk?stride=0", "/nothing",
    "/api/conv2d/walk/stream?start=100", "/api/conv2d/walk/stream?stride=0", "/?embed=1&hide=source&lang=zh",
    *(files.static_url(path.relative_to(STATIC).as_posix()) for path in STATIC.rglob("*.*")),
    *(f"/{layer}/walk?{QUERY}" for layer in LAYERS),
    *(f"/api/{layer}/walk/limits?{QUERY}" for layer in ("conv2d", "max_pool2d", "chain")),
    *(f"/api/{layer}/{algorithm}/stream?{QUERY}{SHORT.get(layer, '')}" for layer, algorithm in WALKS),
    *(f"/api/conv2d/walk/code?as={kind}&{QUERY}" for kind in WRITERS),
    *(f"/api/{layer}/walk/arrays.npz?{QUERY}" for layer in ("conv2d", "max_pool2d")),
    *(f"/api/{layer}/walk/figure?stop=map&{QUERY}" for layer in ("conv2d", "max_pool2d")),
    f"/conv2d/correlate/figure?{QUERY}", f"/api/conv2d/correlate/figure?{QUERY}",
    *(f"POST /api/conv2d/{what}?{QUERY}" for what in ("walk/stream", "walk/code", "walk/arrays.npz", "pad/figure")),
]  # fmt: skip
BODY = {"x": [[[0.1 * row * column for column in range(5)] for row in range(5)]], "b": "f32:2:AACAPwAAAEA"}


def answers(server: Server) -> dict[str, tuple[int, list[tuple[str, str]], bytes]]:
    """Every answer in full, but for the clock's part of it."""
    with httpx2.Client(base_url=server.url, timeout=60, headers={"accept": "text/html"}) as client:

        def ask(address: str) -> tuple[int, list[tuple[str, str]], bytes]:
            client.cookies.clear()  # a page sets one for the language that its address names
            method, _, path = address.rpartition(" ")
            answer = client.post(path, json=BODY) if method else client.get(address)
            headers = [(name, value) for name, value in answer.headers.items() if name != "date"]
            return answer.status_code, headers, answer.content

        return {address: ask(address) for address in ADDRESSES}


@pytest.mark.slow
def test_the_same_request_gives_the_same_bytes_whoever_answers_and_whenever(tmp_path: Path):
    with ExitStack() as stack:
        one, other = (stack.enter_context(serving(tmp_path / f"log{seed}", PYTHONHASHSEED=seed)) for seed in ("1", "2"))
        with ThreadPoolExecutor(2) as both:
            first, elsewhere = both.map(answers, (one, other))
        again = answers(one)
    for address, answer in first.items():
        assert answer == again[address], f"{address} differs the second time"
        assert answer == elsewhere[address], f"{address} differs from process to process"
    statuses = {status for status, _, _ in first.values()}
    assert statuses == {200, 404, 422}


def test_servers_with_other_limits_have_other_tags_as_their_bytes_may_differ(tmp_path: Path):
    address = "/api/conv2d/walk/stream"
    with (
        serving(tmp_path / "log1") as one,
        serving(tmp_path / "log2", CONVWALK_LIMIT_CHECKED_CELLS="4") as other,
    ):
        first, elsewhere = (httpx2.get(server.url + address, timeout=60) for server in (one, other))
    assert first.content != elsewhere.content
    assert first.headers["etag"] != elsewhere.headers["etag"]
