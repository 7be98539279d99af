"""A walk as it is recorded, line by line: a header, steps in blocks, an end."""

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import chain, islice, repeat

import anyio
import orjson
from anyio.to_thread import run_sync
from fastapi import Response
from starlette.types import Receive, Scope, Send

from app.walks import Opening, Walks, when_gone
from core.catalog import Run
from core.settings import SettingError

BLOCK = 64  # steps a line: few enough that the first is there at once, enough that a line costs little
PATIENCE = 0.01  # seconds that a thread records before it hands over: each change of threads takes 0.7 ms of its own


class Stream(Response):
    """The answer that carries a walk: its opening, its steps from `start` on, and the end that says it is whole."""

    media_type = "application/jsonl"

    def __init__(self, walks: Walks, run: Run, opening: Opening, start: int, headers: dict[str, str]) -> None:
        if start > opening.steps:
            raise SettingError("start", "{setting} must be from {low} to {high}", low=0, high=opening.steps)
        self.status_code, self.background, self._walks = 200, None, walks
        self._lines = _lines(run, opening, start)
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(when_gone, receive, tasks.cancel_scope.cancel)
            with self._walks.under_way(tasks.cancel_scope), closing(self._lines):
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                for patience in chain((0, 0), repeat(PATIENCE)):  # the header goes at once, and so does the first block
                    lines = await run_sync(_taken, self._lines, patience, limiter=self._walks.recording)
                    if lines is None:
                        break
                    if lines:
                        await send({"type": "http.response.body", "body": lines, "more_body": True})
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            tasks.cancel_scope.cancel()


def _taken(lines: Iterator[bytes], seconds: float) -> bytes | None:
    """The lines of the next moments, at least one; None when there are no more."""
    until = time.monotonic() + seconds
    taken = []
    for line in lines:
        taken.append(line)
        if time.monotonic() >= until:
            break
    return b"".join(taken) if taken else None


def _lines(run: Run, opening: Opening, start: int) -> Generator[bytes]:
    """The lines of a stream; an empty one while it is still on the way to its start."""
    yield opening.header
    steps = run.steps()
    assert isinstance(steps, Generator)
    with closing(steps):  # or its arrays would live until the garbage is collected
        for skipped in range(0, start, BLOCK):
            for _ in islice(steps, min(BLOCK, start - skipped)):
                pass
            yield b""
        while block := list(map(opening.encode, islice(steps, BLOCK))):
            yield orjson.dumps({"steps": block}, option=orjson.OPT_APPEND_NEWLINE)
    yield orjson.dumps({"end": {"steps": opening.steps}}, option=orjson.OPT_APPEND_NEWLINE)
