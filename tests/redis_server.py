"""A real Redis for the tests, on a free port of its own and in a folder of its own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.room.hub import Hub
from tests.process import running

SERVER = shutil.which("redis-server") or shutil.which("valkey-server")
ABSENT = "there is no redis-server here: apt-get install redis-server"


class Redis:
    """A Redis that a test may stop and start again; it keeps what it has, as by default."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.prefix = "test"
        self.database = 0
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/{self.database}"

    def hub(self, seconds: float | None = None) -> Hub:
        """A hub in this Redis: one worker's. Those of one test have their rooms in common."""
        from app.room.shared.hub import SharedHub

        return SharedHub(self.url, seconds, self.prefix)

    @contextmanager
    def run(self) -> Iterator[None]:
        """While it runs."""
        assert SERVER is not None
        command = [SERVER, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--appendonly",
                   "yes", "--save", "", "--appendfsync", "no", "--loglevel", "warning"]  # fmt: skip
        with running(command, stdout=subprocess.DEVNULL) as self.process:
            self._wait()
            yield

    def do(self, *words: str | int) -> Any:
        """What it answers to a command."""
        import redis

        with redis.Redis.from_url(self.url, protocol=2) as client:
            return client.execute_command(*words)

    def _wait(self) -> None:
        import redis

        for _ in range(200):
            try:
                self.do("PING")
                return
            except redis.ConnectionError:
                time.sleep(0.02)
        pytest.fail("the Redis does not come up")


def started(folder: Path, running: ExitStack) -> Redis:
    """A Redis that runs until the stack is closed; a test is skipped where there is none."""
    if SERVER is None:
        pytest.skip(ABSENT)
    pytest.importorskip("redis", reason="the package redis is not here: pip install convwalk[redis]")
    server = Redis(folder)
    running.enter_context(server.run())
    return server
