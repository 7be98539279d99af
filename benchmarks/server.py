"""A real server, as a reader starts it, in a process of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Server:
    """A server that answers, or soon will: it prints where it is before it is up."""

    url: str  # without a slash at the end
    pid: int
    started: float  # time.perf_counter() just before the process was

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        return host, int(port)

    def all(self) -> "list[Server]":
        """The server with its workers, each as a server of its own."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self, *(Server(self.url, int(pid), self.started) for pid in children)]

    def memory(self, field: str) -> float:
        """Megabytes: VmRSS are those resident now, VmHWM the most there ever were."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(rf"{field}:\s+(\d+) kB", status)
        assert found, f"/proc/{self.pid}/status has no {field}"
        return int(found[1]) / 1024

    def processor(self) -> float:
        """Seconds for which the process has computed so far, in hundredths."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(*options: str, root: Path = ROOT) -> Iterator[Server]:
    """Start a server at a free port; it is ended as a reader does, by Ctrl-C."""
    command = [sys.executable, "-m", "app", "--no-browser", "--port", "0", *options]
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"(http://\S+)/ ", line)
            assert found, f"the server said {line!r}"
            yield Server(found[1], process.pid, started)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)
