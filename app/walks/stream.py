"""A walk as it is recorded, line by line: a header, steps in blocks, an end."""

import asyncio
import time
from collections.abc import Generator
from contextlib import closing
from itertools import islice
from typing import Any

import orjson
from fastapi import Response
from starlette.types import Receive, Scope, Send

from app.ground import limits
from app.ground.errors import RequestError
from app.walks.shares import client_of
from app.walks.walk_request import WalkRequest
from app.walks.walks import Walks
from core.offer.settings import SettingError

BLOCK = 64  # steps a line: few enough that the first is there at once, enough that a line costs little
PATIENCE = 0.01  # seconds of a turn to compute: each change of threads takes 0.7 ms of its own
PART = 256_000  # bytes that are sent at a time: what a slow reader has not taken waits in memory
PAUSE = 0.02  # seconds until an opening that somebody else computes is looked for again


class Stream(Response):
    """The answer that carries a walk: its opening, its steps from `start` on, and the end that says it is whole."""

    media_type = "application/jsonl"

    def __init__(self, walks: Walks, request: WalkRequest, start: int, headers: dict[str, str]) -> None:
        self.status_code, self.background = 200, None
        self._walks, self._request, self._start = walks, request, start
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client, sent = client_of(scope), 0
        try:
            async with self._walks.waited_for(receive), self._walks.room.hold(client, self._request.cells):
                with closing(_lines(self._walks, self._request, self._start)) as lines:
                    progress = _Progress(lines)
                    while not progress.is_over:
                        # The header goes at once, and so does the first block.
                        part = await self._walks.in_turn(client, progress.next, sent < 2, spent=progress.spent)
                        if part and not sent:
                            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                        if part:
                            sent += 1
                            await send({"type": "http.response.body", "body": part, "more_body": True})
                        elif progress.waits:
                            await asyncio.sleep(PAUSE)
        except RequestError:
            if not sent:
                raise
            return  # what has begun breaks off: the client sees that it was cut short, and no cache keeps it
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Progress:
    """The lines of a stream, as they are computed turn by turn."""

    def __init__(self, lines: Generator[bytes | None]) -> None:
        self._lines = lines
        self.spent = 0.0  # seconds of computing
        self.is_over = False
        self.waits = False  # whether nothing can be done just now

    def next(self, at_once: bool) -> bytes:
        """The lines of one turn: at once those that are the next, or as many as it has time for."""
        began, until = time.thread_time(), time.monotonic() + PATIENCE
        taken: list[bytes] = []
        size = 0
        for line in self._lines:
            self.waits = line is None
            if line:
                taken.append(line)
                size += len(line)
            if self.waits or (size and at_once) or size >= PART or time.monotonic() >= until:
                break
        else:
            self.is_over = True
        self.spent += time.thread_time() - began
        if self.spent > limits.TRACE_SECONDS:
            template = "this takes more than {limit} seconds of computing: choose smaller sizes"
            raise RequestError(422, None, template, limit=limits.TRACE_SECONDS)
        return b"".join(taken)


def _lines(walks: Walks, request: WalkRequest, start: int) -> Generator[bytes | None]:
    """The lines of a stream; an empty one after each moment that leads to none, and None where it is to wait."""
    lines = _computed(walks, request, start)
    yield from walks.recordings.of(request.key, lines) if request.is_small and not start else lines


def _computed(walks: Walks, request: WalkRequest, start: int) -> Generator[bytes | None]:
    run, opening = yield from walks.opening(request)
    if start > opening.steps:
        raise SettingError("start", "{setting} must be from {low} to {high}", low=0, high=opening.steps)
    for first in range(0, len(opening.header), PART):
        yield opening.header[first : first + PART]
    steps = run.steps()
    del run  # its arrays, of which the steps have copies
    with closing(steps):  # or those would live until the garbage is collected
        for _ in islice(steps, start):
            yield b""
        block: list[Any] = []
        for step in steps:
            block.append(opening.encode(step))
            if len(block) < BLOCK:
                yield b""  # a step of the gradient check takes so long that a block of them would be no moment
            else:
                yield _line(block)
                block.clear()
        if block:
            yield _line(block)
    yield orjson.dumps({"end": {"steps": opening.steps}}, option=orjson.OPT_APPEND_NEWLINE)


def _line(block: list[Any]) -> bytes:
    return orjson.dumps({"steps": block}, option=orjson.OPT_APPEND_NEWLINE)
