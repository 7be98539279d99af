"""Clients on loopback that take next to nothing themselves: raw sockets on one event loop; they count bytes and lines.

Each comes from an address of its own, 127.0.0.2 and up, as the members of a class come from theirs: a server that deals
fairly with addresses would take them all for one client otherwise. Linux lets a socket be bound to any of these.
"""

import asyncio
import re
import socket
import time
from dataclasses import dataclass
from urllib.parse import urlencode

SLOW_BUFFER = 4096  # bytes that the system takes in for a slow reader
SLOW_BYTES = 2048  # it reads at a time, with
SLOW_PAUSE = 0.05  # seconds in between

_READ = 1 << 16  # bytes that anyone else reads at a time
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_END = re.compile(rb'{"end":{"steps":\d+}}\n')  # the last line of a walk that is whole
_LAST_CHUNK = b"\r\n0\r\n\r\n"


@dataclass
class Connection:
    """One client's connection, which is kept for its next request."""

    server: tuple[str, int]
    number: int  # of the client: 0, 1, ...
    slow: bool = False

    async def __aenter__(self) -> "Connection":
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.slow:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_BUFFER)
        try:
            self.socket.bind((f"127.0.0.{2 + self.number}", 0))
            await asyncio.get_running_loop().sock_connect(self.socket, self.server)
        except BaseException:
            self.socket.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.socket.close()

    async def ask(self, path: str, coding: str) -> None:
        """Send a request."""
        host = f"{self.server[0]}:{self.server[1]}"
        request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: {coding}\r\n\r\n"
        await asyncio.get_running_loop().sock_sendall(self.socket, request.encode())

    async def read(self) -> bytes:
        """What has come, at the client's own pace; nothing once the server has closed."""
        if self.slow:
            await asyncio.sleep(SLOW_PAUSE)
        try:
            return await asyncio.get_running_loop().sock_recv(self.socket, SLOW_BYTES if self.slow else _READ)
        except ConnectionResetError:
            return b""

    async def get(self, path: str) -> int:
        """The status of an answer, once all of it has come."""
        await self.ask(path, "gzip")
        answer = b""
        while b"\r\n\r\n" not in answer:
            part = await self.read()
            assert part, f"{path} was not answered"
            answer += part
        head, _, body = answer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        assert length, f"{path} has no length"
        missing = int(length[1]) - len(body)
        while missing > 0:
            part = await self.read()
            assert part, f"{path} was cut short"
            missing -= len(part)
        return int(head[9:12])


class Walk:
    """A walk as a client sees it come. Cancelling `receive` leaves it, as a closed tab does."""

    def __init__(
        self, server: tuple[str, int], number: int, settings: dict[str, int] | None = None, *, slow: bool = False
    ) -> None:
        self.settings, self.is_slow = settings or {}, slow
        self.status = 0  # 0: not answered yet
        self.first = self.last = 0.0  # seconds from the connecting to the first block of steps, and to the end
        self.bytes = self.lines = 0
        self.is_answered = asyncio.Event()  # by the first block of steps, or by a refusal
        self._server, self._number = server, number

    @property
    def is_refused(self) -> bool:
        return self.status not in (0, 200)

    async def receive(self) -> None:
        """Read it to its end. One that ends before that is an error; one that is refused is none."""
        began = time.perf_counter()
        async with Connection(self._server, self._number, self.is_slow) as connection:
            await connection.ask(f"/api/conv2d/walk/stream?{urlencode(self.settings)}", "identity")
            end = b""
            while not end.endswith(_LAST_CHUNK):
                part = await connection.read()
                assert part, f"after {self.lines} lines, a walk was cut short"
                self.status = self.status or int(part[9:12])
                if self.is_refused:
                    self.is_answered.set()
                    return
                self.bytes += len(part)
                # Only a line of the walk ends so: those of the protocol end with \r\n.
                self.lines += (end[-1:] + part).count(b"}\n")
                end = (end[-100:] + part)[-100:]
                if self.lines >= 2 and not self.first:
                    self.first = time.perf_counter() - began
                    self.is_answered.set()
        assert _END.search(end), "a walk has no end"
        self.last = time.perf_counter() - began
