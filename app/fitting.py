"""How large the cells of a few panels can be so that all of them are seen at once, as a CSS length.

The browser alone knows the room, and without a script it can still calculate: panels wrap like words, so for each way
to break them into lines the cell is as large as the lines are wide and high enough for, and the best way counts. Most
ways are never the best; a few rooms of common sizes tell which are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

GAP = 12  # pixels between two panels, as the style sheet has it
BESIDE, ABOVE = 21, 18  # pixels of a figure that are no cells: see MARGIN in static/plot.js
CAPTION = 3.75  # rem; as static/picture.css has it
LEAST = 6.6  # rem that a panel is wide
REM = 15  # pixels, on most screens; the browser knows better
ROOMS = [(w, h) for w in (330, 560, 700, 820, 950, 1100, 1300) for h in (330, 430, 560, 700, 850)]


@dataclass(frozen=True)
class Fit:
    """What a panel needs: the width of its caption in rem, and its columns and rows, in cells."""

    caption: float
    columns: int
    rows: int

    @property
    def least(self) -> tuple[float, float]:
        """Pixels and rem that the panel takes, however small its cells are."""
        return (18, self.caption) if 18 + self.caption * REM > LEAST * REM else (0, LEAST)

    @property
    def is_narrow(self) -> bool:
        """Whether its name is wider than its cells."""
        pixels, rems = self.least
        return pixels + rems * REM > BESIDE + self.columns * 28


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
class _Lines:
    """One way to break the panels into lines."""

    widths: tuple[_Bound, ...]
    height: _Bound

    def at(self, width: float, height: float) -> float:
        return min(self.height.at(height), *(bound.at(width) for bound in self.widths))

    @property
    def css(self) -> str:
        return f"min({', '.join([self.height.css('cqh'), *(bound.css('cqw') for bound in self.widths)])})"


def fitting(panels: Sequence[Fit]) -> str:
    """The side of a cell as CSS, for a container whose size the browser knows.

    >>> fitting([Fit(1, 5, 5)])
    'min((100cqh - 22px - 3.75rem)/5, (100cqw - 21px - 0rem)/5)'
    """
    ways = list(map(_lines, _broken(panels)))
    best = dict.fromkeys(max(ways, key=lambda way: way.at(*room)) for room in ROOMS)
    each = [way.css for way in best]
    return each[0] if len(each) == 1 else f"max({', '.join(each)})"


def _broken(panels: Sequence[Fit]) -> Iterator[list[Sequence[Fit]]]:
    """Every way to break panels into at most four lines."""
    for lines in range(1, min(4, len(panels)) + 1):
        for breaks in combinations(range(1, len(panels)), lines - 1):
            edges = [0, *breaks, len(panels)]
            yield [panels[first:stop] for first, stop in pairwise(edges)]


def _lines(lines: Sequence[Sequence[Fit]]) -> _Lines:
    rows = sum(max(panel.rows for panel in line) for line in lines)
    height = _Bound(4 + ABOVE * len(lines) + GAP * (len(lines) - 1), CAPTION * len(lines), rows)
    return _Lines(tuple(dict.fromkeys(_width(line) for line in lines)), height)


def _width(line: Sequence[Fit]) -> _Bound:
    # Where a name is wider than its cells, the cells do not count; if that is so of all of them, nothing is to be fit.
    fixed = [panel.least if panel.is_narrow else (BESIDE, 0.0) for panel in line]
    cells = sum(panel.columns for panel in line if not panel.is_narrow) or max(panel.columns for panel in line)
    return _Bound(sum(p for p, _ in fixed) + GAP * (len(line) - 1), sum(r for _, r in fixed), cells)
