"""The way to a Redis. One that does not answer is a sentence for whoever asked, and a line in the log; no more."""

from importlib.resources import files
from typing import Any, ClassVar

import redis
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from app.ground.errors import RequestError
from app.ground.logs import log
from app.room import sentences
from app.room.shared.place import PATIENCE, PREFIX, place
from app.room.shared.refusals import REFUSALS

CONNECTIONS = 16  # at a time, besides the one that listens
BATCH = 1000  # of news, as many as the stream keeps: with fewer none was missed
FIRST = "0-0"  # before the id of any news
LISTENS = 5.0  # seconds without news after which it asks again


class LostError(RequestError):
    """The Redis does not answer. It may well do so in a moment."""

    headers: ClassVar[dict[str, str]] = {"Retry-After": "2"}

    def __init__(self) -> None:
        super().__init__(503, None, sentences.LOST)


class Line:
    """The way from this worker to the Redis at an address. To be used on one event loop."""

    def __init__(self, url: str, prefix: str = PREFIX) -> None:
        self._prefix, self._place = prefix, place(url)
        every: dict[str, Any] = {"protocol": 2, "socket_connect_timeout": PATIENCE}
        # Once again at once: a connection of before a restart breaks at the first word.
        again = Retry(ConstantBackoff(0.05), 1)
        speaking = BlockingConnectionPool.from_url(
            url, max_connections=CONNECTIONS, timeout=PATIENCE, socket_timeout=PATIENCE, retry=again, **every
        )
        self._redis = Redis.from_pool(speaking)
        # Never by itself: what was lost is to be noticed, since all rooms are asked for after it.
        never = Retry(ConstantBackoff(0), 0)
        self._listening = Redis.from_url(url, socket_timeout=LISTENS + PATIENCE, retry=never, **every)
        self._script = self._redis.register_script(files(__package__).joinpath("rooms.lua").read_text("utf-8"))
        self._is_lost = False

    async def happen(self, what: str, code: str, *said: bytes | str | int) -> list[Any]:
        """Have something happen to a room, as `rooms.lua` has it; a RequestError if that is refused."""
        try:
            answer: list[Any] = await self._script(keys=[self._prefix], args=[what, code, *said])
        except (redis.RedisError, OSError) as problem:
            raise self._lost(problem) from None
        self._found()
        if answer[:1] == [b"no"]:
            refusal = REFUSALS[answer[1]]
            raise refusal()
        return answer

    async def news(self, after: str = "") -> tuple[str, set[str] | None]:
        """Of which rooms there is news after the news of an id, once there is; None if it may be of any, as it is
        without an id. With the id of the latest.
        """
        block = int(1000 * LISTENS) if after else None
        try:
            streams: Any = await self._listening.xread({f"{self._prefix}:news": after or FIRST}, BATCH, block)
        except (redis.RedisError, OSError) as problem:
            raise self._lost(problem) from None
        self._found()
        told = streams[0][1] if streams else []
        last = told[-1][0].decode() if told else after or FIRST
        return last, {entry[b"room"].decode() for _, entry in told} if after and len(told) < BATCH else None

    async def close(self) -> None:
        await self._redis.aclose()
        await self._listening.aclose()

    def _lost(self, problem: Exception) -> LostError:
        if not self._is_lost:
            log.error("The Redis at %s keeps no rooms at the moment: %s", self._place, str(problem).rstrip("."))
        self._is_lost = True
        return LostError()

    def _found(self) -> None:
        if self._is_lost:
            log.error("The Redis at %s keeps rooms again", self._place)
        self._is_lost = False
