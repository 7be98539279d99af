"""A real server, as a reader starts it, and readers with a real browser, for the tests that need them."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser

from app.room.hub import Hub
from tests.browser import PLOTLESS, NewReader, Reader, launch_arguments
from tests.pages import Loan, Pages
from tests.process import next_line, running
from tests.redis_server import Redis, started

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

    def wait_until_idle(self) -> None:
        """Until it has computed next to nothing for a third of a second."""
        for _ in range(40):
            before = self.cpu()
            time.sleep(0.3)
            if self.cpu() - before <= 0.03:
                return
        pytest.fail("the server does not come to rest")


@contextmanager
def serving(
    log: Path, *options: str, home: Path = ROOT, program: Sequence[str] = ("-m", "app"), **environment: str
) -> Iterator[Server]:
    """A server of its own, of the checkout at `home`; what it says besides its address goes to the log."""
    command = [sys.executable, *program, "--port", "0", "--no-browser", *options]
    with (
        log.open("w") as said,
        running(command, cwd=home, env=os.environ | environment, stdout=subprocess.PIPE, stderr=said) as process,
    ):
        line = next_line(process)
        found = re.search(r"(http://\S+)/ ", line)
        assert found, f"it said {line!r} and {log.read_text()!r}"
        yield Server(found[1], process)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests; nothing they ask of it may end in a traceback."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with serving(log) as server:
        yield server
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """One Redis for all tests that need one; where there is none they are skipped."""
    with ExitStack() as running:
        yield started(tmp_path_factory.mktemp("redis"), running)


@pytest.fixture
def redis(redis_server: Redis) -> Redis:
    """The same with names of its own for each test."""
    redis_server.prefix = f"test-{uuid4()}"
    return redis_server


@pytest.fixture
def make(request: pytest.FixtureRequest) -> Callable[..., Hub]:
    """What makes hubs of one kind: in a Redis those of one test are workers, which have their rooms in common."""
    from tests.test_room import HUBS

    fixture, maker = HUBS[request.param]
    return maker(request.getfixturevalue(fixture) if fixture else None)


def pytest_configure() -> None:
    # A shell has its background jobs ignore Ctrl+C, and so would every server that is started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    """The tests in Chromium come last: once it is started, the event loop that playwright keeps allows no other.

    They are all that ask for a reader, so they need not say it. Those in Firefox and WebKit come first: each is a long
    row for one process, and the others take what is left. The slow ones of Chromium come before its others: one that is
    begun at the very end has a core for itself, and all the others wait for it.
    """
    for item in items:
        if {"reader", "new_reader"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")
    yield

    def place(item: pytest.Item) -> tuple[int, bool]:
        marks = {mark.name for mark in item.iter_markers()}
        row = -1 if marks & {"firefox", "webkit"} else int("browser" in marks)
        return row, row == 1 and "slow" not in marks

    items.sort(key=place)


@pytest.fixture(scope="session")
def base_url() -> None:
    """Each reader has a server's address. The plugin's own fixture has a form that pytest 9 warns of."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """What playwright starts: one browser for all tests. Each reader has a page of their own in it."""
    return browser_type_launch_args | launch_arguments()


@pytest.fixture(scope="session")
def pages(browser: Browser) -> Iterator[Pages]:
    """The pages of all readers of Chromium."""
    pages = Pages(browser)
    yield pages
    pages.close()


@pytest.fixture
def new_reader(pages: Pages, server: Server, request: pytest.FixtureRequest) -> Iterator[NewReader]:
    """Readers with screens, languages and servers of their own; all of their browsers must have stayed quiet.

    A test that sets a clock, or anything else of a whole browser, asks for one that is `fresh`, which nobody has after
    it; one that is about the hints for newcomers asks for a reader who is `hinted`.
    Where nothing is told of plots, a test is marked `plotless`.
    """
    readers: list[tuple[Reader, Loan, bool]] = []

    def made(url: str = server.url, *, fresh: bool = False, hinted: bool = False, **screen: Any) -> Reader:
        loan = pages.lend(screen, fresh=fresh)
        reader = Reader(loan.page, url)
        readers.append((reader, loan, fresh))
        if not hinted:
            reader.begin_with("try { localStorage.setItem('convwalk.used', 'none') } catch {} // not on an empty page")
        if request.node.get_closest_marker("plotless"):
            reader.begin_with(PLOTLESS)
        return reader

    yield made
    for reader, loan, fresh in readers:
        try:
            reader.leave()
        except BaseException:
            fresh = True  # nobody else is to have a page about which something is amiss
            raise
        finally:
            if fresh:
                loan.page.context.close()
            else:
                pages.take_back(loan, reader.url)


@pytest.fixture
def reader(new_reader: NewReader) -> Reader:
    """An ordinary reader: English, light, 1280×800."""
    return new_reader()
