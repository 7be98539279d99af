"""The walk that shows a mistake on the very numbers that were compared, where there is one.

A layer of the catalogue that has a mistake's name shows it. Whether it can do so on these numbers is tried: it is given
the same arrays and those of the settings that it has, and its right gradient must come out the same. Groups are layers
side by side: where it knows none, it is given the numbers of that one in which the first wrong cell is.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from core.catalog import LAYERS, Run
from core.comparison.diagnosis import Found
from core.comparison.mistakes import MISTAKES
from core.comparison.numbers import Numbers
from core.offer.layer import Layer
from core.offer.settings import SettingError
from core.recording.trace import Arrays

COMPARED = "dx"  # what every such walk holds its mistake against
CHAPTER = "part_ways"  # where it does so
NONE = "no walk of its own shows this mistake"
CANNOT = "the walk that shows this mistake cannot do so on these numbers"
LACKING = "the walk that shows this mistake cannot do so on these numbers: it has no {settings}"

LONG = "these numbers have no room in a link to the walk that shows this mistake"


@dataclass(frozen=True, eq=False)
class Shown:
    """A walk: layer, algorithm, settings and arrays, as a link has them; and of which part of dx it is, if not of all:
    dx[2:4] of the second of two groups. The chapter is where right and wrong part.
    """

    layer: str
    algorithm: str
    settings: dict[str, object]
    arrays: Arrays
    part: str | None = None
    chapter: str = CHAPTER


@dataclass(frozen=True)
class Unshown:
    """Why no walk shows a mistake: a sentence as a template, and its values."""

    template: str
    settings: str = ""

    def __str__(self) -> str:
        return self.template.format(settings=self.settings)


def shown(found: Found, numbers: Numbers, group: int) -> Shown | Unshown | None:
    """The walk that shows a mistake, in the group with that number where it has no groups; or why none does. None where
    nothing is amiss but rounding, or cells that are no numbers.
    """
    if found.key not in MISTAKES:
        return None
    layer, here = LAYERS.get(found.key), numbers.parts[found.array].function if found.array in numbers.parts else None
    if layer is None:
        return Unshown(NONE)
    if here not in {part.function for part in layer.whole.values()}:
        return Unshown(NONE)  # it shows the mistake in another layer
    if COMPARED not in numbers.parts or not layer.axes.keys() <= numbers.run.given:
        return Unshown(CANNOT)
    plain, kinds = _plain(numbers), layer.settings.kinds()
    groups = 1 if "groups" in kinds else int(str(plain.get("groups", 1)))
    arrays = {name: np.array_split(numbers.run.start[name], groups)[group] for name in layer.axes}
    sized = layer.sized_by(layer.axes) | {"seed"}
    settings = {name: value for name, value in plain.items() if name in kinds and name not in sized}
    try:
        theirs = Numbers(Run.planned(layer.name, arrays=arrays, **settings)).right(COMPARED)
    except SettingError:  # its settings are fewer: a padding by sides, for one, it does not know
        return _lacking(layer, numbers)
    ours = np.array_split(numbers.right(COMPARED), groups)
    if theirs.shape != ours[group].shape or not np.allclose(theirs, ours[group], 1e-9, 1e-9):
        return _lacking(layer, numbers)
    first = sum(map(len, ours[:group]))
    part = f"{COMPARED}[{first}:{first + len(theirs)}]" if groups > 1 else None
    return Shown(layer.name, "walk", settings, arrays, part)


def group_of(first: tuple[int, ...], right: np.ndarray, numbers: Numbers) -> int:
    """The group of a cell: channels, filters and weights are dealt out to the groups in blocks of their first axis."""
    groups = int(str(numbers.run.settings.plain().get("groups", 1)))
    return first[0] * groups // len(right) if first else 0


def _lacking(layer: Layer, numbers: Numbers) -> Unshown:
    """Which of the settings of these numbers a walk does not have."""
    settings: Any = numbers.run.settings
    usual, window = (
        type(settings)().plain(),
        {one.name for one in fields(settings) if one.metadata["group"] == "Window"},
    )
    others = window - layer.settings.kinds().keys() - {"groups"}
    lacking = ", ".join(name for name, value in settings.plain().items() if name in others and value != usual[name])
    return Unshown(LACKING, lacking) if lacking else Unshown(CANNOT)


def _plain(numbers: Numbers) -> dict[str, Any]:
    """The settings as a reader would give them, the padding in numbers: as a pair where the sides are alike."""
    settings: Any = numbers.run.settings
    plain = settings.plain()
    if "padding" in plain and hasattr(settings, "sides"):
        (top, bottom), (left, right) = settings.sides
        plain["padding"] = (top, left) if (top, left) == (bottom, right) else (top, bottom, left, right)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
