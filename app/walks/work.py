"""Work that takes many moments, done turn by turn for as long as its client waits."""

import time
from collections.abc import Generator
from contextlib import closing
from typing import Any, Generic, TypeVar

from app.ground import limits
from app.ground.errors import RequestError
from app.walks.walks import Walks

PATIENCE = 0.02  # seconds of a turn

Result = TypeVar("Result")


async def worked_out(walks: Walks, client: str, generator: Generator[Any, None, Result]) -> Result:
    """What a generator returns that pauses after each moment: it goes on when it is its client's turn."""
    with closing(generator):
        work = _Work(generator)
        while not await walks.in_turn(client, work.go_on, spent=work.spent):
            pass
        return work.found[0]


class _Work(Generic[Result]):
    """A generator, and what it has taken so far."""

    def __init__(self, generator: Generator[Any, None, Result]) -> None:
        self._generator = generator
        self.spent = 0.0  # seconds of computing
        self.found: list[Result] = []  # what it has returned

    def go_on(self) -> bool:
        """Work for a turn. Whether it is done; a RequestError if it takes too long."""
        began, until = time.thread_time(), time.monotonic() + PATIENCE
        try:
            while time.monotonic() < until:
                next(self._generator)
        except StopIteration as end:
            self.found.append(end.value)
        self.spent += time.thread_time() - began
        if self.spent > limits.TRACE_SECONDS:
            template = "this takes more than {limit} seconds of computing: choose smaller sizes"
            raise RequestError(422, None, template, limit=limits.TRACE_SECONDS)
        return bool(self.found)
