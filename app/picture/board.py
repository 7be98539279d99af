"""Where the cells of an array lie on a flat board, as static/board/plan.js lays them. It knows shapes, no layer.

A board is a grid: the maps of an array (its last two axes) side by side and below each other, with a free row for
labels between them; the labels of the topmost stand above the board.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, prod
from typing import Literal

Place = tuple[int, int]  # column and row
Layout = Literal["stack", "block"]
SHORT: dict[Layout, int] = {"stack": 40, "block": 16}  # rows: what is no higher than that remains a stack


@dataclass(frozen=True)
class Map:
    """Where the first cell of a map lies, and what stands above it."""

    x: int
    y: int
    label: str


@dataclass(frozen=True)
class Board:
    """The places of an array's cells, by their flat index."""

    maps: tuple[Map, ...]
    places: tuple[Place, ...]
    columns: int
    rows: int

    @classmethod
    def of(cls, shape: tuple[int, ...], layout: Layout = "stack") -> "Board":
        height, width = shape[-2:] if len(shape) > 1 else (shape[0], 1)
        outer = shape[:-2]
        count = prod(outer)
        # The filters of a weight go across and its channels down; with one channel they stand like any other maps.
        down = outer[1] if len(outer) == 2 and outer[1] > 1 else 0
        across = outer[0] if down else _across(count, height, width, SHORT[layout])
        maps = []
        for number in range(count):
            column, row = divmod(number, down) if down else (number % across, number // across)
            index = ", ".join(map(str, divmod(number, outer[1]))) if len(outer) == 2 else str(number)
            x, y = column * (width + 1), row * (height + 1)
            maps.append(Map(x, y, f"[{index}]" if outer else ""))
        places = tuple((one.x + i, one.y + j) for one in maps for j in range(height) for i in range(width))
        return cls(tuple(maps), places, max(x for x, _ in places) + 1, max(y for _, y in places) + 1)

    def outline(self, marked: Iterable[int]) -> list[tuple[int, int, int, int]]:
        """The edges between marked cells and all others, each from one corner to the next."""
        inside = {self.places[flat] for flat in marked}
        edges = []
        for x, y in sorted(inside):
            edges += [(x, y, x + 1, y)] * ((x, y - 1) not in inside)
            edges += [(x, y + 1, x + 1, y + 1)] * ((x, y + 1) not in inside)
            edges += [(x, y, x, y + 1)] * ((x - 1, y) not in inside)
            edges += [(x + 1, y, x + 1, y + 1)] * ((x + 1, y) not in inside)
        return edges


def _across(maps: int, height: int, width: int, short: int) -> int:
    """How many maps stand across, so that stacks which are not short become blocks."""
    if maps * (height + 1) <= short:
        return 1
    wide_enough = (n for n in range(1, maps) if ceil(maps / n) * (height + 1) <= 1.15 * n * (width + 1))
    return next(wide_enough, maps)
