"""Why an array is wrong: it is held against what each known mistake would give on the same numbers.

A mistake is made where its function is: in the array itself, or in one that it is made of. What fits to rounding is
named; if several give the very same numbers, all of them are. Each costs as much as computing the array once more by
whole-array NumPy, so a diagnosis costs at most some hundred and fifty times that, whatever is brought.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.comparison.mistake import Call, Mistake
from core.comparison.mistakes import MISTAKES
from core.comparison.numbers import Numbers
from core.comparison.tolerance import Tolerance, rounding


@dataclass(frozen=True, eq=False)
class Found:
    """A mistake that fits: its key, a sentence as a template and its values, and the array in which it was made."""

    key: str
    template: str
    values: Mapping[str, Any]
    array: str
    misshapen: str = ""  # the template where theirs has another shape than it should

    @property
    def sentence(self) -> str:
        """What is wrong, in English."""
        return self.template.format(**self.values)


def diagnosis(
    numbers: Numbers, target: str, theirs: np.ndarray, tolerances: Sequence[Tolerance]
) -> Generator[None, None, tuple[int, tuple[Found, ...]]]:
    """The mistakes that fit within the first of the tolerances within which any does, and which of them that is, with a
    pause after each one.
    """
    fits: list[dict[tuple[str, str], Found]] = [{} for _ in tolerances]
    right, exact = numbers.right(target), rounding("float64", numbers.size(target))
    for call in _calls(numbers, target, theirs):
        for mistake in MISTAKES.values():
            for result, values in _results(numbers, target, call, mistake):
                yield
                if result.shape != theirs.shape or exact.agree(result, right):
                    continue
                place = next((at for at, one in enumerate(tolerances) if one.agree(theirs, result)), None)
                if place is not None:
                    told = {"array": call.name, **values}
                    one = Found(mistake.key, mistake.says, told, call.name, mistake.misshapen)
                    fits[place].setdefault((one.key, one.array), one)
    return next(((at, tuple(found.values())) for at, found in enumerate(fits) if found), (0, ()))


def _calls(numbers: Numbers, target: str, theirs: np.ndarray) -> Iterator[Call]:
    """The making of the array, and of those that it is made of, from the nearest to the farthest."""
    if target not in numbers.parts:
        yield Call(target, numbers.right(target), theirs)
    for name in numbers.path(target):
        part = numbers.parts[name]
        brought = frozenset(own for own, array in part.arrays.items() if array in numbers.run.layer.axes)
        yield Call(
            name, numbers.right(name), theirs if name == target else None, part.function, numbers.inputs(name),
            part.arrays, brought, numbers.settings(name),
        )  # fmt: skip


def _results(
    numbers: Numbers, target: str, call: Call, mistake: Mistake
) -> Iterator[tuple[np.ndarray, Mapping[str, Any]]]:
    """What the array comes to by a mistake in that call."""
    if call.name == target:
        yield from mistake.on(call)
    elif mistake.upstream:
        for wrong, values in mistake.on(call):
            if wrong.shape == call.right.shape and not np.array_equal(wrong, call.right):
                yield numbers.gone_wrong(target, call.name, wrong), values
