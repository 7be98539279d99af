"""HEAD: the answer to a GET without its body. Proxies and those who check links ask for it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Head:
    """An ASGI application around another, which need not know HEAD: it is asked to GET, and not listened to for long.

    With its head the answer is whole, and that is the end of its client, as far as a stream can tell: none of the steps
    of a walk is computed for nobody.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        if scope["type"] == "http" and scope["method"] == "HEAD":
            await self.app({**scope, "method": "GET"}, receive, send_head)
        else:
            await self.app(scope, receive, send)
