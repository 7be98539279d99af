"""HEAD: the answer to a GET without its body. Proxies and those who check links ask for it."""

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Head:
    """An ASGI application around another, which need not know HEAD: it is asked to GET, and stopped once it has begun.

    So a walk whose head is asked for is found, but none of its steps is computed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        with anyio.CancelScope() as begun:

            async def send_head(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await send(message)
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                    begun.cancel()

            await self.app({**scope, "method": "GET"}, receive, send_head)
