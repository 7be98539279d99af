"""The walks that a server has under way, and the openings of the latest ones.

A stream's header needs the finished arrays, so a run is first made once on plain arrays: from then on every error is
known, and an answer that has begun cannot fail. All that computes does so in threads and can be stopped, so that a long
walk leaves room for short ones and ends with its client.
"""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import anyio
import orjson
from anyio.to_thread import run_sync
from fastapi import Request
from starlette.types import Receive

from app.errors import RequestError
from app.formulas import formula
from app.highlight import highlighted
from core.catalog import Run
from core.formula import values
from core.record import Algorithm
from core.trace import Arrays, Outline, Step

SHORT = 20_000  # steps of a walk whose opening is found in half a second
KEPT = 32_000_000  # bytes of headers kept for those who come back


@dataclass(frozen=True)
class Asked:
    """A walk that somebody wants to see."""

    key: str  # names everything that its bytes depend on
    steps: int  # about so many
    make: Callable[[], Run]


@dataclass(frozen=True)
class Opening:
    """What a stream needs to know before its first step."""

    header: bytes  # the first line
    steps: int
    encode: Callable[[Step], list[Any]]


class Walks:
    """All the walks that one server has under way, and the openings of the latest ones."""

    def __init__(self, kept: int = KEPT) -> None:
        self._limit = kept
        self._openings: OrderedDict[str, Opening] = OrderedDict()
        self._kept = 0
        self._lock = threading.Lock()
        self._streams: set[anyio.CancelScope] = set()
        # Python runs one thread at a time: with more of them at work, everybody waits longer and nobody is faster.
        # Long openings, of seconds, queue on their own, so that short ones need not wait for them.
        self.recording = anyio.CapacityLimiter(2)
        self._short = anyio.CapacityLimiter(2)
        self._long = anyio.CapacityLimiter(1)

    def end(self) -> None:
        """Stop every stream, whoever is listening. To be called on the event loop."""
        for stream in self._streams:
            stream.cancel()

    @contextmanager
    def under_way(self, stream: anyio.CancelScope) -> Iterator[None]:
        """While a stream is sent, so that it can be ended from here."""
        self._streams.add(stream)
        try:
            yield
        finally:
            self._streams.discard(stream)

    async def open(self, request: Request, asked: Asked) -> tuple[Run, Opening]:
        """Make a run and find its opening, in a thread, for as long as the client waits for it."""
        gone = threading.Event()
        watching = asyncio.create_task(when_gone(request.receive, gone.set))
        try:
            return await run_sync(self._open, asked, gone, limiter=self._short if asked.steps <= SHORT else self._long)
        finally:
            watching.cancel()

    def _open(self, asked: Asked, gone: threading.Event) -> tuple[Run, Opening]:
        run, key = asked.make(), asked.key
        with self._lock:
            if opening := self._openings.get(key):
                self._openings.move_to_end(key)
                return run, opening
        plain = run.algorithm
        stoppable = _Stoppable(plain.function, plain.source, plain.after, gone)
        outline = replace(run, algorithm=stoppable).outline()
        return run, self._keep(key, outline)

    def offer(self, key: str, outline: Outline) -> None:
        """Take the outline that somebody has found already, so that it need not be found again."""
        if key not in self._openings:
            self._keep(key, outline)

    def _keep(self, key: str, outline: Outline) -> Opening:
        described = outline.header()
        letters = values(described["settings"])
        for source, text in zip(described["sources"], outline.sources, strict=True):
            source["html"] = highlighted(text)  # the page lays its marks over this
            source["formula"] = {**formula(text), "letters": letters}
        header = orjson.dumps({"header": described}, option=orjson.OPT_APPEND_NEWLINE)
        opening = Opening(header, outline.steps, outline.encoder())
        with self._lock:
            self._kept += len(header) - len(self._openings[key].header if key in self._openings else b"")
            self._openings[key] = opening
            while self._kept > self._limit:
                self._kept -= len(self._openings.popitem(last=False)[1].header)
        return opening


async def when_gone(receive: Receive, call: Callable[[], None]) -> None:
    """Call once the client has closed its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
    call()


@dataclass(frozen=True, repr=False)
class _Stoppable(Algorithm):
    """An algorithm that stops between two steps once nobody waits for it any more."""

    gone: threading.Event

    def steps(self, arrays: Arrays, *, watch: bool = True, **settings: Any) -> Iterator[Step]:
        for step in super().steps(arrays, watch=watch, **settings):
            if self.gone.is_set():
                raise RequestError(503, None, "the server is stopping")  # whoever it was cannot read it any more
            yield step
