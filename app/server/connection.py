"""The one door to uvicorn's connection: nothing else here reads or changes what uvicorn promises nobody.

`uvicorn.Config(http=…)` takes a class of one's own, and the parser calls `on_url`, `on_header` and so on as httptools
documents them. What lies between them is uvicorn's own business: the cycle of a request and its answer, and the queue
of requests behind it. `tests/test_uvicorn.py` has each name that is used of it, and what is lost with that name.
"""

from collections.abc import Collection, Mapping, MutableMapping
from functools import partial
from http import HTTPStatus
from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.gate.door import GONE
from app.ground.shortcut import SHORTCUT, Shortcut
from app.server.listening import is_broken


class Connection(HttpToolsProtocol):
    """A connection that says what it is at, and whose answers can be ended."""

    url = b""  # uvicorn has none before the first request
    running: RequestResponseCycle | None = None  # what is being answered; `cycle` is the latest request, which may wait

    def connection_lost(self, exc: Exception | None) -> None:
        self.abandon()  # uvicorn alone tells only the latest request, and a walk before it would go on for nobody
        super().connection_lost(exc)

    @property
    def address(self) -> str | None:
        """Who is at the other end, without the port; None on a socket that has no addresses."""
        return self.client[0] if self.client else None

    @property
    def peers(self) -> Collection[object]:
        """All connections of the server, this one among them."""
        return self.connections

    @property
    def target(self) -> bytes:
        """The address of the latest request, as far as it has come."""
        return self.url

    @property
    def fields(self) -> list[tuple[bytes, bytes]]:
        """The headers of the latest request, as far as they have come, with their names in small letters."""
        return self.headers

    @property
    def method(self) -> str:
        """The method of the latest request."""
        return self.parser.get_method().decode()

    @property
    def queue(self) -> int:
        """How many requests wait behind the one that is being answered."""
        return len(self.pipeline)

    @property
    def is_paused(self) -> bool:
        """Whether nothing more is read for now: the rest waits for the end of the request before."""
        return self.flow.read_paused

    def answers(self) -> bool:
        """Whether there is a request that is not answered to its end."""
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        return cycle is not None and not cycle.response_complete

    def is_coming_in(self) -> bool:
        """Whether the request that is worked on has not come to its end, and its answer has not begun."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and self.running is cycle and cycle.more_body and not cycle.response_started

    def is_running(self) -> bool:
        """Whether an answer is being made at this moment."""
        return self.running is not None and not self.running.response_complete

    def abandon(self) -> None:
        """End the answer that is being made: nobody waits for it any more."""
        if self.running is not None and self.is_running():
            self.running.disconnected = True
            self.running.message_event.set()

    def withdraw(self) -> MutableMapping[str, Any] | None:
        """End the answer to the request that still comes in, and give its scope.

        None: the answer has begun, or it is that of a request before. It goes on, and the connection ends with it.
        """
        assert self.running is not None
        if self.running is self.cycle and self.running.more_body and not self.running.response_started:
            self.abandon()
            return self.running.scope  # type: ignore[return-value]
        self.running.keep_alive = False
        return None

    def close_when_answered(self) -> None:
        """Close after the answer to the latest request."""
        self.cycle.keep_alive = False

    def set_host(self, host: bytes) -> None:
        """Give the latest request this Host header, whatever it came with."""
        self.headers[:] = [(b"host", host), *(header for header in self.headers if header[0] != b"host")]

    def write(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Send an answer past the application."""
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {headers[name]}" for name in headers)]
        date = [name + b": " + value for name, value in self.server_state.default_headers]
        self.transport.write(b"\r\n".join(["\r\n".join(lines).encode(), *date, b"", b""]) + body)

    def write_part(self, cycle: RequestResponseCycle, part: bytes) -> bool:
        """Send a part of the body of an answer past the application; False if that cannot be now, or would end it."""
        goes_on = cycle.chunked_encoding and not (cycle.response_complete or cycle.disconnected)
        if not part or not goes_on or self.flow.write_paused:
            return False
        self.transport.write(b"%x\r\n%b\r\n" % (len(part), part))
        return True

    def refuse_unreadable(self) -> None:
        """What came is no HTTP."""
        self.transport.close()

    def send_400_response(self, msg: str) -> None:
        self.refuse_unreadable()

    def _unsupported_upgrade_warning(self) -> None:
        """Whoever asks for a WebSocket is answered as without: no line in the log, and no advice to install one."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self.running = cycle
        self.loop.call_soon(self._begin, cycle, app)

    def _begin(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Begin an answer, a turn of the event loop later, unless nobody waits for it any more."""
        if cycle.disconnected or self.transport.is_closing():
            return
        if is_broken(self.transport.get_extra_info("socket")):
            self.transport.abort()
            return
        cycle.scope[GONE] = lambda: cycle.disconnected  # type: ignore[literal-required]
        cycle.scope[SHORTCUT] = Shortcut(partial(self.write_part, cycle))  # type: ignore[literal-required]
        super()._start_asgi_task(cycle, app)
