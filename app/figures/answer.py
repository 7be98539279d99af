"""The answer with a figure: made turn by turn, in memory that is shared out among clients, once for all who ask."""

import asyncio
from functools import cache
from weakref import WeakValueDictionary

import orjson
from cachetools import LRUCache
from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from app.figures import colours
from app.figures.film import Film
from app.ground import limits
from app.ground.etags import is_known, kept_by, not_modified, tag
from app.ground.parts import Parts
from app.ground.words import Words
from app.walks.shares import client_of
from app.walks.walk_request import WalkRequest
from app.walks.walks import Walks
from app.walks.work import worked_out

KEPT = 24_000_000  # bytes of figures kept for those who come back: a class follows one link
CELL = 16  # bytes that a cell of a stream counts for


class Figures:
    """The latest figures of a server. To be used on the event loop."""

    def __init__(self) -> None:
        self.kept: LRUCache[str, bytes] = LRUCache(KEPT, len)
        self._making: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def turn(self, key: str) -> asyncio.Lock:
        """Who holds it makes the figure; the others wait, and find it."""
        return self._making.setdefault(key, asyncio.Lock())

    def keep(self, key: str, body: bytes) -> None:
        """For those who come back, unless it is larger than all the room."""
        if len(body) <= KEPT:
            self.kept[key] = body


class FigureAnswer(Response):
    """The answer to a request for a figure; it has all its bytes before the first is sent."""

    media_type = "application/json"

    def __init__(self, request: Request, walks: Walks, asked: WalkRequest, film: Film) -> None:
        self.status_code, self.background = 200, None
        self.init_headers({})
        self._request, self._walks, self._asked, self._film = request, walks, asked, film
        self._figures: Figures = request.app.state.figures
        self._etag = tag(asked.key.encode(), film.stop.encode(), _look(film.words.language, film.theme))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = client_of(scope)
        response = not_modified(self._etag)
        # A * is whichever version there is; whether there is one is known only once it is made.
        is_any = "*" in self._request.headers.get("if-none-match", "")
        if not is_any and is_known(self._request, self._etag):
            await response(scope, receive, send)
            return
        async with self._walks.waited_for(receive):
            body = await self._body(client)
            if is_known(self._request, self._etag):
                await response(scope, receive, send)
                return
            response = Parts(body, headers=kept_by(self._request, self._etag), media_type=self.media_type)
            async with self._walks.room.hold(client, len(body) // CELL):  # until its client has taken it
                await response(scope, receive, send)

    async def _body(self, client: str) -> bytes:
        """The figure that there is, or a new one. Those who wait for the same one need no room of their own."""
        async with self._figures.turn(self._etag):
            body = self._figures.kept.get(self._etag)
            if body is None:
                async with self._walks.room.hold(client, limits.FIGURE_BYTES // CELL + self._asked.cells):
                    body = await worked_out(self._walks, client, self._film.of(self._asked.plan()))
                self._figures.keep(self._etag, body)
            return body


@cache
def _look(language: str, theme: str) -> bytes:
    """What a figure depends on besides its walk: its words and its colours."""
    return orjson.dumps([language, Words(language).all, colours.theme(theme)], option=orjson.OPT_SORT_KEYS)
