"""A connection of uvicorn with an end to its patience: with a client that asks too slowly, or takes nothing."""

import asyncio
import socket
import time

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.door import GONE
from app.listening import is_broken
from core import limits

UNSENT = 128_000  # bytes of an answer that the operating system takes before the network does


class PatientProtocol(HttpToolsProtocol):
    """Waiting costs a connection and nothing else, so however many clients are slow, the others are answered."""

    dropped = False
    since = 0.0  # when it came, or its latest request began; the clock of a loop may be too coarse to order them
    running: RequestResponseCycle | None = None  # what is being answered; `cycle` is the latest request, which may wait
    arriving: asyncio.TimerHandle | None = None  # the end of the patience with a request
    leaving: asyncio.TimerHandle | None = None  # the next look at a client that has not taken all of its answer
    left = 0  # bytes that it had not taken at the latest look

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.since = time.monotonic()
        self.expect()
        lowat = getattr(socket, "TCP_NOTSENT_LOWAT", None)  # the system would take megabytes that nobody reads
        peer = transport.get_extra_info("socket")
        if peer.family in (socket.AF_INET, socket.AF_INET6):
            if lowat is not None:
                peer.setsockopt(socket.IPPROTO_TCP, lowat, UNSENT)
            # asyncio does so only for sockets that name their protocol, which an accepted one does not. Without it the
            # second part of an answer waits for the client's word on the first, which comes after 40 ms.
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        self.has_come()
        self._has_taken()
        self.abandon()  # uvicorn alone tells only the latest request, and a walk before it would go on for nobody
        super().connection_lost(exc)

    @property
    def address(self) -> str | None:
        """Who is at the other end, without the port; None on a socket that has no addresses."""
        return self.client[0] if self.client else None

    def drop(self) -> None:
        """Close at once, whatever was still to be sent."""
        self.dropped = True
        self.transport.abort()

    def expect(self) -> None:
        """From now on a request must come within a time."""
        self.arriving = self.arriving or self.loop.call_later(limits.REQUEST_SECONDS, self._is_late)

    def has_come(self) -> None:
        """It has come."""
        if self.arriving is not None:
            self.arriving.cancel()
            self.arriving = None

    def give_up(self) -> None:
        """A request has not come in time."""
        self.transport.close()

    def answers(self) -> bool:
        """Whether there is a request that is not answered to its end."""
        cycle: RequestResponseCycle | None = self.cycle  # of the latest request; None before the first
        return cycle is not None and not cycle.response_complete

    def is_running(self) -> bool:
        """Whether an answer is being made at this moment."""
        return self.running is not None and not self.running.response_complete

    def abandon(self) -> None:
        """End the answer that is being made: nobody waits for it any more."""
        if self.is_running():
            assert self.running is not None
            self.running.disconnected = True
            self.running.message_event.set()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.left = self.transport.get_write_buffer_size()
        self.leaving = self.leaving or self.loop.call_later(limits.SEND_SECONDS, self._look)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._has_taken()

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
        super()._start_asgi_task(cycle, app)

    def _is_late(self) -> None:
        self.arriving = None
        if self.flow.read_paused:  # we do not read on: it waits for the end of the request before
            self.expect()
        else:
            self.give_up()

    def _look(self) -> None:
        """Who takes little, but takes it, is served; nothing is written meanwhile, so that any byte less is taken."""
        left = self.transport.get_write_buffer_size()
        if left >= self.left:
            self.transport.abort()
        else:
            self.left = left
            self.leaving = self.loop.call_later(limits.SEND_SECONDS, self._look)

    def _has_taken(self) -> None:
        if self.leaving is not None:
            self.leaving.cancel()
            self.leaving = None
