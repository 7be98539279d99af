"""An array of another shape than the one it is compared with: what is wrong with it, in words."""

from itertools import permutations

import numpy as np

from core.comparison.tolerance import Tolerance
from core.offer.settings import SettingError

WANTED = "{setting} must have the shape {wanted}; it has {shape}"
SENTENCES = {
    "shape": WANTED,
    "order": WANTED + ": with its axes in another order it fits, transpose{order}",
    "size": WANTED + ": this is the size with {changed}",
    "padded": WANTED + ": this is the size of {changed}, with the padding still on",
    "sides": WANTED + ": the padding is cropped on some sides only",
    "empty": WANTED + ": it is empty, as [P:-P] is where the padding P is 0",
    "rest": WANTED + ": it lacks the last rows or columns, which no window reaches, as if of conv_transpose2d without "
    "output_padding {changed}",
    "right": WANTED + ": with its axes in another order it fits, transpose{order}, and then every number is right",
}


def alone(theirs: np.ndarray, wanted: tuple[int, ...]) -> np.ndarray:
    """Theirs without the axes of a single batch in front, where the walk has none."""
    while theirs.ndim > len(wanted) and theirs.shape[0] == 1:
        theirs = theirs[0]
    return theirs


def refusal(
    name: str, theirs: np.ndarray, right: np.ndarray, tolerance: Tolerance, sized: tuple[str, str] | None = None
) -> SettingError:
    """What is said of an array of another shape: both shapes, and which order of its axes would fit, if one does; or
    what it would be the size of, as `core.comparison.sizes` has it.

    >>> print(refusal("dx", np.ones((3, 2, 1)), np.zeros((1, 2, 3)), Tolerance(0, 0)))
    dx must have the shape (1, 2, 3); it has (3, 2, 1): with its axes in another order it fits, transpose(2, 1, 0)
    """
    orders = permutations(range(theirs.ndim)) if theirs.ndim == right.ndim else ()
    fitting = [order for order in orders if tuple(theirs.shape[at] for at in order) == right.shape]
    if not fitting:
        kind, changed = sized or ("shape", "")
        return SettingError(name, SENTENCES[kind], wanted=right.shape, shape=theirs.shape, changed=changed)
    same = next((order for order in fitting if tolerance.agree(theirs.transpose(order), right)), None)
    return SettingError(
        name, SENTENCES["right" if same else "order"], wanted=right.shape, shape=theirs.shape, order=same or fitting[0]
    )
