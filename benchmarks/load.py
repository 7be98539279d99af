"""What one worker does under load: a real process at a real socket, and as many clients as a large lecture has.

The clients (`benchmarks.clients`) are one process on the same machine and take their share of it; each comes from an
address of its own. Streams are asked for without compression, so that slow readers have much to take.

- Requests: answers a second, and the time that 95 of 100 stay below, for 50 connections beside one, in turns.
- A class: 200 clients ask for the default walk at the same moment; 50 of them read 2 kB every 50 ms. Times count from
  the connecting. Meanwhile one more reader asks for /api/layers every 50 ms: nobody is to wait longer than a second.
  All walks must arrive whole: one that is cut short, or has not ended in time, ends the benchmark with an error. Those
  that were refused are counted.
- Heavy walks: of 200 clients at the same moment, 30 ask for the largest walk, whose opening the server knows already.
  After three seconds, and not before each of the others has seen a first step, all of them close their connections:
  the server is idle from the moment on at which the clock of its process stands still.
"""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from statistics import median
from typing import TypeVar

from app.ground.files import static_url
from app.walks.stream import BLOCK
from benchmarks.clients import SLOW_BYTES, SLOW_PAUSE, Connection, Walk
from benchmarks.server import Server, serving
from benchmarks.service import LARGEST, received
from benchmarks.table import Figure, in_turn, middle_ratio, p95

Result = TypeVar("Result")

ADDRESSES = {
    "the page, /": "/",
    "/api/conv2d/walk/limits": "/api/conv2d/walk/limits",
    "/healthz": "/healthz",
    "a static file, main.js": static_url("main.js"),
}
CONNECTIONS = 50
ROUNDS, SECONDS = 3, 0.4  # of each measure of requests

LAYERS = "/api/layers"

CLIENTS, SLOW, HEAVY = 200, 50, 30
STAY = 3.0  # seconds
IN_TIME = 60.0  # seconds for all walks of a class
ALONE, PROBE = CLIENTS, CLIENTS + 1  # the numbers of those who are none of them: their addresses owe nothing
PROBE_PAUSE = 0.05  # seconds between two requests of the reader beside them
STILL = 0.3  # seconds in which an idle server does not even count a hundredth of one


def measure() -> list[Figure]:
    with serving() as server:
        asyncio.run(_ready(server))
        figures = [_requests(server, *address) for address in ADDRESSES.items()]
    with serving() as server:
        asyncio.run(_ready(server))
        figures += asyncio.run(_class(server))
    with serving() as server:
        asyncio.run(_ready(server))
        for settings in ({}, LARGEST):
            received(server, settings, whole=False)
        return figures + asyncio.run(_heavy(server))


async def _ready(server: Server) -> None:
    """Each address once: what a server prepares at the first request for it is no part of the load."""
    async with Connection(server.address, PROBE) as connection:
        for path in (*ADDRESSES.values(), LAYERS):
            assert await connection.get(path) == 200, path


def _requests(server: Server, name: str, path: str) -> Figure:
    taken: dict[int, list[float]] = {1: [], CONNECTIONS: []}
    refused = 0

    async def ask(number: int, until: float, into: list[float]) -> None:
        nonlocal refused
        async with Connection(server.address, number) as connection:
            while (began := time.perf_counter()) < until:
                refused += await connection.get(path) != 200
                into.append(time.perf_counter() - began)

    async def rate(connections: int) -> float:
        began, before = time.perf_counter(), len(taken[connections])
        await asyncio.gather(*(ask(number, began + SECONDS, taken[connections]) for number in range(connections)))
        return (len(taken[connections]) - before) / (time.perf_counter() - began)

    many, one = in_turn(ROUNDS, lambda: asyncio.run(rate(CONNECTIONS)), lambda: asyncio.run(rate(1)))
    return Figure(
        f"{name}: {CONNECTIONS} connections beside one" + (f"; {refused} refused" if refused else ""),
        f"{median(many):,.0f}/s, 95 of 100 in {1000 * p95(taken[CONNECTIONS]):.1f} ms",
        f"{median(one):,.0f}/s, 95 of 100 in {1000 * p95(taken[1]):.1f} ms",
        middle_ratio(many, one),
    )


async def _class(server: Server) -> list[Figure]:
    alone = [Walk(server.address, ALONE) for _ in range(10)]
    computed = -server.processor()
    for walk in alone:
        await walk.receive()
    computed += server.processor()
    before, calm, probe = server.memory("VmRSS"), _Probe(server), _Probe(server)
    asked = -server.processor()
    await calm.beside(asyncio.sleep(2))
    asked += server.processor()

    slow_ones = range(0, CLIENTS, CLIENTS // SLOW)
    walks = [Walk(server.address, number, slow=number in slow_ones) for number in range(CLIENTS)]
    began, together = time.perf_counter(), -server.processor()
    ended = await probe.beside(_ended(walks))
    took, together = time.perf_counter() - began, together + server.processor()
    for_walks = together - asked / len(calm.answers) * len(probe.answers)
    busy = f"{together / took:.0%} of a core"
    starved = sum(not walk.last and not walk.is_refused for walk in walks)
    assert ended, f"after {took:.0f} s, {starved} of {CLIENTS} walks had not ended; the server had {busy}"

    whole = [walk for walk in walks if not walk.is_refused]
    assert {walk.lines for walk in whole} == {alone[0].lines}, "not all walks have the same lines, or all were refused"
    fast, slow = ([walk for walk in whole if walk.is_slow is wanted] for wanted in (False, True))
    pace = alone[0].bytes / SLOW_BYTES * SLOW_PAUSE
    return [
        Figure(f"{CLIENTS} clients: walks that arrived whole", f"{len(whole)}", f"refused: {len(walks) - len(whole)}"),
        _spread("... to the first step, beside one client alone", _firsts(fast), _firsts(alone)),
        _spread("... to the last step, beside one client alone", _lasts(fast), _lasts(alone)),
        _spread("... to the last step of slow readers, beside their own pace", _lasts(slow), [pace]),
        Figure(
            "... the server computes for each walk, beside one client alone",
            f"{1000 * for_walks / len(whole):.0f} ms",
            f"{1000 * computed / len(alone):.0f} ms",
            (for_walks / len(whole)) / (computed / len(alone)),
        ),
        Figure("... until all have ended", f"{took:.1f} s, the server has {busy}"),
        *probe.figures(calm),
        *_memory(server, before),
    ]


async def _heavy(server: Server) -> list[Figure]:
    await _idle(server)
    before, probe = server.memory("VmRSS"), _Probe(server)
    heavy_ones = range(0, CLIENTS, CLIENTS // HEAVY)[:HEAVY]
    walks = [Walk(server.address, number, LARGEST if number in heavy_ones else {}) for number in range(CLIENTS)]
    heavy, light = ([walk for walk in walks if bool(walk.settings) is wanted] for wanted in (True, False))

    async def visit() -> None:
        async with asyncio.timeout(IN_TIME), asyncio.TaskGroup() as group:
            tasks = [group.create_task(walk.receive()) for walk in walks]
            await asyncio.sleep(STAY)
            for walk in light:
                await walk.is_answered.wait()
            for task in tasks:
                task.cancel()

    began = time.perf_counter()
    await probe.beside(visit())
    left = time.perf_counter()
    idle = await _idle(server)
    refused, turned_away = (sum(walk.is_refused for walk in some) for some in (light, heavy))
    blocks = [max(0, walk.lines - 1) for walk in heavy if not walk.is_refused] or [0]
    return [
        Figure(
            f"{CLIENTS} clients, {HEAVY} with the largest walk: default walks that were refused, beside largest ones",
            f"{refused} of {len(light)}",
            f"{turned_away} of {len(heavy)}",
        ),
        _spread("... to the first step of a default walk", _firsts(light)),
        Figure(
            "... steps that a largest walk gets meanwhile: median",
            f"{BLOCK * median(blocks):,.0f} in {left - began:.1f} s",
            f"fewest {BLOCK * min(blocks):,}, most {BLOCK * max(blocks):,}",
        ),
        *probe.figures(),
        *_memory(server, before),
        Figure("... from when all have left until the server is idle", f"{idle - left:.2f} s"),
    ]


async def _ended(walks: Sequence[Walk]) -> bool:
    """Whether all of them, begun at the same moment, end in time."""
    try:
        async with asyncio.timeout(IN_TIME), asyncio.TaskGroup() as group:
            for walk in walks:
                group.create_task(walk.receive())
    except TimeoutError:
        return False
    return True


async def _idle(server: Server) -> float:
    """The moment since when the server has not worked."""
    used, since = server.processor(), time.perf_counter()
    async with asyncio.timeout(IN_TIME):
        while time.perf_counter() < since + STILL:
            await asyncio.sleep(0.01)
            if used < (now := server.processor()):
                used, since = now, time.perf_counter()
    return since


class _Probe:
    """A reader beside the load, who wants a short answer again and again; and what the load takes from its own pace."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.answers: list[float] = []  # seconds
        self.late = 0.0  # seconds that the clients' own process was late at most

    async def beside(self, load: Coroutine[None, None, Result]) -> Result:
        """Ask for as long as the load lasts, and give what comes of it."""
        asking = asyncio.create_task(self._ask())
        try:
            return await load
        finally:
            asking.cancel()
            await asyncio.wait([asking])
            if not asking.cancelled():
                asking.result()  # an error of its own

    async def _ask(self) -> None:
        async with Connection(self.server.address, PROBE) as connection:
            while True:
                began = time.perf_counter()
                status = await connection.get(LAYERS)
                answered = time.perf_counter()
                assert status == 200, f"{LAYERS} was refused: {status}"
                self.answers.append(answered - began)
                await asyncio.sleep(PROBE_PAUSE)
                self.late = max(self.late, time.perf_counter() - answered - PROBE_PAUSE)

    def figures(self, calm: "_Probe | None" = None) -> list[Figure]:
        what = f"... {LAYERS}, every {1000 * PROBE_PAUSE:.0f} ms"
        return [
            _spread(what + (", beside nobody streaming" if calm else ""), self.answers, calm.answers if calm else []),
            Figure("... the clients' own process is late by at most", f"{1000 * self.late:.0f} ms"),
        ]


def _firsts(walks: Sequence[Walk]) -> list[float]:
    return [walk.first for walk in walks if not walk.is_refused]


def _lasts(walks: Sequence[Walk]) -> list[float]:
    return [walk.last for walk in walks]


def _spread(what: str, seconds: Sequence[float], beside: Sequence[float] = ()) -> Figure:
    if len(seconds) < 2:
        return Figure(what, "too few to tell: the others were refused")
    one = f"{_told(median(beside))}, worst {_told(max(beside))}" if len(beside) > 1 else "".join(map(_told, beside))
    many = f"median {_told(median(seconds))}, 95 of 100 in {_told(p95(seconds))}, worst {_told(max(seconds))}"
    return Figure(what, many, one)


def _told(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"


def _memory(server: Server, before: float) -> list[Figure]:
    peak, after = server.memory("VmHWM"), server.memory("VmRSS")
    return [
        Figure("... memory of the server at its peak, beside before", f"{peak:.1f} MB", f"{before:.1f} MB"),
        Figure("... memory of the server after", f"{after:.1f} MB", f"{before:.1f} MB"),
    ]
