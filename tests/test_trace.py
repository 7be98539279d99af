"""What a run leaves behind: steps, chapters and scenes, any moment of it, and all of it as JSON."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.recording.recorder import Algorithm, algorithm, source_named
from core.recording.trace import (
    Frame,
    Outline,
    Outlined,
    Step,
    Trace,
    box_shape,
    cells,
    finished,
    finite,
    numbers,
    outlining,
    replay,
    span,
)


@algorithm()
def count_up(x, y):
    """Two cells."""
    for i in range(2):
        y[i] = x[i] + 1
        yield "add one"


@algorithm()
def nest(x, y):
    yield from count_up(x, y)
    yield from count_up(y, x)


@algorithm()
def tale(x, y):
    yield from count_up(x, y)
    yield from nest(y, x)
    x[1] = y[0]
    yield "a pause of its own"
    yield from count_up(x, y)


def start() -> dict[str, np.ndarray]:
    return {"x": np.array([1.0, 2.0]), "y": np.zeros(2)}


def outline_of(steps: Iterable[Step]) -> Outlined:
    return finished(outlining((step.caption, step.stack) for step in steps))


def traced(toy: Algorithm) -> Trace:
    """A trace of a toy, put together as the catalogue does it for a layer."""
    steps, end = tuple(toy.steps(start())), start()
    toy.run(end)
    seen = outline_of(steps)
    texts = {name: source_named(name) for name, _ in seen.calls}
    bound = [(array, parameter in texts[name].writes) for name, arrays in seen.calls for parameter, array in arrays]
    outline = Outline(
        layer="toys",
        algorithm=toy.name,
        settings={"n": 2},
        start=start(),
        end=end,
        roles={"x": "input", "y": "value"},
        labels={"x": "the input", "y": "the output"},
        fills={"x": "", "y": "padding"},
        axes={"x": ("index",), "y": ("index",)},
        given=frozenset({"x"}),
        sources=tuple(texts.values()),
        captions=seen.captions,
        chapters=seen.chapters,
        used=frozenset(array for array, _ in bound),
        computed=frozenset(array for array, is_written in bound if is_written),
        formula=[],
        steps=seen.steps,
    )
    return Trace(outline, steps)


def plain(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    return {name: array.tolist() for name, array in arrays.items()}


# --- Moments ------------------------------------------------------------------------------------------------


def test_a_snapshot_is_the_start_plus_the_writes_of_the_first_steps():
    trace = traced(count_up)
    assert [plain(trace.snapshot(k)) for k in range(3)] == [
        {"x": [1, 2], "y": [0, 0]},
        {"x": [1, 2], "y": [2, 0]},
        {"x": [1, 2], "y": [2, 3]},
    ]


def test_a_snapshot_is_free_to_be_changed():
    trace = traced(count_up)
    trace.snapshot(0)["x"][:] = 9
    trace.snapshot(1)["y"][:] = 9
    assert plain(trace.snapshot(0)) == plain(trace.start) == {"x": [1, 2], "y": [0, 0]}


@pytest.mark.parametrize("k", [-1, 3, 1000])
def test_a_snapshot_outside_of_the_trace_is_refused_in_words(k: int):
    with pytest.raises(ValueError, match=f"a snapshot is of 0 to 2 steps, got {k}"):
        traced(count_up).snapshot(k)


def test_replaying_a_step_changes_just_the_cells_that_it_wrote():
    arrays = {"x": np.full(2, 5.0), "y": np.full(2, 5.0)}
    replay(traced(count_up).steps[1], arrays)
    assert plain(arrays) == {"x": [5, 5], "y": [5, 3]}


def test_a_box_picks_its_cells_in_order():
    box = ((3, -1, -2), (1, 2, 1), (0, 4, 3))
    numbered = np.arange(4 * 5 * 6).reshape(4, 5, 6)
    assert box_shape(box) == (2, 1, 2)
    assert numbered[cells(box)].tolist() == numbered[3::-2, 1:2, 0:4:3].tolist()


# --- Spans --------------------------------------------------------------------------------------------------


def steps_of(levels: str) -> list[Step]:
    frame = Frame("toys.toy", 1, 0, ())
    return [Step("", int(level), (frame,), {}, ()) for level in levels]


@pytest.mark.parametrize(
    ("levels", "spans"),
    [
        ("4443", [(0, 1), (1, 2), (2, 3), (0, 4)]),
        ("44343", [(0, 1), (1, 2), (0, 3), (3, 4), (3, 5)]),
        ("443432", [(0, 1), (1, 2), (0, 3), (3, 4), (3, 5), (0, 6)]),
        ("21431", [(0, 1), (0, 2), (2, 3), (2, 4), (2, 5)]),
        ("1", [(0, 1)]),
    ],
)
def test_a_step_sums_up_all_since_the_last_one_as_coarse_as_it_is(levels: str, spans: list[tuple[int, int]]):
    steps = steps_of(levels)
    assert [span(steps, k) for k in range(len(steps))] == [range(*ends) for ends in spans]


def test_a_trace_gives_the_spans_of_its_own_steps():
    trace = traced(tale)
    assert [trace.span(k) for k in range(len(trace.steps))] == [span(trace.steps, k) for k in range(len(trace.steps))]


# --- Chapters and scenes ------------------------------------------------------------------------------------


def test_the_outermost_calls_are_the_chapters_and_the_innermost_the_scenes():
    chapters = traced(tale).chapters
    assert [(c.name, c.source, c.first, c.stop) for c in chapters] == [
        ("count_up", "test_trace.count_up", 0, 2),
        ("nest", "test_trace.nest", 2, 6),
        ("tale", "test_trace.tale", 6, 7),
        ("count_up", "test_trace.count_up", 7, 9),
    ]
    assert [[(s.source.partition(".")[2], s.first, s.stop) for s in c.scenes] for c in chapters] == [
        [("count_up", 0, 2)],
        [("count_up", 2, 4), ("count_up", 4, 6)],
        [("tale", 6, 7)],
        [("count_up", 7, 9)],
    ]


def test_a_scene_says_which_array_stands_for_which_parameter():
    scenes = [scene for chapter in traced(tale).chapters for scene in chapter.scenes]
    straight, crossed = (("x", "x"), ("y", "y")), (("x", "y"), ("y", "x"))
    assert [scene.arrays for scene in scenes] == [straight, crossed, straight, straight, straight]


def test_an_algorithm_that_calls_no_other_is_one_chapter_of_one_scene():
    [chapter] = traced(count_up).chapters
    [scene] = chapter.scenes
    assert (chapter.name, chapter.source) == ("count_up", "test_trace.count_up")
    assert (chapter.first, chapter.stop) == (0, 2)
    assert (scene.source, scene.first, scene.stop) == ("test_trace.count_up", 0, 2)


def test_each_chapter_ends_at_the_coarsest_level_and_no_other_step_has_it():
    trace = traced(tale)
    ends = [k for k, step in enumerate(trace.steps) if step.level == 1]
    assert ends == [chapter.stop - 1 for chapter in trace.chapters]


def test_an_outline_needs_no_watching():
    assert finished(outlining(tale.pauses(start()))) == outline_of(tale.steps(start()))


def test_no_steps_have_no_chapters():
    assert outline_of([]) == Outlined(chapters=(), calls=(), captions=(), steps=0)


def test_an_outline_names_every_kind_of_call_once_with_its_arrays_in_order_of_appearance():
    seen = outline_of(tale.steps(start()))
    straight, crossed = (("x", "x"), ("y", "y")), (("x", "y"), ("y", "x"))
    assert seen.calls == (
        ("test_trace.tale", straight),
        ("test_trace.count_up", straight),
        ("test_trace.nest", crossed),
        ("test_trace.count_up", crossed),
    )
    assert seen.captions == ("add one", "a pause of its own")
    assert seen.steps == 9


# --- As JSON ------------------------------------------------------------------------------------------------


def test_a_trace_as_a_dict_has_these_names_and_nothing_else():
    sent = traced(count_up).as_dict()
    source = count_up.source
    lines = [source.first + 3, source.first + 4]
    assert sent == {
        "header": {
            "layer": "toys",
            "algorithm": "count_up",
            "settings": {"n": 2},
            "arrays": [
                {"name": "x", "shape": [2], "known": True, "role": "input", "label": "the input", "fill": "",
                 "axes": ["index"], "scale": [-3, 3], "start": [1, 2], "end": [1, 2]},
                {"name": "y", "shape": [2], "known": False, "role": "value", "label": "the output", "fill": "padding",
                 "axes": ["index"], "scale": [-3, 3], "start": [0, 0], "end": [2, 3]},
            ],
            "sources": [
                {
                    "name": "test_trace.count_up",
                    "doc": "Two cells.",
                    "first": source.first,
                    "body": source.first + 2,
                    "lines": list(source.lines),
                    "reads": ["x"],
                    "writes": ["y"],
                    "quiet": [],
                    "statements": [[lines[0], 8, 12, ["+", ["read", lines[0], 15, 19], ["number", 1]]]],
                }
            ],
            "captions": ["add one"],
            "chapters": [
                {
                    "name": "count_up",
                    "source": "test_trace.count_up",
                    "first": 0,
                    "stop": 2,
                    "adds_up": False,
                    "scenes": [
                        {
                            "source": "test_trace.count_up",
                            "arrays": [["x", "x"], ["y", "y"]],
                            "first": 0,
                            "stop": 2,
                        }
                    ],
                }
            ],
            "formula": [],
            "steps": 2,
        },
        "steps": [
            [0, level, [[0, lines[1]]], {"i": i}, [
                [0, lines[0], 15, 19, 0, [i, i + 1, 1]],
                [0, lines[0], 8, 12, 1, [i, i + 1, 1], (i + 2,)],
            ]]
            for i, level in enumerate((2, 1))
        ],
    }  # fmt: skip


def test_an_array_is_known_from_the_start_if_it_is_given_or_if_no_step_computes_it():
    def known(outline: Outline) -> dict[str, bool]:
        return {array["name"]: array["known"] for array in outline.header()["arrays"]}

    one_way, both_ways = traced(count_up).outline, traced(tale).outline
    assert known(one_way) == {"x": True, "y": False}
    assert known(both_ways) == {"x": True, "y": False}  # given, though some steps write it as well
    assert known(replace(both_ways, given=frozenset())) == {"x": False, "y": False}
    assert known(replace(one_way, given=frozenset())) == {"x": True, "y": False}


def test_an_array_that_no_function_takes_does_not_travel():
    trace = traced(count_up)
    spare = {"spare": np.full(3, 9.0)}
    outline = replace(trace.outline, start=spare | trace.start, end=spare | trace.outline.end)
    assert outline.header() == trace.outline.header()
    encode, usual = outline.encoder(), trace.outline.encoder()  # arrays are numbered as the header has them
    assert [encode(step) for step in trace.steps] == [usual(step) for step in trace.steps]


def test_json_has_room_for_what_is_not_finite():
    @algorithm()
    def burst(x, y):
        y[:] = x[:]
        yield "copy"

    trace = traced(burst)
    wild = {"x": np.array([np.nan, -np.inf]), "y": np.array([np.inf, 0.5])}
    steps = tuple(burst.steps({name: array.copy() for name, array in wild.items()}))
    sent = Trace(replace(trace.outline, start=wild, end=wild), steps).as_dict()
    sent = json.loads(json.dumps(sent, allow_nan=False))
    assert [array["start"] for array in sent["header"]["arrays"]] == [["NaN", "-Infinity"], ["Infinity", 0.5]]
    assert sent["steps"][0][-1][-1][-1] == ["NaN", "-Infinity"]


def test_numbers_keep_their_nesting():
    assert numbers(np.array([[1.0, np.nan], [np.inf, -np.inf]])) == [[1, "NaN"], ["Infinity", "-Infinity"]]
    assert numbers(np.array(np.inf)) == "Infinity"
    assert numbers(np.zeros((2, 0))) == [[], []]


@pytest.mark.parametrize(
    ("values", "sent"),
    [
        ((1.0, -0.5), [1, -0.5]),
        ((), []),
        ((float("inf"), float("-inf")), ["Infinity", "-Infinity"]),
        ((1.0, float("nan")), [1, "NaN"]),
        ((1e308, 1e308, 1e308), [1e308, 1e308, 1e308]),  # finite, though their sum is not
    ],
)
def test_written_values_travel_as_they_are_unless_json_cannot_carry_them(values: Any, sent: list[Any]):
    assert list(finite(values)) == sent
