"""What followers on this worker see of the rooms of a Redis: a board for each room that somebody here follows.

A board is brought up to date by what is newer in the Redis than its latest change, whoever asks for that: so it does
not matter in which order answers come, nor whether one is lost. The stream of news says of which rooms to ask; after a
line that was lost, and every few seconds besides, all are asked for.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.ground.errors import RequestError
from app.room.board import Board
from app.room.codes import new_token
from app.room.hub import OF_TEACHER
from app.room.news import ENDED, read, written
from app.room.shared.line import FIRST, Line, LostError

LEASE = 15.0  # seconds after which a worker that says nothing is dead, and nobody follows on it
FAREWELL = 0.5  # seconds that a worker which ends takes to say who has left
AGAIN = 0.5  # seconds until a line that was lost is tried again


@dataclass(eq=False)
class Followed:
    """A room that somebody here follows."""

    board: Board = field(default_factory=lambda: Board(OF_TEACHER))
    pages: Counter[bytes] = field(default_factory=Counter)  # by the token of each
    ending: asyncio.TimerHandle | None = None

    @property
    def since(self) -> str:
        """The id of the latest change."""
        return written(self.board.now) if len(self.board.now) > 1 else FIRST


class Boards:
    """The boards of one worker. To be used on the event loop."""

    def __init__(self, line: Line) -> None:
        self.worker = new_token()
        self._line = line
        self._followed: dict[str, Followed] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ever: list[asyncio.Task[None]] = []  # those that go on until the end
        self._is_closed = False

    @contextmanager
    def followed(self, code: str) -> Iterator[Followed]:
        """A room for as long as somebody follows it."""
        if not self._ever:
            begin = asyncio.get_running_loop().create_task
            self._ever = [begin(self._listen()), begin(self._renew())]
        room = self._followed.setdefault(code, Followed())
        try:
            yield room
        finally:
            if not room.pages and self._followed.get(code) is room:
                del self._followed[code]
                if room.ending is not None:
                    room.ending.cancel()

    async def bring(self, code: str) -> None:
        """Bring the board of a room up to date, if somebody here follows it."""
        if code in self._followed:
            await self._bring(code, "fresh", self._followed[code].since)

    def take(self, code: str, fresh: list[Any]) -> None:
        """What a Redis says of a room: the milliseconds that it has left, and what has changed, by name."""
        room = self._followed.get(code)
        if room is None:
            return
        left, *changed = fresh
        if room.ending is None:
            self._end_in(code, room, left / 1000)
        things: dict[str, Any] = {}
        for name, told in zip(changed[::2], changed[1::2], strict=True):
            when, _, json = told.partition(b" ")
            things[name.decode()] = read(when.decode()), orjson.Fragment(json)
        if things and len(room.board.now) == 1:
            things[ENDED] = min(when for when, _ in things.values()), False
        room.board.take(things)

    def aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something done beside, while there is this worker."""
        if self._is_closed:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Nobody here follows any more."""
        self._is_closed = True
        for room in self._followed.values():
            if room.ending is not None:
                room.ending.cancel()
        if self._tasks:  # those who leave; a Redis that does not answer is not waited for
            await asyncio.wait(self._tasks, timeout=FAREWELL)
        going = self._tasks.union(self._ever)
        while going:
            for task in going:
                task.cancel()
            # One that is just connecting may take its end for a time-out, and tries again.
            _, going = await asyncio.wait(going, timeout=0.05)

    async def _bring(self, code: str, how: str, *said: bytes | str | int) -> None:
        try:
            self.take(code, await self._line.happen(how, code, *said))
        except RequestError as error:
            if isinstance(error, LostError):
                raise
            self._end(code)

    def _end_in(self, code: str, room: Followed, seconds: float) -> None:
        async def look() -> None:
            with suppress(LostError):
                await self.bring(code)

        room.ending = asyncio.get_running_loop().call_later(seconds + 0.01, lambda: self.aside(look()))

    def _end(self, code: str) -> None:
        if code in self._followed:
            self._followed[code].board.put(**{ENDED: True})

    async def _listen(self) -> None:
        after = ""
        while True:
            try:
                last, codes = await self._line.news(after)
                for code in self._followed.keys() & codes if codes is not None else tuple(self._followed):
                    await self.bring(code)
                after = last
            except LostError:
                after = ""
                await asyncio.sleep(AGAIN)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LEASE / 3)
            with suppress(LostError):
                for code, room in tuple(self._followed.items()):
                    pages = [part for pair in room.pages.items() for part in pair]
                    await self._bring(code, "renew", room.since, self.worker, int(1000 * LEASE), *pages)
