"""A connection with an end to the size and the number of what is asked.

An exception in a callback stops the parser: nothing behind that place is read.
"""

import asyncio
import re
import socket
import time
from typing import NoReturn

import orjson

from app.gate.bodies import takes_body, too_long
from app.gate.security import HEADERS, OTHER_POLICY
from app.ground import limits, logs
from app.ground.errors import TOO_LONG
from app.server.capacity import make_room
from app.server.patience import PatientConnection

UNREAD = "this body is longer than {limit} bytes, and none is read at this address"
PIECE = 16_000  # bytes that the parser is given at a time
WAITING = 8  # requests that may wait behind the one that is being answered
_AUTHORITY = re.compile(rb"[A-Za-z]+://[^/]*")  # with which an address may begin, and which may name its reader
LINGER = 2.0  # seconds in which a client that was refused may finish sending


class Refused(Exception):  # noqa: N818, as SystemExit: no error of ours
    """Ends the parsing of a connection, which has been told why."""


class Protocol(PatientConnection):
    """A connection that refuses a request as soon as it is too long or too slow, instead of collecting it first."""

    has_rooms = False  # for a class, which are written to
    refused = False
    head = -1  # bytes of a request's headers so far; -1 once they are complete, and between two requests
    body = 0  # bytes of its body so far
    is_read = False  # whether its body is: else it is passed over, and must be short
    most, long = limits.UNREAD_BYTES, UNREAD  # the bytes that its body may have, and what is said if it has more
    pending = 0  # bytes that the parser has taken since its last callback: those of an unfinished header

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        make_room(self)

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), PIECE):
            if self.refused:  # closing at once would take the answer away from a client that is still sending
                return
            piece = data[start : start + PIECE]
            super().data_received(piece)
            self.pending += len(piece)
            if self.pending > limits.HEADER_BYTES + PIECE:  # the last callback came in this piece or before
                self._refuse_head()
        if self.head < 0 and not self.answers():  # empty lines between two requests must not keep a connection
            self.expect()

    def on_message_begin(self) -> None:
        if self.queue >= WAITING:
            self.close_when_answered()  # as those before are
            self.refused = True
            raise Refused
        super().on_message_begin()
        self.since = time.monotonic()
        self.head = self.body = self.pending = 0
        self.expect()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self.pending = 0
        if len(self.target) > limits.URL_BYTES:
            self._stop(414, TOO_LONG.format(limit=limits.URL_BYTES))

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self.pending = 0
        self.head += len(name) + len(value) + 4  # with the colon, a space and the end of the line
        if self.head > limits.HEADER_BYTES:
            self._refuse_head()
            raise Refused
        if len(self.fields) > limits.HEADERS:
            self._stop(431, f"this request has more than {limits.HEADERS} headers")

    def on_headers_complete(self) -> None:
        self.head = -1
        sizes = [value for name, value in self.fields if name == b"content-length"]  # the parser has checked them
        path = self._path().decode("latin-1")
        self.is_read = self.method == "POST" and takes_body(path, self.has_rooms)
        self.most, self.long = too_long(path, self.has_rooms) if self.is_read else (limits.UNREAD_BYTES, UNREAD)
        if any(int(size) > self.most for size in sizes):
            self._refuse_body()
        if self.is_read and self.answers():  # its body would wait in memory for the end of the answer before
            self.close_when_answered()
            self.refused = True
            raise Refused
        if self.target[:4].lower() == b"http":  # a whole address names the host that is meant, whatever the header says
            self.set_host(self.target.partition(b"://")[2].partition(b"/")[0].partition(b"?")[0])
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.pending = 0
        self.body += len(body)
        if self.body > self.most:
            self._refuse_body()
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.pending, self.head = 0, -1
        self.has_come()
        super().on_message_complete()

    def refuse_unreadable(self) -> None:
        self._refuse(400, "this request is not understood")

    def give_up(self) -> None:
        if self.head < 0 and not self.body and not self.answers():
            self.transport.close()  # it has said nothing, so it is told nothing
        else:
            self._refuse(408, f"a request must have come within {limits.REQUEST_SECONDS} seconds")

    def _refuse_head(self) -> None:
        self._refuse(431, f"the headers of this request are longer than {limits.HEADER_BYTES} bytes")

    def _refuse_body(self) -> NoReturn:
        self._stop(413, self.long.format(limit=self.most))

    def _stop(self, status: int, message: str) -> NoReturn:
        self._refuse(status, message)
        raise Refused

    def _refuse(self, status: int, message: str) -> None:
        """Answer in the form of `app.ground.errors`; who sends such a request has told no language to complain in."""
        if self.refused:
            return
        self.refused = True
        if self.is_running():
            scope = self.withdraw()
            if scope is None:  # the request that is wrong is a later one, or answered already
                return
            logs.leave_out(scope)
        elif self.body:  # its answer was given before the body came
            self.transport.close()
            return
        self._tell(status, orjson.dumps({"setting": None, "message": message}))
        self.loop.call_later(LINGER, self.transport.close)

    def _tell(self, status: int, body: bytes) -> None:
        headers = HEADERS | {
            "Content-Security-Policy": OTHER_POLICY,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "Connection": "close",
        }
        self.write(status, headers, body)
        # Without an address the parser does not know a method either.
        method = self.method if self.target else ""
        path = self._path()
        logs.write(method, path if path.startswith(b"/") else b"", status, time.monotonic() - self.since, len(body))

    def _path(self) -> bytes:
        """The path of the latest request, as it was sent."""
        path = self.target.partition(b"?")[0]
        authority = _AUTHORITY.match(path)  # looked for at the beginning alone: 60,000 letters would take seconds else
        return path[authority.end() :] if authority else path


class ClassProtocol(Protocol):
    """The same where there are rooms for a class: they are written to, and what follows them is silent for hours."""

    has_rooms = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        peer, timeout = transport.get_extra_info("socket"), getattr(socket, "TCP_USER_TIMEOUT", None)
        # A telephone that has gone out of reach says no goodbye: the system would try for a quarter of an hour.
        if timeout is not None and peer.family in (socket.AF_INET, socket.AF_INET6):
            peer.setsockopt(socket.IPPROTO_TCP, timeout, 1000 * limits.SEND_SECONDS)
