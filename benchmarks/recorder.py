"""How fast a run is recorded, beside the same run on plain arrays, and beside another checkout of ConvWalk.

Watched: every step is made, with all its accesses, as the stream and `core.record` take them; none is kept. Plain: the
same function on the same arrays as NumPy has them, to its end (`Run.finish`, what `core.run` does). An access is what
the watched run takes beyond the plain one.

`--beside FOLDER` measures another checkout in turns with this one: what each records in a second of the processor, and
how long a client waits for the first step of a walk that nobody has asked for before.
"""

import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from benchmarks.server import ROOT, serving
from benchmarks.service import LARGE, received
from benchmarks.table import Figure, in_turn, middle_ratio
from core.catalog import Run

ROUNDS = 3
WALKS: dict[str, dict[str, int]] = {
    "default": {},
    "28×28, 8 filters 5×5": {
        "in_channels": 1, "in_height": 28, "in_width": 28, "out_channels": 8,
        "kernel_size": 5, "stride": 1, "padding": 2,
    },
    "64×64×3, 2 filters 3×3": {"in_height": 64, "in_width": 64, "stride": 1, "padding": 1},
}  # fmt: skip


def measure(beside: Path | None = None) -> list[Figure]:
    alone = [figure for name, settings in WALKS.items() for figure in _walk(name, settings)]
    return alone + (_beside(beside) if beside else [])


def _walk(name: str, settings: dict[str, int]) -> list[Figure]:
    run = Run.of("conv2d", "walk", None, **settings)
    counts = [len(step.accesses) for step in run.steps()]
    steps, accesses = len(counts), sum(counts)
    rounds = ROUNDS * max(1, 10_000 // steps)  # a short walk is over before a clock can tell much
    watched, plain = in_turn(rounds, lambda: _steps(run), lambda: _plain(run))
    cost = median(w - p for w, p in zip(watched, plain, strict=True)) / accesses
    return [
        Figure(
            f"recorder, {name}: {steps:,} steps, watched beside plain",
            f"{steps / median(watched):,.0f} steps/s",
            f"{steps / median(plain):,.0f} steps/s",
            middle_ratio(watched, plain),
        ),
        Figure(f"recorder, {name}: a watched access", f"{1e6 * cost:.1f} µs"),
    ]


def _steps(run: Run) -> float:
    begun = time.perf_counter()
    deque(run.steps(), maxlen=0)
    return time.perf_counter() - begun


def _plain(run: Run) -> float:
    begun = time.perf_counter()
    run.finish()
    return time.perf_counter() - begun


def _beside(other: Path) -> list[Figure]:
    figures = []
    with ExitStack() as stack:
        here, there = (stack.enter_context(_recording(root)) for root in (ROOT, other))
        for name, settings in WALKS.items():
            accesses, those = here(settings)[0], there(settings)[0]  # a text may have changed meanwhile
            # Bound as defaults, for a loop has one `settings` for all its functions.
            new, old = in_turn(9, lambda s=settings: here(s)[1], lambda s=settings: there(s)[1])  # type: ignore[misc]
            figures.append(
                Figure(
                    f"recorder, {name}: accesses, beside {other.name}",
                    f"{accesses / median(new):,.0f} a second",
                    f"{those / median(old):,.0f} a second",
                    middle_ratio(old, new) * accesses / those,
                )
            )
    with serving() as server, serving(root=other) as older:
        seeds = iter(range(1, 1000))
        for each in (server, older):
            received(each, {**LARGE, "seed": 0}, whole=False)
        new, old = in_turn(
            9,
            lambda: received(server, {**LARGE, "seed": next(seeds)}, whole=False).first,
            lambda: received(older, {**LARGE, "seed": next(seeds)}, whole=False).first,
        )
    return [
        *figures,
        Figure(
            f"first step of 64×64×3 at a client, unknown, beside {other.name}",
            f"{1000 * median(new):.0f} ms",
            f"{1000 * median(old):.0f} ms",
            middle_ratio(new, old),
        ),
    ]


@contextmanager
def _recording(root: Path) -> Iterator[Callable[[dict[str, int]], tuple[int, float]]]:
    """Records walks in a checkout: the accesses of one, and the seconds of the processor that they took."""
    command = [sys.executable, "-B", str(Path(__file__).with_name("recording.py"))]
    environment = os.environ | {"PYTHONPATH": str(root)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=root, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ask, answers = process.stdin, process.stdout

        def record(settings: dict[str, int]) -> tuple[int, float]:
            print(json.dumps(settings), file=ask, flush=True)
            accesses, seconds = json.loads(answers.readline())
            return accesses, seconds

        yield record
        ask.close()
