"""The addresses of rooms for a class, which a server has if it was started with `--class`, and who comes to them.

These are the only ones that are written to. A write says where it comes from, and no page of another site, nor of
another server on this machine, is believed (`Origin`). Who somebody is comes as a header or a cookie, and is read here:
nothing behind the gate sees a cookie of theirs.
"""

import re
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers

from app.ground.errors import RequestError
from app.room.sentences import ELSEWHERE

HOME = "/api/rooms"
KEY, SEAT = "convwalk-key", "convwalk-seat"  # cookies

_READ = ("GET", "HEAD", "OPTIONS")
_METHODS = {
    "": _READ,
    **dict.fromkeys(("events", "answers"), _READ),
    **dict.fromkeys(("join", "moment", "question", "show", "truth", "end"), ("POST", "OPTIONS")),
    "answer": (*_READ, "POST"),
}
_ROOM = re.compile(r"/api/rooms/[^/]+(?:/([^/]*))?")
_TOKENS = "convwalk.tokens"  # in the scope
_COOKIE = re.compile(rb"(?:^|;)[ \t]*convwalk-(key|seat)=([A-Za-z0-9_-]{43})[ \t]*(?=;|$)")
_BEARER = re.compile(rb"bearer +", re.IGNORECASE)
_TOKEN = re.compile(rb"[A-Za-z0-9_-]{43}")


def methods(path: str) -> tuple[str, ...] | None:
    """What an address of a room answers; None if it is none.

    >>> methods("/api/rooms/48317702/join"), methods("/api/conv2d/walk/stream")
    (('POST', 'OPTIONS'), None)
    """
    if path == HOME:
        return (*_READ, "POST")
    found = _ROOM.fullmatch(path)
    return _METHODS.get(found[1] or "") if found else None


def is_written(path: str) -> bool:
    """Whether a room hears what is posted to a path."""
    return "POST" in (methods(path) or ())


@dataclass(frozen=True)
class Tokens:
    """What a request says of who it comes from: a header goes before cookies. Empty is nobody's."""

    key: str = ""
    seat: str = ""


def tokens_of(scope: MutableMapping[str, Any]) -> Tokens:
    """Those that came with a request to a room."""
    tokens: Tokens = scope[_TOKENS]
    return tokens


def with_tokens(scope: MutableMapping[str, Any]) -> dict[str, Any]:
    """The scope of a request that may be a room's, with who it comes from."""
    return {**scope, _TOKENS: _tokens(scope["headers"])}


def check_origin(headers: Headers) -> RequestError | None:
    """What is wrong with a write that does not come from a page of this server."""
    origins, host = headers.getlist("origin"), headers.get("host", "").lower()
    scheme, _, place = origins[0].lower().partition("://") if len(origins) == 1 else ("", "", "")
    return None if scheme in ("http", "https") and place == host else RequestError(403, None, ELSEWHERE)


def _tokens(headers: Iterable[tuple[bytes, bytes]]) -> Tokens:
    given = list(headers)
    borne = [value for name, value in given if name == b"authorization" and _BEARER.match(value)]
    if borne:  # of another scheme is what some proxies ask for
        found = _TOKEN.fullmatch(_BEARER.sub(b"", borne[0])) if len(borne) == 1 else None
        token = found[0].decode() if found else ""
        return Tokens(token, token)
    cookies = [match for name, value in given if name == b"cookie" for match in _COOKIE.finditer(value)]
    return Tokens(**{match[1].decode(): match[2].decode() for match in cookies})
