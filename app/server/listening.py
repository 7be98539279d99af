"""A socket that listens, without the connections that break before anybody has looked at them."""

import socket
from typing import Any

DEAD = 512  # connections that had broken before they were accepted, and are closed in one turn


class ListeningSocket(socket.socket):
    """A listening socket that hands on no connection that has broken while it waited to be accepted.

    Each would cost a transport, a parser and some turns of the event loop until that is found: a storm of them would
    be worked for when it has gone.
    """

    @classmethod
    def beside(cls, one: socket.socket) -> "ListeningSocket":
        """Another one at the same place, which lives as long as either."""
        return cls(one.family, one.type, one.proto, fileno=one.dup().detach())

    def accept(self) -> tuple[socket.socket, Any]:
        for _ in range(DEAD):
            connection, address = super().accept()
            if not is_broken(connection):
                return connection, address
            connection.close()
        raise BlockingIOError  # it is somebody else's turn; the event loop comes back at once


def is_broken(connection: Any) -> bool:
    """Whether the other end has reset a connection: the system knows it before anything is read."""
    return bool(connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
