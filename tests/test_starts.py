"""Starts under odd circumstances: it serves, or says in a sentence why it does not."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import start
from tests.conftest import ROOT, serving
from tests.process import next_line, running
from tests.test_cli import get, run, taken

__all__ = ["taken"]  # a fixture


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null"}, id="a home that cannot be written"),
        pytest.param({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, id="the locale C"),
        pytest.param({"LC_ALL": "xx_YY.nothing", "PYTHONIOENCODING": "ascii"}, id="a locale that is not there"),
        pytest.param({"PYTHONOPTIMIZE": "2"}, id="without asserts and docstrings"),
    ],
)
def test_it_starts_with(tmp_path: Path, server, odd: dict[str, str]):
    # The bytecode of another kind of start is not to be left behind.
    odd = odd | {"PYTHONDONTWRITEBYTECODE": "1", "CONVWALK_HOST": "0.0.0.0"}
    with serving(tmp_path / "log.txt", **odd) as other:
        for address in ("/?lang=zh", "/api/conv2d/walk/stream?padding=2"):
            ours, theirs = get(server.url + address), get(other.url + address)
            assert theirs.status_code == 200
            assert theirs.content == ours.content  # its docstrings are text to read, and so taken from the source
    assert (tmp_path / "log.txt").read_text() == ""


def test_no_walk_waits_while_python_looks_for_garbage_in_the_program_itself():
    script = """
import asyncio, gc, socket
from app.server.options import DEFAULTS
from app.server.server import server_of

async def count(server, listening):
    serving = asyncio.create_task(server.serve([listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    print(len(gc.get_objects()), gc.get_freeze_count())
    server.should_exit = True
    await serving

with socket.create_server(("127.0.0.1", 0)) as listening:
    asyncio.run(count(server_of(listening, DEFAULTS), listening))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    looked_at, left_out = map(int, done.stdout.split())
    assert left_out > 50_000
    assert looked_at < left_out / 20


def test_on_a_machine_without_any_network_it_serves_that_machine():
    alone = ["unshare", "--net", "--map-root-user", "sh", "-c"]
    if (
        not shutil.which("ip")
        or subprocess.run([*alone, "ip link set lo up"], capture_output=True, timeout=30).returncode
    ):
        pytest.skip("no namespace without a network can be made here")
    script = (
        "import sys, urllib.request\n"
        "url = sys.stdin.readline().split()[3]\n"
        "print(urllib.request.urlopen(url + 'join').read().decode())\n"
    )
    serve = f"{sys.executable} -m app --no-browser --port 0 --host 0.0.0.0"
    command = [*alone, f"ip link set lo up && exec {serve}"]
    with running(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        first = next_line(process)
        # Into the very namespace, since only there is the server.
        inside = ["nsenter", "--target", str(process.pid), "--net", "--user", "--preserve-credentials"]
        page = subprocess.run(
            [*inside, sys.executable, "-c", script], input=first, capture_output=True, text=True, timeout=30
        )
        process.send_signal(signal.SIGINT)
        second = next_line(process)
    assert second == "It is open to others, but this machine is on no network at the moment.\n"
    assert "this machine is on none at the moment" in page.stdout, page.stderr


def test_a_port_that_is_taken_is_said_in_a_sentence_by_workers_too(taken: int):
    said = run("--port", str(taken), "--no-browser", "--workers", "3")
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith(f"Port {taken} is in use")


@pytest.mark.parametrize("host", ["", "a" * 70, "münchen.example..", "256.1.1.1", "::g", "-"])
def test_an_address_that_is_none_is_said_in_a_sentence(host: str):
    said = run("--host", host, "--no-browser", "--port", "0")
    assert said.returncode == 1
    assert said.stderr.startswith("ConvWalk cannot listen at ")
    assert said.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "option", ["--workers=0", "--workers=33", "--workers=two", "--log-level=loud", "--trusted-proxy=*"]
)
def test_an_option_that_makes_no_sense_is_refused_in_words_and_so_is_its_variable(option: str):
    name, _, text = option.removeprefix("--").partition("=")
    variable = "CONVWALK_TRUSTED_PROXIES" if name == "trusted-proxy" else f"CONVWALK_{name.upper().replace('-', '_')}"
    for said in (run(option), run(**{variable: text})):
        assert said.returncode == 2
        assert "Traceback" not in said.stderr
        assert "error: " in said.stderr


@pytest.mark.parametrize("shut", [">&-", "| true", ">/dev/full"])
def test_it_serves_though_nobody_hears_where(tmp_path: Path, shut: str):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path / "log.txt"
    command = f"exec {sys.executable} -m app --no-browser --port {port} 2>{log} & echo $! >{tmp_path / 'pid'}; wait"
    if shut == "| true":
        command = f"({command}) | true"
    else:
        command = command.replace(" 2>", f" {shut} 2>")
    with running(["bash", "-c", f"set -m; {command}"], cwd=ROOT, stdout=subprocess.DEVNULL) as shell:
        for _ in range(100):
            with contextlib.suppress(Exception):
                if get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                    break
            time.sleep(0.1)
        else:
            pytest.fail(log.read_text())
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGINT)
        shell.wait(timeout=10)
    assert log.read_text() == ""


def test_every_option_and_its_environment_variable_stand_in_the_help():
    said = " ".join(run("--help").stdout.split())
    for name in ("host", "port", "no-browser", "workers", "log-level"):
        assert f"--{name}" in said
        assert f"CONVWALK_{name.upper().replace('-', '_')}" in said
    for word in (
        "--allowed-host",
        "CONVWALK_ALLOWED_HOSTS",
        "--trusted-proxy",
        "CONVWALK_TRUSTED_PROXIES",
        "--version",
    ):
        assert word in said


def test_start_tells_its_help_without_docstrings_too():
    said = subprocess.run(
        [sys.executable, "-OO", "start.py", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert said.stdout == start.HELP
    assert "--workers" in said.stdout
