"""The instrumented form of an algorithm: its text and no more, and what is refused when it is made."""

import ast
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

import core.catalog  # noqa: F401 - so that every function of the catalogue is marked
from core.recording.instrumentation import Instrumentation, Pause, Subscript
from core.recording.recorder import Algorithm, algorithm, sources
from core.text.source import AlgorithmError, Source
from tests.toys import written


class TakenOut(ast.NodeTransformer):
    """Takes the instrumentation out of a tree again. It knows what may have been put in, and nothing else."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        assert node.args.args.pop(0).arg == "_recorder"
        match node.body[1:2] if ast.get_docstring(node) else node.body[:1]:
            case [ast.Assign(value=ast.Constant(value=None)) as unassigned]:
                node.body.remove(unassigned)
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        match node.slice:
            case ast.Tuple(elts=[ast.Name(id=site), *parts]) if site.startswith("_site_"):
                node.slice = parts[0] if SITES[site].is_single else ast.Tuple(parts, ast.Load())
        return self.generic_visit(node)

    def visit_Yield(self, node: ast.Yield) -> ast.AST:
        match node.value:
            case ast.Call(
                func=ast.Attribute(value=ast.Name("_recorder"), attr="pause"), args=[_, caption, ast.Tuple()]
            ):
                return ast.Yield(self.visit(caption))
        raise AssertionError(ast.unparse(node))

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.AST:
        match node.value:
            case ast.Call(ast.Attribute(ast.Name("_recorder"), "call"), [_, called, *arguments], keywords):
                return ast.YieldFrom(self.visit(ast.Call(called, arguments, keywords)))
        raise AssertionError(ast.unparse(node))


SITES: dict[str, Any] = {}


def bare(tree: Instrumentation) -> str:
    """The text of an instrumented function with its instrumentation taken out."""
    SITES.clear()
    SITES.update(tree.sites)
    return ast.unparse(TakenOut().visit(tree.function))


CATALOGUE = [source for source in sources() if not source.name.startswith("test_")]


@pytest.mark.parametrize("source", CATALOGUE, ids=lambda source: source.name)
def test_an_instrumented_function_without_its_instrumentation_is_the_text_on_the_screen(source: Source):
    tree = Instrumentation(source)
    text = ast.unparse(tree.function)
    assert bare(tree) == ast.unparse(ast.parse("\n".join(source.lines)))
    assert "_site_0" in text
    assert ast.unparse(ast.parse(text)) == text  # and with it, it is a text that Python reads


@pytest.mark.parametrize("source", CATALOGUE, ids=lambda source: source.name)
def test_every_site_lies_on_what_stands_there_in_the_text(source: Source):
    for site in Instrumentation(source).sites.values():
        if isinstance(site, Pause):
            assert "yield " in source.lines[site.line - source.first]
        else:
            assert isinstance(site, Subscript)
            assert site.text == source.text(site.place)
            assert isinstance(ast.parse(site.text, mode="eval").body, ast.Subscript)


def test_an_instrumented_function_is_a_text_that_one_can_read():
    assert ast.unparse(Instrumentation(add_up.source).function) == dedent('''\
        def add_up(_recorder, x, y, *, n):
            """The sum so far."""
            i = None
            y[_site_0, :] = 0
            for i in range(n):
                y[_site_1, i, 0:2] += x[_site_2, i]
                yield _recorder.pause(_site_3, f'{n}', (i,))
            yield from _recorder.call(_site_4, other, y, x=x)''')


@algorithm()
def other(x, y):
    yield f"{x.shape}"


@algorithm()
def add_up(x, y, *, n):
    """The sum so far."""
    y[:] = 0
    for i in range(n):
        y[i, 0:2] += x[i]
        yield f"{n}"
    yield from other(y, x=x)


def toy_of(folder: Path, body: str) -> Algorithm:
    text = "from core.recording.recorder import algorithm\n@algorithm()\n"
    text += f"def toy(x, y, *, n):\n    {body}\n    yield 'a'\n"
    return written(folder, text).toy


REFUSED = {
    "y[0] = x[\n    1]": "an array access must stand on one line",
    "y[0] = x + 1": "x is used whole; write [:] behind it",
    "y[0] = -x": "x is used whole; write [:] behind it",
    "y[0] = 1 if x[0] > y else 2": "y is used whole; write [:] behind it",
    "y[0] = f'{x}'": "x is used whole; write [:] behind it",
    "print(*x)": "x is used whole; write [:] behind it",
    "x += 1": "x is used whole; write [:] behind it",
    "for n in x: yield 'b'": "x is used whole; write [:] behind it",
    "y[:] = x": "x is written whole; write [:] behind it to read its cells",
    "y[0] = x.sum()": "x is watched and has no .sum: it offers [] and .shape, nothing else",
    "del x[0]": "x[0]: x is watched, and no cell of it can be deleted",
    "y[0] = sum(x[i] for i in range(2))": "x[i]: x is watched, and this is a function in the function",
    "x, y[0] = y, x[0]": "x[0]: an array is indexed by the name of its parameter",
    "yield": "a pause yields its caption, got None",
    "yield 3": "a pause yields its caption, got 3",
    "yield 'a', 'b'": "a pause yields its caption, got ('a', 'b')",
    "yield '{n} times'": "{n} in a caption: it names a loop variable, or an array's cell at one",
    "i = 1; yield 'first {z[i]}'": "{z[i]} in a caption",
    "yield 'first {x[i]}'\n    i = 1; y[i] = 0; yield 'b'": "{x[i]} in a caption",
    "yield from ['a']": "yield from ['a']: call an algorithm here",
}


@pytest.mark.parametrize("body", REFUSED)
def test_what_can_be_seen_in_the_text_is_refused_at_import_by_function_and_line(tmp_path: Path, body: str):
    with pytest.raises(AlgorithmError) as caught:
        toy_of(tmp_path, body)
    line, _, why = str(caught.value).partition(": ")
    assert line == "toys.toy, line 4"
    assert REFUSED[body] in why


KEPT = {
    "a name that is not assigned yet": "for i in range(n - 2): y[i] = x[i]",
    "a name that is deleted": "k = 1; y[k] = x[k]; del k",
    "a name of another scope": "y[0] = max(k for k in range(n))",
    "names in a nested function": "pick = lambda i: i + 1; y[pick(0)] = x[pick(1)]",
    "indices in a star": "at = (1,); y[*at] = x[at]",
    "an index with an index in it": "y[int(x[0])] += x[int(x[1])]",
    "two targets": "y[0], y[1] = x[1], x[0]",
    "one value for two targets": "y[0] = y[1] = x[2]",
    "a target of a loop": "for y[0] in (1, 2): pass",
    "an array that may not be given": "y[0] = 1 if x is not None else 2",
    "a caption that is computed": "yield f'{x[0]}'",
    "the index before the value": "def at(): k.append(len(k)); return k[-1]\n    k = []; y[at()] = at() + 5",
}


@pytest.mark.parametrize("case", KEPT)
def test_an_instrumented_function_computes_what_the_plain_one_does(tmp_path: Path, case: str):
    toy = toy_of(tmp_path, KEPT[case])
    plain, watched = ({"x": np.arange(3.0), "y": np.zeros(3)} for _ in range(2))
    toy.run(plain, n=2)
    steps = list(toy.steps(watched, n=2))
    assert plain["y"].tolist() == watched["y"].tolist()
    assert [step.caption for step in steps] == [caption for caption, _ in toy.pauses(plain, n=2)]


def test_what_an_algorithm_shares_with_the_function_around_it_stays_shared():
    seen, count = [], 4

    @algorithm()
    def counting(x):
        for i in range(2):
            x[i] = count
            yield later()
            seen.append(i)

    count += 1

    def later() -> str:
        return "defined after it"

    arrays = {"x": np.zeros(2)}
    assert [step.caption for step in counting.steps(arrays)] == ["defined after it"] * 2
    assert (arrays["x"].tolist(), seen) == ([5, 5], [0, 1])


def test_an_algorithm_is_checked_when_it_is_marked_and_instrumented_when_it_is_first_recorded(tmp_path: Path):
    toy = toy_of(tmp_path, KEPT[next(iter(KEPT))])
    arrays = {"x": np.arange(3.0), "y": np.zeros(3)}
    toy.run(arrays, n=2)
    assert "instrumented" not in vars(toy)
    list(toy.steps(arrays, n=2))
    made = vars(toy)["instrumented"]
    list(toy.steps(arrays, n=2))
    assert toy.instrumented is made
