"""Where the arrays of a chapter lie: all of them in one plane, as large as the picture that every chapter fills.

Each array is one table: its maps beside and below each other, with an empty row or column between them. Tables fill
columns from the top, in the order in which data flows; how high a column may become is chosen so that cells are as
large as they can be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

WIDE, HIGH = 1200, 480  # the plane, in pixels of a usual window
TITLE, APART = 20, 26  # pixels: above a table for its name, and between two columns
LETTER = 8.4  # pixels: of a name, at most
LARGEST = 80  # pixels: the side of a cell

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Table:
    """How the cells of an array are arranged in rows and columns."""

    shape: Shape
    maps: tuple[int, int]  # rows and columns of maps

    @classmethod
    def of(cls, shape: Shape, high: float = 0) -> "Table":
        """The table of an array: filters below each other, channels beside; maps alone in columns of such a height."""
        if len(shape) > 3:
            return cls(shape, (int(np.prod(shape[:-3])), shape[-3]))
        if len(shape) < 3:
            return cls(shape, (1, 1))
        rows = min(shape[0], max(1, int((high + 1) // (shape[1] + 1))))
        columns = ceil(shape[0] / rows) if rows else 1
        return cls(shape, (ceil(shape[0] / columns), columns))

    @property
    def side(self) -> tuple[int, int]:
        """Rows and columns of a map; a list stands upright."""
        return (self.shape[-2], self.shape[-1]) if len(self.shape) > 1 else (self.shape[0] if self.shape else 1, 1)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of all, those between the maps included."""
        (rows, columns), (high, wide) = self.maps, self.side
        return rows * (high + 1) - 1, columns * (wide + 1) - 1

    def corners(self) -> list[tuple[int, int]]:
        """The first row and column of each map, in the order of its cells."""
        (high, wide), columns = self.side, self.maps[1]
        count = int(np.prod(self.shape[:-2])) if len(self.shape) > 2 else 1
        return [(n // columns * (high + 1), n % columns * (wide + 1)) for n in range(count)]

    def laid(self, array: np.ndarray, empty: object) -> np.ndarray:
        """The cells of an array in the table, and what stands between the maps.

        One column has an empty one beside it, so that Plotly knows how wide it is.
        """
        (high, wide), (rows, columns) = self.side, self.size
        table = np.full((rows, max(2, columns)), empty, dtype=array.dtype)
        maps = array.reshape(-1, high, wide)
        for (top, left), cells in zip(self.corners(), maps, strict=True):
            table[top : top + high, left : left + wide] = cells
        return table


@dataclass(frozen=True)
class Board:
    """A table and its place: where its first cell begins, from the upper left corner of the plane."""

    table: Table
    left: float
    top: float
    title: float  # how far down its name stands
    cell: float = 1  # the side of a cell

    def at(self, row: int, column: int) -> tuple[str, str]:
        """Where the cell in a row and a column begins, as a path has it: x and y."""
        return _place(self.left + column * self.cell), _place(self.top + row * self.cell)


@dataclass(frozen=True)
class Plane:
    """The boards of a chapter by the names of their arrays, and how wide and high they are together."""

    boards: Mapping[str, Board]
    wide: float
    high: float

    @classmethod
    def of(cls, shapes: Mapping[str, Shape]) -> "Plane":
        """Arrange arrays, in this order, so that their cells are as large as they can be."""
        heights = sorted(
            {n * (rows + 1) - 1 for rows, count in map(_maps, shapes.values()) for n in range(1, count + 1)}
        )
        highest = sum(rows * count + count + 4 for rows, count in map(_maps, shapes.values()))
        tried = [_arranged(shapes, high) for high in [*heights, *(highest / n for n in range(1, 9))]]
        return max(tried, key=lambda plane: plane.scale).filling()

    @property
    def scale(self) -> float:
        """How many times as large it can be."""
        return min(LARGEST, WIDE / self.wide, HIGH / self.high)

    def filling(self) -> "Plane":
        """As large as it can be, in the middle."""
        cell, boards = self.scale, self.boards.items()
        x, y = (WIDE - self.wide * cell) / 2, (HIGH - self.high * cell) / 2
        placed = {
            name: Board(one.table, x + one.left * cell, y + one.top * cell, y + one.title * cell, cell)
            for name, one in boards
        }
        return Plane(placed, WIDE, HIGH)


def _maps(shape: Shape) -> tuple[int, int]:
    """The rows of a map, and how many maps can stand below each other."""
    table = Table.of(shape)
    return table.side[0], int(np.prod(shape[:-2])) if len(shape) == 3 else table.maps[0]


def _arranged(shapes: Mapping[str, Shape], high: float) -> Plane:
    """The arrays in columns of about such a height; what is counted in pixels needs the scale, and the scale that."""
    pixel = 1 / 20
    for _ in range(3):
        plane = _in_columns(shapes, high, pixel)
        pixel = 1 / plane.scale
    return _in_columns(shapes, high, pixel)


def _in_columns(shapes: Mapping[str, Shape], high: float, pixel: float) -> Plane:
    boards: dict[str, Board] = {}
    left = top = widest = deepest = 0.0
    for name, shape in shapes.items():
        table = Table.of(shape, high)
        rows, columns = table.size
        wide = max(columns, len(name) * LETTER * pixel)
        if top and top + TITLE * pixel + rows > high + TITLE * pixel:
            left, top, widest = left + widest + APART * pixel, 0.0, 0.0
        boards[name] = Board(table, left, top + TITLE * pixel, top + 0.5 * TITLE * pixel)
        top += TITLE * pixel + rows + 0.3 * TITLE * pixel
        widest, deepest = max(widest, wide), max(deepest, top)
    return Plane(boards, left + widest, deepest)


def outline(board: Board, mask: np.ndarray) -> str:
    """A path around the cells of a board that a mask of its array picks; empty for none."""
    laid = board.table.laid(mask, False)
    around = np.zeros((laid.shape[0] + 2, laid.shape[1] + 2), np.int8)
    around[1:-1, 1:-1] = laid
    down = around[1:, 1:-1] != around[:-1, 1:-1]  # between the cells above each other: edges that lie
    across = around[1:-1, 1:] != around[1:-1, :-1]
    path = []
    for row, begin, end in _runs(down):
        (x, y), (stop, _) = board.at(row, begin), board.at(row, end)
        path.append(f"M{x},{y}H{stop}")
    for column, begin, end in _runs(across.T):
        (x, y), (_, stop) = board.at(begin, column), board.at(end, column)
        path.append(f"M{x},{y}V{stop}")
    return "".join(path)


def ground(boards: Sequence[Board]) -> str:
    """A path around each map of some boards."""
    path = []
    for board in boards:
        high, wide = board.table.side
        for row, column in board.table.corners():
            (x, y), (right, bottom) = board.at(row, column), board.at(row + high, column + wide)
            path.append(f"M{x},{y}H{right}V{bottom}H{x}Z")
    return "".join(path)


def _runs(edges: np.ndarray) -> list[tuple[int, int, int]]:
    """In which row edges begin and end, and where."""
    around = np.zeros((edges.shape[0], edges.shape[1] + 2), np.int8)
    around[:, 1:-1] = edges
    steps = around[:, 1:] - around[:, :-1]
    begins, ends = np.argwhere(steps > 0).tolist(), np.argwhere(steps < 0).tolist()
    return [(row, begin, end) for (row, begin), (_, end) in zip(begins, ends, strict=True)]


def _place(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
