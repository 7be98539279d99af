"""What a reader copies: scripts that print what the page shows, without ConvWalk."""

import ast
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

import core
from app.main import create_app
from core.catalog import LAYERS, Run
from core.script import numpy_script, torch_script
from core.text.formula import aligned, latex
from tests.asked import SETTINGS
from tests.cases import each
from tests.node import node

# Run in a Python that knows nothing of ConvWalk: each script in a namespace of its own, its arrays as lists.
RUNNER = """
import contextlib, io, json, runpy, sys
found = []
for path in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        names = runpy.run_path(path)
    arrays = {n: a.tolist() for n, a in names.items() if type(a).__name__ == "ndarray"}
    found.append({"arrays": arrays, "said": said.getvalue()})
assert not {"core", "app", "tests"} & set(sys.modules)
json.dump(found, sys.stdout)
"""

ASKED = [
    (layer.name, algorithm, settings)
    for layer in LAYERS.values()
    for settings in ({}, *SETTINGS.get(layer.name, []))
    for algorithm in layer.algorithms
]


@cache
def results(folder: Path) -> list[dict[str, Any]]:
    """What every script leaves behind, all of them run in one fresh Python."""
    paths = []
    for number, (layer, algorithm, settings) in enumerate(ASKED):
        path = folder / f"{number}.py"
        path.write_text(numpy_script(LAYERS[layer], algorithm, settings, {}), encoding="utf-8")
        paths.append(str(path))
    return run(paths, folder)


def run(paths: list[str], folder: Path) -> list[dict[str, Any]]:
    ran = subprocess.run(
        [sys.executable, "-I", "-c", RUNNER],
        input=json.dumps(paths),
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stderr
    return list(json.loads(ran.stdout))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scripts")


@each(("number", "asked"), enumerate(ASKED))
@pytest.mark.slow
def test_a_numpy_script_computes_what_the_page_shows_and_prints_what_was_written(
    folder: Path, number: int, asked: tuple[str, str, dict[str, Any]]
):
    layer, algorithm, settings = asked
    run, found = Run.of(layer, algorithm, **settings), results(folder)[number]
    outline = run.outline()
    data = {name for name, one in run.layer.arguments(run.settings).items() if isinstance(one, np.ndarray)}
    assert set(found["arrays"]) <= set(outline.end) | data
    for name, array in ((name, array) for name, array in found["arrays"].items() if name not in data):
        if not name.startswith(("kinks_", "found")):  # the scripts do not count kinks
            # The slope between two losses has their rounding, divided by how far a nudge goes.
            off = 1e-8 if name.startswith(("numeric_", "difference_")) else 1e-9
            np.testing.assert_allclose(np.array(array, float), outline.end[name], rtol=0, atol=off, err_msg=name)
    printed = {line.removesuffix(" =") for line in found["said"].splitlines() if line.endswith(" =")}
    aside = {name for name in outline.computed if name.startswith(("kinks_", "found")) or name.endswith("_nudged")}
    assert printed == {name for name in outline.computed - aside if outline.roles[name] != "scratch"}


def pieces(said: str) -> dict[str, str]:
    """What a script has printed, by the names that it prints above its arrays."""
    parts = re.split(r"^(\w+) =\n", said, flags=re.MULTILINE)
    assert parts[0] == ""
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_what_a_numpy_script_prints_is_every_number_and_can_be_pasted_back(folder: Path):
    path = folder / "large.py"
    shape, rng = (3, 20, 20), np.random.default_rng(3)
    arrays = {"x": rng.normal(size=shape) * 10.0 ** rng.integers(-9, 5, shape), "dy": rng.normal(size=(2, 10, 10))}
    path.write_text(numpy_script(LAYERS["conv2d"], "walk", {}, arrays), encoding="utf-8")
    [large] = run([str(path)], folder)
    assert len(large["arrays"]["x_padded"]) * 22 * 22 > 1000  # where NumPy would print "..."
    texts, expected = [], []
    for found in (*results(folder), large):
        for name, text in pieces(found["said"]).items():
            array = np.array(found["arrays"][name], float)
            if np.isfinite(array).all():  # a max pool pads with -inf, which is no number to type
                texts += [text, f"{name} =\n{text}"]
                expected += [{"shape": list(array.shape), "cells": array.ravel().tolist()}] * 2
    assert len(texts) > 500
    for text, right, read in zip(texts, expected, node("read", texts=[[text] for text in texts]), strict=True):
        assert read == right, text
    named = pieces(large["said"])
    [whole] = node("read", texts=[[large["said"]]])
    assert whole == {"reason": "several", "values": {"names": ", ".join(named)}}


def test_a_script_has_no_pause_and_no_branch_that_its_settings_do_not_take():
    text = numpy_script(LAYERS["conv2d"], "walk", {}, {})
    assert "yield" not in text
    assert "reflect" not in text
    assert "def pad_with_copies" in numpy_script(LAYERS["conv2d"], "pad", {"padding_mode": "reflect"}, {})


@pytest.mark.parametrize("layer", LAYERS)
def test_a_pytorch_script_compiles_and_prints_arrays_of_its_layer(layer: str):
    chosen = LAYERS[layer]
    for settings in ({}, *SETTINGS.get(layer, [])):
        tree = ast.parse(torch_script(chosen, "walk", settings, {}))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        printed = [call.args[0].value for call in calls if ast.unparse(call.func) == "print"]  # type: ignore[attr-defined]
        assert printed
        assert {label.removesuffix(" =") for label in printed} <= set(core.run(layer, **settings))


# --- Over HTTP --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(create_app(["testserver"]))


@pytest.mark.parametrize("form", ["latex", "numpy", "pytorch"])
def test_the_same_address_gives_the_same_text_and_is_known_again(client: TestClient, form: str):
    address = f"/api/conv2d/correlate/code?stride=1&b=[2,0.5]&as={form}"
    first, second = client.get(address), client.get(address)
    assert first.status_code == 200
    assert first.headers["content-type"] == "text/plain; charset=utf-8"
    assert first.content == second.content
    assert client.get(address, headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_the_settings_and_the_numbers_on_screen_are_those_of_the_text(client: TestClient):
    text = client.get("/api/conv2d/correlate/code?stride=3,1&b=[2,0.5]&as=numpy").text
    assert "stride = (3, 1)\n" in text
    assert "b = np.array([2, 0.5], dtype=float)\n" in text
    assert "b = torch.tensor([2, 0.5]" in client.get("/api/conv2d/correlate/code?b=[2,0.5]&as=pytorch").text


def test_a_walk_as_latex_is_the_formulas_of_its_chapters(client: TestClient):
    chapters = list(LAYERS["conv2d"].algorithms.values())[1:]
    lines = [line for chapter in chapters for line in latex(chapter.source)]
    assert len(lines) > 9
    assert client.get("/api/conv2d/walk/code?as=latex").text.splitlines() == aligned(lines)
    # A formula of one line stands as it is.
    [line] = latex(LAYERS["conv2d"].algorithms["bias_gradient"].source)
    assert client.get("/api/conv2d/bias_gradient/code?as=latex").text == f"{line}\n"


@pytest.mark.parametrize(
    ("address", "status", "setting"),
    [
        ("/api/conv2d/walk/code?as=fortran", 422, "as"),
        ("/api/conv2d/walk/code?stride=0", 422, "stride"),
        ("/api/conv2d/nothing/code", 404, "algorithm"),
        ("/api/conv2d/walk/code?as=numpy&as=latex", 422, "as"),
        ("/api/conv2d/pad/code?in_channels=16&in_height=64&in_width=64&stride=16,16&as=numpy", 422, "x"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(client: TestClient, address: str, status: int, setting: str):
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    assert answer.json()["setting"] == setting
    assert "fortran" not in answer.text
