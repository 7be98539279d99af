"""A moment of a walk, as static/run/trace.js has it: the arrays, how each cell came by its value, what is lit."""

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from core.recording.trace import CELL, Access, Arrays, Outline, Step, replay, span

Mark = Literal["", "filled", "written"]  # not at all yet, by a step that read nothing, or by any other


class Moment:
    """The arrays after some steps, and how each cell came by its value."""

    def __init__(self, outline: Outline, steps: Iterable[Step]) -> None:
        self.arrays: Arrays = {name: array.copy() for name, array in outline.start.items()}
        self.known = {name: name in outline.given or name not in outline.computed for name in outline.start}
        self._marks = {name: np.zeros(array.shape, "<U7") for name, array in outline.start.items()}
        for step in steps:
            self._mark(step)
            replay(step, self.arrays)

    def marks(self, name: str) -> list[Mark]:
        marks: list[Mark] = self._marks[name].ravel().tolist()
        return marks

    def _mark(self, step: Step) -> None:
        filling = all(access.values is not None for access in step.accesses)
        copied = None if filling else self._copied(step.accesses)
        for access in step.accesses:
            if access.values is not None:
                marks = self._marks[access.array]
                marks.flat[_flat(access, marks.shape)] = (
                    "filled" if filling else "written" if copied is None else copied
                )

    def _copied(self, accesses: Sequence[Access]) -> np.ndarray | None:
        """The marks that a step copies, if all it does is to read some cells and write just these values elsewhere."""
        if len(accesses) != 2 or accesses[0].values is not None or accesses[1].values is None:
            return None
        source, target = accesses
        at = _flat(source, self.arrays[source.array].shape)
        values = self.arrays[source.array].ravel()[at]
        if len(values) != len(target.values or ()) or (values != target.values).any():
            return None
        marks = self._marks[source.array].ravel()[at]
        return np.where(marks == "filled", "filled", "written")


def lit(steps: Sequence[Step], k: int) -> tuple[Sequence[Step], Sequence[Step]]:
    """The steps that are lit after k steps, and those before them that made the same cell."""
    first = k - 1
    if not steps[k - 1].accesses:
        first = span(steps, k - 1).start
    iteration = k - 1
    while iteration > 0 and steps[iteration - 1].level > CELL:
        iteration -= 1
    return steps[first:k], steps[min(iteration, first) : first]


def touched(steps: Sequence[Step], name: str, shape: tuple[int, ...], *, writing: bool) -> set[int]:
    """The cells of an array that some steps read, or write."""
    accesses = (access for step in steps for access in step.accesses if access.array == name)
    return {int(flat) for access in accesses if (access.values is not None) == writing for flat in _flat(access, shape)}


def _flat(access: Access, shape: tuple[int, ...]) -> np.ndarray:
    """The flat indices of the cells of an access, in row-major order."""
    axes = np.meshgrid(*(np.arange(*axis) for axis in access.box), indexing="ij")
    return np.ravel_multi_index([axis.ravel() for axis in axes], shape)
