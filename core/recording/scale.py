"""On which scale the numbers of each array are seen, as colours. The rule:

- An input that is a picture is seen in greys, from zero to its largest number: one with maps of more than 8 rows and
  columns, nothing below zero, and more than 8 different numbers or more than 16 rows and columns. So is what a layer
  without parameters makes of a picture.
- All other arrays share one scale, zero in its middle, as long as it shows them: the largest number of each is at least
  a sixteenth of the largest of all. Smaller ones have a scale of their own, found in the same way among themselves. So
  have weights that an update makes much larger, if that scale shows them before the update too.
- Where the maps of an input have more than 8 rows and columns, what is made of it is looked at as pictures: each kind
  of array has a scale of its own, up to its largest number.
- Arrays of one role and one shape have one scale: what is compared with each other can be compared by its colours.
- A list, such as the bias, is seen on the scale of the maps of its role, unless its numbers are larger.
- A scratch array is seen as what it is a copy of, or else as what it is needed for.
- A scratch list that is no copy, such as the losses of a gradient check, has no colour: how large its numbers become is
  not known before they are there.
- Positions and counts have no colour: they are neither large nor small.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from core.text.expression import statements
from core.text.source import Source

FAINTEST = 16  # a number that many times smaller than the largest still has two fifths of the colour
FULL = 1  # on a picture that would be pale: the largest number of each has all of it
SIDE, LARGE = 8, 16  # rows and columns: a picture has more than the one; with more than the other whatever is in it
SHADES = 8  # different numbers: a smaller picture has more
NOTHING = 1e-6  # of the largest number: a nudged picture may be so much below zero

Arrays = Mapping[str, np.ndarray]
Bound = Sequence[tuple[str, str]]  # (parameter, array)


class Scale(NamedTuple):
    """From its lowest to its highest number: from minus to plus the same in two colours, or from zero in greys."""

    low: float
    high: float


def scales(
    start: Arrays, end: Arrays, roles: Mapping[str, str], scenes: Iterable[tuple[Source, Bound]]
) -> dict[str, Scale | None]:
    """The scale of every array by name; None for those that have no colour.

    `scenes` are the functions that run, each with what its parameters stand for, in their order.
    """
    lasting = [name for name in start if roles[name] not in ("scratch", "count")]
    found: dict[str, Scale | None] = dict.fromkeys(start)
    greys = _greys([name for name in lasting if roles[name] == "input"], start, end)
    if greys and "parameter" not in map(roles.get, start):
        greys |= _greys([name for name in lasting if roles[name] == "value"], start, end, smaller=True)
    others = [name for name in lasting if name not in greys]
    are_large = any(_side(start[name]) > SIDE for name in lasting if roles[name] == "input")
    found |= greys | _shared(others, start, end, roles, FULL if are_large else FAINTEST)
    origins = _origins(scenes, roles)
    for name, (origin, _) in origins.items():
        found[name] = found[origin]
    plain = {name for name in start if roles[name] == "count"}
    plain |= {name for name, (_, is_copy) in origins.items() if not is_copy and start[name].ndim < 2}
    largest = max((scale for scale in found.values() if scale), key=lambda scale: scale.high, default=Scale(-1.0, 1.0))
    return {
        name: None if name in plain else scale or Scale(-largest.high, largest.high) for name, scale in found.items()
    }


def _largest(array: np.ndarray) -> float:
    """The largest finite number in size."""
    return float(np.abs(array[np.isfinite(array)]).max(initial=0))


def _shared(
    names: Sequence[str], start: Arrays, end: Arrays, roles: Mapping[str, str], faintest: int
) -> dict[str, Scale]:
    before, after = ({name: _largest(arrays[name]) for name in names} for arrays in (start, end))
    sizes = {name: max(before[name], after[name]) for name in names}
    kinds = {name: (roles[name], start[name].shape) for name in names}
    for name, (role, shape) in list(kinds.items()):
        maps = [other for other in names if roles[other] == role and start[other].ndim > 1]
        largest = max(maps, key=sizes.__getitem__, default=name)
        if len(shape) < 2 and sizes[name] <= sizes[largest]:
            kinds[name] = (role, start[largest].shape)
    alike: dict[tuple[str, tuple[int, ...]], list[str]] = {}
    for name, kind in kinds.items():
        alike.setdefault(kind, []).append(name)
    made: dict[tuple[str, tuple[int, ...]], Scale] = {}
    limit = most = max(sizes.values(), default=0.0) or 1.0
    for kind, members in sorted(alike.items(), key=lambda pair: -max(map(sizes.__getitem__, pair[1]))):
        ends = (max(map(moment.__getitem__, members)) for moment in (before, after))
        size, least = max(map(sizes.__getitem__, members)), min(filter(None, ends), default=0.0)
        is_shown = (
            least >= limit / faintest or size / faintest > least
        )  # at its smallest, or its own would not do either
        if 0 < size < limit and (size < limit / faintest or not is_shown):
            limit = size
        made[kind] = Scale(-limit, limit) if size else Scale(-most, most)
    return {name: made[kinds[name]] for name in names}


def _greys(names: Sequence[str], start: Arrays, end: Arrays, *, smaller: bool = False) -> dict[str, Scale]:
    """One scale of greys for arrays that are pictures; nothing if they are none."""
    values = [array[name][np.isfinite(array[name])] for name in names for array in (start, end)]
    high = max((float(one.max(initial=0)) for one in values), default=0.0)
    low = min((float(one.min(initial=0)) for one in values), default=0.0)
    if high <= 0 or low < -NOTHING * high or not (smaller or any(_is_picture(start[name]) for name in names)):
        return {}
    return dict.fromkeys(names, Scale(0.0, high))


def _is_picture(array: np.ndarray) -> bool:
    side = _side(array)
    return side > LARGE or (side > SIDE and len(np.unique(array)) > SHADES)


def _side(array: np.ndarray) -> int:
    return min(array.shape[-2:]) if array.ndim > 1 else 0


def _origins(scenes: Iterable[tuple[Source, Bound]], roles: Mapping[str, str]) -> dict[str, tuple[str, bool]]:
    """What each scratch array is a copy of, or else the array that is computed by means of it; whether it is a copy."""
    found: dict[str, tuple[str, bool]] = {}
    for source, bound in scenes:
        arrays = dict(bound)
        made = [
            name for parameter, name in bound if parameter in source.writes and roles[name] not in ("scratch", "count")
        ]
        copies = _copies(source)
        for parameter, name in bound:
            if roles[name] != "scratch" or name in found:
                continue
            origin = arrays.get(copies.get(parameter, ""), "")
            origin, _ = found.get(origin, (origin, True))
            if roles.get(origin, "scratch") not in ("scratch", "count"):
                found[name] = origin, True
            elif made:
                found[name] = made[0], False
    return found


def _copies(source: Source) -> dict[str, str]:
    """Of each parameter that a statement copies another one into, which that is."""
    pairs = {}
    for line, first, stop, tree in statements(source):
        if tree[0] == "read":
            pairs[_named(source, line, first, stop)] = _named(source, *tree[1:4])
    return pairs


def _named(source: Source, line: int, first: int, stop: int) -> str:
    return source.lines[line - source.first][first:stop].partition("[")[0]
