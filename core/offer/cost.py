"""What an algorithm costs, read off its text: how often it pauses, and how many cells it writes.

Nothing is run for that. A loop counts as often as its `range` or `np.ndindex` says, whatever happens in it, so a text
comes to one formula in the shapes of its arrays and in its settings, as quick for the largest as for the smallest. That
of conv.bias_gradient is, dz and db being shapes,

    rounds(range(dz[0])) * (writes(db, 0) + places(dz[1], dz[2]) * (writes(db, 0) + pause) + pause)

A text has no such formula if its cost depends on the numbers in an array, or is another one in each round of a loop.
That is an AlgorithmError, which names the function and the line and says what to write instead.
"""

import ast
import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

from core.recording.recorder import Algorithm
from core.text.source import AlgorithmError

Shape = tuple[int, ...]

REMEMBERED = 4096  # costs: a reader who turns one setting asks for those of all the values that it may have


class Cost(NamedTuple):
    """What running one algorithm takes, computed in whole numbers before it runs."""

    steps: int
    writes: int  # cells written

    def __add__(self, other: "Cost") -> "Cost":  # type: ignore[override]
        return Cost(self.steps + other.steps, self.writes + other.writes)

    def __rmul__(self, times: int) -> "Cost":  # type: ignore[override]
        return Cost(times * self.steps, times * self.writes)


def cost_of(algorithm: Algorithm, known: Mapping[str, Any]) -> Cost:
    """What an algorithm costs, by the shapes of its arrays and by its settings.

    >>> cost_of(core.layers.conv.bias_gradient, {"dz": (2, 3, 3), "db": (2,)})
    Cost(steps=20, writes=20)
    """
    wanted = needs(algorithm)
    if missing := [name for name in wanted if name not in known]:
        where = f"{algorithm.source.name}, line {algorithm.source.first}"
        raise AlgorithmError(f"{where}: it takes {', '.join(missing)}, which is neither array nor setting")
    return _remembered(algorithm, tuple([known[name] for name in wanted]))


def needs(algorithm: Algorithm) -> tuple[str, ...]:
    """The parameters that the cost depends on: arrays, by their shapes, and settings.

    >>> needs(core.layers.conv.pad)
    ('x', 'x_padded', 'padding', 'padding_mode')

    An AlgorithmError if the cost cannot be told from the text.
    """
    return _text(algorithm).needs


# --- The formula, and its value ---------------------------------------------------------------------------------------


@functools.cache
def _text(algorithm: Algorithm) -> "_Text":
    return _Text(algorithm)


@functools.lru_cache(REMEMBERED)
def _remembered(algorithm: Algorithm, values: tuple[Any, ...]) -> Cost:
    return _text(algorithm).cost(*values)


def _called(algorithm: Algorithm, *arguments: Any, **settings: Any) -> Cost:
    """The cost of a call as it stands in a text; of arrays their shapes are handed over."""
    return cost_of(algorithm, dict(zip(algorithm.parameters, arguments, strict=False)) | settings)


def _rounds(bounds: range) -> int:
    """Their number; `len` cannot tell that of a very long range."""
    ahead = bounds.stop - bounds.start
    return max(0, -(-ahead // bounds.step))


def _places(*sizes: int | Shape) -> int:
    """How many places np.ndindex goes through."""
    return prod(max(0, size) for one in sizes for size in (one if isinstance(one, tuple) else (one,)))


def _writes(shape: Shape, *key: int | slice) -> Cost:
    """Writing to the cells that an index picks; which they are is not asked, so that any whole number will do."""
    parts = zip(key, shape, strict=False)
    picked = (_rounds(range(*part.indices(size))) for part, size in parts if isinstance(part, slice))
    return Cost(0, prod(picked) * prod(shape[len(key) :]))


_FUNCTIONS: dict[str, Any] = {
    "cost_none": Cost(0, 0), "cost_pause": Cost(1, 0), "cost_cell": Cost(0, 1),
    "cost_writes": _writes, "cost_call": _called, "cost_rounds": _rounds, "cost_places": _places,
}  # fmt: skip


# --- The text ---------------------------------------------------------------------------------------------------------


class _UnknownError(Exception):
    """An expression depends on a loop, or on the numbers in an array."""


@dataclass(frozen=True)
class _Array:
    """What a name stands for: an array, by the name of its parameter."""

    name: str


@dataclass(frozen=True)
class _Slice:
    """A slice, as the text of one that picks as many cells; None if nobody knows how many."""

    text: str | None


_CELL = object()  # the index of one cell, all axes in one
_Value = Any  # one of these, an expression of shapes and settings as a tree, a list of values; None for all else


class _Text:
    """The text of one algorithm as a formula, and what its names stand for at the place that reading has come to."""

    def __init__(self, algorithm: Algorithm) -> None:
        self.algorithm, self.source = algorithm, algorithm.source
        self.pauses = {one.lineno for one in self.source.nodes if isinstance(one, ast.Yield | ast.YieldFrom)}
        self.local = {*self.source.assigned, *algorithm.parameters}
        arguments, body = self.source.tree.args, self.source.tree.body
        self.values: dict[str, _Value] = {one.arg: _Array(one.arg) for one in arguments.args}
        self.values |= {one.arg: ast.Name(one.arg) for one in arguments.kwonlyargs}
        try:
            whole = self._block(body[:-1] if isinstance(body[-1], ast.Return) else body)
        except RecursionError:
            raise self.refusal(self.source.tree, "it calls itself; write a loop") from None
        self.formula = whole or "cost_none"
        names = compile(self.formula, algorithm.name, "eval").co_names
        self.needs = tuple(name for name in algorithm.parameters if name in names)

    @functools.cached_property
    def cost(self) -> Callable[..., Cost]:
        """The formula as a function of what it needs."""
        # Our own text: what the algorithm's author wrote of sizes and settings, and the functions above.
        names = self.algorithm.function.__globals__ | _FUNCTIONS
        return eval(f"lambda {', '.join(self.needs)}: {self.formula}", names)  # type: ignore[no-any-return]  # noqa: S307

    def refusal(self, node: ast.stmt | ast.expr, what: str) -> AlgorithmError:
        return AlgorithmError(f"{self.source.name}, line {node.lineno}: its cost cannot be told beforehand: {what}")

    def _block(self, statements: Iterable[ast.stmt]) -> str:
        return _sum(map(self._statement, statements))

    def _statement(self, statement: ast.stmt) -> str:
        match statement:
            case ast.Expr(value=ast.Yield()):
                return "cost_pause"
            case ast.Expr(value=ast.YieldFrom(value=ast.Call() as call)):
                return self._call(call)
            case ast.Assign(targets=[target], value=ast.YieldFrom(value=ast.Call() as call)):
                return _sum([self._call(call), self._bind(target, None)])
            case ast.For(orelse=[]):
                return self._loop(statement)
            case ast.If():
                return self._branch(statement)
            case ast.Assign(targets=targets, value=value) if not self._pauses(statement):
                known = self._value(value)
                return _sum(self._bind(target, known) for target in targets)
            case ast.AugAssign(target=target) | ast.AnnAssign(target=target) if not self._pauses(statement):
                return self._bind(target, None)
            case ast.Expr() | ast.Pass() | ast.Assert() if not self._pauses(statement):
                return ""
        raise self.refusal(statement, "write it with `for`, `if`, assignments and `yield`, each on a line of its own")

    def _loop(self, loop: ast.For) -> str:
        """The body once for each row of names in brackets; else the body, as often as the loop runs."""
        changing = _assigned(loop)  # in the next round such a name stands for something else
        if isinstance(loop.iter, ast.Tuple):
            rounds, values = "1", [self._value(row) for row in loop.iter.elts]
        else:
            rounds, values = self._rounds(loop.iter), [None if "range" in ast.unparse(loop.iter) else _CELL]
        terms = []
        for value in values:
            self._forget(changing)
            self._bind(loop.target, value)
            terms.append(self._block(loop.body))
        self._forget(changing)
        whole = _sum(terms)
        return f"{rounds} * ({whole})" if whole else ""

    def _rounds(self, over: ast.expr) -> str:
        try:
            match over:
                case ast.Call(func=ast.Name(id="range"), args=bounds, keywords=[]):
                    return f"cost_rounds(range({', '.join(map(self._text, bounds))}))"
                case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr="ndindex"), args=sizes, keywords=[]):
                    return f"cost_places({', '.join(map(self._text, sizes))})"
        except _UnknownError:
            raise self.refusal(over, "let shapes and settings alone say how often a loop runs") from None
        raise self.refusal(over, "let a loop go over range(…), over np.ndindex(…), or over names in brackets")

    def _branch(self, branch: ast.If) -> str:
        before = self.values.copy()
        body = self._block(branch.body)
        self.values = before.copy()
        orelse = self._block(branch.orelse)
        self.values = before
        self._forget(_assigned(branch))
        if body == orelse:
            return body
        try:
            return f"({body or 'cost_none'} if {self._text(branch.test)} else {orelse or 'cost_none'})"
        except _UnknownError:
            raise self.refusal(branch, "let all branches cost the same, or let a setting choose one") from None

    def _call(self, call: ast.Call) -> str:
        places = [self._argument(one) for one in call.args]
        words = {str(one.arg): self._argument(one.value) for one in call.keywords}
        wanted: set[str] = set()  # the rest is not asked for here either
        for algorithm in self._callees(call.func):
            given = dict(zip(algorithm.parameters, places, strict=False)) | words
            for name in needs(algorithm):
                if (text := given.get(name)) is None:
                    raise self.refusal(call, f"hand {name} over as an array, or as what shapes and settings tell")
                wanted.add(text)
        handed = [text if text in wanted else "None" for text in places]
        handed += [f"{name}={text}" for name, text in words.items() if text in wanted]
        return f"cost_call({', '.join([self._text(call.func), *map(str, handed)])})"

    def _argument(self, node: ast.expr) -> str | None:
        """An array as its shape, an expression as it is."""
        value = self._value(node)
        try:
            return value.name if isinstance(value, _Array) else ast.unparse(_tree(value))
        except _UnknownError:
            return None

    def _callees(self, function: ast.expr) -> list[Algorithm]:
        """The algorithm that a call names; if a setting chooses one out of a table, all of the table."""
        found = self._objects(function)
        if not found or not all(isinstance(one, Algorithm) for one in found):
            raise self.refusal(function, "call an @algorithm() by its name, or one of a table by a setting")
        return found

    def _objects(self, node: ast.expr) -> list[Any]:
        match node:
            case ast.Name(id=name) if name not in self.local:
                return [self.algorithm.function.__globals__.get(name)]
            case ast.Attribute(value=owner, attr=name):
                return [getattr(one, name, None) for one in self._objects(owner)]
            case ast.Subscript(value=table, slice=ast.Name(id=name)) if isinstance(self.values.get(name), ast.expr):
                return [one for each in self._objects(table) for one in each.values()]
        return []

    def _bind(self, target: ast.expr, value: _Value) -> str:
        """Give a name its value, or count the cells that are written."""
        match target:
            case ast.Name(id=name):
                self.values[name] = value
            case ast.Tuple(elts=targets):
                return _sum(map(self._bind, targets, _parts(value, targets)))
            case ast.Subscript(value=ast.Name(id=name)) if isinstance(array := self.values.get(name), _Array):
                return self._writes(target, array.name)
        return ""

    def _writes(self, target: ast.Subscript, array: str) -> str:
        parts = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]
        values = [self._slice(p.lower, p.upper, p.step) if isinstance(p, ast.Slice) else self._value(p) for p in parts]
        if values == [_CELL]:
            return "cost_cell"
        texts = [one.text if isinstance(one, _Slice) else "0" for one in values]
        if None in texts:
            raise self.refusal(target, "write it as start : start + size, the size made of shapes and settings")
        return f"cost_writes({', '.join([array, *map(str, texts)])})"

    def _slice(self, start: ast.expr | None, stop: ast.expr | None, step: ast.expr | None) -> _Slice:
        first = ast.Constant(0) if start is None else start
        bounds: list[tuple[ast.expr | None, ...]] = [(start, stop, step)]
        match stop:
            case ast.BinOp(left=left, op=ast.Add(), right=size) if ast.unparse(left) == ast.unparse(first):
                bounds.append((ast.Constant(0), size, step))
        for bound in bounds:
            try:
                return _Slice(f"slice({', '.join(self._text(one or ast.Constant(None)) for one in bound)})")
            except _UnknownError:
                pass
        return _Slice(None)

    def _value(self, node: ast.expr) -> _Value:
        match node:
            case ast.Name(id=name) if name in self.local:
                return self.values.get(name)
            case ast.Tuple(elts=parts):
                return [self._value(part) for part in parts]
            case ast.Call(func=ast.Name(id="slice"), args=[start, stop, *step], keywords=[]):
                return self._slice(start, stop, step[0] if step else None)
            case ast.Call(func=ast.Name(id="tuple")):
                return _CELL
        try:
            return self._known(node)
        except _UnknownError:
            return None

    def _text(self, node: ast.expr) -> str:
        return ast.unparse(self._known(node))

    def _known(self, node: Any) -> Any:
        """A tree with shapes and settings put in for its names; else an _UnknownError."""
        match node:
            case list():
                return [self._known(part) for part in node]
            case ast.Name(id=name) if name in self.local:
                return _tree(self.values.get(name))
            case ast.Attribute(value=ast.Name(id=name), attr="shape") if isinstance(self.values.get(name), _Array):
                return ast.Name(self.values[name].name)
            case ast.Lambda() | ast.comprehension():  # their names are their own
                raise _UnknownError
            case ast.AST():
                return type(node)(*(self._known(getattr(node, part)) for part in node._fields))
        return node

    def _pauses(self, statement: ast.stmt) -> bool:
        return any(statement.lineno <= line <= (statement.end_lineno or 0) for line in self.pauses)

    def _forget(self, names: Iterable[str]) -> None:
        self.values = {name: value for name, value in self.values.items() if name not in names}


def _sum(terms: Iterable[str]) -> str:
    return " + ".join(filter(None, terms))


def _tree(value: _Value) -> ast.expr:
    if isinstance(value, list):
        return ast.Tuple([_tree(part) for part in value])
    if isinstance(value, ast.expr):
        return value
    raise _UnknownError


def _parts(value: _Value, targets: list[ast.expr]) -> list[_Value]:
    """What each of several targets is given of a value."""
    if isinstance(value, list) and len(value) == len(targets):
        return value
    if isinstance(value, ast.expr) and not any(isinstance(target, ast.Starred) for target in targets):
        return [ast.Subscript(value, ast.Constant(place)) for place in range(len(targets))]
    return [None] * len(targets)


def _assigned(statement: ast.stmt) -> set[str]:
    names = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}
