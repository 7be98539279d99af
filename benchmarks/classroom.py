"""How long it takes from a teacher's step until the last follower of a room has it.

One worker, 500 followers at the same time, each on a connection and from an address of its own, and a teacher who goes
on four times a second: the walk stays the same, so that a step is all that is said. The followers are one process on
the same machine, which takes what has come from whichever connection has something; its part of the time is in the
figure. Beside it, in turns, the same followers of a plain loop that writes as many bytes to as many connections. Then
all of it once more with two workers that have the room in a Redis, where there is one.
"""

import http.client
import json
import resource
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from statistics import median

from benchmarks.server import ROOT, Server, serving
from benchmarks.table import Figure, middle_ratio, p95

FOLLOWERS = 500
STEPS = 60
PAUSE = 0.25  # seconds between two steps
LATEST = 10.0  # seconds after which somebody has not got it

WALK = {"layer": "conv2d", "algorithm": "walk", "query": "stride=1"}


def measure() -> list[Figure]:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    figures = _measured("", "--class")
    if shutil.which("redis-server"):
        with _redis() as address:
            figures += _measured("two workers and a Redis: ", "--class", address, "--workers", "2")
    return figures


def _measured(how: str, *options: str) -> list[Figure]:
    with serving(*options) as server, ExitStack() as stack:
        teacher = _Teacher(server)
        teacher.move(0)
        before = _memory(server, "VmRSS")
        followers = stack.enter_context(_followers(teacher))
        with_all = _memory(server, "VmRSS")
        plain, say = stack.enter_context(_plain())
        spent = _processor(server)
        room, loop = [], []
        for step in range(1, STEPS + 1):
            room.append(_seconds_to_all(followers, step, lambda step=step: teacher.move(step)))  # type: ignore[misc]
            time.sleep(PAUSE / 2)
            loop.append(_seconds_to_all(plain, step, lambda step=step: say(step)))  # type: ignore[misc]
            time.sleep(PAUSE / 2)
        worked = 1000 * (_processor(server) - spent) / STEPS
        peak = _memory(server, "VmHWM")
    ratio = middle_ratio(room, loop)
    memory = f"{with_all:.0f} MB, {peak:.0f} MB"
    what = f"{how}a step of a teacher, until {FOLLOWERS} followers have it"
    return [
        Figure(what, _told(room), f"plain: {_told(loop)}", ratio),
        Figure(f"{how}work of the server for one such step", f"{worked:.0f} ms"),
        Figure(f"{how}memory of the server with all of them, and at its peak", memory, f"with nobody: {before:.0f} MB"),
    ]


def _memory(server: Server, field: str) -> float:
    return sum(one.memory(field) for one in server.all())


def _processor(server: Server) -> float:
    return sum(one.processor() for one in server.all())


@contextmanager
def _redis() -> Iterator[str]:
    """The address of a Redis that is there for a while, and keeps nothing."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir()) as process:
        try:
            while process.poll() is None:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.02)
            yield f"redis://127.0.0.1:{port}"
        finally:
            process.terminate()


class _Teacher:
    def __init__(self, server: Server) -> None:
        self.server = server
        self._connection = http.client.HTTPConnection(*server.address)
        opened = self.post("", {}, {})
        self.code = opened["code"]
        self._key = {"Authorization": f"Bearer {opened['key']}"}

    def move(self, step: int) -> None:
        self.post(f"/{self.code}/moment", {"walk": WALK, "step": step} if not step else {"step": step}, self._key)

    def post(self, path: str, said: dict[str, object], headers: dict[str, str]) -> dict[str, str]:
        kinds = {"Origin": self.server.url, "Content-Type": "application/json"}
        self._connection.request("POST", f"/api/rooms{path}", json.dumps(said), headers | kinds)
        answer = self._connection.getresponse()
        told: dict[str, str] = json.loads(answer.read())
        assert answer.status == 200, told
        return told


@contextmanager
def _followers(teacher: _Teacher) -> Iterator[selectors.BaseSelector]:
    """Connections that follow a room, each from an address of its own, and have its whole state already."""
    with selectors.DefaultSelector() as all_of_them, ExitStack() as stack:
        for number in range(FOLLOWERS):
            seat = teacher.post(f"/{teacher.code}/join", {}, {})["seat"]
            one = stack.enter_context(_connected(teacher.server.address, number))
            host = "{}:{}".format(*teacher.server.address)
            head = (
                f"GET /api/rooms/{teacher.code}/events HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {seat}\r\n\r\n"
            )
            one.sendall(head.encode())
            while b'"step":0,' not in one.recv(65536):
                pass
            all_of_them.register(one, selectors.EVENT_READ)
            if not number % 50:
                time.sleep(0.2)  # one address has all the joins, and so many at a time
        yield all_of_them


@contextmanager
def _plain() -> Iterator[tuple[selectors.BaseSelector, Callable[[int], None]]]:
    """As many connections to a plain loop of writes, and what has it write."""
    command = [sys.executable, "-m", "benchmarks.writes", str(FOLLOWERS)]
    with (
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process,
        selectors.DefaultSelector() as all_of_them,
        ExitStack() as stack,
    ):
        assert process.stdout is not None
        address = "127.0.0.1", int(process.stdout.readline())
        first = stack.enter_context(_connected(address, 0))
        for number in range(FOLLOWERS):
            all_of_them.register(stack.enter_context(_connected(address, number)), selectors.EVENT_READ)
        yield all_of_them, lambda step: first.sendall(_event(step))


def _event(step: int) -> bytes:
    """What a room sends of a step, with its frame."""
    at: dict[str, dict[str, object]] = {"at": {"step": step, "cell": None, "spotlight": None, "more": {}}}
    event = f"data: {json.dumps(at, separators=(',', ':'))}\nid: {step}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(event), event)


def _connected(address: tuple[str, int], number: int) -> socket.socket:
    one = socket.socket()
    one.bind((f"127.0.{1 + number // 250}.{1 + number % 250}", 0))
    one.connect(address)
    return one


def _seconds_to_all(followers: selectors.BaseSelector, step: int, act: Callable[[], None]) -> float:
    """From an act until all have its step."""
    mark, missing = b'"step":%d,' % step, FOLLOWERS
    began = time.perf_counter()
    act()
    while missing:
        ready = followers.select(LATEST)
        assert ready, f"{missing} followers never heard of step {step}"
        for key, _ in ready:
            one = key.fileobj
            assert isinstance(one, socket.socket)
            missing -= mark in one.recv(65536)
    return time.perf_counter() - began


def _told(seconds: list[float]) -> str:
    return f"{1000 * median(seconds):.0f} ms, 95th percentile {1000 * p95(seconds):.0f} ms"
