"""The first picture of a walk: the arrays of the stage as coloured tables, at the moment that a page opens at.

It is there before any script has run, and all that a reader without scripts sees of the stage. It knows what a cell
holds and what has happened to it, and nothing of where it is drawn: where there are scripts, static/board/opening.js
lays the tables out by the very rule that the stage is laid out by a moment later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import cbrt, isfinite
from typing import Any, NamedTuple

import numpy as np

from app.ground.numerals import is_long, is_rounded, tidy, width
from app.walks.stream import BLOCK
from core.catalog import Run
from core.recording.moment import Moment
from core.recording.scale import Scale
from core.recording.trace import BEAT, Outline, Step, cells, span
from core.text.attention import quiet

MOST_CELLS = 3000  # of all tables together: more take longer to draw than the stage takes to come
READ = 12  # rows and columns: with a larger map a scene is a picture of square cells, as static/board/stage.js has it
SIDES = {"top": (0, 1), "right": (1, 2), "bottom": (2, 1), "left": (1, 0)}  # of the middle cell of three by three
COLOURLESS = Scale(-1e200, 1e200)  # for numbers whose size means nothing


class Cell(NamedTuple):
    """A cell of a table."""

    value: float | None  # without the dust of binary sums; none while nothing has been computed
    share: float  # of the way to the full colour, in percent; of two colours in turn, 200
    look: str  # negative; filled: by a step that read nothing; rounded: not all of its digits are shown
    marks: Sequence[str]  # read or write, and which sides of the cell are the edge of what is: top, right, …


@dataclass(frozen=True)
class Panel:
    """One array: its maps, each with its label."""

    name: str
    alias: str  # what the function calls it, where that is another name
    role: str
    label: str
    shape: tuple[int, ...]
    is_long: bool
    widest: float  # of its numbers, in sizes of their letters
    coming: list[float]  # fractions that it will hold; all of its numbers have as many decimals as any has room for
    is_grey: bool
    is_quiet: bool  # it stands small beside the others
    maps: list[tuple[str, list[list[Cell]]]]

    @property
    def is_large(self) -> bool:
        return _is_large(self.shape)


@dataclass(frozen=True)
class Picture:
    """What the stage shows after k steps."""

    k: int
    caption: str
    has_plot: bool
    panels: list[Panel]


def picture_of(run: Run, outline: Outline) -> Picture | None:
    """The moment that the page opens at: the first at which a cell is worked out beat by beat, or the first of all.

    There is none of a walk without steps, nor of arrays with too many cells.
    """
    steps = list(islice(run.steps(), BLOCK))
    beat = next((number for number, step in enumerate(steps) if step.level >= BEAT), None)
    done = (number for number, step in enumerate(steps) if step.level < BEAT and beat is not None and number > beat)
    k = next(done, beat or 0) + 1
    found = next(((chapter, one) for chapter in outline.chapters for one in chapter.scenes if k <= one.stop), None)
    if found is None:
        return None
    chapter, scene = found
    if sum(outline.start[name].size for _, name in scene.arrays) > MOST_CELLS:
        return None
    begun, now = Moment(outline, steps[: scene.first]), Moment(outline, steps[:k])
    lit = steps[k - 1 : k] if steps[k - 1].accesses else [steps[number] for number in span(steps, k - 1)]
    source = next(source for source in outline.sources if source.name == scene.source)
    is_picture = any(_is_large(outline.start[name].shape) for _, name in scene.arrays)

    def panel(name: str, parameters: list[str]) -> Panel:
        scale, role = outline.scales[name] or COLOURLESS, outline.roles[name]
        held = (*begun.arrays[name].flat, *(outline.end[name].flat if source.writes.intersection(parameters) else ()))
        of_scale = scale if is_picture and role == "scratch" else ()  # what it will hold is not known
        shown = {tidy(float(value)) for value in (*held, *of_scale)}
        long = any(map(is_long, shown))
        return Panel(
            name=name,
            alias="" if parameters[0] == name else parameters[0],
            role=role,
            label=outline.labels[name],
            shape=now.arrays[name].shape,
            is_long=long,
            widest=max(map(width, shown)),
            coming=sorted(value for value in shown if isfinite(value) and value % 1) if long else [],
            is_grey=scale.low == 0,
            is_quiet=quiet(source).issuperset(parameters),
            maps=maps(_cells(now, name, scale, lit)),
        )

    names: dict[str, list[str]] = {}
    for parameter, name in scene.arrays:
        names.setdefault(name, []).append(parameter)
    panels = [panel(*named) for named in names.items()]
    return Picture(k, steps[k - 1].caption, outline.has_plot(chapter, scene), panels)


def maps(array: np.ndarray) -> list[tuple[str, list[list[Any]]]]:
    """An array as tables of rows and columns, each with the indices of its map."""
    outer, sides = array.shape[:-2], array.shape[-2:] if array.ndim > 1 else (array.size, 1)
    tables = array.reshape(-1, *sides).tolist()
    return [(str(list(index)) if outer else "", table) for index, table in zip(np.ndindex(outer), tables, strict=True)]


def _cells(moment: Moment, name: str, scale: Scale, lit: Sequence[Step]) -> np.ndarray:
    """The cells of an array, in its shape."""
    shape = moment.arrays[name].shape
    in_maps = (-1, *(shape[-2:] if len(shape) > 1 else (*shape, 1)))
    values, known, filled = (one[name].reshape(in_maps) for one in (moment.arrays, moment.known, moment.filled))
    accesses = [access for step in lit for access in step.accesses if access.array == name]
    marked = {}
    for mark, is_write in (("read", False), ("write", True)):
        mask = np.zeros(shape, bool)
        for access in accesses:
            mask[cells(access.box)] |= (access.values is not None) == is_write
        marked[mark] = np.pad(mask.reshape(in_maps), ((0, 0), (1, 1), (1, 1)))

    def cell(one: int, i: int, j: int) -> Cell:
        value = float(values[one, i, j])
        told = tidy(value)
        looks = {"negative": value < 0, "filled": filled[one, i, j], "rounded": is_rounded(told)}
        around = {mark: mask[one, i : i + 3, j : j + 3] for mark, mask in marked.items() if mask[one, i + 1, j + 1]}
        sides = [(mark, [side for side, at in SIDES.items() if not near[at]]) for mark, near in around.items()]
        return Cell(
            told if known[one, i, j] else None,
            _share(value, scale),
            " ".join(look for look, has_it in looks.items() if has_it),
            [" ".join([mark, *edge]) for mark, edge in sides if edge],
        )

    found = np.empty(values.shape, object)
    for at in np.ndindex(values.shape):
        found[at] = cell(*at)
    return found.reshape(shape)


def _share(value: float, scale: Scale) -> float:
    """How far a number is on its way to the full colour, as static/say/look.js has it: in percent, of two colours."""
    size = value / scale.high if isfinite(value) else 0.0  # an infinity has no size
    if scale.low == 0:
        return round(100 * min(1.0, max(0.0, size)), 2)
    return round(200 * min(1.0, cbrt(abs(size))), 2)  # the cube root lets small numbers be seen beside large ones


def _is_large(shape: Sequence[int]) -> bool:
    return len(shape) > 1 and max(shape[-2:]) > READ
