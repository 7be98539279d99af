"""What an algorithm costs is read off its text: exactly, as quickly for any size, or it is refused with its line.

That it is exact for every algorithm on offer, tests/test_promises.py holds against recordings.
"""

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.catalog import LAYERS
from core.layers import conv, cross_correlation, gradient_check, max_pool
from core.layers.activation import ACTIVATIONS
from core.offer import cost, limits
from core.offer.cost import Cost, cost_of, needs
from core.offer.layer import check
from core.offer.settings import SettingError
from core.recording.recorder import Algorithm, algorithm
from core.text.source import AlgorithmError

Shapes = dict[str, tuple[int, ...]]


def recorded(toy: Algorithm, shapes: Shapes, **settings: Any) -> Cost:
    steps = list(toy.steps({name: np.ones(shape) for name, shape in shapes.items()}, **settings))
    return Cost(len(steps), sum(len(one.values) for step in steps for one in step.accesses if one.values is not None))


# --- What is read -----------------------------------------------------------------------------------------------------


@algorithm()
def blocks(x, y, *, stride):
    """Loops in loops, slices that move and slices that stand."""
    F, H, W = y.shape
    SH, SW = stride
    size, edge = x.shape, slice(1, None)
    yield "before"
    for f in range(1, F):
        for i, j in np.ndindex(H // SH, W // SW):
            rows, first = slice(i * SH, i * SH + SH), j * SW
            y[f, rows, first : first + SW] = x[0, 0]
            yield "a block"
        y[f, edge] = 0
        y[f, -1, ::2] += 1
        yield "a map"
    for at in np.ndindex(size):
        x[at] = y[0, 0, 0]
        yield "one cell"
    x[:], y[0, :] = 1, 2
    yield "the whole, and a map"


@pytest.mark.parametrize("stride", [(1, 1), (2, 3), (3, 2), (7, 7)])
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 5, 2), (3, 4, 6), (2, 6, 5)])
def test_loops_slices_and_whole_rows_are_counted(shape: tuple[int, int, int], stride: tuple[int, int]):
    shapes = {"x": (2, 3), "y": shape}
    assert cost_of(blocks, shapes | {"stride": stride}) == recorded(blocks, shapes, stride=stride)


@algorithm()
def copy(x, y):
    """The first two cells."""
    x[:2] = y[:2]
    yield "copied"


@algorithm()
def branching(x, y, *, mode, steps):
    """Branches by a setting, and by numbers; names that change from round to round, and do not matter."""
    N = x.shape[0] if mode == "all" else steps
    last = 0
    for n in range(0, N, steps):
        last += n
        if mode == "none":
            yield "a pause"
        elif x[n] > 0:
            y[n] = last
            yield "positive"
        else:
            y[n] = -last
            yield "negative"
    if mode == "all" and N > 2:
        for one, other in ((x, y), (y, x)):
            yield from copy(one, other)


@pytest.mark.parametrize("mode", ["all", "none", "some"])
@pytest.mark.parametrize("steps", [1, 2, 5])
def test_branches_by_a_setting_are_taken_and_those_by_numbers_cost_the_same(mode: str, steps: int):
    shapes = {"x": (5,), "y": (5,)}
    settings = {"mode": mode, "steps": steps}
    assert cost_of(branching, shapes | settings) == recorded(branching, shapes, **settings)


def test_a_call_counts_as_often_as_it_is_made_with_what_it_is_handed():
    @algorithm()
    def calling(x, y, *, mode, activation):
        for n in range(3):
            found = yield from branching(x, y, mode=mode, steps=n % 1 + 1)
            yield f"{found}"
        yield from branching(y, x, steps=2, mode="none")

    with pytest.raises(AlgorithmError, match="hand steps over as an array, or as what shapes and settings tell"):
        needs(calling)

    @algorithm()
    def handing(x, y, z, *, mode, activation):
        STEPS = len(mode) // 2
        for _ in range(3):
            found = yield from branching(x, y, mode=mode, steps=STEPS)
            yield f"{found}"
        yield from ACTIVATIONS[activation].forward(z, z)

    shapes = {"x": (5,), "y": (5,), "z": (2, 1, 3)}
    settings = {"mode": "all", "activation": "relu"}
    assert needs(handing) == ("x", "y", "z", "mode", "activation")
    assert cost_of(handing, shapes | settings) == recorded(handing, shapes, **settings)


def test_only_what_matters_is_asked_for():
    assert needs(conv.pad) == ("x", "x_padded", "padding", "padding_mode")
    assert needs(cross_correlation.slide) == ("patch", "product", "out")
    assert needs(gradient_check.nudge) == ("nudged", "loss", "most")
    with pytest.raises(AlgorithmError, match=r"conv\.pad, line \d+: it takes padding_mode, which is neither array"):
        cost_of(conv.pad, {"x": (1, 2, 2), "x_padded": (1, 4, 4), "padding": ((1, 1), (1, 1))})


# --- What is refused --------------------------------------------------------------------------------------------------


def triangle(x):
    for i in range(x.shape[0]):
        for j in range(i):
            yield f"{j}"


def carried(x):
    n = 1
    for _ in range(3):
        for _ in range(n):
            yield "a pause"
        n = n + 1


def by_numbers(x):
    for _ in range(int(x[0])):
        yield "a pause"


def over_an_array(x):
    for n in [1, 2, 3]:
        yield f"{n}"


def endless(x):
    while x[0] > 0:
        yield "a pause"


def broken_off(x):
    for n in range(3):
        if x[n] > 0:
            break
        yield "a pause"


def uneven(x):
    if x[0] > 0:
        yield "a pause"


def uneven_writes(x):
    if x[0] > 0:
        x[:] = 0
        yield "a pause"
    else:
        x[0] = 0
        yield "a pause"


def growing(x):
    for n in range(x.shape[0]):
        x[:n] = 0
        yield "a pause"


def within(x):
    x[0] = len((yield "a pause") or "")
    yield "another"


def returned(x):
    if x.shape[0] > 3:
        return
    yield "a pause"


def unknown(x):
    yield from conv.pad.function(x, x, padding=0, padding_mode="zeros")


@pytest.mark.parametrize(
    ("function", "line", "words"),
    [
        (triangle, 2, "let shapes and settings alone say how often a loop runs"),
        (carried, 3, "let shapes and settings alone say how often a loop runs"),
        (by_numbers, 1, "let shapes and settings alone say how often a loop runs"),
        (over_an_array, 1, r"let a loop go over range\(…\), over np.ndindex\(…\), or over names in brackets"),
        (endless, 1, "write it with `for`, `if`, assignments and `yield`, each on a line of its own"),
        (broken_off, 3, "write it with `for`, `if`, assignments and `yield`"),
        (uneven, 1, "let all branches cost the same, or let a setting choose one"),
        (uneven_writes, 1, "let all branches cost the same, or let a setting choose one"),
        (growing, 2, "write it as start : start \\+ size, the size made of shapes and settings"),
        (within, 1, "write it with `for`, `if`, assignments and `yield`"),
        (returned, 2, "write it with `for`, `if`, assignments and `yield`"),
        (unknown, 1, r"call an @algorithm\(\) by its name, or one of a table by a setting"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_cannot_be_told_is_refused_with_its_line_when_a_layer_lists_it(
    function: Callable[..., Any], line: int, words: str
):
    toy = algorithm()(function)
    at = toy.source.first + line
    with pytest.raises(AlgorithmError, match=rf"test_cost\.{toy.name}, line {at}: its cost cannot be told .*: {words}"):
        replace(LAYERS["conv2d"], algorithms={"toy": toy})


def test_an_algorithm_that_calls_itself_is_refused():
    with pytest.raises(AlgorithmError, match=r"test_cost\.again, line \d+: .*: it calls itself; write a loop"):
        needs(again)


@algorithm()
def again(x):
    yield "a pause"
    yield from again(x)


# --- Size -------------------------------------------------------------------------------------------------------------


def test_the_largest_numbers_are_as_quick_as_the_smallest_and_exact():
    n = 10**20
    shapes = {
        "x_padded": (n, n, n),
        "patch": (n, 3, 3),
        "w": (n, n, 3, 3),
        "product": (n, 3, 3),
        "b": (n,),
        "z": (n,) * 3,
    }
    settings = {"stride": (1, 1), "dilation": (1, 1), "groups": 1}
    tracemalloc.start()
    try:
        found = cost_of(conv.correlate, shapes | settings)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == Cost(n * (3 * n * n + 1), n**3 * (18 * n + 1))
    assert peak < 200_000  # bytes
    assert cost_of(max_pool.to_the_winner, {"dy": (0, n, n), "dx": (0, n, n)}) == Cost(1, 0)


def test_a_limit_is_met_at_once_however_far_beyond_it_the_settings_are():
    settings = conv.ConvSettings()
    for name, value in {"in_height": 10**30, "padding": (20_000,) * 4, "out_channels": 10**12}.items():
        object.__setattr__(settings, name, value)  # past what a setting may be
    with pytest.raises(SettingError, match=f"at most {limits.CELLS} are shown"):
        check(LAYERS["conv2d"], "walk", settings)
    assert LAYERS["conv2d"].whole_cost("walk", settings).steps > 10**46


def test_costs_are_remembered_up_to_a_bound():
    remembered = cost._remembered
    remembered.cache_clear()
    for _ in range(3):
        cost_of(conv.bias_gradient, {"dz": (2, 3, 3), "db": (2,)})
    assert remembered.cache_info()[:2] == (2, 1)
    for n in range(cost.REMEMBERED + 10):
        cost_of(conv.bias_gradient, {"dz": (1, 1, n), "db": (1,)})
    assert remembered.cache_info().currsize == cost.REMEMBERED
