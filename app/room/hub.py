"""What keeps rooms: where a teacher says something once, and all who follow hear of it.

One process keeps them in its memory (`app.room.memory`), several keep them in a Redis (`app.room.shared`), where the id
of news is that of its stream. `tests/test_room.py` is written against these few methods alone. A room that is not
there, or not any more, is a 404 whoever asks.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from app.ground.shortcut import Way
from app.room.moment import Moment
from app.room.news import News
from app.room.question import Answer, Question

COUNTED = 0.2  # seconds between two counts that a teacher is told
UNHEARD = 60.0  # seconds for which a room that nobody follows is kept, though others want its place
OF_ALL = ("walk", "at", "question")  # what everybody sees of a room by these names, besides its end
OF_TEACHER = ("count",)


class Role(StrEnum):
    """Who somebody is in a room, by the token that they have."""

    TEACHER = "teacher"
    STUDENT = "student"
    NOBODY = "nobody"


@dataclass(frozen=True)
class NewRoom:
    """A room that is open now: its code, the key that makes a teacher, which is told this once, and its life."""

    code: str
    key: str
    seconds: int


@dataclass(frozen=True)
class Tally:
    """How a question stands, for its teacher."""

    question: int | None
    state: str | None
    students: int
    count: int
    answers: list[dict[str, Any]]


class Follower(Protocol):
    """Somebody who hears of a room."""

    async def news(self) -> News:
        """What is new since the last time, once something is: the first time, everything. In long silence, a word."""

    def shorten(self, way: Way) -> None:
        """Have what is new taken by this call, as soon as it is and while somebody waits for it: whatever it does not
        take comes to who waits, and so does the end.
        """


class Hub(Protocol):
    """All rooms. Whoever calls has made sure that it is the teacher who does what is a teacher's."""

    async def open(self, client: str) -> NewRoom:
        """Open a room; a `BusyError` if there are too many, or too many of this client."""

    async def role(self, code: str, token: str) -> Role:
        """Who has this token."""

    async def seconds(self, code: str) -> int:
        """How long the room is still there."""

    async def join(self, code: str) -> str:
        """Give a seat to a student, if need be one on which nobody sits; a `BusyError` if there is none."""

    async def move(self, code: str, moment: Moment) -> None:
        """Lead the class there."""

    async def ask(self, code: str, question: Question | None) -> int | None:
        """Ask a question, in place of the one before. Its number."""

    async def answer(self, code: str, seat: str, number: int, answer: Any) -> None:
        """Answer the question of that number, as whoever has that seat."""

    async def answer_of(self, code: str, seat: str) -> tuple[int, Answer] | None:
        """What they answered, with the number of the question."""

    async def tally(self, code: str) -> Tally:
        """How the question stands, whether the answers are shown or not."""

    async def show(self, code: str) -> None:
        """Show the answers, which nobody changes from now on."""

    async def question(self, code: str) -> Question:
        """What is asked; a 409 if nothing is."""

    async def tell(self, code: str, truth: list[Answer]) -> None:
        """Say what is right."""

    async def end(self, code: str) -> None:
        """End the room: whoever follows is told, and it is gone."""

    def follow(self, code: str, token: str, seen: str = "") -> AbstractAsyncContextManager[Follower]:
        """Hear of a room from the news of that id on, with a key or a seat; a 403 with neither."""

    async def close(self) -> None:
        """Leave, as a worker that ends: nobody on it follows any more."""
