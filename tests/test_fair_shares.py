"""Who shares a server: nobody waits for what others ask of it, and nobody can ask for more than there is."""

import asyncio
import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from app.ground import limits
from app.walks.shares import RESERVED, BusyError, Room, Turns, client_of
from app.walks.walk_request import WalkRequest
from app.walks.walks import Walks
from core.catalog import Run
from core.recording.trace import finished
from tests.conftest import Server, serving

WALK = "/api/conv2d/walk/stream"
LONG = f"{WALK}?in_height=64&in_width=64&in_channels=3&out_channels=3&stride=1"  # 126,000 steps, many seconds
LARGEST = "/api/activation/walk/stream?channels=16&height=64&width=64&activation=tanh"  # most cells
SLOW_PAGE = "/conv2d/walk?in_height=12&in_width=12&in_channels=3&out_channels=2&stride=1"  # 0.2 seconds of computing

Result = TypeVar("Result")

on_linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="127.0.0.2 and /proc are Linux's")


# Turns, and room


class _Timed(asyncio.SelectorEventLoop):
    """Nothing is waited for on it but time, which passes at once and exactly: a machine that is busy, and stands
    still in the middle of a turn, changes no order.
    """

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        select = self._selector.select

        def passed(seconds: float | None) -> list[Any]:
            self._now += seconds or 0
            return select(0)

        self._selector.select = passed

    def time(self) -> float:
        return self._now


def timed(scene: Coroutine[Any, Any, Result]) -> Result:
    """What comes of it, on a clock of its own."""
    with asyncio.Runner(loop_factory=_Timed) as runner:
        return runner.run(scene)


def order(*asking: tuple[str, float]) -> list[str]:
    """In which order clients have their turn who all ask for one, each with what its request has computed so far."""
    had: list[str] = []

    async def one(turns: Turns, client: str, spent: float) -> None:
        async with turns.of(client, spent):
            had.append(f"{client}{spent:g}")
            await asyncio.sleep(0.01)  # what a turn takes

    async def all_of_them() -> None:
        turns = Turns(1)
        async with turns.of("somebody"):
            waiting = [asyncio.create_task(one(turns, *each)) for each in asking]
            await asyncio.sleep(0)
        await asyncio.gather(*waiting)

    timed(all_of_them())
    return had


def test_clients_have_turns_alternately_however_many_requests_each_has():
    assert order(*[("A", 0)] * 4, ("B", 0), ("B", 0)) == ["A0", "B0", "A0", "B0", "A0", "A0"]


def test_who_asks_for_much_and_waits_for_long_does_not_go_ahead_of_who_comes_later():
    async def scene() -> int:
        turns, had = Turns(1), []

        async def one(client: str, seconds: float) -> None:
            async with turns.of(client):
                had.append(client)
                await asyncio.sleep(seconds)

        await one("B", 0.06)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(14):
                tasks.create_task(one("A", 0.02))
            await asyncio.sleep(0.15)  # by now A has had more than B
            before = len(had)
            tasks.create_task(one("B", 0))
        return had.index("B", 1) - before

    assert timed(scene()) <= 1


def test_of_one_client_the_request_goes_first_that_has_computed_least():
    assert order(("A", 3), ("A", 2), ("A", 1)) == ["A1", "A2", "A3"]


def test_a_turn_that_nobody_wants_any_more_goes_to_the_next():
    async def scene() -> int:
        turns, had = Turns(1), 0

        async def one() -> None:
            nonlocal had
            async with turns.of("A"):
                had += 1

        async with turns.of("somebody"):
            given_up = [asyncio.create_task(one()) for _ in range(3)]
            last = asyncio.create_task(one())
            await asyncio.sleep(0)
            given_up[0].cancel()  # while it waits
            await asyncio.sleep(0)
            given_up[1].cancel()  # just before its turn comes
        given_up[2].cancel()  # just after it came
        async with asyncio.timeout(5):
            await asyncio.gather(*given_up, last, return_exceptions=True)
            async with turns.of("somebody else"):
                return had

    assert asyncio.run(scene()) == 1


def test_a_large_walk_waits_until_there_is_room_for_it_and_a_small_one_goes_ahead(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "STREAMED_CELLS", 10 * RESERVED)
    had: list[str] = []

    async def one(room: Room, client: str, cells: int, free: asyncio.Event) -> None:
        async with room.hold(client, cells):
            had.append(f"{client}{cells // RESERVED}")
            await free.wait()

    async def scene() -> None:
        room, first, rest = Room(), asyncio.Event(), asyncio.Event()
        rest.set()
        streams = [asyncio.create_task(one(room, "A", 4 * RESERVED, first))]
        for client, size in (("A", 3), ("B", 6), ("C", 1)):  # A may have half, B takes more than is left
            streams.append(asyncio.create_task(one(room, client, size * RESERVED, rest)))
        await asyncio.sleep(0.05)
        assert had == ["A4", "B6", "C1"] or had == ["A4", "C1"]
        first.set()
        await asyncio.gather(*streams)
        assert sorted(had) == ["A3", "A4", "B6", "C1"]
        assert not room._cells
        assert not room._streams

    asyncio.run(scene())


def test_however_many_ask_for_large_walks_there_is_room_for_small_ones(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "WAIT_SECONDS", 0.05)
    most = limits.STREAMED_CELLS // 2 // 234_523  # of the largest walks there are

    async def held(room: Room, client: str, cells: int, until: asyncio.Event) -> bool:
        try:
            async with room.hold(client, cells):
                await until.wait()
                return True
        except BusyError:
            return False

    async def scene() -> tuple[int, int]:
        room, until = Room(), asyncio.Event()
        large = [asyncio.create_task(held(room, f"L{each}", 234_523, until)) for each in range(30)]
        await asyncio.sleep(0)
        small = [asyncio.create_task(held(room, f"S{each}", 700, until)) for each in range(200)]
        await asyncio.sleep(0.2)
        until.set()
        return sum(await asyncio.gather(*large)), sum(await asyncio.gather(*small))

    assert asyncio.run(scene()) == (most, 200)


def test_room_that_does_not_come_is_refused_in_time_and_the_limit_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "STREAMED_CELLS", 2 * RESERVED)
    monkeypatch.setattr(limits, "WAIT_SECONDS", 0.05)

    async def scene() -> BusyError:
        room = Room()
        async with room.hold("A", RESERVED):
            with pytest.raises(BusyError) as refused:
                async with room.hold("A", RESERVED):
                    pass
        async with room.hold("A", 9 * RESERVED):  # alone, every legal walk has room
            return refused.value

    refused = asyncio.run(asyncio.wait_for(scene(), 5))
    assert (refused.status, refused.values) == (429, {"limit": RESERVED})  # a client may have half


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("2001:db8:1:2::9", "2001:0db8:0001:0002"),
        ("testclient", "testclient"),
        ("::ffff:192.0.2.7", "192.0.2.7"),  # as a proxy forwards it that listens to both kinds
        ("192.0.2.7:4321", "192.0.2.7"),
        ("fe80::1", "fe80::1"),  # the neighbours of one link have no network of their own
    ],
)
def test_a_client_is_an_address_or_the_network_of_an_ipv6_one(address: str, client: str):
    assert client_of({"client": (address, 1234)}) == client


def test_a_socket_without_addresses_is_one_client():
    assert client_of({"client": None}) == client_of({}) == ""


# A server


class Visit:
    """A request by one of many clients, each with an address of its own, and when its answer came."""

    def __init__(self, server: Server, address: str, client: str = "127.0.0.1") -> None:
        self.began = time.monotonic()
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=60, source_address=(client, 0))
        self.socket.sendall(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())

    is_waiting = True

    def read(self) -> bytes:
        """The whole answer, of a long one its beginning and its end."""
        heard = b""
        with self.socket, contextlib.suppress(OSError):
            while part := self.socket.recv(65536):
                heard = heard[:2000] + (heard[2000:] + part)[-2000:]
        self.is_waiting = False
        return heard

    def seconds_to(self, mark: bytes) -> float:
        """Seconds until the mark came."""
        heard = b""
        with self.socket:
            while mark not in heard:
                part = self.socket.recv(65536)
                assert part, heard[-300:]
                heard = heard[-1000:] + part
        return time.monotonic() - self.began


@contextlib.contextmanager
def crowd(server: Server, addresses: list[tuple[str, str]], *, reading: bool) -> Iterator[list[Visit]]:
    """Visits that are under way, and given up in the end."""
    visits = [Visit(server, address, client) for address, client in addresses]
    readers = [threading.Thread(target=visit.read, daemon=True) for visit in visits if reading]
    for reader in readers:
        reader.start()
    try:
        yield visits
    finally:
        for visit in visits:
            with contextlib.suppress(OSError):
                visit.socket.shutdown(socket.SHUT_RDWR)
            visit.socket.close()


@on_linux
@pytest.mark.parametrize("client", ["127.0.0.2", "127.0.0.1"], ids=["of another client", "of the same client"])
def test_thirty_long_streams_do_not_starve_a_short_one(server: Server, client: str):
    long = [(f"{LONG}&seed={30 + number % 3}", "127.0.0.1") for number in range(30)]
    with crowd(server, long, reading=True):
        time.sleep(0.5)
        seeds = range(60, 66) if client == "127.0.0.2" else range(66, 72)
        # Of a few tries: the machine may be busy with something else.
        assert any(Visit(server, f"{WALK}?seed={seed}", client).seconds_to(b'{"steps"') < 1 for seed in seeds)
        assert any(Visit(server, WALK, client).seconds_to(b'{"end"') < 2 for _ in range(6))
    server.wait_until_idle()


@on_linux
def test_forty_slow_pages_make_nobody_else_wait(server: Server):
    slow = [(f"{SLOW_PAGE}&seed={seed}", "127.0.0.1") for seed in range(40)]
    with crowd(server, slow, reading=True) as pages:
        time.sleep(0.1)
        assert any(Visit(server, "/api/layers", "127.0.0.2").seconds_to(b"}]}") < 0.5 for _ in range(6))
        assert any(Visit(server, WALK, "127.0.0.2").seconds_to(b'{"steps"') < 1 for _ in range(6))
        pages_of_others = (f"/conv2d/walk?seed={seed}" for seed in range(1, 7))
        assert any(Visit(server, page, "127.0.0.2").seconds_to(b"</html>") < 1 for page in pages_of_others)
        assert any(page.is_waiting for page in pages)  # until now
    time.sleep(1)
    server.wait_until_idle()  # nobody waits for the rest


def test_a_walk_that_many_ask_for_is_opened_once_for_all_of_them():
    walks = Walks()
    asked = WalkRequest("key", 1, partial(Run.planned, "conv2d", "pad"))
    first, second = walks.opening(asked), walks.opening(asked)
    assert next(first) == b""
    assert [next(second), next(second)] == [None, None]  # it is to come back later
    _, opening = finished(first)
    assert finished(second)[1] is opening


def test_who_opens_a_walk_and_leaves_holds_nobody_up():
    walks = Walks()
    asked = WalkRequest("key", 1, partial(Run.planned, "conv2d", "pad"))
    first, second = walks.opening(asked), walks.opening(asked)
    assert (next(first), next(second)) == (b"", None)
    first.close()
    assert finished(second)[1].steps == Run.of("conv2d", "pad").outline().steps


@on_linux
def test_forty_students_behind_one_address_open_the_same_walk_at_once(server: Server):
    walk = f"{WALK}?in_height=28&in_width=28&in_channels=3&stride=1&seed=77"
    with crowd(server, [(walk, "127.0.0.1")] * 40, reading=False) as students:
        for student in students:
            assert student.seconds_to(b'{"steps"') < 10
    server.wait_until_idle()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Server]:
    """A server that sends three streams at a time, and two to one client."""
    with serving(tmp_path / "log.txt", CONVWALK_LIMIT_STREAMS="3", CONVWALK_LIMIT_CLIENT_STREAMS="2") as server:
        Visit(server, WALK).read()
        yield server
    assert (tmp_path / "log.txt").read_text() == ""


@on_linux
def test_streams_beyond_the_limits_are_refused_at_once_with_the_time_to_come_back(small: Server):
    def refused(client: str) -> str:
        visit = Visit(small, WALK, client)
        answer = visit.read()
        assert time.monotonic() - visit.began < 1
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 429 ")
        assert b"\r\nretry-after: 2\r\n" in head.lower() + b"\r\n"
        assert json.loads(body)["setting"] is None
        return json.loads(body)["message"]

    with crowd(small, [(LONG, "127.0.0.1")] * 2, reading=False):
        time.sleep(0.3)
        assert refused("127.0.0.1") == "at most 2 streams are sent to one client at a time; try again in a moment"
        with crowd(small, [(LONG, "127.0.0.2")], reading=False):
            time.sleep(0.3)
            assert refused("127.0.0.3") == "at most 3 streams are sent at a time; try again in a moment"
            Visit(small, "/api/layers").seconds_to(b"}]}")
    for _ in range(50):  # within a second or so there is room again
        if b"200 OK" in Visit(small, WALK).read()[:20]:
            return
        time.sleep(0.05)
    pytest.fail("those who left still hold their places")


@on_linux
@pytest.mark.slow
def test_the_largest_walks_of_several_clients_take_less_than_300_mb(tmp_path: Path):
    with serving(tmp_path / "log.txt") as server:
        Visit(server, "/").read()
        largest = [
            (f"{LARGEST if number % 2 else LONG}&seed={number + 1}", f"127.0.0.{number % 4 + 1}")
            for number in range(60)
        ]
        with crowd(server, largest[:40], reading=False), crowd(server, largest[40:], reading=True):
            until = time.monotonic() + 5
            while time.monotonic() < until:
                Visit(server, SLOW_PAGE, "127.0.0.9").seconds_to(b"</html>")
        peak = int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{server.process.pid}/status").read_text())[1]) / 1024
    assert 60 < peak < 300
