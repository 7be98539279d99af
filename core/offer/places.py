"""Numbers that go by their place in an array, and not by its size: two sizes share them."""

from math import prod

import numpy as np


def laid_over(array: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """The ground with the cells of an array in place of its own, as far as both have them.

    >>> laid_over(np.array([[7, 8, 9]]), np.zeros((2, 2)))
    array([[7., 8.],
           [0., 0.]])
    """
    shared = tuple(slice(min(sizes)) for sizes in zip(array.shape, ground.shape, strict=True))
    laid = ground.copy()
    laid[shared] = array[shared]
    return laid


def by_place(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    """Whole numbers from -2 to 2, each of its place alone: their sums are exact and can be checked by head."""
    mixed = np.full(shape, seed, np.uint64)
    for index in np.indices(shape, np.uint64):  # by the steps of SplitMix64
        mixed = (mixed ^ index) + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ mixed >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ mixed >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return (mixed % np.uint64(5)).astype(np.float64) - 2


def counted(shape: tuple[int, ...], usual: tuple[int, ...]) -> np.ndarray:
    """Each cell's place, counted row by row in an array of the usual shape: one of another shape has the same numbers.

    >>> counted((2, 3), (2, 2))
    array([[0., 1., 2.],
           [2., 3., 4.]])
    """
    steps = [prod(usual[axis + 1 :]) for axis in range(len(usual))]
    return np.tensordot(steps, np.indices(shape), 1).astype(np.float64)
