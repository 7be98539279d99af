"""Which cells are lit on the boards: those that were read, and those that were written."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.figures.boards import Board, outline
from core.recording.trace import Access, Outline, box_shape, cells


class Lit:
    """Which cells were read and which were written."""

    KINDS = ("read", "write")

    def __init__(self, told: Outline) -> None:
        self._shapes = {name: array.shape for name, array in told.start.items()}
        self.masks: dict[tuple[str, str], np.ndarray] = {}

    def add(self, accesses: Sequence[Access]) -> None:
        """Cells that were used."""
        for access in dict.fromkeys((one.array, one.box, one.values is None) for one in accesses):
            name, box, is_read = access
            self._mask("read" if is_read else "write", name)[cells(box)] = np.ones(box_shape(box), bool)

    def join(self, other: "Lit") -> None:
        """The cells of another."""
        for (kind, name), mask in other.masks.items():
            self._mask(kind, name)[...] |= mask

    def clear(self) -> None:
        """Forget all."""
        self.masks.clear()

    def paths(self, boards: Mapping[str, Board]) -> dict[str, str]:
        """A path around the cells of each kind, on all boards."""
        found = dict.fromkeys(self.KINDS, "")
        for (kind, name), mask in self.masks.items():
            if name in boards:
                found[kind] += outline(boards[name], mask)
        return found

    def _mask(self, kind: str, name: str) -> np.ndarray:
        return self.masks.setdefault((kind, name), np.zeros(self._shapes[name], bool))
