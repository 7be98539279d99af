"""What a reader waits for, and what a walk costs its server: a real process, a real socket.

- Streams: steps a second from the request to the last line, beside the recorder alone in this process, and compressed
  beside plain. The client does nothing but count lines (and inflate), so what a stream takes beyond the recorder is the
  service's own. "Known" is a walk whose opening the server has kept, as for anyone but the first to ask.
- Memory: what is resident before a fresh server's first walk, the most there ever was, and what is after it. Beside the
  walk of 200,000 steps stands the default: the steps must not show, only the larger arrays and header do.
- Start: from the start of the process until `GET /` is answered, and until the first picture stands (the frame after
  `convwalk.ready`) in a Chromium that is open already but has nothing in its cache; and that once more from the moment
  on at which the server is up.
"""

import http.client
import time
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import Browser, Page

from benchmarks.chromium import blank, chromium
from benchmarks.server import Server, serving
from benchmarks.table import Figure, in_turn, middle_ratio
from core.catalog import Run

LARGE: dict[str, int] = {"in_height": 64, "in_width": 64, "stride": 1}
LARGEST: dict[str, int] = {**LARGE, "in_channels": 2, "out_channels": 6}  # just below the limit of 200,000 steps
STARTS = 3

FIRST_PICTURE = """async () => {
  await window.convwalk.ready;
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0))); // the frame is drawn
}"""


@dataclass(frozen=True)
class Received:
    """A stream as its client saw it, in seconds since the request."""

    header: float
    first: float  # the first block of steps
    end: float
    steps: int
    bytes: int  # on the wire


def measure() -> list[Figure]:
    figures = []
    with serving() as server:
        _answered(server)
        figures += _streams(server, "default", {}, rounds=9)
        figures += _streams(server, "64×64×3", LARGE, rounds=2)
    return [*figures, *_memory(), *_starts()]


def _streams(server: Server, name: str, settings: dict[str, int], rounds: int) -> list[Figure]:
    run = Run.of("conv2d", "walk", None, **settings)
    taken: dict[str, list[Received]] = {"": [], "gzip": []}
    unknown = received(server, settings, whole=False)

    def streamed(coding: str) -> Callable[[], float]:
        def stream() -> float:
            taken[coding].append(received(server, settings, coding))
            return taken[coding][-1].end

        return stream

    plain, packed, alone = in_turn(rounds, streamed(""), streamed("gzip"), lambda: _recorded(run))
    one, small = taken[""][0], taken["gzip"][0]
    header, first = (1000 * median(getattr(each, part) for each in taken[""]) for part in ("header", "first"))
    what = f"stream, {name}"
    return [
        Figure(
            f"{what}: {one.steps:,} steps, beside the recorder alone",
            f"{one.steps / median(plain):,.0f} steps/s",
            f"{one.steps / median(alone):,.0f} steps/s",
            middle_ratio(plain, alone),
        ),
        Figure(
            f"{what}: gzip beside plain",
            f"{median(packed):.2f} s, {small.bytes / 1e6:.2f} MB",
            f"{median(plain):.2f} s, {one.bytes / 1e6:.2f} MB",
            middle_ratio(packed, plain),
        ),
        Figure(
            f"{what}: time to the header, known beside asked for the first time",
            f"{header:.1f} ms",
            f"{1000 * unknown.header:.1f} ms",
        ),
        Figure(f"{what}: time to the first steps", f"{first:.1f} ms", f"{1000 * unknown.first:.1f} ms"),
    ]


def received(
    server: Server, settings: dict[str, int], coding: str = "", *, whole: bool = True, walk: str = "conv2d/walk"
) -> Received:
    """Read a stream to its end, or leave after its first steps. One that is cut short is an error."""
    query = "&".join(f"{name}={value}" for name, value in settings.items())
    connection = http.client.HTTPConnection(*server.address, timeout=120)
    inflate = zlib.decompressobj(wbits=31).decompress if coding else bytes
    asked = time.perf_counter()
    connection.request("GET", f"/api/{walk}/stream?{query}", headers={"Accept-Encoding": coding or "identity"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    moments: list[float] = []  # when the first lines were there
    size, last = 0, b""
    while part := answer.read1(1 << 16):
        size += len(part)
        plain = inflate(part)
        if len(moments) < 2:
            moments += [time.perf_counter() - asked] * plain.count(b"\n")
        last = (last + plain)[-100:]
        if len(moments) >= 2 and not whole:
            break
    end = time.perf_counter() - asked
    connection.close()
    _, told, steps = last.rstrip(b"}\n").rpartition(b'{"end":{"steps":')
    assert told or not whole, "the stream was cut short"
    return Received(moments[0], moments[1], end, int(steps) if told else 0, size)


def _recorded(run: Run) -> float:
    begun = time.perf_counter()
    deque(run.steps(), maxlen=0)
    return time.perf_counter() - begun


def _memory() -> list[Figure]:
    used = []
    for settings in ({}, LARGEST):
        with serving() as server:
            _answered(server)
            before = server.memory("VmRSS")
            steps = received(server, settings).steps
            used.append((steps, before, server.memory("VmHWM"), server.memory("VmRSS")))
    (steps, *short), (most, *long) = used
    return [
        Figure(f"memory {moment}, {most:,} steps beside {steps:,}", f"{above:.1f} MB", f"{below:.1f} MB", above / below)
        for moment, above, below in zip(("before the walk", "at its peak", "after the walk"), long, short, strict=True)
    ]


def _answered(server: Server) -> float:
    """Seconds from the start of the process until `GET /` is answered. The socket listens before the app is up."""
    connection = http.client.HTTPConnection(*server.address, timeout=60)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert answer.status == 200
    answer.read()
    connection.close()
    return time.perf_counter() - server.started


def _starts() -> list[Figure]:
    with chromium() as browser:
        answered, seen, opened = in_turn(
            STARTS, _until_answered, lambda: _until_seen(browser), lambda: _seen_when_up(browser)
        )
    return [
        Figure("start: process to `GET /` answered", f"{median(answered):.2f} s"),
        Figure("start: process to the first picture in Chromium", f"{median(seen):.2f} s"),
        Figure("start: server up to the first picture in Chromium", f"{median(opened):.2f} s"),
    ]


def _until_answered() -> float:
    with serving() as server:
        return _answered(server)


def _until_seen(browser: Browser) -> float:
    page = blank(browser)
    with serving() as server:
        return _seen(page, server, server.started)


def _seen_when_up(browser: Browser) -> float:
    page = blank(browser)
    with serving() as server:
        _answered(server)
        return _seen(page, server, time.perf_counter())


def _seen(page: Page, server: Server, begun: float) -> float:
    page.goto(server.url + "/?lang=en", wait_until="commit")
    page.wait_for_function("() => window.convwalk")
    page.evaluate(FIRST_PICTURE)
    seen = time.perf_counter() - begun
    page.context.close()
    return seen
