"""540 steps of training at a client, beside the same training in a plain loop of core.fast, and in PyTorch.

The walk is computed, recorded, written as JSON and read from a socket; the plain loops leave nothing behind but their
weights. All have one thread. PyTorch runs the very script that a reader copies; where there is none, a line says so.
"""

import os
import subprocess
import time
from statistics import median

import numpy as np

from benchmarks.fast import ONE_THREAD, ROOT, python_with_torch
from benchmarks.server import Server, serving
from benchmarks.service import Received, received
from benchmarks.table import Figure, in_turn, middle_ratio
from core import fast
from core.catalog import LAYERS, Run
from core.layers.training import TrainingSettings, lesson, shuffled
from core.script import torch_script

ROUNDS = 7
WALK = "training/walk"
TIMED = """
import contextlib, io, sys, time
import torch
torch.set_num_threads(1)
begun = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    exec(compile(sys.stdin.read(), "script", "exec"), {})
print(time.perf_counter() - begun)
"""


def measure() -> list[Figure]:
    os.environ |= ONE_THREAD  # for the server; here the matrices are too small to be shared out
    taken: list[Received] = []
    with serving() as server:
        unknown = received(server, {}, walk=WALK)
        walked, alone = in_turn(ROUNDS, lambda: _walked(server, taken), _alone)
    settings = LAYERS["training"].settings()
    steps = Run.of("training").start["loss"].size
    first = 1000 * median(one.first for one in taken)
    return [
        Figure(
            f"training: {steps} steps at a client, beside core.fast in a loop",
            f"{median(walked):.2f} s, {taken[0].bytes / 1e6:.1f} MB",
            f"{median(alone):.2f} s",
            middle_ratio(walked, alone),
        ),
        Figure(
            "training: time to the first steps, known beside asked for the first time",
            f"{first:.0f} ms",
            f"{1000 * unknown.first:.0f} ms",
        ),
        _beside_torch(median(alone), torch_script(LAYERS["training"], "walk", settings.plain(), {})),
    ]


def _walked(server: Server, taken: list[Received]) -> float:
    taken.append(received(server, {}, walk=WALK))
    return taken[-1].end


def _alone() -> float:
    """The same training by the functions of core.fast, one batch after the other."""
    run, data = Run.of("training"), lesson()
    settings = run.settings
    assert isinstance(settings, TrainingSettings)
    learned = [run.start[name].copy() for name in ("w", "b", "w_linear", "b_linear")]
    w, b, w_linear, b_linear = learned
    kinds = np.eye(10)[data["kinds"]]
    begun = time.perf_counter()
    for epoch in range(settings.epochs):
        order = shuffled(len(kinds), epoch, settings.seed)
        for n in range(len(kinds) // settings.batch_size):
            batch = order[n * settings.batch_size :][: settings.batch_size]
            x = data["taught"][batch][:, None]
            z = fast.conv2d(x, w, b, padding=1)
            a = np.maximum(z, 0)
            y, _ = fast.max_pool2d(a, 2)
            flat = y.reshape(len(x), -1)
            scores = flat @ w_linear.T + b_linear
            powers = np.exp(scores - scores.max(1, keepdims=True))
            dscores = (powers / powers.sum(1, keepdims=True) - kinds[batch]) / len(x)
            dz = fast.max_pool2d_backward((dscores @ w_linear).reshape(y.shape), a, 2) * (z > 0)
            dw = fast.conv2d_weight_gradient(dz, x, w, padding=1)
            for one, gradient in zip(learned, (dw, dz.sum((0, 2, 3)), dscores.T @ flat, dscores.sum(0)), strict=True):
                one -= settings.learning_rate * gradient
    seconds = time.perf_counter() - begun
    assert np.allclose(w, run.finish()["w"], atol=1e-9), "it was not the same training"
    return seconds


def _beside_torch(alone: float, script: str) -> Figure:
    name, python = "training: core.fast in a loop, beside PyTorch", python_with_torch()
    if python is None:
        return Figure(name, "needs PyTorch: `python3 start.py test --torch` installs it")
    ran = subprocess.run(
        [python, "-c", TIMED], cwd=ROOT, input=script, text=True, stdout=subprocess.PIPE, check=True,
        env=os.environ | ONE_THREAD,
    )  # fmt: skip
    seconds = float(ran.stdout)
    return Figure(name, f"{alone:.2f} s", f"PyTorch: {seconds:.2f} s", alone / seconds)
