"""A function's text and its syntax tree.

Both are taken once, when the module is imported: `inspect.getsource` re-reads the file on every call, so after
an edit it would show code that the process has never run.
"""

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import FunctionType
from typing import Any, NamedTuple


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


# A formula in the LaTeX of core.text.formula, or what it is with some settings; without any that of the textbooks.
Formula = str | Callable[[Mapping[str, Any]], str]


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
    doc: str  # its docstring: the first paragraph says what it does, the others why
    first: int  # the file's number for lines[0]
    lines: tuple[str, ...]
    doc_lines: range  # the lines of the docstring, which a page shows as text instead of as code
    body: int  # the line of the first statement behind it
    reads: frozenset[str]  # the parameters it indexes to read
    writes: frozenset[str]  # the parameters it indexes to write
    assigned: dict[str, int]  # the first line that assigns each local name
    tree: ast.FunctionDef = field(repr=False)  # the lines parsed, with the file's numbers; to be read only
    _depths: dict[int, int] = field(repr=False)  # of each line's statement: how many loops stand around it
    _iteration_ends: frozenset[int] = field(repr=False)  # lines of statements that end the body of a loop
    formula: str = ""  # what it computes, in the LaTeX of core.text.formula
    _formula: Formula = field(default="", repr=False)

    @classmethod
    def of(cls, function: Callable[..., Any], formula: Formula = "") -> "Source":
        """Capture a function as it is now; for use at import, as a decorator does."""
        name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        text, first = inspect.getsourcelines(function)
        while not text[0].lstrip().startswith("def "):  # decorators are not what runs
            text, first = text[1:], first + 1
        lines = tuple(textwrap.dedent("".join(text)).rstrip("\n").split("\n"))
        tree = parsed(lines, first)
        depths, ends = _blocks(tree)
        for helper in _used(function):
            helper_text(helper)
        return cls(
            name=name,
            doc=inspect.cleandoc(ast.get_docstring(tree) or ""),
            first=first,
            lines=lines,
            doc_lines=_doc_lines(tree),
            body=next((s.lineno for s in tree.body if s.lineno not in _doc_lines(tree)), first + len(lines)),
            reads=_indexed(tree, ast.Load),
            writes=_indexed(tree, ast.Store),
            assigned=_assigned(tree),
            tree=tree,
            _depths=depths,
            _iteration_ends=ends,
            formula=_written(formula, {}),
            _formula=formula,
        )

    def suited(self, settings: Mapping[str, Any]) -> "Source":
        """The same function with the formula that is true with these settings."""
        text = _written(self._formula, settings)
        return self if text == self.formula else _with_formula(self, text)

    def depth(self, line: int) -> int:
        """How many loops stand around the statement on a line: 0 in the function's body, 1 inside one, ..."""
        return self._depths[line]

    def ends_iteration(self, line: int) -> bool:
        """Whether the statement on a line is the last one in the body of its loop, or one of those that can be."""
        return line in self._iteration_ends

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


def _written(formula: Formula, settings: Mapping[str, Any]) -> str:
    return inspect.cleandoc(formula if isinstance(formula, str) else formula(settings))


@functools.cache
def _with_formula(source: Source, text: str) -> Source:
    return replace(source, formula=text)


def _doc_lines(function: ast.FunctionDef) -> range:
    if ast.get_docstring(function) is None:
        return range(0)
    docstring = function.body[0]
    return range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1)


def _blocks(function: ast.FunctionDef) -> tuple[dict[int, int], frozenset[int]]:
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
    return depths, frozenset(ends)


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


def _assigned(function: ast.FunctionDef) -> dict[str, int]:
    """The first line on which each name is given a value."""
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return {node.id: node.lineno for node in sorted(names, key=lambda node: -node.lineno)}


def _parameters(function: ast.FunctionDef) -> frozenset[str]:
    """The parameters that stand for the same array from the first line to the last."""
    names = (node for node in ast.walk(function) if isinstance(node, ast.Name))
    renamed = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    return frozenset(parameter.arg for parameter in function.args.args) - renamed


def _indexed(function: ast.FunctionDef, context: type[ast.expr_context]) -> frozenset[str]:
    """The parameters that stand before a `[` in this context; `y[i] += 1` both reads and writes y."""
    names = set()
    for node in ast.walk(function):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Subscript):
            names.add(ast.unparse(node.target.value))
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, context):
            names.add(ast.unparse(node.value))
    return frozenset(names & _parameters(function))
