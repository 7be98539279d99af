"""What happens in a room, as server-sent events: what is new at once, and else a word now and then.

The framework has an answer of its own for them. It encodes each event for each follower and puts a queue before each;
here what is new is made once for all, and there is no queue at all (`app.room.board`). The first part passes all that
stands before the application; the others take the shortcut to the connection, where it has room.
"""

from fastapi import Request
from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.ground.errors import RequestError
from app.ground.shortcut import SHORTCUT
from app.room.rooms import Rooms
from app.walks.shares import client_of
from app.walks.walks import walks_of

RETRY = format_sse_event(retry=2000)  # milliseconds until a browser asks again, whose line has broken


class Events(Response):
    """The answer that goes on for as long as its client listens, and the room is there."""

    media_type = EventSourceResponse.media_type

    def __init__(self, request: Request, rooms: Rooms, code: str, token: str) -> None:
        self.status_code, self.background = 200, None
        self._walks, self._rooms, self._code, self._token = walks_of(request), rooms, code, token
        self._seen = request.headers.get("last-event-id", "")
        # No proxy is to keep it back, and none to keep it.
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False
        try:
            async with self._walks.waited_for(receive):
                with self._rooms.followed(client_of(scope)):
                    async with self._rooms.hub.follow(self._code, self._token, self._seen) as follower:
                        news = None if self._seen else await follower.news()
                        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                        has_begun = True
                        await _send(send, RETRY + (news.event if news else b""))
                        if SHORTCUT in scope:
                            follower.shorten(scope[SHORTCUT].take)
                        while not (news and news.is_last):
                            news = await follower.news()
                            await _send(send, news.event)
        except RequestError:  # its client has left, or the server ends
            if not has_begun:
                raise
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send(send: Send, part: bytes) -> None:
    await send({"type": "http.response.body", "body": part, "more_body": True})
