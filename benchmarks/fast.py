"""core.fast beside PyTorch, both on one thread.

The measuring runs in a process of its own: a library counts its threads when it is loaded, and PyTorch lies in an
environment of its own, which `python3 start.py test --torch` makes. Without it there is one line that says so. A time
is the median of five rounds, and each round that of as many calls as fit into a twentieth of a second.
"""

import importlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.table import Figure, in_turn
from core import fast

ROOT = Path(__file__).parent.parent
ROUNDS = 5
SECONDS = 0.05  # for one measure in one round
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

# channels, height and width, filters, kernel, stride, padding
CONVOLUTIONS = {
    "3×5×5, two 3×3, stride 2": (3, 5, 2, 3, 2, 1),
    "1×28×28, eight 5×5": (1, 28, 8, 5, 1, 0),
    "3×32×32, sixteen 3×3": (3, 32, 16, 3, 1, 1),
    "64×56×56, 64 3×3": (64, 56, 64, 3, 1, 1),
    "3×224×224, 64 7×7, stride 2": (3, 224, 64, 7, 2, 3),
}
# channels, height and width, kernel, stride, padding
POOLS = {
    "3×32×32, 2×2": (3, 32, 2, 2, 0),
    "3×32×32, 3×3, stride 2": (3, 32, 3, 2, 1),
    "64×56×56, 2×2": (64, 56, 2, 2, 0),
    "64×56×56, 3×3, stride 2": (64, 56, 3, 2, 1),
}
Pass = tuple[str, Callable[[], object], Callable[[], object]]  # its name, ours, PyTorch's


def measure() -> list[Figure]:
    python = python_with_torch()
    if python is None:
        return [Figure("core.fast beside PyTorch", "needs PyTorch: `python3 start.py test --torch` installs it")]
    told = subprocess.run(
        [python, "-m", "benchmarks.fast"], cwd=ROOT, env=os.environ | ONE_THREAD, stdout=subprocess.PIPE, check=True
    )
    return [Figure(**figure) for figure in json.loads(told.stdout)]


def python_with_torch() -> str | None:
    """This Python if it has PyTorch, else that of the environment for the live comparison if it is there."""
    if importlib.util.find_spec("torch"):
        return sys.executable
    candidates = (ROOT / ".venv-torch" / name for name in ("bin/python", "Scripts/python.exe"))
    return next((str(python) for python in candidates if python.exists()), None)


def _figures() -> list[Figure]:
    torch: Any = importlib.import_module("torch")  # by name, for the type checker's environment has none
    torch.set_num_threads(1)
    figures = []
    for dtype in ("float64", "float32"):
        random = np.random.default_rng(0)
        for name, (C, H, F, K, S, P) in CONVOLUTIONS.items():
            x = random.standard_normal((C, H, H)).astype(dtype)
            w = random.standard_normal((F, C, K, K)).astype(dtype)
            figures += _table(f"{dtype}, conv {name}", _convolution(torch, x, w, S, P))
        for name, (C, H, K, S, P) in POOLS.items():
            x = random.standard_normal((C, H, H)).astype(dtype)
            figures += _table(f"{dtype}, pool {name}", _pools(torch, x, K, S, P))
    return figures


def _convolution(torch: Any, x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> list[Pass]:
    window = {"stride": stride, "padding": padding}
    dy = np.ones_like(fast.conv2d(x, w, stride=stride, padding=padding))
    tx, tw, tdy = (torch.from_numpy(array) for array in (x[None], w, dy[None]))
    pairs = [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], 1

    def torch_gradient(*wanted: bool) -> Callable[[], object]:
        return lambda: torch.ops.aten.convolution_backward(tdy, tx, tw, None, *pairs, wanted)

    return [
        (
            "forward",
            lambda: fast.conv2d(x, w, stride=stride, padding=padding),
            lambda: torch.nn.functional.conv2d(tx, tw, None, stride, padding),
        ),
        (
            "input gradient",
            lambda: fast.conv2d_input_gradient(dy, x, w, **window),
            torch_gradient(True, False, False),
        ),
        (
            "weight gradient",
            lambda: fast.conv2d_weight_gradient(dy, x, w, **window),
            torch_gradient(False, True, False),
        ),
    ]


def _pools(torch: Any, x: np.ndarray, K: int, S: int, P: int) -> list[Pass]:
    dy = np.ones_like(fast.avg_pool2d(x, K, stride=S, padding=P))
    tx, tdy = torch.from_numpy(x[None]), torch.from_numpy(dy[None])
    aten, window = torch.ops.aten, ([K, K], [S, S], [P, P])

    def torch_max_backward() -> object:
        # Ours is not given the indices and looks for them again, so PyTorch's forward pass counts here too.
        _, indices = aten.max_pool2d_with_indices(tx, *window)
        return aten.max_pool2d_with_indices_backward(tdy, tx, *window, [1, 1], False, indices)

    return [
        (
            "max, forward",
            lambda: fast.max_pool2d(x, K, stride=S, padding=P),
            lambda: aten.max_pool2d_with_indices(tx, *window),
        ),
        (
            "max, both passes",
            lambda: fast.max_pool2d_backward(dy, x, K, stride=S, padding=P),
            torch_max_backward,
        ),
        (
            "average, forward",
            lambda: fast.avg_pool2d(x, K, stride=S, padding=P),
            lambda: aten.avg_pool2d(tx, *window),
        ),
        (
            "average, input gradient",
            lambda: fast.avg_pool2d_backward(dy, x, K, stride=S, padding=P),
            lambda: aten.avg_pool2d_backward(tdy, tx, *window, False, True, None),
        ),
    ]


def _table(name: str, passes: list[Pass]) -> list[Figure]:
    figures = []
    for which, ours, theirs in passes:
        rounds = in_turn(ROUNDS, partial(_time, ours), partial(_time, theirs))
        our_time, their_time = (1e6 * median(times) for times in rounds)
        told = f"{our_time:,.0f} µs", f"PyTorch: {their_time:,.0f} µs"
        figures.append(Figure(f"{name}: {which}", *told, our_time / their_time))
    return figures


def _time(call: Callable[[], object]) -> float:
    call()
    times: list[float] = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(times) < 3:
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return median(times)


if __name__ == "__main__":
    print(json.dumps([figure.as_dict() for figure in _figures()]))
