"""What is written down: warnings, errors and, where it is asked for, a line for each request.

A line has the method, the path, the status, the time until the last byte, and how many bytes there were. It has no
address, no browser, no cookie and no query: the arrays that somebody looks at may be a photograph of theirs.
"""

import logging
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.ground.shortcut import SHORTCUT, Shortcut

log = logging.getLogger("convwalk")

LONGEST = 200  # characters of a path
_LEFT_OUT = "convwalk.left_out"  # in the scope of a request whose line another one writes
# What uvicorn says of a stream that was cut short, whose own line says so.
CUT = "ASGI callable returned without completing response."


def configure(level: str) -> None:
    """Write what is of this level, `error`, `warning` or `info`, to the standard error, and others' noise nowhere."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    handler.addFilter(lambda record: record.msg != CUT)
    wanted = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(handlers=[handler], level=max(wanted, logging.WARNING), force=True)
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # it warns of each client that speaks no HTTP
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of each write to a client that has left
    log.setLevel(wanted)


class RequestLog:
    """An ASGI application in front of another, which writes a line when an answer has ended: whole, or cut short.

    It is plain ASGI, so that streams pass unbuffered.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status, sent, whole = time.monotonic(), 0, 0, False

        async def send_counted(message: Message) -> None:
            nonlocal status, sent, whole
            await send(message)
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
                whole = not message.get("more_body", False)

        try:
            await self.app(scope, receive, send_counted)
        finally:
            if _LEFT_OUT not in scope:
                path = scope.get("raw_path") or scope["path"].encode()
                shortcut: Shortcut | None = scope.get(SHORTCUT)
                sent += shortcut.sent if shortcut else 0
                write(scope["method"], path, status, time.monotonic() - began, sent, whole)


def leave_out(scope: Any) -> None:
    """Write no line when this request's answer ends: it was refused while it still came in, which has its own line."""
    scope[_LEFT_OUT] = True


def write(method: str, path: bytes, status: int, seconds: float, sent: int, whole: bool = True) -> None:
    """Write the line of one request, whose path comes without its query; what is not known of it is a dash."""
    level = logging.ERROR if status == 500 else logging.INFO
    cut = "" if whole else " cut short"
    took = round(1000 * seconds)
    log.log(level, "%s %s %d %d ms %d bytes%s", method or "-", _plain(path) or "-", status, took, sent, cut)


def _plain(path: bytes) -> str:
    """The path as it was sent, without anything in it that could end a line or steer a terminal."""
    plain = "".join(chr(byte) if 32 < byte < 127 else f"\\x{byte:02x}" for byte in path[:LONGEST])
    return plain + ("…" if len(path) > LONGEST else "")
