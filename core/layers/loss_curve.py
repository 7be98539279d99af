"""The loss as a curve over one cell's value: the very function that a gradient check nudges, run on more values.

>>> run = core.catalog.Run.planned("conv2d", "gradient_check")
>>> run.losses("w_nudged", 0)["x"][[0, -1]]
array([-2.,  0.])

The curve goes as far to both sides as the largest number of the array is in size, thousands of times as far as a nudge:
so a kink is seen long before a nudge crosses it. Where the layer crosses one, the place is looked for by halving, and
the curve has its corner there. All that costs no more than the check of one array.
"""

import inspect
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from core.recording.trace import Arrays

POINTS = 41  # evenly along the axis, the cell's own value in the middle
FEWEST = 9  # of fewer nothing could be seen
CLOSE = 2.0**-20  # of the way to either side: so narrow is what a kink is enclosed in
BENT = 1e-6  # of the larger slope: by so much the slopes beside a kink differ, or nothing bends there


def loss_of_what(start: Arrays, arguments: Mapping[str, Any]) -> list[str]:
    """The arrays that the loss of a layer goes by, in the order of its function; none where it has no gradient check.

    >>> run = core.catalog.Run.planned("max_pool2d")
    >>> loss_of_what(run.start, run.layer.arguments(run.settings))
    ['x_nudged', 'dy']
    """
    names = inspect.signature(arguments["loss_of"]).parameters if "loss_of" in arguments else ()
    return [f"{name}_nudged" if f"{name}_nudged" in start else name for name in names]


def loss_curve(
    inputs: list[np.ndarray], cells: np.ndarray, flat: int, *, loss_of: Callable[..., Any], most: int
) -> Arrays:
    """The values `x` of one cell, in order, how far the loss is from what it is (`change`), and which are `kinks`.

    `inputs` are what the loss goes by, `cells` those of one of them, in a row: they are put back. `most` cells of an
    array are checked; where these are so few that a curve costs more than they do, it has no points.
    """
    value, runs = float(cells[flat]), 3 * most  # a cell that is checked takes three
    if runs < FEWEST:
        return {"x": np.zeros(0), "change": np.zeros(0), "kinks": np.zeros(0, int)}
    still, *_ = loss_of(*inputs)
    reach = float(np.abs(cells).max()) or 1.0
    found: dict[
        float, tuple[float, np.ndarray]
    ] = {}  # of each value the loss, and on which side of its kinks a cell is

    def run(x: float) -> None:
        cells[flat] = x
        terms, side, _ = loss_of(*inputs)
        cells[flat] = value
        found[x] = float((terms - still).sum()), side

    half = min(POINTS, runs) // 2
    for step in range(-half, half + 1):
        run(value + reach * step / half)
    kept, crossed = set(found), _crossed(found)
    for low, high in crossed:  # which grows as it is gone through, the widest first
        middle = _between(low, high)
        if high - low > CLOSE * reach and len(found) < runs and low < middle < high:
            run(middle)
            crossed += _crossed({x: found[x] for x in (low, middle, high)})
        else:
            kept |= {low, high}
    found = {x: found[x] for x in sorted(kept)}
    x, change = np.array(list(found)), np.array([change for change, _ in found.values()])
    return {"x": x, "change": change, "kinks": np.array(_bends(x, change, _crossed(found)), int)}


def _between(low: float, high: float) -> float:
    """About the middle, with no more decimals than it takes: kinks are mostly at round numbers, which are met so.

    >>> _between(0.9, 1.075)
    1.0
    """
    middle = (low + high) / 2
    rounded = round(middle, int(np.floor(-np.log10(high - low))) + 1) + 0.0
    return rounded if low < rounded < high else middle


def _crossed(found: dict[float, tuple[float, np.ndarray]]) -> list[tuple[float, float]]:
    """The neighbours between which some cell of the layer crosses a kink."""
    xs = sorted(found)
    return [(low, high) for low, high in pairwise(xs) if (found[low][1] != found[high][1]).any()]


def _bends(x: np.ndarray, change: np.ndarray, crossed: list[tuple[float, float]]) -> list[int]:
    """The points at the kinks where the curve itself bends: what counts for nothing in the loss bends nothing."""
    slopes = np.diff(change) / np.diff(x)
    bends = np.pad(np.abs(np.diff(slopes)), 1)
    low = np.searchsorted(x, [low for low, _ in crossed])
    nearest = np.where(bends[low] >= bends[low + 1], low, low + 1)
    return sorted({int(at) for at in nearest if bends[at] > BENT * np.abs(slopes).max()})
