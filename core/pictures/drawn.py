"""Pictures that are drawn at any size, each to show something of a filter. They have no grey but the ramp."""

from collections.abc import Callable

import numpy as np

INK = 16


def bars(size: int) -> np.ndarray:
    """Upright bars, a quarter of the side wide.

    >>> bars(8)[0].tolist()
    [0, 0, 16, 16, 0, 0, 16, 16]
    """
    _, column = np.indices((size, size))
    return INK * (column // (size // 4) % 2)


def checkerboard(size: int) -> np.ndarray:
    """Fields a quarter of the side wide, the first one empty."""
    row, column = np.indices((size, size)) // (size // 4)
    return INK * ((row + column) % 2)


def ring(size: int) -> np.ndarray:
    """A circle around the middle, from 9/32 to 13/32 of the side away from it."""
    row, column = 2 * np.indices((size, size)) - size + 1  # in half cells from the middle
    away = 256 * (row**2 + column**2)
    return INK * ((81 * size**2 <= away) & (away <= 169 * size**2))


def cross(size: int) -> np.ndarray:
    """An upright and a level bar, a quarter of the side wide, with an eighth of the side free around them."""
    row, column = abs(2 * np.indices((size, size)) - size + 1)
    inside = np.maximum(row, column) < size - 2 * (size // 8)
    return INK * ((np.minimum(row, column) < size // 4) & inside)


def ramp(size: int) -> np.ndarray:
    """Numbers that rise from the left to the right, from 0 to nearly 16, rounded down.

    >>> ramp(8)[0].tolist()
    [0, 2, 4, 6, 8, 10, 12, 14]
    """
    _, column = np.indices((size, size))
    return INK * column // size


def pixel(size: int) -> np.ndarray:
    """A single cell in the middle, or below and to the right of it."""
    picture = np.zeros((size, size), dtype=np.int64)
    picture[size // 2, size // 2] = INK
    return picture


DRAWN: dict[str, Callable[[int], np.ndarray]] = {
    one.__name__: one for one in (bars, checkerboard, ring, cross, ramp, pixel)
}
