"""What an array of the wrong size has the size of: of the same walk with one or two other settings, or of the array
before its padding is cropped. Only shapes are looked at, and no array is made.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

from core.comparison.numbers import Numbers
from core.offer.settings import SettingError

PLAIN = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1, "groups": 1}  # as if there were none of it
PADDED = "_padded"  # what an array is called before it is cropped

Shape = tuple[int, ...]


def sized_as(numbers: Numbers, name: str, shape: Shape) -> tuple[str, str] | None:
    """Which sentence of `core.comparison.shapes` says it, and what it names; None where nothing of that size is known.

    >>> sized_as(Numbers(Run.planned("conv2d")), "z", (2, 5, 5))
    ('size', 'stride 1')
    """
    padded = numbers.named.get(name + PADDED)
    if padded is not None and padded.shape == shape:
        return "padded", name + PADDED
    changes = list(_changes(numbers))
    tried = [*((one,) for one in changes), *combinations(changes, 2)]
    fits = (one for one in tried if _shape(numbers, name, dict(one)) == shape)
    return next((("size", ", ".join(f"{setting} {_written(value)}" for setting, value in one)) for one in fits), None)


def _changes(numbers: Numbers) -> Iterator[tuple[str, Any]]:
    """Each of the settings as if there were none of it, a flag the other way, and pairs turned round."""
    settings: Any = numbers.run.settings
    kinds = settings.kinds()
    yield from ((setting, plain) for setting, plain in PLAIN.items() if setting in kinds)
    for setting in ("stride", "dilation", "output_padding"):
        if setting in kinds and (pair := getattr(settings, setting)) != pair[::-1]:
            yield setting, pair[::-1]
    if "ceil_mode" in kinds:
        yield "ceil_mode", not settings.ceil_mode


def _shape(numbers: Numbers, name: str, changes: dict[str, Any]) -> Shape | None:
    """The shape of the array with other settings; None where these do not fit each other."""
    settings = numbers.run.settings
    if all(settings.plain()[setting] == value for setting, value in changes.items()):
        return None
    try:
        return numbers.run.layer.arrays(replace(settings, **changes))[name].shape
    except SettingError:
        return None


def _written(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
