"""A real server, as a reader starts it, for the tests that talk to one."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Server:
    """A running server: where it is, and its process."""

    url: str  # such as http://127.0.0.1:8000, without a slash at the end
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def cpu(self) -> float:
        """Seconds of computing so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(log: Path, *options: str, **environment: str) -> Iterator[Server]:
    """A server of its own, in a process of its own; what it says besides its address goes to the log."""
    command = [sys.executable, "-m", "app", "--port", "0", "--no-browser", *options]
    with (
        log.open("w") as said,
        subprocess.Popen(
            command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"(http://\S+)/ ", line)
            assert found, f"it said {line!r} and {log.read_text()!r}"
            yield Server(found[1], process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=10)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests; nothing they ask of it may end in a traceback."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with serving(log) as server:
        yield server
    assert "Traceback" not in log.read_text(), log.read_text()
