"""The arrays at a moment of a run, and how each cell came by its value: what a picture is drawn from."""

from collections.abc import Iterable, Sequence

import numpy as np

from core.recording.trace import Access, Outline, Step, box_shape, cells, replay


class Moment:
    """The arrays after some steps, and how each cell came by its value, as static/run/trace.js has it.

    >>> moment = Moment(outline, steps[:3])
    >>> moment.arrays["z"][moment.known["z"]]
    array([6.])
    """

    def __init__(self, outline: Outline, steps: Iterable[Step] = ()) -> None:
        self.arrays = {name: array.copy() for name, array in outline.start.items()}
        self.known = {
            name: np.full(array.shape, name in outline.given or name not in outline.computed)
            for name, array in self.arrays.items()
        }
        self.filled = {name: np.zeros(array.shape, bool) for name, array in self.arrays.items()}
        for step in steps:
            self.take(step)

    def take(self, step: Step) -> None:
        """Go on by one step."""
        filling = self._filling(step.accesses)
        for access in step.accesses:
            if access.values is not None:
                self.known[access.array][cells(access.box)] = True
                self.filled[access.array][cells(access.box)] = filling
        replay(step, self.arrays)

    def _filling(self, accesses: Sequence[Access]) -> np.ndarray | bool:
        """Whether a step that makes these accesses reads nothing for what it writes, or copies what was filled."""
        if [access.values is None for access in accesses] == [True, False]:
            [(_, source, box, _), target] = accesses
            if self.arrays[source][cells(box)].ravel().tolist() == list(target.values or ()):
                copied: np.ndarray = self.filled[source][cells(box)].reshape(box_shape(target.box))
                return copied
        return all(access.values is not None for access in accesses)
