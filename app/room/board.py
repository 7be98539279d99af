"""What followers of a room see: a few things by name, each the newest there is.

Nothing is queued. Each thing knows when it last changed, and a follower is told of those that have changed since it
last looked: so one that is slow, asleep or late costs nothing, misses what was in between, and gets the newest.

All who follow are told in one go, of bytes that are made once. None of them needs a turn of the event loop for it, nor
a timer of their own.
"""

import asyncio
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from app.ground.shortcut import Way
from app.room.news import HERE, START, Id, News, read

BEAT = 15.0  # seconds, in each of which all are sent a word: whoever has gone is found out by it
_ID = re.compile(r"[0-9]{1,15}(-[0-9]{1,15})?", re.ASCII)


class Board:
    """Things by name for all to see, and some for the teacher alone. To be used on the event loop."""

    def __init__(self, of_teacher: Collection[str]) -> None:
        self.now: Id = START  # the id of the latest change
        self._of_teacher = frozenset(of_teacher)
        self._things: dict[str, tuple[Id, Any]] = {}
        self._made: dict[tuple[str, ...], News] = {}  # by the names of what is new, each made once for all followers
        self._listeners: set[Listener] = set()
        self._telling: asyncio.Handle | None = None
        self._beating: asyncio.TimerHandle | None = None

    def put(self, **things: Any) -> None:
        """Things that have changed just now; whoever follows is told."""
        now = (*self.now[:-1], self.now[-1] + 1)
        self.take({name: (now, value) for name, value in things.items()})

    def take(self, things: dict[str, tuple[Id, Any]]) -> None:
        """Things that changed when it is said, which may be known already; whoever follows is told of the others."""
        new = {name: one for name, one in things.items() if name not in self._things or one[0] > self._things[name][0]}
        if not new:
            return
        self.now = max(self.now, *(when for when, _ in new.values()))
        self._things |= new
        self._made.clear()
        if self._listeners and self._telling is None:  # what changes in the same turn is told at once
            self._telling = asyncio.get_running_loop().call_soon(self._tell)

    def __getitem__(self, name: str) -> Any:
        return self._things[name][1]

    @contextmanager
    def heard(self, seen: str, is_teacher: bool) -> Iterator["Listener"]:
        """Somebody hears of it from the news of that id on; of an id that it never had, from the beginning."""
        listener = Listener(self, seen, is_teacher)
        self._listeners.add(listener)
        if self._beating is None:
            self._beat_later()
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            if not self._listeners and self._beating is not None:
                self._beating.cancel()
                self._beating = None

    def since(self, since: Id, is_teacher: bool) -> News | None:
        """What has changed since an id."""
        changed = {name: value for name, (when, value) in self._things.items() if when > since}
        names = tuple(name for name in changed if is_teacher or name not in self._of_teacher)
        if names and names not in self._made:
            self._made[names] = News.of(self.now, {name: changed[name] for name in names})
        return self._made[names] if names else None

    def _tell(self) -> None:
        self._telling = None
        since = cache(self.since)  # most have seen the same
        for listener in tuple(self._listeners):
            if news := since(listener.seen, listener.is_teacher):
                listener.hear(news)

    def _beat_later(self) -> None:
        self._beating = asyncio.get_running_loop().call_later(BEAT, self._beat)

    def _beat(self) -> None:
        self._beat_later()
        for listener in tuple(self._listeners):
            listener.hear(HERE)


class Listener:
    """Somebody who hears of a board, and what they have heard of it already."""

    def __init__(self, board: Board, seen: str, is_teacher: bool) -> None:
        since = read(seen) if _ID.fullmatch(seen) else START
        self.seen = since if since <= board.now else START
        self.is_teacher = is_teacher
        self._board = board
        self._way: Way | None = None
        self._waiting: asyncio.Future[News] | None = None

    def shorten(self, way: Way) -> None:
        """Have what is new taken by a call while somebody waits for it, who then hears of what it does not take."""
        self._way = way

    async def news(self) -> News:
        """What is new since the last time, once something is; or a word."""
        news = self._board.since(self.seen, self.is_teacher)
        if news is None:
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                news = await self._waiting
            finally:
                self._waiting = None
        self.seen = max(self.seen, news.number)
        return news

    def hear(self, news: News) -> None:
        """Something is new. Who is just at what was new before looks for it afterwards."""
        if self._waiting is None or self._waiting.done():
            return
        if self._way is not None and not news.is_last and self._way(news.event):
            self.seen = max(self.seen, news.number)
        else:
            self._waiting.set_result(news)
