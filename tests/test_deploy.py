"""`docs/deploy.md` is true: its table of what may be cached, its options, its address for every kind of answer."""

import re

import httpx2
import pytest

from app.server.options import parse
from tests.conftest import ROOT, Server
from tests.test_cli import get

GUIDES = [ROOT / "docs" / "deploy.md", ROOT / "docs" / "deploy.zh-CN.md"]
MAIN = 'src="(/static/[^"]*/main.js)"'
# An address of each row of the table, in its order.
ROWS = [
    ["static", "plotly"],
    [
        "/api/layers",
        "/api/openapi.json",
        "/api/conv2d/walk/stream",
        "/api/conv2d/walk/limits?stride=1",
        "/api/conv2d/walk/code?as=latex",
        "/api/conv2d/walk/arrays.npz",
    ],
    ["/", "/?lang=zh", "/max_pool2d/walk?stride=1", "/words"],
    [
        "/join",
        "/join/conv2d/walk",
        "/healthz",
        "/nothing",
        "/api/conv2d/walk/stream?stride=0",
        "/api/nothing/walk/limits",
    ],
]

each_guide = pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)


def rows(text: str) -> list[list[str]]:
    """The cells of the table that tells what may be cached."""
    lines = [line for line in text.splitlines() if line.startswith("|") and "`Cache-Control: " in line]
    return [line.strip("| ").split(" | ") for line in lines]


def answers(server: Server, row: list[str]) -> list[httpx2.Response]:
    page = get(server.url).text
    found = {"static": re.search(MAIN, page)[1], "plotly": re.search(r'"plotly":"([^"]*)"', page)[1]}
    return [get(server.url + found.get(address, address)) for address in row]


@each_guide
def test_what_may_be_cached_is_what_the_answers_say(server: Server, guide):
    told = rows(guide.read_text())
    assert len(told) == len(ROWS)
    for (_, sent, _), row in zip(told, ROWS, strict=True):
        headers = dict(re.findall(r"`([\w-]+): ([^`]*)`", sent))
        for answer in answers(server, row):
            assert answer.headers["cache-control"] == headers["Cache-Control"], answer.url
            assert ("etag" in answer.headers) == ("ETag" in sent), answer.url
            if "Vary" in headers:
                varies = {one.strip() for one in answer.headers["vary"].split(",")}
                assert set(headers["Vary"].split(", ")) <= varies, answer.url
                if "ETag" in sent:  # a cache in front keeps it, so that it may depend on nothing else
                    assert varies == {"Accept-Encoding"}
                    assert "set-cookie" not in answer.headers


def test_what_a_cache_has_it_can_have_confirmed_without_any_work(server: Server):
    for row in ROWS[:2]:
        for answer in answers(server, row):
            again = get(str(answer.url), headers={"If-None-Match": answer.headers["etag"], "Cookie": "lang=zh"})
            assert (again.status_code, again.content) == (304, b"")
            for name in ("etag", "cache-control", "vary"):
                assert again.headers[name] == answer.headers[name]


def test_a_stream_is_handed_on_as_it_comes(server: Server):
    assert get(server.url + "/api/conv2d/walk/stream").headers["x-accel-buffering"] == "no"


@each_guide
def test_every_option_of_the_command_stands_in_the_table_with_its_variable(guide, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        parse(["--help"])
    said = capsys.readouterr().out
    text = guide.read_text()
    for option in set(re.findall(r"(--[a-z-]+)", said)) - {"--help", "--version"}:
        assert f"| `{option}" in text, option
    for variable in set(re.findall(r"CONVWALK_\w+", said)):
        assert f"`{variable}" in text, variable


def test_the_command_of_the_guide_is_one_that_is_understood():
    for command in re.findall(r"^    (?:convwalk|python3 start.py) (--.*)$", GUIDES[0].read_text(), re.MULTILINE):
        parse(command.split())
