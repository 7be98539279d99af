"""What every answer carries and every request must satisfy, before anything else looks at it."""

import os
import re
import socket
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.gate import rooms
from app.gate.bodies import takes_body
from app.ground import limits
from app.ground.errors import POSTED, SENTENCES, TOO_LONG, RequestError
from app.ground.network import ip_address
from app.ground.words import without_cookies
from app.render.refusals import answer
from app.room.sentences import WRITTEN
from app.walks.query import MOST_NAMES

# Plotly writes two style sheets of its own: an empty one that it fills, and the one of its maps. Their hashes are
# those of plotly.js 4.1.1; with anything stricter its cells blur and its tool bar breaks.
_PAGE_POLICY = "; ".join((
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
    "object-src 'none'",
))  # fmt: skip
OTHER_POLICY = "default-src 'none'; frame-ancestors 'none'"
# That of a script counts where it runs as a worker: it hears of a room, and imports from here.
_SCRIPT_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'"

# What every answer carries besides a policy. None of these makes a browser complain on a plain-http address of the
# neighbourhood, as Cross-Origin-Opener-Policy does there, and none binds readers to https, which not every server has.
# A page uses the full screen, the clipboard, the wake lock and, for a picture to walk on, the camera, which a page of
# another site in whose frame it is cannot have through it; the unused ones it never asks for.
_UNUSED = "accelerometer display-capture geolocation gyroscope magnetometer microphone midi payment usb"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(("camera=(self)", *(f"{feature}=()" for feature in _UNUSED.split()))),
}

_READING = ("GET", "HEAD", "OPTIONS")  # nothing but a room can be written to, from another site or from this one

_HOST = re.compile(r"(?P<name>[a-z0-9._-]+|\[(?P<ipv6>[0-9a-f:.]+(?:%[a-z0-9.%_-]+)?)\])(?::\d{0,5})?")


def page_policy(embedded_by: str = "'none'", frames: str = "'none'") -> str:
    """The Content-Security-Policy of a page that these sites may show in a frame, with frames of these in it."""
    return f"{_PAGE_POLICY}; frame-src {frames}; frame-ancestors {embedded_by}"


# That of the page that says in a frame why the one that was asked for is not there: it has nothing to be taken.
REASON_POLICY = "; ".join((
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors *",
))  # fmt: skip


def own_names() -> frozenset[str]:
    """What this machine calls itself, as its neighbours find it too."""
    name = socket.gethostname().lower()
    return frozenset({name, name.partition(".")[0], f"{name.partition('.')[0]}.local"}) - {"", ".local"}


def names_from_environment() -> frozenset[str]:
    """The names that $CONVWALK_ALLOWED_HOSTS lists, with commas between them."""
    return frozenset(filter(None, os.environ.get("CONVWALK_ALLOWED_HOSTS", "").lower().replace(" ", "").split(",")))


class Gate:
    """An ASGI application in front of another: it refuses what must not get through, and sets the headers of answers.

    It is plain ASGI, so that streams pass unbuffered.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str], has_rooms: bool = False) -> None:
        self.app, self.names, self.has_rooms = app, own_names().union(names), has_rooms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # A page that may be embedded has said so already.
                headers.setdefault("Content-Security-Policy", self._policy_of(headers.get("content-type", "")))
                headers.update(HEADERS)
            await send(message)

        if self.has_rooms and rooms.methods(scope["path"]) is not None:
            scope = rooms.with_tokens(scope)
        scope = {**scope, "headers": without_cookies(scope["headers"])}
        refused, response = self._refused(scope), self.app
        allowed = {"Allow": ", ".join(self._methods(scope["path"]))}
        if refused is not None:
            response = refusal = answer(Request(scope), refused)
            refusal.headers.update(allowed if refused.status == 405 else {})
        elif scope["method"] == "OPTIONS":  # no header lets another site in: what a browser asks for it is denied it
            response = Response(None, 204, allowed)
        await response(scope, receive, send_secured)

    def _policy_of(self, kind: str) -> str:
        """The policy of an answer of that content type."""
        if kind.startswith("text/html"):
            return page_policy()
        return _SCRIPT_POLICY if self.has_rooms and kind.startswith("text/javascript") else OTHER_POLICY

    def _refused(self, scope: Scope) -> RequestError | None:
        address = len(scope.get("raw_path") or b"") + 1 + len(scope["query_string"])
        if address > limits.URL_BYTES:
            return RequestError(414, None, TOO_LONG, limit=limits.URL_BYTES)
        if scope["query_string"].count(b"&") >= MOST_NAMES:  # the framework would parse every one of them
            return RequestError(422, None, "this address names more than {limit} settings", limit=MOST_NAMES)
        hosts = Headers(scope=scope).getlist("host")
        if not hosts and scope["http_version"] == "1.0":  # no browser asks so, but some that look after servers do
            hosts = ["localhost"]
        host = _HOST.fullmatch(hosts[0].lower()) if len(hosts) == 1 else None
        if host is None:
            return RequestError(400, None, "a request names its host once, as a name or an address")
        # Another site may point its own name at this machine and read what is served here: only our names are answered.
        if not self._is_ours(host["ipv6"] or host["name"].removesuffix(".")):
            template = "this server does not answer to that name; --allowed-host adds names that it does"
            return RequestError(421, None, template)
        path, methods = scope["path"], self._methods(scope["path"])
        is_written = self.has_rooms and rooms.is_written(path)
        if scope["method"] not in methods:
            written = WRITTEN if is_written else POSTED
            return RequestError(405, None, SENTENCES[405] if "GET" in methods else written)
        return rooms.check_origin(Headers(scope=scope)) if is_written and scope["method"] == "POST" else None

    def _is_ours(self, name: str) -> bool:
        is_local = name == "localhost" or name.endswith(".localhost")  # which always mean the machine that asks
        return is_local or name in self.names or ip_address(name) is not None

    def _methods(self, path: str) -> tuple[str, ...]:
        """Those that an address answers: a POST is a reading too, of a walk whose arrays stand in its body."""
        if self.has_rooms and (methods := rooms.methods(path)):
            return methods
        if not takes_body(path):
            return _READING
        return ("POST", "OPTIONS") if path.endswith("/compare") else (*_READING, "POST")
