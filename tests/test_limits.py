"""The limits: the environment sets them, `docs/limits.md` has them all, and a mistake is said in a sentence."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.ground import limits as limits_of_http
from core.offer import limits
from tests.conftest import ROOT, serving
from tests.test_patience import ask, connect

ALL = list(limits.LIMITS.values())
TABLES = [ROOT / "docs" / "limits.md", ROOT / "docs" / "limits.zh-CN.md"]

EVERY_EXAMPLE = """
import app.ground.limits
from core.catalog import LAYERS
from core.offer.layer import check
for layer in LAYERS.values():
    settings = layer.settings.of(layer.settings().plain())
    for algorithm in layer.algorithms:
        check(layer, algorithm, settings)
"""


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False
    )


def rows(document: Path) -> dict[str, str]:
    """The number in each row of the table of limits, by the variable that sets it."""
    lines = document.read_text(encoding="utf-8").splitlines()
    cells = [re.split(r" *\| *", line.strip("| ")) for line in lines if line.startswith("|") and limits.PREFIX in line]
    return {variable.strip("`"): number for _, number, variable in cells}


@pytest.mark.parametrize("document", TABLES, ids=lambda path: path.name)
def test_the_table_has_every_limit_with_its_number(document: Path):
    assert rows(document) == {limit.variable: f"{limit.default:,}" for limit in ALL}
    assert list(rows(document)) == [limit.variable for limit in ALL]  # in this order


def test_the_english_table_is_the_one_that_the_module_writes():
    assert limits.table() in TABLES[0].read_text(encoding="utf-8")


def test_every_limit_is_a_constant_of_its_name():
    constants = [*vars(limits).items(), *vars(limits_of_http).items()]
    assert {limit.name: limit.value for limit in ALL} == {
        name: value for name, value in constants if name.isupper() and name not in ("LIMITS", "PREFIX")
    }


def test_core_alone_has_none_of_a_server():
    """Whoever only computes is not stopped by the environment of a server."""
    said = python("-c", "import core.catalog", CONVWALK_LIMIT_STREAMS="7")
    assert (said.returncode, said.stderr) == (0, "")
    said = python("-c", "from core.offer.limits import LIMITS; print('STEPS' in LIMITS, 'STREAMS' in LIMITS)")
    assert said.stdout == "True False\n"


@pytest.mark.parametrize("end", ["least", "most"])
def test_at_either_end_of_every_range_the_examples_are_legal(end: str):
    said = python("-c", EVERY_EXAMPLE, **{limit.variable: str(getattr(limit, end)) for limit in ALL})
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize("value", ["many", "-1", "1.5", "٣", "0", "9" * 30, "1e3", " "])
def test_a_limit_that_makes_no_sense_ends_the_start_in_a_sentence(value: str):
    said = python("-m", "app", "--no-browser", "--port", "0", CONVWALK_LIMIT_STEPS=value)
    assert said.returncode == 1
    assert said.stdout == ""
    assert said.stderr == "CONVWALK_LIMIT_STEPS must be a whole number from 5000 to 10000000 (steps of a walk).\n"


def test_a_limit_that_there_is_not_is_named():
    said = python("-m", "app", "--no-browser", "--port", "0", CONVWALK_LIMIT_STPES="1")
    assert said.returncode == 1
    assert said.stderr.startswith("There is no limit CONVWALK_LIMIT_STPES; there are CONVWALK_LIMIT_SIDE, ")


def test_a_server_keeps_the_limits_that_it_was_started_with(tmp_path: Path):
    set_to = {"CONVWALK_LIMIT_STEPS": "6000", "CONVWALK_LIMIT_SIDE": "20", "CONVWALK_LIMIT_URL_BYTES": "1000"}
    with serving(tmp_path / "log.txt", **set_to) as server:
        for query, said in (
            ("in_height=20&in_width=20&stride=1", b"at most 6000 are walked"),
            ("in_height=21", b"from 1 to 20"),
            ("x=" + "1" * 1000, b"longer than 1000 bytes"),
        ):
            with connect(server, ask(f"/api/conv2d/walk/stream?{query}", "Connection: close")) as connection:
                answer = b""
                while not answer.endswith(b"}"):
                    answer += connection.recv(2000) or pytest.fail(f"it ended with {answer}")
            assert said in answer


def test_a_trace_that_takes_too_long_is_refused_or_breaks_off(tmp_path: Path):
    long = "/api/assigned_not_added/forward/stream?in_channels=16&in_height=64&in_width=64&kernel_size=1"  # seconds
    with serving(tmp_path / "log.txt", CONVWALK_LIMIT_TRACE_SECONDS="1") as server:
        heard = b""
        with connect(server, ask(long, "Connection: close")) as connection:
            while part := connection.recv(65536):
                heard = heard[:100] + heard[-100:] + part
    assert b'{"end":' not in heard
    assert heard.startswith(b"HTTP/1.1 200 ") or b"more than 1 seconds of computing" in heard
    assert not heard.endswith(b"0\r\n\r\n")  # or a cache would take it for the whole
    assert "Traceback" not in (tmp_path / "log.txt").read_text()
