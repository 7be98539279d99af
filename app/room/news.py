"""What is new in a room, as a server-sent event."""

from dataclasses import dataclass
from typing import Any

import orjson
from fastapi.sse import format_sse_event

ENDED = "end"

Id = tuple[int, ...]  # the later, the greater: a number, or the two of a Redis stream

START: Id = (0,)  # before the first change


@dataclass(frozen=True)
class News:
    """What has changed, as bytes."""

    number: Id  # of the latest of it
    event: bytes
    is_last: bool = False  # for the room is over

    @classmethod
    def of(cls, number: Id, changed: dict[str, Any]) -> "News":
        """From what has changed, by name."""
        data = orjson.dumps(changed).decode()
        return cls(number, format_sse_event(data_str=data, id=written(number)), changed.get(ENDED) is True)

    @property
    def id(self) -> str:
        """The id as a browser says it again."""
        return written(self.number)


def read(number: str) -> Id:
    """An id from how it is written.

    >>> read("1526919030474-55"), written((17,))
    ((1526919030474, 55), '17')
    """
    return tuple(map(int, number.split("-")))


def written(number: Id) -> str:
    """How an id is written."""
    return "-".join(map(str, number))


HERE = News((), format_sse_event(comment="here"))  # nothing new, but a word
