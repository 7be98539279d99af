"""A connection with an end to its patience: with a client that asks too slowly, or takes nothing."""

import asyncio
import socket
import time

from app.ground import limits
from app.server.connection import Connection

UNSENT = 128_000  # bytes of an answer that the operating system takes before the network does


class PatientConnection(Connection):
    """Waiting costs a connection and nothing else, so however many clients are slow, the others are answered."""

    dropped = False
    since = 0.0  # when it came, or its latest request began; the clock of a loop may be too coarse to order them
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
        super().connection_lost(exc)

    def drop(self) -> None:
        """Close at once, whatever was still to be sent."""
        self.dropped = True
        self.transport.abort()

    def expect(self) -> None:
        """Begin to wait for a whole request, for so many seconds."""
        self.arriving = self.arriving or self.loop.call_later(limits.REQUEST_SECONDS, self._is_late)

    def has_come(self) -> None:
        """The request has come: wait no more."""
        if self.arriving is not None:
            self.arriving.cancel()
            self.arriving = None

    def give_up(self) -> None:
        """Close: no request has come in time."""
        self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.left = self.transport.get_write_buffer_size()
        self.leaving = self.leaving or self.loop.call_later(limits.SEND_SECONDS, self._look)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._has_taken()

    def _is_late(self) -> None:
        self.arriving = None
        if self.is_paused:
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
