"""What each statement computes, as a small tree: read off the text that runs, so that its numbers can be put in.

A tree is a list that begins with its kind. Where an array is read it names the place in the source, in the numbers of
an Access, and so whoever has the accesses of a run has the cells and the values:

    ["read", line, start, end]                  the cells that the access at this place has read
    ["pick", line, start, end, [line, …], …]    the same, at an index found by looking at the cells of those other reads
    ["number", 0.5]   ["name", "tied"]          the name of a loop variable, a setting or a constant
    ["size", "W", "x", 2]                       a name that the function has unpacked from the shape of a parameter
    ["+", a, b] and so on for every operator, ["neg", a], ["if", condition, a, b]
    ["sum", a]   ["call", "maximum", a, b]      of all the cells of a; a function of that name
    ["text", "x[i] if …", a, …]                 anything else, with the reads in it

A local name that the function assigns just once, from what it reads, is replaced by what it stands for.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from core.text.source import Source

Tree = list[Any]

Statement = tuple[int, int, int, Tree]  # where the cells it writes stand: line, start, end; and what it writes

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@",
    ast.FloorDiv: "//", ast.Mod: "%", ast.BitAnd: "&", ast.BitOr: "|",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip

_SAME_CELLS = {"ravel", "reshape", "int", "float"}  # the same numbers in the same order


@cache
def statements(source: Source) -> tuple[Statement, ...]:
    """Every statement of a function that writes to one of its arrays, in the order of the text."""
    reader = _Reader(source)
    found = []
    for target, value in reader.assignments:
        if isinstance(target, ast.Subscript) and reader.parameter(target):
            found.append((*reader.stretch(target), reader.tree(value)))
    return tuple(sorted(found, key=lambda statement: statement[:3]))


@cache
def adds_up(source: Source) -> bool:
    """Whether a function computes sums: of a whole array, of products, of more than two numbers, of what it adds to a
    cell again and again.
    """
    return any(
        _has_sum(tree) or (tree[0] in ("+", "-") and tree[1] == ["read", *place]) for *place, tree in statements(source)
    )


def _has_sum(tree: Tree) -> bool:
    parts = [part for part in tree if isinstance(part, list)]
    is_long = tree[0] in ("+", "-") and any(part[0] in ("+", "-") for part in parts)
    return tree[0] in ("sum", "@") or is_long or any(map(_has_sum, parts))


class _Reader:
    """One function, and what its local names stand for."""

    def __init__(self, source: Source) -> None:
        function = source.tree
        self._source = source
        self._arrays = source.reads | source.writes
        self.assignments = [pair for node in ast.walk(function) for pair in _assigned(node)]
        names = Counter(
            node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        )
        self._locals = {
            target.id: value
            for target, value in self.assignments
            if isinstance(target, ast.Name) and names[target.id] == 1
        }

    def stretch(self, node: ast.expr) -> tuple[int, int, int]:
        """The place of an expression."""
        _, line, start, end = self._source.place(node)
        return line, start, end

    def parameter(self, node: ast.AST) -> str:
        """The array that an expression indexes; empty if it indexes none."""
        name = node.value.id if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) else ""
        return name if name in self._arrays else ""

    def tree(self, node: ast.expr) -> Tree:
        if self.parameter(node):
            among = dict.fromkeys(self.stretch(read) for read in self._looked_at(node))
            return ["pick" if among else "read", *self.stretch(node), *map(list, among)]
        match node:
            case ast.Constant(value=int() | float() as value):
                return ["number", value]
            case ast.Name(id=name):
                return self._named(name)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return [_OPERATORS[type(op)], self.tree(left), self.tree(right)]
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
                return [_OPERATORS[type(op)], self.tree(left), self.tree(right)]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return ["neg", self.tree(operand)]
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return ["if", self.tree(test), self.tree(body), self.tree(orelse)]
            case ast.Call(func=ast.Attribute(value=array, attr="sum"), args=[]):
                return ["sum", self.tree(array)]
            case ast.Call(func=ast.Attribute(value=array, attr=name)) if name in _SAME_CELLS:
                return self.tree(array)
            case ast.Call(func=ast.Name(id=name), args=[inner]) if name in _SAME_CELLS:
                return self.tree(inner)
            case ast.Call(func=ast.Name() | ast.Attribute(value=ast.Name()) as called, args=arguments, keywords=[]):
                return ["call", ast.unparse(called).rpartition(".")[2], *map(self.tree, arguments)]
            case ast.Attribute(value=ast.Name(id="np"), attr=name):
                return ["name", name]
        return ["text", ast.unparse(node), *(self.tree(read) for read in self._reads(node))]

    def _named(self, name: str) -> Tree:
        value = self._locals.get(name)
        match value:
            case ast.Subscript(
                value=ast.Attribute(value=ast.Name(id=array), attr="shape"), slice=ast.Constant(value=n)
            ):
                return ["size", name, array, n]
        # A name in capitals is a size or a constant, and says more than what it is made of. So does a whole number that
        # was worked out from others: it is among the loop variables.
        if value is None or name.isupper() or (isinstance(value, ast.Subscript) and not self.parameter(value)):
            return ["name", name]
        tree = self.tree(value)
        return tree if _reads_something(tree) else ["name", name]

    def _reads(self, node: ast.AST) -> Iterator[ast.Subscript]:
        """The reads that an expression needs, those of the local names in it among them."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Subscript) and self.parameter(inner):
                yield inner
            elif isinstance(inner, ast.Name) and inner.id in self._locals:
                yield from self._reads(self._locals[inner.id])

    def _looked_at(self, node: ast.expr) -> list[ast.Subscript]:
        """What was read of the same array to find the index that an expression reads it at."""
        assert isinstance(node, ast.Subscript)
        name = self.parameter(node)
        return [read for read in self._reads(node.slice) if self.parameter(read) == name]


def _reads_something(tree: Tree) -> bool:
    return tree[0] in ("read", "pick") or any(isinstance(part, list) and _reads_something(part) for part in tree)


def _assigned(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What a statement assigns to what. `a += b` is taken for `a = a + b`; a part of what is unpacked is indexed."""
    match node:
        case ast.AugAssign(target=target, op=op, value=value):
            yield target, ast.copy_location(ast.BinOp(target, op, value), node)
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
            yield from zip(targets, values, strict=True)
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value):
            for n, target in enumerate(targets):
                yield target, ast.copy_location(ast.Subscript(value, ast.Constant(n), ast.Load()), node)
        case ast.Assign(targets=[target], value=value):
            yield target, value
