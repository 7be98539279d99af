"""The rooms of a server, and how much of them anybody may have."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.ground import limits
from app.ground.errors import RequestError
from app.room import sentences
from app.room.codes import CODE
from app.room.hub import Hub, Role
from app.room.rates import Rates
from app.walks.shares import BusyError, counted

FORGIVEN = 0.2  # wrong codes a second


class Rooms:
    """A hub behind its bounds. To be used on the event loop."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._wrong = Rates(limits.WRONG_CODES, FORGIVEN, sentences.MANY_CODES)  # of each client
        self._said = Rates(6 * limits.CLIENT_WORDS, limits.CLIENT_WORDS, sentences.MANY_WORDS)
        self._taught = Rates(2 * limits.TEACHER_WORDS, limits.TEACHER_WORDS, sentences.MANY_WORDS)  # of each room
        self._followers: Counter[str] = Counter()  # of each client

    def hear(self, client: str) -> None:
        """A client says something to a room; a `BusyError` if that is too much."""
        self._said.take(client)

    async def role(self, client: str, code: str, *tokens: str) -> tuple[Role, str]:
        """Who somebody is in a room, and by which of their tokens.

        A client that has tried too many codes is told nothing of any code, unless it is in the room already.
        """
        roles = [(await self._there(code, token), token) for token in dict.fromkeys(tokens)]
        for role, token in roles:
            if role in (Role.TEACHER, Role.STUDENT):
                return role, token
        self._wrong.check(client)
        if roles[0][0] is None:
            self._wrong.take(client)
            raise RequestError(404, "code", sentences.NO_ROOM)
        return Role.NOBODY, ""

    async def teach(self, client: str, code: str, token: str) -> None:
        """A client does what is the teacher's; a RequestError if it is not the teacher, or does too much."""
        if (await self.role(client, code, token))[0] != Role.TEACHER:
            raise RequestError(403, None, sentences.NOT_THE_TEACHER)
        self._taught.take(code)

    async def sit(self, client: str, code: str, token: str) -> None:
        """A client does what is a student's; a RequestError if it has no seat."""
        if (await self.role(client, code, token))[0] != Role.STUDENT:
            raise RequestError(403, None, sentences.NO_SEAT)

    @contextmanager
    def followed(self, client: str) -> Iterator[None]:
        """One of those who follow; a `BusyError` if they are too many."""
        if self._followers[client] >= limits.CLIENT_FOLLOWERS:
            raise BusyError(sentences.MANY_OF_ONE, limit=limits.CLIENT_FOLLOWERS)
        if self._followers.total() >= limits.FOLLOWERS:
            raise BusyError(sentences.MANY_FOLLOWERS, limit=limits.FOLLOWERS)
        with counted(self._followers, client, 1):
            yield

    async def _there(self, code: str, token: str) -> Role | None:
        if not CODE.fullmatch(code):
            return None
        try:
            return await self.hub.role(code, token)
        except RequestError as error:
            if error.status == 404:
                return None
            raise
