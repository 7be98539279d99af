"""The walk of a layer, made of its chapters: each is handed what it names, so that nobody writes that down again."""

import linecache
from collections.abc import Iterable
from inspect import Parameter, signature
from textwrap import indent, wrap
from typing import Any

from core.recording.recorder import Algorithm, algorithm

WIDTH = 100  # columns of its text, as in a copied script


def walk_of(module: str, doc: str, *chapters: Algorithm | tuple[Algorithm, str]) -> dict[str, Algorithm]:
    """The algorithms of a layer by name: its walk, and the chapters that it runs, in this order.

    >>> algorithms = walk_of("toy", "There and back.", forward, (backward, "both"))
    >>> print("\n".join(algorithms["walk"].source.lines))
    def walk(x, y, dy, dx, *, both):
        \"""There and back.\"""
        yield from forward(x, y)
        if both:
            yield from backward(dy, dx, both=both)

    A chapter that comes with a condition is left out where that does not hold. The walk takes what its chapters take,
    in the order in which it first appears: that in which data flows.
    """
    called: dict[str, Algorithm] = {}
    taken: dict[str, Parameter] = {}
    body = [f'"""{doc}"""']
    for each in chapters:
        chapter, condition = each if isinstance(each, tuple) else (each, "")
        called[chapter.name] = chapter
        parameters = signature(chapter.function).parameters
        taken |= {name: one for name, one in parameters.items() if name not in taken}
        call = _bracketed(f"yield from {chapter.name}", _handed(parameters.values()))
        body.append(f"if {condition}:\n{indent(call, '    ')}" if condition else call)
    arrays = [name for name, one in taken.items() if not _is_setting(one)]
    settings = [name for name, one in taken.items() if _is_setting(one)]
    head = _bracketed("def walk", [*arrays, "*", *settings] if settings else arrays)
    text = f"{head}:\n{indent(chr(10).join(body), '    ')}\n"
    file = f"<the walk of {module}>"
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file  # where inspect finds it
    scope: dict[str, Any] = {"__name__": module, **called}
    exec(compile(text, file, "exec"), scope)  # noqa: S102 - our own text
    return {"walk": algorithm()(scope["walk"]), **called}


def _is_setting(parameter: Parameter) -> bool:
    return parameter.kind == Parameter.KEYWORD_ONLY


def _handed(parameters: Iterable[Parameter]) -> list[str]:
    return [f"{one.name}={one.name}" if _is_setting(one) else one.name for one in parameters]


def _bracketed(head: str, names: list[str]) -> str:
    """Names between brackets, on a line of their own if one would be too long."""
    whole = f"{head}({', '.join(names)})"
    if len(whole) + 5 <= WIDTH:
        return whole
    return "\n".join([f"{head}(", *(f"    {line}" for line in wrap(", ".join(names), WIDTH - 8)), ")"])
