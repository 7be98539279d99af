"""What every answer carries, which requests are looked at at all, and who may show a page in a frame."""

import functools
import http.client
import http.server
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import expect

from app.gate.bodies import takes_body
from app.ground import embedding
from app.main import create_app
from tests.browser import NewReader
from tests.cases import each
from tests.conftest import ROOT, Server, serving

STREAM = "/api/conv2d/walk/stream"
LONG = f"{STREAM}?in_height=40&in_width=40&in_channels=3&out_channels=4&stride=1"  # seconds, of which a HEAD takes none
ADDRESSES = ["/", "/words", "/conv2d/walk", "/conv2d/walk?embed=1", "/conv2d/walk?stride=0", "/nothing", "/api/layers",
             STREAM, f"{STREAM}?stride=0", "/api/conv2d/walk/limits", "/api/conv2d/walk/code", "/api/openapi.json",
             "/api/nothing", "/static/x/page.css", "/static/x/i18n/en.json", "/assets/nothing.js"]  # fmt: skip
SELF = "frame-ancestors 'self'"
NOBODY = "frame-ancestors 'none'"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        yield client


# What every answer carries


@each("address", ADDRESSES)
@each("accept", ["text/html", "*/*"])
def test_every_answer_is_locked_down(client: TestClient, address: str, accept: str):
    headers = client.get(address, headers={"accept": accept}).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; ")
    assert "http" not in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert {"camera=(self)", "microphone=()", "geolocation=()"} <= set(headers["permissions-policy"].split(", "))
    # These would bind its readers to https, or make their browsers complain in a class-room without it.
    assert not {"strict-transport-security", "cross-origin-opener-policy", "origin-agent-cluster"} & headers.keys()
    assert not {"server", "x-powered-by", "access-control-allow-origin"} & headers.keys()


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_but_the_embed_view_can_be_framed(client: TestClient, address: str):
    policy = client.get(address, headers={"accept": "text/html"}).headers["content-security-policy"]
    assert (SELF if "embed" in address else NOBODY) in policy
    assert policy.count("frame-ancestors") == 1


def test_a_refusal_beside_the_control_is_shown_in_a_frame_too(client: TestClient):
    response = client.get("/conv2d/walk?embed=1&stride=0")
    assert response.status_code == 422
    assert SELF in response.headers["content-security-policy"]


# HEAD, OPTIONS, and what would write


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_is_answered_like_get_without_the_body(server: Server, address: str):
    def asked(method: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request(method, address, headers={"Accept-Encoding": "identity"})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        body = response.read()
        connection.close()
        # The one is of the clock, and the other of a body that is not there.
        for name in ("date", "transfer-encoding"):
            headers.pop(name, None)
        return response.status, headers, body

    status, headers, body = asked("GET")
    assert body
    assert asked("HEAD") == (status, headers, b"")


def test_the_head_of_a_walk_computes_none_of_its_steps(server: Server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("HEAD", LONG)  # finds its opening, which is kept
    assert connection.getresponse().read() == b""
    server.wait_until_idle()
    before = server.cpu()
    connection.request("HEAD", LONG)
    response = connection.getresponse()
    assert (response.status, response.getheader("content-type"), response.read()) == (200, "application/jsonl", b"")
    server.wait_until_idle()  # with a client that stays
    assert server.cpu() - before < 0.5
    connection.close()


def test_no_address_can_be_written_to(client: TestClient):
    """Another site can make a browser send any of these; none of them reaches a route."""
    addresses = [getattr(route, "path", "/") for route in client.app.routes]  # type: ignore[attr-defined]
    for address in [*ADDRESSES, *addresses]:
        allowed = "GET, HEAD, OPTIONS, POST" if takes_body(address) else "GET, HEAD, OPTIONS"
        for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"):
            response = client.request(method, address, headers={"origin": "https://evil.example"})
            if method in allowed:
                assert response.status_code == 415  # what a page of that site can send without asking is not read
                continue
            assert response.status_code == 405, (method, address)
            assert response.headers["allow"] == allowed
            assert response.json() == {"setting": None, "message": "this address can only be read (GET)"}
        response = client.options(
            address, headers={"origin": "https://evil.example", "access-control-request-method": "GET"}
        )
        assert (response.status_code, response.content) == (204, b"")
        assert response.headers["allow"] == allowed
        assert not [name for name in response.headers if name.startswith("access-control")]
    assert all(
        getattr(route, "methods", None) in (None, {"GET"}, {"GET", "HEAD"}, {"POST"})
        for route in client.app.routes  # type: ignore[attr-defined]
    )


# The pages of refusals


@pytest.mark.parametrize(("asked", "language"), [("en", "en"), ("zh-CN,zh;q=0.9", "zh-Hans"), ("fr", "en")])
def test_a_reader_of_pages_gets_a_page_with_a_way_on_and_a_program_gets_json(
    client: TestClient, asked: str, language: str
):
    page = client.get("/nothing", headers={"accept": "text/html,*/*;q=0.8", "accept-language": asked})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert f'<html lang="{language}">' in page.text
    assert ("there is nothing at this address" if language == "en" else "这个地址没有内容") in page.text
    assert '<a href="/">' in page.text
    assert len(page.content) < 4096
    for link in re.findall(r'<link .*?href="([^"]+)"', page.text):
        assert client.get(link).status_code == 200
    for address, accept in [("/api/x", "text/html"), ("/nothing", "*/*"), ("/nothing", "application/json")]:
        assert client.get(address, headers={"accept": accept}).headers["content-type"] == "application/json"


def test_a_refusal_keeps_the_language_that_its_address_asks_for(client: TestClient):
    page = client.get("/nothing?lang=zh", headers={"accept": "text/html", "accept-language": "en"})
    assert '<a href="/?lang=zh">' in page.text


@pytest.mark.parametrize(("query", "language"), [
    ("lang=zh", "zh"), ("%6Cang=zh", "zh"), ("l%61ng=%7ah-CN", "zh"), ("seed=1&lang=en", "en"),
    ("lang=zh&lang=en", "zh"), ("slang=zh", None), ("lang=fr", None), ("lang=", None),
    ("langs=zh", None), ("x=lang=zh", None), ("", None),
])  # fmt: skip
def test_every_page_agrees_on_whether_its_address_asks_for_a_language(
    client: TestClient, query: str, language: str | None
):
    for path in ("/words", "/join", "/conv2d/walk", "/nothing"):
        client.cookies.clear()
        page = client.get(f"{path}?{query}", headers={"accept": "text/html", "accept-language": "en"})
        assert ('<html lang="zh-Hans"' in page.text) == (language == "zh"), path
        if path != "/nothing":  # a refusal is not remembered
            assert client.cookies.get("lang") == language, path
        home = re.search(r'href="/(?:words|join)?(\?lang=[^"]*)?"', page.text)
        assert home, path
        assert home[1] == (f"?lang={language}" if language else None), path


def test_a_query_of_too_many_names_says_how_many_there_may_be(client: TestClient):
    address = "/api/conv2d/walk/limits?"
    assert "more than" not in client.get(address + "&".join(["stride=1"] * 100)).json()["message"]
    message = client.get(address + "&".join(["stride=1"] * 101)).json()["message"]
    assert message == "this address names more than 100 settings"


# Whose names are answered


@pytest.mark.parametrize("host", [
    "127.0.0.1", "127.0.0.1:8000", "localhost:8000", "LOCALHOST", "localhost.", "lesson.localhost", "localhost:",
    "[::1]:8000", "[::1]", "[fe80::1%25eth0]:80", "192.168.1.20:8000", "walk.example:80", "other.example",
    "Walk.Example.", "OWN-NAME", "own-name.local:8000", "own-name.school.example",
])  # fmt: skip
def test_our_own_names_are_answered(host: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CONVWALK_ALLOWED_HOSTS", "walk.example, third.example")
    monkeypatch.setattr(socket, "gethostname", lambda: "Own-Name.school.example")
    with TestClient(create_app(["Other.example"]), base_url="http://127.0.0.1") as client:
        assert client.get("/api/layers", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(("host", "status"), [
    ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("localhost.evil.example", 421), ("evil", 421),
    ("evil.local", 421), ("notlocalhost", 421), ("127.0.0.1..", 421), ("1.2.3.4.5", 421), ("[::1::1]", 421),
    ("", 400), ("evil.example:127.0.0.1", 400), ("[evil]", 400), ("walk.example@evil.example", 400), ("[", 400),
    ("evil@localhost", 400), ("localhost:80:80", 400), ("localhost:eighty", 400), ("localhost:8000000", 400),
    ("[::1]evil.example", 400), ("[::1", 400), ("::1", 400), ("localhost/evil", 400), ("localhost,evil", 400),
    ("http://localhost", 400), ("local host", 400),
])  # fmt: skip
def test_a_strange_name_is_refused(client: TestClient, host: str, status: int):
    for accept in ("text/html", "*/*"):
        response = client.get("/api/layers", headers={"host": host, "accept": accept})
        assert response.status_code == status
        assert "evil" not in response.text


# Frames


@pytest.mark.parametrize("sites", ["'self'", "'none'", "*", "https://example.org", "'self' https://*.example.edu:8443",
                                   "http://localhost:*  http://127.0.0.1:8000"])  # fmt: skip
def test_a_frame_belongs_where_it_is_configured(sites: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CONVWALK_EMBED_FROM", sites)
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        policy = client.get("/?embed=1").headers["content-security-policy"]
        assert policy.endswith(f"; frame-ancestors {' '.join(sites.split())}")
        assert client.get("/").headers["content-security-policy"].endswith(f"; {NOBODY}")


@pytest.mark.parametrize("sites", ["example.org", "self", "'none' 'self'", "* 'self'", "https://example.org/lesson",
                                   "https://example.org; script-src *", "https://exa_mple.org", "'unsafe-inline'",
                                   "https://example.org,https://example.edu", "javascript:", "https:"])  # fmt: skip
def test_what_is_no_site_is_said_in_a_sentence_before_anything_starts(sites: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CONVWALK_EMBED_FROM", sites)
    with pytest.raises(ValueError, match="CONVWALK_EMBED_FROM is 'self' and the addresses of sites"):
        create_app()


def test_the_command_says_it_too():
    environment = {"CONVWALK_EMBED_FROM": "example.org", "PATH": ""}
    command = [sys.executable, "-m", "app", "--no-browser", "--port", "0"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "'example.org' is none of these" in done.stderr


LESSON = """<!doctype html><meta charset=utf-8><title>A lesson</title><link rel=icon href=data:,>
<iframe src="{}" width=1000 height=700></iframe>
<script>told = []; addEventListener("message", ({{ data, origin }}) => told.push([origin, data.step]))</script>"""


@contextmanager
def site(folder: Path, page: str) -> Iterator[int]:
    """Somebody else's site, of one page; its port."""
    (folder / "lesson.html").write_text(page)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield other.server_port
        other.shutdown()


@pytest.mark.browser
def test_a_site_that_is_configured_embeds_a_walk_and_leads_it(new_reader: NewReader, tmp_path: Path):
    with serving(tmp_path / "log", CONVWALK_EMBED_FROM="http://localhost:*") as server:
        page = LESSON.format(f"{server.url}/conv2d/walk?embed=1&hide=source")
        with site(tmp_path, page) as port:
            reader = new_reader(server.url)
            reader.expect_complaint(f"leaves the machine: http://localhost:{port}/lesson.html")
            reader.page.goto(f"http://localhost:{port}/lesson.html")
            reader.page.frames[1].wait_for_function("() => window.convwalk?.ready.then(() => true)")
            reader.evaluate("(origin) => frames[0].postMessage({ convwalk: 'seek', step: 12 }, origin)", server.url)
            reader.wait("(origin) => told.some(([from, step]) => from === origin && step === 12)", server.url)
            reader.page.goto("about:blank")  # before the servers end


@pytest.mark.browser
def test_nobody_else_can_frame_a_page(new_reader: NewReader, tmp_path: Path, server: Server):
    page = LESSON.format(f"{server.url}/conv2d/walk?embed=1")
    with site(tmp_path, page) as port:
        reader = new_reader()
        reader.expect_complaint(f"leaves the machine: http://localhost:{port}/lesson.html")
        reader.expect_complaint("status of 403")
        reader.page.goto(f"http://localhost:{port}/lesson.html")
        inside = reader.page.frames[1].locator("body")
        expect(inside).to_contain_text("shows it in a frame of its own pages alone")
        expect(inside).to_contain_text("CONVWALK_EMBED_FROM")
        assert reader.evaluate("told") == []


FRAMED = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site", "Accept": "text/html", "Accept-Language": "en"}


def test_a_frame_that_may_show_nothing_says_why_in_a_page_that_has_nothing_in_it(client: TestClient):
    for address, why in (
        ("/conv2d/walk?embed=1&seed=7", "in a frame of its own pages alone"),
        ("/conv2d/walk?seed=7", "Only the embed view"),
        ("/words", "Only the embed view"),
    ):
        answer = client.get(address, headers=FRAMED)
        assert (answer.status_code, answer.headers["cache-control"]) == (403, "no-store"), address
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self';")
        assert policy.endswith("frame-ancestors *")
        assert why in answer.text
        assert not re.search("<script|<form|<input|seed|conv2d", answer.text)
    assert "不能在这个框架里显示" in client.get("/?embed=1&lang=zh", headers=FRAMED).text


@pytest.mark.parametrize(
    ("sites", "headers", "refused"),
    [
        ("'self'", {}, True),
        ("'self'", {"Sec-Fetch-Site": "same-site"}, True),
        ("'self'", {"Sec-Fetch-Site": "same-origin"}, False),
        ("'self'", {"Sec-Fetch-Dest": "document"}, False),
        ("'none'", {"Sec-Fetch-Site": "same-origin"}, True),
        ("*", {}, False),
        ("https://a.org", {"Referer": "https://a.org/"}, False),
        ("https://a.org", {"Referer": "https://b.org/"}, True),
        ("https://a.org", {"Referer": "https://a.org:8000/"}, True),
        ("https://a.org:*", {"Referer": "https://a.org:8000/"}, False),
        ("https://*.a.org", {"Referer": "https://x.a.org/"}, False),
        ("https://*.a.org", {"Referer": "https://a.org/"}, True),
        ("http://a.org", {"Referer": "https://a.org/"}, False),
        ("https://a.org", {}, False),  # it cannot be told: the browser decides
        ("https://a.org", {"Referer": "https://a.org:x["}, False),
    ],
)
def test_only_a_page_that_no_browser_would_show_is_kept_back(sites: str, headers: dict[str, str], refused: bool):
    asking = {name.lower(): value for name, value in (FRAMED | headers).items()}
    assert embedding.is_refused(sites, asking) == refused


def test_whoever_says_nothing_of_a_frame_gets_the_page_and_its_policy(client: TestClient):
    for headers in ({}, FRAMED | {"Sec-Fetch-Site": "same-origin"}):
        answer = client.get("/?embed=1", headers=headers)
        assert answer.status_code == 200
        assert SELF in answer.headers["content-security-policy"]


def address_in_the_neighbourhood() -> str:
    """One of this machine's own that is not the loopback's, to which browsers give less."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(("192.0.2.1", 9))  # nothing is sent
        return str(asking.getsockname()[0])


@pytest.mark.browser
def test_a_class_room_without_https_has_a_quiet_browser(new_reader: NewReader, tmp_path: Path):
    try:
        address = address_in_the_neighbourhood()
    except OSError:
        pytest.skip("this machine has no network")
    with serving(tmp_path / "log", "--host", "0.0.0.0") as server:
        reader = new_reader(f"http://{address}:{server.port}")
        reader.open().rest()  # leaving it fails the test if the browser has said anything
        assert not reader.evaluate("isSecureContext")
        assert reader.evaluate("document.fullscreenEnabled")
        reader.page.goto("about:blank")  # before the server ends
