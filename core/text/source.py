"""A function's text and its syntax tree.

Both are taken once, when the module is imported: `inspect.getsource` re-reads the file on every call, so after
an edit it would show code that the process has never run.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache, reduce
from types import FunctionType
from typing import Any, NamedTuple

from core.text.plot import Plot


class AlgorithmError(Exception):
    """An algorithm left the dialect; the message names the function, the line and what to write instead."""


_helpers: dict[FunctionType, str] = {}


def helper_text(function: FunctionType) -> str:
    """The text of a plain function that algorithms use; it is captured with the first of them that stands below it."""
    if function not in _helpers:
        _helpers[function] = textwrap.dedent(inspect.getsource(function)).rstrip()
        for helper in _used(function):
            helper_text(helper)
    return _helpers[function]


def _used(function: Callable[..., Any]) -> Iterator[FunctionType]:
    """The plain functions of its own module that a function names."""
    for name in function.__code__.co_names:
        found = function.__globals__.get(name)
        if isinstance(found, FunctionType):
            yield found


# Indices that many formulas have, each by a mark of its own.
SHORT = {
    "@(under)": r"i \cdot s_h + u \cdot d_h,\,j \cdot s_w + v \cdot d_w",  # under weight u, v of a window at place i, j
    "@(beside)": r"i + u \cdot d_h,\,j + v \cdot d_w",  # the same at a stride of 1
    "@(inside)": r"i + p_t,\,j + p_l",  # behind the padding
}

# A formula in the LaTeX of core.text.formula, or what it is with some settings; without any that of the textbooks.
Formula = str | Callable[[Mapping[str, Any]], str]


# What in a function has names of its own.
SCOPES = {
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
}  # fmt: skip


class Place(NamedTuple):
    """A stretch of one source line, such as the `x[i]` in `y[i] += x[i]`."""

    source: str  # the name of its Source
    line: int  # as the file counts, from 1
    start: int  # columns in characters, from 0
    end: int


@dataclass(frozen=True, eq=False, repr=False)
class Source:
    """The text of one function from its `def` to its end, and what its syntax tree says.

    >>> Source.of(core.layers.conv.pad).text(Place("conv.pad", 41, 4, 12))
    'x_padded'
    """

    name: str  # such as conv.correlate
    first: int  # the file's number for lines[0]
    lines: tuple[str, ...]
    tree: ast.FunctionDef  # the lines parsed, with the file's numbers; to be read only
    formula: str  # what it computes, in the LaTeX of core.text.formula
    _formula: Formula
    plot: Plot | None = None  # what is plotted of it; without one, its sums
    quiet: frozenset[str] = frozenset()  # parameters that are said to be seen small, beside those that are found to be

    @classmethod
    def of(
        cls,
        function: Callable[..., Any],
        formula: Formula = "",
        plot: Plot | None = None,
        quiet: Collection[str] = (),
    ) -> "Source":
        """Capture a function as it is now; for use at import, as a decorator does."""
        text, _ = inspect.findsource(function)
        tree = _functions("".join(text))[function.__code__.co_firstlineno]
        lines = tuple(textwrap.dedent("".join(text[tree.lineno - 1 : tree.end_lineno])).rstrip("\n").split("\n"))
        for helper in _used(function):
            helper_text(helper)
        name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        tree = parsed(lines, tree.lineno) if tree.col_offset else tree
        return cls(name, tree.lineno, lines, tree, _written(formula, {}), formula, plot, frozenset(quiet))

    @cached_property
    def doc(self) -> str:
        """Its docstring: the first paragraph says what it does, the others why."""
        return ast.get_docstring(self.tree) or ""

    @cached_property
    def doc_lines(self) -> range:
        """The lines of the docstring, which a page shows as text instead of as code."""
        return _lines(self.tree.body[0]) if ast.get_docstring(self.tree) is not None else range(0)

    @cached_property
    def body(self) -> int:
        """The line of the first statement behind the docstring."""
        stop = self.first + len(self.lines)
        return next((one.lineno for one in self.tree.body if one.lineno not in self.doc_lines), stop)

    @cached_property
    def reads(self) -> frozenset[str]:
        """The parameters it indexes to read."""
        return self._indexed(ast.Load)

    @cached_property
    def writes(self) -> frozenset[str]:
        """The parameters it indexes to write."""
        return self._indexed(ast.Store)

    @cached_property
    def assigned(self) -> dict[str, int]:
        """The first line that assigns each local name."""
        names = [node for node in self.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
        return {node.id: node.lineno for node in sorted(names, key=lambda node: -node.lineno)}

    @cached_property
    def _blocks(self) -> tuple[dict[int, int], set[int]]:
        return _blocks(self.tree)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All of its tree."""
        return list(ast.walk(self.tree))

    @cached_property
    def inner(self) -> frozenset[ast.AST]:
        """What stands in a function or a comprehension in the function."""
        scopes = (node for node in self.nodes[1:] if type(node) in SCOPES)
        return frozenset(node for scope in scopes for node in ast.walk(scope))

    def _indexed(self, context: type[ast.expr_context]) -> frozenset[str]:
        """The parameters that stand before a `[` in this context; `y[i] += 1` both reads and writes y."""
        subscripts = [node for node in self.nodes if isinstance(node, ast.Subscript) and isinstance(node.ctx, context)]
        updated = [node.target for node in self.nodes if isinstance(node, ast.AugAssign)]
        values = [node.value for node in (*subscripts, *updated) if isinstance(node, ast.Subscript)]
        # One that is assigned too does not stand for the same array from the first line to the last.
        parameters = {one.arg for one in self.tree.args.args} - self.assigned.keys()
        return frozenset(value.id for value in values if isinstance(value, ast.Name) and value.id in parameters)

    def suited(self, settings: Mapping[str, Any]) -> "Source":
        """The same function with the formula that is true with these settings."""
        text = _written(self._formula, settings)
        return self if text == self.formula else _with_formula(self, text)

    def depth(self, line: int) -> int:
        """How many loops stand around the statement on a line: 0 in the function's body, 1 inside one, ..."""
        return self._blocks[0][line]

    def ends_iteration(self, line: int) -> bool:
        """Whether the statement on a line is the last one in the body of its loop, or one of those that can be."""
        return line in self._blocks[1]

    def text(self, place: Place) -> str:
        """The characters at a place."""
        return self.lines[place.line - self.first][place.start : place.end]

    def place(self, node: ast.expr) -> Place:
        """Where an expression of the tree begins, and where on that line it ends."""
        row = self.lines[node.lineno - self.first].encode()  # the tree counts bytes, readers count characters
        return Place(self.name, node.lineno, *(len(row[:at].decode()) for at in (node.col_offset, node.end_col_offset)))


def parsed(lines: Sequence[str], first: int) -> ast.FunctionDef:
    """The syntax tree of a function, with the file's numbers for its lines."""
    [tree] = ast.parse("\n" * (first - 1) + "\n".join(lines)).body
    assert isinstance(tree, ast.FunctionDef)
    return tree


@lru_cache(maxsize=4)  # one module after the other
def _functions(text: str) -> dict[int, ast.FunctionDef]:
    """The functions of a module, by the line that each begins at; its decorators are not what runs."""
    found = {}
    statements: list[ast.AST] = [ast.parse(text)]
    for statement in statements:
        for block in ("body", "orelse", "handlers", "finalbody", "cases"):
            statements += getattr(statement, block, ())
        if isinstance(statement, ast.FunctionDef):
            found[min([statement.lineno, *(one.lineno for one in statement.decorator_list)])] = statement
            statement.decorator_list.clear()
    return found


def _written(formula: Formula, settings: Mapping[str, Any]) -> str:
    text = inspect.cleandoc(formula if isinstance(formula, str) else formula(settings))
    text = re.sub("\n +", " ", text)  # a line that is set in goes on with the one above
    return reduce(lambda whole, mark: whole.replace(mark, SHORT[mark]), SHORT, text)


@cache
def _with_formula(source: Source, text: str) -> Source:
    return replace(source, formula=text)


def _blocks(function: ast.FunctionDef) -> tuple[dict[int, int], set[int]]:
    """For every line of a statement how many loops stand around it, and the lines of those that end a loop's body."""
    depths: dict[int, int] = {}
    ends: set[int] = set()

    def visit(node: ast.AST, depth: int) -> None:
        if isinstance(node, ast.stmt):
            depths.update(dict.fromkeys(_lines(node), depth))
        is_loop = isinstance(node, ast.For | ast.While)
        for name, block in ast.iter_fields(node):
            for inner in block if isinstance(block, list) else []:
                # Only the body repeats: the `else` of a loop runs once, and so does what stands behind an `if`.
                visit(inner, depth + (is_loop and name == "body"))
        if isinstance(node, ast.For | ast.While):
            for last in _last(node.body) or []:
                ends.update(_lines(last))

    for statement in function.body:
        visit(statement, 0)
    return depths, ends


def _last(block: list[ast.stmt]) -> list[ast.stmt] | None:
    """The pauses of which one ends a block, whatever happens: its last statement, or each branch of an `if`."""
    match block:
        case [*_, ast.Expr() as pause]:
            return [pause]
        case [*_, ast.If(body=body, orelse=orelse)]:
            either, other = _last(body), _last(orelse)
            return either + other if either and other else None
    return None  # a loop inside has ends of its own


def _lines(statement: ast.stmt) -> range:
    return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
