"""A function's text and its syntax tree, as they were when the module was imported."""

import ast
import linecache
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from core.recording.recorder import Algorithm, algorithm
from core.text.source import Place, helper_text
from tests.toys import written

ROOT = Path(__file__).parents[1]


@algorithm(
    # A decorator over several lines is not what runs, and is not shown.
)
def blocks(x, y, z, *, n):
    """The first paragraph.

    The second one.
    """
    SIZE = x.shape[0]
    for i in range(SIZE):
        if i > 0:
            y[i] = x[i - 1] + n
        y[i] += 1
        yield "one cell"
    local = [3]
    y[0] = local[0]
    yield "the end"


def line_of(text: str, toy: Algorithm = blocks) -> int:
    """The line, as the file counts, of the only line of a toy that holds this text."""
    [number] = [n for n, line in enumerate(toy.source.lines, toy.source.first) if text in line]
    return number


def test_the_text_goes_from_def_to_the_end_of_the_function_with_the_numbers_of_the_file():
    source = blocks.source
    assert source.name == "test_source.blocks"
    assert source.lines[0] == "def blocks(x, y, z, *, n):"
    assert source.lines[-1] == '    yield "the end"'
    file = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert list(source.lines) == file[source.first - 1 : source.first - 1 + len(source.lines)]


def test_the_docstring_comes_as_text_and_its_lines_are_known():
    source = blocks.source
    assert source.doc == "The first paragraph.\n\nThe second one."
    assert list(source.doc_lines) == [source.first + 1, source.first + 2, source.first + 3, source.first + 4]


def test_a_function_without_a_docstring_has_no_lines_of_one():
    @algorithm()
    def silent(x):
        yield str(x.shape)

    assert silent.source.doc == ""
    assert list(silent.source.doc_lines) == []
    assert silent.source.body == line_of("yield", silent)


def test_the_body_begins_at_the_first_statement_behind_the_docstring():
    @algorithm()
    def airy(x):
        """A docstring,
        over two lines."""

        # and a remark
        x[0] = 1
        yield "a"

    assert blocks.source.body == line_of("SIZE =")
    assert airy.source.body == line_of("x[0]", airy)


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\x85", "\x0c", "\x0b", "\x1c"], ids=ascii)
def test_a_line_ends_where_python_ends_it(tmp_path: Path, odd: str):
    text = f"""
        from core.recording.recorder import algorithm

        @algorithm()
        def toy(x, y):
            '''One{odd} line.'''
            y[0] = len("{odd}") * x[1]
            yield "a"
        """
    toy = written(tmp_path, text).toy
    assert toy.source.first == 5
    assert len(toy.source.lines) == 4
    assert toy.source.body == 7
    [step] = toy.steps({"x": np.arange(3.0), "y": np.zeros(3)})
    assert [toy.source.text(access.place) for access in step.accesses] == ["x[1]", "y[0]"]


def test_a_function_knows_which_of_its_parameters_it_indexes_to_read_and_to_write():
    # z is never indexed, x.shape[0] does not read a cell, and local is no parameter.
    assert blocks.source.reads == {"x", "y"}
    assert blocks.source.writes == {"y"}


def test_the_depth_of_a_line_is_the_number_of_loops_around_its_statement():
    depths = {text: blocks.source.depth(line_of(text)) for text in ("SIZE =", "for i", "if i", "x[i - 1]", "the end")}
    assert depths == {"SIZE =": 0, "for i": 0, "if i": 1, "x[i - 1]": 1, "the end": 0}


def test_the_else_of_a_loop_is_outside_of_it_and_an_if_is_no_loop():
    @algorithm()
    def searching(x):
        while x[0] < 0:
            for i in range(2):
                if x[i]:
                    x[i] = 1
                    break
                else:
                    x[i] = 2
            else:
                x[0] = 3
                break
        else:
            x[0] = 4
        yield "the end"

    depths = [searching.source.depth(line_of(f"x[{at}] = {n}", searching)) for n, at in enumerate("ii00", start=1)]
    assert depths == [2, 2, 1, 0]


def test_only_the_pause_that_stands_last_in_a_loop_ends_an_iteration():
    ends = [line for line in range(blocks.source.first, line_of("the end") + 1) if blocks.source.ends_iteration(line)]
    assert ends == [line_of("one cell")]


def test_the_text_at_a_place_is_what_stands_there():
    line = line_of("y[i] = x[i - 1]")
    start = blocks.source.lines[line - blocks.source.first].index("x[i")
    assert blocks.source.text(Place("test_source.blocks", line, start, start + 8)) == "x[i - 1]"


def test_the_lines_shown_parse_although_the_function_was_indented():
    @algorithm()
    def indented(x):
        """In a function, in a module."""
        for i in range(2):
            x[i] = 1
            yield "one"

    assert indented.source.lines[0] == "def indented(x):"
    assert indented.source.lines[2] == "    for i in range(2):"
    assert isinstance(ast.parse("\n".join(indented.source.lines)).body[0], ast.FunctionDef)


def test_the_text_shown_is_the_text_that_was_imported_even_if_the_file_has_changed_since(tmp_path: Path):
    text = """
        from core.recording.recorder import algorithm

        @algorithm()
        def toy(x, y):
            y[0] = x[1]
            yield "as imported"
        """
    module = written(tmp_path, text)
    Path(module.__file__).write_text("# a line more\n" + dedent(text).replace("x[1]", "x[2] * 3"), encoding="utf-8")
    [step] = module.toy.steps({"x": np.arange(3.0), "y": np.zeros(3)})
    assert module.toy.source.lines == ("def toy(x, y):", "    y[0] = x[1]", '    yield "as imported"')
    assert [module.toy.source.text(access.place) for access in step.accesses] == ["x[1]", "y[0]"]
    assert step.accesses[0].place.line == module.toy.source.first + 1 == 6


@pytest.mark.parametrize(
    "around",
    [
        "if True:",
        "if False:\n    pass\nelse:",
        "try:\n    raise OSError\nexcept OSError:",
        "try:\n    pass\nfinally:",
        "for _ in range(1):",
        "match 1:\n  case 1:",
        "class Toys:",
    ],
)
def test_a_function_is_found_wherever_in_its_module_it_stands(tmp_path: Path, around: str):
    function = ("@algorithm()", "def toy(x):", "    x[0] = 1", '    yield "a"')
    text = "\n".join(("from core.recording.recorder import algorithm", around, *(f"    {line}" for line in function)))
    module = written(tmp_path, text)
    assert getattr(module, "Toys", module).toy.source.lines == function[1:]


def test_two_toys_of_one_module_keep_their_own_lines(tmp_path: Path):
    module = written(
        tmp_path,
        """
        from core.recording.recorder import algorithm

        @algorithm()
        def first(x):
            x[0] = 1
            yield "a"

        @algorithm()
        def second(x):
            x[1] = 2
            yield "b"
        """,
    )
    for toy, text in ((module.first, "x[0]"), (module.second, "x[1]")):
        [step] = toy.steps({"x": np.zeros(2)})
        assert toy.source.text(step.accesses[0].place) == text


@pytest.mark.parametrize("optimised", [[], ["-OO"]], ids=["plain", "without docstrings"])
def test_a_python_that_does_not_know_where_expressions_stand_records_the_same_places(optimised: list[str]):
    script = "import core; print([a.place for s in core.record('conv2d', 'pad').steps for a in s.accesses])"
    ordinary, without = (
        subprocess.run(
            [sys.executable, "-B", *options, *optimised, "-c", script],
            cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=60,
        )
        for options in ([], ["-X", "no_debug_ranges"])
    )  # fmt: skip
    assert without.stderr == ""
    assert ordinary.stdout == without.stdout != ""


def test_a_function_beside_an_algorithm_is_shown_as_it_was_imported(tmp_path: Path):
    text = """
        from core.recording.recorder import algorithm

        def twice(n):
            return 2 * n

        @algorithm()
        def double(x, y):
            '''Twice the input.'''
            y[0] = twice(x[0])
            yield "double it"
    """
    module = written(tmp_path, text)
    written(tmp_path, text.replace("2 * n", "n + n"))
    linecache.checkcache()
    assert helper_text(module.twice) == "def twice(n):\n    return 2 * n"
