"""What a cell has to do with others (static/why/links.js), held against derivatives and nudges of the numbers."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import core
from core import fast
from core.catalog import LAYERS
from core.recording.trace import Arrays, Chapter, Scene, Trace
from tests.asked import SMALLER
from tests.node import node

Cell = tuple[str, int]  # an array and a flat index

CARRYING = 2

CONVOLUTIONS: list[dict[str, Any]] = [
    {},
    {"stride": (1, 2), "padding": (0, 2)},
    {"dilation": 2, "stride": 1, "padding": 2},
    {"in_channels": 4, "out_channels": 4, "groups": 2},
    {"in_height": 6, "in_width": 4, "kernel_height": 2, "kernel_width": 3, "stride": 3, "padding": ((1, 0), (2, 1))},
    {"in_channels": 1, "out_channels": 1, "kernel_height": 1, "kernel_width": 2, "padding": 0},
]


@dataclass(frozen=True)
class Linked:
    """What a cell has to do with others, by kind: from, feeds, meets."""

    lasting: dict[str, set[Cell]]
    scratch: dict[str, set[Cell]]
    carried: dict[str, set[Cell]]  # those whose value went on, and did not just decide


def ask(trace: Trace, asked: list[tuple[int, Cell, int]]) -> list[Linked]:
    """The links of cells: each asked for by a moment of its scene, and told of another moment."""
    told = node("links", **trace.as_dict(), asked=[[scene, *cell, k] for scene, cell, k in asked])
    roles = trace.outline.roles
    return [
        Linked(
            {
                kind: {(name, flat) for name, flat, _ in found if roles[name] != "scratch"}
                for kind, found in one.items()
            },
            {
                kind: {(name, flat) for name, flat, _ in found if roles[name] == "scratch"}
                for kind, found in one.items()
            },
            {kind: {(name, flat) for name, flat, how in found if how == CARRYING} for kind, found in one.items()},
        )
        for one in told
    ]


def links_in(trace: Trace, scenes: Iterable[Scene]) -> list[dict[Cell, dict[str, set[Cell]]]]:
    """Of every lasting cell, scene by scene."""
    cells = [(scene, cell) for scene in scenes for cell in all_cells(trace, scene)]
    told = iter(ask(trace, [(scene.first + 1, cell, scene.first + 1) for scene, cell in cells]))
    return [{cell: next(told).lasting for cell in all_cells(trace, scene)} for scene in scenes]


def all_cells(trace: Trace, scene: Scene) -> list[Cell]:
    names = {array for _, array in scene.arrays if trace.outline.roles[array] != "scratch"}
    return [(name, flat) for name in sorted(names) for flat in range(trace.start[name].size)]


def nonzero(array: np.ndarray) -> set[int]:
    return set(np.flatnonzero(array).tolist())


def of(cells: set[Cell], array: str) -> set[int]:
    return {flat for name, flat in cells if name == array}


# --- A convolution: links are where derivatives are not zero ----------------------------------------------------------


@pytest.mark.parametrize("settings", CONVOLUTIONS, ids=str)
def test_links_of_a_convolution_are_where_its_derivatives_are_not_zero(settings: dict[str, Any]):
    trace = core.record("conv2d", "correlate", **settings)
    made = trace.outline.settings
    window = {name: made[name] for name in ("stride", "dilation", "groups")}
    [asked] = links_in(trace, trace.chapters[-1].scenes)
    x, w, z = (np.ones_like(trace.start[name]) for name in ("x_padded", "w", "z"))

    for flat in range(z.size):
        dx, dw, db = fast.conv2d_backward(one_hot(z, flat), x, w, np.ones(len(w)), **window)
        came = asked["z", flat]["from"]
        assert of(came, "x_padded") == nonzero(dx)
        assert of(came, "w") == nonzero(dw)
        assert of(came, "b") == nonzero(db)
        assert not asked["z", flat]["feeds"]
    for flat in range(x.size):
        fed = nonzero(fast.conv2d(one_hot(x, flat), w, **window))
        _, met, _ = fast.conv2d_backward(z, one_hot(x, flat), w, **window)
        assert asked["x_padded", flat] == {
            "from": set(),
            "feeds": {("z", cell) for cell in fed},
            "meets": {("w", cell) for cell in nonzero(met)},
        }
    for flat in range(w.size):
        fed = nonzero(fast.conv2d(x, one_hot(w, flat), **window))
        met, _, _ = fast.conv2d_backward(z, x, one_hot(w, flat), **window)
        assert of(asked["w", flat]["feeds"], "z") == fed
        assert of(asked["w", flat]["meets"], "x_padded") == nonzero(met)


def one_hot(like: np.ndarray, flat: int) -> np.ndarray:
    hot = np.zeros_like(like)
    hot.flat[flat] = 1
    return hot


# --- Every layer ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_cells_come_from_those_that_feed_them_and_a_nudge_changes_nothing_else(layer: str):
    trace = core.record(layer, **SMALLER.get(layer, {}))
    chapters = [chapter for chapter in trace.chapters for _ in chapter.scenes]
    every = links_in(trace, [scene for chapter in trace.chapters for scene in chapter.scenes])
    changed = 0
    for chapter, links in zip(chapters, every, strict=True):
        came = {(cell, source) for cell in links for source in links[cell]["from"]}
        fed = {(cell, source) for source in links for cell in links[source]["feeds"]}
        met = {(cell, other) for cell in links for other in links[cell]["meets"]}
        assert came, chapter.name
        assert came == fed, chapter.name
        assert met == {(other, cell) for cell, other in met}, chapter.name
        # A chapter of several scenes has no algorithm for each; a check counts kinks, which no array holds.
        if len(chapter.scenes) == 1 and chapter.name != "gradient_check":
            changed += nudge_some(trace, chapter, links)
    assert changed


def nudge_some(trace: Trace, chapter: Chapter, links: dict[Cell, dict[str, set[Cell]]]) -> int:
    """Nudge a few cells before a chapter, and hold what changes against what they feed; how many cells changed."""
    described = LAYERS[trace.outline.layer]
    algorithm = described.algorithms[chapter.name]
    arguments = described.arguments(described.settings.of(trace.outline.settings))
    start = trace.snapshot(chapter.first)

    def end(nudged: Cell | None = None) -> Arrays:
        arrays = {name: array.copy() for name, array in start.items()}
        if nudged:
            arrays[nudged[0]].flat[nudged[1]] += 1e-3
        algorithm.run(arrays, **arguments)
        return {name: array for name, array in arrays.items() if trace.outline.roles[name] != "scratch"}

    usual, changed = end(), 0
    for cell in random.Random(3).sample(sorted(links), min(len(links), 12)):
        if "where" in cell[0]:
            continue  # half a place is no place
        nudged = end(cell)
        differing = {(name, flat) for name in usual for flat in nonzero(usual[name] != nudged[name])} - {cell}
        assert differing <= downstream(cell, links), f"{cell} in {chapter.name}"
        changed += len(differing)
    return changed


def downstream(cell: Cell, links: dict[Cell, dict[str, set[Cell]]]) -> set[Cell]:
    """What a cell feeds, and what that feeds in turn: the page shows the first of these alone."""
    reached: set[Cell] = set()
    waiting = {cell}
    while waiting:
        reached |= waiting
        waiting = {fed for one in waiting for fed in links[one]["feeds"]} - reached
    return reached


# --- Single cells that could be got wrong -----------------------------------------------------------------------------


def scene_of(trace: Trace, chapter: str) -> Scene:
    return next(one for one in trace.chapters if one.name == chapter).scenes[0]


def cells_of(trace: Trace, scene: Scene, *cells: Cell) -> list[Linked]:
    return ask(trace, [(scene.first + 1, cell, scene.first + 1) for cell in cells])


def test_the_output_of_a_max_pool_comes_from_its_window_and_carries_the_winner():
    x = np.array([[[1.0, 5, 2, 0], [3, 4, 9, 8], [0, 0, 1, 1], [7, 0, 1, 1]]])
    trace = core.record("max_pool2d", "pool", {"x": x}, kernel_height=2, kernel_width=2, stride=2, padding=0)
    [scene] = trace.chapters[-1].scenes
    first, second, loser, winner = cells_of(trace, scene, ("y", 0), ("y", 1), ("x_padded", 0), ("x_padded", 1))
    assert of(first.lasting["from"], "x_padded") == {0, 1, 4, 5}
    assert of(first.carried["from"], "x_padded") == {1}
    assert of(second.carried["from"], "x_padded") == {6}
    assert ("y", 0) in loser.lasting["feeds"] - loser.carried["feeds"]
    assert ("y", 0) in winner.carried["feeds"]


def test_what_was_overwritten_is_no_source():
    trace = core.record("assigned_not_added", "assign")
    [scene] = trace.chapters[-1].scenes
    [links] = links_in(trace, [scene])
    sources = [of(links["dx_wrong", flat]["from"], "dy") for flat in range(trace.start["dx_wrong"].size)]
    assert set(map(len, sources)) == {0, 1}


def test_an_update_comes_from_its_gradient_and_is_not_its_own_source():
    trace = core.record("conv2d", "update")
    scene = scene_of(trace, "update")
    w, dw, db = cells_of(trace, scene, ("w", 5), ("dw", 5), ("db", 1))
    assert w.lasting == {"from": {("dw", 5)}, "feeds": set(), "meets": set()}
    assert dw.lasting == {"from": set(), "feeds": {("w", 5)}, "meets": set()}
    assert db.lasting["feeds"] == {("b", 1)}


def test_a_scratch_array_is_told_of_what_it_holds_at_that_moment():
    trace = core.record("conv2d", "correlate")
    scene = scene_of(trace, "correlate")
    taken = scene.first + 1  # the first patch is taken, and nothing is multiplied yet
    asked = [(taken, ("z", 0), taken + later) for later in (0, 1, 3)]
    names = [{name for name, _ in one.scratch["from"]} for one in ask(trace, asked)]
    assert names == [{"patch"}, {"patch", "product"}, set()]  # then the patch is that of the next cell
    now, then = ask(trace, [(taken, ("patch", 4), taken + later) for later in (0, 3)])
    assert (now.lasting["from"], now.lasting["feeds"]) == ({("x_padded", 8)}, {("z", 0)})
    assert (then.lasting["from"], then.lasting["feeds"]) == ({("x_padded", 10)}, {("z", 1)})


def test_links_grow_with_the_steps_that_arrive():
    trace = core.record("conv2d", "correlate")
    scene = scene_of(trace, "correlate")
    asked = [[scene.first + 1, "w", 0, scene.first + 1]] * 3
    arrived = [scene.first + 3, scene.first + 9, scene.stop]
    told = node("links", **trace.as_dict(), asked=asked, arrived=arrived)
    assert [sum(name == "z" for name, *_ in one["feeds"]) for one in told] == [1, 3, 9]
