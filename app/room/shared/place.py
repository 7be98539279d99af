"""Where a Redis is, and whether it is there. The command asks before it starts, so this imports the package alone."""

from urllib.parse import urlsplit

import redis

PREFIX = "convwalk"  # of all names in the Redis
PATIENCE = 3.0  # seconds for an answer, and for a connection


def check(url: str) -> None:
    """A ValueError in a sentence, if there is no Redis at an address that would keep rooms."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, protocol=2) as asked:
            asked.execute_command("XLEN", f"{PREFIX}:news")
    except (redis.RedisError, OSError, ValueError, TypeError) as problem:
        raise ValueError(f"The Redis at {place(url)} does not answer: {str(problem).rstrip('.')}.") from None


def place(url: str) -> str:
    """Where a Redis is, without the password.

    >>> place("redis://class:secret@10.0.0.2:6379/0")
    '10.0.0.2:6379'
    """
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or parts.path
