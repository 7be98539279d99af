"""The walk that shows a mistake on the very numbers that were compared, where there is one.

A layer of the catalogue that has a mistake's name shows it. Whether it can do so on these numbers is tried: it is given
the same arrays and those of the settings that it has, and its right gradient must come out the same.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.catalog import LAYERS, Run
from core.comparison.diagnosis import Found
from core.comparison.numbers import Numbers
from core.offer.settings import SettingError
from core.recording.trace import Arrays

COMPARED = "dx"  # what every such walk holds its mistake against


@dataclass(frozen=True, eq=False)
class Shown:
    """A walk: layer, algorithm, settings and arrays, as a link has them."""

    layer: str
    algorithm: str
    settings: dict[str, object]
    arrays: Arrays


def shown(found: Found, numbers: Numbers) -> Shown | None:
    """The walk that shows it; None where no walk does so on these numbers."""
    layer, here = LAYERS.get(found.key), numbers.parts[found.array].function if found.array in numbers.parts else None
    if layer is None or here not in {part.function for part in layer.whole.values()} or COMPARED not in numbers.parts:
        return None
    if not layer.axes.keys() <= numbers.run.given:
        return None
    arrays = {name: numbers.run.start[name] for name in layer.axes}
    kinds, sized = layer.settings.kinds(), layer.sized_by(layer.axes) | {"seed"}
    settings = {name: value for name, value in _plain(numbers).items() if name in kinds and name not in sized}
    try:
        theirs = Numbers(Run.planned(layer.name, arrays=arrays, **settings))
    except SettingError:  # its settings are fewer: a padding by sides, for one, it does not know
        return None
    ours = numbers.right(COMPARED)
    if theirs.right(COMPARED).shape != ours.shape or not np.allclose(theirs.right(COMPARED), ours, 1e-9, 1e-9):
        return None
    return Shown(layer.name, "walk", settings, arrays)


def _plain(numbers: Numbers) -> dict[str, Any]:
    """The settings as a reader would give them, the padding in numbers: as a pair where the sides are alike."""
    settings: Any = numbers.run.settings
    plain = settings.plain()
    if "padding" in plain and hasattr(settings, "sides"):
        (top, bottom), (left, right) = settings.sides
        plain["padding"] = (top, left) if (top, left) == (bottom, right) else (top, bottom, left, right)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
