"""Walks that are recorded once for many: whoever asks, and whenever, gets every line, and none is computed twice."""

import threading
from collections.abc import Generator, Iterator
from itertools import islice

import pytest

from app.errors import RequestError
from app.kept import Kept
from app.recordings import Recording, Recordings

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


def test_what_was_asked_for_latest_is_kept_up_to_a_size():
    kept: Kept[str, bytes] = Kept(6, len)
    for name in "abc":
        kept.keep(name, name.encode() * 2)
    assert kept.get("a") == b"aa"  # asked for, so that b is the one to go
    kept.keep("d", b"dd")
    assert [kept.get(name) for name in "abcd"] == [b"aa", None, b"cc", b"dd"]
    kept.keep("c", b"c")  # another value takes the place of the one before
    kept.keep("e", b"e")
    assert [kept.get(name) for name in "acde"] == [b"aa", b"c", b"dd", b"e"]
    assert kept.keep("f", b"too large") == b"too large"
    assert kept.get("f") is None
