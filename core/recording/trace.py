"""What a watched run leaves behind: the arrays it began with, and every step it took.

A moment is never stored: it is the start plus the writes of the steps before it, here and in the browser alike.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import Any, NamedTuple, TypeVar

import numpy as np

from core.recording.scale import Scale, scales
from core.text.attention import quiet
from core.text.expression import adds_up, statements
from core.text.source import Place, Source

Found = TypeVar("Found")

Arrays = dict[str, np.ndarray]
Box = tuple[tuple[int, int, int], ...]  # for each axis start, stop and step, as `range` takes them

LoopValue = int | tuple[int, ...] | str  # a slice is told as Python writes it: 0:3

CHAPTER = 1  # the level of the step that ends a chapter: the coarsest pace
MAP = 2
CELL = 3
BEAT = 4


class Access(NamedTuple):
    """One read or write of an array: which cells, and the expression that asked for them."""

    place: Place
    array: str
    box: Box
    values: tuple[float, ...] | None  # what was written, in row-major order of the box; None for a read


class Frame(NamedTuple):
    """One suspended function: where it stands, and whether it is the same call as in the step before."""

    source: str
    line: int
    call: int  # numbers the calls of a run in the order in which they began
    arrays: tuple[tuple[str, str], ...]  # what its parameters stand for: (parameter, array), in their order


Pause = tuple[str, tuple[Frame, ...]]  # its caption, and the suspended functions, outermost first


class Step(NamedTuple):
    """What happened between two pauses."""

    caption: str
    level: int  # how fine the pause is: CHAPTER, MAP, CELL, BEAT, or finer still
    stack: tuple[Frame, ...]  # the suspended functions, outermost first
    loop: dict[str, LoopValue]  # the loop variables of the innermost one
    accesses: tuple[Access, ...]

    @property
    def chapter(self) -> Frame:
        return chapter_of(self.stack)


def chapter_of(stack: tuple[Frame, ...]) -> Frame:
    """The outermost call that a pause stands in; an algorithm that makes none is a chapter of its own."""
    return stack[min(1, len(stack) - 1)]


@dataclass(frozen=True)
class Scene:
    """The steps of one call of one innermost function: what the stage is set for."""

    source: str
    arrays: tuple[tuple[str, str], ...]  # (parameter, array), in the order in which data flows through the function
    first: int  # its steps are first <= k < stop, counted from 0
    stop: int


@dataclass(frozen=True)
class Chapter:
    """The steps of one outermost call, such as all of `correlate`."""

    name: str
    source: str
    first: int
    stop: int
    scenes: tuple[Scene, ...]


def _plain(value: Any) -> Any:
    """What tuples and dataclasses hold, as lists and dicts."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, Chapter | Scene):
        return {name: _plain(part) for name, part in vars(value).items()}
    return list(map(_plain, value)) if isinstance(value, tuple) else value


def numbers(array: np.ndarray) -> Any:
    """An array as nested lists that JSON can carry: NaN and the infinities travel as strings."""
    if np.isfinite(array).all():
        return array.tolist()
    if array.ndim == 0:
        return str(float(array)).replace("inf", "Infinity").replace("nan", "NaN")
    return [numbers(part) for part in array]


@dataclass(frozen=True)
class Outline:
    """What is known of a run before its steps are: found by running it once on plain arrays."""

    layer: str
    algorithm: str
    settings: dict[str, Any]
    start: Arrays
    end: Arrays
    roles: dict[str, str]
    labels: dict[str, str]
    fills: dict[str, str]  # what a cell is that was filled with a constant and stays so: padding, inserted, or nothing
    axes: dict[str, tuple[str, ...]]  # what the axes of each array are called
    given: frozenset[str]  # the arrays that the run begins with; the others are computed, by it or before it
    sources: tuple[Source, ...]  # in the order in which they first ran
    captions: tuple[str, ...]
    chapters: tuple[Chapter, ...]
    used: frozenset[str]  # the arrays that any function of the run takes
    computed: frozenset[str]  # those that one of them writes
    formula: list[dict[str, object]]  # the size of the output: label, symbols, numbers and value, for each axis
    steps: int
    curves: Mapping[str, Mapping[str, Arrays]] = field(default_factory=dict)  # by source, and by the array it is of

    @cached_property
    def scales(self) -> dict[str, Scale | None]:
        """On which scale the numbers of each used array are seen; None for positions and counts."""
        texts = {source.name: source for source in self.sources}
        scenes = [(texts[scene.source], scene.arrays) for chapter in self.chapters for scene in chapter.scenes]
        used = dict(self._used())
        return scales(used, self.end, self.roles, scenes)

    def header(self, numbers: Callable[[np.ndarray], Any] = numbers) -> dict[str, Any]:
        """The first line of a stream, ready for JSON.

        It names the arrays that the run uses; one is `known` from the start unless the run computes it. `numbers` is
        how the cells of an array are written: nested lists, unless the caller knows a shorter way to the same JSON.
        """
        return {
            "layer": self.layer,
            "algorithm": self.algorithm,
            "settings": self.settings,
            "arrays": [
                {
                    "name": name,
                    "shape": list(start.shape),
                    "known": name in self.given or name not in self.computed,
                    "role": self.roles[name],
                    "label": self.labels[name],
                    "fill": self.fills[name],
                    "axes": list(self.axes[name]),
                    "scale": list(self.scales[name] or ()) or None,
                    "start": numbers(start),
                    "end": numbers(self.end[name]),
                }
                for name, start in self._used()
            ],
            "sources": [
                {
                    "name": source.name,
                    "doc": source.doc,
                    "first": source.first,
                    "body": source.body,
                    "lines": list(source.lines),
                    "reads": sorted(source.reads),
                    "writes": sorted(source.writes),
                    "quiet": sorted(quiet(source)),
                    "statements": _plain(statements(source)),
                }
                | self._plot(source)
                for source in self.sources
            ],
            "captions": list(self.captions),
            "chapters": [_plain(chapter) | {"adds_up": self.adds_up(chapter)} for chapter in self.chapters],
            "formula": self.formula,
            "steps": self.steps,
        }

    def _plot(self, source: Source) -> dict[str, Any]:
        """What is plotted of a function, if it declares that: a kind, its parameters, and the points of its curves."""
        if not source.plot:
            return {}
        curves = self.curves.get(source.name, {})
        told = {array: {axis: numbers(cells) for axis, cells in curve.items()} for array, curve in curves.items()}
        return {"plot": {"kind": source.plot.kind, **_plain(source.plot.arrays)} | ({"curves": told} if told else {})}

    def has_plot(self, chapter: Chapter, scene: Scene) -> bool:
        """Whether there is something to plot of a scene: what its function declares, or the sums of its chapter."""
        declares = any(source.plot for source in self.sources if source.name == scene.source)
        return declares or self.adds_up(chapter)

    def adds_up(self, chapter: Chapter) -> bool:
        """Whether a sum is computed in a chapter, as the text of its functions has it."""
        names = {scene.source for scene in chapter.scenes}
        return any(adds_up(source) for source in self.sources if source.name in names)

    def encoder(self) -> Callable[[Step], list[Any]]:
        """A function that packs a step of this run for JSON: names become their numbers in the header.

        A packed step is `[caption, level, [[source, line], ...], loop, accesses]`, an access
        `[source, line, first column, last column + 1, array, box]` and, for a write, `values`; a box is flat:
        start, stop and step of each axis in turn.
        """
        captions = {caption: number for number, caption in enumerate(self.captions)}
        arrays = {name: number for number, (name, _) in enumerate(self._used())}
        sources = {source.name: number for number, source in enumerate(self.sources)}

        def encode(step: Step) -> list[Any]:
            accesses: list[Any] = []
            for (source, line, first, last), array, box, values in step.accesses:
                packed = [sources[source], line, first, last, arrays[array], [edge for axis in box for edge in axis]]
                accesses.append(packed if values is None else [*packed, finite(values)])
            stack = [[sources[frame.source], frame.line] for frame in step.stack]
            return [captions[step.caption], step.level, stack, step.loop, accesses]

        return encode

    def _used(self) -> list[tuple[str, np.ndarray]]:
        return [(name, start) for name, start in self.start.items() if name in self.used]


@dataclass(frozen=True)
class Trace:
    """A finished recording. Any moment of it is `start` plus the writes of the first k steps.

    >>> trace = core.record("conv2d")
    >>> trace.snapshot(len(trace.steps))["y"].shape
    (2, 3, 3)
    """

    outline: Outline
    steps: tuple[Step, ...]

    @property
    def start(self) -> Arrays:
        """Every array by name, as it was before the first step."""
        return self.outline.start

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The outermost calls, in the order in which they ran."""
        return self.outline.chapters

    def snapshot(self, k: int) -> Arrays:
        """The arrays after k steps: 0 is the start, `len(steps)` the end. Any other k is a ValueError."""
        if not 0 <= k <= len(self.steps):
            raise ValueError(f"a snapshot is of 0 to {len(self.steps)} steps, got {k}")
        arrays = {name: array.copy() for name, array in self.start.items()}
        for step in self.steps[:k]:
            replay(step, arrays)
        return arrays

    def span(self, k: int) -> range:
        """The steps that the k-th step (counted from 0) sums up: all since the last one as coarse as it is."""
        return span(self.steps, k)

    def as_dict(self) -> dict[str, Any]:
        """Plain lists and dicts, ready for JSON: what the stream sends, in one piece."""
        return {"header": self.outline.header(), "steps": list(map(self.outline.encoder(), self.steps))}


def span(steps: Sequence[Step], k: int) -> range:
    """The steps that the k-th step sums up: all since the last one at its level or a coarser one."""
    before = k - 1
    while before >= 0 and steps[before].level > steps[k].level:
        before -= 1
    return range(before + 1, k + 1)


def replay(step: Step, arrays: Arrays) -> None:
    """Apply the writes of one step to the arrays, in place."""
    for access in step.accesses:
        if access.values is not None:
            # Twice as quick as an index of cells. A slice that ends before the first cell has no end.
            at = tuple(slice(start, None if stop < 0 else stop, step) for start, stop, step in access.box)
            arrays[access.array][at] = np.reshape(access.values, box_shape(access.box))


def cells(box: Box) -> tuple[np.ndarray, ...]:
    """An index that picks just the cells of a box."""
    return np.ix_(*(np.arange(*axis) for axis in box))


def box_shape(box: Box) -> tuple[int, ...]:
    """How many cells a box has along each axis."""
    return tuple(len(range(*axis)) for axis in box)


Calls = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # of each its source, and (parameter, array)


@dataclass(frozen=True)
class Outlined:
    """What a run leaves behind when nobody keeps its steps; names are in order of appearance."""

    chapters: tuple[Chapter, ...]
    calls: Calls  # of every kind
    captions: tuple[str, ...]
    steps: int


def outlining(pauses: Iterable[Pause]) -> Generator[None, None, Outlined]:
    """Go through the pauses of a run and keep their outline; after each, whoever goes through them may rest or stop."""
    calls: dict[tuple[str, tuple[tuple[str, str], ...]], None] = {}
    captions: dict[str, None] = {}
    chapters: list[tuple[Frame, list[tuple[Frame, int]]]] = []  # each with its scenes and where they begin
    count = 0
    stack: tuple[Frame, ...] = ()
    for count, (caption, now) in enumerate(pauses, start=1):
        yield
        captions[caption] = None
        if now is stack:  # as at most pauses: nothing was called and nothing ended
            continue
        stack = now
        calls.update(((frame.source, frame.arrays), None) for frame in stack)
        if not chapters or chapters[-1][0].call != chapter_of(stack).call:
            chapters.append((chapter_of(stack), []))
        scenes = chapters[-1][1]
        if not scenes or scenes[-1][0].call != stack[-1].call:
            scenes.append((stack[-1], count - 1))
    return Outlined(tuple(_chapters(chapters, count)), tuple(calls), tuple(captions), count)


def finished(search: Generator[Any, None, Found]) -> Found:
    """What a generator returns once it has been gone through."""
    while True:
        try:
            next(search)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def _chapters(begun: list[tuple[Frame, list[tuple[Frame, int]]]], count: int) -> Iterator[Chapter]:
    stops = [scenes[0][1] for _, scenes in begun[1:]] + [count]
    for (frame, begun_scenes), stop in zip(begun, stops, strict=bool(begun)):
        scene_stops = [first for _, first in begun_scenes[1:]] + [stop]
        scenes = tuple(
            Scene(scene.source, scene.arrays, first, scene_stop)
            for (scene, first), scene_stop in zip(begun_scenes, scene_stops, strict=True)
        )
        yield Chapter(frame.source.rpartition(".")[2], frame.source, scenes[0].first, stop, scenes)


def finite(values: Sequence[float]) -> Any:
    """Numbers that JSON can carry, in their order."""
    # One sum tells whether every number is finite, without a look at each: a NaN or an infinity would survive it.
    return values if isfinite(sum(values)) else numbers(np.asarray(values))
