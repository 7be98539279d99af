"""Walks that are recorded once for many: whoever asks, and whenever, gets every line, and none is computed twice."""

import threading
from collections.abc import Generator, Iterator
from itertools import islice

import pytest

from app.ground.errors import RequestError
from app.walks.recordings import KEPT, Recording, Recordings

LINES = [b"%d\n" % number for number in range(40)]


class Source:
    """Lines that count how many of them were computed."""

    computed = 0

    def lines(self) -> Generator[bytes]:
        for line in LINES:
            yield b""
            self.computed += 1
            yield line


def sent(lines: Iterator[bytes | None]) -> Iterator[bytes]:
    return filter(None, lines)


def test_every_reader_gets_every_line_and_each_is_computed_once():
    source = Source()
    recording = Recording(source.lines())
    first, second = sent(iter(recording)), sent(iter(recording))
    assert list(islice(first, 3)) == LINES[:3]
    assert list(islice(second, 10)) == LINES[:10]
    assert list(first) == LINES[3:]
    assert list(second) == LINES[10:]
    assert list(sent(iter(recording))) == LINES
    assert source.computed == len(LINES)


def test_nothing_is_computed_that_nobody_waits_for():
    source = Source()
    list(islice(sent(iter(Recording(source.lines()))), 5))
    assert source.computed == 5


@pytest.mark.parametrize("readers", [2, 8])
def test_readers_in_several_threads_lose_no_line(readers: int):
    for _ in range(50):
        source = Source()
        recording = Recording(source.lines())
        got: list[list[bytes]] = []

        def read(recording: Recording = recording, got: list[list[bytes]] = got) -> None:
            got.append(list(sent(iter(recording))))

        threads = [threading.Thread(target=read) for _ in range(readers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert got == [LINES] * readers
        assert source.computed == len(LINES)


def test_a_recording_that_breaks_is_broken_for_everybody_and_made_anew():
    def breaks() -> Generator[bytes]:
        yield LINES[0]
        raise MemoryError

    recordings = Recordings()
    recording = recordings.of("key", breaks())
    first, second = sent(iter(recording)), sent(iter(recording))
    assert next(second) == LINES[0]
    with pytest.raises(MemoryError):
        list(first)
    with pytest.raises(RequestError):  # what there is of it never passes for the whole
        list(second)
    assert list(sent(iter(recordings.of("key", Source().lines())))) == LINES


def test_one_key_has_one_recording():
    recordings = Recordings()
    assert recordings.of("key", Source().lines()) is recordings.of("key", Source().lines())
    assert recordings.of("key", Source().lines()) is not recordings.of("another", Source().lines())


def test_the_latest_recordings_alone_are_kept():
    recordings = Recordings()
    first, *others = (recordings.of(str(number), Source().lines()) for number in range(KEPT))
    assert recordings.of("0", Source().lines()) is first  # asked for, so that another one is the next to go
    recordings.of("one more", Source().lines())
    assert recordings.of("0", Source().lines()) is first
    assert recordings.of("1", Source().lines()) is not others[0]
