"""What a layer file provides, and the settings a reader may turn.

A setting carries all that is known of it (range, label, place in the menu), so that the page, the API and the Python
interface are made from the same words. Whether settings are legal together is decided in whole numbers, before any
array exists.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from math import prod
from typing import Any, ClassVar, Self

import numpy as np

from core import limits
from core.record import Algorithm, ancestry
from core.trace import Arrays


class SettingError(ValueError):
    """A setting that makes no sense: `setting` says which one, the message what was expected.

    The message is a template and its values, so that a page can say it in its reader's language.
    """

    def __init__(self, setting: str, template: str, **values: object) -> None:
        super().__init__(template.format(setting=setting, **values))
        self.setting, self.template, self.values = setting, template, {"setting": setting, **values}


@dataclass(frozen=True)
class Whole:
    """A whole number within a range."""

    low: int
    high: int
    kind: ClassVar[str] = "whole"

    def accept(self, name: str, value: object) -> int:
        """The setting's value; what does not fit is a SettingError."""
        number: Any = _whole(value) if isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, int | np.integer):
            raise SettingError(name, "{setting} must be a whole number from {low} to {high}", **vars(self))
        if not self.low <= number <= self.high:
            raise SettingError(name, "{setting} must be from {low} to {high}", **vars(self))
        return int(number)

    def candidates(self, value: int) -> Iterator[object]:
        """What a reader could turn it to."""
        yield from range(self.low, self.high + 1)

    def plain(self, value: int) -> object:
        """The value as JSON carries it."""
        return value


@dataclass(frozen=True)
class Pair:
    """Two whole numbers, for the height and for the width; one number stands for both."""

    low: int
    high: int
    kind: ClassVar[str] = "pair"

    def accept(self, name: str, value: object) -> tuple[int, int]:
        if isinstance(value, str):
            value = tuple(map(_whole, value.split(",", 4)))
        parts: list[Any] = list(value) if isinstance(value, tuple | list) else [value]
        if len(parts) == 1:
            parts *= 2
        if len(parts) != 2 or any(isinstance(p, bool) or not isinstance(p, int | np.integer) for p in parts):
            template = "{setting} must be a whole number from {low} to {high}, or two: height,width"
            raise SettingError(name, template, **vars(self))
        if not all(self.low <= part <= self.high for part in parts):
            raise SettingError(name, "{setting} must be from {low} to {high}", **vars(self))
        return int(parts[0]), int(parts[1])

    def candidates(self, value: tuple[int, int]) -> Iterator[object]:
        numbers = range(self.low, self.high + 1)  # both axes turned together, or one of them alone
        yield from dict.fromkeys(pair for n in numbers for pair in ((n, n), (value[0], n), (n, value[1])))

    def plain(self, value: tuple[int, int]) -> object:
        return value[0] if value[0] == value[1] else list(value)


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    choices: tuple[str, ...]
    kind: ClassVar[str] = "choice"

    def accept(self, name: str, value: object) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise SettingError(name, "{setting} must be one of {choices}", choices=", ".join(self.choices))
        return value

    def candidates(self, value: str) -> Iterator[object]:
        yield from self.choices

    def plain(self, value: str) -> object:
        return value


@dataclass(frozen=True)
class Real:
    """A number within a range."""

    low: float
    high: float
    kind: ClassVar[str] = "real"

    def accept(self, name: str, value: object) -> float:
        try:
            # Python takes 1_0 for ten and true for one; people who write those mean something else.
            number = float("nan" if isinstance(value, bool) or "_" in str(value) else value)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            number = float("nan")
        if not self.low <= number <= self.high:  # NaN is in no range
            raise SettingError(name, "{setting} must be a number from {low} to {high}", **vars(self))
        return number

    def candidates(self, value: float) -> Iterator[object]:
        yield from (self.low, self.high)

    def plain(self, value: float) -> object:
        return value


Kind = Whole | Pair | Choice | Real


def knob(default: Any, kind: Kind, label: str, group: str) -> Any:
    """A setting: its default, what it may be, its label, and the part of the menu that it stands in."""
    return field(default=default, metadata={"kind": kind, "label": label, "group": group})


@dataclass(frozen=True)
class Settings:
    """Base for a layer's settings: every field is a knob, and every knob is in its range.

    >>> ConvSettings.of({"stride": "2,1", "kernel_size": 3})
    ConvSettings(..., kernel_height=3, kernel_width=3, stride=(2, 1), ...)
    """

    PAIRS: ClassVar[Mapping[str, tuple[str, str]]] = {"kernel_size": ("kernel_height", "kernel_width")}

    def __post_init__(self) -> None:
        for name, kind in self.kinds().items():
            object.__setattr__(self, name, kind.accept(name, getattr(self, name)))

    @classmethod
    def kinds(cls) -> dict[str, Kind]:
        """What each setting may be, by name."""
        return {knob_.name: knob_.metadata["kind"] for knob_ in fields(cls)}

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Self:
        """From keyword arguments or from a query string; a missing setting keeps its default."""
        names, values = cls.kinds(), cls.expand(given)
        unknown = next((name for name in values if name not in names), None)
        if unknown is not None:
            template = "there is no such setting; this layer has {known}"
            raise SettingError(str(unknown), template, known=", ".join(names))
        return cls(**values)

    @classmethod
    def expand(cls, given: Mapping[str, object]) -> dict[str, object]:
        """The same settings with `kernel_size` taken apart into its height and width, where a layer has those."""
        names, values = cls.kinds(), dict(given)
        for name, both in cls.PAIRS.items():
            if name in values and name not in names and set(both) <= set(names):
                clash = next((one for one in both if one in values), None)
                if clash:
                    raise SettingError(clash, "{setting} is given twice: {pair} sets it too", pair=name)
                kind = names[both[0]]
                assert isinstance(kind, Whole)
                values |= zip(both, Pair(kind.low, kind.high).accept(name, values.pop(name)), strict=True)
        return values

    def plain(self) -> dict[str, object]:
        """Every setting by name, as JSON carries it."""
        return {name: kind.plain(getattr(self, name)) for name, kind in self.kinds().items()}

    @classmethod
    def describe(cls) -> list[dict[str, object]]:
        """Every setting with its range, default, label and group, for a menu."""
        return [
            {
                "name": knob_.name,
                "label": knob_.metadata["label"],
                "group": knob_.metadata["group"],
                "kind": knob_.metadata["kind"].kind,
                "default": knob_.metadata["kind"].plain(knob_.default),
                **{name: list(v) if isinstance(v, tuple) else v for name, v in vars(knob_.metadata["kind"]).items()},
            }
            for knob_ in fields(cls)
        ]


@dataclass(frozen=True)
class Named:
    """One array of a layer: its shape, the part it plays, and what to call it in a sentence."""

    shape: tuple[int, ...]
    role: str  # input, parameter, gradient, scratch or value
    label: str

    @property
    def cells(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True)
class Cost:
    """What running one algorithm takes, computed in whole numbers before it runs."""

    steps: int
    writes: int  # cells written

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.steps + other.steps, self.writes + other.writes)


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer type, as its file describes it.

    `arrays` names and shapes every array, from the settings alone; `given` makes those a run begins with, from the
    settings and the arrays that a reader brings; `axes` says which setting each axis of a brought array sets; `cost`
    prices each algorithm; `arguments` are the settings as the algorithms take them; `formula` is the size of the
    output as label, symbols, numbers and value, for each axis.
    """

    name: str
    title: str
    settings: type[Settings]
    axes: Mapping[str, tuple[str | None, ...]]
    arrays: Callable[[Any], dict[str, Named]]
    given: Callable[[Any, Arrays], Arrays]
    cost: Callable[[Any], dict[str, Cost]]
    algorithms: Mapping[str, Algorithm]  # the first is the walk
    arguments: Callable[[Any], dict[str, Any]]
    formula: Callable[[Any], list[dict[str, object]]]


def check(layer: Layer, algorithm: str, settings: Settings) -> dict[str, Named]:
    """The arrays of a legal walk; one that makes no sense, or costs too much, is a SettingError naming the limit."""
    arrays = layer.arrays(settings)
    for name, array in arrays.items():
        if array.cells > limits.CELLS:
            template = "{array} would have {cells} cells; at most {limit} are shown: choose smaller sizes"
            raise SettingError(_largest(settings), template, array=name, cells=array.cells, limit=limits.CELLS)
    opened = layer.algorithms[algorithm]
    cells = sum(array.cells for name, array in arrays.items() if name in opened.parameters)
    if cells > limits.ALL_CELLS:
        template = "the arrays of this walk would have {cells} cells; at most {limit} are shown: choose smaller sizes"
        raise SettingError(_largest(settings), template, cells=cells, limit=limits.ALL_CELLS)
    cost = whole_cost(layer, algorithm, settings)
    if cost.steps > limits.STEPS:
        template = "this would take {steps} steps; at most {limit} are walked: choose smaller sizes"
        raise SettingError(_largest(settings), template, steps=cost.steps, limit=limits.STEPS)
    if cost.writes > limits.WRITES:
        template = "this would write {writes} cells; at most {limit} are walked: choose smaller sizes"
        raise SettingError(_largest(settings), template, writes=cost.writes, limit=limits.WRITES)
    return arrays


def whole_cost(layer: Layer, algorithm: str, settings: Settings) -> Cost:
    """What opening an algorithm takes, with all that is run to get there."""
    costs = layer.cost(settings)
    return sum((costs[before.name] for before in ancestry(layer.algorithms[algorithm])), costs[algorithm])


def _largest(settings: Settings) -> str:
    """The whole-number setting furthest above its default: the one to turn down first."""
    usual, kinds = type(settings)(), settings.kinds()
    sizes = [name for name, kind in kinds.items() if isinstance(kind, Whole) and name != "seed"]
    return max(sizes or kinds, key=lambda name: getattr(settings, name) / max(1, getattr(usual, name)) if sizes else 0)


def legal(
    layer: Layer, algorithm: str, settings: Settings, fixed: frozenset[str] = frozenset()
) -> dict[str, list[Any]]:
    """For each setting the values that are legal beside the others; what is fixed by an array has just its own."""
    values: dict[str, list[Any]] = {}
    for name, kind in settings.kinds().items():
        now = getattr(settings, name)
        candidates: Iterable[Any] = [now] if name in fixed else kind.candidates(now)
        values[name] = [kind.plain(value) for value in candidates if _is_legal(layer, algorithm, settings, name, value)]
    return values


def _is_legal(layer: Layer, algorithm: str, settings: Settings, name: str, value: object) -> bool:
    try:
        check(layer, algorithm, replace(settings, **{name: value}))
    except SettingError:
        return False
    return True


def settle(
    layer: Layer, algorithm: str, given: Mapping[str, object], arrays: Arrays
) -> tuple[Settings, frozenset[str], Arrays]:
    """Settings and arrays as a reader gave them → settings that hold, and every array, with the names of those given.

    The shapes of the arrays set the sizes. Whatever does not fit is a SettingError; nothing large is made before.
    """
    sizes: dict[str, int] = {}
    for name, array in arrays.items():
        axes = layer.axes.get(name)
        if axes is None:
            raise SettingError(name, "there is no such array; this layer takes {known}", known=", ".join(layer.axes))
        if array.ndim != len(axes):
            template = "{setting} must have {wanted} axes; it has {axes}"
            raise SettingError(name, template, wanted=len(axes), axes=array.ndim)
        for axis, size in zip(axes, array.shape, strict=True):
            if axis is not None and sizes.setdefault(axis, size) != size:
                template = "{setting} makes {axis} {size}; another array makes it {other}"
                raise SettingError(name, template, axis=axis, size=size, other=sizes[axis])
        if array.size and not np.abs(array).max() <= limits.MAGNITUDE:  # NaN is in no range
            raise SettingError(name, "every number in {setting} must be finite and at most 1e6 in size")
    settings = layer.settings.of({**sizes, **layer.settings.expand(given)})
    for name, size in sizes.items():
        if getattr(settings, name) != size:
            raise SettingError(name, "{setting} is {size}: an array that was given has that shape", size=size)
    named = check(layer, algorithm, settings)
    for name, array in arrays.items():
        if array.shape != named[name].shape:
            template = "{setting} must have the shape {wanted}; it has {shape}"
            raise SettingError(name, template, wanted=named[name].shape, shape=array.shape)
    start = {name: np.zeros(array.shape) for name, array in named.items()}
    begun = layer.given(settings, {name: np.array(array, dtype=np.float64) for name, array in arrays.items()})
    return settings, frozenset(begun), start | begun


def small_integers(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Whole numbers from -2 to 2: their sums are exact and can be checked by head."""
    return rng.integers(-2, 3, shape).astype(np.float64)


def output_size(axis: str, size: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """How many places a window finds along one axis: ⌊(size + 2·padding - dilation·(kernel - 1) - 1)/stride⌋ + 1.

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, and torch.nn.Conv2d.
    """
    reach = dilation * (kernel - 1) + 1
    if reach > size + 2 * padding:
        template = "a kernel that reaches over {reach} cells does not fit an input of {size} padded to {padded}"
        raise SettingError(f"kernel_{axis}", template, reach=reach, size=size, padded=size + 2 * padding)
    return (size + 2 * padding - reach) // stride + 1


def _whole(text: str) -> object:
    """The whole number that a short text spells in ASCII digits; other text stays as it is, and is refused."""
    text = text.strip(" ")
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= 9 else text
