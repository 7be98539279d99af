"""The page's modules without a page: they run in the Node that playwright brings along."""

import atexit
import base64
import json
import subprocess
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import IO, Any

import numpy as np
from playwright._impl._driver import compute_driver_executable

from tests.process import next_line, running

IN_NODE = Path(__file__).with_name("in_node.mjs")


@cache
def started() -> tuple[subprocess.Popen[str], IO[str]]:
    """One Node for all jobs of these tests, and what it complains of. To start it takes longer than most jobs do."""
    # There is no package.json, since nothing is built; Node warns that it had to find out what a module is.
    command = [compute_driver_executable()[0], "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", str(IN_NODE)]
    with ExitStack() as stack:
        complaints = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": complaints, "encoding": "utf-8"}
        process = stack.enter_context(running(command, **pipes))
        atexit.register(stack.pop_all().close)
    return process, complaints


def node(job: str, **request: Any) -> Any:
    """The result of one of the jobs of in_node.mjs."""
    process, complaints = started()
    assert process.stdin is not None
    asked = json.dumps({"job": job, **request}, allow_nan=False)
    process.stdin.write(asked + "\n")
    process.stdin.flush()
    answer = next_line(process, 240)  # the largest walks take a minute of a machine that is busy
    complaints.seek(0)
    if (said := complaints.read()) or not answer:
        process.kill()
        started.cache_clear()  # the next job is not to suffer from it
        raise AssertionError(said or f"Node has ended without an answer to {job}")
    return json.loads(answer)


def floats(text: str) -> np.ndarray:
    """Every bit of a Float64Array."""
    return np.frombuffer(base64.b64decode(text), "<f8")
