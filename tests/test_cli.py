"""The command: where it listens, what it says, when it opens a browser, and how it ends."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx2
import pytest

from app import __version__
from app.server import cli, options
from tests.conftest import ROOT, Server, serving
from tests.process import next_line, running

LONG = "/api/conv2d/walk/stream?in_height=64&in_width=64&in_channels=3&out_channels=3"  # 60,000 steps, 17 MB
get = partial(httpx2.get, timeout=30)  # a busy machine takes its time

on_linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads a process's time from /proc")


def run(*arguments: str, home: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, to its end."""
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(
        command, cwd=home, env=os.environ | environment, capture_output=True, text=True, timeout=20, check=False
    )


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens at."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_one_line_says_where_it_is_and_there_it_answers_at_once(tmp_path: Path):
    with serving(tmp_path / "log.txt") as server:
        assert get(server.url + "/api/layers").status_code == 200  # without waiting for it
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=10) == 0
        assert server.process.stdout.read().strip() == ""
    assert (tmp_path / "log.txt").read_text() == ""


def test_a_port_that_was_asked_for_and_is_in_use_is_an_error_in_words(taken: int):
    for result in (run("--port", str(taken), "--no-browser"), run("--no-browser", CONVWALK_PORT=str(taken))):
        assert result.returncode == 1
        assert result.stderr == (
            f"Port {taken} is in use, perhaps by another ConvWalk. --port chooses another; without it one is found.\n"
        )
        assert result.stdout == ""


def test_where_no_port_was_asked_for_the_next_free_one_is_taken():
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # somebody else may hold it: the better
            stack.enter_context(socket.create_server(("127.0.0.1", options.PORT)))
        with cli._listen("127.0.0.1", None) as listening:
            assert options.PORT < listening.getsockname()[1] < options.PORT + 100


def test_a_host_that_is_not_here_is_an_error_in_words():
    result = run("--host", "198.51.100.7", "--no-browser")
    assert result.returncode == 1
    assert result.stderr.startswith("ConvWalk cannot listen at 198.51.100.7, port 8000: ")
    assert "Traceback" not in result.stderr


def test_the_version_is_told_without_starting_anything():
    code = "import sys, contextlib\nfrom app.server.cli import main\n"
    code += "with contextlib.suppress(SystemExit): main(['--version'])\n"
    result = subprocess.run(
        [sys.executable, "-c", code + "sys.exit('numpy' in sys.modules or 'fastapi' in sys.modules)"],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (0, f"ConvWalk {__version__}\n")


@pytest.mark.parametrize("port", ["65536", "-1", "٨٠٠٠", "http", "1e3", "8000.0"])
def test_a_port_that_is_none_is_an_error_in_words(port: str, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(SystemExit) as by_option:
        options.parse(["--port", port])
    monkeypatch.setenv("CONVWALK_PORT", port)
    with pytest.raises(SystemExit) as by_environment:
        options.parse([])
    assert by_option.value.code == by_environment.value.code == 2


def test_each_option_is_an_environment_variable_too_and_the_option_wins(monkeypatch: pytest.MonkeyPatch):
    defaults = options.parse([])
    assert (defaults.host, defaults.port, defaults.no_browser) == ("127.0.0.1", None, False)
    monkeypatch.setenv("CONVWALK_HOST", "127.0.0.2")
    monkeypatch.setenv("CONVWALK_PORT", "0")
    monkeypatch.setenv("CONVWALK_NO_BROWSER", "1")
    from_environment = options.parse([])
    assert (from_environment.host, from_environment.port, from_environment.no_browser) == ("127.0.0.2", 0, True)
    given = options.parse(["--host", "::1", "--port", "81"])
    assert (given.host, given.port) == ("::1", 81)
    monkeypatch.setenv("CONVWALK_NO_BROWSER", "0")
    assert not options.parse([]).no_browser


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", r"http://127\.0\.0\.1:\d+/"), ("0.0.0.0", r"http://127\.0\.0\.1:\d+/"),
                                             ("::1", r"http://\[::1\]:\d+/")])  # fmt: skip
def test_the_address_is_one_that_a_browser_can_open(host: str, shown: str):
    try:
        listening = cli._listen(host, 0)
    except SystemExit:
        pytest.skip("this machine has no IPv6")
    with listening:
        assert re.fullmatch(shown, cli._url(listening))


def test_the_browser_is_opened_once_the_address_can_be_reached(tmp_path: Path):
    # A browser that does what one does: it asks for the page, and writes down what came.
    browser, seen = tmp_path / "browser.py", tmp_path / "seen.txt"
    browser.write_text(
        "import sys, urllib.request\n"
        "answer = urllib.request.urlopen(sys.argv[1] + 'api/layers')\n"
        f"open({str(seen)!r}, 'a').write(f'{{sys.argv[1]}} {{answer.status}}\\n')\n"
    )
    command = [sys.executable, "-m", "app", "--port", "0"]
    environment = os.environ | {"BROWSER": f"{sys.executable} {browser} %s"}
    with running(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        line = next_line(process)
        for _ in range(100):
            if seen.exists() and seen.read_text():
                break
            time.sleep(0.1)
    assert seen.read_text() == re.search(r"(http://\S+)", line)[1] + " 200\n"


def test_no_browser_is_opened_for_those_who_want_none(tmp_path: Path):
    opened = tmp_path / "opened"
    with serving(tmp_path / "log.txt", BROWSER=f"touch {opened} %s") as server:  # it is started with --no-browser
        get(server.url + "/api/layers")
        time.sleep(0.3)
    assert not opened.exists()


def test_without_a_screen_no_browser_is_looked_for(monkeypatch: pytest.MonkeyPatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    assert cli._can_open() == (sys.platform in ("win32", "darwin"))
    monkeypatch.setenv("BROWSER", "firefox")
    assert cli._can_open()


def ask(server: Server, address: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    connection.sendall(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return connection


@pytest.mark.parametrize(
    "busy",
    ["starting", "idle", "opening a walk", "streaming", pytest.param("streaming to nobody who reads", marks=on_linux)],
)
@pytest.mark.slow
def test_ctrl_c_ends_it_within_a_second(tmp_path: Path, busy: str):
    for _ in range(8):  # on a machine that is busy with something else it may take several turns
        if seconds_to_end(tmp_path / "log.txt", busy) < 1:
            return
    pytest.fail("it never ended within a second")


def seconds_to_end(log: Path, busy: str) -> float:
    """How long a server that is busy in this way takes to end at Ctrl-C; a traceback or a whole stream fails."""
    with serving(log) as server, contextlib.ExitStack() as stack:
        answered = b""
        if busy != "starting":
            assert get(server.url + "/api/layers").status_code == 200
        if busy == "idle":
            stack.enter_context(ask(server, "/api/layers")).recv(65536)  # and the connection is kept
        elif busy == "opening a walk":
            stack.enter_context(ask(server, LONG + "&stride=1"))  # two seconds until it begins
            time.sleep(0.3)
        elif "streaming" in busy:
            stream = stack.enter_context(ask(server, LONG))
            while b'{"steps":' not in answered[-100_000:]:
                answered += stream.recv(65536) or pytest.fail("the stream has ended")
            if "nobody" in busy:
                server.wait_until_idle()  # all that can be under way is
        began = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        if busy == "streaming":
            with contextlib.suppress(ConnectionError):
                while part := stream.recv(65536):
                    answered += part
            assert b'{"end":' not in answered  # visibly cut short, and in the middle of the chunks too
            assert not answered.endswith(b"0\r\n\r\n")
        code = server.process.wait(timeout=10)
        took = time.monotonic() - began
        # Python remembers a Ctrl-C that fell into an exec(), as in an import, and says so in its exit code.
        assert code == 0 or (busy == "starting" and code == -signal.SIGINT)
    assert log.read_text() == ""
    return took
