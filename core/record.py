"""Run an algorithm on arrays that remember how they were used.

An algorithm is a generator function over arrays: the plain textbook loop. It only indexes them, and yields a caption
wherever a reader should pause. On plain arrays it just computes; on watched arrays every read and write is logged
with the expression that caused it. The function under test and the function on the screen are the same function.
"""

import functools
import inspect
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from types import CodeType, FrameType
from typing import Any, NoReturn

import numpy as np

from core.source import AlgorithmError, Formula, Place, Source
from core.trace import CHAPTER, MAP, Access, Arrays, Box, Frame, LoopValue, Step

Running = Generator[str, None, Any]  # an algorithm under way; what it returns is for the one that calls it

Log = list[tuple[Access, FrameType]]  # each access with the call that made it

_SOURCES: dict[CodeType, Source] = {}  # of every function marked @algorithm, so that a frame finds its text


def source_named(name: str) -> Source:
    """The text of a marked function by its name, such as conv.correlate."""
    return next(source for source in _SOURCES.values() if source.name == name)


def sources() -> tuple[Source, ...]:
    """The text of every marked function."""
    return tuple(_SOURCES.values())


@dataclass(frozen=True, eq=False, repr=False)
class Algorithm:
    """A generator function, its text, and the algorithms whose results it starts from.

    >>> @algorithm()
    ... def double(x, y):
    ...     '''Twice the input.'''
    ...     for i in range(x.shape[0]):
    ...         y[i] = 2 * x[i]
    ...         yield "double one cell"
    >>> [step.caption for step in double.steps({"x": np.arange(2.0), "y": np.zeros(2)})]
    ['double one cell', 'double one cell']

    Parameters before the `*` are arrays and are found by name; those after it are settings.
    """

    function: Callable[..., Running]
    source: Source
    after: tuple["Algorithm", ...]

    @property
    def name(self) -> str:
        return self.function.__name__

    def __call__(self, *args: Any, **kwargs: Any) -> Running:
        """Begin it, as `yield from` inside another algorithm does."""
        return self.function(*args, **kwargs)

    def run(self, arrays: Arrays, **settings: Any) -> None:
        """Run to the end on the arrays themselves, unwatched."""
        for _ in self.running(arrays, **settings):
            pass

    def running(self, arrays: Arrays, **settings: Any) -> Running:
        """Begin it on the arrays themselves, unwatched: whoever goes through its pauses may stop at any."""
        return self.function(**self._arguments(arrays, settings))

    def steps(self, arrays: Arrays, *, watch: bool = True, **settings: Any) -> Generator[Step]:
        """Run on the arrays themselves and give each step as soon as the next one, or the end, is reached.

        Unwatched steps have no accesses and are quicker to come by. What breaks the rules for algorithms is an
        AlgorithmError that names the function and the line.
        """
        log: Log = []
        arguments = self._arguments(arrays, settings)
        named: dict[str, Any] = {name: value for name, value in arguments.items() if isinstance(value, np.ndarray)}
        if watch:
            named = {name: Watched(name, array, log) for name, array in named.items()}
        names = {id(array): name for name, array in named.items()}
        return _steps(self.function(**{**arguments, **named}), log, names)

    @functools.cached_property
    def parameters(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.function).parameters)

    def _arguments(self, arrays: Arrays, settings: Mapping[str, Any]) -> dict[str, Any]:
        known = {**settings, **arrays}
        missing = [name for name in self.parameters if name not in known]
        if missing:
            where = f"{self.source.name}, line {self.source.first}"
            raise AlgorithmError(f"{where}: it takes {', '.join(missing)}, which is neither array nor setting")
        return {name: known[name] for name in self.parameters}


def algorithm(*after: Algorithm, formula: Formula = "") -> Callable[[Callable[..., Running]], Algorithm]:
    """Mark a generator function as an algorithm; when it is opened alone, those it comes after are run first.

    Its formula is LaTeX in which arrays and loop variables are named: core.formula tells how. Where it is another one
    with other settings, it is a function of them.
    """

    def mark(function: Callable[..., Running]) -> Algorithm:
        if not inspect.isgeneratorfunction(function):
            where = f"{function.__qualname__}, line {function.__code__.co_firstlineno}"
            raise AlgorithmError(f"{where}: it must yield a caption wherever a reader should pause")
        source = _SOURCES[function.__code__] = Source.of(function, formula)
        return Algorithm(function, source, after)

    return mark


def ancestry(last: Algorithm) -> tuple[Algorithm, ...]:
    """All that must have run before an algorithm can be opened alone, in order, without repeats."""
    ordered: dict[Algorithm, None] = {}
    for earlier in last.after:
        ordered |= dict.fromkeys(ancestry(earlier)) | {earlier: None}
    return tuple(ordered)


class Watched:
    """An array that logs every use. Indexing and `.shape` are all it offers, so no use goes unseen."""

    __slots__ = ("_array", "_log", "_name")

    def __init__(self, name: str, array: np.ndarray, log: Log) -> None:
        self._name, self._array, self._log = name, array, log

    @property
    def shape(self) -> tuple[int, ...]:
        return self._array.shape

    def __getitem__(self, key: Any) -> Any:
        frame = sys._getframe(1)
        place, box = self._locate(key, frame)
        self._log.append((Access(place, self._name, box, None), frame))
        value = self._array[key]
        if isinstance(value, np.ndarray):
            # What is read stays what NumPy gives, a view, or watching would change results. A write to it would go
            # unseen, but for the one that a += makes, which is written here at once.
            value.flags.writeable = _SOURCES[frame.f_code].is_updated(place)
        return value

    def __setitem__(self, key: Any, value: Any) -> None:
        frame = sys._getframe(1)
        if isinstance(value, Watched):
            value._refuse("is written whole; write [:] behind it to read its cells", frame)  # noqa: SLF001 - our own
        place, box = self._locate(key, frame)
        self._array[key] = value
        written = self._array[key]
        values = tuple(written.ravel().tolist()) if isinstance(written, np.ndarray) else (written.item(),)
        self._log.append((Access(place, self._name, box, values), frame))

    def _locate(self, key: Any, frame: FrameType) -> tuple[Place, Box]:
        """The expression that uses the array just now, and the cells that it asks for."""
        source = _SOURCES.get(frame.f_code)
        if source is None:
            where = f"{frame.f_code.co_qualname}, line {frame.f_lineno}"
            raise AlgorithmError(
                f"{where}: {self._name} is watched, and this function is not marked @algorithm(); mark it, or hand it "
                f"plain numbers such as {self._name}[:]"
            )
        place = source.place(frame.f_lasti, frame.f_lineno)
        if source.is_alias(place):
            raise AlgorithmError(
                f"{source.name}, line {place.line}: {source.text(place)}: an array is indexed by the name of its "
                "parameter, or nobody could tell from the text what it is"
            )
        try:
            return place, _box(key, self._array.shape)
        except (TypeError, IndexError, ValueError) as error:
            raise AlgorithmError(
                f"{source.name}, line {place.line}: {source.text(place)}: {error} (the shape is {self._array.shape})"
            ) from None

    def _refuse(self, what: str, frame: FrameType) -> NoReturn:
        asking: FrameType | None = frame
        while asking is not None and asking.f_code not in _SOURCES:  # NumPy may have asked in between
            asking = asking.f_back
        frame = asking or frame
        source = _SOURCES.get(frame.f_code)
        name = source.name if source else frame.f_code.co_qualname
        raise AlgorithmError(f"{name}, line {frame.f_lineno}: {self._name} {what}")

    def __getattr__(self, name: str) -> NoReturn:
        self._refuse(f"is watched and has no .{name}: it offers [] and .shape, nothing else", sys._getframe(1))


def _refused(name: str) -> Callable[..., NoReturn]:
    def refuse(self: Watched, *_: Any, **__: Any) -> NoReturn:
        self._refuse("is used whole; write [:] behind it, so that the reader sees its cells read", sys._getframe(1))

    refuse.__name__ = name
    return refuse


# Python looks these up on the class, past __getattr__; without them an operator would fail with a message about types,
# and a loop or a NumPy function would fall back on reading cell by cell.
for _operator in "add sub mul truediv floordiv mod divmod pow matmul and or xor lshift rshift".split():
    for _side in ("", "r", "i"):
        setattr(Watched, f"__{_side}{_operator}__", _refused(f"__{_side}{_operator}__"))
for _operator in "neg pos abs invert lt le eq ne gt ge len iter contains bool float int index array str format".split():
    setattr(Watched, f"__{_operator}__", _refused(f"__{_operator}__"))
for _operator in ("__array_ufunc__", "__array_function__", "__delitem__"):
    setattr(Watched, _operator, _refused(_operator))


def _box(key: Any, shape: tuple[int, ...]) -> Box:
    """The cells that an index picks, axis by axis; whole numbers and slices alone pick a box."""
    keys = key if isinstance(key, tuple) else (key,)
    if len(keys) > len(shape):
        raise IndexError(f"{len(keys)} indices, but {len(shape)} axes")
    axes = []
    for part, size in zip(keys, shape, strict=False):
        if isinstance(part, slice):
            axes.append(part.indices(size))
        elif isinstance(part, int | np.integer) and not isinstance(part, bool):
            if not -size <= part < size:
                raise IndexError(f"index {part} is outside of an axis of {size}")
            at = int(part) % size
            axes.append((at, at + 1, 1))
        else:
            raise TypeError(f"an index is a whole number or a slice, not {type(part).__name__}")
    axes += [(0, size, 1) for size in shape[len(keys) :]]
    return tuple(axes)


def _steps(running: Running, log: Log, names: Mapping[int, str]) -> Generator[Step]:
    """Each step is held back until the next pause, for only then is it known whether it ended its chapter."""
    held: Step | None = None
    calls: list[tuple[FrameType, Frame]] = []
    begun = 0
    places: dict[tuple[int, ...], tuple[tuple[Frame, ...], int]] = {}  # stack and level, by the lines the calls are at
    try:
        for caption in running:
            frames = list(_frames(running))
            if frames != [frame for frame, _ in calls]:
                same = sum(1 for _ in takewhile(_is_same, zip(frames, calls, strict=False)))
                calls = calls[:same] + [
                    (frame, _begin(frame, begun + number, names)) for number, frame in enumerate(frames[same:])
                ]
                begun += len(frames) - same
                places.clear()
            lines = tuple([frame.f_lineno for frame in frames])
            if lines not in places:
                places[lines] = _stack(calls), _level(frames)
            stack, level = places[lines]
            step = Step(_caption(caption, frames[-1]), level, stack, _loop(frames[-1]), _accesses(log, frames))
            log.clear()
            if held:
                goes_on = held.stack is stack or held.chapter.call == step.chapter.call
                yield held if goes_on else held._replace(level=CHAPTER)
            held = step
    finally:
        running.close()
    if log:
        raise AlgorithmError(_after_the_last_pause(log[-1][0]))
    if held:
        yield held._replace(level=CHAPTER)


def _frames(running: Any) -> Iterator[FrameType]:
    """The suspended frames, outermost first, following `yield from`."""
    while inspect.isgenerator(running) and running.gi_frame is not None:
        yield running.gi_frame
        running = running.gi_yieldfrom


def _is_same(pair: tuple[FrameType, tuple[FrameType, Frame]]) -> bool:
    return pair[0] is pair[1][0]


def _begin(frame: FrameType, call: int, names: Mapping[int, str]) -> Frame:
    source = _SOURCES.get(frame.f_code)
    if source is None:
        raise AlgorithmError(
            f"{frame.f_code.co_qualname}, line {frame.f_lineno}: it pauses but is not marked @algorithm()"
        )
    parameters = frame.f_code.co_varnames[: frame.f_code.co_argcount]
    arguments = ((name, names.get(id(frame.f_locals.get(name)))) for name in parameters)
    return Frame(source.name, frame.f_lineno, call, tuple((name, array) for name, array in arguments if array))


def _stack(calls: list[tuple[FrameType, Frame]]) -> tuple[Frame, ...]:
    return tuple(called._replace(line=frame.f_lineno) for frame, called in calls)


def _level(frames: list[FrameType]) -> int:
    """Every loop around a pause, in all the functions that are suspended, makes it finer; its end makes it coarser."""
    loops = sum(_SOURCES[frame.f_code].depth(frame.f_lineno) for frame in frames)
    return MAP + loops - _SOURCES[frames[-1].f_code].ends_iteration(frames[-1].f_lineno)


def _caption(yielded: object, frame: FrameType) -> str:
    if not isinstance(yielded, str):
        where = f"{_SOURCES[frame.f_code].name}, line {frame.f_lineno}"
        raise AlgorithmError(f"{where}: a pause yields its caption, got {yielded!r}")
    return yielded


def _accesses(log: Log, frames: list[FrameType]) -> tuple[Access, ...]:
    for access, made_by in log:
        if made_by not in frames:
            raise AlgorithmError(_after_the_last_pause(access))
    return tuple([access for access, _ in log])


def _after_the_last_pause(access: Access) -> str:
    place = access.place
    return f"{place.source}, line {place.line}: {access.array} is used after the last pause, where no step shows it"


@functools.cache
def _loop_names(code: CodeType, line: int) -> tuple[str, ...]:
    """The names that can be loop variables at a line: lower case and no parameters (sizes are in capitals).

    What the text assigns further down only is left over from the iteration before, and would mislead.
    """
    local = code.co_varnames[code.co_argcount + code.co_kwonlyargcount :]
    assigned = _SOURCES[code].assigned
    return tuple(name for name in local if name.islower() and assigned.get(name, line) <= line)


def _loop(frame: FrameType) -> dict[str, LoopValue]:
    local = frame.f_locals
    loop: dict[str, LoopValue] = {}
    for name in _loop_names(frame.f_code, frame.f_lineno):
        value = local.get(name)
        if isinstance(value, int | np.integer):
            loop[name] = int(value)
        elif isinstance(value, tuple) and all(isinstance(part, int | np.integer) for part in value):
            loop[name] = tuple(map(int, value))
        elif isinstance(value, slice):
            edges = (value.start, value.stop) if value.step in (None, 1) else (value.start, value.stop, value.step)
            loop[name] = ":".join("" if edge is None else str(edge) for edge in edges)
    return loop
