"""Compare an array with the one that a walk computes, and find out why it differs."""

from collections.abc import Generator, Mapping, Sequence
from typing import Any

import numpy as np

from core.catalog import LAYERS, Run
from core.comparison.comparison import FLOAT32, NOT_FINITE, Cell, Comparison
from core.comparison.computed import find, numbers_of
from core.comparison.diagnosis import Found, diagnosis
from core.comparison.numbers import Numbers
from core.comparison.shapes import alone, refusal
from core.comparison.shown import group_of, shown
from core.comparison.tolerance import Tolerance, rounding
from core.offer.settings import Real, SettingError
from core.recording.trace import finished

PRECISIONS = ("float64", "float32")


def compare(
    layer: str,
    algorithm: str,
    array: str,
    theirs: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    **given: Any,
) -> Comparison:
    """Hold an array of your own against the one that a walk computes, and find out why it is wrong.

    >>> x, w, dy = np.arange(16.0).reshape(1, 4, 4), np.arange(4.0).reshape(1, 1, 2, 2), np.ones((1, 3, 3))
    >>> mine = np.zeros((1, 4, 4))
    >>> for i, j in np.ndindex(3, 3):
    ...     mine[0, i : i + 2, j : j + 2] += w[0, 0, ::-1, ::-1] * dy[0, i, j]
    >>> print(core.compare("conv2d", "input_gradient", "dx", mine, x=x, w=w, dy=dy, stride=1, padding=0))
    dx differs in 12 of 16 cells, first in dx[0, 0, 0]: yours is 3, and should be 0
    the largest difference is 4, in dx[0, 0, 1]
    kernel_not_flipped: dx_padded: the kernel is not turned by 180°

    `given` are the arrays that the layer takes and its settings, as in `run`. Cells agree where
    |theirs - right| <= atol + rtol * |right|, as in numpy.allclose. Without `rtol` and `atol` they are those of
    `core.comparison.tolerance`: of float32 if `theirs` is float32, else of float64. `.found` has the mistakes that fit,
    each with its `key` and `sentence`, and `.differ`, `.first`, `.largest` and so on how it differs. An array that the
    walk does not compute, another shape, numbers that are none, a tolerance below 0: a SettingError.
    """
    run = planned(layer, algorithm, given)
    return finished(comparing(run, array, numbers_from(array, theirs), rtol, atol))


def planned(layer: str, algorithm: str, given: Mapping[str, Any]) -> Run:
    """The run of these arrays and settings, which stand side by side."""
    axes = LAYERS[layer].axes if layer in LAYERS else {}
    arrays = {name: value for name, value in given.items() if name in axes}
    return Run.planned(layer, algorithm, arrays, **{name: one for name, one in given.items() if name not in axes})


def numbers_from(name: str, theirs: Any) -> np.ndarray:
    """Theirs as an array of floats; its dtype is float32 if it was so before, else float64."""
    try:
        array = np.asarray(theirs)
        if np.iscomplexobj(array):
            raise TypeError
        return array if array.dtype == np.float32 else array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise SettingError(name, "{setting} must be an array of numbers, its rows all of one length") from None


def comparing(
    run: Run, array: str, theirs: np.ndarray, rtol: float | None = None, atol: float | None = None
) -> Generator[None, None, Comparison]:
    """The same with a pause after each step, at which whoever goes through it may rest or stop."""
    name = find(run, array)
    given = _given(rtol, atol)
    numbers = yield from numbers_of(run, name)
    right, size, is_float32 = numbers.right(name), numbers.size(name), theirs.dtype == np.float32
    theirs = alone(theirs.astype(np.float64), right.shape)
    yield from _shaped(numbers, name, theirs)
    precisions = PRECISIONS[1:] if is_float32 else PRECISIONS
    tolerances = [rounding(precision, size) for precision in precisions]
    if given:
        precisions, tolerances = ("given",), [tolerances[0]._replace(**given)]
    differs = ~tolerances[0].close(theirs, right)
    found: tuple[Found, ...] = ()
    if differs.any():
        found = yield from _found(numbers, name, theirs, tolerances)
    largest, largest_at = _largest(theirs, right)
    first = _cell(differs.argmax(), right.shape) if differs.any() else None
    return Comparison(
        array=name,
        theirs=theirs,
        right=right,
        tolerance=tolerances[0],
        precision=precisions[0],
        differs=differs,
        first=first,
        largest=largest,
        largest_at=largest_at,
        not_finite=int(_not_finite(theirs, right).sum()),
        found=found,
        shown=tuple(shown(one, numbers, group_of(first or (), right, numbers)) for one in found),
    )


def _given(rtol: float | None, atol: float | None) -> dict[str, float]:
    """The tolerances that are given, in their range."""
    asked = {name: value for name, value in (("rtol", rtol), ("atol", atol)) if value is not None}
    return {name: Real(0, 1e12).accept(name, value) for name, value in asked.items()}


def _shaped(numbers: Numbers, name: str, theirs: np.ndarray) -> Generator[None, None, None]:
    """What has another shape is a SettingError, which says why where a mistake tells."""
    if theirs.shape == numbers.right(name).shape:
        return
    tolerance = rounding("float32", numbers.size(name))
    error = refusal(name, theirs, numbers.right(name), tolerance)
    for one in (yield from diagnosis(numbers, name, theirs, [tolerance])):
        if one.misshapen:
            raise SettingError(name, one.misshapen, **{**error.values, **one.values})
    raise error


def _found(
    numbers: Numbers, name: str, theirs: np.ndarray, tolerances: Sequence[Tolerance]
) -> Generator[None, None, tuple[Found, ...]]:
    """What is known of theirs, which differ."""
    right = numbers.right(name)
    if any(one.agree(theirs, right) for one in tolerances[1:]):
        closer = yield from diagnosis(numbers, name, theirs, tolerances[:1])
        return closer or (Found("float32_rounding", FLOAT32, {"array": name}, name),)
    found = yield from diagnosis(numbers, name, theirs, tolerances)
    missing = _not_finite(theirs, right)
    if missing.any() and not found:
        cell = f"{name}{list(_cell(missing.argmax(), right.shape))}"
        told = {"array": name, "count": int(missing.sum()), "cells": right.size, "cell": cell}
        return (Found("not_finite", NOT_FINITE, told, name),)
    return found


def _not_finite(theirs: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Where theirs are NaN or infinite and the right ones are not."""
    cells: np.ndarray = ~np.isfinite(theirs) & np.isfinite(right)
    return cells


def _largest(theirs: np.ndarray, right: np.ndarray) -> tuple[float | None, Cell | None]:
    """The largest difference between finite numbers, and where it is; none where there is none."""
    both = np.isfinite(theirs) & np.isfinite(right)
    differences = np.where(both, theirs, 0) - np.where(both, right, 0)
    at = _cell(np.abs(differences).argmax(), right.shape)
    return (float(differences[at]), at) if differences[at] else (None, None)


def _cell(flat: Any, shape: tuple[int, ...]) -> Cell:
    return tuple(map(int, np.unravel_index(flat, shape)))
