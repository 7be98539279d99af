"""The door: how many requests of one client are worked on at a time. The others wait in front of it, and cost nothing.

Whatever has begun must be unwound when its client leaves, which takes the event loop a millisecond: hundreds that leave
at once would hold everybody up for as long as hundreds that are answered. Who leaves while waiting here never began.
"""

import asyncio
from collections import Counter
from contextlib import ExitStack

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.ground import limits
from app.render.refusals import answer
from app.walks.shares import BusyError, client_of, counted

AT_ONCE = 100  # requests of one client that have begun and have no part of their answer yet: far more than a class asks
SHORT = ("/healthz", "/static/", "/assets/")  # what is answered without computing waits for nobody
GONE = "convwalk.gone"  # in the scope: a call that tells whether the client has left


class Door:
    """An ASGI application in front of another: of each client it lets in a few requests at a time, in their order.

    A request makes room for the next one of its client as soon as its answer begins: streams are counted elsewhere.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._requests: Counter[str] = Counter()  # of each client: those that wait, and those inside
        self._places: dict[str, asyncio.Semaphore] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(SHORT):
            await self.app(scope, receive, send)
            return
        client = client_of(scope)
        if self._requests[client] >= limits.CLIENT_REQUESTS:
            template = "at most {limit} requests of one client are answered at a time; try again in a moment"
            refused = answer(Request(scope), BusyError(template, limit=limits.CLIENT_REQUESTS))
            await refused(scope, receive, send)
            return
        places = self._places.setdefault(client, asyncio.Semaphore(AT_ONCE))
        with ExitStack() as stay:
            stay.callback(self._forget, client)
            stay.enter_context(counted(self._requests, client, 1))
            await places.acquire()
            stay.callback(places.release)

            async def send_leaving(message: Message) -> None:
                stay.close()
                await send(message)

            if GONE not in scope or not scope[GONE]():
                await self.app(scope, receive, send_leaving)

    def _forget(self, client: str) -> None:
        if not self._requests[client]:
            self._places.pop(client, None)  # or every client that ever came would be remembered
