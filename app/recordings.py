"""Small walks, recorded once for everybody who asks for them at about the same time: a class that follows a link."""

import threading
from collections.abc import Generator, Iterator

from app.kept import Kept

KEPT = 8  # recordings
SMALL_STEPS, SMALL_WRITES = 5_000, 50_000  # of a walk that is kept: its lines take three megabytes at most


class Recording:
    """Lines that are computed as somebody needs them, and are there for whoever comes later.

    Who leaves has computed no more than was sent to them. What is left to compute waits for the next one who needs it.
    """

    def __init__(self, lines: Generator[bytes]) -> None:
        self._source: Generator[bytes] | None = lines
        self._lines: list[bytes] = []
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[bytes]:
        """The lines from the first one on; an empty one after each moment of computing that leads to none."""
        sent = 0
        while True:
            is_whole = self._source is None  # asked before, or a last line that comes meanwhile would be lost
            while sent < len(self._lines):
                yield self._lines[sent]
                sent += 1
            if is_whole:
                return
            self._compute(sent)
            yield b""

    def _compute(self, sent: int) -> None:
        with self._lock:
            if self._source is None or len(self._lines) > sent:
                return  # somebody else has
            try:
                line = next(self._source)
            except StopIteration:
                self._source = None
                return
            if line:
                self._lines.append(line)


def kept_recordings() -> Kept[str, Recording]:
    """A place for the latest recordings, by what their bytes depend on."""
    return Kept(KEPT, lambda _: 1)
