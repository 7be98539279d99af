"""What followers of a room see: a few things by name, each the newest there is.

Nothing is queued. Each thing knows when it last changed, and a follower is told of those that have changed since it
last looked: so one that is slow, asleep or late costs nothing, misses what was in between, and gets the newest.
"""

import asyncio
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi.sse import format_sse_event

ENDED = "end"
_ID = re.compile(r"[0-9]{1,15}(-[0-9]{1,15})?", re.ASCII)

Id = tuple[int, ...]  # the later, the greater: a number, or the two of a Redis stream


@dataclass(frozen=True)
class News:
    """What has changed, as a server-sent event."""

    id: str
    event: bytes
    is_last: bool = False  # for the room is over

    @classmethod
    def of(cls, number: Id, changed: dict[str, Any]) -> "News":
        """From what has changed, by name."""
        data, named = orjson.dumps(changed).decode(), written(number)
        return cls(named, format_sse_event(data_str=data, id=named), changed.get(ENDED) is True)


class Board:
    """Things by name for all to see, and some for the teacher alone. To be used on the event loop."""

    def __init__(self, of_teacher: Collection[str]) -> None:
        self.now: Id = (0,)  # the id of the latest change
        self._of_teacher = frozenset(of_teacher)
        self._things: dict[str, tuple[Id, Any]] = {}
        self._made: dict[tuple[str, ...], News] = {}  # by the names of what is new, each made once for all followers
        self._changes = {True: asyncio.Event(), False: asyncio.Event()}

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
        for teacher in (True, False) if new.keys() - self._of_teacher else (True,):
            self._changes[teacher].set()
            self._changes[teacher] = asyncio.Event()

    def __getitem__(self, name: str) -> Any:
        return self._things[name][1]

    async def news(self, seen: str, is_teacher: bool) -> News:
        """What has changed since the news of that id, once something has. Of an id that it never had, everything."""
        since = read(seen) if _ID.fullmatch(seen) else (0,)
        if since > self.now:
            since = (0,)
        while (news := self._since(since, is_teacher)) is None:
            await self._changes[is_teacher].wait()
        return news

    def _since(self, since: Id, is_teacher: bool) -> News | None:
        changed = {name: value for name, (when, value) in self._things.items() if when > since}
        names = tuple(name for name in changed if is_teacher or name not in self._of_teacher)
        if names and names not in self._made:
            self._made[names] = News.of(self.now, {name: changed[name] for name in names})
        return self._made[names] if names else None


class Listener:
    """Somebody who hears of a board, and what they have heard of it already."""

    def __init__(self, board: Board, seen: str, is_teacher: bool) -> None:
        self._board, self._seen, self._is_teacher = board, seen, is_teacher

    async def news(self) -> News:
        """What is new since the last time, once something is."""
        news = await self._board.news(self._seen, self._is_teacher)
        self._seen = news.id
        return news


def read(number: str) -> Id:
    """An id from how it is written.

    >>> read("1526919030474-55"), written((17,))
    ((1526919030474, 55), '17')
    """
    return tuple(map(int, number.split("-")))


def written(number: Id) -> str:
    """How an id is written."""
    return "-".join(map(str, number))
