"""What followers of a room see: a few things by name, each the newest there is.

Nothing is queued. Each thing knows when it last changed, and a follower is told of those that have changed since it
last looked: so one that is slow, asleep or late costs nothing, misses what was in between, and gets the newest.
"""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi.sse import format_sse_event

ENDED = "end"
_ID = re.compile(r"[0-9]{1,15}", re.ASCII)


@dataclass(frozen=True)
class News:
    """What has changed, as a server-sent event."""

    id: str
    event: bytes
    is_last: bool = False  # for the room is over

    @classmethod
    def of(cls, number: int, changed: dict[str, Any]) -> "News":
        """From what has changed, by name."""
        data = orjson.dumps(changed).decode()
        return cls(str(number), format_sse_event(data_str=data, id=str(number)), changed.get(ENDED, False))


class Board:
    """Things by name for all to see, and some for the teacher alone. To be used on the event loop."""

    def __init__(self, of_all: dict[str, Any], of_teacher: dict[str, Any]) -> None:
        self._now = 1
        self._of_teacher = of_teacher.keys()
        self._things = {name: (self._now, value) for name, value in (of_all | of_teacher).items()}
        self._made: dict[tuple[str, ...], News] = {}  # by the names of what is new, each made once for all followers
        self._changes = {True: asyncio.Event(), False: asyncio.Event()}

    def put(self, **things: Any) -> None:
        """Things that have changed; whoever follows is told."""
        self._now += 1
        self._things |= {name: (self._now, value) for name, value in things.items()}
        self._made.clear()
        is_for_all = bool(things.keys() - self._of_teacher)
        for teacher in (True, False) if is_for_all else (True,):
            self._changes[teacher].set()
            self._changes[teacher] = asyncio.Event()

    def __getitem__(self, name: str) -> Any:
        return self._things[name][1]

    async def news(self, seen: str, is_teacher: bool) -> News:
        """What has changed since the news of that id, once something has. Of an id that it never had, everything."""
        since = int(seen) if _ID.fullmatch(seen) and int(seen) <= self._now else 0
        while (news := self._since(since, is_teacher)) is None:
            await self._changes[is_teacher].wait()
        return news

    def _since(self, since: int, is_teacher: bool) -> News | None:
        changed = {name: value for name, (when, value) in self._things.items() if when > since}
        names = tuple(name for name in changed if is_teacher or name not in self._of_teacher)
        if names and names not in self._made:
            self._made[names] = News.of(self._now, {name: changed[name] for name in names})
        return self._made[names] if names else None
