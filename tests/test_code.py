"""What a reader copies: scripts that print what the page shows, without ConvWalk."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core
from core.catalog import LAYERS
from core.script import numpy_script

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

OTHERS: dict[str, list[dict[str, Any]]] = {
    "conv2d": [
        {"stride": 1, "padding": (0, 1, 2, 0), "dilation": (1, 2), "activation": "gelu", "seed": 3},
        {"in_channels": 4, "groups": 2, "padding_mode": "reflect", "activation": "relu", "activation_before": "tanh"},
    ],
    "max_pool2d": [
        {"ties": "split", "seed": 5, "stride": 1},
        {"ties": "all", "padding": 1, "kernel_height": 3},
        {"ties": "first_in_columns", "ceil_mode": True, "in_height": 5, "dilation": (1, 2)},
    ],
    "avg_pool2d": [{"ceil_mode": True, "padding": 1, "count_include_pad": False, "in_height": 5, "kernel_width": 3}],
    "conv_transpose2d": [{"in_channels": 2, "out_channels": 2, "groups": 2, "output_padding": 1, "dilation": (2, 1)}],
    "activation": [{"activation": name} for name in ("identity", "sigmoid", "tanh", "leaky_relu", "gelu")],
    "im2col": [{"stride": 2, "padding": 1, "dilation": 2}],
    "chain": [{"padding": 1, "stride": (1, 2), "pool_stride": 1, "seed": 2}],
    "input_gradient": [{"stride": 2, "padding": 1, "dilation": (1, 2), "out_channels": 2}],
    "cross_correlation": [{"kernel": "symmetric"}],
    "slope_ignored": [{"activation": "tanh", "padding": 1}],
}
ASKED = [
    (layer.name, algorithm, settings)
    for layer in LAYERS.values()
    for settings in ({}, *OTHERS.get(layer.name, []))
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
    ran = subprocess.run(
        [sys.executable, "-I", "-c", RUNNER], input=json.dumps(paths), capture_output=True, text=True, cwd=folder
    )
    assert ran.returncode == 0, ran.stderr
    return list(json.loads(ran.stdout))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scripts")


@pytest.mark.parametrize("number", range(len(ASKED)), ids=["-".join(map(str, asked)) for asked in ASKED])
def test_a_numpy_script_computes_what_the_page_shows(folder: Path, number: int):
    layer, algorithm, settings = ASKED[number]
    expected, found = core.run(layer, algorithm, **settings), results(folder)[number]
    assert set(found["arrays"]) <= set(expected)
    for name, array in found["arrays"].items():
        if not name.startswith("kinks_"):  # which the scripts do not count
            np.testing.assert_allclose(np.array(array, float), expected[name], rtol=0, atol=1e-9, err_msg=name)
    printed = [line.removesuffix(" =") for line in found["said"].splitlines() if line.endswith(" =")]
    assert printed, "it prints nothing"
    assert set(printed) <= set(found["arrays"])
