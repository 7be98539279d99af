"""A run as a Plotly figure with frames: the boards of each chapter as heatmaps, what was read and written as outlines.

The figure is made as JSON, frame by frame, so that its bytes are bounded while it grows, and Plotly's own package is
not needed for it. Three things of Plotly decide its form:

- A frame is laid over whatever is shown. So that one can go to any frame from any other, each has all arrays that its
  chapter writes, and stands on a base that has those that the chapter only reads; a chapter's base is sent once.
- The shapes of a frame are merged by their place, so there are always the same three: what is read, what is written,
  and the ground of cells that are not known yet.
- Heatmaps go away if a frame is not drawn anew (`redraw`), and a shape that is left out keeps its last path.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import orjson

from app.figures import colours
from app.figures.derivation import Derivations
from app.figures.heatmap import placed, written
from app.figures.layout import controls, layout
from app.figures.lit import Lit
from app.figures.scenery import Scenery
from app.figures.title import title
from app.ground import limits
from app.ground.words import Words
from core.catalog import Run
from core.offer.settings import SettingError
from core.recording.moment import Moment
from core.recording.trace import CELL, CHAPTER, MAP, Access, Outline, Step

STOPS = {"cell": CELL, "map": MAP, "chapter": CHAPTER}  # the coarsest pace has the lowest level

_HIDDEN = {"type": "heatmap", "visible": False}


@dataclass(frozen=True)
class Film:
    """How a run is to be shown: how often to stop, in which language, and in the light or the dark colours."""

    stop: str
    words: Words
    theme: str

    def __post_init__(self) -> None:
        if self.stop not in STOPS:
            raise SettingError("stop", "{setting} must be one of {choices}", choices=", ".join(STOPS))
        colours.theme(self.theme)

    def of(self, run: Run) -> Generator[None, None, bytes]:
        """The figure as JSON (data, layout, frames). It pauses after each step, so that whoever waits can leave.

        Above a limit it is a SettingError: of the steps at once, of frames and bytes as soon as they are too many.
        """
        cost = run.layer.whole_cost(run.algorithm.name, run.settings)
        if cost.steps > limits.FIGURE_STEPS:
            template = "this would take {steps} steps, and a figure is made of at most {limit}: choose smaller sizes"
            raise SettingError("stop", template, steps=cost.steps, limit=limits.FIGURE_STEPS)
        for _ in run.lead_up():
            yield
        told = yield from run.outlining()
        reel = _Reel(self, told)
        for number, step in enumerate(run.steps(), start=1):
            reel.take(number, step)
            yield
        return reel.whole()


class _Reel:
    """The frames of a run, as far as it has gone on."""

    def __init__(self, film: Film, told: Outline) -> None:
        self._film, self._told = film, told
        self._colours = colours.theme(film.theme)
        self._moment, self._derivations = Moment(told), Derivations(told)
        self._sets = [Scenery(told, chapter) for chapter in told.chapters] or [Scenery(told, None)]
        self._at = 0  # the chapter
        self._names = [name for name in told.start if name in told.used]
        self._numbers = {name: number for number, name in enumerate(self._names)}
        self._lit = {level: Lit(told) for level in sorted(STOPS.values())}
        self._fresh: list[Access] = []
        self._bases: list[bytes] = []
        self._frames: list[bytes] = []
        self._steps: list[str] = []  # the names of the frames
        self._size = 0
        self._begin()
        self._data = orjson.dumps(self._first_data())
        self._add(0, f"<b>{escape(self._title())}</b> · {escape(film.words('figure.start'))}", {})

    def take(self, number: int, step: Step) -> None:
        """Go on by one step, the one of that number."""
        if self._at + 1 < len(self._sets) and number > self._sets[self._at].stop:
            self._at += 1
            self._begin()
        self._moment.take(step)
        self._derivations.take(step)
        self._fresh += step.accesses
        is_last = number == self._told.steps
        if step.level <= STOPS[self._film.stop] or is_last:
            said = title(self._title(), step, self._moment, self._derivations.cell(), self._film.words)
            self._add(number, said, self._light(step.level))

    def whole(self) -> bytes:
        """All of the figure."""
        said = orjson.loads(self._frames[0])["layout"]["title"]["text"]
        fixed = layout(self._sets[0], said, self._axes(), self._colours)
        fixed |= controls(self._film.stop, self._steps, self._film.words, self._colours)
        parts = (b'{"data":', self._data, b',"layout":', orjson.dumps(fixed), b',"frames":[')
        return b"".join((*parts, b",".join((*self._bases, *self._frames)), b"]}"))

    # --- what a frame is made of ----------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Keep how a chapter begins, for all of its frames to stand on."""
        here = self._sets[self._at]
        traces = [*range(len(self._names)), len(self._names)]
        data = [self._board(name) if name in here.plane.boards else _HIDDEN for name in self._names]
        if len(self._sets) > 1:
            base = {"name": f"base {self._at}", "group": "bases", "data": [*data, here.names()], "traces": traces}
            self._bases.append(self._bounded({**base, "layout": {"shapes": [{}, {}, here.ground]}}))

    def _add(self, number: int, said: str, lit: Mapping[str, str]) -> None:
        here = self._sets[self._at]
        shapes = [{"visible": True, "path": lit[kind]} if lit.get(kind) else {"visible": False} for kind in Lit.KINDS]
        written = [name for name in self._names if name in here.written]
        frame: dict[str, Any] = {"name": str(number), "group": "steps"}
        if self._bases:
            frame["baseframe"] = f"base {self._at}"
        frame["data"] = [self._cells(name) for name in written]
        frame["traces"] = [self._numbers[name] for name in written]
        frame["layout"] = {"title": {"text": said}, "shapes": shapes}
        self._frames.append(self._bounded(frame))
        self._steps.append(str(number))
        if len(self._frames) > limits.FIGURE_FRAMES:
            template = "this figure would have more than {limit} frames: stop less often, or choose smaller sizes"
            raise SettingError("stop", template, limit=limits.FIGURE_FRAMES)

    def _bounded(self, frame: dict[str, Any]) -> bytes:
        packed = orjson.dumps(frame)
        self._size += len(packed)
        if self._size > limits.FIGURE_BYTES:
            template = "this figure would have more than {limit} bytes: stop less often, or choose smaller sizes"
            raise SettingError("stop", template, limit=limits.FIGURE_BYTES)
        return packed

    def _cells(self, name: str) -> dict[str, Any]:
        """The numbers of a board as they are now."""
        table = self._sets[self._at].plane.boards[name].table
        return written(table, self._moment.arrays[name], self._moment.known[name])

    def _board(self, name: str) -> dict[str, Any]:
        return {**placed(name, self._sets[self._at].plane.boards[name]), **self._cells(name)}

    def _title(self) -> str:
        return self._film.words(self._sets[self._at].name.replace("_", " "))

    def _light(self, level: int) -> dict[str, str]:
        """Paths around what was read and written since the frame before; or, where a step only sums up, since the last
        one that was as coarse.
        """
        fresh = Lit(self._told)
        fresh.add(self._fresh)
        shown = fresh if self._fresh else self._lit[max(level, CHAPTER)] if level in self._lit else fresh
        paths = shown.paths(self._sets[self._at].plane.boards)
        for other, lit in self._lit.items():
            lit.join(fresh)
            if other >= level:
                lit.clear()
        self._fresh = []
        return paths

    # --- what stays as it is -----------------------------------------------------------------------------------------

    def _first_data(self) -> list[dict[str, Any]]:
        here = self._sets[self._at]
        axes = {scale: axis for axis, scale in self._axes().items()}
        data = []
        for name in self._names:
            board = self._board(name) if name in here.plane.boards else _HIDDEN
            usual = {"name": name, "coloraxis": axes[self._told.scales[name]]}
            data.append({**usual, "texttemplate": "%{text}", "hoverongaps": False, **board})
        font = {"size": 12, "color": self._colours["soft"]}
        usual = {"type": "scatter", "mode": "text", "textposition": "middle right", "hoverinfo": "skip"}
        return [*data, {**usual, "textfont": font, "cliponaxis": False, **here.names()}]

    def _axes(self) -> dict[str, Any]:
        """Each scale on which numbers are seen, by the name of its colour axis."""
        scales = dict.fromkeys(self._told.scales[name] for name in self._names)
        return {f"coloraxis{'' if not at else at + 1}": scale for at, scale in enumerate(scales)}
