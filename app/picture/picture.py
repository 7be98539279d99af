"""The first picture of a walk: the stage at the moment that it opens at, drawn before any script has run.

It stands for what static/board/stage.js draws a moment later, so it shows the same arrays in the same order, with the
same numbers and marks. It knows the moment and where each cell lies; colours are the style sheet's, and how large a
cell is drawn is found by the browser, which alone knows the room.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from math import cbrt, isfinite

from app.ground.digits import exact, fitted
from app.picture.board import Board
from app.picture.fitting import Fit, in_columns, in_rows
from app.picture.moment import Mark, Moment, lit, touched
from app.walks.stream import BLOCK
from core.catalog import Run
from core.recording.scale import Scale
from core.recording.trace import BEAT, Outline, Scene, Step

MOST_CELLS = 3000  # of all panels together: more take longer to draw than the stage takes to come
SMALL = 24  # cells: numbers stand in a board of no more columns and rows
READ = 12  # rows and columns: with a larger map a scene is a picture of square cells, as static/board/stage.js has it
LEAST = 8  # rows and columns: a larger map beside a picture is a picture too, as static/board/fit.js has it
UNIT = 20  # of the picture's own lengths, the side of a cell
LONG = 3  # characters: a longer number needs more room than a square cell has
COLOURLESS = Scale(-1e200, 1e200)  # for numbers whose size means nothing
INSIDE = 1.6  # sizes of its letters that a cell as wide as high has room for, beside what is left free on both sides


@dataclass(frozen=True)
class Ink:
    """Cells of one value: a path of their squares, and their number where there is room for one."""

    sign: str  # positive or negative; or grey, of a picture
    half: str  # low: from zero to the middle colour; high: from there to the full one
    percent: float  # of the way between the two
    path: str
    text: str
    rounded: bool
    size: float  # of its letters, where 1 is the usual one
    filled: bool
    places: tuple[tuple[float, float], ...]  # of the text


@dataclass(frozen=True)
class Panel:
    """One array, with what is marked on it."""

    name: str
    alias: str  # what the function calls it, where that is another name
    role: str
    label: str
    shape: tuple[int, ...]
    width: int
    height: int
    is_large: bool
    is_grey: bool
    maps: tuple[tuple[float, float, str], ...]
    inks: tuple[Ink, ...]
    marks: tuple[tuple[str, str], ...]  # a class and a path: veil, before, read, write

    @property
    def named(self) -> float:
        """About how wide its name is, in rem."""
        return 0.61 * len(self.name)

    @property
    def shaped(self) -> float:
        """About how much wider its name is with the shape beside it, in rem."""
        return 0.5 * len("×".join(map(str, self.shape))) + 0.7


@dataclass(frozen=True)
class Picture:
    """The panels, and how large their cells can be, as CSS lengths for rooms of any size."""

    k: int
    caption: str
    adds_up: bool  # in this chapter: else the panels have the room of the plot
    panels: tuple[Panel, ...]

    # A caption is as static/style/picture.css has it: where there is little room, with the shape below the name.
    @property
    def in_rows(self) -> str:
        return in_rows([Fit(panel.width, panel.height, 5.2, panel.named, 5.6) for panel in self.panels])

    @property
    def in_columns(self) -> str:
        return in_columns([Fit(panel.width, panel.height, 5.2, panel.named, 5.6) for panel in self.panels])

    @property
    def in_wide_columns(self) -> str:
        return in_columns(
            [Fit(panel.width, panel.height, 3.75, panel.named + panel.shaped, 6.6) for panel in self.panels]
        )


def picture_of(run: Run, outline: Outline) -> Picture | None:
    """The moment that the page opens at: the first of the finest beats among the first steps, or the first of all.

    There is none of a walk without steps, nor of arrays with too many cells.
    """
    steps = list(islice(run.steps(), BLOCK))
    k = next((number for number, step in enumerate(steps, start=1) if step.level >= BEAT), 1)
    found = next(((chapter, one) for chapter in outline.chapters for one in chapter.scenes if k <= one.stop), None)
    if found is None:
        return None
    chapter, scene = found
    if sum(outline.start[name].size for _, name in scene.arrays) > MOST_CELLS:
        return None
    now = _Now(outline, scene, Moment(outline, steps[: scene.first]), Moment(outline, steps[:k]), *lit(steps, k))
    panels = tuple(_panel(name, now) for name in dict.fromkeys(array for _, array in scene.arrays))
    return Picture(k, steps[k - 1].caption, outline.adds_up(chapter), panels)


@dataclass(frozen=True)
class _Now:
    """All that a panel is drawn from."""

    outline: Outline
    scene: Scene
    begun: Moment  # as the scene began
    moment: Moment
    lit: Sequence[Step]
    before: Sequence[Step]

    @cached_property
    def writes(self) -> frozenset[str]:
        """The parameters that the scene writes."""
        return next(source.writes for source in self.outline.sources if source.name == self.scene.source)

    @cached_property
    def is_picture(self) -> bool:
        """Whether a map of the scene is so large that it is seen rather than read, number by number."""
        shapes = [self.outline.start[name].shape for _, name in self.scene.arrays]
        return any(max(shape[-2:]) > READ for shape in shapes if len(shape) > 1)


def _panel(name: str, now: _Now) -> Panel:
    array, outline = now.moment.arrays[name], now.outline
    names = [parameter for parameter, bound in now.scene.arrays if bound == name]
    shown = [now.begun.arrays[name]] + [outline.end[name]] * any(parameter in now.writes for parameter in names)
    scale = outline.scales[name] or COLOURLESS
    is_long = any(len(exact(value)) > LONG for values in shown for value in set(values.ravel().tolist()))
    if now.is_picture and outline.roles[name] == "scratch":  # what it will hold is not known
        is_long |= any(len(exact(edge)) > LONG for edge in scale)
    wide = 3 if array.ndim == 1 else 2 if is_long and not now.is_picture else 1
    is_free = array.ndim == 3 and outline.roles[name] != "scratch"
    board = Board.of(array.shape, "block" if is_free else "stack")  # as static/board/fit.js has it
    is_large = max(board.columns, board.rows) > SMALL or (now.is_picture and max(array.shape[-2:]) > LEAST)
    has_text = not is_large and (wide > 1 or not is_long)
    marks = now.moment.marks(name)
    known = [flat for flat in range(array.size) if now.moment.known[name] or marks[flat]]
    edges = {
        "before": touched(now.before, name, array.shape, writing=False),
        "read": touched(now.lit, name, array.shape, writing=False),
        "write": touched(now.lit, name, array.shape, writing=True),
    }
    veil = _squares(board, sorted(set(range(array.size)).difference(known)), wide)
    return Panel(
        name=name,
        alias="" if names[0] == name else names[0],
        role=outline.roles[name],
        label=outline.labels[name],
        shape=array.shape,
        width=board.columns * wide,
        height=board.rows,
        is_large=is_large,
        is_grey=scale.low == 0,
        maps=tuple((one.x * wide * UNIT, one.y * UNIT - 4, one.label) for one in board.maps if one.label),
        inks=tuple(_inks(board, array.ravel().tolist(), marks, known, wide, scale, with_text=has_text)),
        marks=(("veil", veil), *((mark, _edges(board, cells, wide)) for mark, cells in edges.items())),
    )


def _inks(
    board: Board,
    values: list[float],
    marks: list[Mark],
    known: list[int],
    wide: int,
    scale: Scale,
    *,
    with_text: bool,
) -> Iterable[Ink]:
    alike: dict[tuple[float, bool], list[int]] = {}
    for flat in known:
        alike.setdefault((values[flat], marks[flat] == "filled"), []).append(flat)
    for (value, filled), cells in alike.items():
        text, rounded, size = fitted(value, wide * INSIDE) if with_text else ("", False, 1.0)
        half, percent = _share(value, scale)
        middles = tuple(
            ((board.places[flat][0] + 0.5) * wide * UNIT, (board.places[flat][1] + 0.5) * UNIT) for flat in cells
        )
        sign = "grey" if scale.low == 0 else "negative" if value < 0 else "positive"
        yield Ink(
            sign, half, round(percent, 2), _squares(board, cells, wide), text, rounded, round(size, 2), filled, middles
        )


def _share(value: float, scale: Scale) -> tuple[str, float]:
    """How far a number is on its way to the full colour, as static/say/look.js has it: in which half, and percent."""
    size = value / scale.high if isfinite(value) else 0.0  # an infinity has no size
    if scale.low == 0:
        return "", 100 * min(1.0, max(0.0, size))
    share = min(1.0, cbrt(abs(size)))  # the cube root lets small numbers be seen beside large ones
    return ("low", 200 * share) if share < 0.5 else ("high", 200 * share - 100)


def _squares(board: Board, cells: Iterable[int], wide: int) -> str:
    side = wide * UNIT
    corners = (board.places[flat] for flat in cells)
    return "".join(f"M{x * side} {y * UNIT}h{side}v{UNIT}h-{side}z" for x, y in corners)


def _edges(board: Board, cells: Iterable[int], wide: int) -> str:
    side = wide * UNIT
    edges = board.outline(cells)
    return "".join(f"M{x0 * side} {y0 * UNIT}L{x1 * side} {y1 * UNIT}" for x0, y0, x1, y1 in edges)
