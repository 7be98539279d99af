"""Several processes that share one port, with nothing else between them: every answer is a function of its address.

A worker's standard input is its lifeline. What it is to do comes in by it as one line, and when it closes, for whatever
reason, the worker ends: so none outlives its parent, on any system, and a Ctrl-C need reach the parent only.
"""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from base64 import b64decode, b64encode
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from app.server.options import Options

GRACE = 1.5  # seconds in which a worker may end by itself
TOO_EARLY = 5.0  # seconds: a worker that fails so soon after its start would do so again
KILLED = 3  # times in a row that one may be killed so early: by chance, once; for want of memory, again and again
_EVERY = 0.1  # seconds between two looks at the workers
_HOME = str(Path(__file__).parents[2])


def supervise(listening: socket.socket, options: Options) -> NoReturn:
    """Keep that many workers serving until Ctrl-C, a KeyboardInterrupt. One that dies is replaced."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    workers: list[_Worker] = []
    killed = 0
    try:
        while True:
            for worker in workers:
                if worker.process.poll() is None:
                    continue
                code, early = worker.process.returncode, time.monotonic() - worker.began < TOO_EARLY
                if early and code > 0:
                    sys.exit("A worker could not start; what it said stands above.")
                killed = killed + 1 if early and code < 0 else 0
                if killed == KILLED:
                    sys.exit(f"Workers are killed at their start, the last one by signal {-code}.")
                workers.remove(worker)
                break
            if len(workers) < options.workers:
                workers.append(_Worker(listening, options))
            else:
                time.sleep(_EVERY)
    finally:
        _end(workers)


def work() -> None:
    """What a worker does: serve at the socket that its parent hands it, for as long as the parent is there."""
    lifeline = sys.stdin.buffer
    task = json.loads(lifeline.readline())
    listening = _received(task["socket"])
    from app.server.server import server_of

    server = server_of(listening, Options(**task["options"]))

    def watch() -> None:
        lifeline.read()
        server.should_exit = True

    threading.Thread(target=watch, daemon=True).start()
    server.run([listening])


class _Worker:
    def __init__(self, listening: socket.socket, options: Options) -> None:
        self.began = time.monotonic()
        # A session of its own keeps the terminal's Ctrl-C from it, which would only break into its imports.
        start = f"import sys; sys.path.insert(0, {_HOME!r}); from app.server.workers import work; work()"
        command = [sys.executable, "-P", "-c", start]  # and not from a folder `app` that happens to be here
        if sys.platform == "win32":
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, creationflags=subprocess.CREATE_NEW_PROCESS_GROUP
            )
            shared: int | str = b64encode(listening.share(self.process.pid)).decode()
        else:
            shared = listening.fileno()
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, pass_fds=[listening.fileno()], start_new_session=True
            )
        assert self.process.stdin is not None
        self.lifeline = self.process.stdin
        with contextlib.suppress(OSError):  # it has died already, as will be seen
            self.lifeline.write(json.dumps({"socket": shared, "options": asdict(options)}).encode() + b"\n")
            self.lifeline.flush()


def _received(shared: int | str) -> socket.socket:
    if sys.platform == "win32":
        return socket.fromshare(b64decode(str(shared)))
    return socket.socket(fileno=int(shared))


def _end(workers: list[_Worker]) -> None:
    for worker in workers:
        with contextlib.suppress(OSError):
            worker.lifeline.close()
    until = time.monotonic() + GRACE
    for worker in workers:
        try:
            worker.process.wait(max(0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            worker.process.kill()
            worker.process.wait()
