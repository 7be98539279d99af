"""What an array of the wrong size has the size of: of the same walk with one or two other settings, of the array before
its padding is cropped or while it is, or of what the windows reach. Only shapes are looked at, and no array is made.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from typing import Any, cast

from core.comparison.mistakes.padding import CROPPED
from core.comparison.numbers import Numbers
from core.layers.whole import NONE, ONE, Pair, scattered
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
    other = next((("size", ", ".join(f"{setting} {_written(value)}" for setting, value in one)) for one in fits), None)
    return other or _cropped_as(numbers, name, shape)


def _cropped_as(numbers: Numbers, name: str, shape: Shape) -> tuple[str, str] | None:
    """The same for a map that is to be cropped: on which sides it was, or what it lacks."""
    part, wanted = numbers.parts.get(name), numbers.named[name].shape
    if part is None or part.function not in CROPPED or len(shape) != len(wanted) or shape[0] != wanted[0]:
        return None
    padding: Any = numbers.settings(name).get("padding", NONE)
    axes = list(zip(wanted[1:], shape[1:], padding, strict=True))
    if not all(shape):
        is_slice = all(has in (right, 0) and (has or not after) for right, has, (_, after) in axes)
        return ("empty", "") if is_slice else None
    if all(has - right in {0, before, after, before + after} for right, has, (before, after) in axes):
        return "sides", ""
    reached = _reached(numbers, part.arrays.get("whole"))
    rest = [right + sum(sides) - end for (right, _, sides), end in zip(axes, reached, strict=False)]
    lacking = product(*((right, right - left) for (right, _, _), left in zip(axes, rest, strict=False)))
    return ("rest", str(tuple(rest))) if shape[1:] in lacking else None


def _reached(numbers: Numbers, whole: str | None) -> Iterator[int]:
    """How many rows and columns of a map with its padding the kernels reach over."""
    if whole is None or numbers.parts[whole].function is not scattered:
        return
    part, settings = numbers.parts[whole], numbers.settings(whole)
    dz, w = (numbers.named[part.arrays[own]].shape for own in ("dz", "w"))
    stride, dilation = (cast("Pair", settings.get(one, ONE)) for one in ("stride", "dilation"))
    sizes = zip(dz[1:], w[2:], stride, dilation, strict=True)
    yield from ((out - 1) * s + d * (k - 1) + 1 for out, k, s, d in sizes)


def _changes(numbers: Numbers) -> Iterator[tuple[str, Any]]:
    """Each of the settings as if there were none of it, a flag the other way, and pairs turned round."""
    settings: Any = numbers.run.settings
    kinds = settings.kinds()
    yield from ((setting, plain) for setting, plain in PLAIN.items() if setting in kinds)
    for setting in ("stride", "dilation", "output_padding"):
        if setting in kinds and (pair := getattr(settings, setting)) != pair[::-1]:
            yield setting, pair[::-1]
    if "ceil_mode" in kinds:  # a pool, whose stride often is its kernel
        yield "ceil_mode", not settings.ceil_mode
        yield "stride", (settings.kernel_height, settings.kernel_width)


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
