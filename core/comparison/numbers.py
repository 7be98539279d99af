"""The numbers of a walk without its steps: each array by its part, from the arrays that the walk begins with."""

from functools import cached_property

import numpy as np

from core.catalog import Run
from core.offer.layer import Named
from core.recording.trace import Arrays


class Numbers:
    """What a run has of right numbers, each computed when it is first asked for.

    >>> Numbers(Run.planned("conv2d")).right("dx").shape
    (3, 5, 5)

    An array without a part must be put in by `know`.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.parts = run.layer.whole
        self._right: Arrays = {}
        self._sizes: Arrays = {}
        self._paths: dict[str, list[str]] = {}

    @cached_property
    def named(self) -> dict[str, Named]:
        return self.run.layer.arrays(self.run.settings)

    @cached_property
    def _arguments(self) -> dict[str, object]:
        return self.run.layer.arguments(self.run.settings, self.named)

    def know(self, name: str, array: np.ndarray) -> None:
        """Take an array that the loops have computed."""
        self._right[name] = array

    def right(self, name: str) -> np.ndarray:
        """The array as the walk computes it."""
        if name not in self._right:
            part = self.parts[name]
            self._right[name] = part.function(**self.inputs(name), **self.settings(name))
        return self._right[name]

    def size(self, name: str) -> float:
        """The largest of what was added up in a cell, without signs."""
        cells = self._without_signs(name) if name in self.parts else np.abs(self.right(name))
        return float(cells[np.isfinite(cells)].max(initial=0))

    def inputs(self, name: str) -> Arrays:
        """The arrays that an array is made of, by the parameters of its function."""
        return {own: self.begun(array) for own, array in self.parts[name].arrays.items()}

    def settings(self, name: str) -> dict[str, object]:
        """The settings of the function."""
        return self.parts[name].arguments(self._arguments, self.named[name].shape)

    def begun(self, name: str) -> np.ndarray:
        """An array as others are made of it: a weight before its update."""
        return self.run.start[name] if name in self.run.given or name not in self.parts else self.right(name)

    def path(self, target: str) -> list[str]:
        """The arrays with a part that one is made of, itself first, then from the nearest to the farthest."""
        if target not in self._paths:
            found, at = [target] if target in self.parts else [], 0
            while at < len(found):
                inner = [one for one in self.parts[found[at]].arrays.values() if one not in self.run.given]
                found += [one for one in inner if one in self.parts and one not in found]
                at += 1
            self._paths[target] = found
        return self._paths[target]

    def gone_wrong(self, target: str, name: str, wrong: np.ndarray) -> np.ndarray:
        """What an array comes to if another one on its way is wrong and all else is right."""
        known = {name: wrong}

        def value(at: str) -> np.ndarray:
            if at not in known:
                known[at] = self.parts[at].function(**inputs(at), **self.settings(at)) if leads(at) else self.right(at)
            return known[at]

        def inputs(at: str) -> Arrays:
            arrays = self.parts[at].arrays.items()
            return {own: self.begun(one) if one in self.run.given else value(one) for own, one in arrays}

        def leads(at: str) -> bool:
            return at in self.parts and name in self.path(at)

        with np.errstate(over="ignore", invalid="ignore"):  # what is wrong may be infinite
            return value(target)

    def _without_signs(self, name: str) -> np.ndarray:
        if name not in self._sizes:
            part = self.parts[name]
            taken = {}
            for own, array in part.arrays.items():
                is_begun = array in self.run.given or array not in self.parts
                taken[own] = np.abs(self.run.start[array]) if is_begun else self._without_signs(array)
            cells = part.size(**taken, **self.settings(name))
            self._sizes[name] = np.maximum(np.abs(cells), np.abs(self.right(name)))
        return self._sizes[name]
