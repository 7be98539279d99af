"""The arrays of a fully connected layer in whole-array NumPy, as `core.offer.part` has them: each is one product."""

import numpy as np

from core.layers.activation import activated, slopes, through
from core.layers.whole import UPDATE
from core.offer.part import Part


def connected(w: np.ndarray, x: np.ndarray, b: np.ndarray | None = None) -> np.ndarray:
    """Every output is all inputs, each times its weight, plus a bias if there is one."""
    z: np.ndarray = w @ x
    return z if b is None else z + b


def collected(w: np.ndarray, dz: np.ndarray) -> np.ndarray:
    """Every input collects from all outputs: the weights transposed, times δ."""
    dx: np.ndarray = w.T @ dz
    return dx


def outer(dz: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Every weight has the δ of its output times its input."""
    return np.outer(dz, x)


def handed_on(dz: np.ndarray) -> np.ndarray:
    """A bias that is added once has the δ of its output."""
    return dz


LINEAR = {
    "z": Part(connected, "w", "x", "b"),
    "y": Part(activated, "z"),
    "dz": Part(through, "z", "dy", size=slopes),
    "dx": Part(collected, "w", "dz"),
    "dw": Part(outer, "dz", "x"),
    "db": Part(handed_on, "dz"),
    **UPDATE,
}
