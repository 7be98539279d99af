"""How fast a run is recorded, beside the same run on plain arrays.

Watched: every step is made, with all its accesses, as the stream and `core.record` take them; none is kept. Plain: the
same function on the same arrays as NumPy has them, to its end (`Run.finish`, what `core.run` does). An access is what
the watched steps take beyond the same steps unwatched, which are made all the same but with no access in them.
"""

import time
from collections import deque
from statistics import median

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


def measure() -> list[Figure]:
    return [figure for name, settings in WALKS.items() for figure in _walk(name, settings)]


def _walk(name: str, settings: dict[str, int]) -> list[Figure]:
    run = Run.of("conv2d", "walk", None, **settings)
    counts = [len(step.accesses) for step in run.steps()]
    steps, accesses = len(counts), sum(counts)
    rounds = ROUNDS * max(1, 10_000 // steps)  # a short walk is over before a clock can tell much
    watched, plain, unwatched = in_turn(
        rounds, lambda: _steps(run, watch=True), lambda: _plain(run), lambda: _steps(run, watch=False)
    )
    cost = median(w - u for w, u in zip(watched, unwatched, strict=True)) / accesses
    return [
        Figure(
            f"recorder, {name}: {steps:,} steps, watched beside plain",
            f"{steps / median(watched):,.0f} steps/s",
            f"{steps / median(plain):,.0f} steps/s",
            middle_ratio(watched, plain),
        ),
        Figure(f"recorder, {name}: a watched access", f"{1e6 * cost:.1f} µs"),
    ]


def _steps(run: Run, *, watch: bool) -> float:
    begun = time.perf_counter()
    deque(run.steps(watch=watch), maxlen=0)
    return time.perf_counter() - begun


def _plain(run: Run) -> float:
    begun = time.perf_counter()
    run.finish()
    return time.perf_counter() - begun
