"""Run an algorithm on arrays that remember how they were used.

An algorithm is a generator function over arrays: the plain textbook loop. It only indexes them, and yields a caption
wherever a reader should pause. On plain arrays it just computes; on watched arrays it runs as
core.recording.instrumentation has made it, and every read and write is logged with the expression that caused it. The
function under test and the function on the screen are the same function.
"""

import functools
import inspect
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from operator import is_
from types import CodeType
from typing import Any

import numpy as np

from core.recording.instrumentation import CAPTION, Pause, check, instrumented
from core.recording.trace import CHAPTER, MAP, Access, Arrays, Frame, LoopValue, Step
from core.recording.watched import Watched, name_of
from core.text.plot import Curve, Plot
from core.text.source import AlgorithmError, Formula, Source

Running = Generator[str, None, Any]  # an algorithm under way; what it returns is for the one that calls it

_new = tuple.__new__  # what the constructor of a Step calls, in half the time

_MARKED: dict[CodeType, "Algorithm"] = {}  # by the code of its function, so that one that waits finds its text


def algorithm_named(name: str) -> "Algorithm":
    """A marked function by the name of its source, such as conv.correlate."""
    return next(marked for marked in _MARKED.values() if marked.source.name == name)


def source_named(name: str) -> Source:
    """The text of a marked function by its name, such as conv.correlate."""
    return algorithm_named(name).source


def sources() -> tuple[Source, ...]:
    """The text of every marked function."""
    return tuple(marked.source for marked in _MARKED.values())


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

    def pauses(self, arrays: Arrays, **settings: Any) -> Generator[tuple[str, tuple[Frame, ...]]]:
        """Run on the arrays themselves, unwatched: the caption of each pause, and the calls that it stands in.

        The line of a call is that of its first pause. As long as the calls are the same, so is their tuple.
        """
        names = {id(array): name for name, array in arrays.items()}
        return _pauses(self.running(arrays, **settings), names)

    def steps(self, arrays: Arrays, **settings: Any) -> Generator[Step]:
        """Run on the arrays themselves and give each step as soon as the next one, or the end, is reached.

        What breaks the rules for algorithms is an AlgorithmError that names the function and the line.
        """
        recorder = Recorder()
        arguments = self._arguments(arrays, settings)
        for name, array in arrays.items():
            if name in arguments:
                arguments[name] = Watched(name, array, recorder.log)
        return recorder.steps(recorder.call(None, self, **arguments))

    @functools.cached_property
    def instrumented(self) -> Callable[..., Generator[Step, None, Any]]:
        """The form that is recorded, made when it is first wanted."""
        return instrumented(self.function, self.source)

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


def algorithm(
    *after: Algorithm, formula: Formula = "", plot: Plot | None = None, quiet: Collection[str] = ()
) -> Callable[[Callable[..., Running]], Algorithm]:
    """Mark a generator function as an algorithm; when it is opened alone, those it comes after are run first.

    Its formula is LaTeX in which arrays and loop variables are named: core.text.formula tells how. Where it is another
    one with other settings, it is a function of them. Its plot is one of core.text.plot, or the waterfall of its sums.
    Arrays that may stand small beside the others are found by core.text.attention; where its rule cannot tell, they are
    named as quiet.
    """

    def mark(function: Callable[..., Running]) -> Algorithm:
        if not inspect.isgeneratorfunction(function):
            where = f"{function.__qualname__}, line {function.__code__.co_firstlineno}"
            raise AlgorithmError(f"{where}: it must yield a caption wherever a reader should pause")
        source = Source.of(function, formula, plot, quiet)
        check(source)
        marked = _MARKED[function.__code__] = Algorithm(function, source, after)
        if plot:
            check_plot(marked)
        return marked

    return mark


def check_plot(marked: Algorithm) -> None:
    """A plot names parameters that the function has; a curve all of its arrays, or it could not be run on points."""
    source, plot = marked.source, marked.source.plot
    assert plot is not None
    where = f"{source.name}, line {source.first}"
    arrays = inspect.signature(marked.function).parameters.values()
    known = [one.name for one in arrays if one.kind is not inspect.Parameter.KEYWORD_ONLY]
    unknown = [name for name in plot.named() if name and name not in known]
    if unknown:
        raise AlgorithmError(f"{where}: its plot names {unknown[0]}, and it takes {', '.join(known)}")
    others = [name for name in known if name not in plot.named()]
    if isinstance(plot, Curve) and others:
        raise AlgorithmError(f"{where}: a curve is of one number; {others[0]} is an array besides those that it names")


def ancestry(last: Algorithm) -> tuple[Algorithm, ...]:
    """All that must have run before an algorithm can be opened alone, in order, without repeats."""
    ordered: dict[Algorithm, None] = {}
    for earlier in last.after:
        ordered |= dict.fromkeys(ancestry(earlier)) | {earlier: None}
    return tuple(ordered)


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    """One call of an algorithm, for as long as it runs."""

    frame: Frame  # its line is that of the function's first
    callers: tuple[Frame, ...]  # outermost first, at the lines where they wait for it
    chapter: int  # the number of the call that its pauses have for their chapter
    depth: int  # how many loops stand around it, in all of them
    places: dict[Pause, tuple[tuple[Frame, ...], int]]  # the stack and the level, of each pause that it has come to


class Recorder:
    """A watched run under way, which its instrumented functions tell where they are."""

    def __init__(self) -> None:
        self.log: list[Access] = []  # since the last pause
        self._calls = 0
        self._call: _Call | None = None  # the innermost
        self._latest: Step | None = None
        self._chapter = 0  # that of the latest step
        self._told: tuple[tuple[str, ...], tuple[object, ...], dict[str, LoopValue]] = (), (), {}  # of the latest step

    def steps(self, running: Generator[Step, None, Any]) -> Generator[Step]:
        """Each step is held back until the next pause, for only then is it known whether it ended its chapter."""
        held: Step | None = None
        chapter = 0
        try:
            for step in running:
                if held:
                    yield held if self._chapter == chapter else held._replace(level=CHAPTER)
                held, chapter = step, self._chapter
        finally:
            running.close()
        if held:
            yield held._replace(level=CHAPTER)

    def call(self, site: Pause | None, called: object, /, *arrays: Any, **settings: Any) -> Generator[Step, None, Any]:
        """Run an algorithm as one more call; the outermost one comes from nowhere."""
        if not isinstance(called, Algorithm):
            assert site is not None
            name = getattr(called, "__qualname__", type(called).__name__)
            raise AlgorithmError(f"{site.source.name}, line {site.line}: {name} is not marked @algorithm()")
        caller, before, latest = self._call, len(self.log), self._latest
        self._call = self._begin(site, called, {**settings, **dict(zip(called.parameters, arrays, strict=False))})
        try:
            returned = yield from called.instrumented(self, *arrays, **settings)
            # Where it has not paused at all, the next pause shows what was used before it.
            unseen = self.log[before if self._latest is latest else 0 :]
            if unseen:
                place, array = unseen[-1].place, unseen[-1].array
                where = f"{place.source}, line {place.line}"
                raise AlgorithmError(f"{where}: {array} is used after the last pause, where no step shows it")
            return returned
        finally:
            self._call = caller

    def _begin(self, site: Pause | None, called: Algorithm, given: Mapping[str, Any]) -> _Call:
        arrays = ((parameter, name_of(given.get(parameter))) for parameter in called.parameters)
        bound = tuple((parameter, array) for parameter, array in arrays if array)
        indexed = (called.source.reads | called.source.writes) - dict(bound).keys()
        unbound = sorted(name for name in indexed if given.get(name) is not None)
        if unbound:
            where = site or Pause(called.source, called.source.first, 0)
            said = f"{called.name} indexes {unbound[0]}, and is handed no array of the run for it"
            raise AlgorithmError(f"{where.source.name}, line {where.line}: {said}")
        frame = Frame(called.source.name, called.source.first, self._calls, bound)
        self._calls += 1
        caller = self._call
        if site is None or caller is None:
            return _Call(frame, (), frame.call, 0, {})
        callers = (*caller.callers, caller.frame._replace(line=site.line))
        return _Call(frame, callers, callers[1].call if callers[1:] else frame.call, caller.depth + site.depth, {})

    def pause(self, site: Pause, caption: object, values: tuple[object, ...]) -> Step:
        """The step that ends here, with the values of what can be loop variables."""
        call = self._call
        assert call is not None
        try:
            stack, level = call.places[site]
        except KeyError:
            stack, level = (*call.callers, call.frame._replace(line=site.line)), MAP + call.depth + site.depth
            call.places[site] = stack, level
        if not isinstance(caption, str):
            raise AlgorithmError(f"{site.source.name}, line {site.line}: {CAPTION} {caption!r}")
        names, known, loop = self._told
        if site.names is not names or not all(map(is_, values, known)):  # most steps have those of the one before
            loop = _loop(site.names, values)
            self._told = site.names, values, loop
        step = self._latest = _new(Step, (caption, level, stack, loop, tuple(self.log)))
        self._chapter = call.chapter
        self.log.clear()
        return step


def _loop(names: tuple[str, ...], values: tuple[object, ...]) -> dict[str, LoopValue]:
    loop: dict[str, LoopValue] = {}
    for name, value in zip(names, values):  # noqa: B905 - the text has one for each
        if value.__class__ is int:
            loop[name] = value
        elif isinstance(value, int | np.integer):
            loop[name] = int(value)
        elif isinstance(value, tuple) and all(isinstance(part, int | np.integer) for part in value):
            loop[name] = tuple(map(int, value))
        elif isinstance(value, slice):
            edges = (value.start, value.stop) if value.step in (None, 1) else (value.start, value.stop, value.step)
            loop[name] = ":".join("" if edge is None else str(edge) for edge in edges)
    return loop


def _pauses(running: Running, names: Mapping[int, str]) -> Generator[tuple[str, tuple[Frame, ...]]]:
    calls: list[tuple[Running, Frame]] = []
    stack: tuple[Frame, ...] = ()
    inner: Any = None
    begun = 0
    try:
        for caption in running:
            # The innermost call goes on, unless it has ended or has called another.
            if inner is None or not inner.gi_suspended or inner.gi_yieldfrom is not None:
                waiting = list(_waiting(running))
                same = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1][0], zip(waiting, calls, strict=False)))
                calls[same:] = [(call, _frame(call, begun + n, names)) for n, call in enumerate(waiting[same:])]
                begun += len(waiting) - same
                inner, stack = waiting[-1], tuple(frame for _, frame in calls)
            if not isinstance(caption, str):
                raise AlgorithmError(f"{stack[-1].source}, line {inner.gi_frame.f_lineno}: {CAPTION} {caption!r}")
            yield caption, stack
    finally:
        running.close()


def _waiting(running: Any) -> Iterator[Any]:
    """The suspended generators, outermost first, following `yield from`."""
    while inspect.isgenerator(running) and running.gi_frame is not None:
        yield running
        running = running.gi_yieldfrom


def _frame(running: Any, call: int, names: Mapping[int, str]) -> Frame:
    code, frame = running.gi_code, running.gi_frame
    marked = _MARKED.get(code)
    if marked is None:
        raise AlgorithmError(f"{code.co_qualname}, line {frame.f_lineno}: it pauses but is not marked @algorithm()")
    arguments = ((name, names.get(id(frame.f_locals.get(name)))) for name in code.co_varnames[: code.co_argcount])
    return Frame(marked.source.name, frame.f_lineno, call, tuple((name, array) for name, array in arguments if array))
