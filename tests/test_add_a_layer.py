"""Who follows `docs/add-a-layer.md` has a layer on the stage, with nothing else changed."""

import ast
import json
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browser import NewReader, read
from tests.conftest import ROOT, Server, serving

GUIDE = (ROOT / "docs" / "add-a-layer.md").read_text(encoding="utf-8")
[LAYER] = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


[PLOTTED] = re.findall(r"^    (@algorithm\(plot=.*\))$", GUIDE, re.MULTILINE)
SQUARE = f'''"""A layer of one function, with its plot."""

from dataclasses import dataclass

import numpy as np

from core.offer.layer import Layer, Named
from core.offer.settings import Settings, Whole, knob
from core.recording.recorder import algorithm
from core.text.plot import Curve


{PLOTTED}
def square(x, y):
    """Every number times itself."""
    for i, j in np.ndindex(x.shape):
        y[i, j] = x[i, j] * x[i, j]
        yield "square one cell"


@dataclass(frozen=True)
class SquareSettings(Settings):
    """The size."""

    size: int = knob(3, Whole(1, 16), "Size", "Sizes")
    seed: int = knob(0, Whole(0, 99), "Seed", "Numbers")


def arrays(s):
    return {{"x": Named((s.size, s.size), "input", "input"), "y": Named((s.size, s.size), "value", "output")}}


layer = Layer(
    name="square", title="Square", group="Layers", settings=SquareSettings, axes={{"x": ("size", "size")}},
    arrays=arrays, algorithms={{"square": square}},
)
'''


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of one's own, with the layer in it and its name in the catalogue: in its imports and in its list."""
    home = tmp_path_factory.mktemp("home") / "convwalk"
    left_out = shutil.ignore_patterns(".*", "__pycache__", "zh.json.bak")
    shutil.copytree(ROOT, home, ignore=left_out)
    catalog = home / "core" / "catalog.py"
    listed = catalog.read_text(encoding="utf-8")
    for name, text in ("upsample", LAYER), ("square", SQUARE):
        (home / "core" / "layers" / f"{name}.py").write_text(text, encoding="utf-8")
        before = listed.count(name)
        listed = re.sub(r"(from core\.layers import \(\n)", rf"\1    {name},\n", listed, count=1)
        listed = re.sub(r"( +)(conv\.layer,\n)", rf"\1\2\1{name}.layer,\n", listed, count=1)
        assert listed.count(name) == before + 2
    catalog.write_text(listed, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def server(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with serving(log, home=home) as server:
        yield server
    assert "Traceback" not in log.read_text(), log.read_text()


def test_the_guide_shows_a_whole_layer() -> None:
    assert ast.get_docstring(ast.parse(LAYER))


@pytest.mark.slow
def test_it_is_held_to_every_promise(home: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/test_promises.py",
        "-k",
        "upsample",
    ]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) >= 20, done.stdout  # a promise of every case or layer has found it


@pytest.mark.slow
def test_what_is_not_said_in_chinese_is_told(home: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/test_promises.py",
        "-k",
        "languages",
    ]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=300)
    assert "copy one cell into its block" in done.stdout


def asked(server: Server, path: str) -> bytes:
    with urllib.request.urlopen(f"{server.url}{path}", timeout=20) as answer:
        return answer.read()


def test_it_is_on_offer_and_streams(server: Server) -> None:
    offered = {layer["name"]: layer for layer in json.loads(asked(server, "/api/layers"))["layers"]}
    assert offered["upsample"]["title"] == "Upsampling"
    assert max(json.loads(asked(server, "/api/upsample/upsample/limits"))["in_height"]) == 16
    lines = [json.loads(line) for line in asked(server, "/api/upsample/upsample/stream?scale=2,3&start=1").splitlines()]
    header = lines[0]["header"]
    steps = [step for line in lines for step in line.get("steps", [])]
    assert lines[-1] == {"end": {"steps": 12}}
    assert (header["steps"], len(steps)) == (12, 11)  # it began after the first
    [x, y] = header["arrays"]
    np.testing.assert_array_equal(np.kron(x["start"], np.ones((2, 3))), y["end"])


@pytest.mark.browser
@pytest.mark.slow
def test_it_stands_in_the_menu_and_runs_on_the_stage_to_any_moment(new_reader: NewReader, server: Server) -> None:
    reader = new_reader(server.url)
    reader.open().rest()
    reader.page.get_by_role("button", name="Convolution layer").click()
    reader.page.get_by_role("link", name="Upsampling").click()
    reader.page.wait_for_url("**/upsample/upsample*")
    reader.arrived(12).rest()
    assert (
        reader.page.locator(".chapter-doc p").first.inner_text() == "Every cell is copied into a block of the output."
    )

    def shown(name: str) -> list[Any]:
        return reader.evaluate("(name) => convwalk.value(name)", name)

    x = np.array(shown("x"))
    for k in (12, 0, 7):
        reader.seek(k).rest()
        written = np.zeros((6, 8))
        for at in range(k):
            i, j = divmod(at, 4)
            written[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = x[i, j]
        np.testing.assert_array_equal(shown("y"), written)
    reader.page.get_by_label("Scale", exact=True).fill("3")
    reader.wait("() => convwalk.value('y').length === 9")


@pytest.mark.browser
@pytest.mark.slow
def test_with_one_line_it_has_its_plot(new_reader: NewReader, server: Server) -> None:
    reader = new_reader(server.url)
    reader.open("/square/square?lang=en").arrived(9).seek(5).figures()
    x = np.array(reader.evaluate("convwalk.value('x')")).ravel()
    drawn = "() => document.querySelector('#plot .drawn').data.map(({ x, y }) => [[...x], [...y]])"
    (along, up), _, done, _, looked = (np.array(one, float) for one in reader.evaluate(drawn))
    np.testing.assert_array_equal(up, along * along)
    assert {*map(tuple, done.T)} == {(cell, cell * cell) for cell in x[:5]}
    assert looked.ravel().tolist() == [x[4], x[4] * x[4]]


@pytest.mark.browser
def test_without_javascript_it_can_be_read(new_reader: NewReader, server: Server) -> None:
    reader = new_reader(server.url, java_script_enabled=False, locale="zh-CN")
    reader.page.goto(f"{server.url}/upsample/upsample")
    assert "The output is larger, but it knows no more than the input." in reader.page.locator("body").inner_text()
    x = [read(cell) for cell in reader.page.locator('[data-array="x"] td').all_inner_texts()]
    y = [read(cell) for cell in reader.page.locator('[data-array="y"] td').all_inner_texts()]
    np.testing.assert_array_equal(np.kron(np.reshape(x, (3, 4)), np.ones((2, 2))).ravel(), y)
