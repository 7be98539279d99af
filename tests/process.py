"""Processes that tests start: none outlives the test, whatever becomes of it, and none is waited for without end."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread, Timer
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


@contextmanager
def slowed(*pids: int) -> Iterator[None]:
    """Have processes run for a fifth of the time only: what one has begun is not over before it is looked at."""
    over = Event()

    def hold_back() -> None:
        while not over.wait(0.02):
            for number in (signal.SIGSTOP, signal.SIGCONT):
                for pid in pids:
                    with suppress(ProcessLookupError):
                        os.kill(pid, number)
                if number == signal.SIGSTOP:
                    over.wait(0.08)

    thread = Thread(target=hold_back)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
