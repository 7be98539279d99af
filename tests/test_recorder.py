"""The recorder, driven by three-line toys: what a step holds, and every refusal."""

import sys
import tracemalloc
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as arrays_of

from core.recording.recorder import Algorithm, algorithm, ancestry
from core.recording.trace import BEAT, CELL, CHAPTER, MAP, Box, Step, box_shape, cells, replay
from core.text.source import AlgorithmError
from tests.toys import written


def five(**arrays: Any) -> dict[str, np.ndarray]:
    """The arrays of most toys: x counts from 0, y is empty."""
    return {"x": np.arange(5.0), "y": np.zeros(5)} | arrays


def recorded(toy: Algorithm, arrays: dict[str, np.ndarray] | None = None, **others: Any) -> list[Step]:
    return list(toy.steps(five() if arrays is None else arrays, **others))


def texts(toy: Algorithm, step: Step) -> list[tuple[str, str]]:
    """What was used, and the very characters that used it."""
    return [(access.array, toy.source.text(access.place)) for access in step.accesses]


# --- What a step holds --------------------------------------------------------------------------------------


@algorithm()
def shift(x, y):
    for i in range(1, 4):
        y[i] = x[i - 1] * 2
        yield "move one cell"


def test_a_step_holds_its_caption_and_what_was_read_and_written_since_the_pause_before():
    steps = recorded(shift)
    assert [step.caption for step in steps] == ["move one cell"] * 3
    assert [texts(shift, step) for step in steps] == [[("x", "x[i - 1]"), ("y", "y[i]")]] * 3
    assert [[access.box for access in step.accesses] for step in steps] == [
        [((i - 1, i, 1),), ((i, i + 1, 1),)] for i in (1, 2, 3)
    ]


def test_writes_carry_their_values_and_reads_carry_none():
    assert [[access.values for access in step.accesses] for step in recorded(shift)] == [
        [None, (0.0,)],
        [None, (2.0,)],
        [None, (4.0,)],
    ]


def test_the_arrays_handed_over_are_the_ones_that_change():
    arrays = five()
    list(shift.steps(arrays))
    assert arrays["y"].tolist() == [0, 0, 2, 4, 0]


@algorithm()
def fill(x, y):
    y[1:4] = 7
    yield "one number into many cells"
    y[::2] = x[::-2]
    yield "many numbers, from behind"
    y[3:3] = 1
    yield "no cell at all"


def test_a_write_carries_one_value_for_each_cell_whatever_was_assigned():
    assert [step.accesses[-1].values for step in recorded(fill)] == [(7, 7, 7), (4, 2, 0), ()]


@algorithm()
def add_up(x, y):
    for i in range(5):
        y[0] += x[i]
        yield "add one"


def test_adding_in_place_reads_and_writes_at_the_same_place():
    *_, step = recorded(add_up)
    read, other, write = step.accesses
    assert texts(add_up, step) == [("y", "y[0]"), ("x", "x[i]"), ("y", "y[0]")]
    assert read.place == write.place != other.place
    assert (read.values, write.values) == (None, (10,))


@algorithm()
def paces(x, y):
    x[0] = 0
    yield "body"
    for i in range(2):
        x[i] = 1
        yield "one loop"
        for j in range(2):
            y[i] = 2
            yield "two loops"
            if i == j:
                yield "two loops and a branch"
            y[j] = 3
            yield (
                "last in the inner loop, over two lines"  #
            )
        x[i] = 2
        yield "last in the outer loop"
    x[0] = 3
    yield "the end"


LEVELS = {
    "body": MAP,
    "one loop": CELL,
    "two loops": BEAT,
    "two loops and a branch": BEAT,  # what stands behind an `if` is no finer than what does not
    "last in the inner loop, over two lines": CELL,
    "last in the outer loop": MAP,
    "the end": CHAPTER,
}


def test_the_level_of_a_pause_comes_from_its_place_and_the_end_of_a_chapter_is_the_coarsest():
    assert (CHAPTER, MAP, CELL, BEAT) == (1, 2, 3, 4)
    steps = recorded(paces)
    assert {step.caption for step in steps} == LEVELS.keys()
    assert all(step.level == LEVELS[step.caption] for step in steps)


@algorithm()
def corners(x, y):
    for i in range(2):
        for j in range(2):
            y[j] = x[i]
            yield "first in the inner loop"
            if i == j:
                yield "behind an if that ends the inner loop"
    yield "the end"


def test_a_pause_that_not_every_iteration_comes_to_does_not_stand_for_the_iteration():
    levels = {step.caption: step.level for step in recorded(corners)}
    assert levels == {
        "first in the inner loop": BEAT,
        "behind an if that ends the inner loop": BEAT,
        "the end": CHAPTER,
    }


@algorithm()
def searching(x, y):
    for i in range(2):
        for j in range(2):
            y[j] = x[i]
            yield "found nothing"
            if x[j] > 9:
                break
        else:
            yield "behind the inner loop"
        if x[i] > 9:
            break
    else:
        yield "behind the outer loop"
    yield "the end"


def test_the_else_of_a_loop_runs_once_and_is_as_coarse_as_what_follows_the_loop():
    levels = {step.caption: step.level for step in recorded(searching)}
    assert levels == {
        "found nothing": BEAT,
        "behind the inner loop": CELL,
        "behind the outer loop": MAP,
        "the end": CHAPTER,
    }


@algorithm()
def sheltered(x, y):
    with np.errstate(all="ignore"):
        for i in range(2):
            try:
                y[i] = x[i]
                yield "in a try"
            finally:
                y[i] += 1
            if x[i] >= 0:
                yield "in a branch"
            else:
                yield "in the other"
    yield "the end"


def test_only_loops_make_a_pause_finer_and_one_branch_or_the_other_ends_the_iteration():
    assert {step.caption: step.level for step in recorded(sheltered)} == {
        "in a try": CELL,
        "in a branch": MAP,
        "the end": CHAPTER,
    }


@algorithm()
def sorted_out(x, y):
    match x.shape[0]:
        case 5:
            for i in range(2):
                y[i] = x[i]
                yield "in a loop in a case"
                y[i] += 1
    try:
        y[0] = 1 // (x.shape[0] - 5)
    except ZeroDivisionError:
        for i in range(2):
            y[i] = x[i]
            yield "in a loop in an except"
            y[i] += 1
    yield "the end"


def test_a_loop_counts_wherever_it_stands():
    assert {step.caption: step.level for step in recorded(sorted_out)} == {
        "in a loop in a case": CELL,
        "in a loop in an except": CELL,
        "the end": CHAPTER,
    }


def test_a_chapter_that_ends_inside_a_loop_ends_at_the_coarsest_level_all_the_same():
    assert [step.level for step in recorded(add_up)] == [MAP, MAP, MAP, MAP, CHAPTER]


@algorithm()
def story(x, y):
    yield from paces(x, y)
    yield from shift(y, x)
    yield from shift(x, y)


def test_a_pause_has_the_same_level_whether_its_algorithm_is_opened_alone_or_called_by_a_walk():
    alone = recorded(paces) + 2 * recorded(shift)
    assert [(step.caption, step.level) for step in recorded(story)] == [(step.caption, step.level) for step in alone]


@algorithm()
def rounds(x, y):
    for n in range(2):
        yield from shift(x, y)
        yield f"round {n}"


def test_a_call_inside_a_loop_is_finer_by_the_loop():
    steps = recorded(rounds)
    # The last step of each call ends a chapter, and so does each pause of the caller between two of them.
    assert [step.level for step in steps] == [CELL, CELL, CHAPTER, CHAPTER] * 2


@algorithm()
def wander(x, y, *, most):
    SIZE = x.shape[0]
    for i, j in np.ndindex(1, 2):
        at, half, row, whole = (i, j), i / 2, x[:], np.int64(most)
        y[j] = row[j] + half
        yield f"{SIZE} {at} {whole}"


def test_the_loop_variables_are_whole_numbers_and_tuples_of_them_in_lower_case():
    # SIZE is a size, half no whole number, row an array, and most a setting.
    assert [step.loop for step in recorded(wander, most=9)] == [
        {"i": 0, "j": 0, "at": (0, 0), "whole": 9},
        {"i": 0, "j": 1, "at": (0, 1), "whole": 9},
    ]
    for value in recorded(wander, most=9)[0].loop.values():
        assert type(value) in (int, tuple)


def test_the_loop_variables_are_those_of_the_innermost_function():
    assert [step.loop for step in recorded(rounds)[:4]] == [{"i": 1}, {"i": 2}, {"i": 3}, {"n": 0}]


def test_the_stack_names_the_suspended_functions_outermost_first_with_their_lines():
    step = recorded(story)[0]
    assert [frame.source for frame in step.stack] == ["test_recorder.story", "test_recorder.paces"]
    sources = (story.source, paces.source)
    lines = [source.lines[frame.line - source.first] for frame, source in zip(step.stack, sources, strict=True)]
    assert lines == ["    yield from paces(x, y)", '    yield "body"']


def test_at_every_step_the_lines_of_the_stack_are_those_that_wait():
    for step in recorded(rounds):
        *_, inner = step.stack
        source = shift.source if inner.source == shift.source.name else rounds.source
        assert source.lines[inner.line - source.first].strip().startswith("yield ")
        outer = rounds.source.lines[step.stack[0].line - rounds.source.first].strip()
        assert outer == ("yield from shift(x, y)" if len(step.stack) == 2 else 'yield f"round {n}"')


def test_the_stack_says_which_array_each_parameter_stands_for():
    first, crossed, straight = (step.stack[-1] for step in recorded(story) if step.level == CHAPTER)
    assert first.arrays == straight.arrays == (("x", "x"), ("y", "y"))
    assert crossed.arrays == (("x", "y"), ("y", "x"))
    assert [access.array for access in recorded(story)[-4].accesses] == ["y", "x"]


def test_two_calls_of_one_function_are_two_calls_and_all_steps_of_one_call_are_one():
    calls = [tuple(frame.call for frame in step.stack) for step in recorded(story)]
    assert len({outer for outer, _ in calls}) == 1
    inner = [call for _, call in calls]
    assert inner == sorted(inner)
    assert [inner.count(call) for call in dict.fromkeys(inner)] == [len(recorded(paces)), 3, 3]


def test_what_a_walk_does_between_two_calls_is_shown_in_the_next_step():
    @algorithm()
    def interlude(x, y):
        yield from shift(x, y)
        y[0] = 9
        yield from shift(x, y)

    steps = recorded(interlude)
    assert [len(step.accesses) for step in steps] == [2, 2, 2, 3, 2, 2]
    place = steps[3].accesses[0].place
    assert place.source == "test_recorder.interlude"
    assert interlude.source.text(place) == "y[0]"


@algorithm()
def take(x, y, *, key):
    y[0] = np.sum(x[key])
    yield "read"
    x[key] = 7
    yield "write"


SHAPE = (4, 5)
BOXES: dict[str, tuple[Any, Box]] = {
    "whole numbers": ((1, 2), ((1, 2, 1), (2, 3, 1))),
    "numbers from behind": ((-1, -5), ((3, 4, 1), (0, 1, 1))),
    "numbers of NumPy": ((np.int64(2), np.uint8(4)), ((2, 3, 1), (4, 5, 1))),
    "negative numbers of NumPy": ((np.int32(-4), np.intp(-1)), ((0, 1, 1), (4, 5, 1))),
    "a part of the axes": (2, ((2, 3, 1), (0, 5, 1))),
    "no axis": ((), ((0, 4, 1), (0, 5, 1))),
    "everything": (slice(None), ((0, 4, 1), (0, 5, 1))),
    "a slice and a number": ((slice(1, 3), 0), ((1, 3, 1), (0, 1, 1))),
    "steps": ((slice(None, None, 3), slice(1, None, 2)), ((0, 4, 3), (1, 5, 2))),
    "negative steps": ((slice(None, None, -1), slice(3, 0, -2)), ((3, -1, -1), (3, 0, -2))),
    "slices from behind": ((slice(-2, None), slice(None, -1)), ((2, 4, 1), (0, 4, 1))),
    "a slice past the end": ((slice(2, 99), slice(-99, 1)), ((2, 4, 1), (0, 1, 1))),
    "an empty slice": (slice(3, 1), ((3, 1, 1), (0, 5, 1))),
}


@pytest.mark.parametrize("case", BOXES)
def test_every_kind_of_index_picks_its_box(case: str):
    key, box = BOXES[case]
    read, write = recorded(take, five(x=np.zeros(SHAPE)), key=key)
    assert read.accesses[0].box == write.accesses[0].box == box


@settings(max_examples=80, deadline=None)
@given(key=arrays_of.basic_indices(SHAPE, allow_ellipsis=False))
def test_a_box_holds_the_cells_that_numpy_takes_in_the_order_in_which_it_takes_them(key: Any):
    numbered = np.arange(20.0).reshape(SHAPE)
    read, write = recorded(take, five(x=numbered.copy()), key=key)
    for access in (read.accesses[0], write.accesses[0]):
        assert numbered[cells(access.box)].ravel().tolist() == np.ravel(numbered[key]).tolist()
    assert write.accesses[0].values == (7.0,) * int(np.prod(box_shape(write.accesses[0].box)))


def test_an_array_without_axes_is_one_cell():
    read, write = recorded(take, five(x=np.array(3.0)), key=())
    assert read.accesses[0].box == write.accesses[0].box == ()
    assert write.accesses[0].values == (7,)


@algorithm()
def foreign(x, y):
    y[0] = {"δ·W ← 你好 🙂": 1}["δ·W ← 你好 🙂"] * x[1] + x[2]
    yield "places count characters, not bytes"


def test_places_are_exact_behind_characters_that_take_several_bytes():
    [step] = recorded(foreign)
    assert texts(foreign, step) == [("x", "x[1]"), ("x", "x[2]"), ("y", "y[0]")]
    line = foreign.source.lines[1]
    assert [line[a.place.start : a.place.end] for a in step.accesses] == ["x[1]", "x[2]", "y[0]"]


def test_places_are_exact_in_an_indented_function():
    if True:  # one level more

        @algorithm()
        def inner(x, y):
            for i in range(2):
                y[i] = len("你") * x[i + 1]
                yield "one"

    for step in recorded(inner):
        assert texts(inner, step) == [("x", "x[i + 1]"), ("y", "y[i]")]


@algorithm()
def spread(x, y):
    y[0] = (
        x[1]
        + x[2 : 2 + 2].sum()
    )  # fmt: skip
    yield "one statement on many lines, each access on one"


def test_a_statement_may_run_over_lines_as_long_as_each_access_stands_on_one():
    [step] = recorded(spread)
    assert texts(spread, step) == [("x", "x[1]"), ("x", "x[2 : 2 + 2]"), ("y", "y[0]")]
    first = spread.source.first
    assert [access.place.line - first for access in step.accesses] == [2, 3, 1]


def test_a_shape_is_no_use_of_the_cells():
    @algorithm()
    def measure(x):
        yield f"{x.shape}"

    [step] = recorded(measure)
    assert (step.caption, step.accesses) == ("(5,)", ())


# --- How it runs --------------------------------------------------------------------------------------------


@algorithm()
def diary(x, *, done):
    try:
        for i in range(5):
            x[i] = i
            done.append(i)
            yield "write it down"
    finally:
        done.append("closed")


def test_a_step_is_there_as_soon_as_the_next_pause_is_reached():
    # One step is held back, since only the next pause tells whether it ended a chapter. Nothing else is computed.
    done: list[Any] = []
    steps = diary.steps({"x": np.zeros(5)}, done=done)
    assert done == []
    for k in range(4):
        next(steps)
        assert done == list(range(k + 2))


def test_leaving_a_recording_early_ends_the_algorithm():
    done: list[Any] = []
    steps = diary.steps({"x": np.zeros(5)}, done=done)
    next(steps)
    assert isinstance(steps, Iterator)
    steps.close()
    assert done == [0, 1, "closed"]


@algorithm()
def long_run(x, y):
    for i in range(100_000):
        y[i % 5] = x[:].sum()
        yield "one of very many"


@pytest.mark.slow
def test_a_hundred_thousand_steps_take_no_more_memory_than_a_few():
    steps = long_run.steps(five())
    tracemalloc.start()
    try:
        for _ in range(10_000):  # tracing every allocation is slow: it watches the first tenth, in bytes
            next(steps)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000  # 10,000 steps that were kept would take more than ten times as much
    blocks = sys.getallocatedblocks()
    assert sum(1 for _ in islice(steps, 89_999)) == 89_999
    assert sys.getallocatedblocks() - blocks < 1_000  # and the rest may leave nothing behind, whatever its size
    assert [step.level for step in steps] == [CHAPTER]


def test_a_plain_run_pauses_where_the_watched_one_does_in_the_same_calls():
    for toy in (paces, story, rounds, twice_nested):
        watched, plain = recorded(toy), list(toy.pauses(five()))
        assert [caption for caption, _ in plain] == [step.caption for step in watched]
        for (_, stack), step in zip(plain, watched, strict=True):
            assert [frame._replace(line=0) for frame in stack] == [frame._replace(line=0) for frame in step.stack]


@algorithm()
def twice_nested(x, y):
    yield from rounds(x, y)
    for n in range(3):
        if n == 1:
            yield from story(y, x)
        yield "between two calls"


def test_a_plain_run_that_is_left_early_ends_the_algorithm_and_has_computed_no_more():
    done: list[Any] = []
    pauses = diary.pauses({"x": np.zeros(5)}, done=done)
    next(pauses)
    assert done == [0]
    pauses.close()
    assert done == [0, "closed"]


def test_a_plain_run_computes_on_the_arrays_themselves():
    watched, plain = five(), five()
    list(story.steps(watched))
    story.run(plain)
    assert {name: array.tolist() for name, array in plain.items()} == {n: a.tolist() for n, a in watched.items()}


def test_an_algorithm_takes_its_arrays_and_settings_by_name_and_leaves_the_others():
    arrays = five(unused=np.zeros(1))
    assert [step.loop["i"] for step in shift.steps(arrays, most=3)] == [1, 2, 3]
    shift.run(five(unused=np.zeros(1)), most=3)


def test_what_must_have_run_before_comes_in_order_and_once():
    @algorithm()
    def root(x):
        yield "a"

    @algorithm(root)
    def left(x):
        yield "b"

    @algorithm(root)
    def right(x):
        yield "c"

    @algorithm(left, right)
    def top(x):
        yield "d"

    assert ancestry(root) == ()
    assert ancestry(top) == (root, left, right)


UNSEEN = [
    ["row = x[:]", "row[0] = 5"],
    ["row = x[1:3]", "row += 1"],
    ["np.add(x[:], 1, out=x[:])"],
    ["np.copyto(x[:], 1)"],
    ["x[:].fill(3)"],
    ["x[0:3][1] += 1"],
    ["x[1:3].real += 1"],
]


@pytest.mark.parametrize("body", UNSEEN, ids="; ".join)
def test_nothing_is_written_unseen_through_what_was_read(tmp_path: Path, body: list[str]):
    # A slice of a plain array is a view. Whatever becomes of such a line, no cell may change without an access.
    arrays, replayed = five(), five()
    try:
        steps = list(toy_of(tmp_path, *body, "yield 'a'").steps(arrays))
    except (AlgorithmError, ValueError):
        steps = []
    for step in steps:
        replay(step, replayed)
    assert arrays["x"].tolist() == replayed["x"].tolist()


SAME = {
    "a row that is kept while its cells are overwritten": ["old = x[:]", "x[:] = 0", "yield 'a'", "y[:] = old"],
    "a row that is kept while one cell changes": ["row = x[0:2]", "x[0] = 9", "y[0:2] = row"],
    "a row that is kept over a pause": ["row = x[:]", "yield 'a'", "x[1:3] += 5", "y[:] = row[::-1]"],
    "a row added to another": ["y[1:4] += x[0:3]", "y[1:4] *= y[1:4]"],
    "a row added to itself": ["x[1:] += x[:-1]"],
    "a row moved within its array": ["x[1:4] = x[0:3]"],
    "a cell, which is no view": ["old = x[1]", "x[1] = 9", "y[0] = old"],
    "numbers of which one is picked": ["y[0] = x[:][1] + x[1:3].sum()"],
    "numbers of which one is picked, after an update": ["y[0] += y[0:2][1] + x[1:][0]"],
    "an update behind a letter of two bytes": ["if 'δ': x[0:2] += 1"],
}


@pytest.mark.parametrize("case", SAME)
def test_watching_changes_nothing_whatever_is_kept_of_what_was_read(tmp_path: Path, case: str):
    toy = toy_of(tmp_path, *SAME[case], "yield 'the end'")
    watched, plain, replayed = five(), five(), five()
    for step in toy.steps(watched):
        replay(step, replayed)
    toy.run(plain)
    for name in plain:
        assert watched[name].tolist() == plain[name].tolist() == replayed[name].tolist()


@pytest.mark.parametrize("sign", "+ - * / // % **".split())
def test_a_row_updated_in_place_is_read_and_written_at_one_place(tmp_path: Path, sign: str):
    toy = toy_of(tmp_path, f"y[1:3] {sign}= x[2:4]", "yield 'a'")
    arrays = five(y=np.full(5, 7.0))
    [step] = toy.steps(arrays)
    read, other, write = step.accesses
    assert texts(toy, step) == [("y", "y[1:3]"), ("x", "x[2:4]"), ("y", "y[1:3]")]
    assert read.place == write.place
    assert (read.values, other.values) == (None, None)
    assert write.values == tuple(eval(f"a {sign} b", {"a": np.full(2, 7.0), "b": np.array([2.0, 3.0])}).tolist())


@pytest.mark.parametrize("read", ["x[:]", "x[1:3]", "x[0:0]", "x[::-1]"])
def test_what_is_read_cannot_be_written_to(tmp_path: Path, read: str):
    toy = toy_of(tmp_path, f"row = {read}", "y[0] = row.flags.writeable", "y[1] = 1 - row.flags.owndata", "yield 'a'")
    [step] = recorded(toy)
    assert [access.values for access in step.accesses] == [None, (0,), (1,)]


# --- What is refused, with the function and the line --------------------------------------------------------


def refusal(toy: Algorithm, arrays: dict[str, np.ndarray] | None = None, **others: Any) -> str:
    """The message, which names the function and the line marked `# here`."""
    with pytest.raises(AlgorithmError) as caught:
        recorded(toy, arrays, **others)
    message = str(caught.value)
    here = [line for line, text in enumerate(toy.source.lines, toy.source.first) if "# here" in text]
    if here:
        assert message.startswith(f"{toy.source.name}, line {here[0]}: "), message
    return message


def refused(folder: Path, *body: str) -> str:
    """The message about an algorithm with this body, when it is marked or when it runs: it names the line `# here`."""
    with pytest.raises(AlgorithmError) as caught:
        recorded(toy_of(folder, *body))
    message = str(caught.value)
    [here] = [line for line, text in enumerate(body, FIRST) if "# here" in text]
    assert message.startswith(f"toys.toy, line {here}: "), message
    return message


FIRST = 6  # the line of the file in which the body of such an algorithm begins


def toy_of(folder: Path, *body: str, before: str = "") -> Algorithm:
    """An algorithm with this body, in a module of its own."""
    imports = ["import numpy as np", "from core.recording.recorder import algorithm"]
    lines = [*imports, before, "@algorithm()", "def toy(x, y):"]
    return written(folder, "\n".join([*lines, *(f"    {line}" for line in body), ""])).toy


INDICES = {
    "a list": ("x[[0, 1]]", "not list"),
    "an array": ("x[np.array([0, 1])]", "not ndarray"),
    "an array without axes": ("x[np.array(1)]", "not ndarray"),
    "a mask": ("x[x[:] > 1]", "not ndarray"),
    "a truth value": ("x[True]", "not bool"),
    "a truth value of NumPy": ("x[np.True_]", "not bool"),
    "None": ("x[None]", "not NoneType"),
    "an ellipsis": ("x[...]", "not ellipsis"),
    "a fraction": ("x[1.0]", "not float"),
    "a name": ("x['first']", "not str"),
    "a list in a tuple": ("x[[0],]", "not list"),
    "a slice of names": ("x[0:'end']", "slice indices must be integers"),
    "a slice that never moves": ("x[::0]", "zero"),
    "one past the end": ("x[5]", "index 5 is outside of an axis of 5"),
    "one before the beginning": ("x[-6]", "index -6 is outside of an axis of 5"),
    "an axis too many": ("x[0, 0]", "2 indices, but 1 axes"),
}


@pytest.mark.parametrize("case", INDICES)
@pytest.mark.parametrize("use", ["y[0] = np.sum({})  # here", "{} = 1  # here"], ids=["read", "written"])
def test_an_index_that_picks_no_box_is_refused_with_its_text(tmp_path: Path, case: str, use: str):
    text, words = INDICES[case]
    message = refused(tmp_path, use.format(text), "yield 'a'")
    assert f": {text}: " in message
    assert words in message
    assert "(5,)" in message


@pytest.mark.parametrize(
    "body",
    [
        ["y[0] = x[  # here", "    1", "]"],
        ["y[  # here", "    0", "] = x[1]"],
        ["y[0] += x[  # here", "    1] * 2"],
    ],
)
def test_an_access_spread_over_lines_is_refused(tmp_path: Path, body: list[str]):
    assert "must stand on one line" in refused(tmp_path, *body, "yield 'a'")


BINARY = "+ - * / // % ** @ & | ^ << >>".split()
COMPARISONS = "< <= == != > >=".split()
WHOLE = [
    *(f"x {sign} {other}" for sign in BINARY + COMPARISONS for other in ("2", "x", "np.ones(5)", "x[:]")),
    *(f"{other} {sign} x" for sign in BINARY + COMPARISONS for other in ("2", "2.0", "np.ones(5)", "x[0]", "x[:]")),
    *("-x", "+x", "~x", "abs(x)", "divmod(x, 2)", "divmod(2, x)", "pow(x, 2)"),
    *("str(x)", "f'{x}'", "format(x)", "f'{x:.2f}'", "'%s' % x", "'{}'.format(x)", "print(x)"),
    *("not x", "bool(x)", "x or y", "1 if x else 2", "float(x)", "int(x)", "complex(x)", "range(x)"),
    *("len(x)", "iter(x)", "list(x)", "tuple(x)", "sum(x)", "min(x)", "max(x)", "sorted(x)", "reversed(x)"),
    *("1 in x", "[*x]", "dict(enumerate(x))", "list(zip(x, y))", "[1] * x"),
    *("np.sum(x)", "np.exp(x)", "np.maximum(x, 0)", "np.maximum(0, x)", "np.dot(x, x)", "np.add.reduce(x)"),
    *("np.stack([x, x])", "np.zeros_like(x)", "np.shape(x)", "np.einsum('i->', x)", "np.copyto(x, 1)"),
    *("np.add(1, 2, out=x)", "np.asarray(x)", "np.array(x)", "np.array([x, x])", "np.float64(x)"),
    *(f"x.{name}" for name in ("sum()", "copy()", "T", "dtype", "size", "ndim", "flat", "fill(0)", "__array__()")),
]


@pytest.mark.parametrize("expression", WHOLE)
def test_a_watched_array_used_whole_is_refused(tmp_path: Path, expression: str):
    message = refused(tmp_path, f"{expression}  # here", "yield 'a'")
    assert "is used whole; write [:] behind it" in message or "it offers [] and .shape, nothing else" in message


@pytest.mark.parametrize("sign", BINARY)
@pytest.mark.parametrize("other", ["2", "np.ones(5)", "y"])
def test_a_watched_array_changed_in_place_is_refused(tmp_path: Path, sign: str, other: str):
    assert "x is used whole" in refused(tmp_path, f"x {sign}= {other}  # here", "yield 'a'")


@pytest.mark.parametrize("target", ["y[:]", "y[0]"])
def test_a_watched_array_written_into_another_is_refused(tmp_path: Path, target: str):
    assert "write [:] behind it" in refused(tmp_path, f"{target} = x  # here", "yield 'a'")


@pytest.mark.parametrize("deleted", ["x[0]", "x[1:3]", "x[:]"])
def test_a_cell_cannot_be_deleted(tmp_path: Path, deleted: str):
    assert ": x is " in refused(tmp_path, f"del {deleted}  # here", "yield 'a'")


@pytest.mark.parametrize(
    "body",
    [
        ["y[:] = [x, 1, 2, 3]  # here"],
        ["y[0:2] = (0, x)  # here"],
        ["y[0] = np.mean([1, x])  # here"],
        ["y[0] = max(np.array([1, 2]), key=lambda one: one + np.sum([x]))  # here"],
    ],
)
def test_a_refusal_names_the_line_of_the_algorithm_even_when_numpy_asked_in_between(tmp_path: Path, body: list[str]):
    assert ": x is " in refused(tmp_path, *body, "yield 'a'")


ALIASES = {
    "a loop over pairs, read": ["for src, dst in ((x, y),):", "    y[0] = src[1]  # here", "    yield 'a'"],
    "a loop over pairs, written": ["for src, dst in ((x, y),):", "    dst[0] = x[1]  # here", "    yield 'a'"],
    "a second name, read": ["z = x", "y[0] = z[1]  # here"],
    "a second name, written": ["z = y", "z[0] = x[1]  # here"],
    "a second name, updated": ["z = y", "z[0:2] += x[0:2]  # here"],
    "a choice": ["y[0] = (x if x[1] else y)[2]  # here"],
    "a tuple": ["y[0] = (x, y)[0][1]  # here"],
    "a second name behind a letter of two bytes": ["z = x", "if 'δ': y[0] = z[1]  # here"],
}


@pytest.mark.parametrize("case", ALIASES)
def test_an_array_indexed_under_another_name_than_its_parameter_is_refused(tmp_path: Path, case: str):
    message = refused(tmp_path, *ALIASES[case], "yield 'a'")
    assert "an array is indexed by the name of its parameter" in message


def test_a_refused_alias_is_quoted(tmp_path: Path):
    message = refused(tmp_path, "z = x", "y[0] = x[0] + z[1]  # here", "yield 'a'")
    assert ": z[1]: an array is indexed by the name of its parameter" in message


def test_parameters_that_trade_their_arrays_under_way_are_refused(tmp_path: Path):
    # The stack says which array each parameter stands for, and the text must go on meaning it.
    message = refused(tmp_path, "y[0] = x[0]  # here", "yield 'a'", "x, y = y, x", "y[1] = 5", "yield 'b'")
    assert "[0]: an array is indexed by the name of its parameter" in message  # from the first use on


def test_an_array_may_be_called_otherwise_as_long_as_it_is_indexed_by_its_parameter():
    @algorithm()
    def handing_on(x, y):
        for src, dst in ((x, y), (y, x)):
            yield from shift(src, dst)

    assert [access.array for step in recorded(handing_on) for access in step.accesses] == ["x", "y"] * 3 + [
        "y",
        "x",
    ] * 3


def test_a_loop_over_a_watched_array_is_refused(tmp_path: Path):
    assert "x is used whole" in refused(tmp_path, "for value in x:  # here", "    yield 'a'")


@pytest.mark.parametrize(
    "line", ["y[0] = sum(x[i] for i in range(2))", "row = [x[i] for i in range(2)]", "take = lambda i: x[i]"]
)
def test_a_use_in_a_function_in_the_function_is_refused_when_it_is_marked(tmp_path: Path, line: str):
    with pytest.raises(AlgorithmError, match=rf"toys.toy, line {FIRST}: x\[i\]: x is watched, and this is a function"):
        toy_of(tmp_path, line, "yield 'a'")


def test_a_write_through_two_indices_is_refused(tmp_path: Path):
    # The write is to what x[0] gave, and no access would tell of it.
    toy = toy_of(tmp_path, "x[0][1] = 5  # here", "yield 'a'")
    with pytest.raises((AlgorithmError, ValueError)):
        recorded(toy, five(x=np.zeros((2, 2))))


@algorithm()
def forgetful(x, y):
    y[0] = x[0]
    yield "the last pause"
    y[1] = x[1]  # here


@algorithm()
def forgetful_then_another(x, y):
    yield from forgetful(x, y)
    yield from shift(x, y)


@algorithm()
def another_then_forgetful(x, y):
    yield from shift(x, y)
    yield from forgetful(x, y)


@algorithm()
def forgetful_then_a_pause(x, y):
    yield from forgetful(x, y)
    yield "a pause of the walk itself"


@algorithm()
def forgetful_twice(x, y):
    yield from forgetful(x, y)
    yield from forgetful(x, y)


@algorithm()
def forgetful_itself(x, y):
    yield from shift(x, y)
    y[0] = x[3]  # here


@algorithm()
def forgetful_after_much(x, y):
    y[2:4] = x[2:4]
    y[4] = x[4]
    yield from forgetful(x, y)
    yield "a pause of the walk itself"


@pytest.mark.parametrize(
    "toy",
    [
        forgetful_after_much,
        forgetful,
        forgetful_then_another,
        another_then_forgetful,
        forgetful_then_a_pause,
        forgetful_twice,
        forgetful_itself,
    ],
    ids=lambda toy: toy.name,
)
def test_a_use_after_the_last_pause_is_refused_where_it_stands(toy: Algorithm):
    with pytest.raises(AlgorithmError) as caught:
        recorded(toy)
    guilty = toy if toy is forgetful_itself else forgetful
    [here] = [line for line, text in enumerate(guilty.source.lines, guilty.source.first) if "# here" in text]
    assert str(caught.value).startswith(f"{guilty.source.name}, line {here}: ")
    assert "is used after the last pause, where no step shows it" in str(caught.value)


@algorithm()
def forgetful_at_times(x, y, *, forgets):
    y[0] = x[0]
    yield "the last pause"
    if forgets:
        y[1] = x[1]  # here


@algorithm()
def forgetful_once(x, y):
    yield from forgetful_at_times(x, y, forgets=True)
    yield from forgetful_at_times(x, y, forgets=False)


def test_a_use_after_the_last_pause_is_refused_even_if_the_same_function_is_called_again():
    with pytest.raises(AlgorithmError, match=r"test_recorder.forgetful_at_times, line \d+: . is used after"):
        recorded(forgetful_once)


@algorithm()
def silent(x, y, *, pauses):
    if pauses:
        yield "never"


@algorithm()
def around_a_silent_call(x, y):
    y[0] = x[0]
    yield from silent(x, y, pauses=False)
    yield "the first pause"


def test_what_is_used_before_a_call_that_never_pauses_is_shown_at_the_next_pause():
    [step] = recorded(around_a_silent_call)
    assert texts(around_a_silent_call, step) == [("x", "x[0]"), ("y", "y[0]")]


@algorithm()
def handed(x, y, *, at):
    y[at] = x[at]
    yield "one cell"


@algorithm()
def handing(x, y):
    yield from handed(x, y, at=int(x[3]) - 1)


def test_what_is_read_for_a_call_is_shown_in_its_first_step():
    [step] = recorded(handing)
    assert handing.source.text(step.accesses[0].place) == "x[3]"
    assert [access.box for access in step.accesses] == [((3, 4, 1),), ((2, 3, 1),), ((2, 3, 1),)]


def test_numbers_handed_on_in_place_of_an_array_are_refused():
    @algorithm()
    def copying(x, y):
        yield from shift(x[:], y)  # here

    assert "shift indexes x, and is handed no array of the run for it" in refusal(copying)
    alone = refusal(shift, {"y": np.zeros(5)}, x=[1, 2, 3, 4, 5])
    assert alone.startswith(f"test_recorder.shift, line {shift.source.first}: shift indexes x")


def helper(array, i):
    return array[i] * 2  # here


def test_an_unmarked_helper_that_is_handed_a_watched_array_is_refused():
    @algorithm()
    def helped(x, y):
        y[0] = helper(x, 1)
        yield "a"

    line = helper.__code__.co_firstlineno + 1
    assert refusal(helped).startswith(f"helper, line {line}: x is watched, and this function is not marked")


def test_an_unmarked_helper_may_be_handed_plain_numbers():
    @algorithm()
    def helped(x, y):
        y[0] = helper(x[:], 1)
        yield "a"

    [step] = recorded(helped)
    assert texts(helped, step) == [("x", "x[:]"), ("y", "y[0]")]


def unmarked():
    yield "a pause that no reader could see"


def test_an_unmarked_generator_is_refused_when_it_pauses():
    @algorithm()
    def deferring(x, y):
        y[0] = x[0]
        yield from unmarked()

    line = deferring.source.first + 2
    assert refusal(deferring).startswith(f"test_recorder.deferring, line {line}: unmarked is not marked @algorithm()")
    line = unmarked.__code__.co_firstlineno + 1
    with pytest.raises(AlgorithmError, match=f"unmarked, line {line}: it pauses but is not marked @algorithm"):
        list(deferring.pauses(five()))


@pytest.mark.parametrize("said", ["shift", "['a']", "('a' for _ in x.shape)"])
def test_yield_from_anything_but_a_call_is_refused_when_the_function_is_marked(tmp_path: Path, said: str):
    with pytest.raises(AlgorithmError, match=rf"toys.toy, line {FIRST + 1}: .*call an algorithm here"):
        toy_of(tmp_path, "yield 'a'", f"yield from {said}")


@pytest.mark.parametrize("caption", ["3", "b'bytes'", "None", "", "x.shape", "('a', 'b')"])
def test_a_pause_without_a_caption_is_refused(tmp_path: Path, caption: str):
    assert "a pause yields its caption, got " in refused(tmp_path, "y[0] = x[0]", f"yield {caption}  # here")


def test_a_function_that_never_pauses_is_refused_when_it_is_marked(tmp_path: Path):
    with pytest.raises(AlgorithmError) as caught:
        toy_of(tmp_path, "y[0] = x[0]")
    message = str(caught.value)
    assert "toy" in message
    assert "must yield a caption" in message
    assert "line 5" in message or "line 4" in message  # the def, or the decorator above it


def test_a_parameter_that_is_neither_array_nor_setting_is_refused():
    @algorithm()
    def needy(x, kernel, *, stride, dilation):  # here
        yield "a"

    message = refusal(needy, None, dilation=1)
    assert "takes kernel, stride, which is neither array nor setting" in message
    with pytest.raises(AlgorithmError, match="kernel, stride"):
        needy.run(five(), dilation=1)


def test_an_error_of_the_arithmetic_comes_through_as_it_is(tmp_path: Path):
    with pytest.raises(ZeroDivisionError):
        recorded(toy_of(tmp_path, "y[0] = 1 // 0", "yield 'a'"))
