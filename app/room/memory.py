"""Rooms in the memory of one process."""

import asyncio
import hmac
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from app.ground import limits
from app.ground.errors import RequestError
from app.room import sentences
from app.room.board import Board, Listener
from app.room.codes import digest, new_code, new_token
from app.room.hub import COUNTED, OF_ALL, OF_TEACHER, UNHEARD, NewRoom, Role, Tally
from app.room.moment import Moment
from app.room.news import ENDED
from app.room.poll import Poll
from app.room.question import Answer, Question
from app.walks.shares import BusyError, counted


@dataclass(eq=False)
class _Room:
    """A room, and what everybody in it sees."""

    client: str
    key: bytes
    began: float
    heard: float  # when somebody followed it last, or something was said
    board: Board = field(default_factory=lambda: Board(OF_TEACHER))
    seats: set[bytes] = field(default_factory=set)
    followers: Counter[bytes] = field(default_factory=Counter)  # pages, by the token of each
    poll: Poll | None = None
    asked: int = 0
    counting: asyncio.TimerHandle | None = None
    ending: asyncio.TimerHandle | None = None


class MemoryHub:
    """All rooms of a server. To be used on the event loop."""

    def __init__(self, seconds: float | None = None) -> None:
        self._seconds = limits.ROOM_SECONDS if seconds is None else seconds
        self._rooms: dict[str, _Room] = {}

    async def open(self, client: str) -> NewRoom:
        own = [code for code, room in self._rooms.items() if room.client == client]
        if len(own) >= limits.CLIENT_ROOMS:
            self._make_place(own, BusyError(sentences.MANY_OF_CLIENT, limit=limits.CLIENT_ROOMS))
        if len(self._rooms) >= limits.ROOMS:
            self._make_place(self._rooms, BusyError(sentences.MANY_ROOMS, limit=limits.ROOMS))
        code, key, now = new_code(), new_token(), time.monotonic()
        while code in self._rooms:
            code = new_code()
        room = self._rooms[code] = _Room(client, digest(key), now, now)
        room.board.put(**dict.fromkeys(OF_ALL), **{ENDED: False}, count=_count(0, 0))
        room.ending = asyncio.get_running_loop().call_later(self._seconds, self._end, code)
        return NewRoom(code, key, int(self._seconds))

    async def role(self, code: str, token: str) -> Role:
        room, kept = self._room(code), digest(token)
        if hmac.compare_digest(room.key, kept):
            return Role.TEACHER
        return Role.STUDENT if kept in room.seats else Role.NOBODY

    async def seconds(self, code: str) -> int:
        return max(0, int(self._room(code).began + self._seconds - time.monotonic()))

    async def join(self, code: str) -> str:
        room = self._room(code)
        if len(room.seats) >= limits.ROOM_STUDENTS:
            self._clear_seat(room)
        seat = new_token()
        room.seats.add(digest(seat))
        self._count(room)
        return seat

    async def move(self, code: str, moment: Moment) -> None:
        board = self._room(code).board
        if moment.walk is None and board["walk"] is None:
            raise RequestError(409, "walk", sentences.NO_WALK)
        is_new = moment.walk is not None and moment.walk != board["walk"]
        board.put(at=moment.at, **({"walk": moment.walk} if is_new else {}))

    async def ask(self, code: str, question: Question | None) -> int | None:
        room = self._room(code)
        room.asked += question is not None
        room.poll = Poll(room.asked, question) if question else None
        self._put_question(room)
        self._count(room)
        return room.poll.number if room.poll else None

    async def answer(self, code: str, seat: str, number: int, answer: Any) -> None:
        room = self._room(code)
        if room.poll is None or room.poll.number != number:
            raise RequestError(409, "question", sentences.OVER)
        room.poll.answer(digest(seat), answer)
        self._count(room)

    async def answer_of(self, code: str, seat: str) -> tuple[int, Answer] | None:
        poll = self._room(code).poll
        answer = poll.of(digest(seat)) if poll else None
        return None if poll is None or answer is None else (poll.number, answer)

    async def tally(self, code: str) -> Tally:
        room = self._room(code)
        students, poll = len(room.seats), room.poll
        if poll is None:
            return Tally(None, None, students, 0, [])
        return Tally(poll.number, poll.state, students, poll.count, poll.groups())

    async def show(self, code: str) -> None:
        room = self._room(code)
        self._poll(room).show()
        self._put_question(room)

    async def question(self, code: str) -> Question:
        return self._poll(self._room(code)).question

    async def tell(self, code: str, truth: list[Answer]) -> None:
        room = self._room(code)
        self._poll(room).tell(truth)
        self._put_question(room)

    async def end(self, code: str) -> None:
        self._room(code)
        self._end(code)

    @asynccontextmanager
    async def follow(self, code: str, token: str, seen: str = "") -> AsyncIterator[Listener]:
        role, room, kept = await self.role(code, token), self._room(code), digest(token)
        if role == Role.NOBODY:
            raise RequestError(403, None, sentences.NO_SEAT)
        if room.followers[kept] >= limits.ROOM_PAGES:
            raise BusyError(sentences.MANY_PAGES, limit=limits.ROOM_PAGES)
        with counted(room.followers, kept, 1), room.board.heard(seen, role == Role.TEACHER) as listener:
            yield listener
        room.heard = time.monotonic()

    async def close(self) -> None:
        for code in tuple(self._rooms):
            self._end(code)

    def _room(self, code: str) -> _Room:
        if code not in self._rooms:
            raise RequestError(404, "code", sentences.NO_ROOM)
        room = self._rooms[code]
        room.heard = time.monotonic()
        return room

    def _clear_seat(self, room: _Room) -> None:
        """Take a seat on which nobody sits, rather of one who has not answered, with the answer."""
        empty = room.seats - room.followers.keys()
        if not empty:
            raise BusyError(sentences.MANY_STUDENTS, limit=limits.ROOM_STUDENTS)
        poll = room.poll
        seat = min(empty, key=lambda one: poll is not None and poll.of(one) is not None)
        room.seats.remove(seat)
        if poll is not None:
            poll.forget(seat)

    def _poll(self, room: _Room) -> Poll:
        if room.poll is None:
            raise RequestError(409, "question", sentences.NOTHING_ASKED)
        return room.poll

    def _put_question(self, room: _Room) -> None:
        room.board.put(question=room.poll.as_dict() if room.poll else None)

    def _count(self, room: _Room) -> None:
        """Tell the teacher soon how many there are: a class that answers at once is not told of one by one."""
        if room.counting is None:
            room.counting = asyncio.get_running_loop().call_later(COUNTED, self._tell_count, room)

    def _tell_count(self, room: _Room) -> None:
        room.counting = None
        count = _count(len(room.seats), room.poll.count if room.poll else 0)
        if count != room.board["count"]:
            room.board.put(count=count)

    def _make_place(self, codes: Iterable[str], refusal: BusyError) -> None:
        """End the one of these rooms that nobody has followed for longest; or refuse, if there was somebody in each."""
        forsaken = [(self._rooms[code].heard, code) for code in codes if not self._rooms[code].followers]
        heard, code = min(forsaken, default=(time.monotonic(), ""))
        if time.monotonic() - heard < UNHEARD:
            raise refusal
        self._end(code)

    def _end(self, code: str) -> None:
        room = self._rooms.pop(code)
        for timer in (room.counting, room.ending):
            if timer is not None:
                timer.cancel()
        room.board.put(**{ENDED: True})


def _count(students: int, answers: int) -> dict[str, int]:
    return {"students": students, "answers": answers}
