"""Which arrays a walk computes, and which of its functions computes each: read off their texts."""

import ast
from collections.abc import Generator, Mapping
from typing import Any

from core.catalog import Run
from core.comparison.numbers import Numbers
from core.offer.layer import callee
from core.offer.settings import Choice, SettingError
from core.recording.recorder import Algorithm, ancestry


def computed(run: Run) -> dict[str, Algorithm]:
    """The arrays that a run computes, or that are computed before it, and the last function that does so.

    >>> computed(Run.planned("conv2d"))["db"].name
    'bias_gradient'
    """
    chapters = [one for one in run.layer.algorithms.values() if one is not run.algorithm]
    if run.algorithm is not next(iter(run.layer.algorithms.values())):
        chapters = [*ancestry(run.algorithm), run.algorithm]
    settings = run.layer.arguments(run.settings)
    begun = run.given
    found: dict[str, Algorithm] = {}
    for chapter in chapters:
        written = _written(chapter, settings)
        # What a function writes by another name than its own, in a loop over its arrays, is not told by its text.
        others = [name for name in chapter.parameters if name in run.start and name not in begun | found.keys()]
        found |= dict.fromkeys((*others, *(name for name in chapter.parameters if name in written)), chapter)
    return {name: found[name] for name in run.start if name in found}


def find(run: Run, array: object) -> str:
    """The name of an array that the run computes; another one is a SettingError, which names the algorithms that
    compute it, if any do.
    """
    known, layer = computed(run), run.layer
    if isinstance(array, str) and array not in known:
        settings = layer.arguments(run.settings)
        others = [name for name, one in layer.algorithms.items() if array in _written(one, settings)]
        if others:  # the walk, which comes first, has all of them
            told = {"choices": ", ".join(known), "array": array, "algorithms": ", ".join(others[::-1])}
            template = "{setting} must be one of {choices}; {array} is computed in {algorithms}"
            raise SettingError("array", template, **told)
    return Choice(tuple(known)).accept("array", array)


def numbers_of(run: Run, array: str) -> Generator[None, None, Numbers]:
    """The numbers of a run, among them an array that it computes. An array that has no part is computed by the loops,
    with a pause after each of their steps.
    """
    numbers = Numbers(run)
    if array not in numbers.parts:
        chapter, arrays = computed(run)[array], {name: one.copy() for name, one in run.start.items()}
        for algorithm in (*ancestry(chapter), chapter):
            for _ in algorithm.running(arrays, **run.layer.arguments(run.settings)):
                yield
        numbers.know(array, arrays[array])
    return numbers


def _written(algorithm: Algorithm, settings: Mapping[str, Any]) -> set[str]:
    """The parameters that it writes, itself or by those that it calls."""
    found = set(algorithm.source.writes)
    for node in algorithm.source.nodes:
        if isinstance(node, ast.YieldFrom) and isinstance(node.value, ast.Call):
            inner = callee(node.value, algorithm, settings)
            written = _written(inner, settings)
            handed = zip(inner.parameters, node.value.args, strict=False)
            found |= {one.id for name, one in handed if name in written and isinstance(one, ast.Name)}
    return found & set(algorithm.parameters)
