"""What the server writes down: nothing while all is well, a line a request if asked, and nothing of anybody."""

import re
import time
from pathlib import Path

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
