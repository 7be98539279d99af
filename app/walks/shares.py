"""Who computes next, and whose stream has room: a fair share of one server for each client, which is an IP address."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import anyio

from app.ground import limits
from app.ground.errors import RequestError
from app.ground.network import ip_address

RESERVED = 10_000  # cells that a stream counts for besides those of its arrays: its buffers take as much

Key = TypeVar("Key", str, bytes)

HALF_LIFE = 10.0  # seconds after which what a client has computed counts half
REMEMBERED = 1000  # clients, before those are forgotten that have long been quiet


class BusyError(RequestError):
    """A request that could be answered a little later. Nothing went wrong on the server, so it is never a 5xx."""

    headers: ClassVar[dict[str, str]] = {"Retry-After": "2"}

    def __init__(self, template: str, /, **values: object) -> None:
        super().__init__(429, None, template, **values)


def client_of(scope: MutableMapping[str, Any]) -> str:
    """The client of a request: its IP address, or of an IPv6 address the half that names its network."""
    host = (scope.get("client") or ("",))[0]
    if host.count(":") == 1:  # as some proxies forward it, with the port
        host = host.partition(":")[0]
    address = ip_address(host)
    if address is None:
        return host  # a socket without addresses
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address) if address.version == 4 or address.is_link_local else address.exploded[:19]


@dataclass(eq=False)
class _Waiting:
    """A request that waits for a turn: what it has computed so far, in seconds, and since when it waits."""

    spent: float
    since: float
    turn: asyncio.Future[None]

    def rank(self, now: float) -> float:
        """The least goes first. Who has waited for a second goes before those who computed for one less."""
        return self.spent - (now - self.since)


class Turns:
    """A few turns to compute at a time. The next one goes to the client that computed least of late, whatever number of
    requests each has; among those of one client, to the one that computed least.

    So a short walk is there at once beside thirty long ones, of others or of the same client. To be used on the event
    loop.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._spent: dict[str, tuple[float, float]] = {}  # of each client: seconds, as they counted at a time
        self._waiting: dict[str, list[_Waiting]] = {}

    @asynccontextmanager
    async def of(self, client: str, spent: float = 0.0) -> AsyncIterator[None]:
        """A turn of a client, once it comes, for a request that has computed for some seconds already."""
        if self._free:
            self._free -= 1
        else:
            await self._come(client, spent)
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            yield
        finally:
            now = clock()
            self._spent[client] = self._of_late(client, now) + now - began, now
            if len(self._spent) > REMEMBERED:
                self._spent = {one: (left, now) for one in self._spent if (left := self._of_late(one, now)) > 0.001}
            self._pass_on()

    def _rank(self, client: str, first: _Waiting, now: float) -> float:
        """The least goes first. In a crowd of clients nobody waits for ever: who had no turn for long goes ahead."""
        _, had = self._spent.get(client, (0.0, 0.0))
        return self._of_late(client, now) - (now - max(had, first.since))

    def _of_late(self, client: str, now: float) -> float:
        """Seconds for which a client has computed; what lies back counts less and less."""
        spent, then = self._spent.get(client, (0.0, now))
        return float(spent * 0.5 ** ((now - then) / HALF_LIFE))

    async def _come(self, client: str, spent: float) -> None:
        loop = asyncio.get_running_loop()
        waiting = _Waiting(spent, loop.time(), loop.create_future())
        self._waiting.setdefault(client, []).append(waiting)
        try:
            await waiting.turn
        except asyncio.CancelledError:
            if not waiting.turn.cancelled():  # the turn came just when nobody wanted it any more
                self._pass_on()
            elif waiting in self._waiting.get(client, ()):
                self._leave(client, waiting)
            raise

    def _leave(self, client: str, waiting: _Waiting) -> None:
        self._waiting[client].remove(waiting)
        if not self._waiting[client]:
            del self._waiting[client]

    def _pass_on(self) -> None:
        now = asyncio.get_running_loop().time()
        while self._waiting:
            first = {client: min(each, key=lambda one: one.rank(now)) for client, each in self._waiting.items()}
            client = min(first, key=lambda one: self._rank(one, first[one], now))
            self._leave(client, first[client])
            if not first[client].turn.done():  # or its request has just been given up
                first[client].turn.set_result(None)
                return
        self._free += 1


class Room:
    """How many streams there are at a time, and how large together. To be used on the event loop.

    Who asks for one more than that is told so at once; a stream that is too large just now waits for a while.
    """

    def __init__(self) -> None:
        self._streams: Counter[str] = Counter()  # of each client
        self._cells: Counter[str] = Counter()
        self._large: Counter[str] = Counter()  # those of the large walks alone
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def hold(self, client: str, cells: int) -> AsyncIterator[None]:
        """Room for the stream of a walk that has so many cells; `BusyError` if there is none."""
        if self._streams[client] >= limits.CLIENT_STREAMS:
            template = "at most {limit} streams are sent to one client at a time; try again in a moment"
            raise BusyError(template, limit=limits.CLIENT_STREAMS)
        if self._streams.total() >= limits.STREAMS:
            template = "at most {limit} streams are sent at a time; try again in a moment"
            raise BusyError(template, limit=limits.STREAMS)
        with counted(self._streams, client, 1):
            large = cells if cells > limits.LARGE_CELLS else 0
            await self._wait_until_it_fits(client, cells + RESERVED, large)
            try:
                with counted(self._cells, client, cells + RESERVED), counted(self._large, client, large):
                    yield
            finally:
                self._freed.set()
                self._freed = asyncio.Event()

    async def _wait_until_it_fits(self, client: str, cells: int, large: int) -> None:
        with anyio.move_on_after(limits.WAIT_SECONDS):
            while self._full(client, cells, large) is not None:
                await self._freed.wait()
            return
        template = "at most {limit} cells are sent at a time, with no room for this walk now; try again in a moment"
        raise BusyError(template, limit=self._full(client, cells, large) or limits.STREAMED_CELLS)

    def _full(self, client: str, cells: int, large: int) -> int | None:
        """The share that a walk would not fit into, in cells: the client's, that of large walks, or the whole."""
        half = limits.STREAMED_CELLS // 2
        shares = [
            (self._cells[client], cells, half),
            (self._large.total() if large else 0, large, half),
            (self._cells.total(), cells, limits.STREAMED_CELLS),
        ]
        # A walk that is legal fits at least alone, whatever the limits are set to.
        return next((most for held, more, most in shares if held and held + more > most), None)


@contextmanager
def counted(counter: Counter[Key], client: Key, number: int) -> Iterator[None]:
    """A client counts for so much more in here."""
    counter[client] += number
    try:
        yield
    finally:
        counter[client] -= number
        if not counter[client]:
            del counter[client]  # or every client that ever came would be remembered
