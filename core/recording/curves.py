"""The curve of a function that works cell by cell: sampled by running that very function on the points of an axis.

The points go as far as the numbers of the run, and a little further. All those numbers are among them, so that what is
told of a cell is computed and not read off between two points.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.recording.recorder import Algorithm
from core.recording.trace import Arrays
from core.text.plot import Curve

GRID = 72  # points along the axis: each a few pixels from the next
OWN = 400  # of the run's own numbers; of more, so many evenly among them
BESIDE = 0.15  # of the way from the lowest to the highest, so far the axis goes on
CLOSE = 1e-6  # of the axis, beside zero: functions bend there, and may jump


def sampled(algorithm: Algorithm, cells: np.ndarray, settings: Mapping[str, Any]) -> Arrays:
    """The points of an algorithm's curve for the numbers that it is applied to: x, y and, on the way back, the slope.

    >>> sampled(core.layers.activation.relu, np.array([-1.0, 2.0]), {})["y"].max()
    2.45
    """
    plot = algorithm.source.plot
    assert isinstance(plot, Curve)
    x = points(cells)
    shape = (1,) * (cells.ndim - 1) + (len(x),)  # one row: the last axis is as good as any
    found = {"x": x}
    with np.errstate(all="ignore"):  # what is no number on the curve is a gap in it
        to = np.zeros(shape)
        given = {plot.of: x.reshape(shape), plot.to: to}
        if not plot.by:
            algorithm.run(given, **settings)
            return found | {"y": to.reshape(-1)}
        algorithm.run(given | {plot.by: np.ones(shape)}, **settings)
        if isinstance(plot.function, Algorithm):
            y = np.zeros(shape)
            taken, made = plot.function.parameters[:2]
            plot.function.run({taken: x.reshape(shape), made: y}, **settings)
            found["y"] = y.reshape(-1)
    return found | {"slope": to.reshape(-1)}


def points(cells: np.ndarray) -> np.ndarray:
    """The places along the axis, in order: evenly spread, around zero, and the numbers themselves.

    >>> points(np.array([np.nan, 0.0, 10.0]))[[0, -1]]
    array([-1.5, 11.5])
    """
    own = np.unique(cells[np.isfinite(cells)])
    if not len(own):
        own = np.zeros(1)
    low, high = float(own[0]), float(own[-1])
    half = high / 2 - low / 2  # the whole way may be beyond the largest float
    beside = 2 * BESIDE * half if half > 0 else max(1.0, abs(low) / 2)
    if 0 < low <= 2 * half or 0 > high >= -2 * half:  # zero is near, where most functions bend
        low, high = min(low, 0.0), max(high, 0.0)
    edge = np.finfo(float).max
    low, high = max(-edge, low - beside), min(edge, high + beside)
    along = np.linspace(0, 1, GRID + 1)
    grid = low * (1 - along) + high * along
    zero = [side for side in np.array([-1, 0, 1]) * CLOSE * (high / 2 - low / 2) if low < side < high]
    thinned = own if len(own) <= OWN else own[np.linspace(0, len(own) - 1, OWN).round().astype(int)]
    return np.unique(np.concatenate([grid, zero, thinned]))
