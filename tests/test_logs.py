"""What the server writes down: nothing while all is well, a line a request if asked, and nothing of anybody."""

import re
import socket
import time
from pathlib import Path

import pytest

from app import __version__
from tests.conftest import Server, serving
from tests.test_cli import LONG, ask, get

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} INFO (\S+ \S+ \d+) \d+ ms (\d+) bytes( cut short)?")
PRIVATE = {"User-Agent": "Somebody/1.0", "Cookie": "lang=zh; who=somebody", "Referer": "http://127.0.0.1/somebody"}


def lines(log: Path, count: int) -> list[str]:
    """The lines of a log, once there are so many."""
    for _ in range(100):
        if len(log.read_text().splitlines()) >= count:
            break
        time.sleep(0.1)
    return log.read_text().splitlines()


def odd_clients(server: Server) -> None:
    """One that speaks no HTTP, one that wants a web socket, one that leaves in mid-stream, one that is refused."""
    for said in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n", b"NONSENSE\r\n\r\n"):
        with ask(server, "/healthz") as connection:
            connection.recv(65536)
            connection.sendall(said)
            connection.recv(65536)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    get(server.url + "/healthz", headers=upgrade)
    with ask(server, LONG) as connection:
        connection.recv(65536)
    assert get(server.url + "/nothing").status_code == 404


def test_while_all_is_well_nothing_is_written_whoever_comes(tmp_path: Path):
    log = tmp_path / "log.txt"
    with serving(log) as server:
        odd_clients(server)
        assert get(server.url + "/healthz").status_code == 200
    assert log.read_text() == ""


def test_a_line_has_the_path_the_status_the_time_and_the_bytes_and_nothing_of_whoever_asked(tmp_path: Path):
    log = tmp_path / "log.txt"
    with serving(log, CONVWALK_LOG_LEVEL="info") as server:
        plain = PRIVATE | {"Accept-Encoding": "identity"}
        pages = [get(server.url + address, headers=plain) for address in ("/api/layers", "/conv2d/walk?b=[1,23456]")]
        assert get(server.url + "/no%0asuch%1b[31m/%E4%BD%A0?b=23456", headers=PRIVATE).status_code == 404
        with ask(server, LONG + "&b=[1,23456,0]") as connection:
            connection.recv(65536)
        written = lines(log, 4)
        matches = [LINE.fullmatch(line) for line in written]
        assert all(matches), written
        assert [match[1] for match in matches] == [
            "GET /api/layers 200",
            "GET /conv2d/walk 200",
            "GET /no%0asuch%1b[31m/%E4%BD%A0 404",
            f"GET {LONG.partition('?')[0]} 200",
        ]
        assert [int(match[2]) for match in matches[:2]] == [len(page.content) for page in pages]
        assert [bool(match[3]) for match in matches] == [False, False, False, True]  # and only once it has ended
    text = log.read_text()
    for private in ("23456", "omebody", "127.0.0.1", "\x1b"):
        assert private not in text


@pytest.mark.slow
def test_what_is_refused_before_it_has_come_has_its_line_too_and_a_date(tmp_path: Path):
    log = tmp_path / "log.txt"
    host = "Host: 127.0.0.1\r\n"
    refused = {
        "- - 400": "\x16\x03\x01 hello\r\n\r\n",
        "GET /a%0ab 400": f"GET /a%0ab?b=23456 HTTP/1.1\r\n{host}no colon\r\n\r\n",
        "GET /c 400": "GET http://somebody@127.0.0.1/c?b=23456 HTTP/1.1\r\n: no name\r\n\r\n",
        "GET /d 408": "GET /d?b=23456 HTTP/1.1\r\n",
        "POST /api/layers 413": f"POST /api/layers?b=23456 HTTP/1.1\r\n{host}Content-Length: 2000\r\n\r\n",
        "POST /g 413": f"POST /g HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n7d0\r\n{'6' * 2000}\r\n",
        "GET /e 414": f"GET /e?b=23456{'6' * 64_000} HTTP/1.1\r\n",
        "GET /f 431": f"GET /f?b=23456 HTTP/1.1\r\nX: {'6' * 32_000}\r\n\r\n",
    }
    with serving(log, CONVWALK_LOG_LEVEL="info", CONVWALK_LIMIT_REQUEST_SECONDS="1") as server:
        for line, request in refused.items():
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
                connection.sendall(request.encode("latin-1"))
                head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
            assert head.startswith(f"HTTP/1.1 {line[-3:]} ".encode())
            assert re.search(rb"(?m)^date: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\r?$", head)
            [*_, written] = lines(log, 1 + list(refused).index(line))
            match = LINE.fullmatch(written)
            assert match, written
            assert (match[1], int(match[2])) == (line, len(body))
    assert len(log.read_text().splitlines()) == len(refused)
    for private in ("23456", "omebody", "127.0.0.1"):
        assert private not in log.read_text()


def test_the_health_of_a_server_is_told_at_once_while_all_its_threads_are_busy(server: Server):
    streams = [ask(server, f"{LONG}&seed={seed}") for seed in range(12)]
    try:
        best = 9.0
        for _ in range(10):
            began = time.monotonic()
            answer = get(server.url + "/healthz", headers={"Host": "10.1.2.3:80"})  # as a load balancer asks
            best = min(best, time.monotonic() - began)
            assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": __version__})
            assert answer.headers["cache-control"] == "no-store"
        assert best < 0.25
    finally:
        for stream in streams:
            stream.close()


def test_nobody_is_believed_about_how_a_request_came_but_the_proxies_that_were_named(server: Server, tmp_path: Path):
    forwarded = {"Host": "198.51.100.20", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}

    def shown(asked: Server) -> str:
        return re.search(r'class="address"><a href="([^"]*)"', get(asked.url + "/join", headers=forwarded).text)[1]

    assert shown(server) == "http://198.51.100.20/"
    with serving(tmp_path / "other.txt", "--trusted-proxy", "10.0.0.0/8", FORWARDED_ALLOW_IPS="*") as other:
        assert shown(other) == "http://198.51.100.20/"
    with serving(tmp_path / "this.txt", CONVWALK_TRUSTED_PROXIES="10.0.0.1, 127.0.0.0/8") as this:
        assert shown(this) == "https://198.51.100.20/"
