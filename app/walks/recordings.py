"""Small walks, recorded once for everybody who asks for them at about the same time: a class that follows a link."""

import threading
from collections.abc import Generator, Iterator

from cachetools import LRUCache

from app.ground.errors import SENTENCES, RequestError

KEPT = 8  # recordings
SMALL_STEPS, SMALL_WRITES = 5_000, 50_000  # of a walk that is kept: its lines take three megabytes at most


class Recording:
    """The lines of a walk, computed as somebody needs them, and there for whoever comes later.

    Who leaves has computed no more than was sent to them. What is left to compute waits for the next one who needs it.
    """

    is_broken = False  # by an error: nobody can go on with it, and what there is of it must not pass for the whole

    def __init__(self, lines: Generator[bytes | None]) -> None:
        self._source: Generator[bytes | None] | None = lines
        self._lines: list[bytes] = []
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[bytes | None]:
        """The lines from the first one on; an empty one after a moment that leads to none, None where it is to wait."""
        sent = 0
        while True:
            is_whole = self._source is None  # looked at first: a last line may come meanwhile
            while sent < len(self._lines):
                yield self._lines[sent]
                sent += 1
            if is_whole:
                return
            yield self._compute(sent)

    def _compute(self, sent: int) -> bytes | None:
        """Go on by a moment, unless somebody else has. A line that comes of it is there for all, not in the answer."""
        with self._lock:
            if self.is_broken:
                raise RequestError(500, None, SENTENCES[500])  # what the first to meet the error was told
            if self._source is None or len(self._lines) > sent:
                return b""
            try:
                line = next(self._source)
            except StopIteration:
                self._source = None
                return b""
            except BaseException:
                self.is_broken = True
                raise
            if line:
                self._lines.append(line)
            return b"" if line else line


class Recordings:
    """The latest recordings, by what their bytes depend on."""

    def __init__(self) -> None:
        self._latest: LRUCache[str, Recording] = LRUCache(KEPT)
        self._lock = threading.Lock()

    def of(self, key: str, lines: Generator[bytes | None]) -> Recording:
        """The recording that there is, or one of these lines, which nothing is computed of before."""
        with self._lock:
            known = self._latest.get(key)
            if known is None or known.is_broken:
                known = self._latest[key] = Recording(lines)
            return known
