"""The page's modules without a page: they run in the Node that playwright brings along."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from playwright._impl._driver import compute_driver_executable

IN_NODE = Path(__file__).with_name("in_node.mjs")


def node(job: str, **request: Any) -> Any:
    """The result of one of the jobs of in_node.mjs."""
    # There is no package.json, since nothing is built; Node warns that it had to find out what a module is.
    command = [compute_driver_executable()[0], "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", str(IN_NODE)]
    asked = json.dumps({"job": job, **request}, allow_nan=False)
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return json.loads(done.stdout)


def floats(text: str) -> np.ndarray:
    """Every bit of a Float64Array."""
    return np.frombuffer(base64.b64decode(text), "<f8")
