"""What every answer carries and every request must satisfy, before anything else looks at it."""

import ipaddress
import os
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import RequestError, answer
from app.query import MOST_NAMES
from core import limits

# Plotly writes two style sheets of its own: an empty one that it fills, and the one of its maps. Their hashes are
# those of plotly.js 4.1.1; with anything stricter its cells blur and its tool bar breaks.
PAGE_POLICY = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src-elem 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    " 'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='",
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
    "object-src 'none'",
))  # fmt: skip
OTHER_POLICY = "default-src 'none'; frame-ancestors 'none'"


def names_from_environment() -> frozenset[str]:
    """The names that $CONVWALK_ALLOWED_HOSTS lists, with commas between them."""
    return frozenset(filter(None, os.environ.get("CONVWALK_ALLOWED_HOSTS", "").lower().replace(" ", "").split(",")))


class Secured:
    """An ASGI application in front of another: it refuses what must not get through, and sets the headers of answers.

    It is plain ASGI, so that streams pass unbuffered.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self.app, self.names = app, frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_page = headers.get("content-type", "").startswith("text/html")
                headers["Content-Security-Policy"] = PAGE_POLICY if is_page else OTHER_POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
            await send(message)

        refused = self._refused(scope)
        if refused is None:
            await self.app(scope, receive, send_secured)
        else:
            await answer(Request(scope), refused)(scope, receive, send_secured)

    def _refused(self, scope: Scope) -> RequestError | None:
        address = len(scope.get("raw_path") or b"") + 1 + len(scope["query_string"])
        if address > limits.URL_BYTES:
            return RequestError(414, None, "this address is longer than {limit} bytes", limit=limits.URL_BYTES)
        if scope["query_string"].count(b"&") >= MOST_NAMES:  # the framework would parse every one of them
            return RequestError(422, None, "this address names too many settings")
        # Another site may point its own name at this machine and read what is served here: only our names are answered.
        if not self._is_ours(Headers(scope=scope).getlist("host")):
            template = "this server does not answer to that name; --allowed-host adds names that it does"
            return RequestError(421, None, template)
        return None

    def _is_ours(self, hosts: list[str]) -> bool:
        if len(hosts) != 1:
            return False
        host = hosts[0].lower()
        if host.startswith("["):
            return _is_address(host[1:].partition("]")[0])
        name = host.partition(":")[0]
        # A name without a dot is of this machine or its neighbourhood: nobody elsewhere can own it.
        is_local = name != "" and ("." not in name or name.endswith(".localhost"))
        return is_local or name in self.names or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
