"""The door: how many requests of one client are worked on at a time. The others wait in front of it, and cost nothing.

Whatever has begun must be unwound when its client leaves, which takes the event loop a millisecond: hundreds that leave
at once would hold everybody up for as long as hundreds that are answered. Who leaves while waiting here never began.
"""

import asyncio
from collections import Counter, deque

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import limits
from app.refusals import answer
from app.shares import BusyError, client_of

AT_ONCE = 100  # requests of one client that have begun and have no part of their answer yet: far more than a class asks
SHORT = ("/healthz", "/static/", "/assets/")  # what is answered without computing waits for nobody
GONE = "convwalk.gone"  # in the scope: a call that tells whether the client has left


class Door:
    """An ASGI application in front of another: of each client it lets in a few requests at a time, in their order.

    A request makes room for the next one of its client as soon as its answer begins: streams are counted elsewhere.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._inside: Counter[str] = Counter()  # of each client
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(SHORT):
            await self.app(scope, receive, send)
            return
        client = client_of(scope)
        if self._inside[client] + len(self._waiting.get(client, ())) >= limits.CLIENT_REQUESTS:
            template = "at most {limit} requests of one client are answered at a time; try again in a moment"
            refused = answer(Request(scope), BusyError(template, limit=limits.CLIENT_REQUESTS))
            await refused(scope, receive, send)
            return
        await self._enter(client)
        is_inside = True

        def leave() -> None:
            nonlocal is_inside
            if is_inside:
                is_inside = False
                self._pass_on(client)

        async def send_leaving(message: Message) -> None:
            leave()
            await send(message)

        try:
            if GONE not in scope or not scope[GONE]():
                await self.app(scope, receive, send_leaving)
        finally:
            leave()

    async def _enter(self, client: str) -> None:
        if self._inside[client] < AT_ONCE:
            self._inside[client] += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # the place came just when nobody wanted it any more
                self._pass_on(client)
            raise

    def _pass_on(self, client: str) -> None:
        """Give a place that is free to the next request of the client."""
        waiting = self._waiting.get(client)
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._waiting.pop(client, None)
        self._inside[client] -= 1
        if not self._inside[client]:
            del self._inside[client]  # or every client that ever came would be remembered
