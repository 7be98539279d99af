"""Several workers: they answer alike, one that dies is missed by nobody for long, and none outlives the command."""

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from playwright.sync_api import expect

from core.catalog import Run
from tests.browser import NewReader
from tests.conftest import ROOT, Server, serving
from tests.process import slowed
from tests.test_cli import ask, get, run

WALK = "/api/conv2d/walk/stream?in_height=28&in_width=28&stride=1"  # a second long

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds a server's workers in /proc")


def workers(server: Server) -> list[int]:
    """The processes of the workers."""
    pid = server.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_there(pid: int) -> bool:
    """Whether a process is alive: one that only waits for its parent's attention is not."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@contextlib.contextmanager
def stopped(pid: int) -> Iterator[None]:
    """While one worker stands still, so that another must answer."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def wait_for_two(server: Server) -> list[int]:
    """The workers, once there are two and each answers by itself."""
    for _ in range(200):
        if len(workers(server)) == 2:
            break
        time.sleep(0.05)
    pids = workers(server)
    assert len(pids) == 2
    for pid in pids:
        with stopped(pid):
            assert get(server.url + "/healthz").status_code == 200
    return pids


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of two workers, whom nothing brings to a traceback."""
    log = tmp_path_factory.mktemp("workers") / "log.txt"
    with serving(log, "--workers", "2") as server:
        wait_for_two(server)
        yield server
    assert log.read_text() == ""


@pytest.mark.parametrize(
    "address",
    ["/", "/words?lang=zh", "/api/layers", "/api/conv2d/walk/stream?padding=2&b=[1,2]", "/api/conv2d/walk/limits"],
)
def test_two_workers_answer_with_the_same_bytes(pair: Server, address: str):
    answers = []
    for pid in workers(pair):
        with stopped(pid):
            answers.append(get(pair.url + address))
    one, other = answers
    assert one.status_code == other.status_code == 200
    assert one.content == other.content
    assert one.headers.get("etag") == other.headers.get("etag")
    if "etag" in one.headers:  # what one has given out, the other knows
        with stopped(workers(pair)[0]):
            known = get(pair.url + address, headers={"If-None-Match": one.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")


def test_a_stream_whose_worker_is_killed_breaks_off_visibly_and_the_other_one_goes_on_to_the_same_end(pair: Server):
    stays, dies = workers(pair)
    with stopped(stays):
        stream = ask(pair, WALK)
        received = stream.recv(65536)
    while received.count(b'{"steps":') < 3:
        received += stream.recv(65536) or pytest.fail("the stream has ended")
    os.kill(dies, signal.SIGKILL)
    with contextlib.suppress(ConnectionError):
        while part := stream.recv(65536):
            received += part
    stream.close()
    assert not received.endswith(b"0\r\n\r\n")  # of the last chunk: HTTP itself says that there should be more
    whole = get(pair.url + WALK).content.splitlines()
    blocks = [orjson.loads(line)["steps"] for line in whole[1:-1]]
    lines = unchunked(received).splitlines(keepends=True)
    arrived = [orjson.loads(line)["steps"] for line in lines[1:] if line.endswith(b"\n")]
    assert arrived == blocks[: len(arrived)]
    assert len(arrived) < len(blocks)

    start = sum(map(len, arrived))
    rest = get(f"{pair.url}{WALK}&start={start}").content.splitlines()
    assert rest[0] == whole[0]
    assert rest[-1] == whole[-1] == orjson.dumps({"end": {"steps": sum(map(len, blocks))}})
    went_on = [step for line in rest[1:-1] for step in orjson.loads(line)["steps"]]
    assert [step for block in arrived for step in block] + went_on == [step for block in blocks for step in block]

    while dies in workers(pair):
        time.sleep(0.05)
    assert stays in wait_for_two(pair)  # and the new one answers too


def unchunked(answer: bytes) -> bytes:
    """The body of an answer in chunks, as far as it came."""
    rest, body = answer.partition(b"\r\n\r\n")[2], b""
    while b"\r\n" in rest:
        size, _, rest = rest.partition(b"\r\n")
        body += rest[: int(size, 16)]
        rest = rest[int(size, 16) + 2 :]
    return body


def test_ctrl_c_ends_all_of_them_at_once_whatever_they_are_doing(tmp_path: Path):
    took = []
    for _ in range(8):
        with serving(tmp_path / "log.txt", "--workers", "2") as server, contextlib.ExitStack() as stack:
            pids = wait_for_two(server)
            for _ in range(6):
                stack.enter_context(ask(server, WALK)).recv(65536)
            began = time.monotonic()
            server.process.send_signal(signal.SIGINT)
            assert server.process.wait(timeout=10) == 0
            took.append(time.monotonic() - began)
        assert not any(map(is_there, pids))
        assert (tmp_path / "log.txt").read_text() == ""
        if took[-1] < 1:
            return
    pytest.fail(f"it never ended within a second: {took}")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_the_command_however_that_ends(tmp_path: Path, how: signal.Signals):
    with serving(tmp_path / "log.txt", "--workers", "2") as server:
        pids = wait_for_two(server)
        server.process.send_signal(how)
        server.process.wait(timeout=10)
    for _ in range(100):
        if not any(map(is_there, pids)):
            return
        time.sleep(0.1)
    pytest.fail("a worker was left behind")


def test_workers_that_cannot_start_are_not_started_for_ever(tmp_path: Path):
    for name in ("app", "core", "static", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "app/api/api.py").write_text("raise SystemExit('there is no such module')\n")
    result = run("--workers", "2", "--no-browser", "--port", "0", home=tmp_path)
    assert result.returncode == 1
    assert result.stderr.endswith("A worker could not start; what it said stands above.\n")
    assert "Traceback" not in result.stderr


def test_workers_that_are_killed_at_their_start_are_not_started_for_ever(tmp_path: Path):
    for name in ("app", "core", "static", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "app/server/server.py").write_text("import os\n\nos.kill(os.getpid(), 9)\n")
    result = run("--workers", "2", "--no-browser", "--port", "0", home=tmp_path)
    assert result.returncode == 1
    assert result.stderr == "Workers are killed at their start, the last one by signal 9.\n"


@pytest.mark.browser
@pytest.mark.slow
def test_a_page_whose_worker_is_killed_says_so_and_arrives_at_the_same_end(new_reader: NewReader, tmp_path: Path):
    with serving(tmp_path / "log.txt", "--workers", "2") as server:
        wait_for_two(server)
        reader = new_reader(url=server.url)
        reader.expect_complaint("ERR_")
        reader.open().rest()  # from now on the browser has all but the walk
        pids = workers(server)
        with slowed(*pids):  # or all of it might have come before they are gone
            reader.open("/conv2d/walk?in_height=40&in_width=40&stride=1")
            for pid in pids:  # one of them has this stream
                os.kill(pid, signal.SIGKILL)
        expect(reader.page.get_by_role("status").filter(has_text="The connection broke off")).to_be_visible()
        run = Run.of("conv2d", in_height=40, in_width=40, stride=1)
        reader.arrived(run.outline().steps)
        expect(reader.page.get_by_role("status").filter(has_text="The connection broke off")).to_be_hidden()
        reader.seek(reader.steps).assert_shows(run.finish())
