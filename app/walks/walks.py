"""The walks that a server has under way, and the openings of the latest ones.

A stream's header needs the finished arrays, so a run is first made once on plain arrays: from then on every error is
known, and an answer that has begun cannot fail. All that computes does so in threads, a moment at a time, when it is
its client's turn, so that a long walk leaves room for short ones and ends with its client.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio
import numpy as np
import orjson
from anyio.to_thread import run_sync
from cachetools import LRUCache
from fastapi import Request
from starlette.types import Receive

from app.ground.errors import LeftError, RequestError
from app.ground.formulas import formula
from app.ground.highlight import highlighted
from app.walks.recordings import Recordings
from app.walks.shares import Room, Turns, client_of
from app.walks.walk_request import WalkRequest
from core.catalog import LAYERS, Run
from core.recording.trace import Outline, Step, numbers
from core.text.formula import values

KEPT = 32_000_000  # bytes of headers kept for those who come back
MOMENT = 0.001  # seconds of a search after which whoever goes through it may rest or stop
AT_ONCE = 2  # Python runs one thread at a time: with more at work, everybody waits longer and nobody is faster

Result = TypeVar("Result")


@dataclass(frozen=True)
class Opening:
    """What a stream needs to know before its first step."""

    header: bytes  # the first line
    steps: int
    encode: Callable[[Step], list[Any]]


class Walks:
    """All the walks that one server has under way, and the openings of the latest ones."""

    def __init__(self, kept: int = KEPT) -> None:
        self._openings: LRUCache[str, Opening] = LRUCache(kept, lambda opening: len(opening.header))
        self._lock = threading.Lock()  # of the openings
        self._computed: set[str] = set()  # the keys of the openings that somebody is about to know
        self._under_way: set[anyio.CancelScope] = set()
        self._has_ended = False
        self._moments = Turns(AT_ONCE)
        self._pages = Turns(1)
        self._bodies = Turns(1)
        self._threads = anyio.CapacityLimiter(AT_ONCE + 2)
        self.recordings = Recordings()
        self.room = Room()

    def end(self) -> None:
        """Stop whatever is under way, whoever waits for it. To be called on the event loop."""
        self._has_ended = True
        for scope in self._under_way:
            scope.cancel()

    @asynccontextmanager
    async def waited_for(self, receive: Receive) -> AsyncIterator[None]:
        """What is done in here ends with its client, and with the server."""
        with anyio.CancelScope() as scope:
            if self._has_ended:
                scope.cancel()
            watching = asyncio.create_task(_when_gone(receive, scope.cancel))
            self._under_way.add(scope)
            try:
                yield
            finally:
                self._under_way.discard(scope)
                watching.cancel()
        if scope.cancelled_caught:
            raise RequestError(503, None, "the server is stopping") if self._has_ended else LeftError()

    async def in_turn(self, client: str, call: Callable[..., Result], *args: object, spent: float = 0.0) -> Result:
        """Call in a thread what takes a moment, once it is the client's turn."""
        async with self._moments.of(client, spent):
            return await run_sync(call, *args, limiter=self._threads)

    async def read(self, client: str, call: Callable[..., Result], *args: object) -> Result:
        """What a call gives that reads a long body: one at a time, and no walk waits for it."""
        async with self._bodies.of(client):
            return await run_sync(call, *args, limiter=self._threads)

    async def answered(self, request: Request, call: Callable[..., Result], *args: object) -> Result:
        """What a call gives that may take a third of a second, for as long as its client waits for it."""
        async with self.waited_for(request.receive), self._pages.of(client_of(request.scope)):
            return await run_sync(call, *args, limiter=self._threads)
        raise AssertionError  # not reached: what is not waited for is an error

    def opening(self, request: WalkRequest) -> Generator[bytes | None, None, tuple[Run, Opening]]:
        """Make a run and find its opening, with a pause after each moment: an empty line of its stream.

        A None says to come back later: somebody else is about to know the same opening. When a class follows a link,
        it is found once.
        """
        run, key = request.plan(), request.key
        for _ in run.lead_up():
            yield b""
        # A small walk has its opening from its recording; whoever goes on with one in the middle is not kept waiting.
        while (opening := self._known(key)) is None and key in self._computed and not request.is_small:
            yield None
        if opening:
            return run, opening
        self._computed.add(key)
        try:
            outline = yield from _in_moments(run.outlining())
            return run, self._keep(key, outline)
        finally:
            self._computed.discard(key)

    def offer(self, key: str, outline: Outline) -> None:
        """Take the outline that somebody has found already, so that it need not be found again."""
        if self._known(key) is None:
            self._keep(key, outline)

    def _keep(self, key: str, outline: Outline) -> Opening:
        described = outline.header(_written)
        layer, settings = LAYERS[outline.layer], outline.settings
        scenes = [scene for chapter in outline.chapters for scene in chapter.scenes]
        for source, text in zip(described["sources"], outline.sources, strict=True):
            source["html"] = highlighted(text)  # the page lays its marks over this
            source["settings"] = layer.handed_to(text)
            calls = [scene.arrays for scene in scenes if scene.source == text.name]
            letters = values(layer.settings_of(text, settings))
            source["formula"] = {**formula(text.suited(settings), calls), "letters": letters}
        header = orjson.dumps({"header": described}, option=orjson.OPT_APPEND_NEWLINE)
        opening = Opening(header, outline.steps, outline.encoder())
        with self._lock, suppress(ValueError):  # it is larger than the whole cache
            self._openings[key] = opening
        return opening

    def _known(self, key: str) -> Opening | None:
        with self._lock:
            return self._openings.get(key)


def walks_of(request: Request) -> Walks:
    """Those of the server that a request came to."""
    walks: Walks = request.app.state.walks
    return walks


def _in_moments(search: Generator[None, None, Result]) -> Generator[bytes, None, Result]:
    """A search with an empty line after each moment: after each of its steps, handing on would take a tenth of it."""
    until = 0.0  # the first step is a moment: whoever comes next can see that it is under way
    while True:
        try:
            next(search)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        if time.monotonic() >= until:
            yield b""
            until = time.monotonic() + MOMENT


async def _when_gone(receive: Receive, call: Callable[[], None]) -> None:
    """Call once the client has closed its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
    call()


def _written(array: np.ndarray) -> Any:
    """The cells of an array as JSON. The lists of a large walk's numbers would take six times the memory."""
    if array.ndim and np.isfinite(array).all():
        return orjson.Fragment(orjson.dumps(np.ascontiguousarray(array), option=orjson.OPT_SERIALIZE_NUMPY))
    return numbers(array)
