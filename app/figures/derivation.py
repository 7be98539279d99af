"""How the cell of a frame came by its number: the statement that wrote it, as an expression with the numbers it read.

All of it comes from the recorded accesses and the trees of the source, as in static/why/derivation.js. It knows no
layer and no figure. What does not come to the recorded number is not told.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import contains
from typing import NamedTuple

import numpy as np

from core.recording.trace import Access, Box, Outline, Step, box_shape, cells
from core.text.expression import Tree, statements
from core.text.source import Place

CONSTANTS = {"pi": math.pi, "inf": math.inf, "nan": math.nan}
LASTING = 64  # writes to a scratch array that are remembered: a cell is computed with fewer
PILED = 64  # terms of a sum that grows step by step: before more of them it begins anew, with what it has come to
LONGEST = 512  # terms of a sum: nobody reads more, and each frame would have them looked at
NEAR = 1e-9  # how far rounding may have taken what an expression comes to from what was recorded

_FUNCTIONS: dict[str, Callable[..., float]] = {
    "maximum": max, "minimum": min, "max": max, "min": min, "abs": abs,
    "exp": math.exp, "tanh": math.tanh, "sqrt": math.sqrt, "neg": lambda a: -a,
    "*": lambda a, b: a * b, "/": lambda a, b: a / b, "**": lambda a, b: a**b,
    "<": lambda a, b: a < b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b, "if": lambda test, one, other: one if test else other,
    "sum": lambda *terms: sum(terms),
}  # fmt: skip


@dataclass(frozen=True)
class Expr:
    """A part of a statement, with the numbers in it: what it is, what it comes to, and what it is made of.

    A cell and a pick have a name such as x[0, 1]; a sum its terms, of which one that is taken away is a `neg`.
    """

    op: str
    value: float | None = None  # as it was recorded; of an expression whose number stood in a scratch cell, that one
    text: str = ""
    parts: tuple["Expr", ...] = ()

    @property
    def number(self) -> float | None:
        """What it comes to; None where that is not known."""
        if self.value is not None or not self.parts:
            return self.value
        values = [part.number for part in self.parts]
        known = [value for value in values if value is not None]
        name = self.text if self.op == "call" else self.op
        if len(known) < len(values) or name not in _FUNCTIONS:
            return None
        try:
            return float(_FUNCTIONS[name](*known))
        except (ArithmeticError, ValueError, TypeError):
            return None


class Cell(NamedTuple):
    """A cell that was written: its name, its number, and what it was computed from; None where nothing is known."""

    name: str
    value: float
    expr: Expr | None


class _Read(NamedTuple):
    """What an access has read: the cells of a box, in row-major order."""

    array: str
    box: Box
    values: np.ndarray


@dataclass(frozen=True)
class _Write:
    """A write, with what its statement had read until then."""

    array: str
    box: Box
    values: tuple[float, ...]
    tree: Tree | None
    reads: dict[tuple[int, int, int], _Read]
    step: Step


@dataclass
class Derivations:
    """The expressions of a run as it goes on: it takes each step, and tells how the latest cell came about."""

    outline: Outline
    _reads: dict[Place, _Read] = field(default_factory=dict)
    _stood: dict[str, deque[_Write]] = field(default_factory=dict)  # the latest writes to each scratch array
    _added: dict[tuple[str, Box], list[Expr]] = field(default_factory=dict)  # what was added to a cell time and again
    _latest: _Write | None = None
    _written: dict[str, set[Box]] = field(default_factory=dict)  # since the last frame

    def __post_init__(self) -> None:
        self._arrays = {name: array.copy() for name, array in self.outline.start.items()}
        self._trees = {
            source.name: {tuple(place): tree for *place, tree in statements(source)} for source in self.outline.sources
        }

    def take(self, step: Step) -> None:
        """Go on by one step."""
        for access in step.accesses:
            if access.values is None:
                values = self._arrays[access.array][cells(access.box)].ravel()
                self._reads[access.place] = _Read(access.array, access.box, values)
            else:
                self._write(step, access, access.values)

    def cell(self) -> Cell | None:
        """The cell that was written since this was asked for last, if it was one alone."""
        latest, written = self._latest, self._written
        self._latest, self._written = None, {}
        if latest is None or len(written[latest.array]) > 1:
            return None
        [value] = latest.values
        expr = self._whole(latest)
        comes_to = None if expr is None else expr.number
        is_same = comes_to is not None and (
            comes_to == value or abs(comes_to - value) <= NEAR * max(1.0, abs(value)) or comes_to != comes_to
        )
        return Cell(_name(latest.array, latest.box, 0), value, expr if is_same else None)

    def _write(self, step: Step, access: Access, values: tuple[float, ...]) -> None:
        place, array, box, _ = access
        tree = self._trees[place.source].get(place[1:])
        reads = {at: self._reads[one] for at in _places(tree) if (one := Place(place.source, *at)) in self._reads}
        write = _Write(array, box, values, tree, reads, step)
        role = self.outline.roles[array]
        if role == "scratch":
            self._stood.setdefault(array, deque(maxlen=LASTING)).append(write)
        elif role != "count":
            self._written.setdefault(array, set()).add(box)
        if len(values) == 1 and role != "count":
            if role != "scratch":
                self._latest = write
            self._pile(write, place)
        elif role != "count":
            self._latest = None if role != "scratch" else self._latest
        self._arrays[array][cells(box)] = np.reshape(values, box_shape(box))

    def _pile(self, write: _Write, place: Place) -> None:
        """Remember what is added to a cell again and again: together it is one sum."""
        key, tree = (write.array, write.box), write.tree
        if tree is None or tree[0] not in ("+", "-") or tuple(tree[1]) != ("read", *place[1:]):
            self._added.pop(key, None)
            return
        before = write.reads[place[1:]].values[0]
        begun = [] if before == 0 else [Expr("number", float(before))]
        terms = self._added.setdefault(key, begun)
        if len(terms) >= PILED:
            terms[:] = begun
        term = self._built(tree[2], write, 0, 1)
        terms.append(Expr("neg", parts=(term,)) if tree[0] == "-" else term)

    def _whole(self, write: _Write) -> Expr | None:
        terms = self._added.get((write.array, write.box))
        if terms:
            return _summed(terms)
        return self._built(write.tree, write, 0, 1) if write.tree else None

    def _built(self, tree: Tree, write: _Write, nth: int, count: int) -> Expr:
        """A tree with its numbers, for the nth of so many cells that are computed."""
        kind, *parts = tree
        match kind:
            case "read" | "pick":
                return self._leaf(tree, write, nth, count)
            case "number":
                return Expr("number", float(parts[0]))
            case "name":
                return Expr("name", self._named(parts[0], write), parts[0])
            case "size":
                array = dict(write.step.stack[-1].arrays).get(parts[1])
                size = None if array is None else float(self._arrays[array].shape[parts[2]])
                return Expr("name", size, parts[0])
            case "text":
                return Expr("text", text=parts[0])
            case "sum" | "@":
                size = _size(parts[0], write)
                if size > LONGEST or any(_size(part, write) != size for part in parts):
                    return Expr("text", text=kind)
                rows = [[self._built(part, write, one, size) for part in parts] for one in range(size)]
                return _summed([row[0] if kind == "sum" else Expr("*", parts=tuple(row)) for row in rows])
            case "+" | "-":
                one, other = (self._built(part, write, nth, count) for part in parts)
                return _summed([one, other if kind == "+" else Expr("neg", parts=(other,))])
            case "call":
                inner = (self._built(part, write, nth, count) for part in parts[1:])
                return Expr("call", text=parts[0], parts=tuple(inner))
        return Expr(kind, parts=tuple(self._built(part, write, nth, count) for part in parts))

    def _leaf(self, tree: Tree, write: _Write, nth: int, count: int) -> Expr:
        """What a node has read. A scratch array holds what was computed for this cell alone, so that stands for it."""
        read = write.reads.get((tree[1], tree[2], tree[3]))
        if read is None:
            return Expr("text", text="…")
        if len(read.values) not in (1, count):
            return Expr("text", text=read.array)
        at = 0 if len(read.values) == 1 else nth
        value, name = float(read.values[at]), _name(read.array, read.box, at)
        if tree[0] == "pick":
            among = (write.reads.get((line, start, end)) for line, start, end in tree[4:])
            values = [float(one) for each in among if each for one in each.values]
            return Expr("pick", value, name, tuple(Expr("number", one) for one in values))
        earlier, place = self._standing(read.array, _index(read.box, at)) or (None, 0)
        if earlier and earlier.tree:
            inner = self._built(earlier.tree, earlier, place, len(earlier.values))
            if inner.op not in ("text", "number"):
                return Expr(inner.op, value, inner.text, inner.parts)
        return Expr("cell", value, name)

    def _standing(self, array: str, index: tuple[int, ...]) -> tuple[_Write, int] | None:
        """The write that a scratch cell has its number of, and which of its cells that is."""
        for write in reversed(self._stood.get(array, ())):
            ranges = [range(*axis) for axis in write.box]
            if all(map(contains, ranges, index)):
                nth = 0
                for i, axis in zip(index, ranges, strict=True):
                    nth = nth * len(axis) + axis.index(i)
                return write, nth
        return None

    def _named(self, name: str, write: _Write) -> float | None:
        told = {**self.outline.settings, **CONSTANTS, **write.step.loop}.get(name)
        return float(told) if isinstance(told, int | float) else None


def _places(tree: Tree | None) -> list[tuple[int, int, int]]:
    """The places that the reads of a tree stand at."""
    if tree is None:
        return []
    own = [tuple(tree[1:4]), *map(tuple, tree[4:])] if tree[0] in ("read", "pick") else []
    if own:
        return own
    return [place for part in tree if isinstance(part, list) for place in _places(part)]


def _size(tree: Tree, write: _Write) -> int:
    """How many cells a tree computes."""
    if tree[0] in ("read", "pick"):
        read = write.reads.get((tree[1], tree[2], tree[3]))
        return len(read.values) if read else 0
    return max([1, *(_size(part, write) for part in tree if isinstance(part, list))])


def _summed(terms: list[Expr]) -> Expr:
    """One sum of some terms; a sum within a sum is one sum."""
    if len(terms) == 1:
        return terms[0]
    parts = [part for one in terms for part in (one.parts if one.op == "sum" and one.value is None else (one,))]
    return Expr("sum", parts=tuple(parts))


def _index(box: Box, nth: int) -> tuple[int, ...]:
    """The place of the nth cell of a box in its array."""
    index = []
    for axis in reversed(box):
        nth, at = divmod(nth, len(range(*axis)))
        index.append(range(*axis)[at])
    return tuple(reversed(index))


def _name(array: str, box: Box, nth: int) -> str:
    """Such as z[0, 1, 2]: the nth cell of a box."""
    return f"{array}[{', '.join(map(str, _index(box, nth)))}]"
