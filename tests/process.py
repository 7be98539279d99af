"""Processes that tests start: none outlives the test, whatever becomes of it, and none is waited for without end."""

import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Timer
from typing import Any


@contextmanager
def running(command: Sequence[Any], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A process with text pipes that ends with the block, as at Ctrl+C. One that does not listen fails the test."""
    with subprocess.Popen(command, text=True, **options) as process:
        try:
            yield process
            process.send_signal(signal.SIGINT)  # nothing to one that has ended
            process.wait(timeout=30)
        finally:
            process.kill()  # or leaving Popen's own block would wait for it


def next_line(process: subprocess.Popen[str], seconds: float = 60) -> str:
    """What a process writes next. One that writes nothing for so long is ended, and its line is empty."""
    assert process.stdout is not None
    silence = Timer(seconds, process.kill)
    silence.start()
    try:
        return process.stdout.readline()
    finally:
        silence.cancel()
