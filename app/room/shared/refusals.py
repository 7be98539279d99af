"""What `rooms.lua` refuses, by the names that it has for it."""

from collections.abc import Callable

from app.ground import limits
from app.ground.errors import RequestError
from app.room import sentences
from app.walks.shares import BusyError

REFUSALS: dict[bytes, Callable[[], RequestError]] = {
    b"NO_ROOM": lambda: RequestError(404, "code", sentences.NO_ROOM),
    b"NO_SEAT": lambda: RequestError(403, None, sentences.NO_SEAT),
    b"NO_WALK": lambda: RequestError(409, "walk", sentences.NO_WALK),
    b"NOTHING_ASKED": lambda: RequestError(409, "question", sentences.NOTHING_ASKED),
    b"OVER": lambda: RequestError(409, "question", sentences.OVER),
    b"SHOWN": lambda: RequestError(409, "answer", sentences.SHOWN),
    b"NOT_SHOWN": lambda: RequestError(409, "truth", sentences.NOT_SHOWN),
    b"MANY_CHANGES": lambda: RequestError(409, "answer", sentences.MANY_CHANGES, limit=limits.ANSWERS),
    b"MANY_OF_CLIENT": lambda: BusyError(sentences.MANY_OF_CLIENT, limit=limits.CLIENT_ROOMS),
    b"MANY_ROOMS": lambda: BusyError(sentences.MANY_ROOMS, limit=limits.ROOMS),
    b"MANY_STUDENTS": lambda: BusyError(sentences.MANY_STUDENTS, limit=limits.ROOM_STUDENTS),
    b"MANY_PAGES": lambda: BusyError(sentences.MANY_PAGES, limit=limits.ROOM_PAGES),
}
