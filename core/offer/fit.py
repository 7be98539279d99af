"""Arrays that a reader has brought, made to fit other settings: what both sizes have stays.

A gradient that arrives has the size of the output, which follows from the stride and the padding. Where one of those is
another, no number that still has its place is lost, and the rest is what the layer itself would begin with.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.offer.layer import Layer, settle
from core.offer.places import laid_over
from core.recording.trace import Arrays

GROWN = "{array} is {shape} now: all its numbers stay where they were, and {filled} of the layer's own are added"
CUT = "{array} is {shape} now: {gone} of its {count} numbers have no place any more; Undo brings them back"


@dataclass(frozen=True)
class Fit:
    """An array in its new size, and what has become of its numbers: the template of a sentence, and its values."""

    array: np.ndarray
    template: str
    values: dict[str, object]


def following(layer: Layer) -> list[str]:
    """The arrays that a reader may bring and that have a size which follows from the settings.

    >>> following(LAYERS["conv2d"])
    ['dy']
    """
    return [name for name, axes in layer.axes.items() if None in axes]


def fit(layer: Layer, algorithm: str, given: Mapping[str, object], arrays: Arrays) -> dict[str, Fit]:
    """The arrays that do not fit for a size that follows alone, made to fit. Settings that make no sense are a
    SettingError.
    """
    follow = {name: arrays[name] for name in following(layer) if name in arrays}
    # What such an array sets by its other axes stays as it is.
    sizes = {
        axis: size
        for name, array in follow.items()
        for axis, size in zip(layer.axes[name], array.shape, strict=False)
        if axis and "/" not in axis
    }
    others = {name: array for name, array in arrays.items() if name not in follow}
    _, _, made = settle(layer, algorithm, {**sizes, **given}, others)
    found = {}
    for name, array in follow.items():
        wanted = made[name].shape
        fits = [
            axis is None or size == now for axis, size, now in zip(layer.axes[name], wanted, array.shape, strict=False)
        ]
        if array.ndim == len(wanted) and array.shape != wanted and all(fits):
            kept = int(np.prod(np.minimum(array.shape, wanted)))
            told = {"count": array.size, "gone": array.size - kept, "filled": made[name].size - kept}
            values = {"array": name, "shape": "×".join(map(str, wanted)), **told}
            found[name] = Fit(laid_over(array, made[name]), CUT if told["gone"] else GROWN, values)
    return found
