"""A run as a script of its own: what a reader copies from the page, to run and to change without ConvWalk.

The NumPy script is not written a second time: it is the text of the recorded functions. The pauses are taken out, a
call that follows another function's pauses becomes a plain call, and where a setting chooses between functions or
branches, the chosen one is all that stays. The PyTorch script is the layer's own `torch`, which leaves the gradients to
autograd.
"""

import ast
import inspect
import math
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np

from core.offer import limits
from core.offer.layer import Layer, Named, callee
from core.offer.layout import settle_or_explain
from core.offer.settings import SettingError
from core.recording.recorder import Algorithm, ancestry
from core.recording.trace import Arrays
from core.text.source import helper_text

Values = Mapping[str, Any]  # of the settings that are known at a place

# What is printed is every number with all its digits, so that it can be pasted back. PyTorch has no shortest form
# of a number: beside 1.0 it prints one as small as 0.0001 by its decimals, of which 20 are 17 digits.
PRINT_ALL = "# print every number, with all its digits"
NUMPY_PRINTS = f'np.set_printoptions(threshold=np.inf, floatmode="unique")  {PRINT_ALL}'
KINDS = {"np.array": {"f": "float", "i": "int"}, "torch.tensor": {"f": "torch.float64", "i": "torch.int64"}}
UNTOLD = ("kinks_", "found")  # its loss does not count kinks, and so cannot tell what they excuse
TORCH_PRINTS = f'torch.set_printoptions(profile="full", precision=20)  {PRINT_ALL}'


def numpy_script(layer: Layer, algorithm: str, settings: Mapping[str, object], arrays: Arrays) -> str:
    """An algorithm with all that comes before it, and with its numbers, in plain NumPy.

    >>> print(numpy_script(LAYERS["conv2d"], "bias_gradient", {"in_height": 3, "in_width": 3}, {}))
    import numpy as np
    <BLANKLINE>
    np.set_printoptions(…
    <BLANKLINE>
    # What it begins with
    x = np.array([[[1, -2, -1],…
    """
    opened = layer.algorithms[algorithm]
    settled, given, start = settle_or_explain(layer, algorithm, settings, arrays)
    values = layer.arguments(settled)
    named = layer.arrays(settled)
    steps = (*ancestry(opened), opened)
    taken = {name for step in steps for name in step.parameters}
    script = _Script(frozenset({*named, *values}))
    if "loss_of" in taken:
        _define_loss(script, layer, values, named)
    is_walk = opened is next(iter(layer.algorithms.values()))
    data = _data_among(values, taken)
    calls = [_call(script, step, values) for step in steps if not (is_walk and step is opened)]
    if is_walk:
        calls += script.body(opened, values)
    written = [
        name
        for name in opened.parameters
        if name in _written(opened, values) and named[name].role != "scratch" and not name.startswith(UNTOLD)
    ]
    told = {name for name, value in values.items() if name in taken and not callable(value)} - data.keys()
    sections = [
        script.imports(),
        *_data({name: start[name] for name in named if name in taken} | data, given | data.keys(), "np.array"),
        _heading("The settings", [f"{name} = {_literal(value)}" for name, value in values.items() if name in told]),
        *script.functions.values(),
        _heading("From the first chapter that this one needs", calls) if calls[1:] else "\n".join(calls),
        "\n".join(f'print("{name} =", {name}, sep="\\n")' for name in written if not name.endswith("_nudged")),
    ]
    return _joined(sections)


def torch_script(layer: Layer, algorithm: str, settings: Mapping[str, object], arrays: Arrays) -> str:
    """The layer in PyTorch, with the run's numbers: it prints what the walk ends with."""
    settled, given, start = settle_or_explain(layer, algorithm, settings, arrays)
    assert layer.torch is not None
    body = inspect.cleandoc(layer.torch(settled))
    used = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    named, data = layer.arrays(settled), _data_among(layer.arguments(settled), used)
    assigned = _assigned_in(body)
    printed = [name for name in named if name in assigned]
    sections = [
        f"import torch\nimport torch.nn.functional as F\n\ntorch.set_default_dtype(torch.float64)\n{TORCH_PRINTS}",
        *_data(
            {name: start[name] for name in named if name in given & used} | data, given | data.keys(), "torch.tensor"
        ),
        body,
        "\n".join(f'print("{name} =", {name}.detach(), sep="\\n")' for name in printed),
    ]
    return _joined(sections)


def _data_among(values: Values, taken: Collection[str]) -> Arrays:
    """The arrays among what algorithms take as settings: data that nobody watches."""
    return {name: value for name, value in values.items() if name in taken and isinstance(value, np.ndarray)}


def _joined(sections: list[str]) -> str:
    """The sections with an empty line between them, and with two around a function."""
    text = ""
    for before, section in pairwise(["", *filter(None, sections)]):
        is_apart = before.startswith("def ") or (section.startswith("def ") and before)
        text += ("\n\n" if is_apart else "\n" if before else "") + section + "\n"
    return text


def _heading(comment: str, lines: list[str]) -> str:
    return "\n".join([f"# {comment}", *lines]) if lines else ""


# --- Numbers ----------------------------------------------------------------------------------------------------------


def _data(arrays: Arrays, given: frozenset[str], make: str) -> Iterator[str]:
    """The arrays to begin with, written out, and room for those that will be computed."""
    cells = sum(array.size for name, array in arrays.items() if name in given)
    if cells > limits.WRITTEN_OUT:
        template = "the code would have {cells} numbers written out; at most {limit} are: choose smaller sizes"
        largest = max(given & arrays.keys(), key=lambda name: arrays[name].size)
        raise SettingError(largest, template, cells=cells, limit=limits.WRITTEN_OUT)
    known: dict[str, str] = {}
    room = []
    for name, array in arrays.items():
        original = name.removesuffix("_nudged")
        if original != name and original in known and np.array_equal(array, arrays[original]):
            known[name] = f"{name} = {original}.copy()"
        elif name in given:
            head = f"{name} = {make}("
            known[name] = f"{head}{_nested(array, len(head))}, dtype={KINDS[make][array.dtype.kind]})"
        else:
            room.append(f"{name} = np.zeros({array.shape})")
    yield _heading("What it begins with", list(known.values()))
    yield _heading("Room for what is computed", room)


def _nested(array: np.ndarray, indent: int) -> str:
    """An array as nested lists, a row a line, set below each other as NumPy prints them."""
    if array.ndim == 1:
        return f"[{', '.join(map(_number, array.tolist()))}]"
    return f"[{(',' + chr(10) + ' ' * (indent + 1)).join(_nested(part, indent + 1) for part in array)}]"


def _literal(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _number(value: float) -> str:
    is_short = value == int(value) and abs(value) < 1e15 and not (value == 0 and math.copysign(1, value) < 0)
    return str(int(value)) if is_short else repr(value)


# --- Functions --------------------------------------------------------------------------------------------------------


@dataclass
class _Script:
    """The functions and the names that a script needs, each written once, the called before the calling."""

    reserved: frozenset[str]  # the names of arrays and settings
    functions: dict[str, str] = field(default_factory=dict)  # the text of each
    _named: dict[tuple[Any, str], str] = field(default_factory=dict)  # by what they are and their text
    _from: dict[str, set[str]] = field(default_factory=dict)

    def imports(self) -> str:
        lines = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(self._from.items())]
        return "\n".join([*lines, *([""] if lines else []), "import numpy as np", "", NUMPY_PRINTS])

    def named(self, algorithm: Algorithm, values: Values) -> str:
        """The name by which an algorithm, with these settings, is called; its text is written if it was not yet."""
        source = algorithm.source
        lines = [*source.lines[: source.body - source.first - len(source.doc_lines)], *self._lines(algorithm, values)]
        text = "\n".join(line.replace("  # fmt: skip", "") for line in lines)
        key = (algorithm.function, text)
        if key not in self._named:
            names = (algorithm.name, source.name.replace(".", "_"), *(f"{algorithm.name}_{n}" for n in range(2, 99)))
            name = next(one for one in names if one not in self.reserved and one not in self.functions)
            self._named[key] = name
            self.functions[name] = text.replace(f"def {algorithm.name}(", f"def {name}(", 1)
        return self._named[key]

    def body(self, algorithm: Algorithm, values: Values) -> list[str]:
        """What stands in an algorithm, to be run where its arrays and settings have their own names."""
        return [line.removeprefix("    ") for line in self._lines(algorithm, values)]

    def _lines(self, algorithm: Algorithm, values: Values) -> list[str]:
        source, function = algorithm.source, algorithm.function
        own = {one.arg: values[one.arg] for one in source.tree.args.kwonlyargs if one.arg in values}
        lines = _Body(self, algorithm, own).block(source.tree.body)
        local = {*algorithm.parameters, *source.assigned}
        self.need(textwrap.dedent("\n".join(lines)), function, local)
        return lines

    def need(self, text: str, function: Callable[..., Any], local: set[str]) -> None:
        """Write whatever else a text has need of: a small function beside the algorithm, something from math."""
        if not isinstance(function, FunctionType):
            return
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Name) or node.id in local or node.id in self.functions:
                continue
            found = function.__globals__.get(node.id)
            if isinstance(found, BuiltinFunctionType | float) and hasattr(math, node.id):
                self._from.setdefault("math", set()).add(node.id)
            elif isinstance(found, FunctionType):
                text_of = helper_text(found)
                self.need(text_of, found, set(found.__code__.co_varnames))
                self.functions[node.id] = text_of


@dataclass
class _Body:
    """The statements of one function on their way into a script."""

    script: _Script
    algorithm: Algorithm
    values: dict[str, Any]

    def block(self, statements: list[ast.stmt]) -> list[str]:
        """The lines of some statements without the pauses."""
        return [line for statement in statements for line in self._statement(statement)]

    def _statement(self, statement: ast.stmt) -> list[str]:
        match statement:
            case ast.Expr(value=ast.Yield() | ast.Constant()):
                return []
            case ast.Expr(value=ast.YieldFrom(value=ast.Call() as call)):
                return self._called(call)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.YieldFrom(value=ast.Call() as call)):
                first, *others = self._called(call)
                margin = self._margin(statement)
                return [f"{margin}{name} = {first.removeprefix(margin)}", *others]
            case ast.If():
                return self._branch(statement)
            case ast.For():
                head = self._between(statement.lineno, statement.body[0].lineno)
                return [*head, *(self.block(statement.body) or [self._margin(statement) + "    pass"])]
        assert statement.end_lineno is not None
        return self._between(statement.lineno, statement.end_lineno + 1)

    def _branch(self, statement: ast.If) -> list[str]:
        chosen = _value(statement.test, self.values)
        if chosen is not UNKNOWN:
            taken = statement.body if chosen else statement.orelse
            deeper = taken[0].col_offset - statement.col_offset if taken else 0
            return [line[deeper:] for line in self.block(taken)]
        body, orelse = self.block(statement.body), self.block(statement.orelse)
        if not body and not orelse:
            return []
        margin = self._margin(statement)
        head = self._between(statement.lineno, statement.body[0].lineno)
        return [*head, *(body or [margin + "    pass"]), *([margin + "else:", *orelse] if orelse else [])]

    def _called(self, call: ast.Call) -> list[str]:
        """A call of another algorithm, by the name that it has in the script."""
        algorithm, values = _callee(call, self.algorithm, self.values)
        name = self.script.named(algorithm, values)
        assert call.end_lineno is not None
        first, *others = self._between(call.lineno, call.end_lineno + 1)
        behind = first.encode()[call.func.end_col_offset or 0 :].decode()
        return [line.replace("  # fmt: skip", "") for line in (self._margin(call) + name + behind, *others)]

    def _between(self, first: int, stop: int) -> list[str]:
        source = self.algorithm.source
        return list(source.lines[first - source.first : stop - source.first])

    def _margin(self, node: ast.stmt | ast.expr) -> str:
        """What stands before the text on its line."""
        [line] = self._between(node.lineno, node.lineno + 1)
        return line[: len(line) - len(line.lstrip())]


UNKNOWN = object()


def _value(expression: ast.expr, values: Values) -> Any:
    """What an expression of settings comes to; UNKNOWN if it is of anything else."""
    if any((isinstance(n, ast.Name) and n.id not in values) or isinstance(n, ast.Call) for n in ast.walk(expression)):
        return UNKNOWN
    return eval(compile(ast.Expression(expression), "a setting", "eval"), {}, dict(values))  # noqa: S307 - our own text


def _callee(call: ast.Call, caller: Algorithm, values: Values) -> tuple[Algorithm, dict[str, Any]]:
    """The algorithm that a call calls, and the settings that it is given, as far as they are known."""
    given = {word.arg: _value(word.value, values) for word in call.keywords if word.arg}
    return callee(call, caller, values), {name: value for name, value in given.items() if value is not UNKNOWN}


def _call(script: _Script, algorithm: Algorithm, values: Values) -> str:
    name, function = script.named(algorithm, values), inspect.signature(algorithm.function)
    arguments = [p.name if p.kind != p.KEYWORD_ONLY else f"{p.name}={p.name}" for p in function.parameters.values()]
    whole = f"{name}({', '.join(arguments)})"
    return whole if len(whole) <= 100 else f"{name}(\n    {', '.join(arguments)}\n)"


def _written(algorithm: Algorithm, values: Values) -> set[str]:
    """The parameters that an algorithm writes to, by itself or by what it calls."""
    aliases: dict[str, set[str]] = {}
    written = set(algorithm.source.writes)
    for statement in _reached(algorithm.source.tree.body, values):
        match statement:
            # for nudged, numeric in ((w_nudged, numeric_dw), …): each name stands for one array after the other
            case ast.For(target=ast.Tuple(elts=targets), iter=ast.Tuple(elts=rows)):
                for row in rows:
                    for target, array in zip(targets, getattr(row, "elts", ()), strict=False):
                        aliases.setdefault(ast.unparse(target), set()).add(ast.unparse(array))
            case (
                ast.Expr(value=ast.YieldFrom(value=ast.Call() as call))
                | ast.Assign(value=ast.YieldFrom(value=ast.Call() as call))
            ):
                called, known = _callee(call, algorithm, values)
                inner = _written(called, known)
                for parameter, argument in zip(called.parameters, call.args, strict=False):
                    if parameter in inner:
                        written |= aliases.get(ast.unparse(argument), {ast.unparse(argument)})
    return written


def _reached(statements: list[ast.stmt], values: Values) -> Iterator[ast.stmt]:
    """All statements in these, but for those in a branch that the settings do not take."""
    for statement in statements:
        yield statement
        body, orelse = getattr(statement, "body", []), getattr(statement, "orelse", [])
        chosen = _value(statement.test, values) if isinstance(statement, ast.If) else UNKNOWN
        yield from _reached(body if chosen is UNKNOWN or chosen else [], values)
        yield from _reached(orelse if chosen is UNKNOWN or not chosen else [], values)


def _define_loss(script: _Script, layer: Layer, values: Values, named: dict[str, Named]) -> None:
    """The loss that a gradient check needs: the layer's own chapters, run forward on the arrays it is handed."""
    taken = list(inspect.signature(values["loss_of"]).parameters)
    out = taken[-1].removeprefix("d")
    _, *chapters = layer.algorithms.values()
    last = next(one for one in chapters if out in _written(one, values))
    steps = (*ancestry(last), last)
    scores = next((one for one in ("scores", "z") if one in named), out)  # what stands before the last function
    before = "z" if named[out].shape == getattr(named.get("z"), "shape", None) else out
    if named[out].cells == 1 and (scores == "scores" or scores in taken):
        before = f"{scores}.sum()"
    elif scores == out and (each := [name for name in named if name.startswith("scores_")]):  # of several pictures
        before = f"({' + '.join(f'{name}.sum()' for name in each)})"
    computed = set().union(*(_written(step, values) for step in steps))  # the rest is as the script begins with it
    room = {
        name: named[name].shape
        for step in steps
        for name in step.parameters
        if name in named and name in computed and name not in taken
    }
    lines = [
        f"def loss_of({', '.join(taken)}):",
        f'    """The terms of L = Σ {taken[-1]} · {out}, no count of kinks, the terms before the activation."""',
        *(f"    {name} = np.zeros({shape})" for name, shape in room.items()),
        *(f"    {line}" for step in steps for line in _call(script, step, values).splitlines()),
        f"    return {taken[-1]} * {out}, np.zeros(0), {taken[-1]} * {before}",
    ]
    script.functions["loss_of"] = "\n".join(lines)


# --- PyTorch ----------------------------------------------------------------------------------------------------------


def _assigned_in(body: str) -> set[str]:
    names = (node for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}
