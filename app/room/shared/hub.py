"""Rooms in a Redis, which any number of workers have in common."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import orjson

from app.ground import limits
from app.ground.errors import RequestError
from app.room import sentences
from app.room.board import Listener
from app.room.codes import digest, new_code, new_token
from app.room.hub import COUNTED, OF_ALL, UNHEARD, NewRoom, Role, Tally
from app.room.moment import Moment
from app.room.question import Answer, Question
from app.room.shared.boards import LEASE, Boards
from app.room.shared.line import Line
from app.room.shared.place import PREFIX
from app.walks.shares import counted


class SharedHub:
    """All rooms of the Redis at an address. To be used on the event loop.

    What is said here is on the board of the followers here as soon as it is said; others hear of it from the Redis.
    """

    def __init__(self, url: str, seconds: float | None = None, prefix: str = PREFIX) -> None:
        self._seconds = limits.ROOM_SECONDS if seconds is None else seconds
        self._line = Line(url, prefix)
        self._boards = Boards(self._line)
        self._counting: dict[str, asyncio.TimerHandle] = {}

    async def open(self, client: str) -> NewRoom:
        key, life = new_token(), int(1000 * self._seconds)
        most, own, unheard = limits.ROOMS, limits.CLIENT_ROOMS, int(1_000_000 * UNHEARD)
        is_new = 0
        code = ""
        while not is_new:
            code = new_code()
            said = digest(client), digest(key), life, most, own, unheard, " ".join(OF_ALL)
            [is_new] = await self._line.happen("open", code, *said)
        return NewRoom(code, key, int(self._seconds))

    async def role(self, code: str, token: str) -> Role:
        [role] = await self._line.happen("role", code, digest(token))
        return Role(role.decode())

    async def seconds(self, code: str) -> int:
        left: int
        [left] = await self._line.happen("life", code)
        return max(0, left // 1000)

    async def join(self, code: str) -> str:
        seat = new_token()
        await self._line.happen("join", code, digest(seat), limits.ROOM_STUDENTS)
        self._count(code)
        return seat

    async def move(self, code: str, moment: Moment) -> None:
        await self._change("move", code, orjson.dumps(moment.at), _json(moment.walk))

    async def ask(self, code: str, question: Question | None) -> int | None:
        [number] = await self._change("ask", code, _json(question and question.as_dict()))
        self._count(code)
        return number or None

    async def answer(self, code: str, seat: str, number: int, answer: Any) -> None:
        asked, state, question = await self._line.happen("poll", code)
        if asked is None or int(asked) != number:
            raise RequestError(409, "question", sentences.OVER)
        if state != b"open":
            raise RequestError(409, "answer", sentences.SHOWN)
        said = orjson.dumps(_question(question).answer(answer))
        await self._line.happen("answer", code, digest(seat), number, said, limits.ANSWERS)
        self._count(code)

    async def answer_of(self, code: str, seat: str) -> tuple[int, Answer] | None:
        number, answer = await self._line.happen("answer of", code, digest(seat))
        if number is None or answer is None:
            return None
        told = orjson.loads(answer)
        return int(number), tuple(told) if type(told) is list else told

    async def tally(self, code: str) -> Tally:
        number, state, students, count, answers = await self._line.happen("tally", code)
        if number is None:
            return Tally(None, None, students, 0, [])
        return Tally(int(number), state.decode(), students, count, orjson.loads(answers))

    async def show(self, code: str) -> None:
        await self._change("show", code)

    async def question(self, code: str) -> Question:
        number, _, question = await self._line.happen("poll", code)
        if number is None:
            raise RequestError(409, "question", sentences.NOTHING_ASKED)
        return _question(question)

    async def tell(self, code: str, truth: list[Answer]) -> None:
        await self._change("tell", code, orjson.dumps(truth))

    async def end(self, code: str) -> None:
        await self._change("end", code)

    @asynccontextmanager
    async def follow(self, code: str, token: str, seen: str = "") -> AsyncIterator[Listener]:
        kept = digest(token)
        with self._boards.followed(code) as room:
            try:
                with counted(room.pages, kept, 1):
                    said = room.pages[kept], limits.ROOM_PAGES, room.since, self._boards.worker, int(1000 * LEASE)
                    role, *fresh = await self._line.happen("follow", code, kept, *said)
                    self._boards.take(code, fresh)
                    with room.board.heard(seen, Role(role.decode()) == Role.TEACHER) as listener:
                        yield listener
            finally:
                self._boards.aside(self._leave(code, kept, room.pages[kept]))

    async def close(self) -> None:
        for timer in self._counting.values():
            timer.cancel()
        await self._boards.close()
        await self._line.close()

    async def _change(self, what: str, code: str, *said: bytes | str | int) -> list[Any]:
        answer = await self._line.happen(what, code, *said)
        await self._boards.bring(code)
        return answer

    async def _leave(self, code: str, kept: bytes, pages: int) -> None:
        with suppress(RequestError):  # the room is over, or the Redis away: a lease ends by itself
            await self._line.happen("leave", code, kept, pages, self._boards.worker)

    def _count(self, code: str) -> None:
        """Tell the teacher soon how many there are: a class that answers at once is not told of one by one."""
        if code not in self._counting:
            begin = asyncio.get_running_loop().call_later
            self._counting[code] = begin(COUNTED, lambda: self._boards.aside(self._tell_count(code)))

    async def _tell_count(self, code: str) -> None:
        del self._counting[code]
        with suppress(RequestError):  # the room is over, or the Redis away: whoever follows counts again
            await self._change("count", code)


def _json(said: Any) -> bytes:
    """In a form of its own, so that equal things are the same; nothing is nothing."""
    return b"" if said is None else orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def _question(json: bytes) -> Question:
    return Question.of(orjson.loads(json))
