"""The browser's replay of a run (static/run/trace.js) is Python's, bit for bit, in whatever order a reader seeks."""

import random
import re
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core
from core.catalog import LAYERS
from core.recording.recorder import algorithm
from core.recording.trace import CELL, CHAPTER, MAP, Arrays, Trace, cells, replay
from tests.cases import each
from tests.node import floats, node
from tests.test_trace import traced

DEFAULT: dict[str, Any] = {}
PAIRS = {"in_height": 4, "in_width": 7, "kernel_height": 2, "stride": (1, 2), "padding": (0, 1), "activation": "relu",
         "activation_before": "relu", "seed": 7}  # fmt: skip
DILATED = {"in_channels": 1, "in_height": 7, "kernel_width": 1, "dilation": (2, 3), "stride": (3, 2), "seed": 3,
           "padding": (1, 0), "activation": "sigmoid", "activation_before": "sigmoid"}  # fmt: skip
WIDE = {"in_channels": 2, "in_height": 2, "in_width": 3, "kernel_height": 2, "padding": (3, 2), "stride": (2, 3),
        "out_channels": 1, "activation": "tanh", "learning_rate": 0.5, "grad_output": "ones", "seed": 4}  # fmt: skip
WALKS = {
    "default": ("conv2d", "walk", DEFAULT),
    "pairs": ("conv2d", "walk", PAIRS),
    "dilated": ("conv2d", "walk", DILATED),
    "wide": ("conv2d", "walk", WIDE),
}
CHAPTERS = {
    f"{layer.name}-{name}": (layer.name, name, DEFAULT)
    for layer in LAYERS.values()
    for name in layer.algorithms
    if name != "walk"
}
PACES = {"beat": float("inf"), "cell": CELL, "map": MAP, "chapter": CHAPTER}


@algorithm()
def beyond(x, y):
    """Numbers that JSON has no words for, set and overwritten and copied backwards."""
    for i in range(2):
        y[i] = np.inf
        yield "more than any number"
        y[i] = -y[i]
        yield "less than any number"
        x[i] = np.nan
        yield "no number"
        y[i] = -0.0
        yield "less than nothing"
    y[::-1] = x[:]
    yield "backwards"


@cache
def recorded(name: str) -> Trace:
    if name == "beyond":
        return beyond_the_finite()
    layer, chapter, settings = (WALKS | CHAPTERS)[name]
    return core.record(layer, chapter, **settings)


def beyond_the_finite() -> Trace:
    made = traced(beyond)
    start = {"x": np.array([np.nan, -0.0]), "y": np.array([-np.inf, 5e-324])}
    return replace(made, outline=replace(made.outline, start=start))


@cache
def told(name: str) -> Any:
    """What the browser makes of each moment of a run."""
    return node("moments", **recorded(name).as_dict())


def is_same(mine: np.ndarray, theirs: np.ndarray) -> bool:
    """Equal in every bit; only of a NaN it does not matter which one it is."""
    ours, other = (np.where(np.isnan(array), 0.0, array).ravel() for array in (mine, theirs))
    return np.array_equal(np.isnan(mine).ravel(), np.isnan(theirs).ravel()) and ours.tobytes() == other.tobytes()


def assert_same_arrays(trace: Trace, shown: dict[str, Any], expected: Arrays) -> None:
    assert shown.keys() == trace.outline.used
    for name, array in shown.items():
        assert is_same(floats(array["cells"]), expected[name]), name


def in_any_order(steps: int) -> list[int]:
    """Forward, back one by one, from one end to the other, and anywhere; the same every time."""
    rng = random.Random(7)
    middle = steps // 2
    forward = [0, 1, min(steps, 2), middle, min(steps, middle + 3), min(steps, middle + 70), steps]
    back = [steps - n for n in range(min(steps, 100))]
    return [*forward, *back, 0, steps, 0, 1, 0, *(rng.randint(0, steps) for _ in range(200)), steps, steps]


@each("name", [*WALKS, *CHAPTERS, "beyond"])
def test_a_moment_is_pythons_snapshot_in_any_order_of_seeks(name: str):
    trace = recorded(name)
    moments = in_any_order(len(trace.steps))
    script = [["add", len(trace.steps)], *(["seek", k] for k in moments)]
    shown = node("replay", **trace.as_dict(), script=script)[1:]

    snapshots: dict[int, Arrays] = {}
    arrays = trace.snapshot(0)
    for k in range(len(trace.steps) + 1):  # every one by `snapshot` would replay half a million steps
        if k in moments:
            snapshots[k] = {array: values.copy() for array, values in arrays.items()}
        if k < len(trace.steps):
            replay(trace.steps[k], arrays)
    for k in random.Random(1).sample(sorted(snapshots), min(5, len(snapshots))):
        assert all(is_same(snapshots[k][array], values) for array, values in trace.snapshot(k).items())

    marks: dict[int, Any] = {}
    for k, arrays_then in zip(moments, shown, strict=True):
        assert_same_arrays(trace, arrays_then, snapshots[k])
        # Which cells are known, and which are filled in, must not depend on the way there either.
        assert marks.setdefault(k, [array["marks"] for array in arrays_then.values()]) == [
            array["marks"] for array in arrays_then.values()
        ]


@pytest.mark.parametrize("name", ["default", "beyond"])
def test_steps_may_arrive_while_a_reader_seeks(name: str):
    trace = recorded(name)
    rng = random.Random(3)
    script: list[list[Any]] = []
    for first in range(0, len(trace.steps), 64):
        arrived = min(first + 64, len(trace.steps))
        script += [["add", arrived - first], ["refused", arrived + 1], ["seek", arrived]]
        script += [["seek", rng.randint(0, arrived)] for _ in range(3)]
    for (act, k), result in zip(script, node("replay", **trace.as_dict(), script=script), strict=True):
        if act == "seek":
            assert_same_arrays(trace, result, trace.snapshot(k))
        elif act == "refused":
            assert result == f"RangeError: a step from 0 to {k - 1} was expected, got {k}"


def test_a_moment_that_is_no_step_is_refused():
    trace = recorded("conv2d-correlate")
    odd = [-1, 1.5, len(trace.steps) + 1, "3", None]
    results = node("replay", **trace.as_dict(), script=[["add", len(trace.steps)], *(["refused", k] for k in odd)])
    assert all(result and result.startswith("RangeError: a step from 0 to") for result in results[1:])


STATIC = Path(__file__).parents[1] / "static"


def test_only_main_moves_the_trace_to_the_moment_that_is_shown():
    """A view that moved it would have to set it back, or the others would draw another moment."""
    moves = re.compile(r"\b(trace|next|shown|theTrace\(\))\.show\(")
    scripts = {path.relative_to(STATIC).as_posix(): path.read_text(encoding="utf-8") for path in STATIC.rglob("*.js")}
    assert {name for name, text in scripts.items() if moves.search(text)} == {"main.js"}


READERS = ("current", "dependencies", "formula", "links", "map", "narration", "source", "stage")


@pytest.mark.parametrize("name", READERS)
def test_a_step_is_read_by_names_and_not_by_places(name: str):
    text = next(STATIC.rglob(f"{name}.js")).read_text(encoding="utf-8")
    assert "trace.steps" in text, "this module reads no step: the test is of those that do"
    assert not re.search(r"\[, , , ,|\.steps\[[^\]]+\]\[\d|access\[\d", text)


def test_a_snapshot_is_nested_lists_and_leaves_the_moment_alone():
    trace = recorded("conv2d-correlate")
    script = [["add", len(trace.steps)], ["seek", 30], ["nested", 12]]
    taken = node("replay", **trace.as_dict(), script=script)[2]
    assert taken["at"] == taken["after"] == 30
    assert taken["snapshot"] == {
        name: array.tolist() for name, array in trace.snapshot(12).items() if name in trace.outline.used
    }


@pytest.mark.parametrize("name", ["default", "conv2d-expand", "conv2d-gradient_check"])
def test_a_cell_is_known_from_the_start_or_once_it_is_written(name: str):
    trace = recorded(name)
    known = {array["name"]: array["known"] for array in trace.as_dict()["header"]["arrays"]}
    moments = sorted(random.Random(5).sample(range(len(trace.steps) + 1), 12))
    for k, shown in zip(moments, node("known", **trace.as_dict(), moments=moments), strict=True):
        written = {array: np.full(trace.start[array].shape, known[array]) for array in known}
        for access in (access for step in trace.steps[:k] for access in step.accesses if access.values is not None):
            written[access.array][cells(access.box)] = True
        assert shown == {array: mask.ravel().tolist() for array, mask in written.items()}


@each("name", [*WALKS, *CHAPTERS])
def test_a_span_is_pythons_span_at_every_step(name: str):
    trace = recorded(name)
    theirs = [[span.start, span.stop] for span in map(trace.span, range(len(trace.steps)))]
    assert told(name)["spans"] == theirs


@each("name", [*WALKS, *CHAPTERS])
def test_a_pace_stops_at_every_step_as_coarse_as_it_is_and_nowhere_else(name: str):
    trace = recorded(name)
    length = len(trace.steps)
    paces = told(name)["paces"]
    assert paces.keys() == PACES.keys()
    for pace, level in PACES.items():
        stops = [k + 1 for k, step in enumerate(trace.steps) if step.level <= level]
        for k in range(length + 1):
            assert paces[pace]["after"][k] == next((stop for stop in stops if stop > k), None)
            assert paces[pace]["before"][k] == next((stop for stop in reversed(stops) if stop < k), 0)
        lit = paces[pace]["lit"]
        assert lit[0] == [0, 0]
        for before, stop in pairwise([0, *stops]):
            # What is lit at a stop is all that happened since the stop before; or, where that was nothing, what the
            # step sums up.
            silent = not any(step.accesses for step in trace.steps[before:stop])
            span = trace.span(stop - 1)
            assert lit[stop] == ([span.start, span.stop] if silent else [before, stop])


@each("name", [*WALKS, *CHAPTERS])
def test_every_moment_stands_in_the_chapter_and_the_scene_of_its_last_step(name: str):
    trace = recorded(name)
    moments = told(name)
    for k in range(len(trace.steps) + 1):
        step = max(0, k - 1)
        number, chapter = next(
            (n, chapter) for n, chapter in enumerate(trace.chapters) if chapter.first <= step < chapter.stop
        )
        scene = next(scene for scene in chapter.scenes if scene.first <= step < scene.stop)
        assert moments["chapters"][k] == number
        assert [moments["scenes"][k]["first"], moments["scenes"][k]["stop"]] == [scene.first, scene.stop]
    beats = [k for k, step in enumerate(trace.steps[:64]) if step.level > CELL]
    done = (k for k, step in enumerate(trace.steps[:64]) if beats and k > beats[0] and step.level <= CELL)
    assert moments["opening"] == 1 + next(done, beats[0] if beats else 0)
