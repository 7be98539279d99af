"""How large the cells of a few panels can be so that all of them are seen at once, as a CSS length.

The browser alone knows the room, and without a script it can still calculate: panels wrap like words, or from the top
down, so for each way to break them into rows or columns the cell is as large as there is room for; the best way counts.
Most ways are never the best; a few rooms of common sizes tell which are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

GAP = 12  # pixels between two panels, as the style sheet has it
BESIDE, ABOVE = 21, 34  # pixels of a figure that are no cells: see MARGIN in static/board/plan.js
USUAL = 28  # pixels that a cell is wide, more or less
REM = 15  # pixels, on most screens; the browser knows better
ROOMS = [(w, h) for w in (330, 560, 700, 820, 950, 1100, 1300) for h in (330, 430, 560, 700, 850)]


@dataclass(frozen=True)
class Fit:
    """What a panel needs: its columns and rows in cells, and in rem the height of its caption and the width of what
    stands in its first line; no panel is narrower than a few rem.
    """

    columns: int
    rows: int
    caption: float
    line: float
    narrowest: float

    @property
    def least(self) -> tuple[float, float]:
        """Pixels and rem that the panel takes, however small its cells are."""
        return (18, self.line) if 18 + self.line * REM > self.narrowest * REM else (0, self.narrowest)

    @property
    def is_narrow(self) -> bool:
        """Whether its name is wider than its cells."""
        pixels, rems = self.least
        return pixels + rems * REM > BESIDE + self.columns * USUAL

    @property
    def width(self) -> float:
        """Pixels, with cells of a usual size."""
        pixels, rems = self.least
        return max(pixels + rems * REM, BESIDE + self.columns * USUAL)


@dataclass(frozen=True)
class _Bound:
    """A cell is at most (room - pixels - rems) / cells."""

    pixels: float
    rems: float
    cells: int

    def at(self, room: float) -> float:
        return (room - self.pixels - self.rems * REM) / self.cells

    def css(self, room: str) -> str:
        return f"(100{room} - {self.pixels:g}px - {self.rems:.4g}rem)/{self.cells}"


@dataclass(frozen=True)
class _Way:
    """One way to break the panels into rows or columns."""

    widths: tuple[_Bound, ...]
    heights: tuple[_Bound, ...]

    def at(self, width: float, height: float) -> float:
        return min(*(bound.at(height) for bound in self.heights), *(bound.at(width) for bound in self.widths))

    @property
    def css(self) -> str:
        bounds = [*(bound.css("cqh") for bound in self.heights), *(bound.css("cqw") for bound in self.widths)]
        return f"min({', '.join(bounds)})"


def in_rows(panels: Sequence[Fit]) -> str:
    """The side of a cell as CSS, for a container whose size the browser knows and where panels wrap like words.

    >>> in_rows([Fit(5, 5, 3, 1, 6)])
    'min((100cqh - 38px - 3rem)/5, (100cqw - 21px - 0rem)/5)'
    """
    return _best([_Way(_each(map(_width, rows)), (_high(rows),)) for rows in _broken(panels)])


def in_columns(panels: Sequence[Fit]) -> str:
    """The same where panels stand below each other as long as there is room, and then beside.

    >>> in_columns([Fit(5, 5, 3, 1, 6)])
    'min((100cqh - 38px - 3rem)/5, (100cqw - 21px - 0rem)/5)'
    """
    return _best([_Way((_wide(columns),), _each(map(_height, columns))) for columns in _broken(panels, most=6)])


def _best(ways: Sequence[_Way]) -> str:
    best = dict.fromkeys(max(ways, key=lambda way: way.at(*room)) for room in ROOMS)
    each = [way.css for way in best]
    return each[0] if len(each) == 1 else f"max({', '.join(each)})"


def _broken(panels: Sequence[Fit], most: int = 4) -> Iterator[list[Sequence[Fit]]]:
    """Every way to break panels into a few lines."""
    for lines in range(1, min(most, len(panels)) + 1):
        for breaks in combinations(range(1, len(panels)), lines - 1):
            edges = [0, *breaks, len(panels)]
            yield [panels[first:stop] for first, stop in pairwise(edges)]


def _each(bounds: Iterable[_Bound]) -> tuple[_Bound, ...]:
    return tuple(dict.fromkeys(bounds))


def _high(rows: Sequence[Sequence[Fit]]) -> _Bound:
    cells = sum(max(panel.rows for panel in row) for row in rows)
    captions = sum(row[0].caption for row in rows)
    return _Bound(4 + ABOVE * len(rows) + GAP * (len(rows) - 1), captions, cells)


def _height(column: Sequence[Fit]) -> _Bound:
    return _high([[panel] for panel in column])


def _wide(columns: Sequence[Sequence[Fit]]) -> _Bound:
    return _width([max(column, key=lambda panel: panel.width) for column in columns])


def _width(row: Sequence[Fit]) -> _Bound:
    # Where a name is wider than its cells, the cells do not count; if that is so of all of them, nothing is to be fit.
    fixed = [panel.least if panel.is_narrow else (BESIDE, 0.0) for panel in row]
    cells = sum(panel.columns for panel in row if not panel.is_narrow) or max(panel.columns for panel in row)
    return _Bound(sum(p for p, _ in fixed) + GAP * (len(row) - 1), sum(r for _, r in fixed), cells)
