"""What a layer file provides, and which settings are legal together: told in whole numbers, before any array exists."""

import ast
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any, Literal, NamedTuple

import numpy as np

from core.offer import limits
from core.offer.cost import Cost, cost_of, needs
from core.offer.part import Part
from core.offer.places import by_place, laid_over
from core.offer.preset import Preset
from core.offer.settings import SettingError, Settings, Whole
from core.recording.recorder import Algorithm, ancestry
from core.recording.trace import Arrays
from core.text.source import Source

AXES = {  # what the axes of an array are called, by how many there are, where a layer does not say otherwise
    1: ("index",),
    2: ("row", "column"),
    3: ("channel", "row", "column"),
    4: ("filter", "channel", "row", "column"),
}
PER_CHANNEL, PER_FILTER = ("channel",), ("filter",)
MAPS = ("filter", "row", "column")  # one map for each filter


Example = Mapping[str, Any]  # arrays by name, as nested lists or as they are


class Named(NamedTuple):
    """One array of a layer: its shape, the part it plays, and what to call it, its axes too, in a sentence."""

    shape: tuple[int, ...]
    role: str  # input, parameter, gradient, scratch or value; or count, for positions and counts, which have no colour
    label: str
    axes: tuple[str, ...] = ()  # those of AXES, unless it is given
    fill: Literal["", "padding", "inserted"] = ""  # what a cell is that was filled with a constant and stays as it is

    @property
    def axis_names(self) -> tuple[str, ...]:
        return self.axes or AXES[len(self.shape)]

    @property
    def cells(self) -> int:
        return prod(self.shape)


class Onward(NamedTuple):
    """Another layer that begins as this one does and goes on: what a picture can be walked with besides."""

    layer: str
    arrays: tuple[str, ...]  # those that mean the same to both
    label: str  # what comes next, to stand on a button


class Opened(NamedTuple):
    """A layer that this one is made of: how to open it as a walk of its own on the numbers that it has here."""

    layer: str
    chapters: tuple[Algorithm, ...]  # ours in which it runs
    arrays: Mapping[str, str]  # its arrays, each with the one of ours that has the same numbers there
    settings: Callable[[Any], dict[str, object]]  # those of its settings that follow from ours
    label: str = ""  # what the button says, if not that this layer is opened alone; {digit} is our setting of that name
    at_step: bool = False  # whether it begins with the numbers of the step that the reader is at, wherever that is


def _nothing(_: Any, __: dict[str, Named]) -> dict[str, Any]:
    return {}


def _as_made(_: Any, made: Arrays, __: Collection[str]) -> Arrays:
    return made


def _sizes(settings: Any) -> list[dict[str, object]]:
    return [axis.formula() for axis in getattr(settings, "axes", ())]


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer type, as its file describes it.

    `arrays` names and shapes every array, from the settings alone; `axes` names those that a run begins with, and says
    which setting each of their axes sets, where "in_channels/groups" is the share of one group; `example` has their
    numbers at the seed 0, where it fits; `given` may change what was so made, and is told which of them a reader
    brought; `others` is what the algorithms take beside settings and arrays;
    `formula` is the size of the output as label, symbols, numbers and value, for each axis; `summary` is what the
    menu says of it, if it is not the first paragraph of the walk; `torch` is the layer with these settings in PyTorch:
    lines that find the given arrays as tensors, and make tensors by the names of its arrays. `handed` is for a layer
    that runs functions of others: which setting a function is handed as one of its own. `whole` has arrays by name as
    whole-array NumPy computes them, for comparisons; an array that it lacks is computed by the loops. `onward` is
    offered to whoever brings a picture for the input. `opens` are the layers that it is made of: one is
    offered in its chapters while a function runs whose arrays, scratch aside, are all among its own. `presets` are
    offered beside the settings; `paces` is what a reader may stop at, where a beat, cell, map or chapter is something
    else here.
    """

    name: str
    title: str
    group: str  # the part of the menu that it stands in
    settings: type[Settings]
    axes: Mapping[str, tuple[str | None, ...]]
    arrays: Callable[[Any], dict[str, Named]]
    algorithms: Mapping[str, Algorithm]  # the first is the walk
    example: Example = field(default_factory=dict)
    given: Callable[[Any, Arrays, Collection[str]], Arrays] = _as_made
    others: Callable[[Any, dict[str, Named]], dict[str, Any]] = _nothing
    formula: Callable[[Any], list[dict[str, object]]] = _sizes
    summary: str = ""
    torch: Callable[[Any], str] | None = None
    handed: Mapping[Algorithm, Mapping[str, str]] = field(default_factory=dict)
    whole: Mapping[str, Part] = field(default_factory=dict)
    onward: Onward | None = None
    opens: tuple[Opened, ...] = ()
    presets: tuple[Preset, ...] = ()
    paces: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for algorithm in self.algorithms.values():
            needs(algorithm)  # an AlgorithmError where it cannot be told beforehand what it costs

    def arguments(self, settings: Settings, named: dict[str, Named] | None = None) -> dict[str, Any]:
        """What the algorithms take beside arrays, by name; the arrays of these settings may be at hand already."""
        return settings.arguments() | self.others(settings, named or self.arrays(settings))

    def cost(self, algorithm: str, settings: Settings) -> Cost:
        """What an algorithm takes by itself, without what is run to get there.

        >>> LAYERS["conv2d"].cost("correlate", LAYERS["conv2d"].settings())
        Cost(steps=56, writes=990)
        """
        return self._cost([self.algorithms[algorithm]], settings)

    def whole_cost(self, algorithm: str, settings: Settings, named: dict[str, Named] | None = None) -> Cost:
        """What opening an algorithm takes, with all that is run to get there."""
        opened = self.algorithms[algorithm]
        return self._cost([*ancestry(opened), opened], settings, named)

    def _cost(self, algorithms: Iterable[Algorithm], settings: Settings, named: dict[str, Named] | None = None) -> Cost:
        named = named or self.arrays(settings)
        known = self.arguments(settings, named) | {name: array.shape for name, array in named.items()}
        return sum((cost_of(one, known) for one in algorithms), Cost(0, 0))

    def settings_of(self, source: Source, settings: Mapping[str, object]) -> dict[str, object]:
        """The settings by the names that a function has for them, and in numbers what a padding by a word comes to.

        >>> LAYERS["chain"].settings_of(core.layers.max_pool.pool.source, {"stride": 1, "pool_stride": 2})
        {'stride': 2, 'pool_stride': 2}
        >>> LAYERS["max_pool2d"].settings_of(core.layers.max_pool.pad.source, {"padding": "same", "in_height": 5})
        {'padding': [0, 1, 0, 0], 'in_height': 5}
        """
        own = next((names for function, names in self.handed.items() if function.source.name == source.name), {})
        sides = getattr(self.settings.of(settings), "sides", None) if isinstance(settings.get("padding"), str) else None
        numbers = {"padding": [cells for axis in sides for cells in axis]} if sides else {}
        return {**settings, **numbers, **{name: settings[handed] for name, handed in own.items()}}

    def handed_to(self, source: Source) -> list[str]:
        """The settings that a function goes by.

        >>> LAYERS["conv2d"].handed_to(core.layers.conv.pad_fully.source)
        ['kernel_height', 'kernel_width', 'dilation']
        """
        own = next((names for function, names in self.handed.items() if function.source.name == source.name), {})
        names = [own.get(one.arg, one.arg) for one in source.tree.args.kwonlyargs]
        known = self.settings.kinds()
        return [one for name in names for one in self.settings.PAIRS.get(name, (name,)) if one in known]

    def sized_by(self, arrays: Iterable[str]) -> frozenset[str]:
        """The settings that brought arrays set by their shapes.

        >>> LAYERS["conv2d"].sized_by(["b"])
        frozenset({'out_channels'})
        """
        return frozenset(axis.partition("/")[0] for name in arrays for axis in self.axes[name] if axis)

    def shared_by(self, arrays: Iterable[str]) -> frozenset[str]:
        """The settings by which the axes of brought arrays are shares of others: with them, those sizes would change.

        >>> LAYERS["conv2d"].shared_by(["w"])
        frozenset({'groups'})
        """
        return frozenset(axis.partition("/")[2] for name in arrays for axis in self.axes[name] if axis) - {""}


def callee(call: ast.Call, caller: Algorithm, settings: Mapping[str, Any]) -> Algorithm:
    """The algorithm that another one calls with these settings."""
    text = ast.unparse(call.func)
    found = eval(text, caller.function.__globals__, dict(settings))  # noqa: S307 - our own text
    assert isinstance(found, Algorithm), text
    return found


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
    cost = layer.whole_cost(algorithm, settings, arrays)
    if cost.steps > limits.STEPS:
        template = "this would take {steps} steps; at most {limit} are walked: choose smaller sizes"
        raise SettingError(_largest(settings), template, steps=cost.steps, limit=limits.STEPS)
    if cost.writes > limits.WRITES:
        template = "this would write {writes} cells; at most {limit} are walked: choose smaller sizes"
        raise SettingError(_largest(settings), template, writes=cost.writes, limit=limits.WRITES)
    return arrays


def _largest(settings: Settings) -> str:
    """The whole-number setting furthest above its default: the one to turn down first."""
    usual, kinds = type(settings)(), settings.kinds()
    sizes = [name for name, kind in kinds.items() if isinstance(kind, Whole) and not kind.listed and name != "seed"]
    return max(sizes or kinds, key=lambda name: getattr(settings, name) / max(1, getattr(usual, name)) if sizes else 0)


Shapes = frozenset[tuple[str, tuple[int, ...]]]  # of the arrays that a reader brings, by name


def legal(
    layer: Layer,
    algorithm: str,
    settings: Settings,
    fixed: frozenset[str] = frozenset(),
    shapes: Shapes = frozenset(),
) -> dict[str, list[Any]]:
    """For each setting the values that are legal beside the others and the arrays that are brought.

    What is fixed by an array has just its own value.
    """
    values: dict[str, list[Any]] = {}
    for name, kind in settings.kinds().items():
        now = getattr(settings, name)
        candidates: Iterable[Any] = [now] if name in fixed else kind.candidates(now)
        values[name] = [
            kind.plain(value) for value in candidates if _is_legal(layer, algorithm, settings, name, value, shapes)
        ]
    return values


def _is_legal(layer: Layer, algorithm: str, settings: Settings, name: str, value: object, shapes: Shapes) -> bool:
    try:
        named = check(layer, algorithm, replace(settings, **{name: value}))
    except SettingError:
        return False
    return all(named[array].shape == shape for array, shape in shapes)


def sized(
    layer: Layer, algorithm: str, given: Mapping[str, object], shapes: Mapping[str, tuple[int, ...]]
) -> tuple[Settings, dict[str, Named]]:
    """Settings as a reader gave them beside the shapes of the arrays → settings that hold, and what every array is.

    The shapes set the sizes. Whatever does not fit is a SettingError; no array is needed or made.
    """
    sizes: dict[str, int] = {}
    for name, shape in shapes.items():
        axes = layer.axes.get(name)
        if axes is None:
            raise SettingError(name, "there is no such array; this layer takes {known}", known=", ".join(layer.axes))
        if len(shape) != len(axes):
            template = "{setting} must have {wanted} axes; it has {axes}"
            raise SettingError(name, template, wanted=len(axes), axes=len(shape))
        for axis, size in zip(axes, shape, strict=True):
            if axis is None:
                continue
            whole, _, shares = axis.partition("/")
            size *= _number(layer, given, shares) if shares else 1
            if sizes.setdefault(whole, size) != size:
                template = "{setting} makes {axis} {size}; another array makes it {other}"
                raise SettingError(name, template, axis=whole, size=size, other=sizes[whole])
    settings = layer.settings.of({**sizes, **layer.settings.expand(given)})
    for name, size in sizes.items():
        if getattr(settings, name) != size:
            raise SettingError(name, "{setting} is {size}: an array that was given has that shape", size=size)
    named = check(layer, algorithm, settings)
    for name, shape in shapes.items():
        if shape != named[name].shape:
            template = "{setting} must have the shape {wanted}; it has {shape}"
            raise SettingError(name, template, wanted=named[name].shape, shape=shape)
    return settings, named


def settle(
    layer: Layer, algorithm: str, given: Mapping[str, object], arrays: Arrays
) -> tuple[Settings, frozenset[str], Arrays]:
    """Settings and arrays as a reader gave them → settings that hold, and every array, with the names of those given.

    The shapes of the arrays set the sizes. Whatever does not fit is a SettingError; nothing large is made before.
    """
    settings, named = sized(layer, algorithm, given, {name: array.shape for name, array in arrays.items()})
    for name, array in arrays.items():
        if array.size and not np.abs(array).max() <= limits.MAGNITUDE:  # NaN is in no range
            template = "every number in {setting} must be finite and at most {limit} in size"
            raise SettingError(name, template, limit=limits.MAGNITUDE)
    start = {name: np.zeros(array.shape) for name, array in named.items()}
    begun = layer.given(settings, beginning(layer, settings, named, arrays), arrays.keys())
    # Copies for a gradient check, which leaves them as they were.
    begun |= {f"{name}_nudged": array.copy() for name, array in begun.items() if f"{name}_nudged" in named}
    return settings, frozenset(begun), start | begun


def _number(layer: Layer, given: Mapping[str, object], name: str) -> int:
    """A whole-number setting as it was given, or its default."""
    number: int = layer.settings.kinds()[name].accept(name, given.get(name, getattr(layer.settings(), name)))  # type: ignore[assignment]
    return number


def beginning(layer: Layer, settings: Settings, named: Mapping[str, Named], brought: Arrays) -> Arrays:
    """The arrays to begin with: as brought, else of the example (seed 0), else small whole numbers.

    Each number goes by its place alone. So what two sizes share stays the same, and what a stride has done is seen by
    itself.
    """
    made, seed, usual = {}, getattr(settings, "seed", 0), layer.arrays(layer.settings())
    for number, name in enumerate(layer.axes):
        array, shape = brought.get(name), named[name].shape
        if array is None:
            array = layer.example.get(name) if seed == 0 else None
            if array is None:
                array = np.random.default_rng([seed, number]).integers(-2, 3, usual[name].shape)
            array = laid_over(np.asarray(array), by_place(seed * 64 + number, shape))
        made[name] = np.array(array, dtype=np.float64)  # a copy
    return made
