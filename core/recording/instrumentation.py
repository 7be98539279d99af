"""An algorithm whose text is as it was, but that each subscript, pause and call in it knows where it stands.

    patch[:] = x_padded[:, top : top + KH]    patch[_site_0, :] = x_padded[_site_1, :, top : top + KH]
    yield "take the patch"                    yield _recorder.pause(_site_2, "take the patch", (f, top))
    yield from flip(w, w_flipped)             yield from _recorder.call(_site_3, flip, w, w_flipped)

The syntax tree is changed once, before the function is first recorded; while it runs, nobody has to look at a frame to
learn which expression is running. What can be seen to break the rules for algorithms is refused at import, by `check`.
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType
from typing import Any

from core.text.source import SCOPES, AlgorithmError, Place, Source, parsed

ALIAS = "an array is indexed by the name of its parameter, or nobody could tell from the text what it is"
WHOLE = "is used whole; write [:] behind it, so that the reader sees its cells read"
OFFER = "it offers [] and .shape, nothing else"
CAPTION = "a pause yields its caption, got"
NAMED = re.compile(r"(\{(?:(\w+)\[(\w+)\]|(\w+))\})")  # what a caption has the numbers of its step for

SOURCES: dict[CodeType, Source] = {}  # of every instrumented function, so that a refusal can name it


@dataclass(frozen=True, slots=True, eq=False)
class Subscript:
    """Where an array is indexed."""

    place: Place
    text: str
    is_single: bool  # the index is one expression: a number, a slice, or a name for several of them
    is_whole: bool  # [:]
    is_updated: bool  # it stands before a `+=` or the like, which reads and writes it


@dataclass(frozen=True, slots=True, eq=False)
class Pause:
    """Where a function waits: at a `yield`, or at the `yield from` of another one."""

    source: Source
    line: int
    depth: int  # the loops around it; one fewer if it ends the iteration of the innermost
    names: tuple[str, ...] = ()  # those that can be loop variables here


def instrumented(function: Callable[..., Any], source: Source) -> FunctionType:
    """The same function with its sites in place. It takes a recorder (core.recording.recorder) before what it took.

    A local name that is read before it is assigned is None in it.
    """
    tree = Instrumentation(source)
    shared = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    cells = shared | {name: CellType(site) for name, site in tree.sites.items()}
    # The sites come in as free variables, beside its own: its globals stay those of its module.
    [outer] = ast.parse(f"def outer({', '.join(cells)}): pass").body
    assert isinstance(outer, ast.FunctionDef)
    # A function that calls itself finds itself where it was: it is no name of this frame.
    itself = [] if tree.function.name in cells else [ast.Global([tree.function.name])]
    outer.body = [*itself, tree.function]
    module = ast.fix_missing_locations(ast.Module([outer], []))
    code = _inner(_inner(compile(module, function.__code__.co_filename, "exec", dont_inherit=True)))
    made = FunctionType(
        code, function.__globals__, None, function.__defaults__, tuple(cells[name] for name in code.co_freevars)
    )
    made.__kwdefaults__ = function.__kwdefaults__
    SOURCES[code] = source
    return made


def aliases(source: Source, line: int) -> list[str]:
    """The texts on a line that index something else than a parameter."""
    arrays = {parameter.arg for parameter in source.tree.args.args}
    subscripts = (node for node in source.nodes if isinstance(node, ast.Subscript) and node.lineno == line)
    return [ast.unparse(node) for node in subscripts if ast.unparse(node.value) not in arrays]


def _inner(code: CodeType) -> CodeType:
    return next(constant for constant in code.co_consts if isinstance(constant, CodeType))


# Where an array's name alone would be a use of all its cells. Elsewhere it may be handed on to another algorithm.
_USES = {
    ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.AugAssign, ast.FormattedValue, ast.Starred,
    ast.For, ast.While, ast.If, ast.comprehension,
}  # fmt: skip


def _is_identity(node: ast.AST) -> bool:
    """Whether it only asks which object this is, such as whether an array was given: that uses no cell."""
    return isinstance(node, ast.Compare) and all(isinstance(each, ast.Is | ast.IsNot) for each in node.ops)


def check(source: Source) -> None:
    """An AlgorithmError where the text leaves the dialect; what it does not show is found out when it runs."""
    arrays = {parameter.arg for parameter in source.tree.args.args}
    for node in source.nodes:
        if type(node) in _USES and not _is_identity(node):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.Name) and child.id in arrays:
                    raise _refusal(source, child, f"{child.id} {WHOLE}")
        match node:
            case ast.Attribute(value=ast.Name(id=array), attr=name) if array in arrays and name != "shape":
                raise _refusal(source, node, f"{array} is watched and has no .{name}: {OFFER}")
            case ast.Assign(targets=targets, value=ast.Name(id=array)) if array in arrays:
                if any(isinstance(target, ast.Subscript) for target in targets):
                    raise _refusal(source, node, f"{array} is written whole; write [:] behind it to read its cells")
            case ast.Subscript(value=ast.Name(id=array)) if array in arrays:
                _check_index(source, node, array)
            case ast.Yield(value=caption) if node not in source.inner:
                if (
                    caption is None
                    or isinstance(caption, ast.Tuple)
                    or not isinstance(getattr(caption, "value", ""), str)
                ):
                    raise _refusal(source, node, f"{CAPTION} {caption and ast.unparse(caption)}")
                _check_caption(source, node, str(getattr(caption, "value", "")))
            case ast.YieldFrom(value=call) if node not in source.inner and not isinstance(call, ast.Call):
                what = "call an algorithm here, so that the text says which runs"
                raise _refusal(source, node, f"yield from {ast.unparse(call)}: {what}")


def _check_caption(source: Source, node: ast.Yield, caption: str) -> None:
    """A caption may name loop variables, {wrong}, and cells at the index that one holds, {error[first]}."""
    arrays, loops = {parameter.arg for parameter in source.tree.args.args}, _loop_names(source)
    for text, array, at, name in NAMED.findall(caption):
        if (array and array not in arrays) or (at or name) not in loops or source.assigned[at or name] > node.lineno:
            raise _refusal(source, node, f"{text} in a caption: it names a loop variable, or an array's cell at one")


def _check_index(source: Source, node: ast.Subscript, array: str) -> None:
    text = ast.unparse(node)
    if node in source.inner:
        raise _refusal(
            source, node, f"{text}: {array} is watched, and this is a function in the function: write a loop"
        )
    if array in source.assigned:
        raise _refusal(source, node, f"{text}: {ALIAS}")
    if isinstance(node.ctx, ast.Del):
        raise _refusal(source, node, f"{text}: {array} is watched, and no cell of it can be deleted")
    if node.lineno != node.end_lineno:
        raise _refusal(source, node, f"{text}: an array access must stand on one line")


def _refusal(source: Source, node: ast.expr | ast.stmt, why: str) -> AlgorithmError:
    return AlgorithmError(f"{source.name}, line {node.lineno}: {why}")


class Instrumentation(ast.NodeTransformer):
    """The tree of an instrumented function, and its sites by the names that they have in it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.sites: dict[str, Subscript | Pause] = {}
        self._arrays = {parameter.arg for parameter in source.tree.args.args}
        self._loops = _loop_names(source)
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}  # so that pauses with the same names share them
        self._updated: ast.AST | None = None
        function = parsed(source.lines, source.first)  # again, for this one is changed
        for statement in function.body:
            self.visit(statement)
        function.args.args.insert(0, ast.arg("_recorder"))
        if self._loops:  # a pause may stand where not every one of them has a value yet
            unassigned = ast.Assign([ast.Name(name, ast.Store()) for name in self._loops], ast.Constant(None))
            body = function.body.index(next(each for each in function.body if each.lineno not in source.doc_lines))
            function.body.insert(body, ast.copy_location(unassigned, function.body[body]))
        self.function = function

    def visit(self, node: ast.AST) -> Any:
        return node if type(node) in SCOPES else super().visit(node)  # a function in the function uses no array

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self._updated = node.target
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if not isinstance(node.value, ast.Name) or node.value.id not in self._arrays:
            return self.generic_visit(node)
        index = node.slice
        place = self._source.place(node)
        site = Subscript(
            place=place,
            text=self._source.text(place),
            is_single=not isinstance(index, ast.Tuple),
            is_whole=isinstance(index, ast.Slice) and not (index.lower or index.upper or index.step),
            is_updated=node is self._updated,
        )
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        node.slice = ast.Tuple([self._site(site), *map(self.visit, parts)], ast.Load())
        return node

    def visit_Yield(self, node: ast.Yield) -> ast.AST:
        line, caption = node.lineno, node.value
        assert caption is not None
        depth = self._source.depth(line) - self._source.ends_iteration(line)
        # What the text assigns further down only is left over from the iteration before, and would mislead.
        names = tuple(name for name in self._loops if self._source.assigned[name] <= line)
        names = self._names.setdefault(names, names)
        values = ast.Tuple([ast.Name(name, ast.Load()) for name in names], ast.Load())
        site = self._site(Pause(self._source, line, depth, names))
        node.value = ast.copy_location(ast.Call(_method("pause"), [site, self.visit(caption), values], []), node)
        return node

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.AST:
        call, line = node.value, node.lineno
        assert isinstance(call, ast.Call)
        self.generic_visit(call)
        site = self._site(Pause(self._source, line, self._source.depth(line)))
        call.func, call.args = _method("call"), [site, call.func, *call.args]
        return node

    def _site(self, site: Subscript | Pause) -> ast.Name:
        name = f"_site_{len(self.sites)}"
        self.sites[name] = site
        return ast.Name(name, ast.Load())


def _method(name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name("_recorder", ast.Load()), name, ast.Load())


def _loop_names(source: Source) -> list[str]:
    """The names that can be loop variables, in their order: lower case and no parameters (sizes are in capitals)."""
    names = [node for node in source.nodes if isinstance(node, ast.Name) and node not in source.inner]
    names.sort(key=lambda name: (name.lineno, name.col_offset))
    arguments = source.tree.args
    others = {parameter.arg for parameter in (*arguments.args, *arguments.kwonlyargs)}
    others |= {name.id for name in names if isinstance(name.ctx, ast.Del)}
    stored = dict.fromkeys(name.id for name in names if isinstance(name.ctx, ast.Store) and name.id.islower())
    return [name for name in stored if name not in others]
