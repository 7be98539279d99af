"""Clients that are slow, idle or endless: each is closed in time, and nobody else notices."""

import contextlib
import http.client
import json
import re
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.ground import limits
from tests.conftest import Server, serving

PAGE = "/conv2d/walk"
LONG = "/api/conv2d/walk/stream?in_height=28&in_width=28&in_channels=3&out_channels=2&stride=1"  # 15,000 steps, 4 MB
POST = b"POST /api/layers HTTP/1.1\r\nHost: 127.0.0.1\r\n"  # where no body is read
READ = POST.replace(b"layers", b"conv2d/walk/stream") + b"Content-Type: application/json\r\n"

on_linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads a process's numbers from /proc")


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits for a second where others wait for ten, or for a minute."""
    log = tmp_path_factory.mktemp("impatient") / "log.txt"
    seconds = dict.fromkeys(("CONVWALK_LIMIT_REQUEST_SECONDS", "CONVWALK_LIMIT_SEND_SECONDS"), "1")
    with serving(log, **seconds) as server:
        answered_in(server)  # a socket listens before its server is up
        yield server
    assert log.read_text() == ""


def connect(server: Server, *parts: bytes) -> socket.socket:
    connection = socket.socket()
    connection.settimeout(30)  # of a machine that is busy with something else
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64_000)  # what is not read stays with the server
    connection.connect(("127.0.0.1", server.port))
    for part in parts:
        connection.sendall(part)
    return connection


def ask(address: str, *headers: str) -> bytes:
    return "\r\n".join((f"GET {address} HTTP/1.1", "Host: 127.0.0.1", *headers, "", "")).encode()


def until_closed(connection: socket.socket, dripping: bytes = b"") -> tuple[bytes, float]:
    """All that still comes, and how long it took until the server closed; meanwhile something keeps dripping in."""
    began, heard = time.monotonic(), b""
    connection.settimeout(0.1)
    while time.monotonic() < began + 8:
        try:
            part = connection.recv(65536)
        except TimeoutError:
            with contextlib.suppress(OSError):
                connection.sendall(dripping)
            continue
        except ConnectionError:
            break
        if not part:
            break
        heard += part
    return heard, time.monotonic() - began


def told(answer: bytes) -> str:
    """The sentence of a refusal, which has the form of all others."""
    problem = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert list(problem) == ["setting", "message"]
    return problem["message"]


def answered_in(server: Server, address: str = "/api/layers") -> float:
    """The seconds until a request is answered; the best of a few, for the machine may be busy with something else."""
    times = []
    for _ in range(4):
        began = time.monotonic()
        with connect(server, ask(address, "Connection: close")) as connection:
            assert connection.recv(15) == b"HTTP/1.1 200 OK"
        times.append(time.monotonic() - began)
    return min(times)


UNENDED = {
    "headers": (b"GET / HTTP/1.1\r\nX-Note: ", b"1"),
    "an address": (b"GET /?", b"1"),
    "a body": (POST + b"Content-Length: 500\r\n\r\n", b"1"),
    "a body that is read": (READ + b"Content-Length: 90000\r\n\r\n{", b" "),
    "nothing of a body": (READ + b"Content-Length: 90000\r\n\r\n", b""),
    "chunks that are read": (READ + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "chunks": (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n1\r\n"),
    "empty lines": (b"", b"\r\n"),
    "nothing": (b"", b""),
}


@pytest.fixture(scope="module")
def closed(impatient: Server) -> dict[str, tuple[bytes, float]]:
    """What each request without an end has heard, and after how long: all of them at once, for each takes seconds."""

    def heard(begun: bytes, dripping: bytes) -> tuple[bytes, float]:
        with connect(impatient, begun) as connection:
            return until_closed(connection, dripping)

    with ThreadPoolExecutor(len(UNENDED)) as pool:
        return dict(zip(UNENDED, pool.map(heard, *zip(*UNENDED.values(), strict=True)), strict=True))


@pytest.mark.parametrize("name", UNENDED)
def test_a_request_that_does_not_come_to_its_end_is_closed_in_time(closed: dict[str, tuple[bytes, float]], name: str):
    heard, seconds = closed[name]
    assert 0.9 < seconds < 5  # a second, another two for the client to read why, and some for a busy machine
    if UNENDED[name][0].startswith((b"GET", READ)):  # another POST is told 405 at once, and silence is told nothing
        assert heard.startswith(b"HTTP/1.1 408 ")
        assert told(heard) == "a request must have come within 1 seconds"


def test_empty_lines_after_an_answer_do_not_keep_a_connection(impatient: Server):
    with connect(impatient, ask("/api/layers")) as connection:
        _, seconds = until_closed(connection, b"\r\n")
    assert seconds < 5


@pytest.mark.slow
def test_a_connection_is_kept_for_the_next_request(impatient: Server):
    with connect(impatient) as connection:
        for _ in range(3):
            connection.sendall(ask("/api/nothing"))
            answer = b""
            while not answer.endswith(b"}"):
                part = connection.recv(2000)
                assert part
                answer += part
            assert answer.startswith(b"HTTP/1.1 404 ")
            time.sleep(0.7)  # longer than a second altogether


@pytest.mark.slow
def test_a_long_answer_may_take_longer_than_its_request(impatient: Server):
    with connect(impatient, ask(LONG)) as connection:
        began = time.monotonic()
        while time.monotonic() < began + 2.5:
            assert connection.recv(8000)
            time.sleep(0.01)


HALVES = (
    b"",
    b"GET / HTTP/1.1\r\nX-Note: ",
    POST + b"Content-Length: 9\r\n\r\n",
    READ + b"Content-Length: 9\r\n\r\n{",
)


def test_idle_connections_lock_nobody_out(server: Server):
    with contextlib.ExitStack() as stack:
        for number in range(136):  # of those that are worked on at a time there are a hundred
            stack.enter_context(connect(server, HALVES[number % 4]))
        for _ in range(120):
            stack.enter_context(connect(server, HALVES[3]))
        assert answered_in(server) < 0.5
        assert answered_in(server, PAGE) < 1


@pytest.fixture
def few_files(tmp_path: Path) -> Iterator[Server]:
    """A server that the system allows 256 open files."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    program = (
        "import resource, runpy; resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256)); "
        "runpy.run_module('app', run_name='__main__')"
    )
    with serving(tmp_path / "log.txt", program=("-c", program)) as server:
        answered_in(server)
        yield server
    assert (tmp_path / "log.txt").read_text() == ""
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before


def test_idle_connections_lock_nobody_out_where_files_are_few(few_files: Server):
    with contextlib.ExitStack() as stack:
        for number in range(300):
            stack.enter_context(connect(few_files, HALVES[number % 4]))
        for _ in range(100):  # a body that does not come keeps no place either
            stack.enter_context(connect(few_files, HALVES[3]))
        assert answered_in(few_files) < 1
        with connect(
            few_files, ask(LONG, "Connection: close")
        ) as stream:  # which is not idle, however many come after it
            stream.recv(1000)
            for number in range(300):
                stack.enter_context(connect(few_files, HALVES[number % 4]))
            assert answered_in(few_files, PAGE) < 1
            heard, _ = until_closed(stream)
    assert heard.rstrip().endswith(b"0")  # it has its last chunk


def test_a_client_has_its_share_of_connections_and_loses_the_idle_one_that_was_quiet_for_longest(tmp_path: Path):
    with (
        serving(tmp_path / "log.txt", CONVWALK_LIMIT_CLIENT_CONNECTIONS="20") as server,
        contextlib.ExitStack() as stack,
    ):
        answered_in(server)
        first, second = (stack.enter_context(connect(server)) for _ in range(2))
        answered_in(server)  # so that the server has seen both
        first.sendall(ask("/api/nothing"))
        assert first.recv(12) == b"HTTP/1.1 404"
        others = [stack.enter_context(connect(server)) for _ in range(19)]
        assert until_closed(second)[1] < 2
        for kept in (first, others[0], others[-1]):
            kept.sendall(ask("/api/nothing"))
            assert b"HTTP/1.1 404" in kept.recv(2000) + kept.recv(2000)


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: %d\r\n\r\n",
        b"Content-Length: 9999999%d\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n",
        b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n",
    ],
    ids=["one byte too many", "many gigabytes", "chunks", "after a question"],
)
@pytest.mark.parametrize(("post", "most"), [(POST, limits.UNREAD_BYTES), (READ, limits.BODY_BYTES)])
def test_a_body_beyond_the_limit_is_refused_before_it_is_read(server: Server, body: bytes, post: bytes, most: int):
    chunk = b"1" * (most + 1) if b"chunked" in body else b""  # with the head: else the answer may be there before it
    with connect(server, post + body % (most + 1) + chunk) as connection:
        answer = b""
        while not answer.endswith(b"}"):
            answer += connection.recv(1000) or pytest.fail(f"it ended with {answer}")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert str(most) in told(answer)


@pytest.mark.parametrize("post", [POST, READ])
def test_endless_chunks_are_not_read(server: Server, post: bytes):
    with connect(server, post + b"Transfer-Encoding: chunked\r\n\r\n") as connection, contextlib.suppress(OSError):
        began = time.monotonic()
        while True:
            connection.sendall(b"400\r\n" + b"1" * 1024 + b"\r\n")
            assert time.monotonic() < began + 8


@on_linux
@pytest.mark.slow
def test_a_client_that_takes_nothing_is_cut_off_and_its_walk_ends(impatient: Server):
    with connect(impatient, ask(LONG)) as connection:
        time.sleep(4)  # a second for it to stand still, two of patience, one for a busy machine
        heard, _ = until_closed(connection)
    assert heard
    assert b'{"end":' not in heard
    impatient.wait_until_idle()


@pytest.mark.slow
def test_a_client_that_takes_a_large_file_slowly_gets_all_of_it(impatient: Server):
    with connect(impatient, ask("/", "Connection: close")) as connection:
        page, _ = until_closed(connection)
    plotly = re.search(rb"/assets/plotly[\w.-]+\.js", page)[0].decode()
    with connect(impatient, ask(plotly, "Accept-Encoding: identity", "Connection: close")) as connection:
        head = connection.recv(4000)
        began, heard = time.monotonic(), len(head.partition(b"\r\n\r\n")[2])
        while time.monotonic() < began + 4:  # longer than a second in which it is never up with what there is
            heard += len(connection.recv(8000))
            time.sleep(0.02)
        rest, _ = until_closed(connection)
    assert heard + len(rest) == int(re.search(rb"(?i)content-length: (\d+)", head)[1])


@on_linux
def test_slow_readers_hold_neither_memory_nor_turns(server: Server):
    def resident() -> int:
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{server.process.pid}/status").read_text())[1]) // 1024

    large = "/api/activation/walk/stream?channels=4&height=64&width=64&activation=tanh"  # 1.5 MB before its first step
    with connect(server, ask(large)) as first:  # its opening is known from now on
        first.recv(1)
    server.wait_until_idle()
    before = resident()
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(connect(server, ask(large)))
        server.wait_until_idle()
        assert resident() - before < 40  # together they would be 80
        assert answered_in(server, "/api/conv2d/walk/stream?seed=5") < 0.5


def test_ctrl_c_ends_forty_streams_in_under_a_second(tmp_path: Path):
    seconds = []
    for _ in range(8):  # a machine that is busy with something else takes longer
        with contextlib.ExitStack() as stack:
            server = stack.enter_context(serving(tmp_path / "log.txt"))
            streams = [stack.enter_context(connect(server, ask(LONG))) for _ in range(40)]
            for stream in streams[::2]:  # the others read nothing at all
                assert stream.recv(1000)
            began = time.monotonic()
            server.process.send_signal(signal.SIGINT)
            assert server.process.wait(timeout=10) == 0
            seconds.append(time.monotonic() - began)
        assert (tmp_path / "log.txt").read_text() == ""
        if seconds[-1] < 1:
            break
    assert min(seconds) < 1


def test_the_second_request_of_a_connection_is_answered_at_once_too(server: Server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    waits = []
    for _ in range(12):
        began = time.perf_counter()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        waits.append(time.perf_counter() - began)
    connection.close()
    assert sorted(waits)[len(waits) // 2] < 0.03  # two systems that wait for each other take 0.04 and more
