"""Bodies: what does not fit into an address, read whole before anything else of a request begins.

    POST /api/conv2d/walk/stream?stride=2        {"x": "f64:3x64x64:…", "dy": [[[0, 1]]]}

A body must be JSON by its own word: a browser sends that from another site only where it is asked first, and it is
told no. Who is slow with a body waits outside of the door, and costs what has come of it. How the arrays stand in it is
`app.walks.arrays`'.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.gate import rooms
from app.ground import limits
from app.ground.errors import BODY_TOO_LONG, RequestError
from app.render.refusals import answer
from app.room.sentences import TOO_LONG
from app.walks.shares import BusyError, client_of

BODY = "convwalk.body"  # in the scope: the body of a request that has one

_TAKING = re.compile(r"/api/[^/]+/[^/]+/[^/]+")
_JSON = re.compile(r"application/json\s*(?:;.*)?", re.IGNORECASE)


def takes_body(path: str, has_rooms: bool = False) -> bool:
    """Whether a POST to a path is read: whatever reads the arrays of its query reads those of a body too.

    >>> takes_body("/api/conv2d/walk/stream"), takes_body("/api/layers")
    (True, False)
    """
    return _TAKING.fullmatch(path) is not None or (has_rooms and rooms.is_written(path))


def too_long(path: str, has_rooms: bool = False) -> tuple[int, str]:
    """The bytes that a body may have there, and what is said of one that has more."""
    if has_rooms and rooms.is_written(path):
        return limits.ROOM_BYTES, TOO_LONG
    return limits.BODY_BYTES, BODY_TOO_LONG


class Body:
    """The body of a request, and the bytes that it counts for among those of all others until its answer has ended."""

    def __init__(
        self, held: Counter[str], client: str, most: int = limits.BODY_BYTES, sentence: str = BODY_TOO_LONG
    ) -> None:
        self._held, self._client, self._most, self._sentence = held, client, most, sentence
        self._bytes = bytearray()
        self._counted = 0

    def add(self, part: bytes) -> None:
        """What has come next of it; a RequestError if that is too much."""
        if len(self._bytes) + len(part) > self._most:
            raise RequestError(413, None, self._sentence, limit=self._most)
        self.count(len(self._bytes) + len(part))
        self._bytes += part

    def take(self) -> bytes:
        """All of it, once."""
        whole = bytes(self._bytes)
        self._bytes.clear()
        return whole

    def count(self, size: int) -> None:
        """From now on it counts for so many bytes, such as those of its arrays; a `BusyError` if there is no room.

        To be called on the event loop.
        """
        more = size - self._counted
        others = self._held[self._client] - self._counted, self._held.total() - self._counted
        shares = zip(others, (limits.BODIES_BYTES // 2, limits.BODIES_BYTES), strict=True)
        full = next((most for held, most in shares if held and held + size > most), None)
        if more > 0 and full is not None:  # what is legal fits at least alone, whatever the limits are set to
            raise BusyError("at most {limit} bytes of bodies are read at a time; try again in a moment", limit=full)
        self._counted = size
        self._held[self._client] += more

    def forget(self) -> None:
        """It is no longer there."""
        self._bytes.clear()
        self._held[self._client] -= self._counted
        self._counted = 0
        if not self._held[self._client]:
            del self._held[self._client]  # or every client that ever came would be remembered


class Bodies:
    """An ASGI application in front of another, which gets a request with a body once all of that is there."""

    def __init__(self, app: ASGIApp, has_rooms: bool = False) -> None:
        self.app, self.has_rooms = app, has_rooms
        self._held: Counter[str] = Counter()  # bytes of each client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        with self._body(client_of(scope), *too_long(scope["path"], self.has_rooms)) as body:
            try:
                _check(Headers(scope=scope))
                is_whole = False
                while not is_whole:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return
                    body.add(message.get("body", b""))
                    is_whole = not message.get("more_body", False)
            except RequestError as error:
                await answer(Request(scope), error)(scope, receive, send)
                return
            await self.app({**scope, BODY: body}, receive, send)

    @contextmanager
    def _body(self, client: str, most: int, sentence: str) -> Iterator[Body]:
        body = Body(self._held, client, most, sentence)
        try:
            yield body
        finally:
            body.forget()


def body_of(request: Request) -> Body | None:
    """The body that a request came with, if it may have one."""
    body: Body | None = request.scope.get(BODY)
    return body


def _check(headers: Headers) -> None:
    """A RequestError where the headers say that a body will not be read."""
    if (
        not _JSON.fullmatch(headers.get("content-type", ""))
        or headers.get("content-encoding", "identity") != "identity"
    ):
        template = 'a body must be uncompressed JSON, and say so (Content-Type: application/json): {"x": [[[0,1]]]}'
        raise RequestError(415, None, template)
