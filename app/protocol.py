"""A connection of uvicorn, with what it lacks: an end to its patience."""

import asyncio
import socket
from http import HTTPStatus

import orjson
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.security import HEADERS, OTHER_POLICY
from core import limits

HEAD_BYTES = limits.URL_BYTES + limits.HEADER_BYTES  # of a request, up to its body
LINGER = 2.0  # seconds in which a client that was refused may finish sending
UNSENT = 128_000  # bytes of an answer that the operating system takes before the network does


class Protocol(HttpToolsProtocol):
    """A connection with an end to its patience: with requests that are too long or too slow, and with slow readers.

    A request that is too long is refused as soon as it is, instead of being collected first. Waiting costs a connection
    and nothing else, so however many clients are slow, the others are answered.
    """

    refused = False
    head = -1  # bytes of a request whose headers are not complete; -1 before its first and after its last one
    body = 0  # bytes of its body so far
    arriving: asyncio.TimerHandle | None = None  # the end of the patience with a request
    leaving: asyncio.TimerHandle | None = None  # the end of the patience with a client that takes nothing
    running: RequestResponseCycle | None = None  # what is being answered; `cycle` is the latest request, which may wait

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect()
        lowat = getattr(socket, "TCP_NOTSENT_LOWAT", None)  # the system would take megabytes that nobody reads
        peer = transport.get_extra_info("socket")
        if lowat is not None and peer.family in (socket.AF_INET, socket.AF_INET6):
            peer.setsockopt(socket.IPPROTO_TCP, lowat, UNSENT)

    def connection_lost(self, exc: Exception | None) -> None:
        self._has_come()
        self._has_taken()
        self._abandon()  # uvicorn alone tells only the latest request, and a walk before it would go on for nobody
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self.running = cycle
        super()._start_asgi_task(cycle, app)

    def _unsupported_upgrade_warning(self) -> None:
        """Whoever asks for a WebSocket is answered as without: no line in the log, and no advice to install one."""

    def data_received(self, data: bytes) -> None:
        if self.refused:  # closing at once would take the answer away from a client that is still sending
            return
        super().data_received(data)
        if self.head >= 0:
            self.head += len(data)
            if self.head > HEAD_BYTES:
                self._refuse(431, f"the headers of this request are longer than {limits.HEADER_BYTES} bytes")
        elif not self._answers():  # empty lines between two requests must not keep a connection
            self._expect()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.head = self.body = 0
        self._expect()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > limits.URL_BYTES:
            self._refuse(414, f"this address is longer than {limits.URL_BYTES} bytes")

    def on_headers_complete(self) -> None:
        self.head = -1
        sizes = [value for name, value in self.headers if name == b"content-length"]  # the parser has checked them
        if any(int(size) > limits.BODY_BYTES for size in sizes):
            self._refuse_body()
        if self.url[:4].lower() == b"http":  # a whole address names the host that is meant, whatever the header says
            authority = self.url.partition(b"://")[2].partition(b"/")[0].partition(b"?")[0]
            self.headers[:] = [(b"host", authority), *(header for header in self.headers if header[0] != b"host")]
        if not self.refused:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.body += len(body)
        if self.body > limits.BODY_BYTES:
            self._refuse_body()
        if not self.refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._has_come()
        if not self.refused:
            super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.leaving = self.leaving or self.loop.call_later(limits.SEND_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._has_taken()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "this request is not understood")

    def _expect(self) -> None:
        """From now on a request must come within a time."""
        self.arriving = self.arriving or self.loop.call_later(limits.REQUEST_SECONDS, self._give_up)

    def _has_come(self) -> None:
        if self.arriving is not None:
            self.arriving.cancel()
            self.arriving = None

    def _has_taken(self) -> None:
        if self.leaving is not None:
            self.leaving.cancel()
            self.leaving = None

    def _give_up(self) -> None:
        self.arriving = None
        if self.flow.read_paused:  # we do not read on: it waits for the end of the request before
            self._expect()
        elif self.head < 0 and not self.body and not self._answers():
            self.transport.close()  # it has said nothing, so it is told nothing
        else:
            self._refuse(408, f"a request must have come within {limits.REQUEST_SECONDS} seconds")

    def _answers(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # of the latest request; None before the first
        return cycle is not None and not cycle.response_complete

    def _refuse_body(self) -> None:
        self._refuse(413, f"the body of this request is longer than {limits.BODY_BYTES} bytes; nothing here reads one")

    def _refuse(self, status: int, message: str) -> None:
        """Answer in the form of `app.errors`; who sends such a request has not said in which language to complain."""
        if self.refused:
            return
        self.refused = True
        if self._is_running():
            assert self.running is not None
            begun = self.running.response_started or not self.running.more_body
            if begun or self.running is not self.cycle:  # the request that is wrong is a later one, or answered already
                self.running.keep_alive = False
                return
            self._abandon()
        elif self.body:  # its answer was given before the body came
            self.transport.close()
            return
        body = orjson.dumps({"setting": None, "message": message})
        headers = HEADERS | {
            "Content-Security-Policy": OTHER_POLICY,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "Connection": "close",
        }
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {headers[name]}" for name in headers)]
        self.transport.write("\r\n".join([*lines, "", ""]).encode() + body)
        self.loop.call_later(LINGER, self.transport.close)

    def _abandon(self) -> None:
        if self._is_running():
            assert self.running is not None
            self.running.disconnected = True
            self.running.message_event.set()

    def _is_running(self) -> bool:
        return self.running is not None and not self.running.response_complete
