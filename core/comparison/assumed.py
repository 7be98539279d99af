"""The arrays that nobody gave, and that the compared one is made of: those of the example stand in for them."""

from collections.abc import Collection, Generator
from dataclasses import replace

import numpy as np

from core.comparison.numbers import Numbers

FAR = 1000.0  # times the largest number: enough to turn the sign of every sum


def assumed_of(numbers: Numbers, target: str, brought: Collection[str]) -> Generator[None, None, tuple[str, ...]]:
    """Their names; one that makes no difference is not told, such as a bias where no activation looks at z. With a
    pause after each.
    """
    found = []
    for name in numbers.run.layer.axes:
        if name in brought or name not in numbers.run.start:
            continue
        if target not in numbers.parts or _counts(numbers, target, name):
            found.append(name)
        yield
    return tuple(found)


def _counts(numbers: Numbers, target: str, name: str) -> bool:
    """Whether the array would be another one with other numbers there."""
    array, right = numbers.run.start[name], numbers.right(target)
    far = FAR * (1 + np.abs(array).max(initial=0))
    with np.errstate(over="ignore", invalid="ignore"):
        others = (Numbers(replace(numbers.run, start=numbers.run.start | {name: array + off})) for off in (far, -far))
        return any(not np.array_equal(one.right(target), right) for one in others)
