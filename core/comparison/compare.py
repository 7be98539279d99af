"""Compare an array with the one that a walk computes, and find out why it differs."""

from collections.abc import Collection, Generator
from typing import Any

import numpy as np

from core.catalog import Run
from core.comparison.assumed import assumed_of
from core.comparison.comparison import FLOAT32, NOT_FINITE, Cell, Comparison
from core.comparison.computed import find, numbers_of
from core.comparison.diagnosis import Found, diagnosis
from core.comparison.numbers import Numbers
from core.comparison.planned import planned
from core.comparison.precision import Levels, Precision, levels_of
from core.comparison.shapes import alone, refusal
from core.comparison.shown import group_of, shown
from core.comparison.sizes import sized_as
from core.comparison.tolerance import rounding
from core.offer.settings import Choice, Real, SettingError
from core.recording.trace import finished

DTYPES = ("float64", "float32", "float16")
NARROW = DTYPES[1:]  # which say how exact they are
ROUNDING = "float32_rounding"
NOISE = 0.1  # a share of the cells that differ


def compare(
    layer: str,
    algorithm: str,
    array: str,
    theirs: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    dtype: str | None = None,
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
    |theirs - right| <= atol + rtol * |right|, as in numpy.allclose. Without `rtol` and `atol` it is as exact as it was
    given, which `core.comparison.precision` tells by its numbers: to the decimals of a print, as float32, or as
    float64; `dtype` ("float64", "float32", "float16") says so instead. `.found` has the mistakes that fit, each with
    its `key` and `sentence`, `.differ`, `.first`, `.largest` and so on how it differs, and `.assumed` the arrays that
    were left out and count. An array that the walk does not compute, another shape, numbers that are none, a tolerance
    below 0: a SettingError.
    """
    run = planned(layer, algorithm, given)
    said = None if dtype is None else Choice(DTYPES).accept("dtype", dtype)
    mine = numbers_from(array, theirs)
    return finished(comparing(run, array, mine, rtol, atol, dtype=said, brought=given))


def numbers_from(name: str, theirs: Any) -> np.ndarray:
    """Theirs as an array of floats: float32 or float16 if it was so before, else float64."""
    try:
        array = np.asarray(theirs)
        if np.iscomplexobj(array):
            raise TypeError
        return array if array.dtype.name in NARROW else array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise SettingError(name, "{setting} must be an array of numbers, its rows all of one length") from None


def comparing(
    run: Run,
    array: str,
    theirs: np.ndarray,
    rtol: float | None = None,
    atol: float | None = None,
    *,
    dtype: str | None = None,
    brought: Collection[str] | None = None,
) -> Generator[None, None, Comparison]:
    """The same with a pause after each step, at which whoever goes through it may rest or stop. `brought` are the
    arrays of the run that somebody has given; without it, all are.
    """
    name = find(run, array)
    given = _given(rtol, atol)
    numbers = yield from numbers_of(run, name)
    right, size = numbers.right(name), numbers.size(name)
    dtype = dtype or (theirs.dtype.name if theirs.dtype.name in NARROW else None)
    theirs = alone(theirs.astype(np.float64), right.shape)
    yield from _shaped(numbers, name, theirs)
    levels = levels_of(theirs, right, size, dtype)
    if given:
        levels = Levels((Precision("given", levels.each[levels.usual].tolerance._replace(**given)),))
    yield
    level, found = yield from _found(numbers, name, theirs, levels)
    differs = ~level.tolerance.close(theirs, right)
    largest, largest_at = _largest(theirs, right)
    is_rounding = any(one.key == ROUNDING for one in found)
    first = _cell(differs.argmax(), right.shape) if differs.any() and not is_rounding else None
    assumed = () if brought is None else (yield from assumed_of(numbers, name, brought))
    return Comparison(
        array=name,
        theirs=theirs,
        right=right,
        tolerance=level.tolerance,
        precision=level.kind,
        digits=level.digits,
        differs=differs,
        first=first,
        largest=largest,
        largest_at=largest_at,
        not_finite=int(_not_finite(theirs, right).sum()),
        found=found,
        shown=tuple(shown(one, numbers, group_of(first or (), right, numbers)) for one in found),
        assumed=assumed,
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
    error = refusal(name, theirs, numbers.right(name), tolerance, sized_as(numbers, name, theirs.shape))
    _, found = yield from diagnosis(numbers, name, theirs, [tolerance])
    for one in found:
        if one.misshapen:
            raise SettingError(name, one.misshapen, **{**error.values, **one.values})
    raise error


def _found(
    numbers: Numbers, name: str, theirs: np.ndarray, levels: Levels
) -> Generator[None, None, tuple[Precision, tuple[Found, ...]]]:
    """What is known of theirs, and the level at which it is: the closest in which they agree or a mistake fits."""
    right, each = numbers.right(name), levels.each
    agreed = next((at for at, one in enumerate(each) if one.tolerance.agree(theirs, right)), len(each))
    if agreed <= levels.usual:
        return each[agreed], ()
    at, found = yield from diagnosis(numbers, name, theirs, [one.tolerance for one in each[:agreed]])
    if found:
        return each[at], found
    if agreed < len(each):
        if each[0].kind != "float64":
            return each[agreed], ()
        return each[0], (Found(ROUNDING, FLOAT32, {"array": name}, name),)
    level = each[_likely(theirs, right, levels)]
    missing = _not_finite(theirs, right)
    if missing.any():
        cell = f"{name}{list(_cell(missing.argmax(), right.shape))}"
        told = {"array": name, "count": int(missing.sum()), "cells": right.size, "cell": cell}
        return level, (Found("not_finite", NOT_FINITE, told, name),)
    return level, ()


def _likely(theirs: np.ndarray, right: np.ndarray, levels: Levels) -> int:
    """The level at which cells differ where nothing explains them: the usual one, unless many cells are off by what
    the rounding of the next one leaves, as where some of it was computed in float32.
    """
    closer, wider = (
        (~levels.each[at].tolerance.close(theirs, right)).sum()
        for at in (levels.usual, min(levels.usual + 1, len(levels.each) - 1))
    )
    return levels.usual + bool(closer - wider > NOISE * closer)


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
